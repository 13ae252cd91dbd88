"""The columns of a record under their own names, as files of ours write them and any table may hold them."""

from dermdash.dataset.formats.layout import ColumnRole, SourceColumn
from dermdash.records.details import DETAIL_NAMES
from dermdash.records.fields import FIELD_NAMES

NAMES: dict[str, ColumnRole] = {
    "image_id": ColumnRole.IMAGE_ID,
    "lesion_id": ColumnRole.LESION_ID,
    "patient_id": ColumnRole.PATIENT_ID,
    "source_label": ColumnRole.SOURCE_LABEL,
    "dx": ColumnRole.DIAGNOSIS,
    "dx_type": ColumnRole.CONFIRMATION,
}
"""Columns that are neither fields nor details, in the order of our files."""
OWN_COLUMNS: tuple[SourceColumn, ...] = (
    *(SourceColumn(name=name, to=role) for name, role in NAMES.items()),
    *(SourceColumn(name=name, to=name) for name in (*FIELD_NAMES, *DETAIL_NAMES)),
)
OWN_NAMES: tuple[str, ...] = tuple(column.name for column in OWN_COLUMNS)
