"""Power of a protocol: the numbers of the plan that the Sample size page makes of the same inputs."""

from typing import Any

import pytest

from dermdash.analyses.sample_size.arms_plan import assumed_arms, plan_arms
from dermdash.analyses.sample_size.of_protocol import POWER, ProtocolDesign, power_of_protocol
from dermdash.analyses.sample_size.run import (
    Basis,
    Question,
    assumed_changes,
    assumed_components,
    plan_mrmc,
    plan_paired,
)
from dermdash.analysis.mrmc.choices import Figure
from dermdash.reader_study.design import Arm, Condition, StudyDesign
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import Checks
from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.reader_study.trial_readers import TrialReaders
from dermdash.workflows.reader_study.trial_run import run_trial


def protocol(key: str, **choices: Any) -> Protocol:
    return STUDY_TEMPLATES[key].protocol(name="s", dataset_id="d", model_id="m", seed=1, **choices)


def test_assistance_drawn_per_case_is_planned_by_changes_of_readers() -> None:
    found = power_of_protocol(protocol("nature-medicine-2020"), readers=24, difference=0.1)
    accuracy, sensitivity = found.figures
    assert (found.design, found.kinds, accuracy.cases, sensitivity.cases) == (ProtocolDesign.PAIRED, 4, 28, 12)
    changes = assumed_changes(0.1, changed=0.25, reader_sd=0.08)
    page = plan_paired(changes, Question(0.1, readers=24, cases=28), basis=Basis.ASSUMED, modalities=4)
    assert accuracy.power == page.plan.at


def test_a_crossover_is_planned_by_two_modalities_of_all_cases() -> None:
    found = power_of_protocol(protocol("crossover"), readers=12, difference=0.08)
    assert found.design is ProtocolDesign.MRMC
    for figure in found.figures:
        components = assumed_components(
            figure=figure.figure, level=0.85, cases=28, diseased_share=found.malignant, r1=0.43, r2=0.43, r3=0.3,
            reader_sd=0.05, reader_correlation=0.8,
        )  # fmt: skip
        page = plan_mrmc(components, Question(0.08, readers=12, cases=28), basis=Basis.ASSUMED)
        assert figure.power == pytest.approx(page.plan.at, rel=1e-12)
    assert [figure.figure for figure in found.figures] == [Figure.ACCURACY, Figure.SENSITIVITY]


@pytest.mark.parametrize("key", ["nature-medicine-2020", "crossover", "parallel-arms", "dermachallenge-2023"])
@pytest.mark.parametrize("mix", [{"mel": 6}, {"nv": 6}])
def test_cases_of_one_side_are_planned_where_they_can_be_and_said_where_not(key: str, mix: dict[str, int]) -> None:
    found = power_of_protocol(protocol(key, class_mix=mix, cases_per_round=6), readers=12, difference=0.1)
    if key in ("crossover", "parallel-arms"):
        assert (found.design, found.figures) == (None, ())
        assert "both sides" in found.reason
    else:
        assert [figure.figure for figure in found.figures] == [Figure.ACCURACY]


@pytest.mark.parametrize("key", ["nature-medicine-2020", "crossover", "parallel-arms", "dermachallenge-2023"])
def test_the_least_difference_found_has_the_power_and_a_tenth_of_a_point_less_has_not(key: str) -> None:
    for number, figure in enumerate(power_of_protocol(protocol(key), readers=30, difference=0.1).figures):
        assert figure.detectable is not None
        at, below = (
            power_of_protocol(protocol(key), readers=30, difference=difference).figures[number].power or 0
            for difference in (figure.detectable, figure.detectable - 0.001)
        )
        assert below < POWER <= at


def test_cases_without_assistance_do_not_count() -> None:
    checks = Checks(unaided_only=8)
    found = power_of_protocol(protocol("nature-medicine-2020", checks=checks), readers=24, difference=0.1)
    assert found.figures[0].cases == 20


def test_parallel_arms_are_planned_by_readers_of_their_own() -> None:
    """As the page plans; and far more readers are needed than where each reads both ways."""
    found = power_of_protocol(protocol("parallel-arms"), readers=24, difference=0.1)
    assert (found.design, found.arms, found.as_dict()["arms"]) == (ProtocolDesign.ARMS, 2, 2)
    assert [figure.figure for figure in found.figures] == [Figure.ACCURACY, Figure.SENSITIVITY]
    for figure in found.figures:
        components = assumed_arms(
            figure=figure.figure, level=0.85, cases=28, diseased_share=found.malignant, r2=0.43, r3=0.3, reader_sd=0.05
        )
        side = 1.0 if figure.figure is Figure.ACCURACY else found.malignant
        page = plan_arms(components, Question(0.1, readers=24, cases=28), basis=Basis.ASSUMED, side=side)
        assert figure.power == pytest.approx(page.plan.at, rel=1e-12)
    crossover = power_of_protocol(protocol("crossover"), readers=24, difference=0.1)
    assert (found.figures[0].power or 1) < (crossover.figures[0].power or 0)


def arms_of(*arms: Arm, **choices: Any) -> Protocol:
    return protocol("parallel-arms", design=StudyDesign(arms=arms, **choices))


def test_three_arms_divide_the_readers_and_alpha() -> None:
    made = STUDY_TEMPLATES["parallel-arms"].values["design"].arms
    third = made[1].model_copy(update={"key": "more", "name": "Third"})
    two = power_of_protocol(arms_of(*made), readers=30, difference=0.15)
    three = power_of_protocol(arms_of(*made, third), readers=45, difference=0.15)
    assert (three.arms, three.design) == (3, ProtocolDesign.ARMS)
    assert 0 < (three.figures[0].power or 0) < (two.figures[0].power or 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight": 5}, "more than 4 times the readers of another"),
        ({"periods": (Condition(), Condition())}, "several periods"),
    ],
)
def test_arms_that_are_not_alike_get_a_reason(change: dict[str, Any], said: str) -> None:
    first, second = STUDY_TEMPLATES["parallel-arms"].values["design"].arms
    found = power_of_protocol(arms_of(first, second.model_copy(update=change)), readers=30, difference=0.1)
    assert found.design is None
    assert said in found.reason


def test_arms_of_unequal_weight_are_planned_by_the_readers_that_each_has() -> None:
    first, second = STUDY_TEMPLATES["parallel-arms"].values["design"].arms
    even = power_of_protocol(arms_of(first, second), readers=40, difference=0.1)
    uneven = arms_of(first, second.model_copy(update={"weight": 3}))
    found = power_of_protocol(uneven, readers=40, difference=0.1)
    assert (found.design, found.weights, found.as_page_plans) == (ProtocolDesign.ARMS, (1, 3), False)
    assert 0 < (found.figures[0].power or 0) < (even.figures[0].power or 0)
    # 4 of 16 readers are in the smaller arm: too few for a test.
    assert power_of_protocol(uneven, readers=16, difference=0.1).figures[0].power is None


def test_arms_whose_readers_read_a_part_are_planned_by_what_a_trial_run_gives_them() -> None:
    arms = STUDY_TEMPLATES["parallel-arms"].values["design"].arms
    mix = {"mel": 20, "nv": 20}
    part, whole = (
        protocol(
            "parallel-arms", class_mix=mix, cases_per_round=40, design=StudyDesign(arms=arms, cases_per_reader=number)
        )
        for number in (20, None)
    )
    assert "a trial run says" in power_of_protocol(part, readers=30, difference=0.1).reason
    overlap = run_trial(part, TrialReaders(30, 0.0, 1, {})).balance.overlap()
    assert overlap is not None
    assert all(0.8 < share < 1.2 for share in overlap)
    found = power_of_protocol(part, readers=30, difference=0.1, overlap=overlap)
    assert (found.design, found.part, found.overlap) == (ProtocolDesign.ARMS, 0.5, overlap)
    assert [figure.cases for figure in found.figures] == [20, 20]
    all_cases = power_of_protocol(whole, readers=30, difference=0.1).figures
    assert 0 < (found.figures[0].power or 0) < (all_cases[0].power or 0)
    fewer = protocol("parallel-arms", design=StudyDesign(arms=arms, cases_per_reader=8))
    assert [f.power for f in power_of_protocol(fewer, readers=30, difference=0.1, overlap=(1, 1)).figures] == [None] * 2


def test_ratings_are_planned_by_the_area_under_the_curve_and_management_is_not() -> None:
    rating = {"diagnosis": False, "confidence": False, "malignancy_rating": True}
    for key in ("crossover", "parallel-arms"):
        (found,) = power_of_protocol(protocol(key, asked=rating), readers=24, difference=0.1).figures
        assert found.figure is Figure.AUC
        assert 0 < (found.power or 0) < 1
    paired = power_of_protocol(protocol("nature-medicine-2020", asked=rating), readers=24, difference=0.1)
    assert "The page How many readers? does so" in paired.reason
    managed = protocol("crossover", asked={"diagnosis": False, "confidence": False, "management": True})
    assert "no rating of malignancy" in power_of_protocol(managed, readers=24, difference=0.1).reason
    arms = STUDY_TEMPLATES["parallel-arms"].values["design"].arms
    part = protocol("parallel-arms", asked=rating, design=StudyDesign(arms=arms, cases_per_reader=14))
    assert "each of a part" in power_of_protocol(part, readers=24, difference=0.1, overlap=(1, 1)).reason


def test_what_no_plan_fits_gets_a_reason_and_no_number() -> None:
    found = power_of_protocol(protocol("han-2018"), readers=30, difference=0.1)
    assert (found.design, found.figures) == (None, ())
    assert "Nothing is shown" in found.reason


def test_a_crossover_in_which_each_reader_reads_a_part_has_no_plan() -> None:
    design = protocol("crossover").design.model_dump() | {"cases_per_reader": 14}
    found = power_of_protocol(
        protocol("crossover", design=StudyDesign.model_validate(design)), readers=30, difference=0.1
    )
    assert found.design is None
    assert "reads a part" in found.reason


def test_one_reader_and_too_few_cases_have_no_power() -> None:
    assert power_of_protocol(protocol("crossover"), readers=1, difference=0.1).design is None
    few = power_of_protocol(protocol("nature-medicine-2020", cases_per_round=7), readers=9, difference=0.1)
    sensitivity = few.figures[1]
    assert (sensitivity.cases, sensitivity.power, sensitivity.detectable) == (3, None, None)
