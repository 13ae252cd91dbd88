"""The model's probability that the lesion is malignant: one number, no diagnosis."""

from collections.abc import Mapping
from typing import Any

from dermdash.readings.assistance.assistance_form import (
    DECIMALS,
    MALIGNANT_FROM,
    AssistanceForm,
    AssistanceInputs,
    Payload,
    ShownAdvice,
    checked_probabilities,
)
from dermdash.records.taxonomy import Taxonomy


class MalignancyProbability(AssistanceForm):
    """The sum over the malignant classes (0..1)."""

    key, label, color = "malignancy_probability", "Malignancy probability", "#c38700"
    public_name = "Malignancy Probability (AI)"
    spellings = ("malignancy",)
    can_mislead = True
    persuasion = -1.6

    def content(self, inputs: AssistanceInputs, taxonomy: Taxonomy) -> Payload | None:
        """One number, and where a class is borderline, what it counts as in it."""
        if inputs.probabilities is None:
            return None
        checked = checked_probabilities(inputs.probabilities, taxonomy=taxonomy)
        found: Payload = {"malignancy": round(taxonomy.malignancy_probability(checked), DECIMALS)}
        return found | ({"counted": taxonomy.borderline_words} if taxonomy.has_borderline else {})

    def shown_content(self, stored: Mapping[str, Any]) -> Payload:
        """The number, and what counts in it."""
        found: Payload = {"malignancy": float(stored["malignancy"])}
        return found | ({"counted": str(stored["counted"])} if "counted" in stored else {})

    def advice_correct(self, stored: Mapping[str, Any], *, truth_dx: str, taxonomy: Taxonomy) -> bool | None:
        """Whether the truth is on its side of one half; None where it is neither malignant nor benign."""
        side = taxonomy[truth_dx].malignancy
        return None if side is None else (stored["malignancy"] >= MALIGNANT_FROM) == side

    def numbers(self, stored: Mapping[str, Any], taxonomy: Taxonomy) -> ShownAdvice:
        """The number, its side, and how far on that side."""
        probability = float(stored["malignancy"])
        return ShownAdvice(probability, probability >= MALIGNANT_FROM, max(probability, 1 - probability))
