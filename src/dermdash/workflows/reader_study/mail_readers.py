"""Send invitations and reminders by mail, each with a link of its own; what was begun or sent is never sent again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from dermdash.errors import InvalidInput, MailServerAway
from dermdash.reader_study.mail_texts import LINK, MailKind, MailText, mail_text, until_words
from dermdash.reader_study.reader_way import reader_way
from dermdash.storage import invitations, mails, studies
from dermdash.storage.workspace import Workspace
from dermdash.wording import day
from dermdash.workflows.mail_server import MailConnection, MailOutcome, connected
from dermdash.workflows.reader_study.invitations import add_link
from dermdash.workflows.reader_study.protocol_of_study import protocol_of
from dermdash.workflows.reader_study.reading_standing import load_session
from dermdash.workflows.reader_study.reminders import USUAL_DAYS, to_remind

Texts = Mapping[str, MailText]
_DONE = (MailOutcome.SENT, MailOutcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class ToMail:
    """A mail that is due: to whom, which of its kind, and which attempt at it."""

    invitation_id: str
    label: str
    address: str
    language: str
    kind: MailKind
    number: int
    attempt: int
    until: str | None
    reader_id: str | None = None


@dataclass(slots=True)
class MailReport:
    """What became of mails: label and what the server said. ``others``: begun elsewhere at the same time.

    ``unknown`` may have gone out, and are not sent again unless somebody asks for it by name.
    """

    sent: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    left: int = 0
    stopped_by: str = ""


def due_invitations(workspace: Workspace, study_id: str) -> tuple[ToMail, ...]:
    """Who has an address, has not begun, and was not mailed their link yet; withdrawn and ended ones are not."""
    before = _before(workspace, study_id, MailKind.INVITATION)
    found = []
    for row in invitations.list_invitations(workspace.engine, study_id).to_dict("records"):
        over = not pd.isna(row["until"]) and row["until"] <= pd.Timestamp.now("UTC")
        if row["address"] is None or row["reader_id"] is not None or not pd.isna(row["withdrawn_at"]) or over:
            continue
        attempt = before.next_attempt(row["id"], 1)
        if attempt is not None:
            until = None if pd.isna(row["until"]) else day(row["until"])
            found.append(
                ToMail(row["id"], row["label"], row["address"], row["language"], MailKind.INVITATION, 1, attempt, until)
            )
    return tuple(found)


def due_reminders(workspace: Workspace, study_id: str, *, days: int = USUAL_DAYS) -> tuple[ToMail, ...]:
    """Who has an address and was not heard of, nor written to, for so many days."""
    before = _before(workspace, study_id, MailKind.REMINDER)
    found = []
    for each in to_remind(workspace, study_id, days=days):
        if each.address is None or each.language is None:
            continue
        number = before.sent(each.invitation_id) + 1
        attempt = before.next_attempt(each.invitation_id, number)
        if attempt is not None:
            found.append(
                ToMail(
                    each.invitation_id, each.label, each.address, each.language, MailKind.REMINDER, number, attempt,
                    None, each.reader_id,
                )
            )  # fmt: skip
    return tuple(found)


def send_mails(
    workspace: Workspace,
    study_id: str,
    due: Sequence[ToMail],
    *,
    by: str,
    texts: Texts | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    stopped: Callable[[], bool] = lambda: False,
    wait: Callable[[float], None] = time.sleep,
) -> MailReport:
    """Send mails that are due; ``texts`` by language, where the team has changed them.

    Each is begun on disk before the server gets it. Where the server goes away, what is left is not begun.

    Raises
    ------
    InvalidInput
        No mail server is set up, or there is nobody to write to.
    MailServerAway
        It cannot be reached; nothing was sent.
    """
    if not due:
        raise InvalidInput("There is nobody to write to.")
    report = MailReport(left=len(due))
    pace = 60.0 / workspace.settings.smtp_per_minute
    with connected(workspace.settings) as connection:
        for number, mail in enumerate(due):
            if stopped():
                report.stopped_by = "stopped"
                break
            progress(number, len(due))
            if number:
                wait(pace)
            try:
                _send(workspace, study_id, connection, mail, texts or {}, by, report)
            except MailServerAway as error:
                report.stopped_by = str(error)
                break
            report.left -= 1
    return report


def _send(
    workspace: Workspace,
    study_id: str,
    connection: MailConnection,
    mail: ToMail,
    texts: Texts,
    by: str,
    report: MailReport,
) -> None:
    text = texts.get(mail.language) or mail_text(mail.kind, mail.language)
    mail_id = mails.begin_mail(
        workspace.engine, invitation_id=mail.invitation_id, kind=str(mail.kind), number=mail.number,
        attempt=mail.attempt, account_id=by,
    )  # fmt: skip
    if mail_id is None:
        report.others.append(mail.label)
        return
    link = add_link(workspace, mail.invitation_id, added_by=by).link
    subject, body = text.filled(values_of(workspace, study_id, mail, link))
    try:
        came = connection.send(mail.address, subject, body)
    except MailServerAway as error:
        mails.end_mail(workspace.engine, mail_id, MailOutcome.FAILED, str(error))
        raise
    mails.end_mail(workspace.engine, mail_id, came.outcome, came.detail)
    if came.outcome is MailOutcome.SENT:
        report.sent.append(mail.label)
    else:
        (report.failed if came.outcome is MailOutcome.FAILED else report.unknown).append((mail.label, came.detail))


def values_of(workspace: Workspace, study_id: str, mail: ToMail, link: str) -> dict[str, str]:
    """What stands in the places of a mail's text; who has begun is told what their own page says."""
    way = reader_way(protocol_of(workspace, study_id))
    done, cases = 0, way.cases.most
    if mail.reader_id is not None:
        done, cases = load_session(workspace, study_id, mail.reader_id).cases_read
    return {
        "{name}": mail.label,
        "{study}": str(studies.get_study(workspace.engine, study_id)["name"]),
        LINK: link,
        "{cases}": str(cases),
        "{minutes}": str(way.minutes.most),
        "{done}": str(done),
        "{until}": until_words(mail.until, mail.language),
    }


class _Before:
    """What was begun before, of one kind."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._outcomes: dict[tuple[str, int], list[str | None]] = {}
        for invitation, number, outcome in zip(frame["invitation_id"], frame["number"], frame["outcome"], strict=True):
            self._outcomes.setdefault((invitation, int(number)), []).append(outcome)

    def next_attempt(self, invitation_id: str, number: int) -> int | None:
        """The attempt that may be made now; None where one has gone out, or may have."""
        outcomes = self._outcomes.get((invitation_id, number), [])
        return len(outcomes) + 1 if all(outcome == MailOutcome.FAILED for outcome in outcomes) else None

    def sent(self, invitation_id: str) -> int:
        """How many have gone out, or may have."""
        return sum(
            any(outcome is None or outcome in _DONE for outcome in outcomes)
            for (invitation, _), outcomes in self._outcomes.items()
            if invitation == invitation_id
        )


def _before(workspace: Workspace, study_id: str, kind: MailKind) -> _Before:
    frame = mails.mails_of_study(workspace.engine, study_id)
    return _Before(frame[frame["kind"] == str(kind)])
