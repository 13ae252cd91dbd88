"""What a study team decides while a study runs, and how the study stands after it.

A protocol is frozen; conduct is not part of it. Each decision is an act that is kept for good, and the latest act of a
kind holds: pause and go on, close and reopen, until when the study is read, places, messages, marks of sessions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.reader_study.quotas import Quota, parse_quota

LONGEST_TEXT = 2000
_LAST_SECOND = time(23, 59, 59)


class ActKind(StrEnum):
    """What may be decided of a running study."""

    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    REOPEN = "reopen"
    UNTIL = "until"
    QUOTAS = "quotas"
    MESSAGE = "message"
    MARK = "mark"
    UNBLIND = "unblind"
    LET_ON = "let_on"
    """Of a reader whom the policy on interruption keeps from going on."""


STEERING_ACTS = (ActKind.PAUSE, ActKind.RESUME, ActKind.CLOSE, ActKind.REOPEN, ActKind.UNTIL)
"""What decides whether readers get a next step; asked at every one."""


class SessionMark(StrEnum):
    """What is said of all that a reader answered."""

    SUSPICIOUS = "suspicious"
    CLEARED = "cleared"
    """Somebody looked and found nothing, or takes a mark back."""

    @property
    def label(self) -> str:
        """For people."""
        return "Suspicious" if self is SessionMark.SUSPICIOUS else "Looked at, nothing wrong"


class StudyStanding(StrEnum):
    """Whether a study is read."""

    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
    """Its time is over; nobody has closed it yet, and it can be extended."""
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """For people."""
        return _STANDINGS[self]


_STANDINGS = {
    StudyStanding.RUNNING: "Running",
    StudyStanding.PAUSED: "Paused",
    StudyStanding.ENDED: "Its time is over",
    StudyStanding.CLOSED: "Closed",
}


@dataclass(frozen=True, slots=True)
class StudyAct:
    """One decision: what, about whom (None: all readers), why, by which account and when (UTC)."""

    id: str
    kind: ActKind
    reader_id: str | None
    detail: Mapping[str, Any]
    reason: str
    account_id: str
    acted_at: datetime

    @property
    def text(self) -> str:
        """What readers are told with it; empty: nothing beside what always is."""
        return str(self.detail.get("text", ""))


@dataclass(frozen=True, slots=True)
class StudyConduct:
    """How a study stands after its acts.

    ``paused`` and ``closed`` are the acts that hold, None where none does; ``until`` is when reading ends, None never;
    ``results_open`` is the first act after which results may be seen where the protocol blinds the team: a closing, or
    an unblinding. What was once open stays open: a study that is reopened is not blind any more.
    """

    paused: StudyAct | None = None
    closed: StudyAct | None = None
    until: datetime | None = None
    results_open: StudyAct | None = None
    quotas: tuple[Quota, ...] = ()

    def standing(self, moment: datetime) -> StudyStanding:
        """Whether the study is read at that moment."""
        if self.closed is not None:
            return StudyStanding.CLOSED
        if self.until is not None and moment >= self.until:
            return StudyStanding.ENDED
        return StudyStanding.RUNNING if self.paused is None else StudyStanding.PAUSED


def conduct_after(acts: Iterable[StudyAct], *, closes_on: str | None = None) -> StudyConduct:
    """How a study stands after these acts, given in their order.

    ``closes_on``: the last day (ISO, UTC) by the protocol, None where it says none; an act can set another end.
    """
    paused = closed = results_open = None
    until = None if closes_on is None else datetime.combine(date.fromisoformat(closes_on), _LAST_SECOND, UTC)
    quotas: tuple[Quota, ...] = ()
    for act in acts:
        match act.kind:
            case ActKind.PAUSE:
                paused = act
            case ActKind.RESUME:
                paused = None
            case ActKind.CLOSE:
                closed, results_open = act, results_open or act
            case ActKind.REOPEN:
                closed = None
            case ActKind.UNTIL:
                until = _moment(act.detail.get("until"))
            case ActKind.QUOTAS:
                quotas = tuple(parse_quota(str(text)) for text in act.detail.get("quotas", ()))
            case ActKind.UNBLIND:
                results_open = results_open or act
            case _:
                pass
    return StudyConduct(paused, closed, until, results_open, quotas)


def check_text(text: str, *, what: str, needed: bool = True) -> str:
    """A text that people typed, without blanks around it; raises InvalidInput where it is empty or too long."""
    cleaned = text.strip()
    if needed and not cleaned:
        raise InvalidInput(f"{what} is empty: say it in a sentence")
    if len(cleaned) > LONGEST_TEXT:
        raise InvalidInput(f"{what} has {len(cleaned):,} characters: at most {LONGEST_TEXT:,}")
    return cleaned


def marks_after(acts: Iterable[StudyAct]) -> dict[str, StudyAct]:
    """The mark that holds of each reader who has one, by reader: the latest."""
    return {act.reader_id: act for act in acts if act.kind is ActKind.MARK and act.reader_id is not None}


def mark_of(act: StudyAct) -> SessionMark:
    """What a mark says."""
    return SessionMark(str(act.detail["mark"]))


def suspicious_readers(acts: Iterable[StudyAct]) -> dict[str, StudyAct]:
    """The readers whose latest mark says that they are suspicious."""
    return {reader: act for reader, act in marks_after(acts).items() if mark_of(act) is SessionMark.SUSPICIOUS}


def _moment(value: object) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))
