"""What the assistance logged with a reading says about malignancy, and how surely it speaks."""

import json
from collections.abc import Mapping
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.readings.assistance.assistance_form import ShownAdvice
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import Taxonomy


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
        return Modality(payload["modality"]).form.numbers(payload, taxonomy)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InvalidInput(f"the assistance {cell[:60]!r} is not what a study logs") from None
    return ShownAdvice()
