"""Power of arms with readers of their own: simulated studies, the other designs, pilots, and where there is no test."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.benchmarks.error_rates_of_arms import rated_arms
from tests.readings_factory import make_parallel_arms
from tests.simulated_mrmc import components_of_arms, overlaps, parts_of_cases, rejections_of_arms

from dermdash.analyses.mrmc.run import analyse_mrmc_data
from dermdash.analyses.sample_size.arms_design import ArmsDesign
from dermdash.analyses.sample_size.arms_plan import (
    EXAMPLE_OF_ARMS,
    EXAMPLE_SIDE,
    assumed_arms,
    pilot_arms,
    pilot_arms_of_readings,
    plan_arms,
    smaller_side,
)
from dermdash.analyses.sample_size.plan import least_cases, least_readers
from dermdash.analyses.sample_size.run import Basis, Question
from dermdash.analyses.sample_size.section import sample_size_section
from dermdash.analysis.mrmc.choices import Figure
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.errors import InvalidInput

PARTS = {"r": 0.02, "c": 0.3, "tc": 0.2, "e": 0.5}


def example(difference: float = 0.05, **changes: object) -> ArmsDesign:
    return replace(ArmsDesign(EXAMPLE_OF_ARMS, difference, side=EXAMPLE_SIDE), **changes)


def test_power_is_how_often_simulated_studies_find_the_difference() -> None:
    """600 studies: within three Monte Carlo errors; tests.benchmarks has more settings and 10,000 studies."""
    for difference, sizes, cases in ((0.5, (5, 5), 20), (0.3, (8, 9), 60)):
        power = ArmsDesign(components_of_arms(PARTS, cases=cases), difference).power(sum(sizes), cases)
        assert power is not None
        found = rejections_of_arms(PARTS, difference=difference, sizes=sizes, cases=cases, studies=600, seed=3)
        assert found == pytest.approx(power, abs=3 * math.sqrt(power * (1 - power) / 600))


@pytest.mark.parametrize(
    ("difference", "sizes", "cases", "of_each"),
    [(0.3, (5, 15), 60, None), (0.3, (10, 10), 60, 15), (0.4, (5, 15), 40, 20), (0.3, (20, 20), 100, 10)],
)
def test_power_of_uneven_arms_and_of_parts_is_how_often_simulated_studies_find_the_difference(
    difference: float, sizes: tuple[int, int], cases: int, of_each: int | None
) -> None:
    """400 studies: within three Monte Carlo errors. The parts overlap as the least read cases come first."""
    part, overlap = 1.0, (1.0, 1.0)
    if of_each is not None:
        part, rng = of_each / cases, np.random.default_rng(9)
        drawn = [overlaps(parts_of_cases(sizes, cases, of_each, rng), sizes) for _ in range(20)]
        overlap = (float(np.mean([w for w, _ in drawn])), float(np.mean([a for _, a in drawn])))
    weights = tuple(size // math.gcd(*sizes) for size in sizes)
    design = ArmsDesign(components_of_arms(PARTS, cases=cases), difference, weights=weights, part=part, overlap=overlap)
    power = design.power(sum(sizes), cases)
    assert power is not None
    found = rejections_of_arms(
        PARTS, difference=difference, sizes=sizes, cases=cases, studies=400, seed=3, of_each=of_each
    )
    assert found == pytest.approx(power, abs=3 * math.sqrt(power * (1 - power) / 400))


def test_what_was_not_simulated_to_hold_its_level_has_no_power() -> None:
    assert example(weights=(1, 4)).power(40, 200) is not None
    assert example(weights=(1, 5)).power(60, 200) is None
    assert example(weights=(1, 4)).power(22, 200) is None  # 4 readers in the smaller arm
    half = example(part=0.5)
    assert half.power(40, 200) is not None
    assert half.power(40, 40) is None  # 7.9 of the smaller side of each reader
    assert example(part=0.05).power(30, 1000) is None  # fewer than one reading of a case in an arm


def test_components_for_more_cases_are_those_of_fewer_brought_there() -> None:
    few, many = (ArmsDesign(components_of_arms(PARTS, cases=cases), 0.3).power(20, 90) for cases in (20, 300))
    assert few == pytest.approx(many, rel=1e-12)


def test_without_an_effect_the_power_is_alpha_and_a_margin_is_one_sided() -> None:
    assert example(0.0).power(30, 100) == pytest.approx(0.05)
    assert example(0.0, arms=3).power(30, 100) == pytest.approx(0.025)
    assert (example(0.0, margin=0.1, alpha=0.025).power(60, 400) or 0) > 0.5


def test_below_what_the_comparison_shows_there_is_no_power() -> None:
    assert example().power(9, 200) is None
    assert example().power(10, 200) is not None
    assert example().power(10, 25) is None  # 9.9 of the smaller side
    assert example(arms=3).power(14, 200) is None
    assert "10 cases of a side" in (least_readers(example(), 20, 0.8).reason or "")
    assert "so few readers" in (least_cases(example(), 8, 0.8).reason or "")


def test_power_rises_with_readers_and_cases_and_cases_alone_reach_a_limit() -> None:
    by_readers = [example(0.08).power(n, 200) or 0 for n in range(10, 60)]
    assert by_readers == sorted(by_readers)
    by_cases = [example(0.08).power(20, n) or 0 for n in (30, 60, 120, 1000, math.inf)]
    assert by_cases == sorted(by_cases)
    assert by_cases[-1] < 1


def van_dyke_like(nested: bool) -> MrmcData:
    """Ratings of two modalities: of 12 readers under both, or 12 under each."""
    made = rated_arms((12, 12), 40, 60, np.random.default_rng(11))
    scores = made.ratings[:, 0]
    if not nested:
        return MrmcData(
            np.stack([scores[:12], scores[12:]], axis=1), made.truth, made.readers[:12], ("a", "b"), made.cases
        )
    ratings = np.full((24, 2, 100), np.nan)
    ratings[:12, 0], ratings[12:, 1] = scores[:12], scores[12:]
    return MrmcData(ratings, made.truth, made.readers, ("a", "b"), made.cases)


def test_a_pilot_shows_how_readers_of_an_arm_differ_whoever_read_both_ways() -> None:
    """The same ratings, crossed or nested: what readers of one modality vary by is the same; jackknife by hand."""
    crossed, side = pilot_arms(analyse_mrmc_data(van_dyke_like(nested=False)))
    assert side == pytest.approx(0.4)
    own, _ = pilot_arms(analyse_mrmc_data(van_dyke_like(nested=True)))
    assert own.interaction == pytest.approx(crossed.interaction, rel=0.05, abs=1e-5)
    assert own.error == pytest.approx(crossed.error, rel=0.05)
    assert own.cov2 == pytest.approx(crossed.cov2, rel=0.05)
    assert crossed.cov1 == crossed.cov3
    one = van_dyke_like(nested=False).of_readers(np.arange(12) < 1)
    with pytest.raises(InvalidInput, match="two readers or more under each"):
        pilot_arms(analyse_mrmc_data(one))


def test_parallel_arms_are_their_own_pilot() -> None:
    made, side = pilot_arms_of_readings(make_parallel_arms(readers=12, cases=28), Figure.ACCURACY)
    assert side == 1.0
    assert made.cases == 28
    assert made.error > 0


def test_assumptions_are_those_of_two_modalities_without_a_common_reader() -> None:
    made = assumed_arms(
        figure=Figure.SENSITIVITY, level=0.8, cases=100, diseased_share=0.4, r2=0.5, r3=0.3, reader_sd=0.07
    )
    assert (made.interaction, made.error) == pytest.approx((0.0049, 0.8 * 0.2 / 40))
    assert (made.cov1, made.cov2) == pytest.approx((0.3 * made.error, 0.5 * made.error))
    assert [smaller_side(figure, 0.4) for figure in (Figure.SENSITIVITY, Figure.SPECIFICITY, Figure.AUC)] == [
        0.4,
        0.6,
        0.4,
    ]
    assert smaller_side(Figure.ACCURACY, 0.4) == 1.0


def test_the_section_says_arms_readers_and_what_it_rests_on() -> None:
    result = plan_arms(
        EXAMPLE_OF_ARMS, Question(0.05, readers=30, cases=200), basis=Basis.EXAMPLE, arms=3, side=EXAMPLE_SIDE
    )
    section = sample_size_section(result)
    assert section.answer is not None
    assert section.answer.text.startswith("30 readers in 3 arms with 200")
    assert "the comparison of two of 3 arms" in section.summary[-1]
    assert "divided by 2 tests" in section.summary[-1]
    assert "Below 5 readers of an arm" in section.methods[-1]
    assert (result.as_dict()["design"], result.as_dict()["arms"], result.as_dict()["tests"]) == ("arms", 3, 2)


@pytest.mark.parametrize(
    "change", [{"arms": 1}, {"side": 0.0}, {"side": 1.5}, {"difference": 2.0}, {"part": 0.0}, {"weights": (1, 1, 1)}]
)
def test_what_cannot_be_planned_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        example(**change)
