"""What is odd about how somebody reads: too fast, always the same, elsewhere. Whether it was right is not asked.

Each rule looks at a reader's own answers, without a true diagnosis or a modality, so that who runs a blinded study may
see it. A rule points somebody out; whether their session is suspicious is said by a person (`conduct.Mark`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dermdash.wording import percent, seconds

FAST_MS = 1000.0
"""Nobody looks at an image, decides and presses two keys in less."""


class Oddity(StrEnum):
    """Kinds of what is odd."""

    TOO_FAST = "too_fast"
    CONSTANT = "constant"
    ODD_TIMES = "odd_times"
    ELSEWHERE = "elsewhere"
    REFUSED = "refused"
    FAILED_CHECKS = "failed_checks"
    UNLIKE_THEMSELVES = "unlike_themselves"

    @property
    def label(self) -> str:
        """For people."""
        return _LABELS[self]


_LABELS = {
    Oddity.TOO_FAST: "Too fast",
    Oddity.CONSTANT: "Nearly always the same answer",
    Oddity.ODD_TIMES: "Times that cannot be",
    Oddity.ELSEWHERE: "Often in another window",
    Oddity.REFUSED: "Answers refused",
    Oddity.FAILED_CHECKS: "Attention checks failed",
    Oddity.UNLIKE_THEMSELVES: "Repeats answered otherwise",
}


@dataclass(frozen=True, slots=True)
class SuspicionRule:
    """From where on something is odd; counts and shares are of first answers to cases that count.

    ``fewest`` answers before anything is said; ``fast_share`` of them under `FAST_MS`, or a median under
    ``fast_median_ms``; ``same_share`` of one diagnosis, and ``same_over_mix`` more than that class has of the cases;
    ``odd_time_share`` of times that the server's clock contradicts; ``away_per_case`` changes to another window;
    ``refused`` answers; ``failed_checks`` of attention checks; ``repeats_fewest`` hidden repeats of which at most
    ``repeats_same_share`` were answered as before.
    """

    fewest: int = 10
    fast_share: float = 0.2
    fast_median_ms: float = 2000.0
    same_share: float = 0.9
    same_over_mix: float = 0.2
    odd_time_share: float = 0.1
    away_per_case: float = 1.0
    refused: int = 5
    failed_checks: int = 2
    repeats_fewest: int = 6
    repeats_same_share: float = 0.3


@dataclass(frozen=True, slots=True)
class WatchedReader:
    """What is counted of a reader.

    ``first`` answers to a case with ``median_ms`` and ``fast`` of them under `FAST_MS`; ``diagnoses``: times each was
    given; ``odd_times`` of all answers; ``focus_lost``, ``refused``: events; ``checks`` and ``checks_failed`` of
    attention; ``repeats`` and ``repeats_same`` of hidden repeats.
    """

    first: int
    answers: int
    median_ms: float | None
    fast: int
    diagnoses: Mapping[str, int]
    odd_times: int = 0
    focus_lost: int = 0
    refused: int = 0
    checks: int = 0
    checks_failed: int = 0
    repeats: int = 0
    repeats_same: int = 0


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something odd, with the number that says so in words."""

    kind: Oddity
    words: str


def suspicions(
    reader: WatchedReader, class_shares: Mapping[str, float], rule: SuspicionRule | None = None
) -> tuple[Suspicion, ...]:
    """What is odd about a reader; ``class_shares``: how much of the cases each class has by the protocol (0..1)."""
    rule = rule or SuspicionRule()
    found = []
    if reader.refused >= rule.refused:
        found.append(Suspicion(Oddity.REFUSED, f"{reader.refused} answers were refused, as to cases already answered"))
    if reader.checks_failed >= rule.failed_checks:
        words = f"{reader.checks_failed} of {reader.checks} attention checks failed"
        found.append(Suspicion(Oddity.FAILED_CHECKS, words))
    if reader.repeats >= rule.repeats_fewest and reader.repeats_same <= rule.repeats_same_share * reader.repeats:
        words = f"{reader.repeats_same} of {reader.repeats} repeated cases answered as before"
        found.append(Suspicion(Oddity.UNLIKE_THEMSELVES, words))
    if reader.first < rule.fewest:
        return tuple(found)
    return (*_of_times(reader, rule), *_of_answers(reader, class_shares, rule), *found)


def _of_times(reader: WatchedReader, rule: SuspicionRule) -> list[Suspicion]:
    found = []
    fast = reader.fast / reader.first
    slow_enough = reader.median_ms is None or reader.median_ms >= rule.fast_median_ms
    if fast >= rule.fast_share or not slow_enough:
        words = f"{percent(fast, 0)} of first answers under {seconds(FAST_MS)}"
        if reader.median_ms is not None:
            words += f", median {seconds(reader.median_ms)}"
        found.append(Suspicion(Oddity.TOO_FAST, words))
    odd = reader.odd_times / reader.answers
    if odd >= rule.odd_time_share:
        found.append(Suspicion(Oddity.ODD_TIMES, f"{percent(odd, 0)} of times contradict the server's clock"))
    if reader.focus_lost > rule.away_per_case * reader.first:
        words = f"went to another window {reader.focus_lost} times in {reader.first} cases"
        found.append(Suspicion(Oddity.ELSEWHERE, words))
    return found


def _of_answers(reader: WatchedReader, class_shares: Mapping[str, float], rule: SuspicionRule) -> list[Suspicion]:
    code, times = max(reader.diagnoses.items(), key=lambda item: item[1], default=("", 0))
    share = times / reader.first
    if share < max(rule.same_share, min(class_shares.get(code, 0.0) + rule.same_over_mix, 1.0)):
        return []
    return [Suspicion(Oddity.CONSTANT, f"{code} in {percent(share, 0)} of first answers")]
