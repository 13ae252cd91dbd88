"""Makes the JavaScript module `nomenclature.mjs`: what can be entered of a record, as Python declares it.

It is part of the annotation panel's script, which a browser gets once, and not of what it gets with every record.
"""

import json
from functools import cache
from typing import Any

from dermdash.charts.palette import PERSON_COLORS, STRUCTURE_COLORS
from dermdash.deliveries import MAX_TEXT
from dermdash.records.field_values import value_in_words
from dermdash.records.fields import Block, FieldSpec, Kind
from dermdash.verification.annotation import ENTERABLE, MOST_COMMENT, QUALITY_LEVELS, STRUCTURES_FIELD
from dermdash.verification.marks import MOST_MARKS, MOST_POINTS, MOST_RAW_POINTS, TOLERANCE
from dermdash.verification.structures import structures

NOMENCLATURE_MODULE = "nomenclature"
SWATCHES = {
    "light_brown": "#b98a5e", "dark_brown": "#5a3522", "black": "#1c1512", "blue_gray": "#6c7f94", "white": "#f4f0ea",
    "red": "#c0303a", "yellow": "#e0be62", "purple": "#7c3f7e", "skin": "#e6bfa6",
}  # fmt: skip
"""How the dominant colours look, beside their names."""


@cache
def nomenclature_module() -> str:
    """Text of the module."""
    lines = [f"export const {name} = {json.dumps(value)};" for name, value in nomenclature().items()]
    return "\n".join(["// Made of what Python declares: dermdash.ui.frontend.nomenclature.", *lines, ""])


def nomenclature() -> dict[str, Any]:
    """What the module exports, by its name there."""
    return {
        "BLOCKS": [
            {
                "title": str(block),
                "fields": [_field(f) for f in ENTERABLE if f.block is block and f.name != STRUCTURES_FIELD],
            }
            for block in Block
        ],
        "KIND": {kind.name: str(kind) for kind in Kind},
        "STRUCTURES_FIELD": STRUCTURES_FIELD,
        "STRUCTURES": [
            {
                "name": spec.name,
                "title": spec.title,
                "definition": spec.definition,
                "example": spec.example,
                "color": STRUCTURE_COLORS[spec.name],
            }
            for spec in structures()
        ],
        "QUALITY_LEVELS": list(QUALITY_LEVELS),
        "PERSON_COLORS": list(PERSON_COLORS),
        "MOST": {
            "MARKS": MOST_MARKS, "POINTS": MOST_POINTS, "RAW_POINTS": MOST_RAW_POINTS, "COMMENT": MOST_COMMENT,
            "TEXT": MAX_TEXT,
        },
        "TOLERANCE": TOLERANCE,
    }  # fmt: skip


def _field(spec: FieldSpec) -> dict[str, Any]:
    choices: list[dict[str, Any]] = [
        {"value": value, "words": value_in_words(spec, [value] if spec.kind is Kind.LIST else value)}
        for value in ((True, False) if spec.kind is Kind.BOOLEAN else spec.choices)
    ]
    for choice in choices:
        if spec.name == "dominant_colors":
            choice["swatch"] = SWATCHES[choice["value"]]
    return {
        "name": spec.name, "title": spec.title, "kind": str(spec.kind), "unit": spec.unit, "meaning": spec.meaning,
        "choices": choices, "minimum": spec.minimum, "maximum": spec.maximum,
    }  # fmt: skip
