"""Imported logs and their withdrawals: statements and nothing else. Both tables are only appended to."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import tables as t
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts


def save_reading_log(engine: sa.Engine, *, values: Mapping[str, Any]) -> None:
    """Store what an import found.

    Raises
    ------
    InvalidInput
        Another log of that name is in use.
    """
    log, gone = t.reading_log, t.reading_log_withdrawal
    same_name = (
        sa.select(log.c.generation, gone.c.withdrawn_at)
        .outerjoin(gone, gone.c.reading_log_id == log.c.id)
        .where(log.c.name == values["name"])
    )

    def work() -> None:
        with engine.begin() as connection:
            earlier = connection.execute(same_name).all()
            if any(row.withdrawn_at is None for row in earlier):
                raise InvalidInput(
                    f"there is a reading log {values['name']!r} already: choose another name, or withdraw that one"
                )
            generation = 1 + max((row.generation for row in earlier), default=0)
            connection.execute(log.insert().values(generation=generation, imported_at=now(), **values))

    # Of two that import under one name at once, the second meets the unique constraint, looks again and is refused.
    retry_on_conflict(work)


def list_reading_logs(engine: sa.Engine, *, withdrawn: bool = False) -> list[dict[str, Any]]:
    """Logs with `withdrawn_at`, newest first; with the withdrawn ones where asked."""
    log, gone = t.reading_log, t.reading_log_withdrawal
    statement = (
        sa.select(log, gone.c.withdrawn_at, gone.c.withdrawn_by)
        .outerjoin(gone, gone.c.reading_log_id == log.c.id)
        .order_by(log.c.imported_at.desc(), log.c.id)
    )
    if not withdrawn:
        statement = statement.where(gone.c.withdrawn_at.is_(None))
    return read_dicts(engine, statement)


def get_reading_log(engine: sa.Engine, log_id: str) -> dict[str, Any]:
    """The log of that id, withdrawn or not.

    Raises
    ------
    NotFound
        There is none.
    """
    for row in list_reading_logs(engine, withdrawn=True):
        if row["id"] == log_id:
            return row
    raise NotFound(f"There is no reading log {log_id!r} in this workspace.")


def withdraw_reading_log(engine: sa.Engine, log_id: str, *, withdrawn_by: str) -> None:
    """Take a log out of the lists; withdrawing it again changes nothing."""
    row = {"reading_log_id": log_id, "withdrawn_by": withdrawn_by, "withdrawn_at": now()}
    statement = insert(t.reading_log_withdrawal).values(**row).on_conflict_do_nothing()
    with engine.begin() as connection:
        connection.execute(statement)
