"""Saved operating points and their withdrawals: statements and nothing else. Both tables are only appended to."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import tables as t
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts


def save_operating_point(engine: sa.Engine, *, values: Mapping[str, Any]) -> None:
    """Store an operating point.

    Raises
    ------
    InvalidInput
        Another operating point of that name is in use.
    """
    name = values["name"]
    same_name = (
        sa.select(t.operating_point.c.generation, t.operating_point_withdrawal.c.withdrawn_at)
        .outerjoin(
            t.operating_point_withdrawal, t.operating_point_withdrawal.c.operating_point_id == t.operating_point.c.id
        )
        .where(t.operating_point.c.name == name)
    )

    def work() -> None:
        with engine.begin() as connection:
            earlier = connection.execute(same_name).all()
            if any(row.withdrawn_at is None for row in earlier):
                raise InvalidInput(
                    f"there is an operating point {name!r} already: choose another name, or withdraw that one first"
                )
            generation = 1 + max((row.generation for row in earlier), default=0)
            connection.execute(t.operating_point.insert().values(generation=generation, created_at=now(), **values))

    # Of two that save the same name at once, the second meets the unique constraint, looks again and is refused.
    retry_on_conflict(work)


def list_operating_points(
    engine: sa.Engine, *, model_id: str | None = None, withdrawn: bool = False
) -> list[dict[str, Any]]:
    """Operating points with `withdrawn_at`, newest first; of one model, and with the withdrawn ones, where asked."""
    point, gone = t.operating_point, t.operating_point_withdrawal
    statement = (
        sa.select(point, gone.c.withdrawn_at, gone.c.withdrawn_by)
        .outerjoin(gone, gone.c.operating_point_id == point.c.id)
        .order_by(point.c.created_at.desc(), point.c.id)
    )
    if model_id is not None:
        statement = statement.where(point.c.model_id == model_id)
    if not withdrawn:
        statement = statement.where(gone.c.withdrawn_at.is_(None))
    return read_dicts(engine, statement)


def find_operating_point(engine: sa.Engine, id_or_name: str) -> dict[str, Any]:
    """The operating point of that id (withdrawn or not), or else of that name among those in use.

    Raises
    ------
    NotFound
        There is none.
    """
    every = list_operating_points(engine, withdrawn=True)
    by_id = [row for row in every if row["id"] == id_or_name]
    by_name = [row for row in every if row["name"] == id_or_name and row["withdrawn_at"] is None]
    for row in (*by_id, *by_name):
        return row
    raise NotFound(
        f"There is no operating point {id_or_name!r}; `dermdash operating-point list` shows those there are."
    )


def withdraw_operating_point(engine: sa.Engine, operating_point_id: str, *, withdrawn_by: str) -> None:
    """Take an operating point out of use; withdrawing it again changes nothing."""
    row = {"operating_point_id": operating_point_id, "withdrawn_by": withdrawn_by, "withdrawn_at": now()}
    statement = insert(t.operating_point_withdrawal).values(**row).on_conflict_do_nothing()
    with engine.begin() as connection:
        connection.execute(statement)
