"""DermaMNIST of MedMNIST (npz): HAM10000 resized, without ids."""

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn, TableLayout
from dermdash.records.taxonomy import HAM7

FORMAT = DatasetFormat(
    key="medmnist",
    title="DermaMNIST (MedMNIST)",
    description="Import DermaMNIST: arrays of pictures and labels.",
    table="dermamnist.npz",
    columns=(),
    layout=Layout(
        tables=(
            TableLayout(
                kind="arrays",
                needs=("file_name", "split", "label"),
                columns=(
                    SourceColumn(name="file_name", to=ColumnRole.IMAGE_PATH),
                    SourceColumn(name="split", to="source_split"),
                    SourceColumn(
                        name="label",
                        to=ColumnRole.DIAGNOSIS,
                        values=dict(zip("0123456", ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"), strict=True)),
                        keep=True,
                    ),
                ),
                cells={"label": "[0-6]"},
                shape="arrays",
            ),
        ),
        constants={"image_type": "dermoscopic"},
    ),
    taxonomy=HAM7.name,
    dataset_id="medmnist",
    name="DermaMNIST",
    source="doi:10.1038/s41597-022-01721-8",
    licence="CC BY-NC 4.0",
    caution=(
        "It has no ids and no lesions: images of one lesion count as independent, and training, validation and test "
        "share lesions. Its pictures are those of HAM10000."
    ),
    from_files=True,
)
