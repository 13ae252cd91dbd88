"""Figures of merit against scikit-learn, and the figure without each case against computing it again."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, recall_score, roc_auc_score
from tests.mrmc_factory import make_study

from dermdash.analysis.mrmc.choices import Figure
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit, Measured, measure
from dermdash.errors import InvalidInput

STUDY = make_study()
MERITS = [
    FigureOfMerit(),
    FigureOfMerit(Figure.PARTIAL_AUC, low=0.7, high=0.95),
    FigureOfMerit(Figure.PARTIAL_AUC, over="sensitivity", low=0.55, high=0.9),
    FigureOfMerit(Figure.SENSITIVITY, threshold=3),
    FigureOfMerit(Figure.SPECIFICITY, threshold=3),
    FigureOfMerit(Figure.ACCURACY, threshold=3),
    FigureOfMerit(Figure.WEIGHTED_ACCURACY, threshold=3, weight=0.3),
]


def without(data: MrmcData, case: int) -> MrmcData:
    kept = np.arange(len(data.cases)) != case
    return MrmcData(
        data.ratings[:, :, kept],
        data.truth[kept],
        data.readers,
        data.modalities,
        tuple(np.array(data.cases)[kept]),
    )


def each(study: MrmcData = STUDY) -> list[tuple[int, int]]:
    return [(j, i) for j in range(len(study.readers)) for i in range(len(study.modalities))]


def test_auc_is_that_of_scikit_learn() -> None:
    found = measure(STUDY, FigureOfMerit()).values
    for j, i in each():
        assert found[j, i] == pytest.approx(roc_auc_score(STUDY.truth, STUDY.ratings[j, i]), abs=1e-12)


def test_shares_are_those_of_scikit_learn() -> None:
    called = STUDY.ratings >= 3
    found = {
        figure: measure(STUDY, FigureOfMerit(figure, threshold=3)).values for figure in Figure if "auc" not in figure
    }
    for j, i in each():
        call = called[j, i]
        assert found[Figure.SENSITIVITY][j, i] == pytest.approx(recall_score(STUDY.truth, call))
        assert found[Figure.SPECIFICITY][j, i] == pytest.approx(recall_score(~STUDY.truth, ~call))
        assert found[Figure.ACCURACY][j, i] == pytest.approx((call == STUDY.truth).mean())
        assert found[Figure.WEIGHTED_ACCURACY][j, i] == pytest.approx(balanced_accuracy_score(STUDY.truth, call))


def trapezoid_between(truth: np.ndarray, score: np.ndarray, low: float, high: float) -> float:
    """Mean height of the ROC polygon between two false positive rates, by cutting it there."""
    cuts = np.unique(score)[::-1]
    x = np.array([0.0, *[(score[~truth] >= c).mean() for c in cuts]])
    y = np.array([0.0, *[(score[truth] >= c).mean() for c in cuts]])
    grid = np.linspace(low, high, 200_001)
    # The last point at an abscissa is the upper end of a vertical step.
    heights = np.interp(grid, x + 1e-13 * np.arange(len(x)), y)
    return float(np.trapezoid(heights, grid) / (high - low))


def test_partial_auc_is_the_cut_polygon() -> None:
    """Against numerical integration with 200,000 steps; tolerance is that of the integration."""
    merit = FigureOfMerit(Figure.PARTIAL_AUC, low=0.7, high=0.95)
    found = measure(STUDY, merit).values
    for j, i in each():
        expected = trapezoid_between(STUDY.truth, STUDY.ratings[j, i], 0.05, 0.3)
        assert found[j, i] == pytest.approx(expected, abs=2e-5)


def test_partial_auc_over_sensitivities_is_the_same_polygon_from_the_other_side() -> None:
    found = measure(STUDY, FigureOfMerit(Figure.PARTIAL_AUC, over="sensitivity", low=0.55, high=0.9)).values
    for j, i in each():
        expected = trapezoid_between(~STUDY.truth, -STUDY.ratings[j, i], 0.1, 0.45)
        assert found[j, i] == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize("over", ["specificity", "sensitivity"])
def test_partial_auc_over_everything_is_the_auc(over: str) -> None:
    whole = FigureOfMerit(Figure.PARTIAL_AUC, over=over, low=0.0, high=1.0)  # type: ignore[arg-type]
    found = measure(STUDY, whole)
    assert found.values == pytest.approx(measure(STUDY, FigureOfMerit()).values, abs=1e-12)
    assert found.deleted == pytest.approx(measure(STUDY, FigureOfMerit()).deleted, abs=1e-12)


def test_partial_auc_agrees_with_scikit_learn_where_that_has_it() -> None:
    """scikit-learn standardises after McClish (1989): 0.5 at chance, 1 at best."""
    low, high = 0.0, 0.3
    found = measure(STUDY, FigureOfMerit(Figure.PARTIAL_AUC, low=0.7, high=1.0)).values
    for j, i in each():
        area, chance = found[j, i] * (high - low), (high**2 - low**2) / 2
        standard = 0.5 * (1 + (area - chance) / (high - low - chance))
        assert standard == pytest.approx(roc_auc_score(STUDY.truth, STUDY.ratings[j, i], max_fpr=high), abs=1e-9)


@pytest.mark.parametrize("merit", MERITS, ids=lambda m: f"{m.figure}-{m.over}")
@pytest.mark.parametrize("missing", [False, True])
def test_the_figure_without_a_case_is_that_of_the_other_cases(merit: FigureOfMerit, missing: bool) -> None:
    study = make_study(readers=2, cases=16, diseased=7)
    if missing:
        study.ratings[0, 0, [1, 9, 15]] = np.nan
        study.ratings[1, 1, [0, 2]] = np.nan
    found = measure(study, merit)
    for case in range(len(study.cases)):
        again = measure(without(study, case), merit).values
        for j, i in each(study):
            if np.isnan(found.deleted[j, i, case]):
                concerned = any(side[case] for side in found.sides)
                assert np.isnan(study.ratings[j, i, case]) or not concerned
            else:
                assert found.deleted[j, i, case] == pytest.approx(again[j, i], abs=1e-12)


def test_a_monotone_change_of_ratings_leaves_areas_alone() -> None:
    bent = MrmcData(np.exp(STUDY.ratings) - 7, STUDY.truth, STUDY.readers, STUDY.modalities, STUDY.cases)
    for merit in MERITS[:3]:
        assert measure(bent, merit).values == pytest.approx(measure(STUDY, merit).values, abs=1e-12)


def test_a_reader_without_one_side_has_no_figure_and_the_others_do() -> None:
    study = make_study()
    study.ratings[0, 0, study.truth] = np.nan
    found: Measured = measure(study, FigureOfMerit())
    assert np.isnan(found.values[0, 0])
    assert not found.usable[0, 0]
    assert found.usable.sum() == found.usable.size - 1


@pytest.mark.parametrize(
    ("merit", "truth", "words"),
    [
        (FigureOfMerit(), True, "no case without the condition"),
        (FigureOfMerit(), False, "no case with the condition"),
        (FigureOfMerit(Figure.SENSITIVITY, threshold=3), False, "no case with the condition"),
        (FigureOfMerit(Figure.SPECIFICITY, threshold=3), True, "no case without the condition"),
    ],
)
def test_a_missing_side_is_refused(merit: FigureOfMerit, truth: bool, words: str) -> None:
    study = MrmcData(STUDY.ratings, np.full(30, truth), STUDY.readers, STUDY.modalities, STUDY.cases)
    with pytest.raises(InvalidInput, match=words):
        measure(study, merit)


def test_sensitivity_needs_only_cases_with_the_condition() -> None:
    study = MrmcData(STUDY.ratings, np.full(30, True), STUDY.readers, STUDY.modalities, STUDY.cases)
    found = measure(study, FigureOfMerit(Figure.SENSITIVITY, threshold=3)).values
    assert found == pytest.approx((STUDY.ratings >= 3).mean(axis=2))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"figure": Figure.SENSITIVITY}, "needs a threshold"),
        ({"figure": Figure.ACCURACY, "threshold": float("nan")}, "needs a threshold"),
        ({"figure": Figure.PARTIAL_AUC, "low": 0.9, "high": 0.8}, "0.9 to 0.8"),
        ({"figure": Figure.PARTIAL_AUC, "low": -0.1}, "-0.1"),
        ({"figure": Figure.WEIGHTED_ACCURACY, "threshold": 3.0, "weight": 1.0}, "weight of the sensitivity is 1"),
    ],
)
def test_a_figure_that_makes_no_sense_is_refused(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        FigureOfMerit(**arguments)  # type: ignore[arg-type]
