"""The engine: tables read by a layout, every row of the first of them to records or to an exclusion."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dermdash.dataset.formats.cell_words import CONFIRMATIONS
from dermdash.dataset.formats.diagnoses import PATH, classes_elsewhere, reading_of
from dermdash.dataset.formats.joined_table import Joins
from dermdash.dataset.formats.layout import ColumnRole, Layout
from dermdash.dataset.formats.row_says import RowSays, UnusableRow, take_row
from dermdash.dataset.formats.table_plan import (
    NamedTable,
    TablePlan,
    image_id_of,
    image_ids,
    names_in_several_folders,
)
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable, repeated_row
from dermdash.records.csv_table import Row, text_or_none
from dermdash.records.details import DETAIL_NAMES
from dermdash.records.diagnosis_words import Decision
from dermdash.records.fields import FIELD_NAMES, empty_values
from dermdash.records.quality_score import LOWEST_ACCEPTED
from dermdash.records.taxonomy import Taxonomy
from dermdash.records.verification_stage import STAGE_OF_DX_TYPE, VerificationStage
from dermdash.wording import counted

_LISTED = 50
_SHARED = 100_000
_FIELDS, _DETAILS = frozenset(FIELD_NAMES), frozenset(DETAIL_NAMES)


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
    of_images = [t for t in tables if t.kind.kind == first]
    joins = Joins(of_images, [t for t in tables if t.kind.kind != first], within_patient=layout.lesion_of_patient)
    return _LayoutReader(layout, of_images, joins, taxonomy).read()


class _LayoutReader:
    def __init__(self, layout: Layout, first: Sequence[NamedTable], joins: Joins, taxonomy: Taxonomy) -> None:
        self.layout, self.first, self.joins, self.taxonomy = layout, first, joins, taxonomy
        self.fields = empty_values() | {k: v for k, v in layout.constants.items() if k in _FIELDS}
        self.details = {k: v for k, v in layout.constants.items() if k in _DETAILS}
        self.shared: dict[tuple[Any, ...], dict[str, Any]] = {}
        self.record_of: dict[str, SourceRecord] = {}
        self.labels: Counter[str] = Counter()
        self.classes: dict[tuple[str, ...], str | None] = {}
        self.elsewhere: dict[str, str] = {}
        self.words: dict[tuple[str, ...], str | None] = {}
        self.records: list[SourceRecord] = []
        self.exclusions: list[Exclusion] = []
        self.notes: list[str] = []

    def read(self) -> SourceTable:
        planned = [(named, TablePlan(named.kind, named.table)) for named in self.first]
        twice = names_in_several_folders((plan, named.table) for named, plan in planned)
        for named, plan in planned:
            own = {r.image_id for r in self.records}
            self.notes += named.table.notes
            if own and (here := image_ids(plan, named.table)) and here <= own:
                self.notes.append(f"{named.name} repeats rows of {self.first[0].name} and was not read")
                continue
            split = _split(self.layout.splits, named.name)
            for row in named.table:
                self._read_row(named, plan, row, twice, split)
        for table in self.joins.tables:
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

    def _read_row(self, named: NamedTable, plan: TablePlan, row: Row, twice: frozenset[str], split: str) -> None:
        place = f"{named.name} row {row.number}"
        if row.values is None:
            about = image_id_of(row.about, twice)
            self.exclusions.append(Exclusion(about, ExclusionReason.INVALID_ROW, row.problem, row=place))
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
        except UnusableRow as problem:
            self.exclusions.append(replace(problem.exclusion, row=place))

    def _said(self, plan: TablePlan, row: Row) -> RowSays:
        assert row.values is not None
        said = RowSays()
        take_row(said, plan, f"row {row.number}", row.values)
        self.joins.take(said)
        return said

    def _records(
        self, named: NamedTable, plan: TablePlan, row: Row, said: RowSays, twice: frozenset[str]
    ) -> Iterator[SourceRecord | Exclusion]:
        cells = row.values or ()
        common = self._common(row, said, named.name, plan)
        if not plan.pictures:
            written = said.values.get(ColumnRole.IMAGE_ID) or ""
            path = said.values.get(ColumnRole.IMAGE_PATH) or written
            image_id = image_id_of(written or path, twice)
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
            image_id = image_id_of(path, twice)
            common["lesion_id"] = lesion or f"{named.name}:{row.number}"
            named_any = True
            yield self._finish(row, said, common, image_id, path, own)
        if not named_any:
            raise UnusableRow(ExclusionReason.INVALID_ROW, f"row {row.number}: no image is named")

    def _common(self, row: Row, said: RowSays, table: str, plan: TablePlan) -> dict[str, Any]:
        """What all images of a row have in common."""
        labels = tuple(said.labels)
        if said.path:
            labels = (PATH.join(said.path), *labels)
        label = labels[0] if labels else ""
        dx = self._class_of(labels)
        if not label and not self.layout.unlabelled:
            raise UnusableRow(ExclusionReason.NO_DIAGNOSIS, f"row {row.number}: no diagnosis", said.image_id)
        if label:
            self.labels[label] += 1
        if label and dx is None and not self.layout.unclassified:
            if label not in self.elsewhere:
                self.elsewhere[label] = classes_elsewhere(label, self.taxonomy)
            expected = f"expected one of {', '.join(self.taxonomy.codes)}{self.elsewhere[label]}"
            detail = f"row {row.number}: {said.asked} {label!r}, {expected}"
            raise UnusableRow(ExclusionReason.UNKNOWN_DIAGNOSIS, detail, said.image_id)
        patient = said.values.get(ColumnRole.PATIENT_ID) or None
        lesion = said.values.get(ColumnRole.LESION_ID) or ""
        if lesion and self.layout.lesion_of_patient and patient:
            lesion = f"{patient}_{lesion}"
        values, details = dict(self.fields), dict(self.details)
        for name, value in said.values.items():
            if value is not None:
                if name in _FIELDS:
                    values[name] = value
                elif name in _DETAILS:
                    details[name] = value
        _settle_diameters(values, details)
        if "skin_tone" not in details:
            details.pop("skin_tone_scale", None)  # which scale it would be on says nothing by itself
        dx_type = said.values.get(ColumnRole.CONFIRMATION) or None
        if dx_type is None and (
            (said.confirmation and self.layout.strict_confirmation and _is_unknown(said.confirmation))
            or (not self.layout.unconfirmed and plan.confirms)
        ):
            expected = ", ".join(STAGE_OF_DX_TYPE)
            detail = f"row {row.number}: dx_type {said.confirmation!r}, expected one of {expected}"
            raise UnusableRow(ExclusionReason.UNKNOWN_DX_TYPE, detail, said.image_id)
        histology = said.values.get(ColumnRole.HISTOLOGY) or None
        if histology:
            dx_type = "histo"
            if values["histopathology_result"] is None:
                values["histopathology_result"] = self._class_of((histology,)) or histology
        refused = _settle_stage(values, dx or self._in_words(labels), dx_type, row.number, said.notes)
        return {
            "lesion_id": lesion,
            "patient_id": patient,
            "source_label": said.values.get(ColumnRole.SOURCE_LABEL) or label or said.unsaid,
            "dx": dx,
            "dx_type": dx_type,
            "values": values,
            "details": details,
            "refused": refused,
            "row": f"{table} row {row.number}",
        }

    def _once(self, said: dict[str, Any]) -> dict[str, Any]:
        """The same mapping for all rows that say the same: a million records of their own would be a gigabyte."""
        try:
            key = tuple(said.items())
            found = self.shared.get(key)
        except TypeError:  # a list
            return said
        if found is None and len(self.shared) < _SHARED:
            self.shared[key] = said
        return found or said

    def _class_of(self, labels: tuple[str, ...]) -> str | None:
        if labels not in self.classes:
            self.classes[labels] = next((c for text in labels if (c := self._class_of_text(text))), None)
        return self.classes[labels]

    def _in_words(self, labels: tuple[str, ...]) -> str | None:
        """The first label that says a diagnosis, as the source wrote it; "unknown" and "other" say none."""
        if labels not in self.words:
            self.words[labels] = next((t for t in labels if t and self._says_something(t)), None)
        return self.words[labels]

    def _says_something(self, text: str) -> bool:
        return self.layout.codes_only or reading_of(text, self.taxonomy).decision is not Decision.EMPTY

    def _class_of_text(self, text: str) -> str | None:
        if self.layout.codes_only:
            return text.lower() if text.lower() in self.taxonomy else None
        return reading_of(text, self.taxonomy).code

    def _finish(
        self, row: Row, said: RowSays, common: Mapping[str, Any], image_id: str, path: str, own: Mapping[str, Any]
    ) -> SourceRecord | Exclusion:
        place = f"row {row.number}"
        if not image_id:
            return Exclusion("", ExclusionReason.INVALID_ROW, f"{place}: no image is named")
        quality = said.quality
        if quality is not None and quality < LOWEST_ACCEPTED:
            detail = f"{place}: image_quality_score {quality:g}, accepted from {LOWEST_ACCEPTED}"
            return Exclusion(image_id, ExclusionReason.LOW_QUALITY_SCORE, detail)
        details = common["details"] | own if own else common["details"]
        said_of_image = dict(common)
        said_of_image["lesion_id"] = common["lesion_id"] or image_id
        said_of_image["values"] = self._once(common["values"])
        said_of_image["details"] = self._once(details)
        record = SourceRecord(
            image_id=image_id,
            notes=tuple(said.notes),
            further=self._once(said.further),
            image_path="" if path == image_id else path,
            **said_of_image,
        )
        if (first := self.record_of.get(image_id)) is not None:
            return repeated_row(record, first, place, _place(first.row))
        return record


def _settle_diameters(values: dict[str, Any], details: dict[str, Any]) -> None:
    """The larger of two diameters is the diameter of the lesion."""
    first, second = values["lesion_diameter_mm"], details.get("second_diameter_mm")
    if first is not None and second is not None and second > first:
        values["lesion_diameter_mm"], details["second_diameter_mm"] = second, first


def _settle_stage(
    values: dict[str, Any], dx: str | None, dx_type: str | None, number: int, notes: list[str]
) -> dict[str, Any]:
    """Fill stage and diagnosis from what the row does say; return what is refused: stage 3 without a result.

    A row without a diagnosis is at no stage: there is nothing that was confirmed.
    """
    if values["clinical_diagnosis"] is None:
        values["clinical_diagnosis"] = dx
    labelled = values["clinical_diagnosis"] is not None or values["histopathology_result"] is not None
    if values["verification_stage"] is None and (labelled or dx_type):
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


def _split(splits: Mapping[str, str], name: str) -> str:
    lower = name.lower()
    return next((split for word, split in splits.items() if word in lower), "")
