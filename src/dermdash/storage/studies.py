"""Studies, their cases, readers and assignments."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.errors import NotFound
from dermdash.storage import tables as t
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_dicts, read_frame


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


def reader_of_invitation(engine: sa.Engine, invitation_id: str) -> str | None:
    """The reader an invitation led to, None before consent. Once there it never changes."""
    rows = read_dicts(engine, sa.select(t.reader.c.id).where(t.reader.c.invitation_id == invitation_id))
    return str(rows[0]["id"]) if rows else None


def save_reader(engine: sa.Engine, *, values: Mapping[str, Any], assignments: Sequence[Mapping[str, Any]]) -> str:
    """Create the reader of an invitation with all assignments at once and return its id.

    A second consent under the same invitation (two tabs) returns the reader the first one made.
    """

    def work() -> str:
        with engine.begin() as connection:
            fresh = {"consented_at": now(), "browser_name": secrets.token_hex(16)}
            statement = insert(t.reader).values(fresh | dict(values)).on_conflict_do_nothing()
            created = connection.execute(statement.returning(t.reader.c.id)).scalar()
            if created is None:
                existing = sa.select(t.reader.c.id).where(t.reader.c.invitation_id == values["invitation_id"])
                return str(connection.execute(existing).scalar_one())
            insert_missing(connection, t.assignment, assignments)
            return str(created)

    return retry_on_conflict(work)


def study_of_reader(engine: sa.Engine, reader_id: str) -> str:
    """The study that a reader takes part in."""
    return str(read_dicts(engine, sa.select(t.reader.c.study_id).where(t.reader.c.id == reader_id))[0]["study_id"])


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
    """A reader's assignments in reading order: practice first."""
    c = t.assignment.c
    statement = sa.select(t.assignment).where(c.reader_id == reader_id)
    return read_dicts(engine, statement.order_by(c.practice.desc(), c.position))


def completed_by_case_and_modality(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """How often each case was completed under each modality: case_id, modality, n.

    A case without assistance is complete after its unaided answer, any other after its aided one.
    """
    c = t.reading.c
    statement = (
        sa.select(c.case_id, c.modality, sa.func.count().label("n"))
        .where(c.study_id == study_id, c.practice.is_(False))
        .where(sa.or_(c.phase == "aided", c.modality == "none"))
        .group_by(c.case_id, c.modality)
    )
    return read_frame(engine, statement)
