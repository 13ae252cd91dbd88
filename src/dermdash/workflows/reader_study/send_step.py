"""What left for a reader's browser, recorded before it leaves: an answer to what was never sent is none."""

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from dermdash.reader_study.answer_time import TimeCheck, check_time
from dermdash.readings.modality import Phase
from dermdash.storage import readings
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Sending:
    """When a step first left for its reader's browser, and the hash of what it showed last."""

    sent_at: datetime
    shown_sha256: str


def record_sending(
    workspace: Workspace, reader_id: str, assignment_id: str, phase: Phase, shown: Mapping[str, Any]
) -> None:
    """Record that a step is about to leave; to be called at every sending, of which only new ones are written.

    Parameters
    ----------
    shown
        What is to be judged in the form in which it leaves: the image and the assistance.

    Raises
    ------
    OutOfReach
        It cannot be recorded now; the step must not leave.
    """
    sent = step_leaving(reader_id, assignment_id, phase, shown)
    if not is_recorded(workspace, sent):
        readings.save_sending(workspace.engine, **sent._asdict())
    note_recorded(workspace, sent)


class StepLeaving(NamedTuple):
    """A step that leaves for a reader's browser, with the hash of what it shows."""

    reader_id: str
    assignment_id: str
    phase: str
    shown_sha256: str


def step_leaving(reader_id: str, assignment_id: str, phase: Phase, shown: Mapping[str, Any]) -> StepLeaving:
    """What `record_sending` records, for who records it together with what they store."""
    digest = hashlib.sha256(json.dumps(shown, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    return StepLeaving(reader_id, assignment_id, str(phase), digest)


def is_recorded(workspace: Workspace, sent: StepLeaving) -> bool:
    """Whether this process knows that this was recorded before."""
    with _lock:
        return (workspace, sent) in _recorded


def note_recorded(workspace: Workspace, sent: StepLeaving) -> None:
    """Remember that it is on disk, and when it was."""
    with _lock:
        _recorded[workspace, sent] = None
        while len(_recorded) > _MOST_RECORDED:
            _recorded.popitem(last=False)
    _begun(workspace, sent.assignment_id, sent.phase)


_MOST_RECORDED = 16384
_lock = threading.Lock()
_recorded: OrderedDict[tuple[Workspace, StepLeaving], None] = OrderedDict()


@lru_cache(maxsize=16384)
def _begun(workspace: Workspace, assignment_id: str, phase: str) -> float:
    """This process's clock, which nobody sets, when it was first asked about a step."""
    return time.monotonic()


def sendings(workspace: Workspace, assignment_ids: Iterable[str]) -> dict[tuple[str, Phase], Sending]:
    """What of these assignments has ever left for a browser."""
    found = readings.sendings(workspace.engine, assignment_ids)
    return {(key, Phase(phase)): Sending(*row) for (key, phase), row in found.items()}


def time_check(
    workspace: Workspace, assignment_id: str, phase: Phase, sending: Sending, client_ms: float
) -> TimeCheck | None:
    """Whether the browser's time for an answer that arrives now can be; None where the server's clock cannot tell.

    The step has been open as long as either the wall's clock or this process's own says: the first knows of the time
    before a restart, the second of a clock that was set back.
    """
    by_the_wall = (now() - sending.sent_at).total_seconds()
    here = time.monotonic() - _begun(workspace, assignment_id, str(phase))
    found = check_time(client_ms, open_ms=1000 * max(by_the_wall, here))
    set_back = by_the_wall < 0 and found is TimeCheck.LONGER_THAN_OPEN
    return None if set_back else found
