"""The rule by which a data set is reviewed: how many people, how many of them must agree, and what they may see."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from dermdash.errors import InvalidInput

LEAST_VOTES = 2
"""One vote is no consensus, whatever the share."""
MOST_REVIEWERS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRule:
    """How records of a data set climb from the initial annotation to consensus.

    Attributes
    ----------
    reviewers
        Distinct people who review each record.
    quorum
        Share of the definite answers that a label needs (above 0.5 to 1), rounded up, never fewer than two.
    direct_pass
        A label with its quorum becomes the consensus at once, where nobody was unsure; else the board decides always.
    blind_to_initial, blind_to_model
        Reviewers do not see the initial annotation, and the opinion of a classifier.
    extra_below
        Where the share of the most frequent label is lower, one more reviewer is asked; 0: never.
    most_reviewers
        So many are asked at most; then the board decides.
    due_days
        Until when a task should be done.
    lease_minutes
        How long a record is kept for whoever opened it and does nothing.
    repeat_share
        Share of reviews (0..0.5) that the same person gets again later without being told.
    repeat_gap
        So many other annotations lie between a review and its repeat.
    """

    reviewers: int = 3
    quorum: float = 1.0
    direct_pass: bool = True
    blind_to_initial: bool = True
    blind_to_model: bool = True
    extra_below: float = 0.0
    most_reviewers: int = 5
    due_days: int = 14
    lease_minutes: int = 30
    repeat_share: float = 0.05
    repeat_gap: int = 10

    def __post_init__(self) -> None:
        for name, low, high in (
            ("reviewers", LEAST_VOTES, MOST_REVIEWERS), ("most_reviewers", LEAST_VOTES, MOST_REVIEWERS),
            ("due_days", 1, 365), ("lease_minutes", 1, 1440), ("repeat_gap", 0, 1000),
        ):  # fmt: skip
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise InvalidInput(f"{name.replace('_', ' ')} is {value!r}: expected a whole number {low} to {high}")
        if not _share(self.quorum) or not 0.5 < self.quorum <= 1:
            raise InvalidInput(f"the quorum is {self.quorum!r}: expected a share above 0.5, at most 1")
        if not _share(self.extra_below):
            raise InvalidInput(f"extra reviewers below {self.extra_below!r}: expected a share 0 to 1")
        if not _share(self.repeat_share) or self.repeat_share > 0.5:
            raise InvalidInput(f"the share of repeats is {self.repeat_share!r}: expected 0 to 0.5")
        if self.most_reviewers < self.reviewers:
            raise InvalidInput(
                f"at most {self.most_reviewers} reviewers, and {self.reviewers} from the beginning: raise the former"
            )

    def votes_needed(self, definite: int) -> int:
        """How many of so many definite answers a label needs."""
        # 0.7 of 10 is 7.000000000000001 in binary.
        return max(LEAST_VOTES, math.ceil(self.quorum * definite - 1e-9))

    def as_json(self) -> dict[str, Any]:
        """For storage and commands."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "ReviewRule":
        """The stored rule; None is the rule that holds where nobody has set one.

        Raises
        ------
        InvalidInput
            A name or value that no rule has.
        """
        known = {f.name for f in fields(cls)}
        if unknown := [name for name in data or {} if name not in known]:
            raise InvalidInput(f"a review rule has no {unknown[0]!r}: choose {', '.join(sorted(known))}")
        return cls(**(data or {}))

    def in_words(self) -> str:
        """The rule as a sentence for methods sections."""
        votes = "all" if self.quorum == 1 else f"at least {self.votes_needed(self.reviewers)}"
        direct = (
            "became the consensus when nobody was unsure" if self.direct_pass else "was put before the board like all"
        )
        more = (
            f" Where the most frequent label had less than {self.extra_below:g} of the answers, one more reviewer was "
            f"asked, up to {self.most_reviewers}."
            if self.extra_below
            else ""
        )
        hidden = [
            what
            for what, blind in (
                ("the initial annotation", self.blind_to_initial), ("the classifier's opinion", self.blind_to_model),
            )
            if blind
        ]  # fmt: skip
        blind_words = f" They did not see {' or '.join(hidden)}." if hidden else ""
        return (
            f"{self.reviewers} reviewers answered independently, blind to one another; a label given by {votes} of "
            f"them {direct}; everything else was decided by a board.{blind_words}{more}"
        )


def _share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


DEFAULT_RULE = ReviewRule()
