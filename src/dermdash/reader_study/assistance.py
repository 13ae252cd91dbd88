"""What a reader is shown for a case, in two forms.

The *stored* form is logged with the aided reading and may name records. The *shown* form is what the browser gets:
built by naming each allowed entry, so that whatever is added to a stored payload stays on the server.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.reader_study.crowd import CrowdOpinion
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import number

Payload = dict[str, Any]
DECIMALS = 4
"""Payloads are rounded once, so that the log holds exactly the numbers that were on the screen."""
MALIGNANT_FROM = 0.5
"""A shown malignancy probability from here on counts as the advice "malignant" in the export."""


def malignancy_probability_payload(probabilities: Mapping[str, float], *, taxonomy: Taxonomy) -> Payload:
    """Stored form of the sum over the malignant classes (0..1)."""
    checked = _check_probabilities(probabilities, taxonomy=taxonomy)
    # Four rounded terms can exceed 1 by the last digit.
    value = min(1.0, round(taxonomy.malignancy_probability(checked), DECIMALS))
    return {"modality": Modality.MALIGNANCY_PROBABILITY.value, "malignancy": value}


def multiclass_probability_payload(probabilities: Mapping[str, float], *, taxonomy: Taxonomy) -> Payload:
    """Stored form of the model's probabilities per class (each 0..1, summing to 1)."""
    checked = _check_probabilities(probabilities, taxonomy=taxonomy)
    return {"modality": Modality.MULTICLASS_PROBABILITY.value, "probabilities": _rounded(checked)}


def cbir_payload(neighbours: Sequence[tuple[str, str, float]], *, taxonomy: Taxonomy) -> Payload:
    """Stored form of similar images, most similar first, from (record_id, dx, similarity -1..1)."""
    if not neighbours:
        raise InvalidInput("no similar images were found for this case: leave CBIR out or index more records")
    rows = []
    for record_id, dx, similarity in neighbours:
        _ = taxonomy[dx]
        if not math.isfinite(similarity):
            raise InvalidInput(f"similarity of {record_id} is {similarity}: expected a number")
        rows.append({"record_id": record_id, "dx": dx, "similarity": round(float(similarity), DECIMALS)})
    rows.sort(key=lambda row: -row["similarity"])  # type: ignore[operator]
    return {"modality": Modality.CBIR.value, "neighbours": rows}


def crowd_payload(crowd: CrowdOpinion, *, taxonomy: Taxonomy) -> Payload:
    """Stored form of earlier readers' shares per class and their number."""
    checked = _check_probabilities(crowd.probabilities, taxonomy=taxonomy)
    return {
        "modality": Modality.CROWD_PROBABILITY.value,
        "probabilities": _rounded(checked),
        "readers": int(crowd.readers),
    }


def build_assistance(
    *,
    taxonomy: Taxonomy,
    probabilities: Mapping[str, float] | None = None,
    neighbours: Sequence[tuple[str, str, float]] = (),
    crowd: CrowdOpinion | None = None,
) -> dict[Modality, Payload]:
    """Stored payloads of every modality that these inputs allow; a modality without its input is absent."""
    payloads: dict[Modality, Payload] = {}
    if probabilities is not None:
        payloads[Modality.MALIGNANCY_PROBABILITY] = malignancy_probability_payload(probabilities, taxonomy=taxonomy)
        payloads[Modality.MULTICLASS_PROBABILITY] = multiclass_probability_payload(probabilities, taxonomy=taxonomy)
    if neighbours:
        payloads[Modality.CBIR] = cbir_payload(neighbours, taxonomy=taxonomy)
    if crowd is not None:
        payloads[Modality.CROWD_PROBABILITY] = crowd_payload(crowd, taxonomy=taxonomy)
    return payloads


def shown_form(stored: Mapping[str, Any]) -> Payload:
    """Reduce a stored payload to what the browser may have: no record id, no truth, nothing unforeseen.

    Neighbours keep their order; the app attaches the image data by position.
    """
    modality = Modality(stored["modality"])
    shown: Payload = {"modality": modality.value}
    if modality is Modality.MALIGNANCY_PROBABILITY:
        shown["malignancy"] = float(stored["malignancy"])
    elif modality in (Modality.MULTICLASS_PROBABILITY, Modality.CROWD_PROBABILITY):
        shown["probabilities"] = {str(code): float(p) for code, p in stored["probabilities"].items()}
        if modality is Modality.CROWD_PROBABILITY:
            shown["readers"] = int(stored["readers"])
    elif modality is Modality.CBIR:
        shown["neighbours"] = [
            {"dx": str(row["dx"]), "similarity": float(row["similarity"])} for row in stored["neighbours"]
        ]
    elif modality is not Modality.NONE:
        raise InvalidInput(f"the modality {modality} has no shown form")
    return shown


def advice_dx(stored: Mapping[str, Any]) -> str | None:
    """The diagnosis that a payload speaks for; None where it names none (malignancy probability).

    Probabilities: the highest, the first in taxonomy order on a tie. Similar images: the most frequent
    diagnosis, on a tie the one with the greater sum of similarities.
    """
    if "probabilities" in stored:
        shares = stored["probabilities"]
        return max(shares, key=lambda code: shares[code])
    if "neighbours" in stored:
        votes: dict[str, tuple[int, float]] = {}
        for row in stored["neighbours"]:
            count, total = votes.get(row["dx"], (0, 0.0))
            votes[row["dx"]] = (count + 1, total + row["similarity"])
        return max(votes, key=lambda code: votes[code])
    return None


def advice_correct(stored: Mapping[str, Any], *, truth_dx: str, taxonomy: Taxonomy) -> bool | None:
    """Whether the advice was right: its diagnosis, or for a malignancy probability the side of 0.5."""
    if "malignancy" in stored:
        return (stored["malignancy"] >= MALIGNANT_FROM) == taxonomy[truth_dx].is_malignant
    advice = advice_dx(stored)
    return None if advice is None else advice == truth_dx


def _check_probabilities(probabilities: Mapping[str, float], *, taxonomy: Taxonomy) -> dict[str, float]:
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


def _rounded(probabilities: Mapping[str, float]) -> dict[str, float]:
    return {code: round(min(1.0, value), DECIMALS) for code, value in probabilities.items()}
