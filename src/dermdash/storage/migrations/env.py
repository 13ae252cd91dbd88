"""Alembic environment: runs on the connection that `storage.engine.upgrade` hands over."""

import duckdb_sqlalchemy.alembic_impl  # noqa: F401  registers DuckDB with Alembic
from alembic import context

from dermdash.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # DuckDB adds no column to a table in which the same transaction has updated rows. What was interrupted goes on
    # from the migration that it had reached.
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
