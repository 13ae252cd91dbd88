"""Notices and absences: statements and nothing else."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.ladder_rows import Source, read
from dermdash.storage.order import next_number


def add_notices(act: ActTransaction, notices: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
    """Append notices: (for whom, kind, what it is about)."""
    if not notices:
        return
    number = next_number(act.connection, t.notice, rows=len(notices))
    rows = [
        {
            "id": uuid4().hex, "account_id": account_id, "kind": kind, "detail": dict(detail),
            "created_at": act.moment, "sequence": number + i,
        }
        for i, (account_id, kind, detail) in enumerate(notices)
    ]  # fmt: skip
    act.insert(t.notice, *rows)


def notices_of(source: Source, account_id: str, *, unread: bool = False, limit: int = 200) -> list[dict[str, Any]]:
    """Notices of a person with ``read_at``, the latest first."""
    c, done = t.notice.c, t.notice_read.c
    statement = (
        sa.select(t.notice, done.read_at)
        .outerjoin(t.notice_read, done.notice_id == c.id)
        .where(c.account_id == account_id)
        .order_by(c.sequence.desc(), c.id)
        .limit(limit)
    )
    return read(source, statement.where(done.read_at.is_(None)) if unread else statement)


def mark_read(act: ActTransaction, notice_ids: Sequence[str]) -> None:
    """Remember that this person has read these notices of theirs."""
    c = t.notice.c
    statement = sa.select(c.id).where(c.account_id == act.account_id, c.id.in_(list(notice_ids)))
    for row in act.read(statement):
        values = {"notice_id": row["id"], "read_at": act.moment}
        act.connection.execute(insert(t.notice_read).values(values).on_conflict_do_nothing())


def add_absence(act: ActTransaction, values: Mapping[str, Any]) -> str:
    """Append an absence, or a row that takes one back, and return its id."""
    key = uuid4().hex
    row = {"cancels": None, "note": "", **values, "id": key, "entered_by": act.account_id, "entered_at": act.moment}
    act.insert(t.absence, row | {"sequence": next_number(act.connection, t.absence)})
    return key


def absences(source: Source, account_id: str | None = None) -> list[dict[str, Any]]:
    """Absences that were not taken back, by first day."""
    c, back = t.absence.c, t.absence.alias()
    cancelled = sa.exists(sa.select(sa.literal(1)).where(back.c.cancels == c.id)).correlate(t.absence)
    statement = sa.select(t.absence).where(c.cancels.is_(None), ~cancelled).order_by(c.first_day, c.sequence)
    return read(source, statement if account_id is None else statement.where(c.account_id == account_id))


def absent_on(source: Source, day: date) -> set[str]:
    """Who is absent on a day."""
    return {row["account_id"] for row in absences(source) if row["first_day"] <= day <= row["last_day"]}
