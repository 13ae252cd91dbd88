"""Results as plain JSON values."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from dermdash.analysis.estimates import json_number
from dermdash.wording import missing


def to_json(value: Any) -> Any:
    """Turn dataclasses, sequences and numbers into what JSON knows: numbers are finite or None.

    A dataclass with its own ``as_dict`` decides for itself.
    """
    if hasattr(value, "as_dict"):
        return value.as_dict()
    if is_dataclass(value):
        return {f.name: to_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(part) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        return [to_json(part) for part in value.tolist()]
    if isinstance(value, list | tuple):
        return [to_json(part) for part in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return json_number(float(value))
    return None if missing(value) else value
