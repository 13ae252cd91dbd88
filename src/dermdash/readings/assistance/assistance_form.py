"""What every form of assistance says of itself.

What is *stored* is logged with the aided reading and may name records. What is *shown* is what the browser gets: built
by naming each allowed entry, so that whatever is added to a stored payload stays on the server.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import number

Payload = dict[str, Any]
DECIMALS = 4
"""Payloads are rounded once, so that the log holds exactly the numbers that were on the screen."""
MALIGNANT_FROM = 0.5
"""A shown malignancy probability from here on counts as the advice "malignant"."""


@dataclass(frozen=True, slots=True)
class CrowdOpinion:
    """Shares per class (0..1, summing to 1, in taxonomy order) and the readers they come from."""

    probabilities: dict[str, float]
    readers: int


@dataclass(frozen=True, slots=True)
class SaliencyInput:
    """Where a model looked: the bytes of a stored map, and the image it lies over.

    ``heat``: of `SaliencyMap`. ``input_size``: side of the network's input; ``width``, ``height``: of the upright
    image; all in pixels.
    """

    heat: bytes
    input_size: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class AssistanceInputs:
    """What assistance for one case can be made of; what is not there is None or empty.

    ``neighbours`` are similar images as (record_id, dx, similarity -1..1).
    """

    probabilities: Mapping[str, float] | None = None
    neighbours: Sequence[tuple[str, str, float]] = ()
    crowd: CrowdOpinion | None = None
    saliency: SaliencyInput | None = None


class ShownAdvice(NamedTuple):
    """Numbers of one piece of advice; each None where it has none.

    Attributes
    ----------
    advice_probability
        The malignancy probability that was shown (0..1).
    advice_malignant
        The side a bare malignancy probability speaks for; None where a class is advised.
    advice_confidence
        The probability shown for what is advised, a class or a side (0..1).
    """

    advice_probability: float | None = None
    advice_malignant: bool | None = None
    advice_confidence: float | None = None


class ScreenPlace(StrEnum):
    """Where a form stands on a reader's screen; room is kept there from the first case on, so that nothing moves."""

    ANSWERS = "answers"
    """Within the answers to choose from: a bar and a number in each."""
    LINE = "line"
    """A line above the question."""
    PICTURES = "pictures"
    """Small pictures below the case, each of which opens beside it."""


class AssistanceForm:
    """One form of assistance; a subclass says what differs.

    Attributes
    ----------
    key, label
        Its name in tables and files, and for people.
    public_name
        Its name in the public file of the Nature Medicine 2020 study; None where that file has none.
    spellings
        What logs of other studies call it, in small letters.
    color
        In every chart; told apart from the others in any colour vision.
    needs_model, needs_neighbours, needs_crowd, needs_saliency
        Whether a classifier must have seen the case, similar images be looked up, earlier readers have read it, a map
        of where the model looked be made.
    places
        Where it stands on a reader's screen.
    can_mislead
        Whether it speaks by the model's probabilities alone, so that wrong ones make wrong advice of it.
    offered
        Whether a study may use it: a screen can show it.
    persuasion
        Log odds that a simulated reader follows advice that differs from their answer, before confidence and skill
        speak.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    color: ClassVar[str]
    public_name: ClassVar[str | None] = None
    spellings: ClassVar[tuple[str, ...]] = ()
    needs_model: ClassVar[bool] = True
    needs_neighbours: ClassVar[bool] = False
    needs_crowd: ClassVar[bool] = False
    needs_saliency: ClassVar[bool] = False
    places: ClassVar[frozenset[ScreenPlace]] = frozenset({ScreenPlace.LINE})
    can_mislead: ClassVar[bool] = False
    offered: ClassVar[bool] = True
    persuasion: ClassVar[float] = -2.0

    def content(self, inputs: AssistanceInputs, taxonomy: Taxonomy) -> Payload | None:
        """The entries of the stored form; None where an input that it needs is not there."""
        raise NotImplementedError

    def shown_content(self, stored: Mapping[str, Any]) -> Payload:
        """The entries of the shown form, each named: no record id, no truth, nothing unforeseen."""
        raise NotImplementedError

    def advice_dx(self, stored: Mapping[str, Any]) -> str | None:
        """The diagnosis that a payload speaks for; None where it names none."""
        return None

    def advice_correct(self, stored: Mapping[str, Any], *, truth_dx: str, taxonomy: Taxonomy) -> bool | None:
        """Whether the advice was right; None where there was none."""
        advice = self.advice_dx(stored)
        return None if advice is None else advice == truth_dx

    def numbers(self, stored: Mapping[str, Any], taxonomy: Taxonomy) -> ShownAdvice:
        """What was shown of malignancy and of how sure the advice is."""
        return ShownAdvice()

    def strength(self, stored: Mapping[str, Any], taxonomy: Taxonomy) -> float:
        """How strongly it speaks for what it advises (0..1), as a reader may take it."""
        shown = self.numbers(stored, taxonomy).advice_confidence
        return 0.5 if shown is None else shown

    def payload(self, inputs: AssistanceInputs, *, taxonomy: Taxonomy) -> Payload | None:
        """The stored form; None where an input that it needs is not there."""
        content = self.content(inputs, taxonomy)
        return None if content is None else {"modality": self.key, **content}

    def shown(self, stored: Mapping[str, Any]) -> Payload:
        """The shown form."""
        return {"modality": self.key, **self.shown_content(stored)}


def checked_probabilities(probabilities: Mapping[str, float], *, taxonomy: Taxonomy) -> dict[str, float]:
    """Return them in taxonomy order; refuse missing or unknown classes, values outside 0..1, sums off 1."""
    if wrong := sorted(set(probabilities) ^ set(taxonomy.codes)):
        raise InvalidInput(f"probabilities lack or have unknown classes {', '.join(wrong)} for {taxonomy.name}")
    ordered = {code: float(probabilities[code]) for code in taxonomy.codes}
    for code, value in ordered.items():
        if not 0.0 <= value <= 1.0 + 1e-6:
            raise InvalidInput(f"the probability of {code} is {value}: expected 0 to 1")
    if abs(sum(ordered.values()) - 1.0) > 1e-3:
        raise InvalidInput(f"the probabilities sum to {number(sum(ordered.values()), 4)}: expected 1")
    return ordered


def rounded_probabilities(probabilities: Mapping[str, float]) -> dict[str, float]:
    """Probabilities as they are shown and logged."""
    return {code: round(min(1.0, value), DECIMALS) for code, value in probabilities.items()}


def finite(value: float, what: str) -> float:
    """The number, or InvalidInput for what is none."""
    if not math.isfinite(value):
        raise InvalidInput(f"{what} is {value}: expected a number")
    return float(value)
