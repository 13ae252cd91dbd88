"""How often a reader was right and which cases they missed, told to themselves at the end."""

from dataclasses import dataclass

from dermdash.reader_study.reader_options import reader_options
from dermdash.readings.modality import Phase
from dermdash.storage import readings
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study.conduct import TOLD_AFTER_THE_END, reading_is_over
from dermdash.workflows.reader_study.reading_standing import ReadingSession


@dataclass(frozen=True, slots=True)
class OwnResult:
    """Of so many answered cases that count, how many were right."""

    phase: Phase
    right: int
    cases: int


@dataclass(frozen=True, slots=True)
class MissedCase:
    """A case whose last answer was wrong, at its place in the order."""

    case_id: str
    position: int
    answered: str
    truth: str


def own_results(workspace: Workspace, session: ReadingSession) -> list[OwnResult]:
    """The reader's results without and with assistance, of the first reading of each case that counts.

    Counts alone: which cases they are stays untold, as others still read them.
    """
    truths = session.material(workspace).truths()
    counting = [a for a in session.assignments if a.kind.counts and a.occasion == 1]
    found = []
    for phase in Phase:
        given = [(a, answer) for a in counting if (answer := session.answered.get((a.id, phase))) is not None]
        if given:
            right = sum(answer["dx"] == truths[a.case_id] for a, answer in given)
            found.append(OwnResult(phase, right, len(given)))
    return found


def may_be_told_which(session: ReadingSession) -> bool:
    """Whether a reader who has finished may learn which cases they had wrong.

    Where they were told each at once, or when nobody reads the study any more; never of a preview, whose answers are
    invented.
    """
    over = reading_is_over(session.conduct) is not None
    told = session.protocol.tells_at_once or over
    return told and reader_options(session.protocol).own_results and session.preview is None


def missed_cases(workspace: Workspace, session: ReadingSession) -> list[MissedCase]:
    """The cases that a reader had wrong, in their order; none where that may not be told.

    What is told only because the study is over is logged before it leaves: the study cannot be read on after that.

    Raises
    ------
    OutOfReach
        It cannot be logged now.
    """
    if not may_be_told_which(session):
        return []
    truths = session.material(workspace).truths()
    last = {a.case_id: a for a in session.assignments if a.kind.counts and session.is_complete(a)}
    found = []
    for case_id, at in last.items():
        answered = session.answered[at.id, at.phases[-1]]["dx"]
        if answered != truths[case_id]:
            found.append(MissedCase(case_id, at.position, answered, truths[case_id]))
    if found and not session.protocol.tells_at_once:
        _note_told(workspace, session.reader_id)
    return found


def _note_told(workspace: Workspace, reader_id: str) -> None:
    name = f"told-{reader_id}"
    row = {
        "id": name, "reader_id": reader_id, "assignment_id": None, "kind": TOLD_AFTER_THE_END,
        "detail": None, "client_at": None,
    }  # fmt: skip
    if not readings.stored_events(workspace.engine, [name]):
        readings.save_delivery(workspace.engine, answers=[], events=[row])
