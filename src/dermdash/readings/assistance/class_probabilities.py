"""Probabilities of all classes: of the model, or the shares of earlier readers."""

from collections.abc import Mapping
from typing import Any

from dermdash.readings.assistance.assistance_form import (
    AssistanceForm,
    AssistanceInputs,
    Payload,
    ScreenPlace,
    ShownAdvice,
    checked_probabilities,
    rounded_probabilities,
)
from dermdash.records.taxonomy import Taxonomy


class ClassProbabilities(AssistanceForm):
    """What forms that show a probability of each class have in common."""

    places = frozenset({ScreenPlace.ANSWERS})

    def advice_dx(self, stored: Mapping[str, Any]) -> str | None:
        """The likeliest class, the first in taxonomy order on a tie."""
        shares = stored["probabilities"]
        return max(shares, key=lambda code: shares[code])

    def numbers(self, stored: Mapping[str, Any], taxonomy: Taxonomy) -> ShownAdvice:
        """The malignancy they add up to, and the probability of the likeliest class."""
        shares = stored["probabilities"]
        return ShownAdvice(taxonomy.malignancy_probability(shares), None, max(shares.values()))

    def shown_content(self, stored: Mapping[str, Any]) -> Payload:
        """The probabilities."""
        return {"probabilities": {str(code): float(p) for code, p in stored["probabilities"].items()}}


class MulticlassProbability(ClassProbabilities):
    """The model's probabilities per class (each 0..1, summing to 1)."""

    key, label, color = "multiclass_probability", "Class probabilities", "#7887ff"
    public_name = "Multiclass Probabilities (AI)"
    spellings = ("multiclass", "multi-class probabilities", "multiclass probabilities")
    can_mislead = True
    persuasion = 1.0

    def content(self, inputs: AssistanceInputs, taxonomy: Taxonomy) -> Payload | None:
        """The probabilities."""
        if inputs.probabilities is None:
            return None
        checked = checked_probabilities(inputs.probabilities, taxonomy=taxonomy)
        return {"probabilities": rounded_probabilities(checked)}


class CrowdProbability(ClassProbabilities):
    """Earlier readers' shares per class and their number."""

    key, label, color = "crowd_probability", "Crowd probabilities", "#875aa5"
    public_name = "Multiclass Probabilities (Crowd)"
    spellings = ("crowd",)
    needs_model, needs_crowd = False, True
    persuasion = 0.3

    def content(self, inputs: AssistanceInputs, taxonomy: Taxonomy) -> Payload | None:
        """The shares and how many readers they come from."""
        if inputs.crowd is None:
            return None
        checked = checked_probabilities(inputs.crowd.probabilities, taxonomy=taxonomy)
        return {"probabilities": rounded_probabilities(checked), "readers": int(inputs.crowd.readers)}

    def shown_content(self, stored: Mapping[str, Any]) -> Payload:
        """The shares and how many readers they come from."""
        return super().shown_content(stored) | {"readers": int(stored["readers"])}
