"""HAM10000 metadata (Tschandl et al., Scientific Data 5, 180161, 2018; doi 10.7910/DVN/DBW86T)."""

from pathlib import Path

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.isic_columns import DERMOSCOPIC, named
from dermdash.dataset.formats.layout import ColumnRole, Layout, TableLayout
from dermdash.dataset.formats.one_table import read_one_table
from dermdash.dataset.source_records import SourceTable
from dermdash.records.fields import FIELDS
from dermdash.records.taxonomy import HAM7, Taxonomy

_FIELDS = tuple(f for f in FIELDS if f.ham10000)
COLUMNS = ("lesion_id", "image_id", "dx", "dx_type", *(f.ham10000 for f in _FIELDS))
METADATA = TableLayout(
    kind="metadata",
    needs=COLUMNS,
    columns=(
        named("image_id", ColumnRole.IMAGE_ID),
        named("lesion_id", ColumnRole.LESION_ID),
        named("dx", ColumnRole.DIAGNOSIS),
        named("dx_type", ColumnRole.CONFIRMATION),
        *(named(f.ham10000, f.name) for f in _FIELDS),
        # Of the second release.
        named("dataset", "acquisition_source"),
    ),
)
LAYOUT = Layout(
    tables=(METADATA,),
    constants=DERMOSCOPIC,
    codes_only=True,
    strict_confirmation=True,
    unconfirmed=False,
    unlabelled=False,
    unclassified=False,
)


def read_metadata(source: Path | bytes, taxonomy: Taxonomy = HAM7) -> SourceTable:
    """Read HAM10000_metadata of the first or the second release.

    Rows with an unknown dx or dx_type, a repeated image_id or the wrong number of cells become exclusions;
    an age outside 0-120 years leaves the record, without its age and with a note.

    Raises
    ------
    MissingColumns
        Columns are missing or misnamed.
    InvalidInput
        The file is absent, empty or no CSV.
    """
    return read_one_table(LAYOUT, source, taxonomy, file_kind="HAM10000 metadata")


FORMAT = DatasetFormat(
    key="ham10000",
    title="HAM10000 metadata",
    description="Import HAM10000: lesion ids, diagnoses and how each was confirmed.",
    table="HAM10000_metadata (CSV)",
    columns=COLUMNS,
    read=read_metadata,
    layout=LAYOUT,
    taxonomy=HAM7.name,
    dataset_id="ham10000",
    name="HAM10000",
    source="doi:10.7910/DVN/DBW86T",
    licence="CC BY-NC 4.0",
)
