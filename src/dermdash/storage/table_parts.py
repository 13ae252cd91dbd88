"""What every table is made of, for both engines; `tables.py` says what holds of all of them."""

import sqlalchemy as sa

metadata = sa.MetaData()
TIMESTAMP = sa.DateTime(timezone=True)


def table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    """A table of `metadata`."""
    return sa.Table(name, metadata, *columns)
