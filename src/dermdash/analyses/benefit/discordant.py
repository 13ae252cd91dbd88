"""Pairs of answers of which one was right: McNemar's test, also where pairs share readers and cases."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dermdash.analysis.arrays import BoolArray
from dermdash.analysis.clustered_pairs import Clusters, clustered_difference, interval_or_none
from dermdash.analysis.clusters import Clustering, clustering
from dermdash.analysis.distributions import beta_quantile, chi2_above, sign_test
from dermdash.analysis.estimates import json_number
from dermdash.analysis.two_way import ReaderCaseInference

EXACT_BELOW = 25
"""Discordant pairs below which the binomial distribution is used instead of the chi-square approximation."""


@dataclass(frozen=True, slots=True)
class Discordant:
    """Answers that assistance turned, and those it did not.

    ``gained``: the outcome was absent before and present after; ``lost``: the reverse. ``gain_share`` is
    gained / (gained + lost); the test asks whether it is one half. Of pairs that stand alone the interval is that of
    Clopper and Pearson and the test McNemar's. Where pairs share readers or cases (``clustered``) the interval is that
    of `ReaderCaseInference`, and p that of as many gains as losses with the variance between both
    (`clustered_difference`), as Durkalski et al. (Stat Med 2003) do for one kind of cluster.
    """

    both: int
    gained: int
    lost: int
    neither: int
    gain_share: float | None
    low: float | None
    high: float | None
    p_value: float | None
    exact: bool
    reason: str | None = None
    clustered: bool = False

    @property
    def pairs(self) -> int:
        """All pairs."""
        return self.both + self.gained + self.lost + self.neither

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "both": self.both,
            "gained": self.gained,
            "lost": self.lost,
            "neither": self.neither,
            "gain_share": json_number(self.gain_share),
            "ci": interval_or_none(self.low, self.high),
            "p": json_number(self.p_value),
            "exact": self.exact,
            "clustered": self.clustered,
            "reason": self.reason,
        }


def mcnemar(
    unaided: npt.ArrayLike, aided: npt.ArrayLike, *, clusters: Clusters | None = None,
    confidence: float = 0.95,
) -> Discordant:  # fmt: skip
    """McNemar's test on pairs of yes/no outcomes (McNemar, Psychometrika 1947).

    Parameters
    ----------
    unaided, aided
        Outcome of each pair, 0 or 1.
    clusters
        Reader and case (lesion, patient) of each pair; None, or no two pairs share one: pairs are independent.

    Below ``EXACT_BELOW`` discordant pairs the two-sided binomial p is used, above it chi-square with the continuity
    correction of Edwards (Psychometrika 1948).
    """
    before, after = np.asarray(unaided, float) > 0.5, np.asarray(aided, float) > 0.5
    both, gained = int((before & after).sum()), int((~before & after).sum())
    lost, neither = int((before & ~after).sum()), int((~before & ~after).sum())
    changed = gained + lost
    if changed == 0:
        reason = "no answer was turned: McNemar's test compares turned answers"
        return Discordant(both, gained, lost, neither, None, None, None, None, True, reason)
    rows = clustering(*clusters) if isinstance(clusters, tuple) else clusters
    if rows is not None and min(rows.sizes) < len(before):
        return _clustered(before, after, (both, gained, lost, neither), rows, confidence)
    tail = (1 - confidence) / 2
    low = beta_quantile(tail, gained, lost + 1) if gained else 0.0
    high = beta_quantile(1 - tail, gained + 1, lost) if lost else 1.0
    exact = changed < EXACT_BELOW
    corrected = max(abs(gained - lost) - 1, 0) ** 2 / changed
    p = sign_test(min(gained, lost), changed) if exact else chi2_above(corrected, 1)
    return Discordant(both, gained, lost, neither, gained / changed, low, high, p, exact)


def _clustered(
    before: BoolArray, after: BoolArray, cells: tuple[int, int, int, int], clusters: Clustering,
    confidence: float,
) -> Discordant:  # fmt: skip
    turned = after != before
    reader, case = (numbers[turned] for numbers in clusters.kinds)
    share = ReaderCaseInference(reader, case, replicates=0, seed=0, confidence=confidence).rate(after[turned])
    test = clustered_difference(before, after, clusters=clusters, confidence=confidence)
    reason = None if test.p_value is not None else test.reason
    return Discordant(*cells, share.value, share.low, share.high, test.p_value, False, reason, clustered=True)
