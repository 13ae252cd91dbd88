"""DeLong against a naive implementation, hand calculation and the published VanDyke figures."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from dermdash.analysis.delong import Method, auc_covariance, auc_interval, paired_auc_test
from dermdash.errors import InvalidInput


def naive_covariance(target: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """DeLong's formulas written out pair by pair, O(n^2), with no ranks."""

    def psi(x: float, y: float) -> float:
        return 1.0 if x > y else 0.5 if x == y else 0.0

    v10 = [[np.mean([psi(x, y) for y in s[~target]]) for x in s[target]] for s in scores]
    v01 = [[np.mean([psi(x, y) for x in s[target]]) for y in s[~target]] for s in scores]
    m, n, k = len(v10[0]), len(v01[0]), len(scores)
    areas = np.array([np.mean(v) for v in v10])
    covariance = np.empty((k, k))
    for i in range(k):
        for j in range(k):
            s10 = sum((a - areas[i]) * (b - areas[j]) for a, b in zip(v10[i], v10[j], strict=True)) / (m - 1)
            s01 = sum((a - areas[i]) * (b - areas[j]) for a, b in zip(v01[i], v01[j], strict=True)) / (n - 1)
            covariance[i, j] = s10 / m + s01 / n
    return areas, covariance


def draw(seed: int, *, n: int = 90) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    target = rng.random(n) < 0.4
    common = rng.normal(size=n)
    return target, np.round(np.stack([target + common + rng.normal(size=n) for _ in range(3)]), 1)


@pytest.mark.parametrize("seed", range(3))
def test_areas_and_covariances_are_those_of_the_naive_form(seed: int) -> None:
    target, scores = draw(seed)
    found = auc_covariance(target, scores)
    areas, covariance = naive_covariance(target, scores)
    np.testing.assert_allclose(found.areas, areas, rtol=1e-12)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-10)


def test_two_positives_and_two_negatives_by_hand() -> None:
    # V10 = (1, 1/2), V01 = (1/2, 1): each has variance 1/8, so the area 3/4 has variance 1/16 + 1/16.
    found = auc_covariance(np.array([True, True, False, False]), np.array([[3.0, 1.0, 2.0, 0.0]]))
    assert found.covariance is not None
    assert (found.areas[0], found.covariance[0, 0]) == (0.75, pytest.approx(0.125))


def test_the_published_figures_of_van_dyke_follow(shared_data: Path) -> None:
    """Areas by reader and treatment, and the F of Obuchowski-Rockette with DeLong's covariances (4.484854)."""
    table = pd.read_csv(shared_data / "mrmc" / "vandyke.csv")
    wide = table.pivot(index="case", columns=["treatment", "reader"], values="rating").sort_index(axis=1)
    target = table.drop_duplicates("case").set_index("case")["truth"].loc[wide.index].to_numpy() == 1
    found = auc_covariance(target, wide.to_numpy().T)
    published = [
        [0.91964573, 0.85877617, 0.90386473, 0.97310789, 0.82979066],
        [0.94782609, 0.90531401, 0.92173913, 0.99935588, 0.92995169],
    ]
    areas = found.areas.reshape(2, 5)
    np.testing.assert_allclose(areas, published, atol=5e-9)
    assert found.covariance is not None
    c = found.covariance.reshape(2, 5, 2, 5)
    off = ~np.eye(5, dtype=bool)
    cov2 = np.mean([c[t, :, t, :][off].mean() for t in range(2)])
    cov3 = np.mean([c[0, :, 1, :][off].mean(), c[1, :, 0, :][off].mean()])
    ms_t = 5 * areas.mean(axis=1).var(ddof=1)
    residual = areas - areas.mean(axis=1, keepdims=True) - areas.mean(axis=0) + areas.mean()
    ms_tr = (residual**2).sum() / 4
    assert ms_t == pytest.approx(0.004796171, abs=5e-10)
    assert ms_tr == pytest.approx(0.000551031, abs=5e-10)
    assert ms_t / (ms_tr + 5 * max(cov2 - cov3, 0)) == pytest.approx(4.484854, abs=5e-7)


def test_groups_of_one_case_give_delong_up_to_the_pairing_of_the_sides() -> None:
    target, scores = draw(5)
    plain, grouped = auc_covariance(target, scores), auc_covariance(target, scores, groups=np.arange(len(target)))
    np.testing.assert_allclose(grouped.covariance, plain.covariance, rtol=1e-12)


def test_doubling_every_image_of_a_patient_leaves_the_grouped_variance_and_halves_the_naive_one() -> None:
    target, scores = draw(6, n=400)
    twice, doubled = np.repeat(target, 2), np.repeat(scores, 2, axis=1)
    single = auc_covariance(target, scores).covariance
    grouped = auc_covariance(twice, doubled, groups=np.repeat(np.arange(len(target)), 2)).covariance
    naive = auc_covariance(twice, doubled).covariance
    assert single is not None
    assert grouped is not None
    assert naive is not None
    np.testing.assert_allclose(grouped, single, rtol=1e-9)
    np.testing.assert_allclose(np.diag(naive), np.diag(single) / 2, rtol=0.02)


def test_the_paired_test_is_the_z_test_of_the_naive_covariance() -> None:
    target, scores = draw(7)
    areas, c = naive_covariance(target, scores[:2])
    z = (areas[0] - areas[1]) / math.sqrt(c[0, 0] + c[1, 1] - 2 * c[0, 1])
    found = paired_auc_test(target, scores[0], scores[1])
    assert found.z == pytest.approx(z)
    assert found.p_value == pytest.approx(2 * norm.sf(abs(z)))
    mirrored = paired_auc_test(target, scores[1], scores[0])
    assert (mirrored.difference, mirrored.p_value) == (-found.difference, pytest.approx(found.p_value))


def test_a_score_compared_with_a_monotone_transform_of_itself_differs_by_nothing() -> None:
    target, scores = draw(8)
    found = paired_auc_test(target, scores[0], np.exp(scores[0]))
    assert (found.difference, found.low, found.high, found.p_value) == (0.0, 0.0, 0.0, 1.0)


def test_intervals_stay_inside_and_perfect_areas_are_not_certain() -> None:
    low, high = auc_interval(0.97, 0.0009, positives=20, negatives=50, method="wald") or (0, 0)
    assert (low, high) == (pytest.approx(0.97 - 1.959964 * 0.03), 1.0)
    low, high = auc_interval(0.97, 0.0009, positives=20, negatives=50) or (0, 0)
    assert 0 < low < 0.97 < high < 1
    low, high = auc_interval(1.0, 0.0, positives=5, negatives=200) or (0, 0)
    # Wilson's lower bound of 5 out of 5.
    assert (low, high) == (pytest.approx(5 / (5 + 1.959964**2), abs=1e-6), 1.0)
    assert auc_interval(0.8, None, positives=1, negatives=4) is None


@pytest.mark.parametrize("method", ["wald", "logit"])
def test_an_area_between_0_and_1_without_variance_has_no_interval(method: Method) -> None:
    assert auc_interval(0.5, 0.0, positives=10, negatives=30, method=method) is None
    assert auc_interval(0.5, -1e-18, positives=10, negatives=30, method=method) is None
    assert auc_interval(0.5, 1e-6, positives=10, negatives=30, method=method) is not None


def test_one_case_on_a_side_has_an_area_and_no_variance() -> None:
    found = auc_covariance(np.array([True, False, False]), np.array([[0.5, 0.2, 0.7]]))
    assert (found.areas[0], found.covariance) == (0.5, None)
    assert paired_auc_test(np.array([True, False]), np.array([1.0, 0.0]), np.array([0.0, 1.0])).p_value is None


def test_shapes_and_one_sided_truth_are_refused() -> None:
    with pytest.raises(InvalidInput, match="shape"):
        auc_covariance(np.array([True, False]), np.array([[0.1, 0.2, 0.3]]))
    with pytest.raises(InvalidInput, match="none of the 2"):
        auc_covariance(np.array([False, False]), np.array([[0.1, 0.2]]))
