"""Every function against `scipy.stats`."""

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from dermdash.analysis import distributions as d
from dermdash.errors import InvalidInput

RNG = np.random.default_rng(12)
DEGREES = [*map(float, RNG.integers(1, 300, 200)), *RNG.uniform(0.5, 300, 200)]
PROBABILITIES = RNG.uniform(0.001, 0.999, 400)
WHOLE = RNG.integers(1, 8, 400)
STATISTICS = np.abs(RNG.normal(0, 5, 400))
SMALL = RNG.integers(1, 40, (400, 2))

SAME: dict[str, tuple[Callable[..., object], Callable[..., object], list[tuple[float, ...]]]] = {
    "normal_quantile": (d.normal_quantile, stats.norm.ppf, [(p,) for p in PROBABILITIES]),
    "normal_above": (d.normal_above, stats.norm.sf, [(s,) for s in STATISTICS]),
    "t_quantile": (d.t_quantile, stats.t.ppf, list(zip(PROBABILITIES, DEGREES, strict=True))),
    "t_two_sided": (d.t_two_sided, lambda t, df: 2 * stats.t.sf(t, df), list(zip(STATISTICS, DEGREES, strict=True))),
    "f_above": (d.f_above, stats.f.sf, list(zip(STATISTICS, WHOLE, DEGREES, strict=True))),
    "f_critical": (
        d.f_critical, stats.f.isf, list(zip(PROBABILITIES, WHOLE, DEGREES, strict=True)),
    ),
    "chi2_above": (d.chi2_above, stats.chi2.sf, list(zip(STATISTICS, WHOLE, strict=True))),
    "chi2_critical": (d.chi2_critical, stats.chi2.isf, list(zip(PROBABILITIES, WHOLE, strict=True))),
    "chi2_quantile": (d.chi2_quantile, stats.chi2.ppf, list(zip(PROBABILITIES, WHOLE, strict=True))),
    "beta_quantile": (
        d.beta_quantile, stats.beta.ppf, [(p, *ab) for p, ab in zip(PROBABILITIES, SMALL, strict=True)],
    ),
    "sign_test": (
        d.sign_test, lambda k, n: stats.binomtest(int(k), int(n), 0.5).pvalue, [(min(r), sum(r)) for r in SMALL],
    ),
    "midranks": (d.midranks, stats.rankdata, [(RNG.integers(0, 9, n),) for n in range(1, 60)]),
    "spearman": (
        d.spearman, stats.spearmanr,
        [(RNG.integers(0, 9, n), RNG.normal(size=n)) for n in range(d.FEW_RANKS, 60)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_a_function_is_that_of_scipy_stats(name: str) -> None:
    """To 1e-12, which is far below what is printed in full precision of any statistic here."""
    ours, theirs, arguments = SAME[name]
    for values in arguments:
        np.testing.assert_allclose(ours(*values), theirs(*values), rtol=1e-12, atol=1e-300, err_msg=str(values))


@pytest.mark.parametrize(("fewer", "total"), [(0, 0), (3, 6), (0, 1), (0, 30)])
def test_the_sign_test_at_its_ends_is_the_binomial_test(fewer: int, total: int) -> None:
    expected = stats.binomtest(fewer, total, 0.5).pvalue if total else 1.0
    assert d.sign_test(fewer, total) == pytest.approx(expected, rel=1e-12)


def test_ranks_in_perfect_order_correlate_fully() -> None:
    assert d.spearman([1, 2, 3, 4], [2, 4, 8, 16]) == (pytest.approx(1.0), pytest.approx(2 / 24))


def test_few_ranks_are_compared_with_all_their_orders() -> None:
    """scipy's permutation test over every order, with ties."""
    for n in (3, 6):
        x, y = RNG.integers(0, 4, n) + 0.0, RNG.normal(size=n)
        x[:2] = 0.0, 3.0
        exact = stats.permutation_test(
            (x,), lambda a, y=y: stats.spearmanr(a, y).statistic, permutation_type="pairings", n_resamples=np.inf
        )  # fmt: skip
        assert d.spearman(x, y) == (pytest.approx(exact.statistic), pytest.approx(exact.pvalue))


def test_what_is_not_a_number_has_no_rank() -> None:
    with pytest.raises(InvalidInput, match="no rank"):
        d.midranks([1.0, np.nan])


def test_they_do_not_import_what_they_stand_for() -> None:
    code = "import sys, dermdash.analysis.distributions; assert 'scipy.stats' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
