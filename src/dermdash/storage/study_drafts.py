"""Protocols in the making: every state is a row, the last one holds, and nobody writes over what they have not seen."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts

SAVED, DELETED, FREEZING, FROZEN = "saved", "deleted", "freezing", "frozen"
"""Kinds of acts about a draft."""
KEPT_STATES = 30
"""So many of the latest states stay, and the first one, which says who began the draft and when."""
KEPT_DELETED = 200
"""So many of those that were deleted last can be brought back."""


def save_state(
    engine: sa.Engine,
    *,
    draft_id: str,
    kind: str,
    entries: Mapping[str, Any],
    account_id: str,
    after: int,
    study_id: str | None = None,
) -> int | None:
    """Append a state of a draft and return its number; None where the latest one is not ``after`` (0: none yet)."""
    c = t.study_draft.c
    values = {
        "id": draft_id, "number": after + 1, "kind": kind, "entries": dict(entries), "account_id": account_id,
        "study_id": study_id, "made_at": now(),
    }  # fmt: skip

    def work() -> int | None:
        with engine.begin() as connection:
            last = sa.select(sa.func.coalesce(sa.func.max(c.number), 0)).where(c.id == draft_id)
            if int(connection.execute(last).scalar_one()) != after:
                return None
            connection.execute(t.study_draft.insert().values(values))
            old = (c.id == draft_id, c.number > 1, c.number <= after + 1 - KEPT_STATES)
            connection.execute(t.study_draft.delete().where(*old))
            return after + 1

    return retry_on_conflict(work)


def count_open(engine: sa.Engine) -> int:
    """How many drafts can be gone on with."""
    latest = _latest().subquery()
    with engine.connect() as connection:
        counted = sa.select(sa.func.count()).where(latest.c.kind.in_((SAVED, FREEZING)))
        return int(connection.execute(counted).scalar_one())


def forget_deleted(engine: sa.Engine) -> None:
    """Remove the drafts that were deleted longest ago, beyond `KEPT_DELETED`."""
    latest = _latest().subquery()
    oldest = (
        sa.select(latest.c.id)
        .where(latest.c.kind == DELETED)
        .order_by(latest.c.made_at.desc(), latest.c.id)
        .offset(KEPT_DELETED)
    )

    def work() -> None:
        with engine.begin() as connection:
            gone = [row.id for row in connection.execute(oldest)]
            if gone:
                connection.execute(t.study_draft.delete().where(t.study_draft.c.id.in_(gone)))

    retry_on_conflict(work)


def list_drafts(engine: sa.Engine) -> list[dict[str, Any]]:
    """The latest state of every draft with who began it and when (``begun_by``, ``begun_at``), latest change first."""
    return read_dicts(engine, _latest().order_by(t.study_draft.c.made_at.desc(), t.study_draft.c.id))


def get_draft(engine: sa.Engine, draft_id: str) -> dict[str, Any] | None:
    """The latest state of a draft, as `list_drafts` has it; None where there is no such draft."""
    rows = read_dicts(engine, _latest().where(t.study_draft.c.id == draft_id))
    return rows[0] if rows else None


def _latest() -> sa.Select[Any]:
    c = t.study_draft.c
    last = sa.select(c.id, sa.func.max(c.number).label("number")).group_by(c.id).subquery()
    first = t.study_draft.alias("first_state")
    return (
        sa.select(t.study_draft, first.c.account_id.label("begun_by"), first.c.made_at.label("begun_at"))
        .join(last, sa.and_(last.c.id == c.id, last.c.number == c.number))
        .join(first, sa.and_(first.c.id == c.id, first.c.number == 1))
    )
