"""How readers and cases meet: arms, periods, order, and what is balanced."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from dermdash.reader_study.profile import PROFILE_QUESTIONS
from dermdash.reader_study.protocol_part import Positive, ProtocolPart
from dermdash.readings.modality import Modality, Phase

MOST_ARMS = 8
MOST_PERIODS = 4
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,19}")


class ReadingOrder(StrEnum):
    """Which answers a case asks for."""

    SEQUENTIAL = "sequential"
    """One without assistance, which locks, then one with it."""
    UNAIDED = "unaided"
    AIDED = "aided"
    """One, with assistance shown from the start."""

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases, in order."""
        return _PHASES[self]

    @property
    def label(self) -> str:
        """In words."""
        return _ORDERS[self]


_PHASES = {
    ReadingOrder.SEQUENTIAL: (Phase.UNAIDED, Phase.AIDED),
    ReadingOrder.UNAIDED: (Phase.UNAIDED,),
    ReadingOrder.AIDED: (Phase.AIDED,),
}
_ORDERS = {
    ReadingOrder.SEQUENTIAL: "without, then with assistance",
    ReadingOrder.UNAIDED: "without assistance",
    ReadingOrder.AIDED: "with assistance from the start",
}


class Condition(ProtocolPart):
    """How the cases of one period are read; ``modalities`` empty: those of the protocol."""

    reading: ReadingOrder = ReadingOrder.SEQUENTIAL
    modalities: tuple[Modality, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.reading is ReadingOrder.UNAIDED and any(m is not Modality.NONE for m in self.modalities):
            raise ValueError("a period without assistance names modalities: leave them out, or change how it is read")
        if len(set(self.modalities)) < len(self.modalities):
            raise ValueError("a modality is named twice")
        return self


class Arm(ProtocolPart):
    """Readers who are treated alike: in each period they read every case that is theirs, under its condition.

    ``weight``: of so many readers in turn, relative to the other arms.
    """

    key: str
    name: str = Field(min_length=1, max_length=80)
    periods: tuple[Condition, ...] = (Condition(),)
    weight: Annotated[int, Field(ge=1, le=10)] = 1

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"the key {self.key!r} of an arm: expected small letters, digits, - and _")
        if not 1 <= len(self.periods) <= MOST_PERIODS:
            raise ValueError(f"the arm {self.name} has {len(self.periods)} periods: expected 1 to {MOST_PERIODS}")
        return self

    @property
    def phases(self) -> frozenset[Phase]:
        """In which its readers answer a case, over all periods: with both, their answers make pairs."""
        return frozenset(phase for period in self.periods for phase in period.reading.phases)


EVERYBODY = Arm(key="all", name="All readers")
"""The only arm of a study whose design names none."""


class AssignmentMethod(StrEnum):
    """How the modality of a case is drawn for a reader, and the arm of a reader."""

    BALANCED = "balanced"
    """What was completed least often so far comes first, even within the reader; ties at random."""
    BLOCKS = "blocks"
    """Random blocks in which each comes equally often, whatever was completed."""
    LATIN_SQUARE = "latin_square"
    """Reader by reader the modalities move on by one case: each case has each modality equally often."""

    @property
    def label(self) -> str:
        """In words."""
        return _METHODS[self]


_METHODS = {
    AssignmentMethod.BALANCED: "balanced over completed readings",
    AssignmentMethod.BLOCKS: "random blocks",
    AssignmentMethod.LATIN_SQUARE: "Latin square",
}


class CaseOrder(StrEnum):
    """In which order a reader gets the cases of a round."""

    PER_READER = "per_reader"
    SAME_FOR_ALL = "same_for_all"


class AidedFollows(StrEnum):
    """When the aided answer to a case is asked for."""

    AT_ONCE = "at_once"
    AFTER_ROUND = "after_round"


class StudyDesign(ProtocolPart):
    """Arms, periods, and how readers and cases are assigned.

    Attributes
    ----------
    arms
        Empty: one arm, one period, without and then with the modalities of the protocol.
    washout_days
        Between the last answer of a period and the first of the next.
    method
        Of arms and modalities.
    strata
        Questions of the profile within whose answers arms are balanced.
    order, aided_follows
        Of the cases of a round.
    cases_per_reader
        Cases of each round that one reader reads, the least read first, in the shares of the class mix; None: all.
    """

    arms: tuple[Arm, ...] = ()
    washout_days: Annotated[int, Field(ge=0, le=400)] = 0
    method: AssignmentMethod = AssignmentMethod.BALANCED
    strata: tuple[str, ...] = ()
    order: CaseOrder = CaseOrder.PER_READER
    aided_follows: AidedFollows = AidedFollows.AT_ONCE
    cases_per_reader: Positive | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(self.arms) > MOST_ARMS:
            raise ValueError(f"{len(self.arms)} arms: expected at most {MOST_ARMS}")
        if len({arm.key for arm in self.arms}) < len(self.arms):
            raise ValueError("two arms have the same key")
        if unknown := [name for name in self.strata if name not in PROFILE_QUESTIONS]:
            raise ValueError(f"{unknown[0]!r} is no question of the profile: expected {', '.join(PROFILE_QUESTIONS)}")
        if self.washout_days and not self.has_periods:
            raise ValueError("a washout needs an arm with two periods")
        return self

    @property
    def has_periods(self) -> bool:
        """Whether anybody reads in more than one period."""
        return any(len(arm.periods) > 1 for arm in self.arms)
