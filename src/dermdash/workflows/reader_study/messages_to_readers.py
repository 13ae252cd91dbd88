"""Messages of the study team to its readers: before the next case, where there is none, and never in the middle of one.

What stands before a case is logged as seen when the reader goes on; what stands where no case follows (washout, end),
when it leaves for their browser.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from dermdash.reader_study.conduct import ActKind, StudyAct
from dermdash.reader_study.outbox import EventKind
from dermdash.reader_study.reading_session import NextStep
from dermdash.storage import readings, studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import send_step

SHOWN = "messages"
"""In the detail of the event by which a reader went on: the ids of what they were told before."""


SEEN = "messages_seen"
"""Kind of the event that the server makes when messages leave where no case follows."""


def unread_messages(
    workspace: Workspace, reader_id: str, acts: Iterable[StudyAct], events: Sequence[Mapping[str, Any]]
) -> tuple[StudyAct, ...]:
    """The messages to a reader, or to all when they were there, that they have not gone on from."""
    messages = [act for act in acts if act.kind is ActKind.MESSAGE and act.reader_id in (None, reader_id)]
    if not messages:
        return ()
    came = _consented_at(workspace, reader_id)
    begun = [event["detail"] or {} for event in events if event["kind"] == EventKind.BEGIN]
    read = {message for detail in begun for message in detail.get(SHOWN, ())}
    return tuple(act for act in messages if act.acted_at >= came and act.id not in read)


def seen_messages(events: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The ids of the messages that a reader was shown where no case followed."""
    details = [event["detail"] or {} for event in events if event["kind"] == SEEN]
    return frozenset(message for detail in details for message in detail.get(SHOWN, ()))


def note_seen(workspace: Workspace, reader_id: str, messages: Iterable[StudyAct]) -> None:
    """Log that messages leave for a reader's browser where no case follows; each once.

    Raises
    ------
    OutOfReach
        It cannot be logged now; they must not leave.
    """
    rows = [
        {
            "id": f"seen-{reader_id}-{act.id}", "reader_id": reader_id, "assignment_id": None, "kind": SEEN,
            "detail": {SHOWN: [act.id]}, "client_at": None,
        }
        for act in messages
    ]  # fmt: skip
    if rows:
        readings.save_delivery(workspace.engine, answers=[], events=rows)


def messages_due(
    workspace: Workspace, step: NextStep, *, unread: tuple[StudyAct, ...], begun: Collection[str]
) -> tuple[StudyAct, ...]:
    """What is to be said before the open step: nothing where its image was sent before the message was.

    ``unread`` are the reader's unread messages, ``begun`` the cases that they have gone on to.
    """
    at = step.assignment
    if not unread or at is None or step.phase is None or step.phase != at.phases[0] or at.id in begun:
        return ()
    sent = send_step.sendings(workspace, [at.id]).get((at.id, step.phase))
    return tuple(act for act in unread if sent is None or act.acted_at <= sent.sent_at)


@lru_cache(maxsize=4096)
def _consented_at(workspace: Workspace, reader_id: str) -> Any:
    return studies.consented_at(workspace.engine, reader_id)
