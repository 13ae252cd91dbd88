"""Covariances against their definitions written out, DeLong's published method, and exact expectations."""

import itertools

import numpy as np
import pytest
from tests.mrmc_factory import make_study

from dermdash.analysis.delong import auc_covariance
from dermdash.analysis.mrmc.choices import Covariance, Figure
from dermdash.analysis.mrmc.covariance import covariance_of
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.error_covariance import average_covariance
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit, measure
from dermdash.errors import InvalidInput

STUDY = make_study(readers=3, cases=24, diseased=9)
SHARES = [FigureOfMerit(f, threshold=3) for f in (Figure.SENSITIVITY, Figure.SPECIFICITY, Figure.ACCURACY)]


def test_jackknife_leaves_out_one_case_after_the_other() -> None:
    """The formula, case by case, with every figure computed again."""
    for merit in (
        FigureOfMerit(),
        *SHARES,
        FigureOfMerit(Figure.WEIGHTED_ACCURACY, threshold=3),
        FigureOfMerit(Figure.PARTIAL_AUC),
    ):
        measured = measure(STUDY, merit)
        concerned = np.flatnonzero(np.any(measured.sides, axis=0))
        deleted = []
        for case in concerned:
            kept = np.arange(24) != case
            part = MrmcData(
                STUDY.ratings[:, :, kept], STUDY.truth[kept], STUDY.readers, STUDY.modalities, STUDY.cases[:-1]
            )
            deleted.append(measure(part, merit).values.ravel())
        centred = np.array(deleted) - np.mean(deleted, axis=0)
        c = len(concerned)
        expected = (c - 1) / c * centred.T @ centred
        assert covariance_of(measured, Covariance.JACKKNIFE) == pytest.approx(expected, abs=1e-14)


def test_delong_is_that_of_the_areas_of_one_study() -> None:
    found = covariance_of(measure(STUDY, FigureOfMerit()), Covariance.DELONG)
    expected = auc_covariance(STUDY.truth, STUDY.ratings.reshape(6, 24)).covariance
    assert found == pytest.approx(expected, abs=1e-15)


def test_all_methods_agree_on_a_share() -> None:
    """A mean over one sample of cases: each is the sample covariance divided by the number of cases (numpy)."""
    for merit, side in zip(SHARES, (STUDY.truth, ~STUDY.truth, np.ones(24, bool)), strict=True):
        measured = measure(STUDY, merit)
        hits = ((STUDY.ratings >= 3) == STUDY.truth)[:, :, side].reshape(6, -1)
        expected = np.cov(hits) / side.sum()
        for method in Covariance:
            assert covariance_of(measured, method) == pytest.approx(expected, abs=1e-14)


def kernel(x: float, y: float) -> float:
    return float(x > y) + 0.5 * float(x == y)


@pytest.mark.parametrize("missing", [False, True])
def test_unbiased_covariance_is_the_mean_over_kernels_that_share_no_case(missing: bool) -> None:
    study = make_study(readers=2, modalities=1, cases=11, diseased=5, seed=8)
    if missing:
        study.ratings[0, 0, [0, 7]] = np.nan
        study.ratings[1, 0, [1, 2, 9]] = np.nan
    found = covariance_of(measure(study, FigureOfMerit()), Covariance.UNBIASED)
    sides = [[k for k in range(11) if study.truth[k] == side] for side in (True, False)]
    a, b = study.ratings[0, 0], study.ratings[1, 0]
    for x, y, value in ((a, b, found[0, 1]), (a, a, found[0, 0]), (b, b, found[1, 1])):
        pairs = [[(i, j) for i in sides[0] for j in sides[1] if not np.isnan([r[i], r[j]]).any()] for r in (x, y)]
        means = [np.mean([kernel(r[i], r[j]) for i, j in part]) for r, part in zip((x, y), pairs, strict=True)]
        apart = [
            kernel(x[i], x[j]) * kernel(y[k], y[m]) for (i, j), (k, m) in itertools.product(*pairs) if i != k and j != m
        ]
        assert value == pytest.approx(means[0] * means[1] - np.mean(apart), abs=1e-13)


@pytest.mark.parametrize("figure", [Figure.AUC, Figure.SENSITIVITY])
def test_the_expectation_of_the_unbiased_covariance_is_the_covariance(figure: Figure) -> None:
    """Over every sample of three positives and two negatives from a small distribution: exact, no simulation.

    Reader 1 reads the positives 0 and 1, reader 2 the positives 1 and 2, both all negatives.
    """
    values = [(1, 1), (1, 2), (2, 1), (3, 3)]
    chance = {True: [0.1, 0.2, 0.3, 0.4], False: [0.4, 0.3, 0.1, 0.2]}
    truth = np.array([True, True, True, False, False])
    merit = FigureOfMerit(figure, threshold=None if figure is Figure.AUC else 2)
    weights, products, means, estimates = [], [], [], []
    for sample in itertools.product(range(4), repeat=5):
        ratings = np.array([[values[s][r] for s in sample] for r in (0, 1)], float)[:, None]
        ratings[0, 0, 2] = ratings[1, 0, 0] = np.nan
        study = MrmcData(ratings, truth, ("1", "2"), ("m",), tuple("abcde"))
        measured = measure(study, merit)
        weights.append(np.prod([chance[bool(t)][s] for s, t in zip(sample, truth, strict=True)]))
        means.append(measured.values[:, 0])
        products.append(np.outer(measured.values[:, 0], measured.values[:, 0]))
        estimates.append(covariance_of(measured, Covariance.UNBIASED))
    expected = np.average(means, axis=0, weights=weights)
    covariance = np.average(products, axis=0, weights=weights) - np.outer(expected, expected)
    assert np.average(estimates, axis=0, weights=weights) == pytest.approx(covariance, abs=1e-12)


@pytest.mark.parametrize("method", Covariance)
def test_readers_without_a_common_case_have_no_covariance(method: Covariance) -> None:
    study = make_study(readers=2, cases=24, diseased=12)
    study.ratings[0, :, ::2] = np.nan
    study.ratings[1, :, 1::2] = np.nan
    found = covariance_of(measure(study, FigureOfMerit()), method)
    assert np.abs(found[:2, 2:]).max() < 1e-15
    assert np.diag(found).min() > 0


@pytest.mark.parametrize("method", Covariance)
def test_missing_cells_of_one_reader_do_not_change_the_others(method: Covariance) -> None:
    whole = covariance_of(measure(STUDY, FigureOfMerit()), method)
    study = make_study(readers=3, cases=24, diseased=9)
    study.ratings[2, 0, [0, 1, 20]] = np.nan
    found = covariance_of(measure(study, FigureOfMerit()), method)
    assert found[:4, :4] == pytest.approx(whole[:4, :4], abs=1e-15)


@pytest.mark.parametrize("method", [Covariance.DELONG, Covariance.UNBIASED])
def test_the_partial_area_has_only_the_jackknife(method: Covariance) -> None:
    with pytest.raises(InvalidInput, match="use the jackknife"):
        covariance_of(measure(STUDY, FigureOfMerit(Figure.PARTIAL_AUC)), method)


def test_averages_are_over_readers_and_pairs_of_readers() -> None:
    matrix = covariance_of(measure(STUDY, FigureOfMerit()), Covariance.JACKKNIFE).reshape(3, 2, 3, 2)
    found = average_covariance(matrix.reshape(6, 6), np.ones((3, 2), bool))
    pairs = [(j, k) for j in range(3) for k in range(3) if j != k]
    assert found.variance == pytest.approx(np.mean([matrix[j, i, j, i] for j in range(3) for i in range(2)]))
    assert found.cov1 == pytest.approx(np.mean([matrix[j, 0, j, 1] for j in range(3)]))
    assert found.cov2 == pytest.approx(np.mean([matrix[j, i, k, i] for j, k in pairs for i in range(2)]))
    assert found.cov3 == pytest.approx(np.mean([matrix[j, 0, k, 1] for j, k in pairs]))
