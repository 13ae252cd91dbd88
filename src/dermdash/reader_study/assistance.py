"""The assistance of a case in every form that a study uses, and what a stored one says.

What a form is made of stands in its class (`dermdash.readings.assistance`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dermdash.readings.assistance.assistance_form import (
    AssistanceForm,
    AssistanceInputs,
    CrowdOpinion,
    Payload,
    SaliencyInput,
)
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import Taxonomy


def build_assistance(
    *,
    taxonomy: Taxonomy,
    probabilities: Mapping[str, float] | None = None,
    neighbours: Sequence[tuple[str, str, float]] = (),
    crowd: CrowdOpinion | None = None,
    saliency: SaliencyInput | None = None,
    modalities: Iterable[Modality] = tuple(Modality),
) -> dict[Modality, Payload]:
    """Stored payloads of the modalities that these inputs allow; a modality without its input is absent."""
    inputs = AssistanceInputs(probabilities, neighbours, crowd, saliency)
    built = {modality: modality.form.payload(inputs, taxonomy=taxonomy) for modality in modalities}
    return {modality: payload for modality, payload in built.items() if payload is not None}


def shown_form(stored: Mapping[str, Any]) -> Payload:
    """Reduce a stored payload to what the browser may have: no record id, no truth, nothing unforeseen."""
    return _form(stored).shown(stored)


def advice_dx(stored: Mapping[str, Any]) -> str | None:
    """The diagnosis that a payload speaks for; None where it names none (malignancy probability)."""
    return _form(stored).advice_dx(stored)


def advice_correct(stored: Mapping[str, Any], *, truth_dx: str, taxonomy: Taxonomy) -> bool | None:
    """Whether the advice was right: its diagnosis, or for a malignancy probability the side of one half."""
    return _form(stored).advice_correct(stored, truth_dx=truth_dx, taxonomy=taxonomy)


def _form(stored: Mapping[str, Any]) -> AssistanceForm:
    return Modality(stored["modality"]).form
