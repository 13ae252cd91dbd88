"""Rows read within an act or outside of one, by the same statements."""

from typing import Any

import sqlalchemy as sa

from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.results import read_dicts

Source = sa.Engine | ActTransaction
"""Where rows are read: an engine sees what is committed, an act also what it has written itself."""


def read(source: Source, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    """Run a query and return its rows as dicts."""
    return source.read(statement) if isinstance(source, ActTransaction) else read_dicts(source, statement)


def first(source: Source, statement: sa.Select[Any]) -> dict[str, Any] | None:
    """The first row of a query, None where there is none."""
    return next(iter(read(source, statement.limit(1))), None)
