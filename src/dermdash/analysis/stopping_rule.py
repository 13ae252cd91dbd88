"""When somebody who works through a ranked list may stop: after so many negatives in a row.

SelfClean (Gröger et al., NeurIPS 2024 Datasets and Benchmarks) stops after 58 consecutive negatives. What that bounds
is exact: if a share p of what comes next were positive, n negatives in a row would have the probability (1 - p)^n. With
0 of 58 the 95 % upper bound is 1 - 0.05^(1/58) = 5.0 % (the rule of three says 3/58 = 5.2 %).

It is a rule and no test: that bound holds for 58 that were drawn beforehand, and whoever waits for such a run meets one
by chance sooner or later. With a constant share of 5 % over 300 findings 54 % of people would. What makes it useful is
that a ranking puts the surest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NEGATIVES_IN_A_ROW = 58
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """Where somebody stands in a ranked list.

    Attributes
    ----------
    ranked
        Findings in the list.
    looked_at
        How many from the top have an answer, without a gap.
    negatives
        Negatives in a row at the end of these; an "unsure" ends the row, as it may be a positive.
    confirmed
        Positives among all that were answered, also below a gap.
    """

    ranked: int
    looked_at: int
    negatives: int
    confirmed: int

    @property
    def may_stop(self) -> bool:
        """Whether the rule is met, or nothing is left."""
        return self.negatives >= NEGATIVES_IN_A_ROW or self.looked_at == self.ranked

    @property
    def left(self) -> int:
        """How many of the list have no answer from the top yet."""
        return self.ranked - self.looked_at

    @property
    def more_negatives(self) -> int:
        """How many further negatives in a row would meet the rule."""
        return max(0, NEGATIVES_IN_A_ROW - self.negatives)

    @property
    def at_most(self) -> float | None:
        """Upper 95 % bound of the share of positives among what comes next; None before the first negative."""
        return upper_bound(self.negatives) if self.negatives else None


def upper_bound(negatives: int, *, confidence: float = CONFIDENCE) -> float:
    """Upper bound of a share of which none of so many was seen (0 to 1)."""
    return float(1 - (1 - confidence) ** (1 / negatives)) if negatives > 0 else 1.0


def standing(answers: Sequence[bool | str | None]) -> QueueStanding:
    """Where somebody stands.

    Parameters
    ----------
    answers
        From the top of the list: True (positive), False (negative), None (unsure), "open" (no answer).
    """
    looked_at = next((place for place, answer in enumerate(answers) if answer == "open"), len(answers))
    negatives = 0
    for answer in reversed(answers[:looked_at]):
        if answer is not False:
            break
        negatives += 1
    return QueueStanding(len(answers), looked_at, negatives, sum(answer is True for answer in answers))
