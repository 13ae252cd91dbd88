"""What the assistance logged with a reading says about malignancy."""

import json
from collections.abc import Mapping
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import Taxonomy

MALIGNANT_FROM = 0.5


def shown_advice(cell: Any, taxonomy: Taxonomy) -> tuple[float | None, bool | None]:
    """Malignancy probability that was shown, and the side that a bare one speaks for (else by the class advised).

    ``cell`` is the logged payload as JSON text; anything else says nothing.

    Raises
    ------
    InvalidInput
        Text that is no such payload.
    """
    if not isinstance(cell, str) or not cell:
        return None, None
    try:
        payload: Mapping[str, Any] = json.loads(cell)
        if "malignancy" in payload:
            probability = float(payload["malignancy"])
            return probability, probability >= MALIGNANT_FROM
        if "probabilities" in payload:
            return taxonomy.malignancy_probability(payload["probabilities"]), None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InvalidInput(f"the assistance {cell[:60]!r} is not what a study logs") from None
    return None, None
