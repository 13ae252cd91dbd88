"""Points, levels, streaks and names."""

from datetime import UTC, datetime, timedelta

import pytest

from dermdash.errors import InvalidInput
from dermdash.reader_study.game import CompletedCase, check_name, level_of, score_of

START = datetime(2027, 1, 5, 12, 0, tzinfo=UTC)


def at(minutes: float, right: bool | None = None) -> CompletedCase:
    return CompletedCase(START + timedelta(minutes=minutes), right)


def test_each_level_takes_fifty_points_more_than_the_one_before() -> None:
    assert [level_of(points) for points in (0, 49, 50, 149, 150, 299, 300, 499, 500)] == [1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert score_of([at(i) for i in range(5)]).next_level_at == 150


def test_a_streak_of_cases_ends_with_a_pause_and_one_of_right_answers_with_a_wrong_one() -> None:
    assert score_of([]).streak == 0
    assert score_of([at(0), at(2), at(30), at(39)]).streak == 2
    found = score_of([at(0, True), at(1, False), at(2, True), at(60, True)], right_counts=True)
    assert (found.streak, found.of_right, found.points) == (2, True, 70)


@pytest.mark.parametrize("name", ["Ada", "Zoë-Maria", "Анна 7", "李小龍", "O'Neill", "  two   words "])
def test_names_of_any_script_are_taken(name: str) -> None:
    assert check_name(name, ()) == " ".join(name.split())


@pytest.mark.parametrize(
    "name",
    [
        "", "x", "7 7", "a" * 25, "<b>Ada</b>", "[Ada](http://evil.example)", "ada@example.org", "Ada\u202egnp.exe",
        "Ada\u200b", "=1+1", "evil.example/a", "Ada\n\x00", "😀😀", "A\u0301\u0301\u0301\u0301da", "$x^2$",
        "*Ada*", "`rm`", "Ada\u3164", "A\u115fda", "Ada\uffa0", "Ada\u17b4", "Ada\ufe0f", "Ada\U000e0101", "A\u034fda",
    ],
)  # fmt: skip
def test_markup_addresses_and_what_is_not_seen_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        check_name(name, ())
