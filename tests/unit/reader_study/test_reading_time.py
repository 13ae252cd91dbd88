"""Minutes of a reader: answers of the protocol times the seconds that stand beside them."""

from typing import Any

import pytest

from dermdash.reader_study.design import Arm, Condition, ReadingOrder, StudyDesign
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import Asked, CaseView, Checks, Screening
from dermdash.reader_study.reading_time import (
    AIDED_S,
    CHECK_S,
    CLINICAL_S,
    FEEDBACK_S,
    RATING_S,
    UNAIDED_S,
    assumed_seconds,
    minutes_words,
    reading_time,
    reading_times,
)
from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.readings.modality import Modality


def protocol(key: str = "nature-medicine-2020", **choices: Any) -> Protocol:
    return STUDY_TEMPLATES[key].protocol(name="s", dataset_id="d", model_id="m", seed=1, **choices)


def test_a_case_read_before_and_after_assistance_takes_both_answers() -> None:
    time = reading_time(protocol(practice_cases=0))
    assert (time.cases, time.answers, time.practice) == (28, 56, 0)
    assert time.minutes == pytest.approx(28 * (UNAIDED_S + AIDED_S) / 60)


def test_practice_is_read_as_the_first_period_is_and_screening_without_assistance() -> None:
    checks = Checks(screening=Screening(cases=4, right=1))
    more = (
        reading_time(protocol(practice_cases=2, checks=checks)).minutes
        - reading_time(protocol(practice_cases=0)).minutes
    )
    assert more * 60 == pytest.approx(2 * (UNAIDED_S + AIDED_S + FEEDBACK_S) + 4 * UNAIDED_S)


def test_what_is_asked_and_shown_further_takes_longer() -> None:
    plain = reading_time(protocol()).minutes
    asked = protocol(asked=Asked(malignancy_rating=True), view=CaseView(clinical_image=True))
    # A rating with each answer, also of the three practice cases; a second image once for each case.
    assert (reading_time(asked).minutes - plain) * 60 == pytest.approx(31 * (2 * RATING_S + CLINICAL_S))
    assert "rating of malignancy" in assumed_seconds(asked)
    assert "rating of malignancy" not in assumed_seconds(protocol())


def test_checks_repeats_and_cases_without_assistance_are_counted_round_by_round() -> None:
    checks = Checks(attention_checks=1, hidden_repeats=2, unaided_only=4)
    time = reading_time(protocol(practice_cases=0, rounds=3, checks=checks))
    assert (time.cases, time.checks) == (3 * 30, 3)
    assert time.answers == 3 * (26 * 2 + 4)
    assert time.minutes * 60 == pytest.approx(3 * (26 * (UNAIDED_S + AIDED_S) + 4 * UNAIDED_S + CHECK_S))


def test_a_time_limit_holds_for_the_answer_without_assistance_alone() -> None:
    time = reading_time(protocol(practice_cases=0, time_limit_s=5))
    assert time.minutes * 60 == pytest.approx(28 * (5 + AIDED_S))
    assert "at most 5\N{NO-BREAK SPACE}s" in assumed_seconds(protocol(time_limit_s=5))


def test_periods_are_said_apart_and_the_longest_arm_counts() -> None:
    assert minutes_words(protocol("crossover", practice_cases=0)) == "6\N{NO-BREAK SPACE}min and 9\N{NO-BREAK SPACE}min"
    both = Condition(reading=ReadingOrder.UNAIDED)
    twice = protocol(practice_cases=0, design=StudyDesign(arms=(Arm(key="a", name="A", periods=(both, both)),)))
    assert minutes_words(protocol("parallel-arms")) == "6\N{NO-BREAK SPACE}min or 10\N{NO-BREAK SPACE}min"
    assert minutes_words(twice) == "2 times 6\N{NO-BREAK SPACE}min"
    without, with_it = reading_times(protocol("parallel-arms"))
    assert (without.arm, with_it.arm) == ("without", "with")
    assert without.minutes < with_it.minutes == reading_time(protocol("parallel-arms")).minutes


def test_nothing_to_show_means_no_second_answer() -> None:
    time = reading_time(protocol(practice_cases=0, modalities=(Modality.NONE,)))
    assert time.answers == 28
