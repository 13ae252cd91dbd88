"""Conduct of a study: pause, close, extend, places, messages, marks; each kept with who decided it, when and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.reader_study.conduct import (
    STEERING_ACTS,
    ActKind,
    SessionMark,
    StudyAct,
    StudyConduct,
    StudyStanding,
    check_text,
    conduct_after,
)
from dermdash.reader_study.game import right_answers_count
from dermdash.reader_study.quotas import Quota, check_quotas
from dermdash.reader_study.words import running
from dermdash.reader_study.words.message import Message
from dermdash.storage import readings, studies, study_acts, study_progress
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.wording import moment
from dermdash.workflows.reader_study.protocol_of_study import protocol_of

TOLD_AFTER_THE_END = "missed_told"
"""Kind of the event that the server makes when a reader is told which cases they had wrong, as the study is over."""


def acts_of_study(workspace: Workspace, study_id: str, kinds: Sequence[ActKind] = ()) -> tuple[StudyAct, ...]:
    """The acts of a study in their order; none named: of every kind."""
    return acts_of_rows(study_acts.acts_of_study(workspace.engine, study_id, [str(kind) for kind in kinds]))


def acts_of_rows(rows: Iterable[dict[str, Any]]) -> tuple[StudyAct, ...]:
    """Acts as they are stored."""
    return tuple(map(_act, rows))


def conduct_of(workspace: Workspace, study_id: str) -> StudyConduct:
    """How a study stands."""
    return conduct_after(acts_of_study(workspace, study_id), closes_on=_closes_on(workspace, study_id))


def standing_of(workspace: Workspace, study_id: str) -> StudyConduct:
    """The same as far as a reader's next step depends on it: asked at every one."""
    return conduct_after(acts_of_study(workspace, study_id, STEERING_ACTS), closes_on=_closes_on(workspace, study_id))


def _closes_on(workspace: Workspace, study_id: str) -> str | None:
    return protocol_of(workspace, study_id).conduct.closes_on


@dataclass(frozen=True, slots=True)
class ReaderTarget:
    """How many readers are to complete a study, and how many have; who withdrew is none of them."""

    wanted: int
    complete: int

    @property
    def reached(self) -> bool:
        """Whether nobody else can begin; who has begun goes on."""
        return self.complete >= self.wanted


def reader_target(workspace: Workspace, study_id: str) -> ReaderTarget | None:
    """How far a study is from the readers that its protocol asks for; None where it names no number."""
    wanted = protocol_of(workspace, study_id).conduct.target_readers
    if wanted is None:
        return None
    return ReaderTarget(wanted, study_progress.complete_readers(workspace.engine, study_id))


def check_may_begin(workspace: Workspace, study_id: str, *, simulated: bool = False) -> None:
    """Raise AccessDenied where nobody can begin now.

    Simulated readers are as many as were asked for, whatever number of people the protocol wants.
    """
    words = not_read_now(standing_of(workspace, study_id))
    if words is None and not simulated:
        words = enough_readers(workspace, study_id)
    if words is not None:
        raise AccessDenied(words)


def enough_readers(workspace: Workspace, study_id: str) -> Message | None:
    """What newcomers are told once enough readers have completed a study; None until then."""
    target = reader_target(workspace, study_id)
    return running.ENOUGH_READERS if target is not None and target.reached else None


_NOT_READ = {
    StudyStanding.PAUSED: running.PAUSED_TEXT,
    StudyStanding.ENDED: running.ENDED_TEXT,
    StudyStanding.CLOSED: running.CLOSED_TEXT,
}


def not_read_now(conduct: StudyConduct) -> Message | None:
    """What readers are told while a study is not read; None while it is."""
    return _NOT_READ.get(conduct.standing(now()))


def told_besides(conduct: StudyConduct) -> str:
    """What the team adds to that, in its own words; empty where nothing."""
    standing = conduct.standing(now())
    act = {StudyStanding.PAUSED: conduct.paused, StudyStanding.CLOSED: conduct.closed}.get(standing)
    return "" if act is None else act.text


def reading_is_over(conduct: StudyConduct) -> Message | None:
    """Why no answer is stored any more; None while the study is read or only paused."""
    standing = conduct.standing(now())
    if standing is StudyStanding.CLOSED and conduct.closed is not None:
        return running.WAS_CLOSED.filled(when=moment(conduct.closed.acted_at))
    if standing is StudyStanding.ENDED and conduct.until is not None:
        return running.HAS_ENDED.filled(when=moment(conduct.until))
    return None


def pause_study(workspace: Workspace, study_id: str, *, by: str, reason: str, text: str = "") -> None:
    """Send no reader a next step until the study goes on; answers to steps that were sent are kept."""
    _act_in(workspace, study_id, ActKind.PAUSE, by, (StudyStanding.RUNNING,), reason=_why(reason), detail=_text(text))


def resume_study(workspace: Workspace, study_id: str, *, by: str) -> None:
    """Let a paused study go on."""
    _act_in(workspace, study_id, ActKind.RESUME, by, (StudyStanding.PAUSED,))


def close_study(workspace: Workspace, study_id: str, *, by: str, reason: str, text: str = "") -> None:
    """End a study: no step is sent and no answer stored any more, and its results may be seen."""
    open_ones = (StudyStanding.RUNNING, StudyStanding.PAUSED, StudyStanding.ENDED)
    _act_in(workspace, study_id, ActKind.CLOSE, by, open_ones, reason=_why(reason), detail=_text(text))


def reopen_study(workspace: Workspace, study_id: str, *, by: str, reason: str) -> None:
    """Let a closed study be read again; where it was blinded, its results stay open.

    Raises
    ------
    InvalidInput
        Its readers played, and were told with the end how often they were right.
    """
    check_can_be_read_on(workspace, study_id)
    _act_in(workspace, study_id, ActKind.REOPEN, by, (StudyStanding.CLOSED,), reason=_why(reason))


def set_end(workspace: Workspace, study_id: str, until: datetime | None, *, by: str, reason: str = "") -> None:
    """Say until when the study is read (None: until it is closed): an end, or a later one."""
    if until is not None and until <= now():
        raise InvalidInput("the end is over already: choose a later one, or close the study")
    detail = {"until": None if until is None else until.isoformat()}
    check_can_be_read_on(workspace, study_id)
    every = (StudyStanding.RUNNING, StudyStanding.PAUSED, StudyStanding.ENDED)
    _act_in(workspace, study_id, ActKind.UNTIL, by, every, reason=reason.strip(), detail=detail)


def check_can_be_read_on(workspace: Workspace, study_id: str) -> None:
    """Refuse (InvalidInput) to go on with a study that is over, where its readers have learnt from that what is right.

    Points of the end, and a streak, say how right the latest answers were: nobody may read on who can learn them.
    Nor is a case read on whose diagnosis a reader was told after the end.
    """
    if readings.count_events(workspace.engine, study_id, TOLD_AFTER_THE_END):
        raise InvalidInput(
            "the study is over, and readers have been told which cases they had wrong: it cannot be read on. Freeze a "
            "new study from its protocol"
        )
    protocol = protocol_of(workspace, study_id)
    told_by_the_end = right_answers_count(protocol, over=True) and not right_answers_count(protocol, over=False)
    if protocol.pages.game and told_by_the_end and reading_is_over(standing_of(workspace, study_id)) is not None:
        raise InvalidInput(
            "the study is over, and its readers' points told them how often they were right: it cannot be read on. "
            "Freeze a new study from its protocol"
        )


def set_quotas(workspace: Workspace, study_id: str, quotas: Sequence[Quota], *, by: str) -> None:
    """Say how many places there are for whom; who was admitted before stays."""
    detail = {"quotas": [quota.text for quota in check_quotas(quotas)]}
    _save(workspace, study_id, ActKind.QUOTAS, by, detail=detail)


def send_message(workspace: Workspace, study_id: str, text: str, *, by: str, reader_id: str | None = None) -> str:
    """Leave a message that a reader, or every reader of now, is shown at their next step; returns its id.

    Raises
    ------
    InvalidInput
        It is empty or too long.
    NotFound
        There is no such reader in the study.
    """
    detail = {"text": check_text(text, what="the message")}
    return _save(workspace, study_id, ActKind.MESSAGE, by, reader_id=reader_id, detail=detail)


def let_reader_on(workspace: Workspace, study_id: str, reader_id: str, *, by: str, reason: str) -> None:
    """Let a reader go on who stayed away for longer than the protocol allows."""
    _save(workspace, study_id, ActKind.LET_ON, by, reader_id=reader_id, reason=_why(reason))


def mark_reader(
    workspace: Workspace, study_id: str, reader_id: str, mark: SessionMark, *, by: str, reason: str
) -> None:
    """Say of all that a reader answered that it is suspicious, or that it is not; the latest mark holds."""
    detail = {"mark": str(mark)}
    _save(workspace, study_id, ActKind.MARK, by, reader_id=reader_id, reason=_why(reason), detail=detail)


def _act_in(
    workspace: Workspace,
    study_id: str,
    kind: ActKind,
    by: str,
    standings: Sequence[StudyStanding],
    *,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Save an act that makes sense in some standings only; of two tabs the second one hears how it stands."""
    conduct = standing_of(workspace, study_id)
    standing = conduct.standing(now())
    if standing not in standings:
        since = conduct.closed or conduct.paused
        ago = f" since {moment(since.acted_at)}" if since is not None and standing is not StudyStanding.RUNNING else ""
        raise InvalidInput(f"The study is {standing.label.lower()}{ago}: that cannot be done now.")
    _save(workspace, study_id, kind, by, reason=reason, detail=detail)


def _save(
    workspace: Workspace,
    study_id: str,
    kind: ActKind,
    by: str,
    *,
    reader_id: str | None = None,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> str:
    studies.get_study(workspace.engine, study_id)
    if reader_id is not None and reader_id not in set(studies.reader_ids(workspace.engine, study_id)):
        raise NotFound(f"There is no reader {reader_id!r} in this study.")
    return study_acts.save_act(
        workspace.engine,
        study_id=study_id,
        kind=str(kind),
        account_id=by,
        reader_id=reader_id,
        detail=detail,
        reason=reason,
    )


def _why(reason: str) -> str:
    return check_text(reason, what="the reason")


def _text(text: str) -> dict[str, Any]:
    cleaned = check_text(text, what="what readers are told", needed=False)
    return {"text": cleaned} if cleaned else {}


def _act(row: dict[str, Any]) -> StudyAct:
    return StudyAct(
        str(row["id"]),
        ActKind(row["kind"]),
        row["reader_id"],
        row["detail"],
        str(row["reason"]),
        str(row["account_id"]),
        row["acted_at"],
    )
