"""The information model: 16 structured fields in 6 blocks, what may stand in them, and completeness.

Source: the methodology for clinically verified dermatoscopic data sets that the project implements
(16 fields, 6 blocks, ISIC-compatible notation).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Block(StrEnum):
    """The six blocks of the information model, in display order."""

    DEMOGRAPHIC = "Demographic"
    ANAMNESTIC = "Anamnestic"
    MORPHOLOGICAL = "Morphological"
    DERMOSCOPIC = "Dermoscopic"
    DIAGNOSTIC = "Diagnostic"
    SERVICE = "Service"


class Kind(StrEnum):
    """How a field's value is stored."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One of the 16 fields: column name, title for people, block, kind, unit, and the values allowed."""

    name: str
    title: str
    block: Block
    kind: Kind
    unit: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


STRUCTURES = (
    "pigment_network",
    "negative_network",
    "globules",
    "streaks",
    "blotch",
    "regression",
    "blue_white_veil",
    "milia_like_cysts",
    "comedo_like_openings",
    "leaf_like_areas",
    "arborizing_vessels",
    "dotted_vessels",
    "lacunae",
    "central_white_patch",
    "scale",
)
COLORS = ("light_brown", "dark_brown", "black", "blue_gray", "white", "red", "yellow", "purple", "skin")

FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("age_at_exam", "Age at examination", Block.DEMOGRAPHIC, Kind.INTEGER, "years", (), 0, 120),
    FieldSpec("sex", "Sex", Block.DEMOGRAPHIC, Kind.TEXT, choices=("female", "male")),
    FieldSpec(
        "fitzpatrick_type",
        "Fitzpatrick type",
        Block.DEMOGRAPHIC,
        Kind.TEXT,
        choices=("I", "II", "III", "IV", "V", "VI"),
    ),
    FieldSpec("sunburn_history", "History of sunburn", Block.ANAMNESTIC, Kind.BOOLEAN),
    FieldSpec("personal_ca_history", "Personal history of skin cancer", Block.ANAMNESTIC, Kind.BOOLEAN),
    FieldSpec("anatomical_site", "Anatomical site", Block.MORPHOLOGICAL, Kind.TEXT),
    FieldSpec("lesion_diameter_mm", "Lesion diameter", Block.MORPHOLOGICAL, Kind.NUMBER, "mm", (), 0.1, 500),
    FieldSpec("dominant_colors", "Dominant colours", Block.MORPHOLOGICAL, Kind.LIST, choices=COLORS),
    FieldSpec("elevation", "Elevation", Block.MORPHOLOGICAL, Kind.TEXT, choices=("flat", "palpable", "nodular")),
    FieldSpec(
        "border_regularity",
        "Border",
        Block.MORPHOLOGICAL,
        Kind.TEXT,
        choices=("regular", "irregular", "ill_defined"),
    ),
    FieldSpec("dermoscopic_structures", "Dermoscopic structures", Block.DERMOSCOPIC, Kind.LIST, choices=STRUCTURES),
    FieldSpec("clinical_diagnosis", "Clinical diagnosis", Block.DIAGNOSTIC, Kind.TEXT),
    FieldSpec("histopathology_result", "Histopathology result", Block.DIAGNOSTIC, Kind.TEXT),
    FieldSpec("verification_stage", "Verification stage", Block.DIAGNOSTIC, Kind.INTEGER, minimum=1, maximum=3),
    FieldSpec("examiner_id", "Examiner", Block.SERVICE, Kind.TEXT),
    FieldSpec(
        "image_quality_score",
        "Image quality score",
        Block.SERVICE,
        Kind.INTEGER,
        "of 5",
        minimum=1,
        maximum=5,
    ),
)
FIELD_NAMES: tuple[str, ...] = tuple(f.name for f in FIELDS)


def fields_of(block: Block) -> tuple[FieldSpec, ...]:
    """Return the fields of one block in display order."""
    return tuple(f for f in FIELDS if f.block is block)


def is_filled(value: Any) -> bool:
    """Whether a field holds something: not None, not empty text, not an empty list."""
    return value is not None and value != "" and value != []


def completeness(values: Mapping[str, Any], *, malignant: bool = False) -> float:
    """Share of the 16 fields that are filled (0..1).

    A missing histopathology result is no gap below stage 3, because benign lesions are not biopsied; under a
    malignant diagnosis it is one.
    """
    filled = sum(is_filled(values.get(name)) for name in FIELD_NAMES)
    stage = values.get("verification_stage")
    biopsy_expected = malignant or stage is None or stage >= 3
    if not biopsy_expected and not is_filled(values.get("histopathology_result")):
        filled += 1
    return filled / len(FIELD_NAMES)
