"""What is said before a freeze: it names what is fixed, and calls amendable exactly what an amendment may change."""

from dataclasses import replace
from typing import Any

import pytest

from dermdash.errors import InvalidInput
from dermdash.reader_study.amendment import AMENDABLE, amended, check_amendment
from dermdash.reader_study.freeze_words import amendable_afterwards, fixed_by_freezing
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.templates import get_template


def made(template: str = "nature-medicine-2020", **changes: Any) -> Protocol:
    values: dict[str, Any] = {"name": "S", "dataset_id": "d", "model_id": "m", "seed": 1}
    return get_template(template).protocol(**(values | changes))


def said(protocol: Protocol, *, exchanged: int = 0, locked: bool = False) -> dict[str, str]:
    sections = fixed_by_freezing(protocol, exchanged=exchanged, locked=locked, power="Nothing is found.")
    return {section.title: " ".join(section.sentences) for section in sections}


def test_cases_readers_questions_assistance_minutes_and_power_are_said() -> None:
    protocol = made(conduct={"target_readers": 12})
    words = said(protocol, exchanged=1, locked=True)
    assert list(words) == ["Cases", "Readers", "Questions", "Assistance", "Checks", "Minutes", "Power"]
    assert words["Cases"].startswith("28 cases and 3 for practice")
    assert "1 case was exchanged by hand. The list was looked at and locked." in words["Cases"]
    assert words["Readers"].startswith("12 readers who complete it")
    assert words["Questions"] == "Of each image readers give a diagnosis (7 classes), how sure they are (3 levels)."
    assert "similar images" in words["Assistance"]
    assert words["Minutes"].startswith("10\u00a0min for each reader")
    assert words["Power"] == "Nothing is found."


def test_a_list_that_nobody_locked_is_said_to_be_so() -> None:
    assert "Nobody has looked through the list" in said(made())["Cases"]


def test_arms_are_said_under_readers() -> None:
    assert "2 arms" in said(made("parallel-arms"))["Readers"]


def test_the_washout_is_amendable_where_there_is_one() -> None:
    assert "The washout between periods" in amendable_afterwards(made("crossover"))
    assert "The washout between periods" not in amendable_afterwards(made())
    assert len(amendable_afterwards(made())) == len(AMENDABLE) - 1  # the version goes with the text


@pytest.mark.parametrize("entry", ["modalities", "rounds", "seed", "practice_cases"])
def test_what_is_not_called_amendable_is_refused(entry: str) -> None:
    before = made()
    other = {"modalities": before.modalities[:1], "rounds": 2, "seed": 2, "practice_cases": 0}[entry]
    with pytest.raises(InvalidInput, match="cannot be amended"):
        check_amendment(before, replace(before, **{entry: other}), reason="because")


def test_what_is_called_amendable_passes() -> None:
    before = made("crossover")
    after = amended(before, {"name": "T", "time_limit_s": 30, "design": {"washout_days": 1}})
    assert len(check_amendment(before, after, reason="because")) == 3
