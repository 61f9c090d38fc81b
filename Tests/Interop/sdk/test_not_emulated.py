# lakebase-swift · Apache License 2.0 · see LICENSE
"""Calls of `w.postgres` that need more than a Postgres: refused plainly, not mistaken for something else."""

import pytest
from databricks.sdk.errors import NotImplemented
from databricks.sdk.service.postgres import (
    Catalog,
    CatalogCatalogSpec,
    CdfConfig,
    DataApi,
    Snapshot,
    SnapshotSpec,
    SyncedTable,
    SyncedTableSyncedTableSpec,
)

pytestmark = [pytest.mark.local_only("the service has what is refused here"), pytest.mark.any_postgres]

BRANCH = "projects/local/branches/production"
CALLS = {
    "create_catalog": lambda postgres: postgres.create_catalog(
        Catalog(spec=CatalogCatalogSpec(postgres_database="databricks_postgres", branch=BRANCH)), "shop"
    ),
    "create_synced_table": lambda postgres: postgres.create_synced_table(
        SyncedTable(spec=SyncedTableSyncedTableSpec(branch=BRANCH)), "main.public.note"
    ),
    "create_snapshot": lambda postgres: postgres.create_snapshot(
        "projects/local", Snapshot(spec=SnapshotSpec(source_branch=BRANCH)), "snapshot"
    ),
    "create_data_api": lambda postgres: postgres.create_data_api(f"{BRANCH}/databases/databricks-postgres", DataApi()),
    "create_cdf_config": lambda postgres: postgres.create_cdf_config(
        f"{BRANCH}/databases/databricks-postgres",
        CdfConfig(catalog="main", schema="public", postgres_schema="public"),
        cdf_config_id="public",
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_it_is_refused_plainly(workspace, call):
    with pytest.raises(NotImplemented):
        CALLS[call](workspace.postgres)
