"""YOLO (Ultralytics, darknet): a text file of boxes or outlines beside each image, classes by number.

Its classification data sets are folders per class and are read as such.
"""

from dermdash.dataset.dataset_name import ANYBODYS
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout

FORMAT = DatasetFormat(
    key="yolo",
    title="YOLO",
    description="Import a YOLO data set: the class of an image's boxes or outlines is its diagnosis.",
    table="data.yaml, images and labels",
    columns=(),
    layout=Layout(
        tables=(
            TableLayout(
                kind="labels",
                needs=("file_name", "class"),
                columns=(
                    SourceColumn(name="file_name", to=ColumnRole.IMAGE_PATH),
                    SourceColumn(name="class", to=ColumnRole.DIAGNOSIS),
                    SourceColumn(name="split", to="source_split"),
                ),
                shape="yolo",
            ),
        ),
    ),
    taxonomy=None,
    dataset_id=ANYBODYS,
    name="Data set",
    from_files=True,
)
