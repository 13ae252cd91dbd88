"""WebDataset: tar files whose members of one name are one sample (https://github.com/webdataset/webdataset)."""

from dermdash.dataset.dataset_name import ANYBODYS
from dermdash.dataset.formats.dataset_format import DatasetFormat

FORMAT = DatasetFormat(
    key="webdataset",
    title="WebDataset",
    description="Import the tar files of a WebDataset: beside each image its class, its JSON or its text.",
    table="tar files of samples",
    columns=(),
    taxonomy=None,
    dataset_id=ANYBODYS,
    name="Data set",
    proposed=True,
    from_files=True,
)
