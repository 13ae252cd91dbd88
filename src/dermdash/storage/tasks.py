"""Tasks of the verification ladder, what became of them, and leases: statements and nothing else.

A task is open while nobody has answered it and it is not withdrawn. Its changes alternate: withdrawn, reinstated, ...
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.records.acts import TaskPurpose
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.ladder_rows import Source, first, read
from dermdash.storage.order import next_number

WITHDRAWN, REINSTATED = "withdrawn", "reinstated"
INITIAL, REVIEW, REPEAT = TaskPurpose


OPEN, ANSWERED = "open", "answered"
"""States of a task beside `WITHDRAWN`."""
_TASK = t.verification_task.c


def _rows() -> sa.Select[Any]:
    return sa.select(
        t.verification_task,
        (_TASK.state == WITHDRAWN).label("withdrawn"),
        (_TASK.state == ANSWERED).label("answered"),
    )


def add_tasks(act: ActTransaction, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Append tasks and return them; what a row lacks of id, assigned_by, assigned_at and sequence is made here."""
    number = next_number(act.connection, t.verification_task, rows=max(1, len(rows)))
    made = [
        {
            "id": uuid4().hex, "assigned_by": act.account_id, "assigned_at": act.moment, "account_id": None,
            "due_at": None, "not_before": None, "state": OPEN, **row, "sequence": number + i,
        }
        for i, row in enumerate(rows)
    ]  # fmt: skip
    act.insert(t.verification_task, *made)
    return made


def change_task(act: ActTransaction, task_id: str, *, kind: str, reason: str, number: int | None = None) -> None:
    """Append a change of a task: its next number, or the one that the caller has counted."""
    c = t.task_change.c
    if number is None:
        last = act.read(sa.select(sa.func.coalesce(sa.func.max(c.number), 0).label("n")).where(c.task_id == task_id))
        number = int(last[0]["n"]) + 1
    act.insert(
        t.task_change,
        {
            "task_id": task_id, "number": number, "kind": kind, "reason": reason, "account_id": act.account_id,
            "changed_at": act.moment,
        },
    )  # fmt: skip
    set_state(act, task_id, WITHDRAWN if kind == WITHDRAWN else OPEN)


def set_state(act: ActTransaction, task_id: str, state: str) -> None:
    """Keep beside a task what its annotations and changes amount to."""
    act.connection.execute(t.verification_task.update().where(_TASK.id == task_id).values(state=state))


def last_change(source: Source, task_id: str) -> dict[str, Any] | None:
    """The latest change of a task."""
    c = t.task_change.c
    return first(source, sa.select(t.task_change).where(c.task_id == task_id).order_by(c.number.desc()))


def get_task(source: Source, task_id: str) -> dict[str, Any] | None:
    """A task with ``withdrawn`` and ``answered``."""
    return first(source, _rows().where(t.verification_task.c.id == task_id))


def tasks_of_record(source: Source, record_id: str, cycle: int | None = None) -> list[dict[str, Any]]:
    """The tasks of a record, of one cycle or of all, in the order in which they were made."""
    c = t.verification_task.c
    statement = _rows().where(c.record_id == record_id).order_by(c.sequence)
    return read(source, statement if cycle is None else statement.where(c.cycle == cycle))


def tasks_of_records(source: Source, record_ids: Collection[str]) -> list[dict[str, Any]]:
    """The tasks of several records, in the order in which they were made."""
    c = t.verification_task.c
    return read(source, _rows().where(c.record_id.in_(list(record_ids))).order_by(c.sequence))


def tasks_of_dataset(source: Source, dataset_id: str) -> list[dict[str, Any]]:
    """The tasks of all records of a data set, in the order in which they were made."""
    c = t.verification_task.c
    return read(source, _rows().where(c.dataset_id == dataset_id).order_by(c.sequence))


def open_tasks(source: Source, account_id: str | None = None) -> list[dict[str, Any]]:
    """Open tasks of one person, or of all; those in the queue are nobody's."""
    c = t.verification_task.c
    statement = _rows().where(c.state == OPEN).order_by(c.due_at, c.id)
    return read(source, statement if account_id is None else statement.where(c.account_id == account_id))


def open_counts(source: Source) -> dict[str, int]:
    """How many open tasks each person has, repeats included; who has none is absent."""
    c = t.verification_task.c
    statement = (
        sa.select(c.account_id, sa.func.count().label("n"))
        .where(c.account_id.is_not(None), c.state == OPEN)
        .group_by(c.account_id)
    )
    return {row["account_id"]: row["n"] for row in read(source, statement)}


def version_for(source: Source, account_id: str) -> str:
    """A value that changes whenever work comes to a person or into the queue, or goes."""
    theirs = sa.or_(_TASK.account_id == account_id, _TASK.account_id.is_(None))
    waiting = sa.select(_TASK.sequence).where(theirs, _TASK.state == OPEN)
    numbers = [row["sequence"] for row in read(source, waiting)]
    return f"{len(numbers)}:{max(numbers, default=0)}"


def queued_count(source: Source) -> int:
    """How many open tasks are in the queue."""
    statement = sa.select(sa.func.count().label("n")).where(_TASK.account_id.is_(None), _TASK.state == OPEN)
    return int(read(source, statement)[0]["n"])


REPEAT_AFTER = timedelta(hours=12)
"""A hidden repeat comes after so many other annotations, or, where there are not as many, another day."""


def _due(moment: datetime, annotations_made: int) -> sa.ColumnElement[bool]:
    return sa.or_(
        _TASK.not_before.is_(None), _TASK.not_before <= annotations_made, _TASK.assigned_at < moment - REPEAT_AFTER
    )


def open_to(source: Source, account_id: str, *, moment: datetime, annotations_made: int) -> int:
    """How many tasks `offered_to` finds."""
    statement = _offered(sa.select(sa.func.count().label("n")), account_id, moment, annotations_made)
    return int(read(source, statement)[0]["n"])


def offered_to(source: Source, account_id: str, *, annotations_made: int, moment: datetime) -> list[dict[str, Any]]:
    """The tasks that a person who has answered so many could do now: their own, and those of the queue that nobody
    else holds.
    """
    statement = _offered(_rows(), account_id, moment, annotations_made)
    return read(source, statement.order_by(_TASK.due_at, _TASK.id))


def _offered(statement: sa.Select[Any], account_id: str, moment: datetime, annotations_made: int) -> sa.Select[Any]:
    lease = t.task_lease.c
    held = sa.and_(_TASK.account_id.is_(None), lease.account_id != account_id, lease.expires_at > moment)
    joined = t.verification_task.outerjoin(t.task_lease, lease.subject == sa.literal("task:") + _TASK.id)
    return statement.select_from(joined).where(
        sa.or_(_TASK.account_id == account_id, _TASK.account_id.is_(None)),
        _TASK.state == OPEN,
        _due(moment, annotations_made),
        ~sa.func.coalesce(held, sa.false()),
    )


def next_task(
    source: Source, account_id: str, *, moment: datetime, annotations_made: int, but: str = ""
) -> dict[str, Any] | None:
    """The task that a person does next.

    First the one that they hold already, so that a second browser shows the same; then one they have begun; then what
    is theirs, by day due; then the queue, without what others hold. Within a day the random ids are the order.
    ``but``: a task that is not meant.
    """
    c, lease, draft = _TASK, t.task_lease.c, t.annotation_draft.c
    held = sa.and_(lease.account_id == account_id, lease.expires_at > moment)
    by_another = sa.and_(
        c.account_id.is_(None), lease.account_id.is_not(None), lease.account_id != account_id, lease.expires_at > moment
    )
    rank = sa.case((held, 0), (draft.task_id.is_not(None), 1), (c.account_id.is_not(None), 2), else_=3)
    statement = (
        _rows()
        .outerjoin(t.task_lease, lease.subject == sa.literal("task:") + c.id)
        .outerjoin(t.annotation_draft, sa.and_(draft.task_id == c.id, draft.account_id == account_id))
        .where(
            c.state == OPEN,
            c.id != but,
            sa.or_(c.account_id == account_id, c.account_id.is_(None)),
            sa.or_(_due(moment, annotations_made), held),
            ~sa.func.coalesce(by_another, sa.false()),
        )
        .order_by(rank, sa.case((held, lease.taken_at), else_=None), c.due_at, c.id)
    )
    return first(source, statement)


def lease_of(source: Source, subject: str) -> dict[str, Any] | None:
    """Who holds something, also when their time is over."""
    return first(source, sa.select(t.task_lease).where(t.task_lease.c.subject == subject))


def take_lease(act: ActTransaction, subject: str, *, minutes: int) -> dict[str, Any]:
    """Hold something, or hold it for longer; where somebody else holds it in time, theirs is returned."""
    held = lease_of(act, subject)
    if held is not None and held["account_id"] != act.account_id and held["expires_at"] > act.moment:
        return held
    mine = held is not None and held["account_id"] == act.account_id and held["expires_at"] > act.moment
    lease = {
        "account_id": act.account_id,
        "token": held["token"] if mine and held is not None else uuid4().hex,
        "taken_at": held["taken_at"] if mine and held is not None else act.moment,
        "expires_at": act.moment + timedelta(minutes=minutes),
    }
    c = t.task_lease.c
    free = sa.or_(c.account_id == act.account_id, c.expires_at <= act.moment)
    statement = insert(t.task_lease).values(subject=subject, **lease)
    # Of two people at once one gets it: the condition is looked at when the row is written.
    taken = statement.on_conflict_do_update(index_elements=["subject"], set_=lease, where=free).returning(c.subject)
    if act.connection.execute(taken).scalar() is None:
        return lease_of(act, subject) or {"subject": subject, **lease, "account_id": ""}
    return {"subject": subject, **lease}


def end_lease(act: ActTransaction, subject: str) -> None:
    """Let go of what this person holds."""
    lease = t.task_lease
    act.connection.execute(
        lease.update()
        .where(lease.c.subject == subject, lease.c.account_id == act.account_id)
        .values(expires_at=act.moment)
    )
