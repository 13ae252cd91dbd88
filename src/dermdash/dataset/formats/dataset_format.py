"""What a format of data sets declares of itself, once: page, command and docs are made from it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from dermdash.dataset.source_records import SourceTable
from dermdash.records.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFormat:
    """One format of data sets.

    Attributes
    ----------
    key, title
        Its name on the command line, and for people.
    description
        One sentence: what is imported.
    table, columns
        What the table is called, and the columns it must have, as they are written.
    read
        Turns the table (a file or its bytes) into records, in the classes of a taxonomy.
    taxonomy
        The one its diagnoses are of by definition; None where whoever imports must say.
    dataset_id, name, source, licence
        What its data set is called when nobody says, where it comes from, and under which licence.
    flags
        How the command calls the table.
    more_columns
        In words, what else may stand in the table.
    """

    key: str
    title: str
    description: str
    table: str
    columns: tuple[str, ...]
    read: Callable[[Path | bytes, Taxonomy], SourceTable]
    taxonomy: str | None
    dataset_id: str
    name: str
    source: str = ""
    licence: str = ""
    flags: tuple[str, ...] = ("--metadata",)
    more_columns: str = ""

    def fits(self, columns: Collection[str]) -> bool:
        """Whether a table with these columns (in small letters) could be of the format."""
        return {name.lower() for name in self.columns} <= set(columns)

    @property
    def needs(self) -> str:
        """What the table needs, in words."""
        return ", ".join(self.columns) + (f", and {self.more_columns}" if self.more_columns else "")
