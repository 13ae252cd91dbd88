"""What is odd about how somebody reads, and what is not."""

from dataclasses import replace

import pytest

from dermdash.reader_study.suspicion import Oddity, WatchedReader, suspicions

MIX = {"nv": 0.4, "mel": 0.3, "bcc": 0.3}
CALM = WatchedReader(first=40, answers=80, median_ms=9000.0, fast=1, diagnoses={"nv": 20, "mel": 12, "bcc": 8})


def kinds(reader: WatchedReader) -> list[Oddity]:
    return [one.kind for one in suspicions(reader, MIX)]


def test_a_reader_who_takes_their_time_is_not_odd() -> None:
    assert kinds(CALM) == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"fast": 8}, Oddity.TOO_FAST),
        ({"median_ms": 1900.0}, Oddity.TOO_FAST),
        ({"diagnoses": {"nv": 37, "mel": 3}}, Oddity.CONSTANT),
        ({"odd_times": 8}, Oddity.ODD_TIMES),
        ({"focus_lost": 41}, Oddity.ELSEWHERE),
        ({"refused": 5}, Oddity.REFUSED),
        ({"checks": 3, "checks_failed": 2}, Oddity.FAILED_CHECKS),
        ({"repeats": 6, "repeats_same": 1}, Oddity.UNLIKE_THEMSELVES),
    ],
)
def test_each_rule_points_out_what_it_is_for(changes: dict[str, object], kind: Oddity) -> None:
    assert kinds(replace(CALM, **changes)) == [kind]


def test_nothing_is_said_of_the_first_few_answers() -> None:
    assert kinds(replace(CALM, first=9, answers=18, fast=9, median_ms=400.0, diagnoses={"nv": 9})) == []


def test_a_class_that_most_cases_have_may_be_most_answers() -> None:
    all_nv = replace(CALM, diagnoses={"nv": 38, "mel": 2})
    assert [one.kind for one in suspicions(all_nv, {"nv": 0.8, "mel": 0.2})] == []
