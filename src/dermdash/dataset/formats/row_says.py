"""What the cells of one row say, gathered by where they go."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dermdash.dataset.formats.layout import ColumnRole
from dermdash.dataset.formats.table_plan import PlannedColumn, TablePlan
from dermdash.dataset.source_records import Exclusion, ExclusionReason
from dermdash.records.csv_table import clean_image_id, number_or_none
from dermdash.records.details import of_dermoscopic_type
from dermdash.records.fields import FIELDS, Kind
from dermdash.records.safe_csv import unescape_cell

_LISTS = frozenset(spec.name for spec in FIELDS if spec.kind is Kind.LIST)
_MARKED = {"": 0.0, "1": 1.0}


class UnusableRow(Exception):
    """Why a row is left out."""

    def __init__(self, reason: ExclusionReason, detail: str, image_id: str = "") -> None:
        super().__init__(detail)
        self.exclusion = Exclusion(image_id, reason, detail)


# The word among those for an empty cell that is an answer, and not the trace of a program (NaN, NULL).
_UNKNOWN = "unknown"


@dataclass(slots=True)
class RowSays:
    """What the cells of one row say, gathered."""

    values: dict[str, Any] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    asked: str = "diagnosis"
    path: list[str] = field(default_factory=list)
    further: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    spoken: set[str] = field(default_factory=set)
    confirmation: str = ""
    unsaid: str = ""
    """A diagnosis of which the source says in a word that it is unknown."""
    quality: float | None = None
    """Of the image, also where it is no score that there is: 0 is no better than 1."""

    @property
    def image_id(self) -> str:
        """The image that the row names, to call it by."""
        return clean_image_id(self.values.get(ColumnRole.IMAGE_ID) or self.values.get(ColumnRole.IMAGE_PATH) or "")

    def take(self, place: str, planned: PlannedColumn, text: str) -> None:
        """Take one cell: its value to its target, its text beside it where the target holds less.

        ``place``: of its row, as a note names it.
        """
        name, column = planned.name, planned.column
        cell = planned.read(text)
        if column.to == ColumnRole.CONFIRMATION:
            self.confirmation = text.strip()
        elif column.to == "image_quality_score":
            self.quality = number_or_none(text) if cell.value is None else cell.value
        if cell.remark:
            kept = "; its text is kept" if cell.keep and cell.value is None else ""
            self.notes.append(f"{place}: {column.name} {text.strip()!r} {cell.remark}{kept}")
        if cell.keep and text.strip():
            self.further[name] = text.strip()
        to = column.to
        if cell.value is None:
            if to == ColumnRole.DIAGNOSIS and text.strip().lower() == _UNKNOWN:
                self.unsaid = self.unsaid or text.strip()
            return
        if to == "anatomical_site" and cell.value != text.strip() and not column.agree:
            self.values.setdefault("source_site", text.strip())  # the word of the source, whatever it means
        if to == ColumnRole.DIAGNOSIS:
            self.asked = self.asked if self.labels else column.name
            if column.label_as_written and not self.labels:
                self.values.setdefault(ColumnRole.SOURCE_LABEL, text.strip())
            self.labels.append(cell.value)
        elif to == ColumnRole.DIAGNOSIS_PATH:
            self.path.append(cell.value)
        elif to == ColumnRole.DERMOSCOPIC_TYPE:
            if found := of_dermoscopic_type(cell.value):
                self.values |= found
            else:
                self.further[name] = text.strip()
        elif to in _LISTS:
            self.values[to] = list(dict.fromkeys([*self.values.get(to, ()), *cell.value]))
        elif to not in self.spoken:
            self.spoken.add(to)
            self.values[to] = cell.value
        elif self.values[to] != cell.value:
            self.further[name] = text.strip()
            if column.agree:
                self.values[to] = None


def take_row(said: RowSays, plan: TablePlan, place: str, cells: Sequence[str]) -> None:
    """Take all cells of a row; raises UnusableRow where a diagnosis spread over columns is none."""
    for planned in plan.columns:
        if text := cells[planned.at]:
            said.take(place, planned, unescape_cell(text))
    if plan.kind.one_hot is not None:
        said.labels.append(one_hot_label(plan, place, cells))
    for at, name in plan.further:
        text = unescape_cell(cells[at]).strip()
        if text:
            said.further.setdefault(name, text)


def one_hot_label(plan: TablePlan, place: str, cells: Sequence[str]) -> str:
    """The diagnosis whose column is 1; raises UnusableRow where it is not one of them."""
    assert plan.kind.one_hot is not None
    mark = plan.kind.one_hot.mark.lower()
    if mark:
        numbers = [_MARKED.get(cells[at].strip().lower().replace(mark, "1", 1)) for at, _ in plan.one_hot]
    else:
        numbers = [number_or_none(cells[at]) for at, _ in plan.one_hot]
    ones = [label for n, (_, label) in zip(numbers, plan.one_hot, strict=True) if n == 1]
    if all(n in (0, 1) for n in numbers):
        if len(ones) == 1:
            return ones[0]
        if not ones and plan.kind.one_hot.none_is:
            return plan.kind.one_hot.none_is
    written = ", ".join(cells[at].strip() for at, _ in plan.one_hot)
    raise UnusableRow(ExclusionReason.INVALID_ROW, f"{place}: expected one 1 and otherwise 0, found {written}")
