# lakebase-swift · Apache License 2.0 · see LICENSE
"""Runs migrations on the connection that whoever calls Alembic has, as its documentation shows it."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=context.config.attributes["metadata"])
with context.begin_transaction():
    context.run_migrations()
