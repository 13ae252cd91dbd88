"""The information model: 16 structured fields in 6 blocks, each declared once, and completeness.

Everything that depends on a field is made from its line here: the column of the table, how a cell of a file becomes its
value, filter, tables, record page, data dictionary, subgroups of an evaluation, the demo data. docs/how-to-add.md says
how to add one.

Source: the methodology for clinically verified dermatoscopic data sets that the project implements
(16 fields, 6 blocks, ISIC-compatible notation).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dermdash.records.taxonomy import diagnosis_name
from dermdash.records.verification_stage import stage_words


class Block(StrEnum):
    """The six blocks of the information model, in display order."""

    DEMOGRAPHIC = "Demographic"
    ANAMNESTIC = "Anamnestic"
    MORPHOLOGICAL = "Morphological"
    DERMOSCOPIC = "Dermoscopic"
    DIAGNOSTIC = "Diagnostic"
    SERVICE = "Service"

    @property
    def purpose(self) -> str:
        """What the fields of the block are kept for."""
        return _PURPOSES[self.value]


_PURPOSES = {
    "Demographic": "Basic patient characteristics and skin phototype (Fitzpatrick I\N{EN DASH}VI)",
    "Anamnestic": "Risk factors: sunburn history, oncological history",
    "Morphological": "Site, size, color, and geometric features of the neoplasm",
    "Dermoscopic": "Expert annotation of patterns (network, globules, pseudopods, blue veil, vascular structures)",
    "Diagnostic": "Clinical diagnosis, histological result, verification stage",
    "Service": "De-identified specialist identifier and technical image quality score",
}


class DetailGroup(StrEnum):
    """What is kept beside the fields (`records/details.py`), in display order."""

    IMAGE = "Image"
    LESION = "Lesion and patient"
    ORIGIN = "Origin"


class Kind(StrEnum):
    """How a field's value is stored."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    LIST = "list"
    DATE = "date"
    """ISO 8601, to the day, the month or the year, as text: it sorts as it is."""


class Filter(StrEnum):
    """How records are filtered by a field.

    A list of the values that occur, a lowest and a highest number, or a list of the years of its dates.
    """

    OPTIONS = "options"
    RANGE = "range"
    YEARS = "years"


Band = tuple[float, float, str]
"""Numbers from the first up to, not with, the second, and what they are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field of a record, or one of the details kept beside the fields.

    Attributes
    ----------
    name
        Of its column, in the database and in our own files.
    title, head
        What people read, and the same in the head of a table, where it is shorter.
    meaning
        One sentence for the data dictionary.
    choices
        The values allowed, in any case; empty: any text.
    spellings
        What sources write for a choice, in small letters, to the choice.
    minimum, maximum
        Of a number, both allowed.
    aliases
        What the column is called elsewhere: files with these names are read too.
    isic, ham10000
        Its name in the metadata of the ISIC archive and of HAM10000; empty where they have no such field.
    filter, parameter
        How records are filtered by it, and what the filter is called in the address where not as the field.
    listed
        Stands in tables of records, in the comparison of two records and in work lists.
    subgroup
        The column of an evaluation that it parts the cases by; empty: it does not.
    bands
        Into what a subgroup of numbers is parted.
    default
        Of a record whose source has no such column. What stands empty in a column is None: not recorded.
    words
        A value in words, where they are more than the value itself.
    """

    name: str
    title: str
    block: Block | DetailGroup
    kind: Kind
    meaning: str
    head: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict, hash=False)
    minimum: float | None = None
    maximum: float | None = None
    aliases: tuple[str, ...] = ()
    isic: str = ""
    ham10000: str = ""
    filter: Filter | None = None
    parameter: str = ""
    listed: bool = False
    subgroup: str = ""
    bands: tuple[Band, ...] = ()
    default: Any = None
    words: Callable[[Any], str] | None = None

    def __post_init__(self) -> None:
        if self.filter is Filter.RANGE and (self.minimum is None or self.maximum is None or not self.is_number):
            raise ValueError(f"{self.name}: a filter by range needs a number with a minimum and a maximum")
        if (self.filter is Filter.YEARS) != (self.filter is not None and self.kind is Kind.DATE):
            raise ValueError(f"{self.name}: a date is filtered by its years, and nothing else is")
        if not set(self.spellings.values()) <= set(self.choices):
            raise ValueError(f"{self.name}: what a spelling stands for is one of the choices")
        if self.kind is Kind.LIST and (self.filter or self.subgroup):
            raise ValueError(f"{self.name}: records are not filtered or parted by a list")

    @property
    def is_number(self) -> bool:
        """Whether its values can be ordered and added."""
        return self.kind in (Kind.INTEGER, Kind.NUMBER)

    @property
    def table_head(self) -> str:
        """Its title in the head of a table."""
        return self.head or self.title

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that its column may have in a file, our own first."""
        return tuple(dict.fromkeys(n for n in (self.name, *self.aliases, self.isic, self.ham10000) if n))


STRUCTURES = (
    "pigment_network", "negative_network", "globules", "streaks", "blotch", "regression", "blue_white_veil",
    "milia_like_cysts", "comedo_like_openings", "leaf_like_areas", "arborizing_vessels", "dotted_vessels", "lacunae",
    "central_white_patch", "scale",
)  # fmt: skip
COLORS = ("light_brown", "dark_brown", "black", "blue_gray", "white", "red", "yellow", "purple", "skin")
AGE_BANDS: tuple[Band, ...] = (
    (0, 30, "under 30"), (30, 50, "30-49"), (50, 70, "50-69"), (70, 200, "70 and over"),
)  # fmt: skip

FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec(
        name="age_at_exam", title="Age at examination", head="Age", block=Block.DEMOGRAPHIC, kind=Kind.INTEGER,
        unit="years", minimum=0, maximum=120, meaning="Age of the patient when the image was taken",
        aliases=("age",), isic="age_approx", ham10000="age", filter=Filter.RANGE, parameter="age", listed=True,
        subgroup="age_band", bands=AGE_BANDS,
    ),
    FieldSpec(
        name="sex", title="Sex", block=Block.DEMOGRAPHIC, kind=Kind.TEXT, choices=("female", "male"),
        meaning="Sex of the patient", aliases=("gender",), isic="sex", ham10000="sex", filter=Filter.OPTIONS,
        listed=True, subgroup="sex",
    ),
    FieldSpec(
        name="fitzpatrick_type", title="Fitzpatrick type", block=Block.DEMOGRAPHIC, kind=Kind.TEXT,
        choices=("I", "II", "III", "IV", "V", "VI"), meaning="Skin type after Fitzpatrick",
        isic="fitzpatrick_skin_type", subgroup="fitzpatrick_type",
    ),
    FieldSpec(
        name="sunburn_history", title="History of sunburn", block=Block.ANAMNESTIC, kind=Kind.BOOLEAN,
        meaning="Whether the patient had severe sunburns",
    ),
    FieldSpec(
        name="personal_ca_history", title="Personal history of skin cancer", block=Block.ANAMNESTIC,
        kind=Kind.BOOLEAN, meaning="Whether the patient had skin cancer before",
    ),
    FieldSpec(
        name="anatomical_site", title="Anatomical site", head="Site", block=Block.MORPHOLOGICAL, kind=Kind.TEXT,
        meaning="Where on the body the lesion is: one of ISIC's general sites where the word of the source is known",
        aliases=("localization", "site"), isic="anatom_site_general",
        ham10000="localization", filter=Filter.OPTIONS, listed=True, subgroup="anatomical_site",
    ),
    FieldSpec(
        name="lesion_diameter_mm", title="Lesion diameter", block=Block.MORPHOLOGICAL, kind=Kind.NUMBER, unit="mm",
        minimum=0.1, maximum=500, meaning="Largest diameter of the lesion", isic="clin_size_long_diam_mm",
    ),
    FieldSpec(
        name="dominant_colors", title="Dominant colours", block=Block.MORPHOLOGICAL, kind=Kind.LIST, choices=COLORS,
        meaning="Colours that make up most of the lesion",
    ),
    FieldSpec(
        name="elevation", title="Elevation", block=Block.MORPHOLOGICAL, kind=Kind.TEXT,
        choices=("flat", "palpable", "nodular"), meaning="How far the lesion rises over the skin",
    ),
    FieldSpec(
        name="border_regularity", title="Border", block=Block.MORPHOLOGICAL, kind=Kind.TEXT,
        choices=("regular", "irregular", "ill_defined"), meaning="How the lesion ends against the skin",
    ),
    FieldSpec(
        name="dermoscopic_structures", title="Dermoscopic structures", block=Block.DERMOSCOPIC, kind=Kind.LIST,
        choices=STRUCTURES, meaning="Structures seen under the dermatoscope",
    ),
    FieldSpec(
        name="clinical_diagnosis", title="Clinical diagnosis", block=Block.DIAGNOSTIC, kind=Kind.TEXT,
        meaning="Diagnosis of the examiner before any histology", words=diagnosis_name,
    ),
    FieldSpec(
        name="histopathology_result", title="Histopathology result", block=Block.DIAGNOSTIC, kind=Kind.TEXT,
        meaning="What the pathologist found; empty where nothing was excised", words=diagnosis_name,
    ),
    FieldSpec(
        name="verification_stage", title="Verification stage", block=Block.DIAGNOSTIC, kind=Kind.INTEGER, minimum=1,
        maximum=3, meaning="How the label was confirmed: 1 initial annotation, 2 consensus or follow-up, 3 histology",
        filter=Filter.OPTIONS, listed=True, subgroup="verification_stage", words=stage_words,
    ),
    FieldSpec(
        name="examiner_id", title="Examiner", block=Block.SERVICE, kind=Kind.TEXT,
        meaning="Pseudonym of the person who examined the lesion", words=str,
    ),
    FieldSpec(
        name="image_quality_score", title="Image quality score", block=Block.SERVICE, kind=Kind.INTEGER, unit="of 5",
        minimum=1, maximum=5, meaning="Score of an examiner from 1 (unusable) to 5 (reference)", subgroup="quality",
    ),
)  # fmt: skip
FIELD_NAMES: tuple[str, ...] = tuple(f.name for f in FIELDS)
LISTED: tuple[FieldSpec, ...] = tuple(f for f in FIELDS if f.listed)


CONTEXT: tuple[FieldSpec, ...] = tuple(
    f
    for f in FIELDS
    if f.block in (Block.DEMOGRAPHIC, Block.ANAMNESTIC) or f.name in ("anatomical_site", "lesion_diameter_mm")
)
"""What may be known of patient and lesion before anybody looks at the image."""


def fields_of(*blocks: Block) -> tuple[FieldSpec, ...]:
    """Return the fields of one block, or of several, in display order."""
    return tuple(f for f in FIELDS if f.block in blocks)


def empty_values() -> dict[str, Any]:
    """The fields of a record of which nothing is known."""
    return {spec.name: spec.default for spec in FIELDS}


def is_filled(value: Any) -> bool:
    """Whether a field holds something: not None, not empty text, not an empty list."""
    return value is not None and value != "" and value != []


def completeness(values: Mapping[str, Any], *, malignant: bool = False) -> float:
    """Share of the fields that are filled (0..1).

    A missing histopathology result is no gap below stage 3, because benign lesions are not biopsied; under a
    malignant diagnosis it is one.
    """
    filled, of = filled_of(FIELDS, values, malignant=malignant)
    return filled / of


def filled_of(specs: Iterable[FieldSpec], values: Mapping[str, Any], *, malignant: bool = False) -> tuple[int, int]:
    """How many of these fields are no gap, and how many there are: `completeness` of a part of the fields."""
    stage = values.get("verification_stage")
    biopsy_expected = malignant or stage is None or stage >= 3
    filled = of = 0
    for spec in specs:
        of += 1
        filled += is_filled(values.get(spec.name)) or (spec.name == "histopathology_result" and not biopsy_expected)
    return filled, of
