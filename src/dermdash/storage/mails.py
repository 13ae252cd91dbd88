"""Mail about invitations: begun before it is sent, so that none goes out twice. Only inserted; it holds no address."""

from typing import Any
from uuid import uuid4

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from dermdash.storage import tables as t
from dermdash.storage.engine import now, retry_on_conflict
from dermdash.storage.results import read_frame


def begin_mail(
    engine: sa.Engine, *, invitation_id: str, kind: str, number: int, attempt: int, account_id: str
) -> str | None:
    """Say that a mail is about to be sent and return its id; None where somebody else has begun the same one."""
    mail_id = uuid4().hex
    values: dict[str, Any] = {
        "id": mail_id, "invitation_id": invitation_id, "kind": kind, "number": number, "attempt": attempt,
        "account_id": account_id, "begun_at": now(),
    }  # fmt: skip
    statement = insert(t.mail).values(**values).on_conflict_do_nothing().returning(t.mail.c.id)

    def work() -> str | None:
        with engine.begin() as connection:
            made = connection.execute(statement).scalar()
            return None if made is None else str(made)

    return retry_on_conflict(work)


def end_mail(engine: sa.Engine, mail_id: str, outcome: str, detail: str) -> None:
    """Say what became of a mail."""
    values = {"mail_id": mail_id, "outcome": outcome, "detail": detail, "ended_at": now()}
    with engine.begin() as connection:
        connection.execute(t.mail_outcome.insert().values(**values))


def mails_of_study(engine: sa.Engine, study_id: str) -> pd.DataFrame:
    """Every mail about invitations of a study in the order in which they were begun.

    Columns: invitation_id, label, kind, number, attempt, account_id, begun_at, outcome (null: broken off, perhaps
    sent), detail and ended_at.
    """
    m, o = t.mail.c, t.mail_outcome.c
    statement = (
        sa.select(
            m.invitation_id, t.invitation.c.label, m.kind, m.number, m.attempt, m.account_id, m.begun_at, o.outcome,
            o.detail, o.ended_at,
        )
        .join(t.invitation, t.invitation.c.id == m.invitation_id)
        .outerjoin(t.mail_outcome, o.mail_id == m.id)
        .where(t.invitation.c.study_id == study_id)
        .order_by(m.begun_at, m.id)
    )  # fmt: skip
    return read_frame(engine, statement)
