"""Studies, their cases, invitations, readers and assignments."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.errors import NotFound
from dermdash.storage import tables as t
from dermdash.storage.bulk import insert_missing
from dermdash.storage.consents import insert_consent
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.order import next_number
from dermdash.storage.results import read_dicts, read_frame

RENEWED, WITHDRAWN = "renewed", "withdrawn"
"""Kinds of changes of an invitation; the latest one holds."""


def save_study(engine: sa.Engine, *, values: Mapping[str, Any], cases: Sequence[Mapping[str, Any]]) -> None:
    """Store a frozen study with its cases in one transaction; nothing of it is ever updated."""
    with engine.begin() as connection:
        secret = {"frozen_at": now(), "image_key": secrets.token_hex(16)}
        connection.execute(t.study.insert().values(secret | dict(values)))
        insert_missing(connection, t.study_case, cases)


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
    """One case, with the hash of its image."""
    statement = (
        sa.select(t.study_case, t.record.c.image_sha256)
        .join(t.record, t.record.c.id == t.study_case.c.record_id)
        .where(t.study_case.c.id == case_id)
    )
    rows = read_dicts(engine, statement)
    if not rows:
        raise NotFound("This case is not part of the workspace.")
    return rows[0]


def save_invitations(engine: sa.Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store invitations (id, study_id, token_hash, label)."""
    moment = now()
    with engine.begin() as connection:
        insert_missing(connection, t.invitation, [{**row, "created_at": moment} for row in rows])


def list_invitations(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """Invitations of a study in the order they were made.

    Columns: id, label, created_at, reader_id (null until consent), renewed_at (of the link in use, null for the first),
    withdrawn_at (null while a link admits).
    """
    i, latest = t.invitation.c, _latest_changes().subquery()

    def moment_of(kind: str) -> sa.ColumnElement[Any]:
        return sa.case((latest.c.kind == kind, latest.c.changed_at))

    statement = (
        sa.select(
            i.id,
            i.label,
            i.created_at,
            moment_of(RENEWED).label("renewed_at"),
            moment_of(WITHDRAWN).label("withdrawn_at"),
            t.reader.c.id.label("reader_id"),
        )
        .outerjoin(latest, latest.c.invitation_id == i.id)
        .outerjoin(t.reader, t.reader.c.invitation_id == i.id)
        .where(i.study_id == study_id)
        .order_by(i.created_at, i.label)
    )
    return read_frame(engine, statement)


def _latest_changes() -> sa.Select[Any]:
    """The latest withdrawal or renewal of each invitation that had one."""
    c = t.invitation_change.c
    rank = sa.func.row_number().over(partition_by=c.invitation_id, order_by=(c.sequence.desc(), c.id))
    ranked = sa.select(t.invitation_change, rank.label("rank")).subquery()
    return sa.select(ranked).where(ranked.c.rank == 1)


def save_invitation_change(
    engine: sa.Engine, invitation_id: str, kind: str, *, token_hash: str | None = None, changed_by: str
) -> None:
    """Append that an invitation was withdrawn, or renewed with another token; its readings stay."""
    values = {
        "id": uuid4().hex, "invitation_id": invitation_id, "kind": kind, "token_hash": token_hash,
        "changed_at": now(), "changed_by": changed_by,
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(
            t.invitation_change.insert().values(sequence=next_number(connection, t.invitation_change), **values)
        )


def latest_invitation_change(engine: sa.Engine, invitation_id: str) -> dict[str, Any] | None:
    """The latest withdrawal or renewal of an invitation (kind, token_hash), None where there was none."""
    c = t.invitation_change.c
    statement = sa.select(c.kind, c.token_hash).where(c.invitation_id == invitation_id)
    rows = read_dicts(engine, statement.order_by(c.sequence.desc(), c.id).limit(1))
    return rows[0] if rows else None


def get_invitation(engine: sa.Engine, invitation_id: str) -> dict[str, Any]:
    """One invitation (id, study_id, label), or NotFound."""
    i = t.invitation.c
    rows = read_dicts(engine, sa.select(i.id, i.study_id, i.label).where(i.id == invitation_id))
    if not rows:
        raise NotFound(f"There is no invitation {invitation_id!r} in this workspace.")
    return rows[0]


def invitation_by_token_hash(engine: sa.Engine, token_hash: str) -> dict[str, Any] | None:
    """The invitation one of whose links ever had that token, or None. None of it ever changes.

    Keys: id, study_id, label, and ``first``: whether it is the token that the invitation was made with.
    """
    i, c = t.invitation.c, t.invitation_change.c
    renewed = sa.select(c.invitation_id).where(c.token_hash == token_hash)
    statement = sa.select(i.id, i.study_id, i.label, (i.token_hash == token_hash).label("first"))
    rows = read_dicts(engine, statement.where(sa.or_(i.token_hash == token_hash, i.id.in_(renewed))))
    return rows[0] if rows else None


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
        .where(a.practice.is_(False))
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


def browser_name(engine: sa.Engine, reader_id: str) -> str:
    """Under which name a reader's browser knows them."""
    return str(
        read_dicts(engine, sa.select(t.reader.c.browser_name).where(t.reader.c.id == reader_id))[0]["browser_name"]
    )


def save_profile(engine: sa.Engine, *, values: Mapping[str, Any]) -> None:
    """Store a reader's profile; the first one stands."""
    statement = insert(t.reader_profile).values(created_at=now(), **values).on_conflict_do_nothing()
    retry_on_conflict(lambda: _execute(engine, statement))


def _execute(engine: sa.Engine, statement: sa.Insert) -> None:
    with engine.begin() as connection:
        connection.execute(statement)


def get_profile(engine: sa.Engine, reader_id: str) -> dict[str, Any] | None:
    """A reader's profile, None before it was given."""
    rows = read_dicts(engine, sa.select(t.reader_profile).where(t.reader_profile.c.reader_id == reader_id))
    return rows[0] if rows else None


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


def completed_by_case_and_modality(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """How often each case was completed under each modality: case_id, modality, n.

    A case without assistance is complete after its unaided answer, any other after its aided one; a hidden repeat is
    no further completion.
    """
    c = t.reading.c
    statement = (
        sa.select(c.case_id, c.modality, sa.func.count().label("n"))
        .join(t.assignment, sa.and_(t.assignment.c.id == c.assignment_id, t.assignment.c.occasion == 1))
        .where(c.study_id == study_id, c.practice.is_(False))
        .where(sa.or_(c.phase == "aided", c.modality == "none"))
        .group_by(c.case_id, c.modality)
    )
    return read_frame(engine, statement)
