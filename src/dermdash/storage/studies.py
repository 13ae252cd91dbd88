"""Studies, their cases, readers and assignments."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.errors import NotFound
from dermdash.storage import tables as t
from dermdash.storage.bulk import insert_missing
from dermdash.storage.consents import insert_consent
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts, read_frame


def save_study(
    engine: sa.Engine,
    *,
    values: Mapping[str, Any],
    cases: Sequence[Mapping[str, Any]],
    exchanges: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Store a frozen study with its cases, and the exchanges they come of, in one transaction; nothing is updated."""
    with engine.begin() as connection:
        secret = {"frozen_at": now(), "image_key": secrets.token_hex(16)}
        connection.execute(t.study.insert().values(secret | dict(values)))
        insert_missing(connection, t.study_case, cases)
        insert_missing(connection, t.study_exchange, exchanges)


def list_studies(engine: sa.Engine) -> list[dict[str, Any]]:
    """Every study with its numbers of readers and readings (practice left out), newest first."""
    readers = sa.select(sa.func.count()).where(t.reader.c.study_id == t.study.c.id).scalar_subquery()
    readings = (
        sa.select(sa.func.count())
        .where(t.reading.c.study_id == t.study.c.id, t.reading.c.practice.is_(False))
        .scalar_subquery()
    )
    statement = sa.select(t.study, readers.label("readers"), readings.label("readings"))
    return read_dicts(engine, statement.order_by(t.study.c.frozen_at.desc()))


def get_study(engine: sa.Engine, study_id: str) -> dict[str, Any]:
    """One study, or NotFound."""
    rows = read_dicts(engine, sa.select(t.study).where(t.study.c.id == study_id))
    if not rows:
        raise NotFound(f"There is no study {study_id!r} in this workspace.")
    return rows[0]


def cases_of_study(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """The cases of a study, practice cases first, in drawing order."""
    c = t.study_case.c
    return read_frame(
        engine,
        sa.select(t.study_case).where(c.study_id == study_id).order_by(c.practice.desc(), c.round, c.position),
    )


def get_case(engine: sa.Engine, case_id: str) -> dict[str, Any]:
    """Record, what stands beside it and what a check expects: what of a case never changes, but for its assistance."""
    c = t.study_case.c
    statement = sa.select(c.record_id, c.beside, c.expected).where(c.id == case_id)
    rows = read_dicts(engine, statement)
    if not rows:
        raise NotFound("This case is not part of the workspace.")
    return rows[0]


def reader_of_invitation(engine: sa.Engine, invitation_id: str) -> str | None:
    """The reader an invitation led to, None before consent. Once there it never changes."""
    rows = read_dicts(engine, sa.select(t.reader.c.id).where(t.reader.c.invitation_id == invitation_id))
    return str(rows[0]["id"]) if rows else None


def save_reader(
    engine: sa.Engine,
    *,
    values: Mapping[str, Any],
    assignments: Sequence[Mapping[str, Any]],
    arm: Mapping[str, Any] | None = None,
    consent: Mapping[str, Any] | None = None,
) -> str:
    """Create the reader of an invitation with arm and all assignments at once and return its id.

    Both may come later (`save_assignments`). A second consent under the same invitation (two tabs) returns the reader
    the first one made. ``consent``: what a person agreed to (`dermdash.storage.consents.consent_values`); simulated
    readers agree to nothing.
    """

    def work() -> str:
        with engine.begin() as connection:
            fresh = {"consented_at": now(), "browser_name": secrets.token_hex(16)}
            statement = insert(t.reader).values(fresh | dict(values)).on_conflict_do_nothing()
            created = connection.execute(statement.returning(t.reader.c.id)).scalar()
            if created is None:
                existing = sa.select(t.reader.c.id).where(t.reader.c.invitation_id == values["invitation_id"])
                return str(connection.execute(existing).scalar_one())
            if arm is not None:
                connection.execute(t.reader_arm.insert().values(drawn_at=now(), **arm))
            insert_missing(connection, t.assignment, assignments)
            if consent is not None:
                insert_consent(connection, str(created), consent)
            return str(created)

    return retry_on_conflict(work)


def save_assignments(engine: sa.Engine, *, arm: Mapping[str, Any], assignments: Sequence[Mapping[str, Any]]) -> None:
    """Give a reader their arm and assignments; the first ones stand."""

    def work() -> None:
        with engine.begin() as connection:
            statement = insert(t.reader_arm).values(drawn_at=now(), **arm).on_conflict_do_nothing()
            if connection.execute(statement.returning(t.reader_arm.c.reader_id)).scalar() is not None:
                insert_missing(connection, t.assignment, assignments)

    retry_on_conflict(work)


def save_further_assignments(engine: sa.Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append the assignments of a round that begins again; of two tabs that do so at once one wins."""
    statement = insert(t.assignment).on_conflict_do_nothing()

    def work() -> None:
        with engine.begin() as connection:
            for row in rows:
                connection.execute(statement.values(dict(row)))

    retry_on_conflict(work)


def arms_of_readers(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """The readers of a study who have an arm, in the order they got it.

    Columns: reader_id, arm, stratum, serial, ``assigned`` and ``answered`` (cases of the study's own that are theirs,
    and answers to them), last_answer_at (null before the first).
    """
    r, a = t.reading.c, t.assignment.c
    answers = (
        sa.select(
            r.reader_id,
            sa.func.count(sa.distinct(r.assignment_id)).label("answered"),
            sa.func.max(r.recorded_at).label("last_answer_at"),
        )
        .where(r.study_id == study_id, r.practice.is_(False))
        .group_by(r.reader_id)
        .subquery()
    )
    assigned = (
        sa.select(a.reader_id, sa.func.count().label("assigned"))
        .where(a.practice.is_(False), a.attempt == 1)
        .group_by(a.reader_id)
        .subquery()
    )
    arm = t.reader_arm.c
    statement = (
        sa.select(
            arm.reader_id,
            arm.arm,
            arm.stratum,
            arm.serial,
            arm.drawn_at,
            sa.func.coalesce(assigned.c.assigned, 0).label("assigned"),
            sa.func.coalesce(answers.c.answered, 0).label("answered"),
            answers.c.last_answer_at,
        )
        .outerjoin(assigned, assigned.c.reader_id == arm.reader_id)
        .outerjoin(answers, answers.c.reader_id == arm.reader_id)
        .where(arm.study_id == study_id)
        .order_by(arm.serial, arm.reader_id)
    )
    return read_frame(engine, statement)


def study_of_reader(engine: sa.Engine, reader_id: str) -> str:
    """The study a reader takes part in."""
    c = t.reader.c
    rows = read_dicts(engine, sa.select(c.study_id).where(c.id == reader_id))
    if not rows:
        raise NotFound(f"There is no reader {reader_id!r} in this workspace.")
    return str(rows[0]["study_id"])


def consented_at(engine: sa.Engine, reader_id: str) -> datetime:
    """When a reader began."""
    rows = read_dicts(engine, sa.select(t.reader.c.consented_at).where(t.reader.c.id == reader_id))
    moment: datetime = rows[0]["consented_at"]
    return moment


def browser_name(engine: sa.Engine, reader_id: str) -> str:
    """Under which name a reader's browser knows them."""
    return str(
        read_dicts(engine, sa.select(t.reader.c.browser_name).where(t.reader.c.id == reader_id))[0]["browser_name"]
    )


def get_profile(engine: sa.Engine, reader_id: str) -> dict[str, Any] | None:
    """A reader's profile, None before it was given."""
    rows = read_dicts(engine, sa.select(t.reader_profile).where(t.reader_profile.c.reader_id == reader_id))
    return rows[0] if rows else None


def reader_ids(engine: sa.Engine, study_id: str) -> list[str]:
    """The readers of a study, in the order in which they consented."""
    c = t.reader.c
    statement = sa.select(c.id).where(c.study_id == study_id).order_by(c.consented_at, c.id)
    return [str(row["id"]) for row in read_dicts(engine, statement)]


def readers_of_study(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """Readers with profile and label of the invitation."""
    p = t.reader_profile.c
    statement = (
        sa.select(
            t.reader,
            t.invitation.c.label,
            p.profession,
            p.years_experience,
            p.age_group,
            p.gender,
            p.country,
        )
        .join(t.invitation, t.invitation.c.id == t.reader.c.invitation_id)
        .outerjoin(t.reader_profile, p.reader_id == t.reader.c.id)
        .where(t.reader.c.study_id == study_id)
        .order_by(t.reader.c.consented_at)
    )
    return read_frame(engine, statement)


def assignments_of_reader(engine: sa.Engine, reader_id: str) -> list[dict[str, Any]]:
    """A reader's assignments in reading order, each with ``round`` and ``expected`` of its case."""
    c, case = t.assignment.c, t.study_case.c
    statement = (
        sa.select(t.assignment, case.round, case.expected)
        .join(t.study_case, case.id == c.case_id)
        .where(c.reader_id == reader_id)
    )
    return read_dicts(engine, statement.order_by(c.turn))


def begun_again() -> sa.ColumnElement[bool]:
    """Of an assignment: whether its round was begun again after it."""
    a, later = t.assignment.c, t.assignment.alias("later_attempt")
    same = [later.c[name] == a[name] for name in ("reader_id", "case_id", "period", "occasion")]
    return sa.select(sa.literal(1)).where(*same, later.c.attempt > a.attempt).correlate(t.assignment).exists()


def assigned_cases(engine: sa.Engine, study_id: str) -> dict[str, int]:
    """How many different cases of the study's own each reader has to read in all periods, repeats left out."""
    a = t.assignment.c
    statement = (
        sa.select(a.reader_id, sa.func.count().label("n"))
        .join(t.reader, t.reader.c.id == a.reader_id)
        .where(t.reader.c.study_id == study_id, a.practice.is_(False), a.attempt == 1, a.occasion == 1)
        .group_by(a.reader_id)
    )
    return {row["reader_id"]: int(row["n"]) for row in read_dicts(engine, statement)}


def completed_by_case_and_modality(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """How often each case was completed under each modality: case_id, modality, n.

    A case without assistance is complete after its unaided answer, any other after its aided one; a hidden repeat is
    no further completion.
    """
    c = t.reading.c
    statement = (
        sa.select(c.case_id, c.modality, sa.func.count().label("n"))
        .join(t.assignment, sa.and_(t.assignment.c.id == c.assignment_id, t.assignment.c.occasion == 1))
        .where(c.study_id == study_id, c.practice.is_(False), ~begun_again())
        .where(sa.or_(c.phase == "aided", c.modality == "none"))
        .group_by(c.case_id, c.modality)
    )
    return read_frame(engine, statement)
