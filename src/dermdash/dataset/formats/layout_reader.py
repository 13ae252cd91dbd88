"""The engine: tables read by a layout, every row of the first of them to records or to an exclusion."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from dermdash.dataset.formats.cell_words import CONFIRMATIONS
from dermdash.dataset.formats.cells import Cell, reader_of
from dermdash.dataset.formats.diagnoses import PATH, reading_of
from dermdash.dataset.formats.layout import Column, Layout, Role, TableLayout, bare_head
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable, repeated_row
from dermdash.records.csv_table import MetadataTable, Row, clean_image_id, number_or_none, text_or_none
from dermdash.records.details import DETAIL_NAMES, FURTHER_PREFIX, of_dermoscopic_type
from dermdash.records.diagnosis_words import Decision
from dermdash.records.fields import FIELD_NAMES, FIELDS, Kind, empty_values
from dermdash.records.safe_csv import unescape_cell
from dermdash.records.taxonomy import Taxonomy
from dermdash.records.verification_stage import STAGE_OF_DX_TYPE, VerificationStage
from dermdash.wording import counted

LOWEST_ACCEPTED_QUALITY = 3
"""Images scored 1 or 2 are rejected at acquisition."""
_LISTS = frozenset(spec.name for spec in FIELDS if spec.kind is Kind.LIST)
_NAMES_IMAGE = (Role.IMAGE_ID, Role.IMAGE_PATH)
_MARKED = {"": 0.0, "1": 1.0}
_SHOWN = 5
_LISTED = 50


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table of a source, what it is called, and which kind of a layout it is."""

    name: str
    kind: TableLayout
    table: MetadataTable


class Problem(Exception):
    """Why a row is left out."""

    def __init__(self, reason: ExclusionReason, detail: str, image_id: str = "") -> None:
        super().__init__(detail)
        self.exclusion = Exclusion(image_id, reason, detail)


def read_tables(layout: Layout, tables: Sequence[NamedTable], taxonomy: Taxonomy) -> SourceTable:
    """Read the tables of one source.

    The rows of the first kind of table that is present are counted; those of the others are joined to them by their
    keys. Rows of theirs that belong to none, and values that no target allows, are named in notes.

    Parameters
    ----------
    tables
        At least one; several of one kind (training, validation, test) are read one after another.
    taxonomy
        Of the classes of the diagnoses.
    """
    order = [kind.kind for kind in layout.tables]
    first = min(tables, key=lambda t: order.index(t.kind.kind)).kind.kind
    joined = [_Joined(t) for t in tables if t.kind.kind != first]
    return _Reading(layout, [t for t in tables if t.kind.kind == first], joined, taxonomy).read()


class _Planned(NamedTuple):
    """A column at hand: its place in the table, its name as written, where it goes, and how its cells are read."""

    at: int
    name: str
    column: Column
    read: Callable[[str], Cell]


class _Plan:
    """Which columns of a table at hand go where."""

    def __init__(self, kind: TableLayout, columns: Sequence[str], heads: Sequence[str]) -> None:
        place = {bare_head(name): at for at, name in enumerate(columns)} | {n: at for at, n in enumerate(columns)}
        # Further columns keep their names as they are written.
        written = heads if len(heads) == len(columns) else columns

        def planned(wanted: Sequence[Column]) -> list[_Planned]:
            there = [(place[c.name.lower()], c) for c in wanted if c.to and c.name.lower() in place]
            return [_Planned(at, written[at].strip(), c, reader_of(c)) for at, c in there]

        self.kind = kind
        self.columns = planned(kind.columns)
        self.pictures = [
            (place[p.column.lower()], p, planned(p.columns)) for p in kind.pictures if p.column.lower() in place
        ]
        classes = kind.one_hot.classes if kind.one_hot else {}
        self.one_hot = [(place[n.lower()], label) for n, label in classes.items() if n.lower() in place]
        used = {c.at for c in self.columns} | {at for at, _, _ in self.pictures} | {at for at, _ in self.one_hot}
        used |= {c.at for _, _, columns in self.pictures for c in columns}
        used |= {place[name.lower()] for name in (kind.key, *kind.ignored) if name.lower() in place}
        self.confirms = any(c.column.to == Role.CONFIRMATION for c in self.columns)
        self.further = [
            (at, (written[at].strip() or name).removeprefix(FURTHER_PREFIX))
            for at, name in enumerate(columns)
            if at not in used
        ]


class _Joined:
    """A table whose rows belong to rows of the first one."""

    def __init__(self, named: NamedTable) -> None:
        self.name = named.name
        self.of = named.kind.of
        self.plan = _Plan(named.kind, named.table.columns, named.table.heads)
        self.rows: dict[str, Row] = {}
        self.used: set[str] = set()
        self.notes: list[str] = []
        twice = 0
        key = (named.kind.key or next(c.name for c in named.kind.columns if c.to == self.of)).lower()
        at = named.table.columns.index(key)
        for row in named.table:
            if row.values is None:
                self.notes.append(f"{named.name}: {row.problem}")
            elif (name := _key(row.values[at], self.of)) in self.rows:
                twice += self.rows[name].values != row.values
            else:
                self.rows[name] = row
        if twice:
            self.notes.append(f"{named.name}: {counted(twice, 'row')} with other values for a key that had one")

    def row_of(self, key: str) -> Row | None:
        row = self.rows.get(key)
        if row is not None:
            self.used.add(key)
        return row

    def closing_notes(self) -> list[str]:
        spare = [key for key in self.rows if key not in self.used]
        if not spare:
            return self.notes
        shown = ", ".join(spare[:_SHOWN]) + (", ..." if len(spare) > _SHOWN else "")
        return [*self.notes, f"{self.name}: {counted(len(spare), 'row')} of no image in the other table ({shown})"]


def _key(cell: str, of: str) -> str:
    return clean_image_id(cell) if of in (Role.IMAGE_ID, Role.IMAGE_PATH) else cell.strip()


@dataclass(slots=True)
class _Said:
    """What the cells of one row say, gathered."""

    values: dict[str, Any] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    asked: str = "diagnosis"
    path: list[str] = field(default_factory=list)
    further: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    spoken: set[str] = field(default_factory=set)
    confirmation: str = ""

    def take(self, row: int, planned: _Planned, text: str) -> None:
        name, column = planned.name, planned.column
        cell = planned.read(text)
        if column.to == Role.CONFIRMATION:
            self.confirmation = text.strip()
        if cell.remark:
            self.notes.append(f"row {row}: {column.name} {text.strip()!r} {cell.remark}")
        if cell.keep and text.strip():
            self.further[name] = text.strip()
        if cell.value is None:
            return
        to = column.to
        if to == Role.DIAGNOSIS:
            self.asked = self.asked if self.labels else column.name
            self.labels.append(cell.value)
        elif to == Role.DIAGNOSIS_PATH:
            self.path.append(cell.value)
        elif to == Role.DERMOSCOPIC_TYPE:
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


class _Reading:
    def __init__(
        self, layout: Layout, first: Sequence[NamedTable], joined: Sequence[_Joined], taxonomy: Taxonomy
    ) -> None:
        self.layout, self.first, self.joined, self.taxonomy = layout, first, joined, taxonomy
        self.fields = {k: v for k, v in layout.constants.items() if k in FIELD_NAMES}
        self.details = {k: v for k, v in layout.constants.items() if k in DETAIL_NAMES}
        self.record_of: dict[str, SourceRecord] = {}
        self.labels: Counter[str] = Counter()
        self.classes: dict[tuple[str, ...], str | None] = {}
        self.records: list[SourceRecord] = []
        self.exclusions: list[Exclusion] = []
        self.notes: list[str] = []

    def read(self) -> SourceTable:
        for named in self.first:
            plan = _Plan(named.kind, named.table.columns, named.table.heads)
            twice = _names_twice(plan, named.table)
            own = {r.image_id for r in self.records}
            self.notes += named.table.notes
            if own and (here := _ids(plan, named.table)) and here <= own:
                self.notes.append(f"{named.name} repeats rows of {self.first[0].name} and was not read")
                continue
            split = _split(self.layout.splits, named.name)
            for row in named.table:
                self._read_row(named, plan, row, twice, split)
        for table in self.joined:
            self.notes += table.closing_notes()
        if self.layout.unclassified:
            self.notes += self._notes_on_classes()
        return SourceTable(tuple(self.records), tuple(self.exclusions), tuple(self.notes))

    def _notes_on_classes(self) -> list[str]:
        """Of every diagnosis that is no spelling of a class: what it was read as, and why; the most frequent first."""
        notes = []
        for label, n in self.labels.most_common():
            reading = reading_of(label, self.taxonomy)
            if reading.decision is Decision.SPELLING:
                continue
            code = self._class_of((label,))
            read = f"was read as {self.taxonomy[code].name}" if code else "has no class and is kept as it stands"
            notes.append(f"diagnosis {label!r} {read}: {reading.how} ({counted(n, 'row')})")
        if (more := len(notes) - _LISTED) > 0:
            notes[_LISTED:] = [f"{counted(more, 'more diagnosis', 'more diagnoses')} that are no spellings of a class"]
        return notes

    def _read_row(self, named: NamedTable, plan: _Plan, row: Row, twice: frozenset[str], split: str) -> None:
        place = f"{named.name} row {row.number}"
        if row.values is None:
            self.exclusions.append(Exclusion("", ExclusionReason.INVALID_ROW, row.problem, row=place))
            return
        try:
            said = self._said(plan, row)
            if split:
                said.values.setdefault("source_split", split)
            for one in self._records(named, plan, row, said, twice):
                if isinstance(one, SourceRecord):
                    self.records.append(one)
                    self.record_of[one.image_id] = one
                else:
                    self.exclusions.append(replace(one, row=place))
        except Problem as problem:
            self.exclusions.append(replace(problem.exclusion, row=place))

    def _said(self, plan: _Plan, row: Row) -> _Said:
        assert row.values is not None
        said = _Said()
        _take_row(said, plan, row.number, row.values)
        for table in self.joined:
            key = said.values.get(table.of) or ""
            if table.of == Role.IMAGE_ID and not key:
                key = said.values.get(Role.IMAGE_PATH) or ""
            other = table.row_of(_key(key, table.of))
            if other is not None and other.values is not None:
                _take_row(said, table.plan, other.number, other.values)
        return said

    def _records(
        self, named: NamedTable, plan: _Plan, row: Row, said: _Said, twice: frozenset[str]
    ) -> Iterator[SourceRecord | Exclusion]:
        cells = row.values or ()
        common = self._common(row, said, named.name, plan)
        if not plan.pictures:
            written = said.values.get(Role.IMAGE_ID) or ""
            path = said.values.get(Role.IMAGE_PATH) or written
            image_id = _id_of(written or path, twice)
            if not image_id and not plan.kind.names_images:
                image_id = said.values.get(plan.kind.of) or ""
            yield self._finish(row, said, common, image_id, path, {})
            return
        lesion = common["lesion_id"]
        named_any = False
        for at, picture, columns in plan.pictures:
            path = cells[at].strip()
            if not path:
                continue
            own = dict(picture.constants)
            for planned in columns:
                if (value := planned.read(cells[planned.at]).value) is not None:
                    own[planned.column.to] = value
            image_id = _id_of(path, twice)
            common["lesion_id"] = lesion or f"{named.name}:{row.number}"
            named_any = True
            yield self._finish(row, said, common, image_id, path, own)
        if not named_any:
            raise Problem(ExclusionReason.INVALID_ROW, f"row {row.number}: no image is named")

    def _common(self, row: Row, said: _Said, table: str, plan: _Plan) -> dict[str, Any]:
        """What all images of a row have in common."""
        labels = tuple(said.labels)
        if said.path:
            labels = (PATH.join(said.path), *labels)
        label = labels[0] if labels else ""
        dx = self._class_of(labels)
        if not label and not self.layout.unlabelled:
            raise Problem(ExclusionReason.NO_DIAGNOSIS, f"row {row.number}: no diagnosis", _own_id(said))
        if label:
            self.labels[label] += 1
        if label and dx is None and not self.layout.unclassified:
            detail = f"row {row.number}: {said.asked} {label!r}, expected one of {', '.join(self.taxonomy.codes)}"
            raise Problem(ExclusionReason.UNKNOWN_DIAGNOSIS, detail, _own_id(said))
        patient = said.values.get(Role.PATIENT_ID) or None
        lesion = said.values.get(Role.LESION_ID) or ""
        if lesion and self.layout.lesion_of_patient and patient:
            lesion = f"{patient}_{lesion}"
        values = empty_values() | self.fields
        values |= {k: v for k, v in said.values.items() if k in FIELD_NAMES and v is not None}
        details = self.details | {k: v for k, v in said.values.items() if k in DETAIL_NAMES and v is not None}
        _settle_diameters(values, details)
        dx_type = said.values.get(Role.CONFIRMATION) or None
        if dx_type is None and (
            (said.confirmation and self.layout.strict_confirmation and _is_unknown(said.confirmation))
            or (not self.layout.unconfirmed and plan.confirms)
        ):
            expected = ", ".join(STAGE_OF_DX_TYPE)
            detail = f"row {row.number}: dx_type {said.confirmation!r}, expected one of {expected}"
            raise Problem(ExclusionReason.UNKNOWN_DX_TYPE, detail, _own_id(said))
        histology = said.values.get(Role.HISTOLOGY) or None
        if histology:
            dx_type = "histo"
            if values["histopathology_result"] is None:
                values["histopathology_result"] = self._class_of((histology,)) or histology
        refused = _settle_stage(values, dx or label or None, dx_type, row.number, said.notes)
        return {
            "lesion_id": lesion, "patient_id": patient, "source_label": said.values.get(Role.SOURCE_LABEL) or label, "dx": dx, "dx_type": dx_type,
            "values": values, "details": details, "refused": refused, "row": f"{table} row {row.number}",
        }  # fmt: skip

    def _class_of(self, labels: tuple[str, ...]) -> str | None:
        if labels not in self.classes:
            self.classes[labels] = next((c for text in labels if (c := self._class_of_text(text))), None)
        return self.classes[labels]

    def _class_of_text(self, text: str) -> str | None:
        if self.layout.codes_only:
            return text.lower() if text.lower() in self.taxonomy else None
        return reading_of(text, self.taxonomy).code

    def _finish(
        self, row: Row, said: _Said, common: Mapping[str, Any], image_id: str, path: str, own: Mapping[str, Any]
    ) -> SourceRecord | Exclusion:
        place = f"row {row.number}"
        if not image_id:
            return Exclusion("", ExclusionReason.INVALID_ROW, f"{place}: no image is named")
        quality = common["values"]["image_quality_score"]
        if quality is not None and quality < LOWEST_ACCEPTED_QUALITY:
            detail = f"{place}: image_quality_score {quality}, accepted from {LOWEST_ACCEPTED_QUALITY}"
            return Exclusion(image_id, ExclusionReason.LOW_QUALITY_SCORE, detail)
        shared = dict(common)
        shared["lesion_id"] = shared["lesion_id"] or image_id
        shared["details"] = common["details"] | own
        shared["values"] = dict(common["values"])
        record = SourceRecord(
            image_id=image_id,
            notes=tuple(said.notes),
            further=said.further,
            image_path="" if path == image_id else path,
            **shared,
        )
        if (first := self.record_of.get(image_id)) is not None:
            return repeated_row(record, first, place, _place(first.row))
        return record


def _take_row(said: _Said, plan: _Plan, number: int, cells: Sequence[str]) -> None:
    for planned in plan.columns:
        said.take(number, planned, unescape_cell(cells[planned.at]))
    if plan.kind.one_hot is not None:
        said.labels.append(_one_hot(plan, number, cells))
    for at, name in plan.further:
        text = cells[at].strip()
        if text:
            said.further.setdefault(name, text)


def _one_hot(plan: _Plan, number: int, cells: Sequence[str]) -> str:
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
    raise Problem(ExclusionReason.INVALID_ROW, f"row {number}: expected one 1 and otherwise 0, found {written}")


def _settle_diameters(values: dict[str, Any], details: dict[str, Any]) -> None:
    """The larger of two diameters is the diameter of the lesion."""
    first, second = values["lesion_diameter_mm"], details.get("second_diameter_mm")
    if first is not None and second is not None and second > first:
        values["lesion_diameter_mm"], details["second_diameter_mm"] = second, first


def _settle_stage(
    values: dict[str, Any], dx: str | None, dx_type: str | None, number: int, notes: list[str]
) -> dict[str, Any]:
    """Fill stage and diagnosis from what the row does say; return what is refused: stage 3 without a result."""
    if values["clinical_diagnosis"] is None:
        values["clinical_diagnosis"] = dx
    if values["verification_stage"] is None:
        stage = STAGE_OF_DX_TYPE[dx_type] if dx_type else VerificationStage.INITIAL_ANNOTATION
        values["verification_stage"] = int(stage)
    if dx_type == "histo" and values["histopathology_result"] is None:
        values["histopathology_result"] = dx
    if values["verification_stage"] == VerificationStage.HISTOLOGY and values["histopathology_result"] is None:
        values["verification_stage"] = int(VerificationStage.INITIAL_ANNOTATION)
        notes.append(f"row {number}: stage 3 needs a histopathology_result; recorded as stage 1")
        return {"verification_stage": int(VerificationStage.HISTOLOGY)}
    return {}


def _place(row: str) -> str:
    """Of "metadata.csv row 7" the "row 7"."""
    return f"row {row.rpartition(' row ')[2]}"


def _is_unknown(confirmation: str) -> bool:
    return text_or_none(confirmation) is not None and confirmation.lower() not in CONFIRMATIONS


def _own_id(said: _Said) -> str:
    return clean_image_id(said.values.get(Role.IMAGE_ID) or said.values.get(Role.IMAGE_PATH) or "")


def _id_of(path: str, twice: frozenset[str]) -> str:
    """The name of a file without folders and ending, or with its folders where other files have that name."""
    whole = PurePosixPath(path.replace("\\", "/"))
    stem = clean_image_id(whole.name)
    return stem if stem not in twice else "_".join((*whole.parts[:-1], stem)).strip("/_.")


def _paths(plan: _Plan, table: MetadataTable) -> Iterator[str]:
    columns = [at for at, _, _ in plan.pictures] + [c.at for c in plan.columns if c.column.to in _NAMES_IMAGE]
    for row in table:
        if row.values is not None:
            yield from dict.fromkeys(cell for at in columns if (cell := row.values[at].strip()))


def _names_twice(plan: _Plan, table: MetadataTable) -> frozenset[str]:
    """Names of files that stand in several folders."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in _paths(plan, table):
        whole = PurePosixPath(path.replace("\\", "/"))
        found[clean_image_id(whole.name)].add(str(whole))
    return frozenset(name for name, paths in found.items() if len(paths) > 1)


def _ids(plan: _Plan, table: MetadataTable) -> set[str]:
    at = next((c.at for c in plan.columns if c.column.to == Role.IMAGE_ID), None)
    return {clean_image_id(row.values[at]) for row in table if row.values is not None} if at is not None else set()


def _split(splits: Mapping[str, str], name: str) -> str:
    lower = name.lower()
    return next((split for word, split in splits.items() if word in lower), "")
