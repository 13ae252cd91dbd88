"""Any table: what its columns are is proposed from their names, the rest is kept verbatim."""

from dermdash.dataset.dataset_name import ANYBODYS
from dermdash.dataset.formats.dataset_format import DatasetFormat

FORMAT = DatasetFormat(
    key="table",
    title="Any table",
    description="Import any table with a column that names the images.",
    table="a table with one row per image",
    columns=("image_id",),
    more_columns="anything",
    taxonomy=None,
    dataset_id=ANYBODYS,
    name="Data set",
    proposed=True,
)
