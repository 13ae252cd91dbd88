"""Groups of experience stand in the order in which experience grows, whatever they are called."""

import pytest

from dermdash.readings.experience import EXPERIENCE_GROUPS, experience_order


@pytest.mark.parametrize(
    "groups",
    [
        EXPERIENCE_GROUPS,
        ("<1 year", "1-3 years", "4-10 years", ">10 years", "unknown"),
        ("less than 5 years", "5 to 10 years", "more than 10 years", "not said"),
        ("Novice", "Intermediate", "Expert", "not said"),
        ("student", "resident", "senior consultant", "something else"),
        ("under 1 year", "1 to 2 years", "2+ years", "over 10 years"),
    ],
)
def test_groups_of_other_names_stand_among_the_known_ones(groups: tuple[str, ...]) -> None:
    assert sorted([*groups[::-1]], key=experience_order) == list(groups)
