"""The columns of a record beside its fields, and what every column is called: the data dictionary of records."""

from dataclasses import dataclass

from dermdash.records.details import DETAILS, FURTHER_PREFIX
from dermdash.records.field_values import allowed_range
from dermdash.records.fields import FIELDS, FieldSpec, Kind
from dermdash.records.verification_stage import STAGE_OF_DX_TYPE


@dataclass(frozen=True, slots=True)
class RecordColumn:
    """A column that is no field: its name, title, meaning, what may stand in it, and a shorter title for tables."""

    name: str
    title: str
    meaning: str
    values: str = "text"
    head: str = ""

    @property
    def table_head(self) -> str:
        """Its title in the head of a table."""
        return self.head or self.title


_DX_TYPES = " | ".join(STAGE_OF_DX_TYPE)
BEFORE_FIELDS: tuple[RecordColumn, ...] = (
    RecordColumn("id", "Record id", "Data set and image id: names the record in the workspace"),
    RecordColumn("dataset_id", "Data set", "Id of the data set"),
    RecordColumn("image_id", "Image id", "Name of the image in its data set"),
    RecordColumn("lesion_id", "Lesion", "Id of the lesion in its data set; the image id where the source names none"),
    RecordColumn("patient_id", "Patient", "Pseudonym of the patient in its data set"),
    RecordColumn("image_sha256", "Image hash", "SHA-256 of the stored, de-identified image", "64 hex digits"),
    RecordColumn("source_label", "Label in the source", "Diagnosis as the source writes it"),
    RecordColumn("dx", "Diagnosis", "Class in the taxonomy of the data set", "class of the taxonomy"),
    RecordColumn("dx_type", "Confirmed by", "How the source says the diagnosis was confirmed", _DX_TYPES),
)
AFTER_FIELDS: tuple[RecordColumn, ...] = (
    RecordColumn(
        "technical_quality", "Estimated technical quality", "Measured from sharpness, exposure and glare", "1-5"
    ),
    RecordColumn("completeness", "Completeness", "Share of the fields that are filled", "0-1"),
    RecordColumn("imported_at", "Imported", "When the record entered the workspace", "ISO 8601, UTC"),
    RecordColumn(
        "stage_claimed", "Stage claimed", "Whether only the source says the stage, and no act here", "True | False"
    ),
    RecordColumn("agreement", "Agreement", "Share of the reviewers who gave the label", "0-1"),
    RecordColumn("n_reviewers", "Reviewers", "How many people reviewed the record", "whole number"),
    RecordColumn(
        "acquisition", "Decision on image quality", "What a person decided by the image's score; empty: nobody has",
        "accepted | rejected",
    ),
)  # fmt: skip
KEPT_INSIDE = ("import_run_id", "import_entry", "model_dx", "breaks_rule")
"""Columns of the table that are no part of a record: they say how it came here, or follow from other tables."""
QUALITY = RecordColumn(
    "quality", "Image quality", "Score of an examiner, else the estimated technical quality", "1-5", head="Quality"
)
"""No column of its own: which of two it is, a filter says."""
_FURTHER = RecordColumn(
    f"{FURTHER_PREFIX}NAME",
    "Further columns",
    "Column NAME of the source, which is none of the others, as it stands there",
)
COMPUTED: frozenset[str] = frozenset({"id", "dataset_id", "image_sha256", *(column.name for column in AFTER_FIELDS)})
"""Columns of our records CSV that no import takes over: the workspace works them out."""
_BY_NAME: dict[str, RecordColumn | FieldSpec] = {
    **{column.name: column for column in (*BEFORE_FIELDS, *AFTER_FIELDS, QUALITY)},
    **{spec.name: spec for spec in (*FIELDS, *DETAILS)},
}


def column_title(name: str) -> str:
    """What people read for a column of a record."""
    return _BY_NAME[name].title


def table_head(name: str) -> str:
    """What stands over a column of a record in a table."""
    return _BY_NAME[name].table_head


def data_dictionary() -> list[dict[str, str]]:
    """One row per column of the records CSV, in its order: what it means, what may stand in it, its other names."""
    columns: tuple[RecordColumn | FieldSpec, ...] = (*BEFORE_FIELDS, *FIELDS, *DETAILS, *AFTER_FIELDS, _FURTHER)
    return [_row(column) for column in columns]


def _row(column: RecordColumn | FieldSpec) -> dict[str, str]:
    own = {"column": column.name, "title": column.title, "meaning": column.meaning}
    if isinstance(column, RecordColumn):
        return own | dict.fromkeys(("block", "unit", "isic", "ham10000", "other_names"), "") | {"values": column.values}
    elsewhere = [n for n in column.aliases if n not in (column.isic, column.ham10000)]
    return own | {
        "block": str(column.block),
        "unit": column.unit,
        "isic": column.isic,
        "ham10000": column.ham10000,
        "other_names": "; ".join(elsewhere),
        "values": allowed_values(column),
    }


def allowed_values(spec: FieldSpec) -> str:
    """What may stand in a field, in words: "female | male", "0-120 years", "any of ...; several, joined by ;"."""
    choices = " | ".join(spec.choices)
    if spec.kind is Kind.LIST:
        return f"several, joined by ;: {choices}"
    if spec.kind is Kind.BOOLEAN:
        return "True | False"
    if spec.kind is Kind.DATE:
        return "YYYY-MM-DD, YYYY-MM or YYYY"
    if spec.is_number:
        return f"{'whole number' if spec.kind is Kind.INTEGER else 'number'} {allowed_range(spec)}".strip()
    return choices or "text"
