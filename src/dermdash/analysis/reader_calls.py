"""Calls of several readers beside one score of the same cases, and what each does at the rates of the other.

Readers call a case positive or not: each is one operating point beside the ROC curve of the score, which is read off at
their rates as it is (`matched_rates`).

- ``ReaderCalls``: the calls and the score
- ``rates(calls)``: each reader's operating point
- ``mean_and_score(calls, readers, weight)``: the mean of readers and the score at its rates
- ``differences_from_mean(calls, bootstrap, seed)``: the same with intervals over readers and cases
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.arrays import BoolArray, FloatArray, IntArray
from dermdash.analysis.auc_intervals import sides_of
from dermdash.analysis.bootstrap import NO_DRAWS, GroupedBootstrap
from dermdash.analysis.drawn_intervals import LEAST_CLUSTERS, drawn_interval, too_few
from dermdash.analysis.draws import Drawn, times_drawn
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.matched_rates import matched_to_mean, steps_of

SPECIFICITY_AT_SENSITIVITY = "specificity_at_readers_sensitivity"
SENSITIVITY_AT_SPECIFICITY = "sensitivity_at_readers_specificity"
NO_SIDE = "the cases lack malignant or benign ones"
NO_SPREAD = "no interval: every draw of readers and cases gives the same"
LEAST_MATCHED = 10
"""Positives (negatives) that a distance from the mean of readers at equal sensitivity (specificity) needs."""
TOO_FEW = "an interval needs at least two readers and two groups of cases"


@dataclass(frozen=True, slots=True)
class RocPoint:
    """Sensitivity and specificity of answers (0..1); None where no such case was read."""

    sensitivity: float | None
    specificity: float | None


@dataclass(frozen=True, slots=True)
class ReaderDifference:
    """Model minus readers, with an interval (None where it cannot be had; ``reason`` says why)."""

    metric: str
    model: float | None
    readers: float | None
    difference: float | None
    low: float | None
    high: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReaderCalls:
    """What readers called positive, and a score of the same cases.

    Attributes
    ----------
    target
        bool (cases,): whether the case has the condition.
    score
        float (cases,): higher speaks for the condition.
    called, seen
        bool (readers, cases): what each reader called, and which cases they read; nothing is called unseen.
    """

    target: BoolArray
    score: FloatArray
    called: BoolArray
    seen: BoolArray

    def for_readers(self, readers: BoolArray) -> "ReaderCalls":
        """Only the readers marked True; cases that none of them read stay."""
        return replace(self, called=self.called[readers], seen=self.seen[readers])

    def for_cases(self, cases: BoolArray) -> "ReaderCalls":
        """Only the cases marked True."""
        return ReaderCalls(self.target[cases], self.score[cases], self.called[:, cases], self.seen[:, cases])


def point_of(called: BoolArray, target: BoolArray) -> RocPoint:
    """The operating point of calls on cases with a known condition."""
    return RocPoint(
        float(called[target].mean()) if target.any() else None,
        float((~called[~target]).mean()) if (~target).any() else None,
    )


def rates(calls: ReaderCalls) -> tuple[RocPoint, ...]:
    """Each reader's operating point on the cases they read."""
    return tuple(
        point_of(called[seen], calls.target[seen]) for called, seen in zip(calls.called, calls.seen, strict=True)
    )


def mean_of(points: tuple[RocPoint, ...] | list[RocPoint]) -> RocPoint:
    """The mean of the rates that are known, every reader as much as any other."""

    def mean(values: list[float | None]) -> float | None:
        known = [v for v in values if v is not None]
        return float(np.mean(known)) if known else None

    return RocPoint(mean([p.sensitivity for p in points]), mean([p.specificity for p in points]))


def mean_and_score(calls: ReaderCalls, readers: Drawn, weight: Drawn) -> dict[str, tuple[FloatArray, FloatArray]]:
    """(score, mean of readers) at equal sensitivity and at equal specificity.

    The score's rates weight the cases as the mean over readers does: a case counts the more, the more readers read it.

    Parameters
    ----------
    readers, weight
        How often each reader and each case counts: (draws, readers) or (1, readers), and (draws, cases).
    """
    steps = steps_of(calls.target, calls.score)
    means: list[FloatArray] = []
    counted: list[FloatArray] = []
    for cases, positive in ((steps.positive, True), (steps.negative, False)):
        drawn, seen = np.take(weight, cases, axis=1), calls.seen[:, cases]
        right = seen & (calls.called[:, cases] == positive)
        # Whole numbers are exact in float32 up to 2^24.
        whole, part = ((drawn @ which.T.astype(np.float32)).astype(float) for which in (seen, right))
        means.append(mean_share(part, whole, readers))
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(whole > 0, readers / whole, 0.0)
        counted.append((seen.T.astype(float) @ share.T) * drawn.T.astype(float))
    sensitivity, specificity = means
    at_specificity, at_sensitivity = matched_to_mean(steps, counted[0], counted[1], sensitivity, specificity)
    return {
        SPECIFICITY_AT_SENSITIVITY: (at_sensitivity, specificity),
        SENSITIVITY_AT_SPECIFICITY: (at_specificity, sensitivity),
    }


def mean_share(part: FloatArray, whole: FloatArray, readers: Drawn) -> FloatArray:
    """Mean over readers of part / whole (draws, readers); those with nothing to count are left out."""
    used = readers * (whole > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(whole > 0, part / whole, 0.0)
        averaged: FloatArray = (used * share).sum(axis=1) / used.sum(axis=1)
    return averaged


def clean_difference(first: FloatArray, second: FloatArray) -> FloatArray:
    """Difference of shares; what is left of equal ones by rounding is 0."""
    difference: FloatArray = first - second
    return np.where(np.abs(difference) < 1e-12, 0.0, difference)


@dataclass(frozen=True, slots=True)
class MeanOfReaders:
    """The mean operating point of readers with intervals over readers and cases, and the score at its rates."""

    sensitivity: Estimate
    specificity: Estimate
    differences: tuple[ReaderDifference, ...]


def mean_of_readers(
    calls: ReaderCalls, bootstrap: GroupedBootstrap, groups: IntArray, *, seed: int, no_side: str = NO_SIDE
) -> MeanOfReaders:
    """Compare a score with the mean of readers at equal sensitivity and at equal specificity.

    Readers and groups of cases are drawn with replacement; intervals are of the t distribution, with as many degrees of
    freedom as there are readers, positive or negative groups, whichever are fewest, - 1 (`drawn_intervals`).
    """
    n = len(calls.seen)
    read = calls.seen.any(axis=0)
    sides = sides_of(calls.target[read], groups[read])
    observed = mean_and_score(calls, np.ones((1, n), np.float32), np.ones((1, len(calls.target)), np.float32))
    enough = n >= 2 and len(np.unique(groups)) >= 2
    drawn: dict[str, list[tuple[FloatArray, FloatArray]]] = {name: [] for name in observed}
    if enough:
        rng = np.random.default_rng([seed, 1])
        for weight in bootstrap.case_counts():
            readers = times_drawn(n, len(weight), rng)
            for name, pair in mean_and_score(calls, readers, weight).items():
                drawn[name].append(pair)
    differences = []
    for name, (model, mean) in observed.items():
        values = [clean_difference(m, r) for m, r in drawn[name]]
        differences.append(
            difference_of(
                name, float(model[0]), float(mean[0]), values, bootstrap, clusters=min(n, *sides), enough=enough,
                no_side=no_side, few=few_matched(name, sides),
            )
        )  # fmt: skip
    return MeanOfReaders(
        sensitivity=_mean_estimate(observed, drawn, SENSITIVITY_AT_SPECIFICITY, bootstrap, enough, (n, sides[0])),
        specificity=_mean_estimate(observed, drawn, SPECIFICITY_AT_SENSITIVITY, bootstrap, enough, (n, sides[1])),
        differences=tuple(differences),
    )


def _mean_estimate(
    observed: dict[str, tuple[FloatArray, FloatArray]],
    drawn: dict[str, list[tuple[FloatArray, FloatArray]]],
    name: str,
    bootstrap: GroupedBootstrap,
    enough: bool,
    behind: tuple[int, int],
) -> Estimate:
    """The mean of ``behind``: so many readers, and groups of cases of the side."""
    value = float(observed[name][1][0])
    if not np.isfinite(value):
        return Estimate(None, reason="no such case was read")
    side = "positive case" if name == SENSITIVITY_AT_SPECIFICITY else "negative case"
    if few := too_few(behind[1], side):
        return Estimate(value, reason=few)
    means = np.concatenate([mean for _, mean in drawn[name]]) if drawn[name] else np.empty(0)
    found = drawn_interval(
        value, means, min(behind), confidence=bootstrap.confidence, bounds=(0.0, 1.0), log_odds=True
    )  # fmt: skip
    if found is None:
        return Estimate(value, reason=_no_interval(bootstrap, enough))
    return Estimate(value, bootstrap_low=found.low, bootstrap_high=found.high)


def few_matched(name: str, sides: tuple[int, int]) -> str | None:
    """Why a distance from the mean of readers has no interval: its rate is matched on too few cases of a side."""
    at_specificity = name == SENSITIVITY_AT_SPECIFICITY
    least = (LEAST_CLUSTERS, LEAST_MATCHED) if at_specificity else (LEAST_MATCHED, LEAST_CLUSTERS)
    return too_few(sides[0], "positive case", least[0]) or too_few(sides[1], "negative case", least[1])


def _no_interval(bootstrap: GroupedBootstrap, enough: bool) -> str:
    """Why the draws give no interval."""
    if not enough:
        return TOO_FEW
    return NO_SPREAD if bootstrap.replicates else NO_DRAWS


def difference_of(
    name: str,
    model: float,
    readers: float,
    drawn: list[FloatArray] | list[NDArray[np.float64]],
    bootstrap: GroupedBootstrap,
    *,
    clusters: int,
    enough: bool = True,
    no_side: str = NO_SIDE,
    few: str | None = None,
    wider: bool = False,
) -> ReaderDifference:
    """The observed difference with the interval of its draws (`drawn_intervals`), or the reason why there is none.

    Parameters
    ----------
    clusters
        Readers or groups of cases (of a side), whichever are fewest.
    few
        Why there is no interval whatever was drawn; None where there may be one.
    wider
        Take each end that is farther off, of t and of the percentiles: where the score steps over a rate, the
        difference is off to one side by up to a step.
    """
    if not (np.isfinite(model) and np.isfinite(readers)):
        return ReaderDifference(name, None, None, None, None, None, no_side)
    difference = float(clean_difference(np.array([model]), np.array([readers]))[0])
    values = np.concatenate(drawn) if drawn else np.empty(0)
    found = None if few else drawn_interval(
        difference, values, clusters, confidence=bootstrap.confidence, bounds=(-1.0, 1.0)
    )  # fmt: skip
    if found is None:
        reason = few if few and enough else _no_interval(bootstrap, enough)
        return ReaderDifference(name, model, readers, difference, None, None, reason)
    low, high = found.low, found.high
    if wider and (percentiles := bootstrap.interval(values)):
        low, high = min(low, percentiles[0]), max(high, percentiles[1])
    return ReaderDifference(name, model, readers, difference, low, high)
