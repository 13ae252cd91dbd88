"""Images in a folder per class and no table (MED-NODE, DermNet, Asan, Hallym): the folder says the diagnosis."""

from dermdash.dataset.dataset_name import ANYBODYS
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout

FORMAT = DatasetFormat(
    key="folder-per-class",
    title="A folder per class",
    description="Import images whose folder is named by their diagnosis.",
    table="folders, no table",
    columns=(),
    layout=Layout(
        tables=(
            TableLayout(
                kind="folders",
                needs=("file_name", "class"),
                columns=(
                    SourceColumn(name="file_name", to=ColumnRole.IMAGE_PATH),
                    SourceColumn(name="class", to=ColumnRole.DIAGNOSIS),
                    SourceColumn(name="split", to="source_split"),
                ),
                ignored=("name",),
                shape="folders",
            ),
        ),
    ),
    taxonomy=None,
    dataset_id=ANYBODYS,
    name="Data set",
    from_files=True,
)
