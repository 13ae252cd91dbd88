"""Which agreement has an interval: none where the cases are too few to say how it would come out on others.

What chance explains is learned from the cases, too. A kappa or alpha of 10 cases missed the truth in 7 to 9 % of
simulated studies at 5 %, and of 40 cases of which 4 belong to other categories than the commonest in 9 %; it is the
cases of other categories that count (docs/analysis/error_rates.md).
"""

import numpy as np

from dermdash.analysis import drawn_intervals
from dermdash.analysis.agreement.ratings import Ratings
from dermdash.analysis.arrays import IntArray
from dermdash.wording import form, number

MINIMUM_GROUPS = 5
"""Cases (or lesions, or patients) below which they are not redrawn: a change has no interval and no p."""
LEAST_GROUPS = 10
"""Below these a coefficient has no interval."""
LEAST_OTHER = 10
"""Of these most readers must have chosen other categories than the commonest, where chance is learned from the use."""
OWN_CHANCE = ("percent", "ac1", "ac2")
"""Coefficients that need no more: percent agreement knows no chance, and Gwet's hardly depends on rare categories."""


def too_few(key: str, ratings: Ratings, groups: IntArray) -> str | None:
    """Why a coefficient of these cases has no interval; None where it may have one."""
    n = len(np.unique(groups))
    what = "case" if n == len(groups) else "lesion or patient"
    many = "cases" if n == len(groups) else "lesions or patients"
    if few := drawn_intervals.too_few(n, what, LEAST_GROUPS, plural=many):
        return few
    if key in OWN_CHANCE:
        return None
    other = other_cases(ratings, groups)
    if other >= LEAST_OTHER:
        return None
    n_other = number(other, 0 if other == int(other) else 1)
    return (
        f"no interval: {n_other} {form(other, what, many)} that most readers gave another category than the commonest, "
        f"of the {LEAST_OTHER} that kappa and alpha need"
    )


def other_cases(ratings: Ratings, groups: IntArray) -> float:
    """How many cases (lesions, patients) most readers gave another category than the commonest; a tie is shared."""
    counts = ratings.counts
    rated = counts.sum(axis=1) > 0
    most = counts[rated] == counts[rated].max(axis=1, keepdims=True)
    share = most / most.sum(axis=1, keepdims=True)
    _, unit, sizes = np.unique(groups[rated], return_inverse=True, return_counts=True)
    of_category = (share / sizes[unit][:, None]).sum(axis=0)
    return float(of_category.sum() - of_category.max(initial=0.0))
