"""Shares and means of readings that share readers and cases: their intervals hold for other readers and other cases.

Every reading belongs to a reader and to a case, and neither is a sample of one. The interval is *two-way
cluster-robust* (`clusters`), with the t distribution; that of a share is Wilson's for as many independent answers as
would show this variance (Rao and Scott, Biometrics 1992). Beside it stands the *two-way bootstrap*, which draws readers
and cases with replacement and weighs a reading by how often both were drawn (Owen, Ann Appl Stat 2007). The bootstrap
counts the chance within a reading up to three times: where each reader read few of the cases that a share is about, its
95 % intervals hold the truth in more than 99 % of simulated studies, the cluster-robust ones in 95 %; with the t
distribution (`drawn_intervals`) it errs on the wide side everywhere. So it is the check and not the result. All figures
of an analysis use the same draws.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.analysis.clusters import cluster_covariance, clustering
from dermdash.analysis.distributions import t_quantile
from dermdash.analysis.drawn_intervals import ends_of
from dermdash.analysis.draws import Drawn, compact, times_drawn
from dermdash.analysis.estimates import check_confidence, check_draws, equal_clusters_of, json_number
from dermdash.analysis.group_contrasts import Grouped, compare_groups, few_clusters
from dermdash.readings.small_groups import is_small
from dermdash.wording import level

_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Rate:
    """A share (0..1) or a mean with its intervals.

    ``hits`` of ``total`` readings (of a mean: their sum), by ``readers`` readers on ``cases`` cases. ``low`` and
    ``high`` are cluster-robust, ``bootstrap_low`` and ``bootstrap_high`` those of the two-way bootstrap. What cannot be
    computed is None, and ``reason`` says why; ``reason`` also says when an interval is not the usual one.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    bootstrap_low: float | None = None
    bootstrap_high: float | None = None
    hits: float = 0
    total: int = 0
    readers: int = 0
    cases: int = 0
    reason: str | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The cluster-robust interval, None where there is none."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def small(self) -> bool:
        """Whether so few readers or cases stand behind it that it should not be generalised."""
        return is_small(self.readers, self.cases)

    @property
    def complement(self) -> "Rate":
        """1 minus the share, with mirrored intervals."""

        def turned(value: float | None) -> float | None:
            return None if value is None else 1 - value

        return Rate(
            turned(self.value), turned(self.high), turned(self.low),
            turned(self.bootstrap_high), turned(self.bootstrap_low),
            self.total - self.hits, self.total, self.readers, self.cases, self.reason,
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """For JSON: numbers finite or None."""
        return {
            "value": json_number(self.value),
            "ci": None if self.low is None or self.high is None else [self.low, self.high],
            "ci_bootstrap": None
            if self.bootstrap_low is None or self.bootstrap_high is None
            else [self.bootstrap_low, self.bootstrap_high],
            "hits": json_number(self.hits),
            "n": self.total,
            "n_readers": self.readers,
            "n_cases": self.cases,
            "small": self.small,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class RateDifference:
    """One share minus another, with the p value that agrees with the interval.

    ``low``, ``high`` and ``p_value`` come from the cluster-robust variance and the t distribution with the degrees of
    freedom of both groups (`group_contrasts`), ``bootstrap_low`` and ``bootstrap_high`` from the draws. What cannot be
    computed, or is not shown since a group has too few readers or cases, is None; ``reason`` says why.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    bootstrap_low: float | None = None
    bootstrap_high: float | None = None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON: numbers finite or None."""
        return {
            "difference": json_number(self.value),
            "ci": None if self.low is None or self.high is None else [self.low, self.high],
            "p": json_number(self.p_value),
            "ci_bootstrap": None
            if self.bootstrap_low is None or self.bootstrap_high is None
            else [self.bootstrap_low, self.bootstrap_high],
            "reason": self.reason,
        }


@dataclass(slots=True)
class ReaderCaseInference:
    """Readings by reader and case, and the draws of both that every figure shares.

    Parameters
    ----------
    reader, case
        One entry per reading; any labels. Equal labels and seed give equal intervals, whatever the order of rows.
    replicates
        Draws; 0 leaves the bootstrap out.
    seed
        Of the draws.
    confidence
        Level of all intervals, 0..1.
    """

    reader: npt.NDArray[Any]
    case: npt.NDArray[Any]
    replicates: int
    seed: int
    confidence: float = 0.95
    _r: IntArray = field(init=False, repr=False)
    _c: IntArray = field(init=False, repr=False)
    _readers: int = field(init=False)
    _cases: int = field(init=False)
    _reader_draws: Drawn | None = field(init=False, default=None, repr=False)
    _case_draws: Drawn | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        check_confidence(self.confidence)
        check_draws(self.replicates)
        readers, self._r = np.unique(np.asarray(self.reader, dtype=str), return_inverse=True)
        cases, self._c = np.unique(np.asarray(self.case, dtype=str), return_inverse=True)
        self._readers, self._cases = len(readers), len(cases)

    def rate(
        self,
        hits: npt.ArrayLike,
        among: npt.ArrayLike | None = None,
        *,
        empty: str = "no reading to count",
        share: bool = True,
    ) -> Rate:
        """Share of ``hits`` among the readings marked, or with ``share=False`` their mean.

        Parameters
        ----------
        hits
            bool or float (n,); looked at only where ``among``.
        among
            bool (n,); None: all.
        empty
            The reason to give where nothing is marked.
        share
            Whether the value lies in 0..1 by its nature; its intervals are then cut there.
        """
        marked, values = self._marked(hits, among)
        total = int(marked.sum())
        if total == 0:
            return Rate(None, reason=empty)
        n_readers, n_cases = self._counts_of(marked)
        value = float(values.sum() / total)
        counts: dict[str, Any] = {
            "hits": float(values.sum()), "total": total, "readers": n_readers, "cases": n_cases,
        }  # fmt: skip
        if share and (value < _NOTHING or value > 1 - _NOTHING):
            return self._at_the_edge(round(value), counts)
        if np.ptp(values[marked]) < _NOTHING:
            return Rate(value, reason="all values are equal: no interval can be seen", **counts)
        robust = self._robust(self._influence(values, marked, value), marked)
        if (reason := _too_few(n_readers, n_cases)) is not None or robust is None:
            return Rate(value, reason=reason or "nothing varies between readers or cases", **counts)
        half = robust.quantile(self.confidence) * robust.error
        bounds = self._wilson(value, robust, values[marked]) if share else (value - half, value + half)
        drawn = self._drawn(values, marked, level=share)
        return Rate(value, *bounds, *drawn, **counts)

    def difference(
        self,
        first: tuple[npt.ArrayLike, npt.ArrayLike],
        second: tuple[npt.ArrayLike, npt.ArrayLike],
        *,
        empty: str = "one of the two groups has no reading to count",
        names: tuple[str, str] = ("first group", "second group"),
    ) -> RateDifference:
        """Share (or mean) of the first (hits, among) minus that of the second.

        The test is that of `group_contrasts`; where a group has too few readers or cases there is none, and ``reason``
        says so with the groups' ``names``.
        """
        (a_marked, a), (b_marked, b) = self._marked(*first), self._marked(*second)
        if not a_marked.any() or not b_marked.any():
            return RateDifference(None, reason=empty)
        mean_a, mean_b = a.sum() / a_marked.sum(), b.sum() / b_marked.sum()
        value = float(mean_a - mean_b)
        influence = np.column_stack([self._influence(a, a_marked, mean_a), self._influence(b, b_marked, mean_b)])
        if float(np.abs(influence[:, 0] - influence[:, 1]).max()) < _NOTHING:
            return RateDifference(value, reason="nothing varies within either group: no interval can be seen")
        grouped = Grouped(
            np.array([mean_b, mean_a]),
            influence[:, ::-1],
            np.column_stack([b_marked, a_marked]).astype(float),
            (self._r, self._c),
        )
        if few := few_clusters(grouped, ("reader", "case")):
            which = {0: names[1], 1: names[0]}
            said = "; ".join(f"{which[group]}: {why}" for group, why in sorted(few.items(), reverse=True))
            return RateDifference(value, reason=said)
        test = compare_groups(grouped, confidence=self.confidence)
        if test is None:
            return RateDifference(value, reason="too little varies between readers and cases for a test")
        drawn = self._drawn(a, a_marked, b, b_marked)
        return RateDifference(value, test.low, test.high, test.p_value, *drawn)

    def _marked(self, hits: npt.ArrayLike, among: npt.ArrayLike | None) -> tuple[npt.NDArray[np.bool_], FloatArray]:
        marked = np.ones(len(self._r), bool) if among is None else np.asarray(among, bool)
        return marked, np.where(marked, np.asarray(hits, float), 0.0)

    def _counts_of(self, marked: npt.NDArray[np.bool_]) -> tuple[int, int]:
        return tuple(  # type: ignore[return-value]  # two kinds
            int(np.count_nonzero(np.bincount(kind[marked], minlength=1))) for kind in (self._r, self._c)
        )

    def _equal_counts_of(self, marked: npt.NDArray[np.bool_]) -> float:
        """Readers or cases, whichever are fewer, as equal ones."""
        return min(equal_clusters_of(kind[marked]) for kind in (self._r, self._c))

    def _draws_of(self, values: FloatArray, marked: npt.NDArray[np.bool_]) -> FloatArray:
        """The ratio in every draw; NaN where a draw has no marked reading."""
        total = self._sums(marked.astype(float))
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio: FloatArray = self._sums(values) / np.where(total > 0, total, np.nan)
        return ratio

    def _sums(self, column: FloatArray) -> FloatArray:
        if self._reader_draws is None or self._case_draws is None:
            rng = np.random.default_rng(self.seed)
            self._reader_draws = times_drawn(self._readers, self.replicates, rng)
            self._case_draws = times_drawn(self._cases, self.replicates, rng)
        size = self._readers * self._cases
        cells = np.bincount(self._c * self._readers + self._r, weights=column, minlength=size)
        by_reader = self._case_draws @ compact(cells.reshape(self._cases, self._readers))
        sums: FloatArray = np.einsum("br,br->b", self._reader_draws, by_reader, dtype=float)
        return sums

    def _drawn(
        self,
        a: FloatArray,
        a_marked: npt.NDArray[np.bool_],
        b: FloatArray | None = None,
        b_marked: npt.NDArray[np.bool_] | None = None,
        *,
        level: bool = False,
    ) -> tuple[float, float] | tuple[None, None]:
        """Interval of a share (mean), or of the first minus the second, from draws; None where these say nothing."""
        if self.replicates == 0:
            return None, None
        draws, value = self._draws_of(a, a_marked), float(a.sum() / a_marked.sum())
        fewest = self._equal_counts_of(a_marked)
        if b is not None and b_marked is not None:
            draws, value = draws - self._draws_of(b, b_marked), value - float(b.sum() / b_marked.sum())
            fewest = min(fewest, self._equal_counts_of(b_marked))
        return ends_of(value, draws, fewest, confidence=self.confidence, level=level) or (None, None)

    def _influence(self, values: FloatArray, marked: npt.NDArray[np.bool_], mean: float) -> FloatArray:
        influence: FloatArray = np.where(marked, values - mean, 0.0) / marked.sum()
        return influence

    def _robust(self, influence: FloatArray, marked: npt.NDArray[np.bool_]) -> "_Robust | None":
        rows = clustering(self._r[marked], self._c[marked])
        covariance, df, _ = cluster_covariance(influence[marked, None], rows)
        if covariance is None or df is None or covariance[0, 0] < _NOTHING**2:
            return None
        return _Robust(math.sqrt(covariance[0, 0]), df)

    def _wilson(self, share: float, robust: "_Robust", values: FloatArray) -> tuple[float, float]:
        """Wilson's interval on the number of independent answers that would show this variance.

        Of yes/no answers that is never more than there are (a design effect is at least 1).
        """
        n = share * (1 - share) / robust.error**2
        if np.isin(values, (0.0, 1.0)).all():
            n = min(n, float(len(values)))
        t = robust.quantile(self.confidence)
        centre = (share + t * t / (2 * n)) / (1 + t * t / n)
        half = t * math.sqrt(share * (1 - share) / n + t * t / (4 * n * n)) / (1 + t * t / n)
        return max(0.0, centre - half), min(1.0, centre + half)

    def _at_the_edge(self, value: int, counts: dict[str, Any]) -> Rate:
        from statistics import NormalDist

        n = min(counts["readers"], counts["cases"])
        z = NormalDist().inv_cdf(0.5 + self.confidence / 2)
        reach = z * z / (n + z * z)  # Wilson's bound at 0 of n
        low, high = (0.0, reach) if value == 0 else (1 - reach, 1.0)
        why = (
            f"at {level(value)} no variance can be seen: Wilson's interval, counting the {n} "
            f"{'readers' if counts['readers'] <= counts['cases'] else 'cases'} and not the readings"
        )
        return Rate(float(value), low, high, None, None, reason=why, **counts)


@dataclass(frozen=True, slots=True)
class _Robust:
    """Cluster-robust standard error and its degrees of freedom."""

    error: float
    degrees: float

    def quantile(self, confidence: float) -> float:
        return t_quantile((1 + confidence) / 2, self.degrees)


def _too_few(n_readers: int, n_cases: int) -> str | None:
    if n_readers < 2:
        return "one reader: an interval for other readers needs at least two"
    return "one case: an interval for other cases needs at least two" if n_cases < 2 else None
