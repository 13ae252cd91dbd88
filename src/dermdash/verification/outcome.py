"""What the reviews of a record amount to: wait, ask one more, pass, or the board.

Rules of peers (CVAT, Label Studio, Prodigy): distinct people, a stated quorum, blind until submitted; one vote of
three is no consensus, and three different ones are a case for the board.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dermdash.verification.review_rule import LEAST_VOTES, ReviewRule


class OutcomeKind(StrEnum):
    """What comes next for a record under review."""

    WAITING = "waiting"
    AGREED = "agreed"
    BOARD = "board"
    MORE_REVIEWERS = "more_reviewers"


class Why(StrEnum):
    """What decided."""

    ANSWERS_MISSING = "answers_missing"
    QUORUM = "quorum"
    UNSURE = "unsure"
    TIE = "tie"
    NO_TWO_ALIKE = "no_two_alike"
    BELOW_QUORUM = "below_quorum"
    NO_DIRECT_PASS = "no_direct_pass"  # noqa: S105  passing a rule, not a password
    LOW_AGREEMENT = "low_agreement"

    @property
    def words(self) -> str:
        """The reason as people read it."""
        return {
            "answers_missing": "answers are missing",
            "quorum": "the label has enough votes",
            "unsure": "somebody was unsure",
            "tie": "two labels have equally many votes",
            "no_two_alike": "no two answers are alike",
            "below_quorum": "no label has enough votes",
            "no_direct_pass": "every record goes to the board",
            "low_agreement": "agreement is low: one more reviewer is asked",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's latest answer; None is no label."""

    account_id: str
    dx: str | None
    unsure: bool = False

    @property
    def definite(self) -> bool:
        """Whether it counts as a vote."""
        return self.dx is not None and not self.unsure


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """What the answers amount to.

    Attributes
    ----------
    dx
        The most frequent label where one is; it is the consensus only where ``kind`` is agreed.
    votes
        Definite answers by label, most frequent first.
    agreement
        Share of all answers given that have the most frequent label (0..1).
    missing
        Answers still expected.
    """

    kind: OutcomeKind
    why: Why
    dx: str | None
    votes: tuple[tuple[str, int], ...]
    agreement: float
    given: int
    missing: int = 0


def outcome_of(answers: Sequence[Answer], rule: ReviewRule, *, asked: int) -> ReviewOutcome:
    """Decide by rule.

    Parameters
    ----------
    answers
        The latest of each person.
    asked
        How many people have the record to review, those who have answered included.

    Raises
    ------
    ValueError
        Two answers of one person: the caller counts the latest.
    """
    if len({answer.account_id for answer in answers}) != len(answers):
        raise ValueError("two answers of one person")
    given = len(answers)
    counts = Counter(answer.dx for answer in answers if answer.dx is not None and answer.definite)
    votes = tuple(sorted(counts.items(), key=lambda vote: (-vote[1], vote[0])))
    top = votes[0][1] if votes else 0
    tied = len(votes) > 1 and votes[1][1] == top
    dx = votes[0][0] if votes and not tied else None
    agreement = top / given if given else 0.0

    def outcome(kind: OutcomeKind, why: Why, missing: int = 0) -> ReviewOutcome:
        return ReviewOutcome(kind, why, dx, votes, agreement, given, missing)

    expected = max(rule.reviewers, asked)
    if given < expected:
        return outcome(OutcomeKind.WAITING, Why.ANSWERS_MISSING, expected - given)
    if agreement < rule.extra_below and given < rule.most_reviewers:
        return outcome(OutcomeKind.MORE_REVIEWERS, Why.LOW_AGREEMENT)
    if sum(counts.values()) < given:
        return outcome(OutcomeKind.BOARD, Why.UNSURE)
    if top < LEAST_VOTES:
        return outcome(OutcomeKind.BOARD, Why.NO_TWO_ALIKE)
    if tied:
        return outcome(OutcomeKind.BOARD, Why.TIE)
    if top < rule.votes_needed(given):
        return outcome(OutcomeKind.BOARD, Why.BELOW_QUORUM)
    if not rule.direct_pass:
        return outcome(OutcomeKind.BOARD, Why.NO_DIRECT_PASS)
    return outcome(OutcomeKind.AGREED, Why.QUORUM)
