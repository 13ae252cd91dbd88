"""A mapping: how somebody reads tables that no format describes, with the data set that they become."""

from dataclasses import dataclass, replace

from dermdash.dataset.formats.cells import scale_of, target_spec
from dermdash.dataset.formats.layout import ColumnRole, Layout, SourceColumn
from dermdash.records.fields import FieldSpec, Kind
from dermdash.records.sites import GENERAL_SITES, TORSO

MAPPINGS = "mappings"
"""The folder of a workspace that holds its mappings."""
SITE = "anatomical_site"
UNITS = {"mm": ("mm", "cm", "µm"), "years": ("years", "months", "weeks", "days")}
"""Units that numbers of a table may have, by the unit of what they go to, which comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """How tables become a data set.

    Attributes
    ----------
    layout
        What each column is.
    dataset, name
        Id and name of the data set; empty: whoever imports says.
    taxonomy
        Name of the taxonomy of its diagnoses; empty: that which fits best.
    source, licence
        Of the data set.
    """

    layout: Layout
    dataset: str = ""
    name: str = ""
    taxonomy: str = ""
    source: str = ""
    licence: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns that it speaks of, in small letters."""
        return tuple(dict.fromkeys(name for table in self.layout.tables for name in sorted(table.known)))


def units_of(to: str) -> tuple[str, ...]:
    """Units that numbers for this target may have; empty where it has none."""
    spec = target_spec(to)
    return UNITS.get(spec.unit, ()) if spec is not None else ()


def meanings_of(to: str) -> tuple[str, ...]:
    """The words that a target knows; empty where they are not to be counted."""
    if to == ColumnRole.CONFIRMATION:
        return ("histo", "follow_up", "consensus", "confocal")
    if to == SITE:
        return (*GENERAL_SITES, TORSO)
    spec = target_spec(to)
    if spec is None:
        return ()
    return ("true", "false") if spec.kind is Kind.BOOLEAN else _whole_numbers(spec) or spec.choices


def has_words(to: str) -> bool:
    """Whether cells for this target are words with a meaning: a diagnosis, or one of some choices."""
    return to in (ColumnRole.DIAGNOSIS, ColumnRole.HISTOLOGY) or bool(meanings_of(to))


def _whole_numbers(spec: FieldSpec) -> tuple[str, ...]:
    ends = scale_of(spec)
    return () if ends is None else tuple(str(n) for n in range(ends[0], ends[1] + 1))


def with_words_kept(column: SourceColumn) -> SourceColumn:
    """The column as one of a mapping: of a diagnosis the word of the source stays its label, whatever it means."""
    return replace(column, label_as_written=column.to == ColumnRole.DIAGNOSIS)
