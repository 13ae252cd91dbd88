"""How far apart two sets are: against the definition, on sets that are alike, apart, or hardly there."""

import numpy as np
import pytest
from numpy.typing import NDArray

from dermdash.analysis.distribution_shift import FEWEST, distribution_shift


def points(n: int, shift: float, seed: int, width: int = 6) -> NDArray[np.float32]:
    """Points around a place that is so far from the middle in one direction."""
    drawn = np.random.default_rng(seed).normal(size=(n, width)) + 4
    drawn[:, 0] += shift
    return drawn.astype(np.float32)


def test_the_energy_coefficient_is_that_of_its_definition() -> None:
    x, y = points(30, 0, 1), points(25, 1, 2)
    ux, uy = (a / np.linalg.norm(a, axis=1, keepdims=True) for a in (x.astype(float), y.astype(float)))

    def mean(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        apart = np.linalg.norm(a[:, None] - b, axis=2)
        return float(apart.sum() / (len(a) * (len(b) - 1)) if a is b else apart.mean())

    expected = (2 * mean(ux, uy) - mean(ux, ux) - mean(uy, uy)) / (2 * mean(ux, uy))
    found = distribution_shift(x, y)
    assert found.energy is not None
    assert found.energy[0] == pytest.approx(expected, rel=1e-3)


def test_sets_of_one_distribution_are_told_apart_as_often_as_chance_says() -> None:
    p = [distribution_shift(points(60, 0, 2 * i), points(40, 0, 2 * i + 1)).p for i in range(40)]
    assert sum(value < 0.05 for value in p if value is not None) <= 6  # binomial(40, 0.05): more in 1 of 100 cases
    apart = distribution_shift(points(60, 0, 1), points(40, 0, 2))
    assert apart.auc is not None
    assert abs(apart.auc - 0.5) < 0.15


def test_sets_that_differ_are_found_apart_and_the_interval_holds_the_value() -> None:
    found = distribution_shift(points(200, 0, 1), points(150, 3, 2))
    assert found.p == pytest.approx(1 / 500)
    assert found.auc is not None
    assert found.auc > 0.9
    assert found.energy is not None
    value, low, high = found.energy
    assert low is not None
    assert high is not None
    assert low < value < high


def test_copies_of_one_image_and_few_units_are_no_error() -> None:
    alike = distribution_shift(np.ones((30, 4), np.float32), np.ones((30, 4), np.float32))
    assert alike.energy is not None
    assert alike.energy[0] == 0
    assert alike.p == 1
    few = distribution_shift(points(FEWEST - 1, 0, 1), points(100, 0, 2))
    assert few.energy is None
    assert few.reason == f"the first set has {FEWEST - 1} units with features, fewer than {FEWEST}"
