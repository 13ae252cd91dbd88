"""How often a reader was right, told to themselves at the end."""

from dataclasses import dataclass

from dermdash.readings.modality import Phase
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study.reading_standing import ReadingSession


@dataclass(frozen=True, slots=True)
class OwnResult:
    """Of so many answered cases that count, how many were right."""

    phase: Phase
    right: int
    cases: int


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
