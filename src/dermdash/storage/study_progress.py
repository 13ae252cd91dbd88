"""How far a study is, counted by the database: a page that is drawn every few seconds cannot read every answer."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.results import read_dicts, read_frame


def _median(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.percentile_cont(0.5).within_group(column)


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _of_study(study_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (t.reading.c.study_id == study_id, t.reading.c.practice.is_(False))


def answers_by_reader(engine: sa.Engine, study_id: str, *, fast_ms: float) -> pd.DataFrame:
    """One row per reader who has answered a case that counts.

    Columns: reader_id, unaided and answers (of both phases), cases_done (complete: after the aided answer, or the only
    one), median_ms and fast (faster than ``fast_ms``) of unaided answers, odd_times (that the server's clock
    contradicts), first_at and last_at.
    """
    r = t.reading.c
    unaided = r.phase == "unaided"
    statement = (
        sa.select(
            r.reader_id,
            _count(unaided).label("unaided"),
            sa.func.count().label("answers"),
            _count(sa.or_(r.phase == "aided", r.modality == "none")).label("cases_done"),
            _median(sa.case((unaided, r.client_ms))).label("median_ms"),
            _count(sa.and_(unaided, r.client_ms < fast_ms)).label("fast"),
            _count(r.time_check.is_not(None)).label("odd_times"),
            sa.func.min(r.recorded_at).label("first_at"),
            sa.func.max(r.recorded_at).label("last_at"),
        )
        .where(*_of_study(study_id))
        .group_by(r.reader_id)
    )
    return read_frame(engine, statement)


def diagnoses_by_reader(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """How often each reader gave each diagnosis without assistance: reader_id, dx, n."""
    r = t.reading.c
    statement = sa.select(r.reader_id, r.dx, sa.func.count().label("n")).where(
        *_of_study(study_id), r.phase == "unaided"
    )
    return read_frame(engine, statement.group_by(r.reader_id, r.dx))


def answers_by_position(engine: sa.Engine, study_id: str, malignant: Collection[str]) -> pd.DataFrame:
    """One row per place in the readers' orders, of unaided answers alone.

    Columns: position, n, median_ms, log_ratio (mean over readers of the logarithm of the time, less the reader's own
    mean), malignant (answers that name one of these diagnoses). Nothing here knows a true diagnosis or a modality.
    """
    r, a = t.reading.c, t.assignment.c
    log_ms = sa.func.ln(sa.func.greatest(r.client_ms, 1.0))
    own = sa.func.avg(log_ms).over(partition_by=r.reader_id)
    answers = (
        sa.select(a.position, r.client_ms, r.dx, (log_ms - own).label("log_ratio"))
        .join(t.assignment, a.id == r.assignment_id)
        .where(*_of_study(study_id), r.phase == "unaided")
        .subquery()
        .c
    )
    statement = sa.select(
        answers.position,
        sa.func.count().label("n"),
        _median(answers.client_ms).label("median_ms"),
        sa.func.avg(answers.log_ratio).label("log_ratio"),
        _count(answers.dx.in_(sorted(malignant))).label("malignant"),
    )
    return read_frame(engine, statement.group_by(answers.position).order_by(answers.position))


def modality_balance(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """How often each modality was assigned and completed: modality, assigned, completed.

    Practice is left out, and so are readers for whom there was no place.
    """
    a, r = t.assignment.c, t.reading.c
    done = (
        sa.select(r.modality, sa.func.count().label("completed"))
        .where(*_of_study(study_id), sa.or_(r.phase == "aided", r.modality == "none"))
        .group_by(r.modality)
        .subquery()
    )
    admission = t.reader_admission.c
    no_place = sa.select(admission.reader_id).where(admission.study_id == study_id, admission.full.is_not(None))
    given = (
        sa.select(a.modality, sa.func.count().label("assigned"))
        .join(t.reader, t.reader.c.id == a.reader_id)
        .where(t.reader.c.study_id == study_id, a.practice.is_(False), a.reader_id.not_in(no_place))
        .group_by(a.modality)
        .subquery()
    )
    completed = sa.func.coalesce(done.c.completed, 0).label("completed")
    statement = sa.select(given.c.modality, given.c.assigned, completed).outerjoin(
        done, done.c.modality == given.c.modality
    )
    return read_frame(engine, statement.order_by(given.c.modality))


def completed_by_case(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """How evenly cases were completed under each modality: modality, fewest, most, and cases that were at all."""
    r = t.reading.c
    done = (
        sa.select(r.case_id, r.modality, sa.func.count().label("n"))
        .where(*_of_study(study_id), sa.or_(r.phase == "aided", r.modality == "none"))
        .group_by(r.case_id, r.modality)
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


def consented_at(engine: sa.Engine, study_id: str) -> dict[str, datetime]:
    """When each reader of a study consented."""
    r = t.reader.c
    rows = read_dicts(engine, sa.select(r.id, r.consented_at).where(r.study_id == study_id))
    return {str(row["id"]): row["consented_at"] for row in rows}


def how_far(engine: sa.Engine, study_id: str) -> tuple[int, int, int]:
    """Readings, readers and invitations of a study: while they are the same, so is all that is counted of it."""
    counts = [
        sa.select(sa.func.count()).where(table.c.study_id == study_id).scalar_subquery()
        for table in (t.reading, t.reader, t.invitation)
    ]
    (row,) = read_dicts(engine, sa.select(*(count.label(f"n{i}") for i, count in enumerate(counts))))
    return int(row["n0"]), int(row["n1"]), int(row["n2"])
