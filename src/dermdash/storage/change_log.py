"""The change log as it stands: statements that read it. It is written by acts alone (`act_transaction`)."""

import json
from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from dermdash.records.change_chain import LogEntry
from dermdash.storage import tables as t
from dermdash.storage.ladder_rows import Source, connection_to

_CHUNK = 10_000


def entries(
    source: Source,
    *,
    record_id: str | None = None,
    account_id: str | None = None,
    day: str | None = None,
    dataset_id: str | None = None,
    field: str | None = None,
    acts: Collection[str] = (),
    after: int = 0,
    newest_first: bool = False,
    limit: int | None = None,
) -> Iterator[LogEntry]:
    """Entries in order, those that fit all that is named.

    Parameters
    ----------
    day
        Of the server's clock in UTC, ``2026-03-01``.
    after
        Only entries with a higher number.
    """
    c = t.change_log.c
    conditions: list[sa.ColumnElement[bool]] = [c.sequence > after]
    wanted = ((c.record_id, record_id), (c.account_id, account_id), (c.dataset_id, dataset_id), (c.field, field))
    conditions += [column == value for column, value in wanted if value is not None]
    if day is not None:
        conditions.append(sa.func.substr(c["at"], 1, 10) == day)
    if acts:
        conditions.append(c.act.in_(list(acts)))
    order = c.sequence.desc() if newest_first else c.sequence
    statement = sa.select(t.change_log).where(*conditions).order_by(order).limit(limit)
    with connection_to(source) as connection:
        result = connection.execute(statement, execution_options={"yield_per": _CHUNK}).mappings()
        for rows in result.partitions(_CHUNK):
            for row in rows:
                yield _entry(row)


def entry(source: Source, sequence: int) -> LogEntry | None:
    """One entry, None where there is none of that number."""
    return next(entries(source, after=sequence - 1, limit=1), None) if sequence > 0 else None


def count_entries(engine: sa.Engine) -> int:
    """How many entries there are."""
    with engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(t.change_log)).scalar_one())


def _entry(row: Any) -> LogEntry:
    return LogEntry(**{**row, "old": _value(row["old"]), "new": _value(row["new"])})


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text  # somebody wrote it by hand: its hash will say so
