"""How the tables of a source become records, as plain data: a built-in format and a mapping of somebody's own are this.

A `Layout` has tables, a table has columns, and a column says where its cells go: to a field (`records.fields`), to a
detail (`records.details`), or to a `ColumnRole`. All of it is names, words and numbers: it can stand in a file.
Columns that no layout names are kept verbatim beside the record.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dermdash.errors import InvalidInput
from dermdash.records.details import DETAIL_NAMES
from dermdash.records.fields import FIELD_NAMES


class ColumnRole(StrEnum):
    """What a column can be beside a field or a detail of a record."""

    IMAGE_ID = "image_id"
    IMAGE_PATH = "image_path"
    LESION_ID = "lesion_id"
    PATIENT_ID = "patient_id"
    DIAGNOSIS = "diagnosis"
    DIAGNOSIS_PATH = "diagnosis_path"
    """One step of a diagnosis that several columns spell, from general to special (ISIC's diagnosis_1 to 5)."""
    CONFIRMATION = "dx_type"
    HISTOLOGY = "histology"
    SOURCE_LABEL = "source_label"
    """The diagnosis as an earlier source wrote it, where that of the table is another."""
    DERMOSCOPIC_TYPE = "dermoscopic_type"
    """ISIC's word for contact and polarisation in one."""


_BRACKETS = re.compile(r"\s*\([^()]*\)$")
ANY = "*"
"""In the words of a column: every word that is not named."""


def bare_head(name: str) -> str:
    """The name of a column on one line, without what stands in brackets behind it ("Asymmetry\\n(0/1/2)")."""
    return _BRACKETS.sub("", " ".join(name.split()))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceColumn:
    """One column of a table and where its cells go.

    Several columns may go to one target. Of a list of words all are taken; else the first that says something is,
    and the others are kept verbatim where they say something else.

    Attributes
    ----------
    name
        As in the table, in any case.
    to
        A `ColumnRole`, a field or a detail; empty: kept verbatim.
    values
        What words of the source (in small letters) mean in words that the target knows; empty: nothing. `ANY` stands
        for every other word.
    unit
        Of its numbers, where it is not that of the target ("cm").
    keep
        Whether the cell is kept verbatim, too, since the target holds less than it says.
    separator
        Between words of one cell.
    weighted
        Whether a cell holds words with weights (``{'Eczema': 0.6, 'Psoriasis': 0.4}``), of which the heaviest is meant.
    agree
        Of columns that ask about one thing each (a body part): where two say something, nothing is known.
    order
        Of day and month in its dates (`cell_dates.ORDERS`), where their cells do not say or are not to be asked.
    inverted
        Of a scale with two ends: whether its lowest number means the highest.
    label_as_written
        Of a diagnosis: the source label is the word of the source, not what ``values`` make of it.
    """

    name: str
    to: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    keep: bool = False
    separator: str = ""
    weighted: bool = False
    agree: bool = False
    order: str = ""
    inverted: bool = False
    label_as_written: bool = False

    def __post_init__(self) -> None:
        if self.to and self.to not in TARGETS:
            raise InvalidInput(
                f"column {self.name!r} goes to {self.to!r}, which is no field: choose one of "
                f"{', '.join(sorted(TARGETS))}"
            )


TARGETS: frozenset[str] = frozenset({*FIELD_NAMES, *DETAIL_NAMES, *map(str, ColumnRole)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One of several images that a row names: the column with its path, what is true of it, columns about it alone."""

    column: str
    constants: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[SourceColumn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneHot:
    """A diagnosis spread over columns that are 1 for one class and 0 for all others.

    Attributes
    ----------
    classes
        The name of each column, and the diagnosis that it stands for.
    none_is
        The diagnosis of a row in which all are 0; empty: such a row is invalid.
    mark
        What stands for 1, in any case, where nothing stands for 0 ("X"); empty: they are numbers.
    """

    classes: Mapping[str, str]
    none_is: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLayout:
    """One kind of table of a source.

    Attributes
    ----------
    kind
        What it is called in a layout ("ground truth", "metadata").
    needs
        Columns without which a table is not of this kind.
    columns, one_hot, pictures
        What becomes of its cells.
    ignored
        Columns that are worked out anew.
    key
        The column by which its rows belong to rows of the first table; empty: it is one whose rows are images.
    of
        To which target of the first table that column belongs.
    names_images
        Whether a row says which image it is about: without such a table nothing can be imported.
    without
        Columns that a table of this kind never has (they tell it from others).
    cells
        Of columns, a pattern that every cell fits that is not empty: what tells tables with usual names apart.
    headless
        Names of the columns of a file without a header, and for each a pattern that its first row fits.
    at_most
        A table of this kind has no other columns than those named here.
    shape
        What it was before it was a table (`table_sources.Shape`).
    """

    kind: str
    needs: tuple[str, ...]
    columns: tuple[SourceColumn, ...] = ()
    one_hot: OneHot | None = None
    pictures: tuple[Picture, ...] = ()
    ignored: tuple[str, ...] = ()
    key: str = ""
    of: str = ColumnRole.IMAGE_ID
    names_images: bool = True
    without: tuple[str, ...] = ()
    cells: Mapping[str, str] = field(default_factory=dict)
    headless: Mapping[str, str] = field(default_factory=dict)
    at_most: bool = False
    shape: str = "table"

    def fits(self, columns: frozenset[str], shape: str = "table") -> bool:
        """Whether a table with these columns (in small letters) can be of this kind."""
        if shape != self.shape:
            return False
        there = columns | {bare_head(name) for name in columns}
        if not {name.lower() for name in self.needs} <= there or there & {n.lower() for n in self.without}:
            return False
        return not self.at_most or columns - {""} <= self.known

    @property
    def known(self) -> frozenset[str]:
        """The names of all columns that it has something to say about, in small letters."""
        names = {c.name for c in self.columns} | set(self.needs) | {self.key}
        names |= {p.column for p in self.pictures} | {c.name for p in self.pictures for c in p.columns}
        names |= set(self.one_hot.classes if self.one_hot else ())
        return frozenset(name.lower() for name in names if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a source holds.

    Attributes
    ----------
    tables
        The kinds of table, that whose rows are counted first. Where it is absent, the next one present is.
    constants
        Fields and details that are the same for every image of the source.
    lesion_of_patient
        Whether lesion ids are unique only within a patient.
    codes_only
        Whether a diagnosis must be a code of the taxonomy, in any case, and no other spelling.
    strict_confirmation
        Whether a row is left out whose word for how its diagnosis was confirmed is not known.
    unconfirmed
        Whether a row comes in that says nothing of how its diagnosis was confirmed, in a table with such a column.
    unlabelled
        Whether an image without a diagnosis comes in.
    unclassified
        Whether an image comes in whose diagnosis has no class in the taxonomy; its label is kept as it stands.
    splits
        Words in names of files, and the split of the source that they mean.
    """

    tables: tuple[TableLayout, ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    lesion_of_patient: bool = False
    codes_only: bool = False
    strict_confirmation: bool = False
    unconfirmed: bool = True
    unlabelled: bool = True
    unclassified: bool = True
    splits: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.constants:
            if name not in TARGETS:
                raise InvalidInput(f"{name!r} is no field: choose one of {', '.join(sorted(TARGETS))}")

    def kind_of(self, columns: frozenset[str], shape: str = "table") -> TableLayout | None:
        """The kind of a table with these columns (in small letters); None where it is none of this layout."""
        return next((table for table in self.tables if table.fits(columns, shape)), None)
