"""What a format of data sets declares of itself, once: page, command and docs are made from it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from dermdash.dataset.formats.layout import Layout
from dermdash.dataset.formats.one_table import read_one_table
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
        Turns one table (a file or its bytes) into records, in the classes of a taxonomy; by the layout where not given.
    layout
        What its tables hold, where they are read by the engine (`layout_reader`).
    layout_of
        The same where it depends on the columns of the table, or where it shall not be recognised by.
    taxonomy
        The one its diagnoses are of by definition; None where whoever imports may say.
    usual_taxonomy
        What is taken where nobody says; empty: the one with classes for most of the diagnoses.
    dataset_id, name, source, licence
        What its data set is called when nobody says, where it comes from, and under which licence.
    flags
        How the command calls the table.
    more_columns
        In words, what else may stand in the table.
    caution
        What whoever uses the data set should know of it, in a sentence.
    proposed
        Whether the layout is proposed from the columns of the table at hand (`proposal`).
    from_files
        Whether it is read from files and folders as they are found, not from one table.
    own_reader
        Whether ``read`` was given: its command then takes one table and the images apart.
    alias_of
        The key by which its source is recognised, where that is not its own.
    """

    key: str
    title: str
    description: str
    table: str
    columns: tuple[str, ...]
    taxonomy: str | None
    dataset_id: str
    name: str
    read: Callable[[Path | bytes, Taxonomy], SourceTable] = None  # type: ignore[assignment]  # filled below
    layout: Layout | None = None
    layout_of: Callable[[tuple[str, ...]], Layout] | None = None
    usual_taxonomy: str = ""
    source: str = ""
    licence: str = ""
    flags: tuple[str, ...] = ("--metadata",)
    more_columns: str = ""
    caution: str = ""
    proposed: bool = False
    from_files: bool = False
    alias_of: str = ""
    own_reader: bool = field(init=False, default=True)

    def __post_init__(self) -> None:
        if self.read is not None:
            return
        if (self.layout is None) is not self.proposed:
            raise ValueError(f"{self.key}: a format reads by itself, has a layout, or has one proposed")
        object.__setattr__(self, "own_reader", False)
        object.__setattr__(self, "read", partial(read_one_table, self.layout, file_kind=self.title))

    def fits(self, columns: Collection[str]) -> bool:
        """Whether a table with these columns (in small letters) could be of the format."""
        if self.layout is not None:
            return self.layout.kind_of(frozenset(columns)) is not None
        return {name.lower() for name in self.columns} <= set(columns)

    @property
    def needs(self) -> str:
        """What the table needs, in words."""
        return ", ".join(self.columns) + (f", and {self.more_columns}" if self.more_columns else "")
