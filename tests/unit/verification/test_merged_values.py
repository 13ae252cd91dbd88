"""Which fields a consensus takes over."""

from dermdash.verification.merged_values import merged_values, middle_quality
from dermdash.verification.review_rule import ReviewRule


def test_a_value_needs_as_many_people_as_a_label() -> None:
    answers = [
        {"elevation": "flat", "dermoscopic_structures": ["globules", "streaks"], "sex": "female"},
        {"elevation": "flat", "dermoscopic_structures": ["globules"]},
        {"elevation": "nodular", "dermoscopic_structures": ["globules"]},
    ]
    assert merged_values(answers, ReviewRule(quorum=0.6)) == {
        "elevation": "flat", "dermoscopic_structures": ["globules"],
    }  # fmt: skip
    assert merged_values(answers, ReviewRule()) == {"dermoscopic_structures": ["globules"]}
    assert merged_values([], ReviewRule()) == {}


def test_the_middle_score_is_the_lower_of_two() -> None:
    assert middle_quality([5, 2, 3]) == 3
    assert middle_quality([2, None, 4]) == 2
    assert middle_quality([None]) is None
