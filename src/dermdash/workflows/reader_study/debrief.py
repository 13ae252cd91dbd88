"""What a reader is told at the end about advice that was wrong on purpose."""

from dataclasses import dataclass

from dermdash.reader_study.assistance import advice_dx
from dermdash.reader_study.reading_session import StepKind
from dermdash.reader_study.wrong_advice import PLANTED
from dermdash.readings.modality import Phase
from dermdash.workflows.reader_study.reading_standing import ReadingSession


@dataclass(frozen=True, slots=True)
class Debriefing:
    """Advice that was planted: ``positions`` of the cases as the reader counted them, in ``followed`` of ``named`` that
    named a diagnosis they answered with it.
    """

    positions: tuple[int, ...]
    named: int
    followed: int


def debriefing(session: ReadingSession) -> Debriefing | None:
    """What a reader who has finished is told; None before that, and where the protocol tells nothing.

    Which cases they were, and neither the truth nor what the model said: others still read them.
    """
    planted = session.protocol.wrong_advice
    if planted is None or not planted.debriefed or session.step.step is not StepKind.FINISHED:
        return None
    positions, named, followed = [], 0, 0
    for one in session.assignments:
        stored, answer = session.rows[one.id]["assistance"], session.answered.get((one.id, Phase.AIDED))
        if not stored or PLANTED not in stored or answer is None:
            continue
        positions.append(one.position)
        if answer["dx"] is not None and (advised := advice_dx(stored)) is not None:
            named += 1
            followed += answer["dx"] == advised
    return Debriefing(tuple(positions), named, followed)
