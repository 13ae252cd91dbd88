"""Degenerate studies: a clear refusal or a correct limit, never a number that is none."""

import json
import math

import numpy as np
import pytest
from scipy import stats
from tests.mrmc_factory import make_study

from dermdash.analysis.mrmc.analysis import MrmcOptions, analyse_mrmc
from dermdash.analysis.mrmc.choices import Covariance, Figure
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit
from dermdash.analysis.mrmc.model import beside_model, take_model_reader
from dermdash.analysis.mrmc.noninferiority import non_inferiority
from dermdash.analysis.paired_accuracy import holm
from dermdash.errors import InvalidInput

RRRC, FRRC, RRFC = Inference.RRRC, Inference.FRRC, Inference.RRFC


def changed(study: MrmcData, ratings: np.ndarray | None = None, truth: np.ndarray | None = None) -> MrmcData:
    return MrmcData(
        study.ratings if ratings is None else ratings,
        study.truth if truth is None else truth,
        study.readers,
        study.modalities,
        study.cases,
        source=study.source,
    )


def check_finite(value: object) -> None:
    """Every number is finite, and no interval is without width."""
    json.dumps(value, allow_nan=False)
    if isinstance(value, dict):
        interval = value.get("ci")
        if interval is not None:
            assert interval[0] < interval[1]
        for part in value.values():
            check_finite(part)
    elif isinstance(value, list):
        for part in value:
            check_finite(part)
    elif isinstance(value, float):
        assert math.isfinite(value)


def perfect() -> MrmcData:
    study = make_study()
    return changed(study, np.broadcast_to(study.truth * 4.0 + 1, study.ratings.shape).copy())


def one_perfect() -> MrmcData:
    study = make_study()
    study.ratings[0] = study.truth * 4 + 1
    return study


def constant() -> MrmcData:
    return changed(make_study(), np.full((4, 2, 30), 3.0))


def sparse() -> MrmcData:
    study = make_study(cases=60, diseased=25)
    study.ratings[np.random.default_rng(2).random(study.ratings.shape) < 0.6] = np.nan
    return study


@pytest.mark.parametrize(
    "study",
    [perfect(), one_perfect(), constant(), sparse(), make_study(readers=1), make_study(modalities=1)],
    ids=["perfect", "one perfect reader", "constant ratings", "missing cells", "one reader", "one modality"],
)
@pytest.mark.parametrize("method", Covariance)
@pytest.mark.parametrize("figure", Figure)
def test_nothing_that_is_no_number_comes_out(study: MrmcData, method: Covariance, figure: Figure) -> None:
    if figure is Figure.PARTIAL_AUC and method is not Covariance.JACKKNIFE:
        return
    merit = FigureOfMerit(figure, threshold=None if "auc" in figure else 3)
    result = analyse_mrmc(study, MrmcOptions(merit=merit, covariance=method, margin=0.1))
    found = result.as_dict()
    check_finite(found)
    for kind in Inference:
        test = found[kind.value]
        assert (test["p"] is None) == (test["reason"] is not None)
        assert test["p"] is None or 0 <= test["p"] <= 1
        # No p without its effect and interval.
        if test["p"] is not None and len(study.modalities) == 2:
            assert test["difference"] is not None
            assert test["ci"] is not None


def test_perfect_readers_are_perfect_and_their_certainty_is_refused() -> None:
    found = analyse_mrmc(perfect())
    assert (found.values == 1).all()
    for kind in Inference:
        assert found.overall[kind].difference == 0
        assert found.overall[kind].p is None
        assert found.means[0][kind].low is None
        assert "the estimated variance is 0" in (found.means[0][kind].reason or "")


def test_constant_ratings_are_chance() -> None:
    found = analyse_mrmc(constant())
    assert (found.values == 0.5).all()
    assert found.overall[RRRC].reason is not None


def test_one_modality_has_a_mean_and_nothing_to_compare() -> None:
    found = analyse_mrmc(make_study(modalities=1))
    assert found.pairs == ()
    assert "one modality" in (found.overall[RRRC].reason or "")
    assert found.means[0][RRRC].low is not None


def test_one_class_is_refused() -> None:
    study = make_study()
    with pytest.raises(InvalidInput, match="Made-up study has no case without the condition"):
        analyse_mrmc(changed(study, truth=np.ones(30, bool)))


def test_one_case_of_a_side_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no reader has read two cases of every side"):
        analyse_mrmc(make_study(cases=8, diseased=1))


def test_a_reader_with_too_few_cases_is_left_out_and_counted() -> None:
    study = make_study(readers=5)
    study.ratings[2][:, 1:] = np.nan
    found = analyse_mrmc(study)
    assert found.data.readers == ("r0", "r1", "r3", "r4")
    assert found.excluded == {"of a reader with fewer than two cases of a side": 2}


def test_no_complete_case_is_refused_with_what_to_do() -> None:
    study = make_study(readers=2)
    study.ratings[0, 0, ::2] = np.nan
    study.ratings[1, 1, 1::2] = np.nan
    with pytest.raises(InvalidInput, match="analyse all cases as they were read"):
        analyse_mrmc(study, MrmcOptions(complete_cases=True))


def test_pairs_of_three_modalities_are_corrected_by_holm() -> None:
    found = analyse_mrmc(make_study(modalities=3, readers=6))
    assert [(pair.first, pair.second) for pair in found.pairs] == [("m0", "m1"), ("m0", "m2"), ("m1", "m2")]
    for kind in Inference:
        raw = [pair.tests[kind].p for pair in found.pairs]
        assert [pair.tests[kind].p_holm for pair in found.pairs] == holm(raw)
    assert found.overall[RRRC].difference is None
    assert found.overall[RRRC].df1 == 2


def test_small_studies_are_said_to_be_small() -> None:
    words = " ".join(analyse_mrmc(make_study(readers=3, cases=20, diseased=8)).warnings)
    assert "3 readers: few to speak for other readers" in words
    assert "8 cases with the condition: few" in words
    assert analyse_mrmc(make_study(readers=6, cases=60, diseased=30)).warnings == ()


def test_a_level_of_confidence_is_a_share() -> None:
    with pytest.raises(InvalidInput, match="confidence level is 95"):
        MrmcOptions(confidence=95)
    wide, narrow = (analyse_mrmc(make_study(), MrmcOptions(confidence=c)).overall[RRRC] for c in (0.99, 0.8))
    assert wide.low < narrow.low < narrow.high < wide.high  # type: ignore[operator]


def test_the_margin_is_read_from_the_interval() -> None:
    """Shifting a t test: p of worse by the margin or more, and the conclusion at half the level (scipy)."""
    found = analyse_mrmc(make_study(readers=6), MrmcOptions(margin=0.05))
    test = found.overall[RRRC]
    one, other = found.pairs[0].non_inferiority
    assert test.difference is not None
    assert test.se is not None
    assert one.p == pytest.approx(stats.t.sf((test.difference + 0.05) / test.se, test.df2))
    assert other.p == pytest.approx(stats.t.sf((-test.difference + 0.05) / test.se, test.df2))
    for claim in (one, other):
        assert claim.concluded == (claim.p < 0.025)  # type: ignore[operator]
    assert (one.modality, other.modality) == ("m0", "m1")
    assert one.low == -other.high  # type: ignore[operator]


@pytest.mark.parametrize("margin", [0, -0.1, 1, 5])
def test_a_margin_is_a_difference_of_figures(margin: float) -> None:
    with pytest.raises(InvalidInput, match=f"margin is {margin}"):
        MrmcOptions(margin=margin)
    with pytest.raises(InvalidInput, match=f"margin is {margin}"):
        non_inferiority(analyse_mrmc(make_study()).overall[RRRC], margin=margin, modality="a", reference="b")


def model_scores(study: MrmcData) -> dict[str, float]:
    rng = np.random.default_rng(9)
    return dict(zip(study.cases, study.truth + rng.normal(size=len(study.cases)), strict=True))


def test_a_model_beside_readers_is_the_one_sample_test_of_their_differences() -> None:
    """Written out: mean of model minus reader, S^2 / r + Cov2 of the differences, df as of Hillis (2007)."""
    study = make_study(readers=5, modalities=1, cases=60, diseased=25)
    scores = model_scores(study)
    joined, dropped = beside_model(study, scores, FigureOfMerit())
    assert dropped == 0
    found = analyse_mrmc(joined)
    from dermdash.analysis.mrmc.covariance import covariance_of
    from dermdash.analysis.mrmc.figure_of_merit import measure

    both = MrmcData(
        np.concatenate([study.ratings[:, 0], [[scores[c] for c in study.cases]]])[:, None],
        study.truth, ("a", "b", "c", "d", "e", "model"), ("m",), study.cases,
    )  # fmt: skip
    measured = measure(both, FigureOfMerit())
    matrix = covariance_of(measured, Covariance.JACKKNIFE)
    psi = measured.values[5, 0] - measured.values[:5, 0]
    shared = [matrix[j, k] - matrix[j, 5] - matrix[k, 5] + matrix[5, 5] for j in range(5) for k in range(5) if j != k]
    square, between = psi.var(ddof=1), max(float(np.mean(shared)), 0.0)
    total = square + 5 * between
    df = total**2 / (square**2 / 4)
    test = found.overall[RRRC]
    assert test.difference == pytest.approx(psi.mean())
    assert test.se == pytest.approx(np.sqrt(total / 5))
    assert test.df2 == pytest.approx(df)
    assert test.p == pytest.approx(2 * stats.t.sf(abs(psi.mean()) / np.sqrt(total / 5), df))


def test_a_model_is_called_at_its_own_threshold() -> None:
    study = make_study(readers=3, modalities=1)
    scores = model_scores(study)
    merit = FigureOfMerit(Figure.SENSITIVITY, threshold=3)
    joined, _ = beside_model(study, scores, merit, threshold=0.7)
    found = analyse_mrmc(joined, MrmcOptions(merit=merit))
    called = [scores[c] >= 0.7 for c, t in zip(study.cases, study.truth, strict=True) if t]
    assert found.values[:, 0] == pytest.approx(np.mean(called))
    assert found.values[:, 1] == pytest.approx((study.ratings[:, 0, study.truth] >= 3).mean(axis=1))
    with pytest.raises(InvalidInput, match="needs a threshold of the model's scores"):
        beside_model(study, scores, merit)


def test_cases_without_a_score_are_left_out_and_counted() -> None:
    study = make_study(readers=3, modalities=1)
    scores = model_scores(study)
    del scores["c004"], scores["c029"]
    joined, dropped = beside_model(study, scores, FigureOfMerit())
    assert dropped == 6
    assert len(joined.cases) == 28
    with pytest.raises(InvalidInput, match="do the case names agree"):
        beside_model(study, {"other": 1.0}, FigureOfMerit())
    with pytest.raises(InvalidInput, match="score of case c001 is not finite"):
        beside_model(study, scores | {"c001": float("nan")}, FigureOfMerit())


def test_a_model_among_the_readers_is_taken_out() -> None:
    study = make_study(readers=3)
    study.ratings[1, 1] = study.ratings[1, 0]
    others, scores = take_model_reader(study, "r1")
    assert others.readers == ("r0", "r2")
    assert scores["c007"] == study.ratings[1, 0, 7]
    with pytest.raises(InvalidInput, match=r"r0 rated case c\d+ differently"):
        take_model_reader(study, "r0")
    with pytest.raises(InvalidInput, match="no reader AI: expected one of r0, r1, r2"):
        take_model_reader(study, "AI")


def test_very_many_readers_are_refused_before_their_covariances_are_made() -> None:
    study = make_study(readers=2, cases=6, diseased=3)
    many = MrmcData(
        np.repeat(study.ratings, 1300, axis=0), study.truth, tuple(map(str, range(2600))), study.modalities, study.cases
    )
    with pytest.raises(InvalidInput, match="2,600 readers x 2 modalities"):
        analyse_mrmc(many)
