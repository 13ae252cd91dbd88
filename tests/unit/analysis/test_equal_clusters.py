"""Clusters of unequal size count as so many equal ones, wherever degrees of freedom are counted."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from dermdash.analysis.agreement.coefficients import measure_agreement
from dermdash.analysis.agreement.ratings import Ratings
from dermdash.analysis.estimates import clustered_proportion, equal_clusters, equal_clusters_of


def test_equal_ones_count_as_many_as_they_are_and_one_large_one_leaves_few() -> None:
    assert equal_clusters([3] * 7) == 7.0
    assert equal_clusters([1]) == 1.0
    assert equal_clusters([40] + [1] * 39) == pytest.approx(79**2 / 1639)
    assert equal_clusters_of(np.array(["a", "b", "b", "b"])) == pytest.approx(16 / 10)


def test_clusters_of_no_weight_count_for_nothing_and_the_scale_of_weights_does_not_matter() -> None:
    weights = np.array([1.0, 2.0, 5.0])
    assert equal_clusters([*weights, 0.0]) == equal_clusters(weights)
    assert equal_clusters(weights / 7) == pytest.approx(equal_clusters(weights))


def test_a_share_has_the_degrees_of_freedom_of_equal_clusters() -> None:
    """Wilson's interval of statsmodels for n / design effect images with Student's t in place of z."""
    groups = np.repeat(np.arange(8), [1, 1, 1, 2, 2, 3, 5, 9])
    hits = np.random.default_rng(2).random(len(groups)) < 0.6
    found = clustered_proportion(hits, groups)
    n, share = len(hits), hits.mean()
    residual = [(hits[groups == g] - share).sum() for g in range(8)]
    variance = 8 / 7 * sum(r * r for r in residual) / n**2
    effective = n / max(1.0, variance * n / (share * (1 - share)))
    equal = n**2 / sum((groups == g).sum() ** 2 for g in range(8))
    expected = proportion_confint(
        effective * share, effective, alpha=2 * stats.norm.sf(stats.t.ppf(0.975, equal - 1)), method="wilson"
    )
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-9)


def test_one_patient_with_half_of_the_images_widens_the_interval_of_agreement() -> None:
    rng = np.random.default_rng(4)
    ratings = Ratings(rng.integers(0, 3, (4, 60)), (0, 1, 2))
    even, uneven = np.arange(60) // 2, np.minimum(np.arange(60), 30)
    (wide,), (narrow,) = (measure_agreement(ratings, ("ac1",), groups=g, replicates=400) for g in (uneven, even))
    assert wide.value == narrow.value
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)
