"""Counts of draws with replacement, and tables that they are multiplied by."""

import numpy as np
import pytest

from dermdash.analysis.draws import compact, times_drawn


def test_each_draw_has_as_many_as_there_are_and_the_moments_of_a_multinomial() -> None:
    n, draws = 8, 20_000
    counts = times_drawn(n, draws, np.random.default_rng(1))
    assert (counts.sum(axis=1) == n).all()
    assert counts.mean(axis=0) == pytest.approx(np.ones(n), abs=0.03)
    expected = np.full((n, n), -1 / n) + np.eye(n)  # n p (1 - p) and - n p p with p = 1 / n
    assert np.cov(counts.T) == pytest.approx(expected, abs=0.04)


@pytest.mark.parametrize("filled", [0.01, 0.5])
@pytest.mark.parametrize("whole", [True, False])
def test_a_table_gives_the_same_sums_in_every_form(filled: float, whole: bool) -> None:
    rng = np.random.default_rng(2)
    table = np.where(rng.random((60, 40)) < filled, rng.integers(1, 9, (60, 40)) / (1 if whole else 7), 0.0)
    counts = times_drawn(60, 30, rng)
    np.testing.assert_allclose(counts @ compact(table), counts.astype(float) @ table, rtol=0 if whole else 1e-12)
