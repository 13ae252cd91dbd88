"""Slopes from estimating equations, against other fits, a known truth and data that cannot be fitted."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.genmod.generalized_estimating_equations import GEE

from dermdash.analysis.reader_slopes import Slope, case_covariances, holm_slopes, slope

NAMES = ("right", "position", "10 cases")


def readings(readers: int = 30, each: int = 40, effect: float = 0.5, seed: int = 4) -> dict[str, np.ndarray]:
    """Right or wrong by reader, with log odds rising by ``effect`` per 10 cases."""
    rng = np.random.default_rng(seed)
    reader = np.repeat(np.arange(readers), each)
    position = np.tile(np.arange(1, each + 1), readers)
    odds = rng.normal(0, 0.7, readers)[reader] - 0.8 + effect * position / 10
    right = rng.random(reader.size) < 1 / (1 + np.exp(-odds))
    return {"reader": reader, "case": rng.integers(0, 100, reader.size), "x": position, "y": right.astype(float)}


def fitted(data: dict[str, np.ndarray], **options: object) -> Slope:
    settings = {"family": "binomial", "names": NAMES, "per": 10.0} | options
    return slope(data["y"], data["x"], reader=data["reader"], case=data["case"], **settings)  # type: ignore[arg-type]


def test_it_is_the_formula_gee_of_statsmodels() -> None:
    """Each case read once: statsmodels GEE by formula, bias-reduced covariance, t with readers - 1 df; to 1e-6."""
    data = readings()
    data["case"] = np.arange(data["y"].size)
    ours = fitted(data)
    frame = pd.DataFrame({"y": data["y"], "x": data["x"] / 10, "reader": data["reader"]})
    other = GEE.from_formula(
        "y ~ x", "reader", frame, family=sm.families.Binomial(), cov_struct=sm.cov_struct.Exchangeable()
    ).fit(cov_type="bias_reduced")
    half = stats.t.ppf(0.975, 29) * other.bse["x"]
    assert ours.ratio == pytest.approx(np.exp(other.params["x"]), rel=1e-6)
    assert (ours.low, ours.high) == pytest.approx(np.exp(other.params["x"] + np.array([-half, half])), rel=1e-6)
    assert (ours.readers, ours.readings) == (30, 1200)


def test_the_planted_effect_is_found() -> None:
    """Marginal log odds are a little nearer to 0 than those within a reader (Zeger, Liang and Albert 1988)."""
    ours = fitted(readings(readers=150))
    attenuated = 0.5 / np.sqrt(1 + 0.346 * 0.7**2)
    assert np.log(ours.ratio) == pytest.approx(attenuated, abs=0.06)
    assert ours.low < np.exp(attenuated) < ours.high


def test_a_geometric_slope_is_that_of_a_mixed_model() -> None:
    """statsmodels MixedLM with a random intercept per reader; to 1e-4 of the log ratio."""
    rng = np.random.default_rng(2)
    data = readings()
    log_time = 9 + rng.normal(0, 0.4, 30)[data["reader"]] - 0.02 * data["x"] + rng.normal(0, 0.5, data["x"].size)
    ours = fitted(data | {"y": log_time}, family="gaussian")
    mixed = sm.MixedLM(log_time, sm.add_constant(data["x"] / 10), groups=data["reader"]).fit()
    assert np.log(ours.ratio) == pytest.approx(mixed.params[1], abs=1e-4)
    assert ours.high < 1


def test_without_an_effect_five_percent_are_significant() -> None:
    """150 null data sets of 12 readers: 5 % within Monte Carlo error (binomial, 99.9 %)."""
    found = [fitted(readings(12, 8, effect=0.0, seed=s)).p_value for s in range(150)]
    rejected = sum(p < 0.05 for p in found if p is not None)
    assert stats.binom.ppf(0.0005, 150, 0.05) <= rejected <= stats.binom.ppf(0.9995, 150, 0.05)


@pytest.mark.parametrize("family", ["binomial", "gaussian"])
def test_the_covariance_by_clusters_is_the_sandwich_of_statsmodels(family: str) -> None:
    """With readers in the place of cases: statsmodels GEE, robust covariance, to 1e-6."""
    data = readings(14, 20)
    y = data["y"] if family == "binomial" else 2 * data["y"] + data["case"] / 50
    design = np.column_stack([np.ones(y.size), data["x"] / 10])
    kind = sm.families.Binomial() if family == "binomial" else sm.families.Gaussian()
    model = sm.GEE(y, design, groups=data["reader"], family=kind, cov_struct=sm.cov_struct.Exchangeable())
    fit = model.fit(cov_type="robust")
    by_reader, again = case_covariances(
        y, design, data["reader"], data["reader"], fit.params, model.cov_struct.dep_params, family=family
    )
    assert by_reader == pytest.approx(14 / 13 * fit.cov_params(), rel=1e-6)
    assert again == pytest.approx(by_reader, rel=1e-12)


def test_a_predictor_of_the_case_is_seldom_significant_without_an_effect() -> None:
    """Cases differ in difficulty, all readers see all: with readers as the only clusters 23 % were significant."""
    rejected = tested = 0
    for seed in range(150):
        rng = np.random.default_rng([3, seed])
        reader, case = (index.ravel() for index in np.indices((12, 40)))
        odds = 0.3 + rng.normal(0, 0.5, 12)[reader] + rng.normal(0, 1, 40)[case]
        right = (rng.random(reader.size) < 1 / (1 + np.exp(-odds))).astype(float)
        found = slope(right, rng.normal(size=40)[case], reader=reader, case=case, family="binomial", names=NAMES)
        assert found.p_value is not None
        tested += 1
        rejected += found.p_value < 0.05
    assert rejected <= stats.binom.ppf(0.9995, tested, 0.05)


def test_readers_and_rows_in_another_order_give_the_same() -> None:
    data = readings(10, 20)
    order = np.random.default_rng(1).permutation(200)
    other = fitted({name: column[order] for name, column in data.items()})
    renamed = fitted(data | {"reader": 9 - data["reader"]})
    assert (other.ratio, other.low) == pytest.approx((fitted(data).ratio, fitted(data).low), rel=1e-6)
    assert renamed.ratio == pytest.approx(other.ratio, rel=1e-6)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: {"reader": d["reader"] * 0}, "1 reader:"),
        (lambda d: {"case": d["case"] * 0}, "1 case:"),
        (lambda d: {"x": d["x"] * 0}, "one value only"),
        (lambda d: {"y": d["y"] * 0 + 1}, "always the same"),
        (lambda d: {"y": (d["x"] > 10).astype(float)}, "separates the two outcomes"),
        (lambda d: {"x": np.full(200, np.nan)}, "0 readings"),
    ],
)
def test_what_cannot_be_fitted_says_why(change: object, reason: str) -> None:
    data = readings(10, 20)
    found = fitted(data | change(data))  # type: ignore[operator]
    assert found.ratio is None
    assert found.p_value is None
    assert reason in str(found.reason)


def test_a_predictor_that_is_the_stratum_is_refused() -> None:
    data = readings(10, 20)
    side = (data["x"] > 10).astype(float)
    assert "cannot be told apart" in str(fitted(data | {"x": side}, stratum=side).reason)


def test_holm_counts_only_what_was_tested() -> None:
    tested = [Slope(*NAMES, 1.1, p_value=p) for p in (0.01, None, 0.03)]
    assert [s.p_holm for s in holm_slopes(tested)] == [0.02, None, 0.03]


@pytest.mark.parametrize("seed", [1, 2, 11, 26])
def test_a_modality_in_which_all_are_right_gives_a_reason_and_no_error(seed: int) -> None:
    """Its level has no bound, and the fit may call itself converged with probabilities of exactly 0 or 1."""
    rng = np.random.default_rng(seed)
    right = (rng.random(36) < 0.85).astype(float)
    shown = rng.integers(3, 10, 36) / 10
    modality = np.repeat(["a", "b", "c"], [22, 10, 4])
    right[modality == "c"] = 1
    ours = slope(
        right, shown, reader=rng.integers(0, 12, 36), case=rng.integers(0, 20, 36), stratum=modality,
        family="binomial", names=NAMES, per=0.1,
    )  # fmt: skip
    assert ours.ratio is None
    assert ours.reason == "the fit did not come to an end: too little varies within readers"
