"""Shares of readings with readers and cases as clusters, against statsmodels, brute force and known answers."""

import numpy as np
import numpy.typing as npt
import pytest
import statsmodels.api as sm
from scipy import optimize, stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.sandwich_covariance import cov_cluster, cov_cluster_2groups

from dermdash.analysis.drawn_intervals import drawn_interval
from dermdash.analysis.paired_accuracy import two_way_bootstrap
from dermdash.analysis.two_way import RateDifference, ReaderCaseInference
from dermdash.errors import InvalidInput


def crossed(readers: int = 12, cases: int = 25, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Right or wrong answers with skill and difficulty; a tenth of the cells is missing."""
    rng = np.random.default_rng(seed)
    r, c = (x.ravel() for x in np.meshgrid(np.arange(readers), np.arange(cases), indexing="ij"))
    odds = rng.normal(0, 0.8, readers)[r] + rng.normal(0.4, 1.0, cases)[c]
    kept = rng.random(r.size) > 0.1
    return r[kept], c[kept], (rng.random(r.size) < 1 / (1 + np.exp(-odds)))[kept]


def test_the_cluster_robust_interval_is_that_of_statsmodels() -> None:
    """statsmodels OLS on a constant with cov_cluster_2groups (Cameron, Gelbach, Miller), to 1e-10: of a mean; of a
    share the statsmodels Wilson interval on p(1-p)/variance answers.
    """
    r, c, hit = crossed()
    two_way = ReaderCaseInference(r, c, replicates=0, seed=1)
    mean, share = two_way.rate(hit, share=False), two_way.rate(hit)
    fit = sm.OLS(hit.astype(float), np.ones(len(hit))).fit()
    # statsmodels multiplies with (n - 1) / (n - k), which is 1 for a constant.
    variance = np.asarray(cov_cluster_2groups(fit, r, c)[0]).item()
    t = stats.t.ppf(0.975, min(1 / sum((np.bincount(kind) / len(kind)) ** 2) for kind in (r, c)) - 1)
    assert mean.value == pytest.approx(hit.mean(), abs=1e-12)
    half = t * np.sqrt(variance)
    assert (mean.low, mean.high) == pytest.approx((hit.mean() - half, hit.mean() + half), abs=1e-10)
    n = hit.mean() * (1 - hit.mean()) / variance
    wilson = proportion_confint(n * hit.mean(), n, alpha=2 * stats.norm.sf(t), method="wilson")
    assert (share.low, share.high) == pytest.approx(wilson, abs=1e-10)


@pytest.mark.parametrize("apart", ["readers", "cases", "cells"])
def test_the_difference_of_two_groups_is_that_of_statsmodels(apart: str) -> None:
    """statsmodels OLS on a group indicator: the difference, and without factors the one-way variances, to 1e-10.

    The variance is that of leaving out one cell after the other, plus what leaving out readers and cases shows beyond.
    """
    r, c, hit = crossed(seed=8, cases=30)
    group = {"readers": r % 3 == 0, "cases": c % 2 == 0, "cells": (r + c) % 2 == 0}[apart]
    ours = ReaderCaseInference(r, c, replicates=0, seed=1).difference((hit, group), (hit, ~group))
    fit = sm.OLS(hit.astype(float), sm.add_constant(group.astype(float))).fit()
    assert ours.value == pytest.approx(fit.params[1], abs=1e-12)
    influence = np.zeros((2, len(hit)))
    for row, inside in zip(influence, (group, ~group), strict=True):
        row[inside] = (hit[inside] - hit[inside].mean()) / inside.sum()

    def variance(labels: np.ndarray, *, jackknife: bool) -> float:
        names = sorted(set(labels))
        moved = np.zeros(len(names))
        for row, inside, sign in zip(influence, (group, ~group), (1, -1), strict=True):
            n = len(set(labels[inside]))
            share = np.array([(labels[inside] == name).mean() for name in names])
            sums = np.array([row[labels == name].sum() for name in names])
            moved += sign * (sums / (1 - share) * np.sqrt((n - 1) / n) if jackknife else sums)
        return float(np.square(moved).sum())

    for labels in (r, c):
        plain = cov_cluster(fit, labels, use_correction=False)[1, 1]
        assert variance(labels, jackknife=False) == pytest.approx(plain, abs=1e-12)
    cells, readers, cases = (variance(labels, jackknife=True) for labels in (100 * r + c, r, c))
    error = np.sqrt(cells + max(readers - cells, 0) + max(cases - cells, 0))
    degrees = stats_degrees(ours, error)
    assert min(len(set(r[group])), len(set(r[~group]))) - 2 < degrees < 60
    assert ours.p_value == pytest.approx(2 * stats.t.sf(abs(fit.params[1]) / error, degrees), abs=1e-8)


def stats_degrees(found: RateDifference, error: float) -> float:
    """Degrees of freedom at which Student's t reaches from the value to the upper end."""
    reach = (found.high - found.value) / error
    return float(optimize.brentq(lambda df: stats.t.ppf(0.975, df) - reach, 1, 1000))


def _ends(value: float | None, draws: npt.ArrayLike, clusters: int) -> tuple[float, float]:
    found = drawn_interval(float(value or 0), np.asarray(draws), clusters, confidence=0.95)
    assert found is not None
    return found.low, found.high


def test_the_bootstrap_is_that_of_drawing_rows_one_by_one() -> None:
    """Brute force: readers and cases drawn with replacement and every cell copied; ends to Monte Carlo error."""
    r, c, hit = crossed(8, 15)
    ours = ReaderCaseInference(r, c, replicates=4000, seed=1).rate(hit)
    cells = {(i, j): h for i, j, h in zip(r, c, hit, strict=True)}
    rng = np.random.default_rng(9)
    means = []
    for _ in range(1500):
        drawn_cases = rng.integers(0, 15, 15)
        drawn = [cells[i, j] for i in rng.integers(0, 8, 8) for j in drawn_cases if (i, j) in cells]
        means.append(np.mean(drawn))
    assert (ours.bootstrap_low, ours.bootstrap_high) == pytest.approx(_ends(ours.value, means, 8), abs=0.03)


def test_it_agrees_with_the_bootstrap_of_accuracies_where_every_reader_read_every_case() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.normal(0.2, 1, (10, 20))
    r, c = (x.ravel() for x in np.meshgrid(np.arange(10), np.arange(20), indexing="ij"))
    ours = ReaderCaseInference(r, c, replicates=4000, seed=1).rate(matrix.ravel(), share=False)
    other = two_way_bootstrap(matrix, replicates=4000, rng=np.random.default_rng(5))
    assert (ours.bootstrap_low, ours.bootstrap_high) == pytest.approx(_ends(ours.value, other, 10), abs=0.03)


def test_the_order_of_rows_and_the_names_of_readers_change_nothing() -> None:
    r, c, hit = crossed()
    first = ReaderCaseInference(r, c, replicates=200, seed=4).rate(hit)
    order = np.random.default_rng(2).permutation(len(r))
    assert ReaderCaseInference(r[order], c[order], replicates=200, seed=4).rate(hit[order]) == first
    renamed = ReaderCaseInference((11 - r), c, replicates=0, seed=4).rate(hit)
    assert (renamed.value, renamed.low) == pytest.approx((first.value, first.low), abs=1e-12)


def test_a_second_copy_of_every_reading_of_a_cell_narrows_nothing() -> None:
    r, c, hit = crossed()
    once = ReaderCaseInference(r, c, replicates=300, seed=4).rate(hit)
    twice = ReaderCaseInference(np.tile(r, 2), np.tile(c, 2), replicates=300, seed=4).rate(np.tile(hit, 2))
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high))
    assert (twice.bootstrap_low, twice.bootstrap_high) == pytest.approx((once.bootstrap_low, once.bootstrap_high))


def test_swapping_the_groups_turns_the_sign() -> None:
    r, c, hit = crossed()
    group = r % 2 == 0
    two_way = ReaderCaseInference(r, c, replicates=300, seed=4)
    one, other = two_way.difference((hit, group), (hit, ~group)), two_way.difference((hit, ~group), (hit, group))
    assert (other.value, other.low, other.high) == pytest.approx((-one.value, -one.high, -one.low))
    assert (other.bootstrap_low, other.bootstrap_high) == pytest.approx((-one.bootstrap_high, -one.bootstrap_low))
    assert other.p_value == pytest.approx(one.p_value)
    same = two_way.difference((hit, group), (hit, group))
    assert (same.value, same.low, same.p_value) == (0, None, None)
    assert "no interval" in str(same.reason)


@pytest.mark.parametrize("value", [0, 1])
def test_at_the_edge_the_interval_is_wilsons_on_readers_and_never_of_no_width(value: int) -> None:
    r, c, hit = crossed(6, 20)
    rate = ReaderCaseInference(r, c, replicates=100, seed=1).rate(np.full(len(hit), bool(value)))
    assert rate.value == value
    assert rate.high - rate.low == pytest.approx(3.8414588 / (6 + 3.8414588), abs=1e-6)
    assert "6 readers" in str(rate.reason)
    assert (rate.complement.value, rate.complement.low) == (1 - value, 1 - rate.high)


def test_what_cannot_be_computed_says_why() -> None:
    r, c, hit = crossed()
    two_way = ReaderCaseInference(r, c, replicates=100, seed=1)
    assert two_way.rate(hit, np.zeros(len(hit), bool), empty="nobody differed").reason == "nobody differed"
    one = two_way.rate(hit, r == 0)
    assert one.value is not None
    assert one.low is None
    assert "one reader" in str(one.reason)
    assert "one case" in str(two_way.rate(hit, c == 0).reason)
    assert "all values are equal" in str(two_way.rate(np.full(len(hit), 3.0), share=False).reason)
    assert two_way.difference((hit, r < 0), (hit, r >= 0)).value is None
    assert ReaderCaseInference(r, c, replicates=0, seed=1).rate(hit).bootstrap_low is None
    with pytest.raises(InvalidInput, match="-1 bootstrap draws"):
        ReaderCaseInference(r, c, replicates=-1, seed=1)


def test_small_groups_are_known_as_such() -> None:
    r, c, hit = crossed()
    two_way = ReaderCaseInference(r, c, replicates=0, seed=1)
    assert two_way.rate(hit, r < 4).small
    assert two_way.rate(hit, c < 9).small
    assert not two_way.rate(hit).small


def test_in_95_of_100_studies_the_interval_holds_the_truth() -> None:
    """400 studies of 12 readers and 40 cases, a fifth of the cells, skill and difficulty varying: nominal coverage
    within Monte Carlo error (binomial, 99.9 %).
    """
    rng = np.random.default_rng(7)
    r, c = (x.ravel() for x in np.meshgrid(np.arange(12), np.arange(40), indexing="ij"))
    skills = rng.normal(0.5, np.hypot(0.5, 0.5), 1_000_000)
    truth = float((1 / (1 + np.exp(-skills))).mean())
    held = 0
    for _ in range(400):
        odds = 0.5 + rng.normal(0, 0.5, 12)[r] + rng.normal(0, 0.5, 40)[c]
        rate = ReaderCaseInference(r, c, replicates=0, seed=1).rate(
            rng.random(r.size) < 1 / (1 + np.exp(-odds)), rng.random(r.size) < 0.2
        )
        held += rate.low <= truth <= rate.high
    assert stats.binom.ppf(0.0005, 400, 0.95) <= held <= stats.binom.ppf(0.9995, 400, 0.95)


def test_equal_groups_differ_significantly_in_5_of_100_studies() -> None:
    """400 null studies of two modalities in turn: rejections within Monte Carlo error of 5 %, or below (99.9 %)."""
    rng = np.random.default_rng(11)
    r, c = (x.ravel() for x in np.meshgrid(np.arange(14), np.arange(30), indexing="ij"))
    group = (r + c) % 2 == 0
    rejected = 0
    for _ in range(400):
        odds = rng.normal(0, 0.6, 14)[r] + rng.normal(0, 0.6, 30)[c]
        hit, among = rng.random(r.size) < 1 / (1 + np.exp(-odds)), rng.random(r.size) < 0.4
        found = ReaderCaseInference(r, c, replicates=0, seed=1).difference((hit, among & group), (hit, among & ~group))
        rejected += found.p_value < 0.05
    assert 1 <= rejected <= stats.binom.ppf(0.9995, 400, 0.05)
