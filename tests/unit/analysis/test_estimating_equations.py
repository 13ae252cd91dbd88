"""The equations against statsmodels, step for step."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from statsmodels.genmod import cov_struct, families
from statsmodels.genmod.generalized_estimating_equations import GEE

from dermdash.analysis.estimating_equations import EquationsFit, Family, fit_exchangeable

Data = tuple[np.ndarray, np.ndarray, np.ndarray]
FAMILIES: tuple[Family, ...] = ("binomial", "gaussian")


def answers(seed: int, family: Family, *, spread: float = 1.0) -> Data:
    """Outcome, design with strata, and groups of different sizes whose answers resemble each other."""
    rng = np.random.default_rng(seed)
    groups = np.concatenate([np.arange(9), rng.integers(0, 9, int(rng.integers(20, 250)))])
    x, stratum = rng.normal(size=groups.size), rng.integers(0, seed % 4 + 1, groups.size)
    strata = [(stratum == label).astype(float) for label in np.unique(stratum)[1:]]
    design = np.column_stack([np.ones(groups.size), x - x.mean(), *strata])
    linear = design @ rng.normal(0, spread, design.shape[1]) + rng.normal(0, 0.7, 9)[groups]
    if family == "gaussian":
        return linear + rng.normal(size=linear.size), design, groups
    return (rng.random(linear.size) < 1 / (1 + np.exp(-linear))).astype(float), design, groups


def statsmodels_fit(y: np.ndarray, design: np.ndarray, groups: np.ndarray, family: Family, corrected: bool) -> Data:
    kind = families.Binomial() if family == "binomial" else families.Gaussian()
    model = GEE(y, design, groups=groups, family=kind, cov_struct=cov_struct.Exchangeable())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = model.fit(cov_type="bias_reduced" if corrected else "robust", maxiter=100)
    assert fit.converged
    return fit.params, fit.bse, np.array(model.cov_struct.dep_params)


@pytest.mark.parametrize("corrected", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(12))
def test_coefficients_errors_and_correlation_are_those_of_statsmodels(
    seed: int, family: Family, corrected: bool
) -> None:
    """To 1e-9: the same steps from the same start."""
    y, design, groups = answers(seed, family)
    ours = fit_exchangeable(y, design, groups, family=family, corrected=corrected)
    params, errors, correlation = statsmodels_fit(y, design, groups, family, corrected)
    assert ours.converged
    np.testing.assert_allclose(ours.params, params, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(np.sqrt(np.diag(ours.covariance)), errors, rtol=1e-9)
    assert ours.correlation == pytest.approx(float(correlation), rel=1e-9)


def test_a_group_of_its_own_for_every_answer_has_no_correlation_to_estimate() -> None:
    y, design, _ = answers(1, "gaussian")
    with pytest.raises(ZeroDivisionError):
        fit_exchangeable(y, design, np.arange(len(y)), family="gaussian", corrected=True)


def test_the_order_of_the_answers_changes_nothing() -> None:
    y, design, groups = answers(5, "binomial")
    order = np.random.default_rng(3).permutation(len(y))

    def fit(rows: np.ndarray) -> EquationsFit:
        return fit_exchangeable(y[rows], design[rows], groups[rows], family="binomial", corrected=True)

    first, second = fit(np.arange(len(y))), fit(order)
    np.testing.assert_allclose(first.params, second.params, rtol=1e-9)
    np.testing.assert_allclose(first.covariance, second.covariance, rtol=1e-9)


def test_slopes_do_not_wait_for_statsmodels() -> None:
    code = "import sys, dermdash.analysis.reader_slopes; assert not {'statsmodels', 'scipy.stats'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)
