"""Whom to remind: who was invited and has not begun, who stopped half way, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import pandas as pd

from dermdash.storage import invitations, mails, studies, study_acts, study_progress
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study.protocol_of_study import protocol_of

USUAL_DAYS = 7


class Waiting(StrEnum):
    """What a reader has not done yet."""

    NOT_OPENED = "not_opened"
    NOT_STARTED = "not_started"
    STOPPED = "stopped"

    @property
    def label(self) -> str:
        """For people."""
        return _LABELS[self]


_LABELS = {
    Waiting.NOT_OPENED: "has not taken part yet",
    Waiting.NOT_STARTED: "consented and answered nothing",
    Waiting.STOPPED: "stopped half way",
}


@dataclass(frozen=True, slots=True)
class ToRemind:
    """Somebody whose way is not finished and who has not been heard of since ``since`` (UTC).

    ``mailed_at``: when they were last written to.
    """

    invitation_id: str
    label: str
    waiting: Waiting
    since: datetime
    cases_done: int
    cases_total: int
    reader_id: str | None
    address: str | None
    language: str | None
    mailed_at: datetime | None


def to_remind(workspace: Workspace, study_id: str, *, days: int = USUAL_DAYS) -> tuple[ToRemind, ...]:
    """Who has not been heard of, nor written to, for so many days, the longest first.

    Left out are withdrawn invitations, those nobody can begin with any more, links of groups, and readers for whom
    there was no place.
    """
    moment = now()
    answers = study_progress.answers_by_reader(workspace.engine, study_id, fast_ms=0).set_index("reader_id")
    consented = study_progress.consent_by_reader(workspace.engine, study_id)
    away = study_acts.turned_away(workspace.engine, study_id)
    cases = protocol_of(workspace, study_id).read_by_one
    assigned = studies.assigned_cases(workspace.engine, study_id)
    mailed = _last_mailed(workspace, study_id)
    found = []
    for row in invitations.list_invitations(workspace.engine, study_id).to_dict("records"):
        reader = row["reader_id"]
        over = reader is None and not pd.isna(row["until"]) and row["until"] <= moment
        if not pd.isna(row["public"]) or not pd.isna(row["withdrawn_at"]) or over or reader in away:
            continue
        total = cases if reader is None else assigned.get(reader, cases)
        told = answers.loc[reader] if reader in answers.index else None
        each = _waiting(row, None if reader is None else consented[reader], told, total, mailed.get(row["id"]))
        if each is not None and max(each.since, each.mailed_at or each.since) <= moment - timedelta(days=days):
            found.append(each)
    return tuple(sorted(found, key=lambda each: (each.since, each.label)))


def _waiting(
    row: Mapping[Any, Any],
    consented_at: datetime | None,
    answers: pd.Series | None,
    total: int,
    mailed_at: datetime | None,
) -> ToRemind | None:
    done = 0 if answers is None else int(answers["cases_done"])
    if done >= total:
        return None
    if consented_at is None:
        waiting, since = Waiting.NOT_OPENED, row["created_at"]
    elif answers is None:
        waiting, since = Waiting.NOT_STARTED, consented_at
    else:
        waiting, since = Waiting.STOPPED, answers["last_at"]
    return ToRemind(
        row["id"], row["label"], waiting, since, done, total, row["reader_id"], row["address"], row["language"],
        mailed_at,
    )  # fmt: skip


def _last_mailed(workspace: Workspace, study_id: str) -> dict[str, datetime]:
    """When each invitation was last written about, as far as the mail went out or may have."""
    frame = mails.mails_of_study(workspace.engine, study_id)
    out = frame[frame["outcome"] != "failed"]
    return dict(zip(out["invitation_id"], out["begun_at"], strict=True))
