"""What the columns of a table can go to, by id, and in words."""

from dermdash.dataset.formats.layout import ColumnRole
from dermdash.dataset.formats.mapping import meanings_of
from dermdash.records.details import DETAILS
from dermdash.records.fields import FIELDS

KEPT, NOT_USED, SPREAD, PICTURE = "text", "left_out", "one_hot", "picture"
"""Beside the targets: what else can become of a column. Streamlit shows an empty id as "None"."""
_ROLES = {
    ColumnRole.IMAGE_ID: "Image: id or file name",
    ColumnRole.IMAGE_PATH: "Image: path of its file",
    ColumnRole.LESION_ID: "Lesion id",
    ColumnRole.PATIENT_ID: "Patient id",
    ColumnRole.DIAGNOSIS: "Diagnosis",
    ColumnRole.DIAGNOSIS_PATH: "Diagnosis: one step of a path",
    ColumnRole.CONFIRMATION: "How the diagnosis was confirmed",
    ColumnRole.HISTOLOGY: "Histology (what the pathologist found)",
    ColumnRole.SOURCE_LABEL: "Label of an earlier source",
    ColumnRole.DERMOSCOPIC_TYPE: "Contact and polarisation in one",
}
_TITLES: dict[str, str] = {
    KEPT: "Kept as text",
    NOT_USED: "Left out",
    **{str(role): title for role, title in _ROLES.items()},
    SPREAD: "1 in it means this diagnosis",
    PICTURE: "One of several images of the row",
    **{f"{PICTURE}:{i}": f"One of several images: {i.replace('_', ' ')}" for i in meanings_of("image_type")},
    **{spec.name: f"{spec.title} ({spec.unit})" if spec.unit in ("mm", "years") else spec.title for spec in FIELDS},
    **{spec.name: f"{spec.title} (mm)" if spec.unit == "mm" else spec.title for spec in DETAILS},
}
TARGET_IDS = tuple(_TITLES)


def of_picture(target: str) -> str | None:
    """Of a target that names one of several images, the type of that image (empty: not said); else None."""
    kind, _, image_type = target.partition(":")
    return image_type if kind == PICTURE else None


def target_title(target: str) -> str:
    """A target in words."""
    return _TITLES.get(target, target)
