"""How far a study is, counted by the database: a page that is drawn every few seconds cannot read every answer."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.results import read_dicts, read_frame
from dermdash.storage.studies import begun_again


def _median(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.percentile_cont(0.5).within_group(column)


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _counted(study_id: str) -> sa.Select[Any]:
    """Answers to cases that count, with their assignments; practice, checks and rounds begun again are left out."""
    r, a = t.reading.c, t.assignment.c
    joined = sa.select().join_from(t.reading, t.assignment, a.id == r.assignment_id)
    return joined.where(r.study_id == study_id, r.practice.is_(False), ~begun_again())


_R, _A = t.reading.c, t.assignment.c
_FIRST = sa.or_(_R.phase == "unaided", _A.reading == "aided")
"""The answer to a case that comes first: without assistance, or the only one there is."""
_LAST = sa.or_(_R.phase == "aided", _R.modality == "none", _A.reading == "unaided")
"""The answer that completes a case."""


def answers_by_reader(engine: sa.Engine, study_id: str, *, fast_ms: float) -> pd.DataFrame:
    """One row per reader who has answered a case that counts.

    Columns: reader_id, first (first answers to a case) and answers (all), cases_done (complete, repeats left out),
    median_ms and fast (faster than ``fast_ms``) of first answers, odd_times (that the server's clock contradicts),
    first_at and last_at (of the answers that were recorded first and last, whatever a clock said).
    """
    moments = _moments(study_id).subquery()
    statement = (
        _counted(study_id)
        .add_columns(
            _R.reader_id,
            _count(_FIRST).label("first"),
            sa.func.count().label("answers"),
            _count(sa.and_(_LAST, _A.occasion == 1)).label("cases_done"),
            _median(sa.case((_FIRST, _R.client_ms))).label("median_ms"),
            _count(sa.and_(_FIRST, _R.client_ms < fast_ms)).label("fast"),
            _count(_R.time_check.is_not(None)).label("odd_times"),
            moments.c.first_at,
            moments.c.last_at,
        )
        .join(moments, moments.c.reader_id == _R.reader_id)
        .group_by(_R.reader_id, moments.c.first_at, moments.c.last_at)
    )
    return read_frame(engine, statement)


def _moments(study_id: str) -> sa.Select[Any]:
    """Of each reader: when their first and their last answer to a case that counts was recorded, in their order."""
    forwards = (_R.sequence, _R.recorded_at, _R.id)
    backwards = tuple(column.desc() for column in forwards)

    def first_of(order: tuple[sa.ColumnElement[Any], ...]) -> sa.ColumnElement[Any]:
        return sa.func.first_value(_R.recorded_at).over(partition_by=_R.reader_id, order_by=order)

    return (
        _counted(study_id)
        .add_columns(_R.reader_id, first_of(forwards).label("first_at"), first_of(backwards).label("last_at"))
        .distinct()
    )


def diagnoses_by_reader(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """How often each reader gave each diagnosis as the first answer to a case: reader_id, dx, n."""
    counted = _counted(study_id).add_columns(_R.reader_id, _R.dx, sa.func.count().label("n"))
    return read_frame(engine, counted.where(_FIRST).group_by(_R.reader_id, _R.dx))


def answers_by_position(engine: sa.Engine, study_id: str, malignant: Collection[str]) -> pd.DataFrame:
    """One row per place in the readers' orders, of first answers alone; hidden repeats are left out.

    Columns: period, position (within it), n, median_ms, log_ratio (mean over readers of the logarithm of the time, less
    the reader's own mean), malignant (answers that name one of these diagnoses). Nothing here knows a true diagnosis or
    a modality.
    """
    log_ms = sa.func.ln(sa.func.greatest(_R.client_ms, 1.0))
    own = sa.func.avg(log_ms).over(partition_by=_R.reader_id)
    answers = (
        _counted(study_id)
        .add_columns(_A.period, _A.position, _R.client_ms, _R.dx, (log_ms - own).label("log_ratio"))
        .where(_FIRST, _A.occasion == 1)
        .subquery()
        .c
    )
    statement = sa.select(
        answers.period,
        answers.position,
        sa.func.count().label("n"),
        _median(answers.client_ms).label("median_ms"),
        sa.func.avg(answers.log_ratio).label("log_ratio"),
        _count(answers.dx.in_(sorted(malignant))).label("malignant"),
    )
    return read_frame(
        engine, statement.group_by(answers.period, answers.position).order_by(answers.period, answers.position)
    )


def checks_by_reader(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """Attention checks that were answered: reader_id, dx, confidence and expected (dx, confidence)."""
    c = t.study_case.c
    statement = (
        sa.select(_R.reader_id, _R.dx, _R.confidence, c.expected)
        .join_from(t.reading, t.assignment, _A.id == _R.assignment_id)
        .join(t.study_case, c.id == _R.case_id)
        .where(_R.study_id == study_id, _A.part == "check", _FIRST)
    )
    return read_frame(engine, statement)


def repeats_by_reader(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """Hidden repeats that were answered: reader_id, n, and ``same``, those answered as the first time."""
    again, given = t.reading.alias("again"), t.assignment.alias("given_again")
    statement = (
        _counted(study_id)
        .add_columns(_R.reader_id, sa.func.count().label("n"), _count(_R.dx == again.c.dx).label("same"))
        .join(
            given,
            sa.and_(
                given.c.reader_id == _A.reader_id,
                given.c.case_id == _A.case_id,
                given.c.period == _A.period,
                given.c.attempt == _A.attempt,
                given.c.occasion > 1,
            ),
        )
        .join(again, sa.and_(again.c.assignment_id == given.c.id, again.c.phase == _R.phase))
        .where(_FIRST, _A.occasion == 1)
        .group_by(_R.reader_id)
    )
    return read_frame(engine, statement)


def modality_balance(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """How often each modality was assigned and completed: modality, assigned, completed.

    Practice and hidden repeats are left out, and so are readers for whom there was no place.
    """
    admission = t.reader_admission.c
    no_place = sa.select(admission.reader_id).where(admission.study_id == study_id, admission.full.is_not(None))
    done = (
        _counted(study_id)
        .add_columns(_R.modality, sa.func.count().label("completed"))
        .where(_LAST, _A.occasion == 1)
        .group_by(_R.modality)
        .subquery()
    )
    given = (
        sa.select(_A.modality, sa.func.count().label("assigned"))
        .join(t.reader, t.reader.c.id == _A.reader_id)
        .where(t.reader.c.study_id == study_id, _A.practice.is_(False), _A.occasion == 1, _A.attempt == 1)
        .where(_A.reader_id.not_in(no_place))
        .group_by(_A.modality)
        .subquery()
    )
    completed = sa.func.coalesce(done.c.completed, 0).label("completed")
    statement = sa.select(given.c.modality, given.c.assigned, completed).outerjoin(
        done, done.c.modality == given.c.modality
    )
    return read_frame(engine, statement.order_by(given.c.modality))


def completed_by_case(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """How evenly cases were completed under each modality: modality, fewest, most, and cases that were at all."""
    done = (
        _counted(study_id)
        .add_columns(_R.case_id, _R.modality, sa.func.count().label("n"))
        .where(_LAST, _A.occasion == 1)
        .group_by(_R.case_id, _R.modality)
        .subquery()
        .c
    )
    statement = sa.select(
        done.modality,
        sa.func.min(done.n).label("fewest"),
        sa.func.max(done.n).label("most"),
        sa.func.count().label("cases"),
    )
    return read_frame(engine, statement.group_by(done.modality).order_by(done.modality))


def arm_by_reader(engine: sa.Engine, study_id: str) -> dict[str, str]:
    """The arm of each reader of a study who has one."""
    c = t.reader_arm.c
    rows = read_dicts(engine, sa.select(c.reader_id, c.arm).where(c.study_id == study_id))
    return {str(row["reader_id"]): str(row["arm"]) for row in rows}


def events_by_reader(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """How often each kind of event happened to each reader: reader_id, kind, n."""
    e = t.session_event.c
    statement = (
        sa.select(e.reader_id, e.kind, sa.func.count().label("n"))
        .join(t.reader, t.reader.c.id == e.reader_id)
        .where(t.reader.c.study_id == study_id)
        .group_by(e.reader_id, e.kind)
    )
    return read_frame(engine, statement)


def consent_by_reader(engine: sa.Engine, study_id: str) -> dict[str, datetime]:
    """When each reader of a study consented."""
    r = t.reader.c
    rows = read_dicts(engine, sa.select(r.id, r.consented_at).where(r.study_id == study_id))
    return {str(row["id"]): row["consented_at"] for row in rows}
