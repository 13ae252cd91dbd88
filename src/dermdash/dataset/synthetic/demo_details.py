"""What the demo data set says of its photographs beside the 16 fields."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from dermdash.records.details import DETAILS
from dermdash.records.fields import FieldSpec, Kind

_FIRST_DAY = date(2018, 1, 1)
_DAYS = 5 * 365
_SOURCES = ("Dermatoscope A", "Dermatoscope B", "Clinic archive")
NOT_SAID = ("source_site", "skin_tone", "skin_tone_scale")
"""The site is that of the field, and the demo has Fitzpatrick types."""


def draw_details(lesion_seed: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """The details of a lesion's photographs, by name; ``values`` are the fields of the lesion.

    Of each by a generator of its own, so that a new one changes nothing else of the demo.
    """
    drawn = {spec.name: draw_value(spec, generator_of(spec, lesion_seed)) for spec in DETAILS}
    rng = np.random.default_rng([lesion_seed, *b"details"])
    diameter = values["lesion_diameter_mm"]
    invasive = values["histopathology_result"] == "mel" and rng.random() < 0.7
    known: dict[str, Any] = {
        "image_type": "dermoscopic",
        "second_diameter_mm": round(diameter * float(rng.uniform(0.55, 1.0)), 1),
        "breslow_mm": round(float(rng.gamma(1.6, 0.7)) + 0.1, 1) if invasive else None,
        "acquisition_source": _SOURCES[int(rng.integers(len(_SOURCES)))],
        "source_split": "test" if rng.random() < 0.2 else "train",
        "licence": "CC0-1.0",
        "attribution": "Drawn by dermdash",
        **dict.fromkeys(NOT_SAID),
    }
    return drawn | known


def generator_of(spec: FieldSpec, lesion_seed: int) -> np.random.Generator:
    """The generator of one field or detail of a lesion."""
    return np.random.default_rng([lesion_seed, *spec.name.encode()])


def draw_value(spec: FieldSpec, rng: np.random.Generator) -> Any:
    """Something that a field or detail allows."""
    if spec.kind is Kind.BOOLEAN:
        return bool(rng.random() < 0.5)
    if spec.kind is Kind.LIST:
        return [str(c) for c in rng.choice(spec.choices, min(2, len(spec.choices)), replace=False)]
    if spec.kind is Kind.TEXT:
        return str(rng.choice(spec.choices)) if spec.choices else f"{spec.title} {int(rng.integers(1, 4))}"
    if spec.kind is Kind.DATE:
        return (_FIRST_DAY + timedelta(days=int(rng.integers(_DAYS)))).isoformat()
    low, high = spec.minimum or 0, 100 if spec.maximum is None else spec.maximum
    if spec.kind is Kind.INTEGER:
        return int(rng.integers(int(low), int(high) + 1))
    return round(float(rng.uniform(low, high)), 1)
