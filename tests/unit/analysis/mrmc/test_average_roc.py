"""The average reader's curve: its area is the mean of the readers' areas, whichever way curves are averaged."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.mrmc_factory import make_study

from dermdash.analysis.mrmc.average_roc import average_curve, reader_curves
from dermdash.errors import InvalidInput


@pytest.mark.parametrize("along", ["specificity", "diagonal"])
@pytest.mark.parametrize("levels", [5, 10_000])
def test_the_area_of_the_average_curve_is_the_mean_area(along: str, levels: int) -> None:
    study = make_study(readers=5, levels=levels)
    curves = reader_curves(study, "m0")
    x, y = average_curve(list(curves.values()), along=along)  # type: ignore[arg-type]
    expected = np.mean([roc_auc_score(study.truth, study.ratings[j, 0]) for j in range(5)])
    assert np.trapezoid(y, x) == pytest.approx(expected, abs=1e-9)
    assert (np.diff(x) >= -1e-12).all()
    assert (np.diff(y) >= -1e-12).all()
    assert (x[0], y[0]) == pytest.approx((0, 0), abs=1e-12)
    assert (x[-1], y[-1]) == pytest.approx((1, 1), abs=1e-12)


@pytest.mark.parametrize("along", ["specificity", "diagonal"])
def test_the_average_of_one_reader_is_that_reader(along: str) -> None:
    study = make_study(readers=1)
    (curve,) = reader_curves(study, "m1").values()
    x, y = average_curve([curve], along=along)  # type: ignore[arg-type]
    for f, s in zip(1 - curve.specificity, curve.sensitivity, strict=True):
        assert np.hypot(x - f, y - s).min() < 1e-9


def test_the_vertical_mean_is_the_mean_sensitivity_at_each_specificity() -> None:
    study = make_study(readers=3)
    curves = list(reader_curves(study, "m0").values())
    x, y = average_curve(curves)
    at = 0.37
    each = [np.interp(at, 1 - c.specificity, c.sensitivity) for c in curves]
    assert np.interp(at, x, y) == pytest.approx(np.mean(each))


def test_readers_without_both_sides_are_left_out() -> None:
    study = make_study(readers=3)
    study.ratings[1, 0, study.truth] = np.nan
    assert list(reader_curves(study, "m0")) == ["r0", "r2"]
    with pytest.raises(InvalidInput, match="no curve to average"):
        average_curve([])
