"""Places by what readers say about themselves."""

import pytest

from dermdash.errors import InvalidInput
from dermdash.reader_study.quotas import Quota, check_quotas, full_stratum, parse_quota

NURSE = {"profession": "nurse", "years_experience": 2, "country": "AT"}


@pytest.mark.parametrize("text", ["profession=nurse:20", "years_experience=0-2:10", "country=AT:0", "gender=female:3"])
def test_places_are_read_as_they_are_written(text: str) -> None:
    assert parse_quota(text).text == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("profession=nurse", "expected for example"), ("profession=wizard:3", "wizard"), ("mood=good:3", "mood"),
        ("years_experience=5-2:1", "range of years"), ("years_experience=0-99:1", "range of years"),
        ("profession=nurse:-1", "expected for example"), ("country=XX:1", "XX"),
    ],
)  # fmt: skip
def test_places_for_nobody_are_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        parse_quota(text)


def test_a_stratum_is_named_once() -> None:
    with pytest.raises(InvalidInput, match="twice"):
        check_quotas([Quota("country", "AT", 1), Quota("country", "AT", 2)])


def test_the_first_full_stratum_of_a_profile_keeps_it_out_and_others_do_not() -> None:
    quotas = [parse_quota("years_experience=0-2:2"), parse_quota("profession=nurse:1")]
    assert full_stratum(quotas, NURSE, []) is None
    assert full_stratum(quotas, NURSE, [NURSE]) == "profession=nurse"
    assert full_stratum(quotas, NURSE, [NURSE, NURSE]) == "years_experience=0-2"
    assert full_stratum(quotas, NURSE | {"profession": "other", "years_experience": None}, [NURSE, NURSE]) is None
