"""Readers who play: their names, scores and the high score of a study."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

from dermdash.errors import AccessDenied, InvalidInput
from dermdash.reader_study.game import MOST_NAMES, CompletedCase, Score, check_name, right_answers_count, score_of
from dermdash.reader_study.words import game, refusals
from dermdash.storage import player_names
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study.conduct import reading_is_over
from dermdash.workflows.reader_study.reading_standing import ReadingSession, load_session

_FRESH_S = 20


@dataclass(frozen=True, slots=True)
class Player:
    """A line of the high score: a chosen name and nothing else of a reader; ``own``: of who looks."""

    place: int
    name: str
    points: int
    level: int
    own: bool


def plays_under(workspace: Workspace, session: ReadingSession) -> str | None:
    """The name of a reader who plays; None where they do not, or the study has no game."""
    return player_names.name_of_reader(workspace.engine, session.reader_id) if session.protocol.pages.game else None


def play_along(workspace: Workspace, session: ReadingSession, text: str) -> None:
    """Let a reader play under a name.

    Raises
    ------
    InvalidInput
        The name cannot be shown to others, another reader has it, or the reader has had too many.
    AccessDenied
        The study has no game.
    """
    if not session.protocol.pages.game:
        raise AccessDenied(refusals.NOT_OFFERED)
    others = player_names.names_of_study(workspace.engine, session.study_id)
    others.pop(session.reader_id, None)
    name = check_name(text, others.values())
    if not player_names.save_name(workspace.engine, session.study_id, session.reader_id, name, most=MOST_NAMES):
        raise InvalidInput(game.NAME_TOO_OFTEN)


def play_no_more(workspace: Workspace, session: ReadingSession) -> None:
    """Take a reader's name off the high score; their answers and points stay as they are."""
    player_names.save_name(workspace.engine, session.study_id, session.reader_id, None)


def score(workspace: Workspace, session: ReadingSession) -> Score:
    """What a reader has by now."""
    over = reading_is_over(session.conduct) is not None
    counts = right_answers_count(session.protocol, over=over)
    truths = session.material(workspace).truths() if counts else {}
    rounds = [a for a in session.assignments if a.kind.in_rounds]
    last_of_case = {a.case_id: a.id for a in rounds if a.kind.counts}
    completed = []
    for one in rounds:
        if not session.is_complete(one):
            continue
        answer = session.answered[one.id, one.phases[-1]]
        # Told already: where a case is read twice, after the second time.
        closed = counts and last_of_case.get(one.case_id) == one.id
        right = answer["dx"] == truths[one.case_id] if closed else None
        completed.append(CompletedCase(answer.get("recorded_at") or now(), right))
    return score_of(completed, right_counts=counts)


def high_score(workspace: Workspace, session: ReadingSession) -> list[Player]:
    """Who plays, the most points first; equal points share a place."""
    span = int(time.monotonic() // _FRESH_S)
    names = player_names.names_of_study(workspace.engine, session.study_id)
    scores = [(reader, name, *_points_and_level(workspace, session, reader, span)) for reader, name in names.items()]
    scores.sort(key=lambda one: (-one[2], one[1].casefold()))
    found: list[Player] = []
    for number, (reader_id, name, points, level) in enumerate(scores, 1):
        place = found[-1].place if found and found[-1].points == points else number
        found.append(Player(place, name, points, level, reader_id == session.reader_id))
    return found


def _points_and_level(workspace: Workspace, session: ReadingSession, reader_id: str, span: int) -> tuple[int, int]:
    """Of who looks as it is now, as the end of their reading names it; of others as it lately was."""
    if reader_id != session.reader_id:
        return _score_lately(workspace, session.study_id, reader_id, span)
    own = score(workspace, session)
    return own.points, own.level


# Read again every twenty seconds, whoever takes another name meanwhile: all answers of each player are looked at.
@lru_cache(maxsize=4096)
def _score_lately(workspace: Workspace, study_id: str, reader_id: str, _span: int) -> tuple[int, int]:
    has = score(workspace, load_session(workspace, study_id, reader_id))
    return has.points, has.level
