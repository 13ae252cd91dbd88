"""What was decided about records: outcomes of reviews, consensus, board, histology, reopening. Only ever inserted."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.ladder_rows import Source, first, read
from dermdash.storage.order import next_number


def cycle_of(source: Source, record_id: str) -> int:
    """The cycle that a record is in: 1, and one more for each reopening."""
    c = t.reopening.c
    row = read(source, sa.select(sa.func.coalesce(sa.func.max(c.cycle), 1).label("n")).where(c.record_id == record_id))
    return int(row[0]["n"])


def marks_of(source: Source, record_id: str) -> list[dict[str, Any]]:
    """What was decided about a record, in one look: kind (name of the table), cycle, number and said, in order.

    ``said`` is the kind of an outcome, and the stage that a reopening left.
    """
    return _marks(source, lambda table: table.c.record_id == record_id)


def marks_of_records(source: Source, record_ids: Collection[str]) -> list[dict[str, Any]]:
    """The same of several records, with the ``record_id`` of each."""
    wanted = list(record_ids)
    return _marks(source, lambda table: table.c.record_id.in_(wanted))


def marks_of_dataset(source: Source, dataset_id: str) -> list[dict[str, Any]]:
    """The same of all records of a data set."""
    return _marks(source, lambda table: table.c.dataset_id == dataset_id)


def _marks(source: Source, chosen: Callable[[sa.Table], sa.ColumnElement[bool]]) -> list[dict[str, Any]]:
    nothing, zero = sa.null().cast(sa.String), sa.literal(0)
    parts = [
        sa.select(
            table.c.record_id, sa.literal(table.name).label("kind"), table.c.cycle, number.label("number"),
            said.label("said"),
        ).where(chosen(table))
        for table, number, said in (
            (t.reopening, zero, sa.cast(t.reopening.c.to_stage, sa.String)),
            (t.review_outcome, t.review_outcome.c.number, t.review_outcome.c.kind),
            (t.consensus, zero, nothing),
            (t.histology, zero, nothing),
        )
    ]  # fmt: skip
    rows = sa.union_all(*parts).subquery()
    return read(source, sa.select(rows).order_by(rows.c.cycle, rows.c.number))


def add_outcome(act: ActTransaction, values: Mapping[str, Any]) -> int:
    """Append what the rule said of a record's reviews, and return its number."""
    last = latest_outcome(act, values["record_id"], values["cycle"])
    number = 1 if last is None else int(last["number"]) + 1
    act.insert(t.review_outcome, {**values, "number": number, "decided_at": act.moment})
    return number


def latest_outcome(source: Source, record_id: str, cycle: int) -> dict[str, Any] | None:
    """What the rule said last."""
    c = t.review_outcome.c
    statement = sa.select(t.review_outcome).where(c.record_id == record_id, c.cycle == cycle)
    return first(source, statement.order_by(c.number.desc()))


def outcomes_of(source: Source, record_id: str) -> list[dict[str, Any]]:
    """Everything the rule said of a record, in order."""
    c = t.review_outcome.c
    return read(source, sa.select(t.review_outcome).where(c.record_id == record_id).order_by(c.cycle, c.number))


def open_cases(source: Source, dataset_id: str | None = None) -> list[dict[str, Any]]:
    """Records that wait for the board: their outcome says so, and nobody has decided, oldest first."""
    c, newer = t.review_outcome.c, t.review_outcome.alias()
    superseded = sa.exists(
        sa.select(sa.literal(1)).where(
            newer.c.record_id == c.record_id,
            sa.or_(newer.c.cycle > c.cycle, sa.and_(newer.c.cycle == c.cycle, newer.c.number > c.number)),
        )
    ).correlate(t.review_outcome)
    settled = [
        sa.exists(
            sa.select(sa.literal(1)).where(table.c.record_id == c.record_id, beyond)
        ).correlate(t.review_outcome)
        for table, beyond in (
            (t.consensus, t.consensus.c.cycle == c.cycle),
            (t.histology, t.histology.c.cycle == c.cycle),
            (t.reopening, t.reopening.c.cycle > c.cycle),
        )
    ]  # fmt: skip
    statement = (
        sa.select(t.review_outcome, t.record.c.image_id, t.record.c.image_sha256)
        .join(t.record, t.record.c.id == c.record_id)
        .where(c.kind == "board", ~superseded, *[~there for there in settled])
        .order_by(c.decided_at, c.record_id)
    )
    return read(source, statement if dataset_id is None else statement.where(c.dataset_id == dataset_id))


def _add(act: ActTransaction, table: sa.Table, values: Mapping[str, Any], moment: str) -> dict[str, Any]:
    row = {**values, "account_id": act.account_id, moment: act.moment, "sequence": next_number(act.connection, table)}
    act.insert(table, row)
    return row


def add_consensus(act: ActTransaction, values: Mapping[str, Any]) -> dict[str, Any]:
    """Append the consensus of a record's cycle; there is one at most."""
    return _add(act, t.consensus, values, "decided_at")


def add_histology(act: ActTransaction, values: Mapping[str, Any]) -> dict[str, Any]:
    """Append the histology of a record's cycle; there is one at most."""
    return _add(act, t.histology, values, "recorded_at")


def add_reopening(act: ActTransaction, values: Mapping[str, Any]) -> dict[str, Any]:
    """Append a reopening, which begins a cycle."""
    return _add(act, t.reopening, values, "reopened_at")


def add_comment(act: ActTransaction, values: Mapping[str, Any]) -> dict[str, Any]:
    """Append what somebody said on the board."""
    return _add(act, t.board_comment, values, "created_at")


def get_comment(source: Source, comment_id: str) -> dict[str, Any] | None:
    """One comment."""
    return first(source, sa.select(t.board_comment).where(t.board_comment.c.id == comment_id))


def _of_record(source: Source, table: sa.Table, record_id: str) -> list[dict[str, Any]]:
    return read(source, sa.select(table).where(table.c.record_id == record_id).order_by(table.c.sequence))


def consensus_of(source: Source, record_id: str) -> list[dict[str, Any]]:
    """Every consensus of a record, by cycle."""
    return _of_record(source, t.consensus, record_id)


def histology_of(source: Source, record_id: str) -> list[dict[str, Any]]:
    """Every histology of a record, by cycle."""
    return _of_record(source, t.histology, record_id)


def comments_of(source: Source, record_id: str) -> list[dict[str, Any]]:
    """What was said about a record on the board, in order."""
    return _of_record(source, t.board_comment, record_id)


def all_consensus(source: Source, dataset_id: str | None = None) -> list[dict[str, Any]]:
    """Every consensus, in order."""
    statement = sa.select(t.consensus).order_by(t.consensus.c.sequence)
    return read(source, statement if dataset_id is None else statement.where(t.consensus.c.dataset_id == dataset_id))


def all_histology(source: Source, dataset_id: str | None = None) -> list[dict[str, Any]]:
    """Every histology, in order."""
    statement = sa.select(t.histology).order_by(t.histology.c.sequence)
    return read(source, statement if dataset_id is None else statement.where(t.histology.c.dataset_id == dataset_id))


def all_reopenings(source: Source) -> list[dict[str, Any]]:
    """Every reopening, in order."""
    return read(source, sa.select(t.reopening).order_by(t.reopening.c.sequence))


def reopened_records(source: Source, dataset_id: str) -> list[str]:
    """Which records of a data set were reopened, each as often as it was."""
    c = t.reopening.c
    return [row["record_id"] for row in read(source, sa.select(c.record_id).where(c.dataset_id == dataset_id))]
