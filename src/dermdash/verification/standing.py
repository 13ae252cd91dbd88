"""Where a record stands on the ladder, and which acts may follow: rules over the facts of one record.

The label of a record is that of its highest stage. A stage that an import brought is *claimed*: it holds until an act
here reaches as high, and is never lowered but by a reopening.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dermdash.records.verification_stage import VerificationStage


class Step(StrEnum):
    """What a record waits for."""

    INITIAL = "initial"
    """Its initial annotation."""
    REVIEWERS = "reviewers"
    """People who review it."""
    REVIEWS = "reviews"
    """The answers of those who have it."""
    BOARD = "board"
    """A decision of the board."""
    CONSENSUS = "consensus"
    """Nothing, or histology where its class asks for it: there is a consensus."""
    HISTOLOGY = "histology"
    """Nothing: histology has settled it."""

    @property
    def words(self) -> str:
        """The step as people read it."""
        return {
            "initial": "waits for its initial annotation",
            "reviewers": "waits for reviewers",
            "reviews": "is under review",
            "board": "waits for the board",
            "consensus": "has a consensus",
            "histology": "is settled by histology",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What has been done for a record in its present cycle.

    Attributes
    ----------
    stage, claimed
        As they stand in the record; no stage is None.
    initial_done
        There is an initial annotation, or the cycle began after it.
    asked, answered
        People who have it to review, and who have answered.
    outcome
        What the rule said last (value of `OutcomeKind`), None before.
    consensus, histology
        Whether there is one of this cycle.
    """

    stage: int | None
    claimed: bool
    cycle: int
    initial_done: bool
    asked: int
    answered: int
    outcome: str | None
    consensus: bool
    histology: bool

    @property
    def step(self) -> Step:
        """What comes next."""
        if self.histology:
            return Step.HISTOLOGY
        if self.consensus:
            return Step.CONSENSUS
        if self.outcome == "board":
            return Step.BOARD
        if self.asked:
            return Step.REVIEWS
        return Step.REVIEWERS if self.initial_done else Step.INITIAL


def stage_rises(facts: Facts, to: VerificationStage) -> bool:
    """Whether an act of that stage gives the record its label: it is no lower than what the record has."""
    return facts.stage is None or to >= facts.stage


REOPENED = "The record was reopened since: this task is over. A new one comes where your answer is wanted again."
SETTLED = "Histology has settled this record: it takes no more answers."


def why_closed(
    facts: Facts, *, purpose: str, task_cycle: int, withdrawn_reason: str | None, answered: bool
) -> str | None:
    """Why a task takes no answer any more, in a sentence; None while it does.

    Parameters
    ----------
    withdrawn_reason
        Of a task that was withdrawn, else None.
    answered
        Whether the same person has answered it before and now says something else.
    """
    if withdrawn_reason is not None:
        return f"This task was withdrawn: {withdrawn_reason or 'no reason was given'}."
    if purpose == "repeat" and not answered:
        return None
    if task_cycle != facts.cycle:
        return REOPENED
    if facts.histology:
        return SETTLED
    if purpose == "initial" and (facts.answered or facts.consensus) and answered:
        return "The review of this record has begun: its initial annotation does not change any more."
    if facts.consensus:
        return "There is a consensus on this record: it takes no more answers unless a curator reopens it."
    if facts.outcome == "board" and purpose != "initial":
        return "This record is before the board, which has all answers: say there what you think now."
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where the label of a record comes from.

    Attributes
    ----------
    dx, stage, claimed
        The label and how far up it is; ``claimed``: only the source says so.
    act
        Value of `Act` that gave it, None where nothing is known.
    by, at
        Who (account ids) and when; empty and None for an import.
    blinded
        What those who gave it could not see; None where nobody knows.
    reason
        What they gave as reason.
    others
        What the others said: a row for each answer of the cycle, history included (account_id, dx, unsure, counts,
        comment, recorded_at, purpose).
    earlier
        Labels of lower stages and earlier cycles, latest first.
    """

    record_id: str
    dx: str | None
    stage: int | None
    claimed: bool
    act: str | None
    by: tuple[str, ...]
    at: Any
    blinded: Mapping[str, bool] | None
    reason: str
    agreement: float | None
    n_reviewers: int
    others: tuple[Mapping[str, Any], ...] | None
    earlier: tuple[Mapping[str, Any], ...]
