import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn import metrics
from sklearn.calibration import calibration_curve
from tests.unit.analysis.evaluation_factories import make_probabilities, make_scored

from dermdash.analysis import calibration
from dermdash.analysis.classification import wilson_interval
from dermdash.analysis.scaled_calibration import TemperatureSource, scale_calibration
from dermdash.errors import InvalidInput


def draw(seed: int, n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    truth = np.random.default_rng(seed).integers(0, 5, n)
    return truth, make_probabilities(truth, 5, seed=seed)


@pytest.mark.parametrize("seed", range(3))
def test_brier_and_log_loss_are_those_of_scikit_learn(seed: int) -> None:
    truth, p = draw(seed)
    assert calibration.brier_score(truth == 2, p[:, 2]) == pytest.approx(metrics.brier_score_loss(truth == 2, p[:, 2]))
    assert calibration.multiclass_brier_score(truth, p) == pytest.approx(
        metrics.brier_score_loss(truth, p, labels=range(5), scale_by_half=False)
    )
    assert calibration.negative_log_likelihood(truth, p) == pytest.approx(metrics.log_loss(truth, p))


@pytest.mark.parametrize(("kind", "strategy"), [("equal_width", "uniform"), ("equal_mass", "quantile")])
def test_reliability_curves_are_those_of_scikit_learn(kind: str, strategy: str) -> None:
    truth, p = draw(1)
    curve = calibration.reliability(truth == 1, p[:, 1], kind=kind)  # type: ignore[arg-type]
    observed, stated = calibration_curve(truth == 1, p[:, 1], n_bins=10, strategy=strategy)
    tolerance = 1e-12 if kind == "equal_width" else 0.02  # scikit-learn interpolates quantiles
    np.testing.assert_allclose([b.observed for b in curve.bins], observed, atol=tolerance)
    np.testing.assert_allclose([b.stated for b in curve.bins], stated, atol=tolerance)
    assert sum(b.count for b in curve.bins) == len(truth)


def test_the_calibration_error_by_hand() -> None:
    # Bin (0.1, 0.2]: 2 cases, stated 0.15, none true. Bin (0.7, 0.8]: 2 cases, stated 0.75, both true.
    curve = calibration.reliability(np.array([False, False, True, True]), np.array([0.12, 0.18, 0.72, 0.78]))
    assert curve.expected_error == pytest.approx(0.5 * 0.15 + 0.5 * 0.25)
    assert curve.largest_error == pytest.approx(0.25)
    assert [(b.lower, b.upper, b.count) for b in curve.bins] == [
        (pytest.approx(0.1), pytest.approx(0.2), 2), (pytest.approx(0.7), pytest.approx(0.8), 2)
    ]  # fmt: skip
    assert (curve.bins[0].low, curve.bins[0].high) == (0.0, pytest.approx(0.6576, abs=1e-4))


def test_images_of_one_patient_widen_the_interval_of_a_bin_and_leave_the_rest() -> None:
    """Ten patients of 20 images each, all right or all wrong: as good as ten cases."""
    right = np.arange(10) % 2 == 0
    hits, stated, patients = np.repeat(right, 20), np.full(200, 0.55), np.repeat(np.arange(10), 20)
    plain = calibration.reliability(hits, stated)
    grouped = calibration.reliability(hits, stated, groups=patients)
    low, high = wilson_interval(100, 200)
    assert (plain.bins[0].low, plain.bins[0].high) == (low, high)
    assert (grouped.bins[0].count, grouped.bins[0].observed) == (200, 0.5)
    # Between-group variance with 10 / 9: nine effective cases.
    low, high = wilson_interval(9, 18)
    assert grouped.bins[0].low < low < high < grouped.bins[0].high
    z = 2.262157  # t of nine degrees of freedom, as the design effect is estimated
    half = z * np.sqrt(0.25 / 9 + z**2 / (4 * 81)) / (1 + z**2 / 9)
    assert grouped.bins[0].high == pytest.approx(0.5 + half, abs=1e-6)
    assert grouped.expected_error == plain.expected_error


def test_all_reliability_curves_know_of_the_groups() -> None:
    cases = make_scored(60)
    args = (cases.truth, cases.probabilities)
    alone = calibration.measure_calibration(*args, malignant_classes=cases.malignant_classes)
    single = calibration.measure_calibration(
        *args, malignant_classes=cases.malignant_classes, groups=np.zeros(60, np.int64)
    )
    for name in ("top_class", "top_class_mass", "malignancy", "malignancy_mass"):
        first, second = getattr(alone, name), getattr(single, name)
        largest = max(range(len(first.bins)), key=lambda i: first.bins[i].count)
        assert second.bins[largest].high - second.bins[largest].low > first.bins[largest].high - first.bins[largest].low


def test_bins_of_equal_mass_part_no_ties_and_hold_every_case() -> None:
    stated = np.array([0.2] * 50 + [0.5] * 30 + [0.9] * 20)
    curve = calibration.reliability(stated > 0.4, stated, kind="equal_mass")
    assert [b.count for b in curve.bins] == [50, 30, 20]


def test_the_temperature_is_that_of_an_independent_minimiser_and_finds_what_was_planted() -> None:
    truth, p = draw(2, n=4000)
    logits = np.log(p)

    def loss(t: np.ndarray) -> float:
        z = logits / t[0]
        return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(truth)), truth]))

    expected = minimize(loss, [1.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-12}).x[0]
    found = calibration.fit_temperature(truth, p)
    assert found == pytest.approx(expected, rel=1e-3)
    assert calibration.fit_temperature(truth, calibration.apply_temperature(p, 0.5)) == pytest.approx(
        2 * found, rel=1e-3
    )


def test_scaling_keeps_rows_at_one_and_the_order_of_classes() -> None:
    _, p = draw(3)
    scaled = calibration.apply_temperature(p, 3.0)
    np.testing.assert_allclose(scaled.sum(axis=1), 1)
    np.testing.assert_array_equal(scaled.argsort(axis=1), p.argsort(axis=1))
    np.testing.assert_allclose(calibration.apply_temperature(p, 1.0), p)


def test_probabilities_of_zero_are_no_infinity() -> None:
    truth, p = np.array([0, 1, 1, 0]), np.array([[0.0, 1.0], [0.0, 1.0], [0.3, 0.7], [0.6, 0.4]])
    assert np.isfinite(calibration.fit_temperature(truth, p))
    assert np.isfinite(calibration.negative_log_likelihood(truth, p))


def test_cross_fitting_never_uses_a_case_of_the_same_group() -> None:
    truth, p = draw(4, n=60)
    groups = np.repeat(np.arange(20), 3)
    before, _ = calibration.cross_fitted_temperature(truth, p, groups, seed=1)
    changed = truth.copy()
    changed[groups == 7] = (changed[groups == 7] + 1) % 5
    after, _ = calibration.cross_fitted_temperature(changed, p, groups, seed=1)
    np.testing.assert_array_equal(before[groups == 7], after[groups == 7])
    assert not np.array_equal(before[groups != 7], after[groups != 7])


def test_a_temperature_from_elsewhere_leaves_out_patients_that_are_evaluated() -> None:
    cases, other = make_scored(200, seed=1), make_scored(300, seed=2)
    # Lesions L0..L99 stand in both; the other data has L100..L149 besides.
    found = scale_calibration(cases, fitted_elsewhere=TemperatureSource("other", other))
    assert found is not None
    assert (found.fitted_on, found.fitted_cases, found.left_out) == ("other", 100, 200)
    with pytest.raises(InvalidInput, match="all its patients and lesions"):
        scale_calibration(cases, fitted_elsewhere=TemperatureSource("same", cases))


def test_scaling_helps_overconfident_probabilities_and_one_patient_cannot_be_scaled() -> None:
    cases = make_scored(800, seed=3)
    sharp = cases.with_probabilities(calibration.apply_temperature(cases.probabilities, 0.2))
    found = scale_calibration(sharp)
    assert found is not None
    assert found.temperature > 1.5
    before = calibration.measure_calibration(
        sharp.truth, sharp.probabilities, malignant_classes=sharp.malignant_classes
    )
    assert found.measures.log_loss < before.log_loss
    assert found.measures.top_class.expected_error < before.top_class.expected_error
    alone = make_scored(10, patient_ids=["P"] * 10)
    assert scale_calibration(alone) is None


def test_nothing_to_measure_is_refused() -> None:
    with pytest.raises(InvalidInput):
        calibration.reliability(np.array([], bool), np.array([]))
    with pytest.raises(InvalidInput):
        calibration.apply_temperature(np.array([[0.5, 0.5]]), 0.0)
    with pytest.raises(InvalidInput):
        calibration.fit_temperature(np.array([], int), np.empty((0, 2)))
