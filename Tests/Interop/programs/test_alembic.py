# lakebase-swift · Apache License 2.0 · see LICENSE
"""Alembic: revisions that it writes itself from SQLAlchemy's models, up and down, with a token for each connection."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import event


@pytest.fixture
def engine(identity, schema):
    url = sa.URL.create("postgresql+psycopg", identity.user, None, identity.host, identity.port, identity.database)
    arguments = {
        "sslmode": "verify-full",
        "sslrootcert": identity.root_certificate,
        "options": f"-c search_path={schema}",
    }
    engine = sa.create_engine(url, connect_args=arguments, pool_recycle=2700)

    @event.listens_for(engine, "do_connect")
    def provide_token(dialect, record, arguments, parameters):
        parameters["password"] = identity.token()

    yield engine
    engine.dispose()


def tables(engine):
    return sorted(sa.inspect(engine).get_table_names())


def test_models_go_up_and_down(engine):
    metadata = sa.MetaData()
    kind = sa.Enum("song", "call", name="sound_kind")
    bird = sa.Table("bird", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text, unique=True))
    sound = sa.Table(
        "sound",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("bird_id", sa.ForeignKey("bird.id"), nullable=False, index=True),
        sa.Column("kind", kind, nullable=False),
    )
    for _ in range(2):
        metadata.create_all(engine)
        assert tables(engine) == ["bird", "sound"]
        with engine.begin() as connection:
            [number] = connection.execute(sa.insert(bird).values(name="wren").returning(bird.c.id)).one()
            connection.execute(sa.insert(sound), [{"bird_id": number, "kind": "song"}, {"bird_id": number, "kind": "call"}])
            assert connection.scalar(sa.select(sa.func.count()).select_from(sound)) == 2
        metadata.drop_all(engine)
        assert tables(engine) == []
        assert sa.inspect(engine).get_enums() == []


def test_revisions_go_up_and_down(engine, tmp_path):
    project = tmp_path / "project"
    shutil.copytree(Path(__file__).parent / "alembic_project", project)
    (project / "versions").mkdir(exist_ok=True)
    metadata = sa.MetaData()
    config = Config()
    config.set_main_option("script_location", str(project))
    config.set_main_option("path_separator", "os")
    config.attributes["metadata"] = metadata

    def run(what, *arguments, **options):
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            what(config, *arguments, **options)

    bird = sa.Table("bird", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))
    run(command.revision, "first", autogenerate=True)
    run(command.upgrade, "head")
    with engine.begin() as connection:
        connection.execute(sa.insert(bird).values(name="wren"))
    bird.append_column(sa.Column("weight", sa.Numeric(5, 1), server_default="9.5", nullable=False))
    sa.Table("place", metadata, sa.Column("id", sa.Uuid, primary_key=True), sa.Column("facts", sa.JSON))
    run(command.revision, "second", autogenerate=True)
    run(command.upgrade, "head")
    # Nothing is left to be done.
    run(command.check)
    assert tables(engine) == ["alembic_version", "bird", "place"]
    with engine.connect() as connection:
        assert connection.scalar(sa.select(bird.c.weight)) == 9.5
    run(command.downgrade, "-1")
    assert tables(engine) == ["alembic_version", "bird"]
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT * FROM bird")).all() == [(1, "wren")]
    run(command.downgrade, "base")
    assert tables(engine) == ["alembic_version"]
