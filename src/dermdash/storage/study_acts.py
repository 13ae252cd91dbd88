"""What the team of a study decides while it runs, in the order of the acts; and who was admitted. Only inserted."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.storage import tables as t
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.order import next_number
from dermdash.storage.results import read_dicts


def save_act(
    engine: sa.Engine,
    *,
    study_id: str,
    kind: str,
    account_id: str,
    reader_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
    reason: str = "",
) -> str:
    """Append an act and return its id."""
    act_id = uuid4().hex
    values = {
        "id": act_id, "study_id": study_id, "kind": kind, "reader_id": reader_id, "detail": dict(detail or {}),
        "reason": reason, "account_id": account_id, "acted_at": now(),
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(t.study_act.insert().values(sequence=next_number(connection, t.study_act), **values))
    return act_id


def acts_of_study(engine: sa.Engine, study_id: str, kinds: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Acts of a study in their order, of these kinds (none named: of all)."""
    c = t.study_act.c
    statement = sa.select(t.study_act).where(c.study_id == study_id)
    if kinds:
        statement = statement.where(c.kind.in_(list(kinds)))
    return read_dicts(engine, statement.order_by(c.sequence, c.acted_at, c.id))


def admit_reader(
    engine: sa.Engine,
    *,
    study_id: str,
    profile: Mapping[str, Any],
    full: Callable[[list[dict[str, Any]]], str | None],
) -> str | None:
    """Store a reader's profile and decide, once, whether there is a place for them; None where there is.

    ``full`` is called with the profiles of all who were admitted before, and says which stratum has no place left: what
    is returned then. Profile and decision are stored together, so that nobody counts who is not decided about; the
    first profile stands. Readers of before there were places count as admitted.
    """
    reader_id = profile["reader_id"]

    def work() -> str | None:
        a, p = t.reader_admission.c, t.reader_profile.c
        with engine.begin() as connection:
            decided = connection.execute(sa.select(a.full).where(a.reader_id == reader_id)).one_or_none()
            if decided is not None:
                return None if decided.full is None else str(decided.full)
            last = sa.select(sa.func.coalesce(sa.func.max(a.number), 0)).where(a.study_id == study_id)
            number = int(connection.execute(last).scalar_one()) + 1
            others = connection.execute(_admitted(study_id).where(p.reader_id != reader_id)).mappings()
            stratum = full([dict(row) for row in others])
            first = insert(t.reader_profile).values(created_at=now(), **profile).on_conflict_do_nothing()
            connection.execute(first)
            values = {"study_id": study_id, "number": number, "reader_id": reader_id, "full": stratum}
            connection.execute(t.reader_admission.insert().values(decided_at=now(), **values))
            return stratum

    return retry_on_conflict(work)


def _admitted(study_id: str) -> sa.Select[Any]:
    a, p = t.reader_admission.c, t.reader_profile.c
    not_here = sa.select(a.reader_id).where(a.study_id == study_id, a.full.is_not(None))
    of_study = sa.select(t.reader_profile).join(t.reader, t.reader.c.id == p.reader_id)
    return of_study.where(t.reader.c.study_id == study_id, p.reader_id.not_in(not_here))


def admitted_profiles(engine: sa.Engine, study_id: str) -> list[dict[str, Any]]:
    """The profiles of the readers of a study for whom there was a place."""
    return read_dicts(engine, _admitted(study_id))


def turned_away(engine: sa.Engine, study_id: str) -> dict[str, str]:
    """Readers for whom there was no place, and the stratum that was full."""
    a = t.reader_admission.c
    rows = read_dicts(engine, sa.select(a.reader_id, a.full).where(a.study_id == study_id, a.full.is_not(None)))
    return {str(row["reader_id"]): str(row["full"]) for row in rows}


def is_turned_away(engine: sa.Engine, reader_id: str) -> str | None:
    """The stratum that was full when this reader came; None where they were admitted."""
    a = t.reader_admission.c
    rows = read_dicts(engine, sa.select(a.full).where(a.reader_id == reader_id))
    return None if not rows or rows[0]["full"] is None else str(rows[0]["full"])
