"""What the assistance logged with a reading says about malignancy, and how surely it speaks."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import Taxonomy

MALIGNANT_FROM = 0.5


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


def shown_advice(cell: Any, taxonomy: Taxonomy) -> ShownAdvice:
    """Read a logged payload (JSON text); anything else says nothing.

    Raises
    ------
    InvalidInput
        Text that is no such payload.
    """
    if not isinstance(cell, str) or not cell:
        return ShownAdvice()
    try:
        payload: Mapping[str, Any] = json.loads(cell)
        if "malignancy" in payload:
            probability = float(payload["malignancy"])
            return ShownAdvice(probability, probability >= MALIGNANT_FROM, max(probability, 1 - probability))
        if "probabilities" in payload:
            shares = payload["probabilities"]
            return ShownAdvice(taxonomy.malignancy_probability(shares), None, max(shares.values()))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InvalidInput(f"the assistance {cell[:60]!r} is not what a study logs") from None
    return ShownAdvice()
