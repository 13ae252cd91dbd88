"""COCO: images, annotations and categories in one JSON file; the category of its annotations is the diagnosis, their
outlines are the mask."""

from dermdash.dataset.dataset_name import ANYBODYS
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout
from dermdash.dataset.formats.own_columns import OWN_COLUMNS

FORMAT = DatasetFormat(
    key="coco",
    title="COCO",
    description="Import a COCO file: the category of an image's annotations is its diagnosis.",
    table="annotations.json",
    columns=("images", "annotations", "categories"),
    layout=Layout(
        tables=(
            TableLayout(
                kind="annotations",
                needs=("file_name", "category"),
                columns=(
                    SourceColumn(name="file_name", to=ColumnRole.IMAGE_PATH),
                    SourceColumn(name="category", to=ColumnRole.DIAGNOSIS),
                    SourceColumn(name="date_captured", to="acquisition_date", keep=True),
                    # Beside the annotations an export of ours has the record under its own names.
                    *(column for column in OWN_COLUMNS if column.to != ColumnRole.DIAGNOSIS),
                ),
                shape="coco",
            ),
        ),
    ),
    taxonomy=None,
    dataset_id=ANYBODYS,
    name="Data set",
)
