"""Croissant (MLCommons, 1.0): a JSON-LD file that describes a table, whose fields are read by their names."""

from dermdash.dataset.dataset_name import ANYBODYS
from dermdash.dataset.formats.dataset_format import DatasetFormat

FORMAT = DatasetFormat(
    key="croissant",
    title="Croissant",
    description="Import a data set that a Croissant file describes, with the table beside it.",
    table="metadata.json and its table",
    columns=("recordSet", "distribution"),
    taxonomy=None,
    dataset_id=ANYBODYS,
    name="Data set",
    proposed=True,
    from_files=True,
)
