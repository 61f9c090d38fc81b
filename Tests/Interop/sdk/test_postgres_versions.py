# lakebase-swift · Apache License 2.0 · see LICENSE
"""Projects on the version of PostgreSQL that they ask for: the system's, and that of a wheel of PyPI."""

import psycopg
import pytest
from databricks.sdk.service.postgres import Branch, BranchSpec, Project, ProjectSpec
from support.local_lakebase import LocalLakebase
from support.names import new_id
from support.postgres_versions import WHEEL, another_than_the_wheels, folder_of, major
from support.waiting import done

pytestmark = pytest.mark.local_only("which versions are installed here says nothing of the service")


@pytest.fixture(scope="module")
def system():
    """The folder of an installed server of another version than the wheel's."""
    folder = another_than_the_wheels()
    if folder is None:
        pytest.skip("no other PostgreSQL in /usr/lib/postgresql")
    return folder


@pytest.fixture(scope="module")
def both(system):
    lakebase = LocalLakebase("--postgres", str(system), "--postgres", str(WHEEL))
    yield lakebase
    lakebase.stop()


def served(lakebase, endpoint):
    with psycopg.connect(**lakebase.developer.login_at(endpoint)) as connection:
        number = connection.execute("SHOW server_version_num").fetchone()[0]
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    return int(number) // 10_000


def test_each_project_runs_on_the_version_it_asks_for_and_so_do_its_branches(both, system):
    postgres = both.developer.workspace.postgres
    for folder in [system, WHEEL]:
        wanted = major(folder)
        project = done(postgres.create_project(Project(spec=ProjectSpec(pg_version=wanted)), new_id("project")))
        assert project.status.pg_version == wanted
        branches = f"{project.name}/branches"
        [endpoint] = postgres.list_endpoints(f"{branches}/production")
        assert served(both, endpoint) == wanted
        source = f"{branches}/production"
        branch = done(
            postgres.create_branch(
                project.name, Branch(spec=BranchSpec(source_branch=source, no_expiry=True)), new_id("branch")
            )
        )
        [endpoint] = postgres.list_endpoints(branch.name)
        with psycopg.connect(**both.developer.login_at(endpoint)) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
            assert int(connection.execute("SHOW server_version_num").fetchone()[0]) // 10_000 == wanted


def test_a_project_that_asks_for_none_runs_on_the_newest(both, system):
    project = both.developer.workspace.postgres.get_project("projects/local")
    assert project.status.pg_version == max(major(system), major(WHEEL))


def test_it_runs_on_the_version_that_the_run_asks_for(lakebase, pytestconfig):
    """`script/test interop --postgres VERSION` is about that version, and not about another one that was found."""
    asked = getattr(pytestconfig, "postgres", None)
    with psycopg.connect(**lakebase.developer.login()) as connection:
        serves = connection.info.server_version // 10_000
    assert serves == major(asked) if asked else serves >= 15


def test_a_version_to_run_on_is_found_or_what_is_there_is_named(system, tmp_path):
    for folder in (WHEEL, system):
        assert major(folder_of(str(major(folder)))) == major(folder)
        assert folder_of(str(folder)) == folder
    with pytest.raises(ValueError, match=f"no PostgreSQL 9 here, but .*{major(WHEEL)}.*apt-get install postgresql-9"):
        folder_of("9")
    with pytest.raises(ValueError, match=f"there is no postgres in {tmp_path}"):
        folder_of(str(tmp_path))
