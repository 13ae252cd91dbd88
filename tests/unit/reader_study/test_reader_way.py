"""What readers are told before they begin is what their reading page counts."""

from typing import Any

import pytest

from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.design import Arm, Condition, ReadingOrder, StudyDesign
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import Checks, Screening
from dermdash.reader_study.reader_draw import StudySoFar, draw_reader
from dermdash.reader_study.reader_way import Span, reader_way, rounded_minutes, way_words
from dermdash.reader_study.schedule import CaseSlot
from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.reader_study.words.language import Language
from dermdash.readings.modality import Modality


def protocol(key: str = "crossover", **choices: Any) -> Protocol:
    return STUDY_TEMPLATES[key].protocol(name="s", dataset_id="d", model_id="m", seed=1, **choices)


def small(key: str = "crossover", **choices: Any) -> Protocol:
    mix = {"mel": 2, "nv": 2}
    return protocol(key, class_mix=mix, cases_per_round=4, rounds=1, practice_cases=0, **choices)


def slots(one: Protocol) -> list[CaseSlot]:
    """Every case that the study has, by part."""
    every = frozenset({*one.every_modality, Modality.NONE})
    found = [
        CaseSlot(f"{dx}{round_}.{n}", round_, False, every, CasePart.STUDY, dx)
        for round_ in range(1, one.rounds + 1)
        for dx, count in one.class_mix.items()
        for n in range(count)
    ]
    found += [
        CaseSlot(f"check{round_}.{n}", round_, True, every, CasePart.CHECK)
        for round_ in range(1, one.rounds + 1)
        for n in range(one.checks.attention_checks)
    ]
    found += [CaseSlot(f"practice{n}", 0, True, every, CasePart.PRACTICE) for n in range(one.practice_cases)]
    screening = one.checks.screening.cases if one.checks.screening else 0
    return found + [CaseSlot(f"test{n}", 0, True, every, CasePart.SCREENING) for n in range(screening)]


CHECKED = Checks(attention_checks=1, hidden_repeats=2, unaided_only=1, screening=Screening(cases=3, right=1))


@pytest.mark.parametrize("checks", [None, CHECKED], ids=["as it is", "checked"])
@pytest.mark.parametrize("key", STUDY_TEMPLATES)
def test_cases_answers_and_parts_are_those_that_a_reader_is_given(key: str, checks: Checks | None) -> None:
    one = protocol(key) if checks is None else protocol(key, checks=checks)
    way, found = reader_way(one), []
    for arm in one.arms:
        full = {other.key: 9.0 for other in one.arms if other is not arm}
        drawn = draw_reader(one, slots(one), StudySoFar(full, full, {}, {}), reader_id="r", stratum="")
        counted = [each for each in drawn.plan if each.part in (CasePart.STUDY, CasePart.CHECK) and each.round]
        answers_to = (
            1 if a.modality is Modality.NONE or a.part is CasePart.CHECK else len(a.reading.phases) for a in counted
        )
        found.append((len(counted), sum(answers_to)))
        before = [each for each in drawn.plan if each not in counted]
        assert len(before) == way.practice + way.screening
    cases, answers = zip(*found, strict=True)
    assert (way.cases.most, way.cases.least) == (max(cases), min(cases))
    assert (way.answers.most, way.answers.least) == (max(answers), min(answers))
    assert way.parts.most == max(len(arm.periods) for arm in one.arms)


def test_a_crossover_says_both_readings_of_an_image_and_the_minutes_of_both() -> None:
    said = {language: way_words(small(), language) for language in Language}
    assert said == {
        Language.ENGLISH: "8 cases with dermatoscopic images in 2 parts: about 2 minutes in all.",
        Language.GERMAN: "8 Fälle mit dermatoskopischen Bildern in 2 Teilen: insgesamt etwa 2 Minuten.",
        Language.RUSSIAN: "8 случаев с дерматоскопическими изображениями в 2 этапа: всего около 2 минут.",
        Language.SPANISH: "8 casos con imágenes dermatoscópicas en 2 partes: en total alrededor de 2 minutos.",
    }


def test_hidden_repeats_and_attention_checks_are_cases_like_any_other_and_both_answers_are_said() -> None:
    checked = small("nature-medicine-2020", checks=Checks(attention_checks=1, hidden_repeats=2))
    assert way_words(checked, Language.ENGLISH).startswith("7 cases with dermatoscopic images: 13 answers, about")


def test_where_chance_gives_some_less_the_most_is_said_as_such() -> None:
    arms = (
        Arm(key="one", name="One", periods=(Condition(reading=ReadingOrder.UNAIDED),)),
        Arm(key="two", name="Two", periods=(Condition(), Condition(reading=ReadingOrder.AIDED))),
    )
    uneven = small(design=StudyDesign(arms=arms))
    way = reader_way(uneven)
    assert (way.cases, way.answers, way.parts) == (Span(4, 8), Span(4, 12), Span(1, 2))
    said = way_words(uneven, Language.ENGLISH)
    assert said.startswith("Up to 8 cases with dermatoscopic images in up to 2 parts: up to 12 answers, up to about")


def test_test_and_practice_stand_before_the_cases() -> None:
    checks = Checks(screening=Screening(cases=5, right=1))
    said = way_words(
        protocol(class_mix={"mel": 4}, cases_per_round=4, rounds=1, practice_cases=2, checks=checks), Language.ENGLISH
    )
    assert "in 2 parts after a test of 5 cases, after 2 for practice: about" in said


@pytest.mark.parametrize(("minutes", "told"), [(0.2, 1), (2.4, 2), (9.6, 10), (12.4, 10), (12.6, 15), (61.0, 60)])
def test_an_estimate_is_no_more_exact_than_it_is(minutes: float, told: int) -> None:
    assert rounded_minutes(minutes) == told
