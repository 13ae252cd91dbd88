"""What answers amount to, case by case and for all small numbers of them."""

from itertools import product

import pytest

from dermdash.errors import InvalidInput
from dermdash.verification.outcome import Answer, OutcomeKind, ReviewOutcome, Why, outcome_of
from dermdash.verification.review_rule import ReviewRule

RULE = ReviewRule()


def outcome(*labels: str | None, rule: ReviewRule = RULE, asked: int | None = None) -> ReviewOutcome:
    answers = [Answer(f"p{i}", dx, unsure=dx is None) for i, dx in enumerate(labels)]
    return outcome_of(answers, rule, asked=len(labels) if asked is None else asked)


@pytest.mark.parametrize(
    ("labels", "kind", "why"),
    [
        ((), OutcomeKind.WAITING, Why.ANSWERS_MISSING),
        (("mel", "mel"), OutcomeKind.WAITING, Why.ANSWERS_MISSING),
        (("mel", "mel", "mel"), OutcomeKind.AGREED, Why.QUORUM),
        (("mel", "mel", "nv"), OutcomeKind.BOARD, Why.BELOW_QUORUM),
        (("mel", "nv", "bcc"), OutcomeKind.BOARD, Why.NO_TWO_ALIKE),
        (("mel", "mel", None), OutcomeKind.BOARD, Why.UNSURE),
        ((None, None, None), OutcomeKind.BOARD, Why.UNSURE),
        (("mel", "mel", "nv", "nv"), OutcomeKind.BOARD, Why.TIE),
    ],
)
def test_three_reviewers_and_unanimity(labels: tuple[str | None, ...], kind: OutcomeKind, why: Why) -> None:
    found = outcome(*labels)
    assert (found.kind, found.why) == (kind, why)


def test_an_unsure_answer_with_a_label_is_no_vote() -> None:
    answers = [Answer("a", "mel"), Answer("b", "mel"), Answer("c", "mel", unsure=True)]
    assert outcome_of(answers, RULE, asked=3).why is Why.UNSURE


def test_whoever_was_asked_in_addition_is_waited_for() -> None:
    found = outcome("mel", "mel", "mel", asked=4)
    assert (found.kind, found.missing) == (OutcomeKind.WAITING, 1)


def test_a_quorum_is_rounded_up_and_never_below_two() -> None:
    # 70 % of 5 are 4 votes; 0.7 x 10 is a little more than 7 in binary.
    rule = ReviewRule(quorum=0.7)
    assert [rule.votes_needed(n) for n in (1, 2, 3, 5, 10)] == [2, 2, 3, 4, 7]
    assert ReviewRule(quorum=0.51).votes_needed(3) == 2


def test_a_low_share_asks_for_one_more_up_to_the_most() -> None:
    rule = ReviewRule(extra_below=0.8, most_reviewers=4, quorum=0.6)
    assert outcome("mel", "mel", "nv", rule=rule).kind is OutcomeKind.MORE_REVIEWERS
    assert outcome("mel", "mel", "nv", "mel", rule=rule).kind is OutcomeKind.AGREED
    assert outcome("mel", "mel", "nv", "bcc", rule=rule).kind is OutcomeKind.BOARD


def test_no_single_vote_ever_passes_and_the_order_of_answers_changes_nothing() -> None:
    for quorum in (0.51, 0.6, 1.0):
        rule = ReviewRule(quorum=quorum)
        for labels in product(("mel", "nv", "bcc", None), repeat=3):
            found, other = outcome(*labels, rule=rule), outcome(*reversed(labels), rule=rule)
            assert (found.kind, found.why, found.dx, found.votes) == (other.kind, other.why, other.dx, other.votes)
            if found.kind is OutcomeKind.AGREED:
                assert found.dx is not None
                assert labels.count(found.dx) >= 2
                assert None not in labels


def test_two_answers_of_one_person_are_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="one person"):
        outcome_of([Answer("a", "mel"), Answer("a", "nv")], RULE, asked=3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reviewers": 1}, {"reviewers": True}, {"quorum": 0.5}, {"quorum": 1.1}, {"extra_below": 2}, {"due_days": 0},
        {"lease_minutes": 0}, {"repeat_share": 0.6}, {"most_reviewers": 2}, {"repeat_gap": -1}, {"quorum": True},
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        ReviewRule(**wrong)  # type: ignore[arg-type]


def test_a_rule_survives_its_storage_and_says_itself() -> None:
    rule = ReviewRule(quorum=0.6, extra_below=0.7, blind_to_model=False)
    assert ReviewRule.from_json(rule.as_json()) == rule
    assert ReviewRule.from_json(None) == RULE
    with pytest.raises(InvalidInput, match="no 'color'"):
        ReviewRule.from_json({"color": 1})
    words = rule.in_words()
    assert "3 reviewers answered independently" in words
    assert "at least 2 of them" in words
    assert "classifier" not in words
