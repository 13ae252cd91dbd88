"""Pluralities against every panel there is, against independent voters (Condorcet)."""

import itertools
from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from dermdash.analyses.collective.malignancy_panels import VoteRule, call_probability
from dermdash.analyses.collective.plurality import case_values, plurality_share
from dermdash.errors import InvalidInput


def every_panel(
    votes: NDArray[np.int64], strata: NDArray[np.int64], truth: int, size: tuple[int, ...], offset: NDArray[np.float64]
) -> float:
    """Mean over all panels, one by one."""
    pools = [[i for i in range(len(votes)) if strata[i] == g] for g in range(len(size))]
    right, panels = 0.0, 0
    for parts in itertools.product(*[itertools.combinations(p, k) for p, k in zip(pools, size, strict=True)]):
        tally = offset.astype(float).copy()
        for member in itertools.chain(*parts):
            tally[votes[member]] += 1
        leading = np.flatnonzero(tally > tally.max() - 1e-9)
        right += 1 / len(leading) if truth in leading else 0.0
        panels += 1
    return right / panels


@pytest.mark.parametrize("seed", range(24))
def test_pluralities_equal_the_mean_over_every_panel(seed: int) -> None:
    """Exhaustive enumeration; one or two strata; nothing, a whole vote, or probabilities added. Tolerance 1e-12."""
    rng = np.random.default_rng(seed)
    classes, n, groups = 4, int(rng.integers(4, 8)), 1 + seed % 2
    votes, strata = rng.integers(0, classes, n), rng.integers(0, groups, n)
    strata[:groups] = range(groups)
    truth = int(rng.integers(0, classes))
    offsets = [np.zeros(classes), np.eye(classes)[rng.integers(0, classes)], 3 * rng.dirichlet(np.ones(classes))]
    offset = offsets[seed % 3]
    counts = np.zeros((1, groups, classes), dtype=np.int64)
    np.add.at(counts[0], (strata, votes), 1)
    sizes = [s for s in itertools.product(*[range((strata == g).sum() + 1) for g in range(groups)]) if sum(s)]
    found = plurality_share(counts, np.array([truth]), sizes, None if seed % 3 == 0 else offset[None])
    expected = [every_panel(votes, strata, truth, size, offset) for size in sizes]
    np.testing.assert_allclose(found[0], expected, atol=1e-12)


def test_a_majority_of_independent_voters_follows_condorcet() -> None:
    """With very many readers of whom 60 % are right, drawing without replacement is drawing independent voters:
    P(correct) is the upper tail of the binomial (Condorcet 1785), within the finite population's error of 1e-3.
    """
    readers = 4000
    counts = np.array([[[2400, 1600]]])
    sizes = [(k,) for k in (1, 3, 5, 7, 9, 15)]
    found = plurality_share(counts, np.array([0]), sizes)[0]
    expected = [stats.binom.sf(k // 2, k, 0.6) for (k,) in sizes]
    np.testing.assert_allclose(found, expected, atol=1e-3)
    # Exactly, it is the hypergeometric tail.
    exact = [stats.hypergeom.sf(k // 2, readers, 2400, k) for (k,) in sizes]
    np.testing.assert_allclose(found, exact, atol=1e-10)


def test_a_panel_of_two_is_as_good_as_one() -> None:
    """Of two that differ one is believed at random, so the second adds nothing: an identity of any electorate."""
    rng = np.random.default_rng(0)
    counts = rng.multinomial(9, rng.dirichlet(np.ones(7)), size=30)[:, None, :]
    one_and_two = plurality_share(counts, rng.integers(0, 7, 30), [(1,), (2,)])
    np.testing.assert_allclose(one_and_two[:, 0], one_and_two[:, 1], atol=1e-12)


def test_unanimous_readers_are_right_or_wrong_at_every_size() -> None:
    counts = np.array([[[5, 0, 0]], [[0, 5, 0]]])
    found = plurality_share(counts, np.array([0, 0]), [(k,) for k in range(1, 6)])
    np.testing.assert_array_equal(found, [[1.0] * 5, [0.0] * 5])


def test_a_panel_larger_than_the_readers_of_a_case_is_not_a_number() -> None:
    found = plurality_share(np.array([[[1, 1]], [[3, 2]]]), np.array([0, 0]), [(3,)])
    assert np.isnan(found[0, 0])
    assert found[1, 0] == pytest.approx((comb(3, 3) + comb(3, 2) * 2) / comb(5, 3))


def test_the_order_of_classes_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    counts, truth = rng.multinomial(8, np.ones(5) / 5, size=20)[:, None, :], rng.integers(0, 5, 20)
    order = rng.permutation(5)
    sizes = [(1,), (4,), (7,)]
    np.testing.assert_allclose(
        plurality_share(counts[:, :, order], np.argsort(order)[truth], sizes), plurality_share(counts, truth, sizes)
    )


def test_a_model_with_an_overwhelming_weight_decides_alone() -> None:
    counts, heavy = np.array([[[0, 6, 0]], [[6, 0, 0]]]), np.tile([0.0, 0.0, 50.0], (2, 1))
    np.testing.assert_array_equal(plurality_share(counts, np.array([2, 0]), [(6,)], heavy), [[1.0], [0.0]])


def test_three_strata_are_refused() -> None:
    with pytest.raises(InvalidInput, match="one or two"):
        plurality_share(np.ones((1, 3, 2), dtype=np.int64), np.array([0]), [(1, 1, 1)])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6])
def test_calls_of_malignancy_equal_the_mean_over_every_panel(size: int) -> None:
    for malignant in range(7):
        votes = [1] * malignant + [0] * (6 - malignant)
        tallies = [sum(panel) for panel in itertools.combinations(votes, size)]
        majority = np.mean([1.0 if 2 * t > size else 0.5 if 2 * t == size else 0.0 for t in tallies])
        both = np.array([malignant]), np.array([6])
        assert call_probability(*both, size, VoteRule.MAJORITY)[0] == pytest.approx(majority, abs=1e-12)
        anyone = np.mean([t > 0 for t in tallies])
        assert call_probability(*both, size, VoteRule.ANY)[0] == pytest.approx(anyone, abs=1e-12)


def test_leaving_votes_out_averages_to_the_whole() -> None:
    """A U-statistic is the mean of its leave-one-out values (the identity that the jackknife rests on)."""
    rng = np.random.default_rng(3)
    counts, truth = rng.multinomial(7, np.ones(4) / 4, size=12)[:, None, :], rng.integers(0, 4, 12)
    values = case_values(counts, lambda rows, case: plurality_share(rows, truth[case], [(1,), (3,), (6,)]))
    weights = counts[:, 0, :, None]
    mean = np.nansum(weights * np.nan_to_num(values.without), axis=1) / 7
    np.testing.assert_allclose(mean, values.value, atol=1e-12)
