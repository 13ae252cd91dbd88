"""Readings and session events: append-only; each is acknowledged only after its commit is on disk."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from dermdash.storage import tables as t
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import insert_or_leave, is_conflict, now, retry_on_conflict
from dermdash.storage.order import next_of_session
from dermdash.storage.reader_standing import StoredStanding, with_answers, with_sending
from dermdash.storage.results import read_dicts, read_frame
from dermdash.storage.studies import begun_again
from dermdash.storage.unchanged import note_about_reader
from dermdash.storage.withdrawals import has_withdrawn, lock_reader


class SaveOutcome(StrEnum):
    """What became of a submitted reading."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    ALREADY_ANSWERED = "already_answered"
    UNAIDED_MISSING = "unaided_missing"
    ID_TAKEN = "id_taken"
    WITHDRAWN = "withdrawn"
    """The reader has left meanwhile: nothing of the delivery was stored."""

    @property
    def on_disk(self) -> bool:
        """Whether the reading may be acknowledged."""
        return self in (SaveOutcome.STORED, SaveOutcome.DUPLICATE)


def save_delivery(
    engine: sa.Engine,
    *,
    answers: Sequence[Mapping[str, Any]],
    events: Sequence[Mapping[str, Any]] = (),
    answered: Collection[tuple[str, str]] = (),
    sending: Mapping[str, Any] | None = None,
) -> tuple[SaveOutcome, ...]:
    """Append what one delivery brought in one transaction, all of it or nothing; return what became of each answer.

    Everything is on disk when every outcome says so; otherwise nothing was stored, not even an answer whose outcome
    alone would allow it: the caller has to look again where the reader stands.

    The same id again is a no-op (DUPLICATE), the id of somebody else's reading is refused (ID_TAKEN). Another id for an
    answered assignment and phase is refused (ALREADY_ANSWERED), and so is an aided reading whose unaided one is neither
    stored nor in this delivery before it (UNAIDED_MISSING). The unique constraint decides, so two tabs or two processes
    cannot both win. An event that is there already is left as it is.

    ``answered``: assignment and phase of answers that the caller has read: they stay. Where the rest follows from them,
    nothing is looked up before it is stored; only where a constraint then says that something is there, it is.

    ``sending``: that the step after it leaves next (reader_id, assignment_id, phase, shown_sha256), as of
    `save_sending`; it is on disk when all of it is.
    """
    if _follows(answers, answered):
        try:
            return _save_delivery_once(engine, answers, events, sending, all_new=True)
        except DBAPIError as error:
            if not is_conflict(error):
                raise
    return retry_on_conflict(lambda: _save_delivery_once(engine, answers, events, sending, all_new=False))


def _follows(answers: Sequence[Mapping[str, Any]], answered: Collection[tuple[str, str]]) -> bool:
    """Whether each aided answer comes after an unaided one, as far as can be told without looking."""
    before = set[tuple[str, str]]()
    for values in answers:
        unaided = (values["assignment_id"], "unaided")
        if values["phase"] == "aided" and unaided not in answered and unaided not in before:
            return False
        before.add((values["assignment_id"], values["phase"]))
    return True


def _save_delivery_once(
    engine: sa.Engine,
    answers: Sequence[Mapping[str, Any]],
    events: Sequence[Mapping[str, Any]],
    sending: Mapping[str, Any] | None,
    *,
    all_new: bool,
) -> tuple[SaveOutcome, ...]:
    """One try; ``all_new``: as if nothing of it were stored yet, which fails where something is."""
    moment = now()
    readers = {str(row["reader_id"]) for row in (*answers, *events)}
    with engine.connect() as connection, connection.begin() as transaction:
        stored: list[dict[str, Any]] = []
        if len(readers) == 1:
            (reader_id,) = readers
            note_about_reader(
                connection, reader_id, None if events else lambda known: _after_delivery(known, stored, sending, moment)
            )
        if not _may_store(connection, readers):
            transaction.rollback()
            return (SaveOutcome.WITHDRAWN,)
        outcomes = (SaveOutcome.STORED,) * len(answers) if all_new or not answers else _outcomes(connection, answers)
        if not all(outcome.on_disk for outcome in outcomes):
            transaction.rollback()
            return outcomes
        number = next_of_session(connection, rows=len(answers) + len(events) + (sending is not None))
        for values, outcome in zip(answers, outcomes, strict=True):
            if outcome is SaveOutcome.STORED:
                stored.append({**values, "recorded_at": moment, "sequence": number})
                connection.execute(t.reading.insert(), stored[-1])
                number += 1
        rows = [{**values, "recorded_at": moment, "sequence": number + i} for i, values in enumerate(events)]
        if all_new and len(rows) == 1:
            connection.execute(t.session_event.insert(), rows[0])
        else:
            insert_missing(connection, t.session_event, rows)
        if sending is not None:
            row = {**sending, "sent_at": moment, "sequence": number + len(events)}
            if all_new:
                connection.execute(t.step_sent.insert(), row)
            else:
                insert_missing(connection, t.step_sent, [row])
    return outcomes


def _after_delivery(
    known: StoredStanding, stored: Sequence[Mapping[str, Any]], sending: Mapping[str, Any] | None, moment: datetime
) -> StoredStanding:
    after = with_answers(known, stored)
    if sending is None:
        return after
    return with_sending(after, (sending["assignment_id"], sending["phase"]), moment, sending["shown_sha256"])


def _may_store(connection: sa.Connection, reader_ids: set[str]) -> bool:
    """Whether nobody of them has withdrawn meanwhile in another process; alone, the caller has asked already."""
    if connection.dialect.name == "duckdb":
        return True
    for reader_id in sorted(reader_ids):
        lock_reader(connection, reader_id)
    return not any(has_withdrawn(connection, reader_id) for reader_id in reader_ids)


def _outcomes(connection: sa.Connection, answers: Sequence[Mapping[str, Any]]) -> tuple[SaveOutcome, ...]:
    c = t.reading.c
    stored = connection.execute(
        sa.select(c.id, c.reader_id, c.assignment_id, c.phase).where(
            sa.or_(
                c.id.in_([values["id"] for values in answers]),
                c.assignment_id.in_({values["assignment_id"] for values in answers}),
            )
        )
    ).all()
    reader_of = {row.id: row.reader_id for row in stored}
    answered = {(row.assignment_id, row.phase) for row in stored}
    outcomes = []
    for values in answers:
        key = (values["assignment_id"], values["phase"])
        if values["id"] in reader_of:
            # An id of somebody else's reading must not be acknowledged as ours.
            outcomes.append(
                SaveOutcome.DUPLICATE if reader_of[values["id"]] == values["reader_id"] else SaveOutcome.ID_TAKEN
            )
        elif key in answered:
            outcomes.append(SaveOutcome.ALREADY_ANSWERED)
        elif (
            values["phase"] == "aided"
            and (values["assignment_id"], "unaided") not in answered
            and not _aided_alone(connection, values["assignment_id"])
        ):
            outcomes.append(SaveOutcome.UNAIDED_MISSING)
        else:
            outcomes.append(SaveOutcome.STORED)
            reader_of[values["id"]] = values["reader_id"]
            answered.add(key)
    return tuple(outcomes)


def _aided_alone(connection: sa.Connection, assignment_id: str) -> bool:
    """Whether an assignment asks for no unaided answer."""
    c = t.assignment.c
    return connection.execute(sa.select(c.reading).where(c.id == assignment_id)).scalar() == "aided"


def save_simulated_readings(engine: sa.Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    """Bulk-append readings of simulated readers in the order given (the caller sets every other column)."""
    with engine.begin() as connection:
        number = next_of_session(connection, rows=len(rows))
        insert_missing(connection, t.reading, [{**row, "sequence": number + i} for i, row in enumerate(rows)])


def save_sending(engine: sa.Engine, *, reader_id: str, assignment_id: str, phase: str, shown_sha256: str) -> None:
    """Append that a step left for a reader's browser, showing what has this hash; the first time of each stands."""
    key = {"assignment_id": assignment_id, "phase": phase, "shown_sha256": shown_sha256}

    def work() -> None:
        moment = now()
        with engine.begin() as connection:
            note_about_reader(
                connection, reader_id, lambda known: with_sending(known, (assignment_id, phase), moment, shown_sha256)
            )
            values = {**key, "reader_id": reader_id, "sent_at": moment, "sequence": next_of_session(connection)}
            connection.execute(t.step_sent.insert(), values)

    # It is nearly always the first time, and ON CONFLICT costs DuckDB three times the insert.
    insert_or_leave(work)


def sendings(engine: sa.Engine, assignment_ids: Iterable[str]) -> dict[tuple[str, str], tuple[datetime, str]]:
    """Of each assignment and phase that was sent: when it first was, and the hash of what was shown last."""
    c = t.step_sent.c
    wanted = sorted(set(assignment_ids))
    if not wanted:
        return {}
    statement = sa.select(c.assignment_id, c.phase, c.sent_at, c.shown_sha256).where(c.assignment_id.in_(wanted))
    found: dict[tuple[str, str], tuple[datetime, str]] = {}
    for row in read_dicts(engine, statement.order_by(c.sequence)):
        key = (row["assignment_id"], row["phase"])
        found[key] = (found[key][0] if key in found else row["sent_at"], row["shown_sha256"])
    return found


def _recorded(table: sa.Table) -> tuple[sa.ColumnElement[Any], ...]:
    """The order of recording: a clock that was set back does not turn it round."""
    return (table.c.sequence, table.c.recorded_at, table.c.id)


def readings_of_reader(engine: sa.Engine, reader_id: str) -> list[dict[str, Any]]:
    """Everything a reader has answered, in the order it was recorded."""
    c = t.reading.c
    return read_dicts(engine, sa.select(t.reading).where(c.reader_id == reader_id).order_by(*_recorded(t.reading)))


def readings_of_study(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """Every reading of a study with case, record, reader and profile columns: what the exports are made of."""
    p = t.reader_profile.c
    statement = (
        sa.select(
            t.reading,
            t.assignment.c.position,
            t.study_case.c.round,
            t.study_case.c.truth_dx,
            t.study_case.c.held_out,
            t.study_case.c.record_id,
            t.record.c.image_id,
            t.record.c.lesion_id,
            t.record.c.verification_stage,
            t.reader.c.simulated,
            t.reader_withdrawal.c.reader_id.is_not(None).label("withdrawn"),
            t.assignment.c.part,
            t.assignment.c.period,
            t.assignment.c.occasion,
            begun_again().label("begun_again"),
            t.assignment.c.reading.label("reading_order"),
            t.reader_arm.c.arm,
            p.profession,
            p.years_experience,
            p.experience_group,
            p.age_group,
            p.gender,
            p.country,
        )
        .join(t.assignment, t.assignment.c.id == t.reading.c.assignment_id)
        .join(t.study_case, t.study_case.c.id == t.reading.c.case_id)
        .join(t.record, t.record.c.id == t.study_case.c.record_id)
        .join(t.reader, t.reader.c.id == t.reading.c.reader_id)
        .outerjoin(t.reader_profile, p.reader_id == t.reading.c.reader_id)
        .outerjoin(t.reader_arm, t.reader_arm.c.reader_id == t.reading.c.reader_id)
        .outerjoin(t.reader_withdrawal, t.reader_withdrawal.c.reader_id == t.reading.c.reader_id)
        .where(t.reading.c.study_id == study_id)
        .order_by(t.reading.c.reader_id, t.assignment.c.turn, t.reading.c.phase.desc())
    )
    return read_frame(engine, statement)


def count_practice_readings(engine: sa.Engine, study_id: str) -> int:
    """Number of answers to practice cases."""
    statement = (
        sa.select(sa.func.count().label("n"))
        .select_from(t.reading)
        .join(t.assignment, t.assignment.c.id == t.reading.c.assignment_id)
        .where(t.reading.c.study_id == study_id, t.assignment.c.practice)
    )
    return int(read_dicts(engine, statement)[0]["n"])


def count_readings_begun_again(engine: sa.Engine, study_id: str) -> int:
    """Number of answers in rounds that were begun again after them."""
    statement = (
        sa.select(sa.func.count().label("n"))
        .select_from(t.reading)
        .join(t.assignment, t.assignment.c.id == t.reading.c.assignment_id)
        .where(t.reading.c.study_id == study_id, t.reading.c.practice.is_(False), begun_again())
    )
    return int(read_dicts(engine, statement)[0]["n"])


def count_events(engine: sa.Engine, study_id: str, kind: str) -> int:
    """Number of session events of a kind."""
    statement = (
        sa.select(sa.func.count().label("n"))
        .select_from(t.session_event)
        .join(t.reader, t.reader.c.id == t.session_event.c.reader_id)
        .where(t.reader.c.study_id == study_id, t.session_event.c.kind == kind)
    )
    return int(read_dicts(engine, statement)[0]["n"])


def unaided_counts_by_record(engine: sa.Engine, dataset_id: str, *, include_simulated: bool) -> pd.DataFrame:
    """The crowd: how many readers chose each diagnosis without assistance, per record, over all studies.

    Simulated readers count only where the caller says so. Columns: record_id, dx, n.
    """
    statement = (
        sa.select(t.study_case.c.record_id, t.reading.c.dx, sa.func.count().label("n"))
        .join(t.study_case, t.study_case.c.id == t.reading.c.case_id)
        .join(t.study, t.study.c.id == t.reading.c.study_id)
        .join(t.reader, t.reader.c.id == t.reading.c.reader_id)
        # A hidden repeat is the same reader's word again.
        .join(t.assignment, t.assignment.c.id == t.reading.c.assignment_id)
        .where(
            t.study.c.dataset_id == dataset_id,
            t.reading.c.phase == "unaided",
            t.reading.c.practice.is_(False),
            t.reading.c.dx.is_not(None),
            t.assignment.c.occasion == 1,
            ~begun_again(),
        )
        .group_by(t.study_case.c.record_id, t.reading.c.dx)
    )
    if not include_simulated:
        statement = statement.where(t.reader.c.simulated.is_(False))
    return read_frame(engine, statement)


def stored_events(engine: sa.Engine, ids: Iterable[str]) -> set[str]:
    """Which of these session events are on disk."""
    c = t.session_event.c
    wanted = list(ids)
    return {row["id"] for row in read_dicts(engine, sa.select(c.id).where(c.id.in_(wanted)))} if wanted else set()


def count_events_of_reader(engine: sa.Engine, reader_id: str) -> int:
    """Number of session events of a reader."""
    statement = sa.select(sa.func.count().label("n")).where(t.session_event.c.reader_id == reader_id)
    return int(read_dicts(engine, statement)[0]["n"])


def events_of_reader(engine: sa.Engine, reader_id: str, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """A reader's session events of the given kinds in the order they were recorded."""
    c = t.session_event.c
    statement = sa.select(t.session_event).where(c.reader_id == reader_id, c.kind.in_(list(kinds)))
    return read_dicts(engine, statement.order_by(*_recorded(t.session_event)))


def events_of_kind(engine: sa.Engine, study_id: str, kind: str) -> list[dict[str, Any]]:
    """Session events of one kind of every reader of a study in the order they were recorded."""
    statement = sa.select(t.session_event).join(t.reader, t.reader.c.id == t.session_event.c.reader_id)
    wanted = statement.where(t.reader.c.study_id == study_id, t.session_event.c.kind == kind)
    return read_dicts(engine, wanted.order_by(*_recorded(t.session_event)))


def events_of_study(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """Session events of every reader of a study in the order they were recorded."""
    statement = (
        sa.select(t.session_event)
        .join(t.reader, t.reader.c.id == t.session_event.c.reader_id)
        .where(t.reader.c.study_id == study_id)
        .order_by(*_recorded(t.session_event))
    )
    return read_frame(engine, statement)


def crowd_shown(engine: sa.Engine, study_id: str) -> dict[str, dict[str, float]]:
    """The crowd's class shares per record as readers of a study were last shown them."""
    statement = (
        sa.select(t.study_case.c.record_id, t.reading.c.assistance)
        .join(t.study_case, t.study_case.c.id == t.reading.c.case_id)
        .where(t.reading.c.study_id == study_id, t.reading.c.modality == "crowd_probability")
        .where(t.reading.c.phase == "aided", t.reading.c.practice.is_(False))
        .order_by(*_recorded(t.reading))
    )
    with engine.connect() as connection:
        return {row.record_id: row.assistance["probabilities"] for row in connection.execute(statement).all()}
