"""Images of one lesion in the comparison over readers and cases: the unit is the lesion."""

from dataclasses import replace

import numpy as np
import pytest
from tests.benchmarks.mrmc import null_study
from tests.null_studies import rejections

from dermdash.analysis.delong import auc_covariance
from dermdash.analysis.mrmc.analysis import MrmcOptions, analyse_mrmc
from dermdash.analysis.mrmc.choices import Covariance, Figure
from dermdash.analysis.mrmc.covariance import covariance_of
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.mrmc.figure_of_merit import FigureOfMerit, measure

MERITS = (
    FigureOfMerit(),
    FigureOfMerit(Figure.PARTIAL_AUC),
    FigureOfMerit(Figure.SENSITIVITY, threshold=0.7),
    FigureOfMerit(Figure.ACCURACY, threshold=0.7),
    FigureOfMerit(Figure.WEIGHTED_ACCURACY, threshold=0.7),
)


def lesions_twice(readers: int, lesions: int, rng: np.random.Generator) -> MrmcData:
    """Every lesion on two images, which share everything but half of the error of a reading."""
    data = null_study(Inference.RRRC, readers, lesions, rng)
    ratings = np.repeat(data.ratings, 2, axis=2)
    ratings = ratings + rng.normal(scale=0.4, size=ratings.shape)
    cases = tuple(f"{c}{half}" for c in data.cases for half in "ab")
    return replace(data, ratings=ratings, truth=np.repeat(data.truth, 2), cases=cases, units={c: c[:-1] for c in cases})


def test_the_covariance_of_areas_is_obuchowskis() -> None:
    """One reader as the clustered covariance of `delong`, which is compared with Obuchowski (1997), to 1e-12."""
    rng = np.random.default_rng(3)
    data = lesions_twice(1, 30, rng)
    # Some patients have lesions of both kinds.
    data = replace(data, units={c: str(i // 3) for i, c in enumerate(data.cases)})
    data = replace(data, truth=data.truth ^ (rng.random(60) < 0.2))
    expected = auc_covariance(data.truth, data.ratings[0], groups=data.unit_index).covariance
    assert covariance_of(measure(data, FigureOfMerit()), Covariance.CLUSTERED) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("merit", MERITS, ids=lambda m: m.figure.value)
def test_where_every_case_stands_alone_it_is_the_covariance_of_independent_cases(merit: FigureOfMerit) -> None:
    data = null_study(Inference.RRRC, 4, 40, np.random.default_rng(5))
    alone = Covariance.JACKKNIFE if merit.figure is Figure.PARTIAL_AUC else Covariance.DELONG
    measured = measure(data, merit)
    found = covariance_of(measured, Covariance.CLUSTERED)
    assert found == pytest.approx(covariance_of(measured, alone), abs=1e-12)


@pytest.mark.parametrize("merit", MERITS, ids=lambda m: m.figure.value)
def test_a_second_copy_of_every_image_tells_nothing_new(merit: FigureOfMerit) -> None:
    data = null_study(Inference.RRRC, 4, 40, np.random.default_rng(6))
    cases = (*data.cases, *(f"{c} again" for c in data.cases))
    twice = replace(
        data, ratings=np.tile(data.ratings, 2), truth=np.tile(data.truth, 2), cases=cases,
        units={c: c.removesuffix(" again") for c in cases},
    )  # fmt: skip
    once = covariance_of(measure(data, merit), Covariance.CLUSTERED)
    found = covariance_of(measure(twice, merit), Covariance.CLUSTERED)
    # Leaving out one of a hundred or of two hundred images is not quite the same.
    assert found == pytest.approx(once, rel=0.06 if merit.figure is Figure.PARTIAL_AUC else 1e-9)


@pytest.mark.slow
def test_forty_lesions_on_two_images_each_are_rejected_at_the_level() -> None:
    """Images taken as independent rejected 8.5 %; 300 null studies of 5 readers, random readers and cases."""
    found = rejections(lambda rng: analyse_mrmc(lesions_twice(5, 40, rng)).overall[Inference.RRRC].p, 300)
    assert found.holds, found


def test_known_lesions_decide_the_covariance_and_another_that_is_asked_for_is_warned_of() -> None:
    data = lesions_twice(5, 20, np.random.default_rng(8))
    result = analyse_mrmc(data)
    assert result.covariance is Covariance.CLUSTERED
    assert (result.as_dict()["n_cases"], result.as_dict()["n_units"]) == (40, 20)
    asked = analyse_mrmc(data, MrmcOptions(covariance=Covariance.JACKKNIFE))
    assert any("40 cases of 20 lesions or patients were taken as independent" in text for text in asked.warnings)
    assert result.values == pytest.approx(asked.values)
