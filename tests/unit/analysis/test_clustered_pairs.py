import math
import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from dermdash.analysis.clustered_pairs import clustered_difference, group_differences
from dermdash.analysis.clusters import cluster_covariance, clustering


def make_pairs(
    seed: int = 0, readers: int = 7, cases: int = 15, share: float = 0.7
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Reader, case, outcome before and after of an incomplete design with effects of both."""
    rng = np.random.default_rng(seed)
    skill, easy, helped = rng.normal(0, 0.5, readers), rng.normal(0, 0.8, cases), rng.normal(0.4, 0.6, cases)
    reader, case = np.nonzero(rng.random((readers, cases)) < share)
    logit = skill[reader] + easy[case]
    before = rng.random(len(reader)) < 1 / (1 + np.exp(-logit))
    after = rng.random(len(reader)) < 1 / (1 + np.exp(-logit - helped[case]))
    return reader, case, before.astype(float), after.astype(float)


def fit_gee(
    before: np.ndarray, after: np.ndarray, reader: np.ndarray, link: str, group: np.ndarray | None = None
) -> sm.GEE:
    phase = np.repeat([0.0, 1.0], len(before))
    columns = [np.ones(len(phase)), phase]
    if group is not None:
        dummies = (np.tile(group, 2)[:, None] == np.arange(1, group.max() + 1)).astype(float)
        columns += [*dummies.T, *(dummies * phase[:, None]).T]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that identity does not respect the range of a share
        return sm.GEE(
            np.concatenate([before, after]),
            np.column_stack(columns),
            groups=np.tile(reader, 2),
            family=sm.families.Binomial(link=getattr(sm.families.links, link)()),
            cov_struct=sm.cov_struct.Independence(),
        ).fit()


@pytest.mark.parametrize("seed", range(4))
def test_the_pooled_difference_and_its_variance_by_reader_agree_with_statsmodels_gee(seed: int) -> None:
    """statsmodels GEE, binomial, identity link, independence, sandwich by reader, to 1e-6 (its iterations)."""
    reader, _, before, after = make_pairs(seed)
    fitted = fit_gee(before, after, reader, "Identity")
    found = clustered_difference(before, after, clusters=(reader,))
    n = len(np.unique(reader))
    assert (found.unaided, found.difference) == pytest.approx(tuple(fitted.params), rel=1e-6)
    assert found.error == pytest.approx(fitted.bse[1] * math.sqrt(n / (n - 1)), rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_odds_ratio_agrees_with_statsmodels_gee_of_a_logit_link(seed: int) -> None:
    """statsmodels GEE, binomial, logit link, independence, sandwich by reader, to 1e-6."""
    reader, _, before, after = make_pairs(seed)
    fitted = fit_gee(before, after, reader, "Logit")
    found = clustered_difference(before, after, clusters=(reader,))
    n = len(np.unique(reader))
    reach = (
        stats.t.ppf(0.975, 1 / sum((np.bincount(reader) / len(reader)) ** 2) - 1)
        * fitted.bse[1]
        * math.sqrt(n / (n - 1))
    )
    expected = np.exp([fitted.params[1], fitted.params[1] - reach, fitted.params[1] + reach])
    assert (found.odds_ratio, found.odds_low, found.odds_high) == pytest.approx(tuple(expected), rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_two_way_variance_agrees_with_statsmodels_and_with_a_loop_over_all_pairs_of_rows(seed: int) -> None:
    """statsmodels cov_cluster_2groups on the regression of the change on a constant, to 1e-10; and brute force."""
    reader, case, before, after = make_pairs(seed)
    change = after - before
    both, by_reader, by_case = (
        float(np.squeeze(v)) for v in cov_cluster_2groups(sm.OLS(change, np.ones(len(change))).fit(), reader, case)
    )
    n, c, pairs = len(np.unique(reader)), len(np.unique(case)), len(change)
    residual = (change - change.mean()) / pairs
    loop = 0.0
    for i in range(pairs):
        for j in range(pairs):
            product = residual[i] * residual[j]
            loop += product * (reader[i] == reader[j]) * n / (n - 1) + product * (case[i] == case[j]) * c / (c - 1)
            loop -= product * (reader[i] == reader[j] and case[i] == case[j]) * pairs / (pairs - 1)
    assert loop == pytest.approx(both, rel=1e-10)
    found = clustered_difference(before, after, clusters=(reader, case))
    expected = math.sqrt(max(both, by_reader, by_case))
    assert found.error == pytest.approx(expected, rel=1e-10)
    # Kish: unequal clusters count as so many equal ones.
    equal = min(1 / sum((np.bincount(kind) / pairs) ** 2) for kind in (reader, case))
    assert found.df == pytest.approx(equal - 1)
    assert found.df < min(n, c) - 1
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(change.mean()) / expected, equal - 1), rel=1e-10)
    assert found.low is not None
    assert found.high is not None
    assert (found.low <= 0 <= found.high) == (found.p_value is not None and found.p_value >= 0.05)


def test_counted_answers_give_what_the_single_answers_give() -> None:
    _, case, before, after = make_pairs(3)
    single = clustered_difference(before, after, clusters=(case,))
    counted = pd.DataFrame({"case": case, "b": before, "a": after}).groupby("case").agg(["sum", "size"])
    rows = clustered_difference(
        counted["b"]["sum"],
        counted["a"]["sum"],
        clusters=(counted.index.to_numpy(),),
        n_unaided=counted["b"]["size"],
        n_aided=counted["a"]["size"],
    )
    assert (rows.difference, rows.error) == pytest.approx((single.difference, single.error), rel=1e-12)
    assert (rows.odds_ratio, rows.p_value) == pytest.approx((single.odds_ratio, single.p_value), rel=1e-12)


def test_strata_average_their_shares_as_the_balanced_accuracy_does() -> None:
    reader, case, before, after = make_pairs(5)
    ill = case % 3 == 0
    found = clustered_difference(before, after, clusters=(reader, case), stratum=ill.astype(int))
    assert found.unaided == pytest.approx((before[ill].mean() + before[~ill].mean()) / 2)
    parts = [clustered_difference(before[s], after[s], clusters=(case[s],)) for s in (ill, ~ill)]
    assert found.difference == pytest.approx(np.mean([p.difference for p in parts]))
    # By case alone the strata are independent, but for the number of clusters in the factor.
    alone = clustered_difference(before, after, clusters=(case,), stratum=ill.astype(int))
    sizes = [len(np.unique(case[s])) for s in (ill, ~ill)]
    plain = [p.error**2 * (n - 1) / n for p, n in zip(parts, sizes, strict=True) if p.error is not None]
    assert alone.error == pytest.approx(math.sqrt(sum(plain) / 4 * sum(sizes) / (sum(sizes) - 1)))


@pytest.mark.parametrize("groups", [2, 3])
def test_the_interaction_test_agrees_with_a_wald_test_in_statsmodels_gee(groups: int) -> None:
    """Phase x group terms of GEE with identity link, sandwich by reader, to 1e-5; Hotelling's T squared from it.

    Every reader reads every case: the jackknife between readers is then that sandwich times n / (n - 1).
    """
    reader, case, before, after = make_pairs(1, readers=14, cases=30, share=1.0)
    group = case % groups
    fitted = fit_gee(before, after, reader, "Identity", group)
    n = len(np.unique(reader))
    terms = np.arange(1 + groups, 2 * groups)
    effect, covariance = fitted.params[terms], fitted.cov_params()[np.ix_(terms, terms)] * n / (n - 1)
    q = groups - 1
    degrees = n - 1
    f = float(effect @ np.linalg.solve(covariance, effect)) * (degrees - q + 1) / (q * degrees)
    found = group_differences(after - before, group, clusters=(reader,), names=("reader",))
    assert found.f == pytest.approx(f, rel=1e-5)
    assert (found.df1, found.df2) == pytest.approx((q, degrees - q + 1))
    assert found.p_value == pytest.approx(stats.f.sf(f, q, degrees - q + 1), rel=1e-5)
    assert found.contrast == pytest.approx(effect[-1], abs=1e-7)
    assert found.contrast_low is not None
    assert found.contrast_low < effect[-1]


def test_swapping_the_phases_turns_the_sign_and_nothing_else() -> None:
    reader, case, before, after = make_pairs(2)
    there = clustered_difference(before, after, clusters=(reader, case))
    back = clustered_difference(after, before, clusters=(reader, case))
    assert back.difference == -there.difference
    assert (back.error, back.p_value) == pytest.approx((there.error, there.p_value))
    assert back.odds_ratio == pytest.approx(1 / (there.odds_ratio or 1))
    assert (back.low, back.high) == pytest.approx((-(there.high or 0), -(there.low or 0)))


def test_order_and_names_of_readers_and_cases_do_not_matter() -> None:
    reader, case, before, after = make_pairs(4)
    order = np.random.default_rng(0).permutation(len(reader))
    renamed = np.array([f"reader {9 - r}" for r in reader])
    one = clustered_difference(before, after, clusters=(reader, case)).as_dict()
    other = clustered_difference(before[order], after[order], clusters=(renamed[order], case[order])).as_dict()
    assert all(other[k] == pytest.approx(v) for k, v in one.items() if not isinstance(v, list))


@pytest.mark.parametrize(
    ("reader", "case", "change", "why"),
    [
        ([0, 0, 0], [0, 1, 2], [1, 0, 0], "two readers and two cases"),
        ([0, 1, 2], [0, 0, 0], [1, 0, 0], "two readers and two cases"),
        ([0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 1], "same amount"),
        ([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0], "same amount"),
    ],
)
def test_what_has_no_variance_has_no_interval_and_no_p(
    reader: list[int], case: list[int], change: list[int], why: str
) -> None:
    found = clustered_difference(np.zeros(len(change)), change, clusters=(np.array(reader), np.array(case)))
    assert (found.low, found.high, found.p_value, found.error) == (None, None, None, None)
    assert why in str(found.reason)
    assert found.difference == np.mean(change)


def test_a_covariance_is_never_less_than_either_part() -> None:
    """Readers x cases in a checkerboard: what is subtracted exceeds what cases add."""
    reader, case = np.repeat(np.arange(4), 4), np.tile(np.arange(4), 4)
    change = np.where((reader + case) % 2, 1.0, -1.0)
    influence = (change - change.mean())[:, None] / len(change)
    covariance, _, _ = cluster_covariance(influence, clustering(reader, case))
    by_reader, _, _ = cluster_covariance(influence, clustering(reader))
    assert covariance is not None
    assert by_reader is not None
    assert covariance[0, 0] >= by_reader[0, 0] >= 0


def test_groups_that_cannot_be_compared_give_a_reason() -> None:
    reader, case = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    assert "one group" in str(group_differences(np.ones(4), np.zeros(4), clusters=(reader, case)).reason)
    few = group_differences(np.array([1.0, 0, 0, 1]), case, clusters=(reader, case))
    assert (few.p_value, few.contrast_low) == (None, None)
    assert few.left_out == dict.fromkeys((0, 1), "2 readers of the 3 that a test needs")
    reader, case = (index.ravel() for index in np.indices((4, 24)))
    still = group_differences(np.ones(96), case % 2, clusters=(reader, case))
    assert still.p_value is None
    assert still.left_out == dict.fromkeys((0, 1), "nothing varies within it")
    lacking = group_differences(np.ones(96), case % 2, clusters=(reader, case), stratum=case % 2)
    assert "lacks" in lacking.left_out[0]


def test_the_interval_of_a_difference_of_shares_stays_within_minus_one_and_one() -> None:
    reader, case = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    found = clustered_difference([0, 0, 0, 1], [1, 1, 0, 1], clusters=(reader, case))
    assert (found.low, found.high) == (-1.0, 1.0)
    assert found.p_value is not None
    assert found.p_value > 0.05
