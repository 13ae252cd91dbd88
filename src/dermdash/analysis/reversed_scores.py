"""Whether scores speak the other way round: the cases with the condition have the lower ones.

The rule: the mean AUC of those who scored is at most `MOST_AREA`, and lies below 0.5 by more than `STANDARD_ERRORS` of
its permutation distribution. That distribution (the truth dealt out anew over the cases, the scores kept) has the
exact variance ``sum((a - mean a)^2) sum((y - mean y)^2) / (n - 1)`` of a linear rank statistic (Hájek, Šidák and Sen,
Theory of Rank Tests, 1999), whatever the scores have in common between readers; so readers who guess alike count as
one. Of few cases no order is beyond chance, and nothing is said: three of each side never do.

Simulated on 1, 3 and 10 readers who guess, alone and alike, with 3 to 100 cases of a side: 0 to 1.7 % of studies are
called reversed. Of readers with an AUC of 0.86 whose scale is turned, 92 % of studies with five of them are found at 10
cases of each side, 44 % at 5, all at 45 and 69.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.wording import counted, number

STANDARD_ERRORS = 2.326
"""One in a hundred, one-sided."""
MOST_AREA = 0.45
"""Of thousands of cases an area just below 0.5 is beyond chance too, and no sign of a turned scale."""
RATINGS_WAY_OUT = (
    "A higher rating must be the more suspicious one. If it is the less suspicious here, read the ratings reversed; if "
    "the truth is written the other way round, correct the truth."
)
SCORES_WAY_OUT = (
    "A higher score must be the more suspicious one: look at which column holds which class, and at how the truth is "
    "written."
)


def reversed_area(scores: FloatArray, truth: BoolArray, groups: IntArray | None = None) -> float | None:
    """The mean AUC where scores seem reversed; None where they do not, or where too few cases could tell.

    Parameters
    ----------
    scores
        (raters, cases) or (cases,); higher speaks for the condition; NaN where not scored.
    truth
        (cases,); whether the case has the condition.
    groups
        (cases,); equal for cases that are not independent, e.g. of one lesion. None: all are independent.
    """
    rows = np.atleast_2d(np.asarray(scores, float))
    rater, case = np.nonzero(np.isfinite(rows))
    return reversed_area_of_rows(rater, case, rows[rater, case], truth, groups)


def reversed_area_of_rows(
    rater: NDArray[Any], case: NDArray[Any], score: FloatArray, truth: BoolArray, groups: IntArray | None = None
) -> float | None:
    """The same from one row per score: who gave it and to which case, as numbers from 0; truth and groups by case."""
    positive = truth[case]
    read = np.bincount(rater)
    positives_read = np.bincount(rater, weights=positive)
    pairs = (positives_read * (read - positives_read))[rater]
    part = (_ranks_within(rater, score) - (read[rater] + 1) / 2) / np.where(pairs > 0, pairs, np.inf)
    raters = len(np.unique(rater[pairs > 0]))
    if not raters:
        return None
    area = max(0.0, 0.5 + float(part[positive].sum()) / raters)
    parts = np.bincount(case, weights=part, minlength=len(truth)) / raters
    spread = _permutation_variance(parts, np.asarray(truth, float), groups)
    if area > MOST_AREA or spread <= 0:
        return None
    return area if 0.5 - area > STANDARD_ERRORS * np.sqrt(spread) else None


def reversed_warnings(
    area: float | None, *, what: str = "Ratings", readers: int = 1, way_out: str = RATINGS_WAY_OUT
) -> tuple[str, ...]:
    """What to say of an AUC that `reversed_area` gave: that ``what`` seem reversed, then what to do; nothing for None.

    ``readers``: how many it is the mean of.
    """
    if area is None:
        return ()
    of = f"mean AUC of {counted(readers, 'reader')}" if readers > 1 else "AUC"
    return (f"{what} seem reversed: {of} {number(area, 2)}, further below 0.5 than chance explains.", way_out)


def _ranks_within(rater: NDArray[Any], score: FloatArray) -> FloatArray:
    """The rank of each score among those of its rater, from 1; equal ones share their mean rank."""
    order = np.lexsort((score, rater))
    who, value = rater[order], score[order]
    new_rater = np.r_[True, who[1:] != who[:-1]]
    new_value = new_rater | np.r_[True, value[1:] != value[:-1]]
    tie = np.cumsum(new_value) - 1
    first = np.flatnonzero(new_value)
    last = np.r_[first[1:], len(order)]
    start = np.flatnonzero(new_rater)[np.cumsum(new_rater) - 1]
    ranks = np.empty(len(order))
    ranks[order] = ((first + last + 1) / 2)[tie] - start
    return ranks


def _permutation_variance(parts: FloatArray, truth: FloatArray, groups: IntArray | None) -> float:
    """Variance of ``sum(parts * truth)`` when the truth is dealt out anew, over groups where there are some."""
    if groups is not None:
        number = np.unique(groups, return_inverse=True)[1]
        sums = [np.bincount(number, weights=values).astype(float) for values in (parts, truth)]
        return _permutation_variance(sums[0], sums[1] / np.bincount(number), None)
    if len(parts) < 2:
        return 0.0
    return float(((parts - parts.mean()) ** 2).sum() * ((truth - truth.mean()) ** 2).sum() / (len(parts) - 1))
