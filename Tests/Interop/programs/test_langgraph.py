# lakebase-swift · Apache License 2.0 · see LICENSE
"""LangGraph's memory in Postgres: its store with vectors, and its checkpoints."""

import math

import pytest
from databricks.sdk.service.postgres import Project, ProjectSpec
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.store.postgres import PostgresStore
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from support.local_lakebase import LocalLakebase
from support.names import new_id
from support.postgres_versions import WHEEL, major
from support.waiting import done

pytestmark = pytest.mark.any_postgres

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def embed(texts):
    """A vector for each text that anybody can compute: how often each letter is in it."""
    counts = [[float(text.lower().count(letter)) for letter in LETTERS] for text in texts]
    return [[number / (math.hypot(*row) or 1) for number in row] for row in counts]


@pytest.fixture(scope="module")
def pool():
    """A pool whose connections log in with tokens, on a project of the version that has pgvector."""
    # It brings pgvector with it.
    lakebase = LocalLakebase("--postgres", WHEEL)
    developer = lakebase.developer
    postgres = developer.workspace.postgres
    project = done(postgres.create_project(Project(spec=ProjectSpec(pg_version=major(WHEEL))), new_id("memory")))
    [endpoint] = postgres.list_endpoints(project.status.default_branch)

    class TokenConnection(Connection):
        @classmethod
        def connect(cls, conninfo="", **parameters):
            return super().connect(conninfo, password=developer.token(endpoint.name), **parameters)

    parameters = developer.login_at(endpoint, password="")
    del parameters["password"]
    # What LangGraph asks of a connection.
    parameters |= {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    with ConnectionPool(connection_class=TokenConnection, kwargs=parameters, min_size=1, max_size=4) as pool:
        yield pool
    lakebase.stop()


def test_the_store_finds_by_meaning(pool):
    store = PostgresStore(pool, index={"dims": len(LETTERS), "embed": embed, "fields": ["text"]})
    store.setup()
    store.setup()
    birds = ("memories", "birds")
    for key, text in {"1": "a wren sings", "2": "the dunnock hides", "3": "robins quarrel"}.items():
        store.put(birds, key, {"text": text, "kind": "bird"})
    store.put(("memories", "fish"), "1", {"text": "a wrasse swims"})
    found = store.search(birds, query="wrens sing", limit=2)
    assert [item.key for item in found][:1] == ["1"]
    assert found[0].score > found[1].score
    assert store.get(birds, "2").value["text"] == "the dunnock hides"
    assert [item.key for item in store.search(birds, query="hidden dunnock", filter={"kind": "bird"}, limit=1)] == ["2"]
    store.put(birds, "2", {"text": "robins and dunnocks", "kind": "bird"})
    store.delete(birds, "3")
    assert [item.key for item in store.search(birds, query="robin", limit=1)] == ["2"]
    assert sorted(store.list_namespaces(prefix=("memories",))) == [birds, ("memories", "fish")]


def test_checkpoints_of_threads_are_kept(pool):
    saver = PostgresSaver(pool)
    saver.setup()
    config = {"configurable": {"thread_id": "thread", "checkpoint_ns": ""}}
    for step in range(3):
        checkpoint = empty_checkpoint() | {"channel_values": {"step": step}, "channel_versions": {"step": f"{step}"}}
        config = saver.put(config, checkpoint, {"source": "loop", "step": step}, {"step": f"{step}"})
        saver.put_writes(config, [("step", step)], "task")
    latest = saver.get_tuple({"configurable": {"thread_id": "thread"}})
    assert latest.checkpoint["channel_values"] == {"step": 2}
    assert latest.pending_writes == [("task", "step", 2)]
    assert [one.metadata["step"] for one in saver.list({"configurable": {"thread_id": "thread"}})] == [2, 1, 0]
    saver.delete_thread("thread")
    assert saver.get_tuple({"configurable": {"thread_id": "thread"}}) is None
