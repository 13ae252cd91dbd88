"""Annotations, drafts and what was refused: statements and nothing else. Annotations are only ever inserted."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.ladder_rows import Source, first, read
from dermdash.storage.order import next_number


def add_annotation(act: ActTransaction, values: Mapping[str, Any]) -> dict[str, Any]:
    """Append an annotation as the next version of its task, and return its row."""
    c = t.annotation.c
    last = act.read(
        sa.select(sa.func.coalesce(sa.func.max(c.version), 0).label("n")).where(c.task_id == values["task_id"])
    )
    row = {
        **values,
        "version": int(last[0]["n"]) + 1,
        "recorded_at": act.moment,
        "sequence": next_number(act.connection, t.annotation),
    }
    act.insert(t.annotation, row)
    return row


def get_annotation(source: Source, annotation_id: str) -> dict[str, Any] | None:
    """One annotation."""
    return first(source, sa.select(t.annotation).where(t.annotation.c.id == annotation_id))


def annotations_of_record(source: Source, record_id: str, cycle: int | None = None) -> list[dict[str, Any]]:
    """Every annotation of a record, of one cycle or of all, in the order of recording: history included."""
    c = t.annotation.c
    statement = sa.select(t.annotation).where(c.record_id == record_id).order_by(c.sequence, c.version)
    return read(source, statement if cycle is None else statement.where(c.cycle == cycle))


def annotations_of_records(source: Source, record_ids: Collection[str]) -> list[dict[str, Any]]:
    """Every annotation of several records, in the order of recording."""
    c = t.annotation.c
    statement = sa.select(t.annotation).where(c.record_id.in_(list(record_ids)))
    return read(source, statement.order_by(c.sequence, c.version))


def list_annotations(
    source: Source,
    *,
    dataset_id: str | None = None,
    record_ids: Collection[str] | None = None,
    account_id: str | None = None,
    purposes: Collection[str] = (),
    history: bool = False,
) -> list[dict[str, Any]]:
    """The latest annotation of each task, in the order of recording: what agreement is computed from.

    ``history``: all of them.
    """
    c = t.annotation.c
    newer = t.annotation.alias()
    superseded = sa.exists(
        sa.select(sa.literal(1)).where(newer.c.task_id == c.task_id, newer.c.version > c.version)
    ).correlate(t.annotation)
    statement = sa.select(t.annotation).order_by(c.sequence, c.id)
    if not history:
        statement = statement.where(~superseded)
    if dataset_id is not None:
        statement = statement.where(c.dataset_id == dataset_id)
    if record_ids is not None:
        statement = statement.where(c.record_id.in_(list(record_ids)))
    if account_id is not None:
        statement = statement.where(c.account_id == account_id)
    if purposes:
        statement = statement.where(c.purpose.in_(list(purposes)))
    return read(source, statement)


def latest_of_account(source: Source, account_id: str, *, most: int) -> list[dict[str, Any]]:
    """The answers of a person that count, the latest first."""
    c, newer = t.annotation.c, t.annotation.alias()
    superseded = sa.exists(
        sa.select(sa.literal(1)).where(newer.c.task_id == c.task_id, newer.c.version > c.version)
    ).correlate(t.annotation)
    statement = sa.select(t.annotation).where(c.account_id == account_id, ~superseded)
    return read(source, statement.order_by(c.sequence.desc()).limit(most))


def latest_of_task(source: Source, task_id: str) -> dict[str, Any] | None:
    """The annotation that counts of a task."""
    c = t.annotation.c
    return first(source, sa.select(t.annotation).where(c.task_id == task_id).order_by(c.version.desc()))


def count_of_account(source: Source, account_id: str) -> int:
    """How many tasks a person has answered."""
    c = t.annotation.c
    statement = sa.select(sa.func.count(sa.distinct(c.task_id)).label("n")).where(c.account_id == account_id)
    return int(read(source, statement)[0]["n"])


def answers_since(source: Source, moment: datetime | None = None) -> list[dict[str, Any]]:
    """First answers to tasks: account_id, purpose, dataset_id, client_ms and recorded_at, in order."""
    c = t.annotation.c
    statement = sa.select(c.account_id, c.purpose, c.dataset_id, c.client_ms, c.recorded_at).where(c.version == 1)
    if moment is not None:
        statement = statement.where(c.recorded_at >= moment)
    return read(source, statement.order_by(c.sequence))


def save_draft(act: ActTransaction, *, task_id: str, content: Mapping[str, Any], saved_at: datetime) -> None:
    """Keep a draft in the place of the one before; one that was saved earlier than that is left."""
    values = {"content": dict(content), "saved_at": saved_at, "recorded_at": act.moment}
    held = draft_of(act, task_id, act.account_id)
    if held is not None and held["saved_at"] > saved_at:
        return
    statement = insert(t.annotation_draft).values(task_id=task_id, account_id=act.account_id, **values)
    act.connection.execute(statement.on_conflict_do_update(index_elements=["task_id", "account_id"], set_=values))


def draft_of(source: Source, task_id: str, account_id: str) -> dict[str, Any] | None:
    """What a person has typed for a task so far."""
    c = t.annotation_draft.c
    return first(source, sa.select(t.annotation_draft).where(c.task_id == task_id, c.account_id == account_id))


def drop_draft(act: ActTransaction, task_id: str) -> None:
    """Forget this person's draft: the answer has taken its place."""
    c = t.annotation_draft.c
    act.connection.execute(t.annotation_draft.delete().where(c.task_id == task_id, c.account_id == act.account_id))


def keep_refused(
    act: ActTransaction, *, annotation_id: str, task_id: str, content: Mapping[str, Any], reason: str
) -> None:
    """Keep what was refused, with the reason; the first time of an id stands."""
    values = {
        "id": annotation_id, "task_id": task_id, "account_id": act.account_id, "content": dict(content),
        "reason": reason, "refused_at": act.moment,
    }  # fmt: skip
    act.connection.execute(insert(t.annotation_refused).values(values).on_conflict_do_nothing())


def get_refused(source: Source, annotation_id: str) -> dict[str, Any] | None:
    """What was refused under an id."""
    return first(source, sa.select(t.annotation_refused).where(t.annotation_refused.c.id == annotation_id))


def refused_of(source: Source, account_id: str) -> list[dict[str, Any]]:
    """What was refused of a person, the latest first."""
    c = t.annotation_refused.c
    return read(
        source, sa.select(t.annotation_refused).where(c.account_id == account_id).order_by(c.refused_at.desc(), c.id)
    )


def every_annotation(source: Source) -> list[dict[str, Any]]:
    """Every annotation: what it says, of what, by whom."""
    c = t.annotation.c
    said = (c.id, c.content, c.dx, c.unsure, c.quality, c.account_id, c.record_id, c.cycle, c.purpose)
    return read(source, sa.select(*said).order_by(c.sequence))
