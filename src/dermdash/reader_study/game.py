"""Game elements of a study: points, level, streak, and names for the high score.

Points never tell what a case is while anybody may still read it: a case gives the same whatever was answered. Right
answers count beside that only where the reader was told them already, or when the study is over for everybody
(`right_answers_count`). Hidden repeats and attention checks give what every case gives, so that nothing tells them
apart.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from dermdash.errors import InvalidInput
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.words import game

PER_CASE, WHEN_RIGHT = 10, 10
"""Points."""
SITTING = timedelta(minutes=10)
"""Between two answers of a streak of cases."""
_LEVEL_STEP = 25
SHORTEST_NAME, LONGEST_NAME = 2, 24
MOST_NAMES = 50
"""Of one reader, one after the other: each is a row for ever."""
_BESIDE_LETTERS = frozenset(" -_.'")
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
"""Letters and marks that are drawn as nothing (Unicode, Default_Ignorable_Code_Point), beside variation selectors."""
_MARKS_IN_A_ROW = 2


@dataclass(frozen=True, slots=True)
class CompletedCase:
    """When a case was completed; ``right``: None where that does not count, or is not known to the reader."""

    at: datetime
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Of one reader; ``streak`` counts right answers in a row where such count (``of_right``), else cases in a row."""

    points: int
    level: int
    next_level_at: int
    streak: int
    of_right: bool


def right_answers_count(protocol: Protocol, *, over: bool) -> bool:
    """Whether right answers give points; ``over``: nobody reads the study any more.

    Never where the team is kept from results.
    """
    told = protocol.tells_at_once or over
    return told and protocol.asked.diagnosis and not protocol.conduct.blinded


def score_of(completed: Iterable[CompletedCase], *, right_counts: bool = False) -> Score:
    """What the completed cases of a reader amount to, in the order they were completed."""
    cases = sorted(completed, key=lambda case: case.at)
    judged = [case.right for case in cases if case.right is not None]
    points = PER_CASE * len(cases) + WHEN_RIGHT * sum(judged)
    level = level_of(points)
    streak = _last_in_a_row(judged) if right_counts else _last_sitting(cases)
    return Score(points, level, _LEVEL_STEP * (level + 1) * level, streak, right_counts)


def level_of(points: int) -> int:
    """1 from the start, 2 from 50 points on, 3 from 150, 4 from 300: each step 50 more than the one before."""
    level = 1
    while points >= _LEVEL_STEP * (level + 1) * level:
        level += 1
    return level


def _last_in_a_row(judged: Sequence[bool]) -> int:
    count = 0
    for right in reversed(judged):
        if not right:
            break
        count += 1
    return count


def _last_sitting(cases: Sequence[CompletedCase]) -> int:
    count = min(1, len(cases))
    for later, before in pairwise(reversed(cases)):
        if later.at - before.at > SITTING:
            break
        count += 1
    return count


def check_name(text: str, taken: Iterable[str]) -> str:
    """A name as it is shown to other readers, who may be anybody.

    Letters and digits of any script, blanks and ``-_.'`` alone: no markup, no addresses, nothing that turns the line or
    is not seen.

    Raises
    ------
    InvalidInput
        It is too short or long, holds anything else, or looks like one that another reader has.
    """
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    kinds = "".join(unicodedata.category(character)[0] for character in name)
    odd = [
        c for c, kind in zip(name, kinds, strict=True)
        if (kind not in "LMN" and c not in _BESIDE_LETTERS) or c in _UNSEEN or _is_selector(c)
    ]  # fmt: skip
    stacked = "M" * (_MARKS_IN_A_ROW + 1) in kinds
    if odd or stacked or "L" not in kinds or not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        raise InvalidInput(game.NAME_REFUSED.filled(low=SHORTEST_NAME, high=LONGEST_NAME))
    if _alike(name) in set(map(_alike, taken)):
        raise InvalidInput(game.NAME_TAKEN)
    return name


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _alike(name: str) -> str:
    """What two names have in common that people would take for one."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if unicodedata.category(c)[0] in "LN")
