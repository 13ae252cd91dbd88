"""Records as they may leave: pseudonyms, dates moved per patient, ages in bins, and what leaves unchanged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from dermdash.dataset.source_records import Exclusion, SourceRecord, SourceTable, without_keys
from dermdash.records.details import FURTHER, FURTHER_PREFIX
from dermdash.records.pseudonyms import Pseudonyms, age_bin, pseudonym_once
from dermdash.storage.pseudonym_key import pseudonyms
from dermdash.storage.workspace import Workspace

AGE, EXAMINER, PATIENT, LESION = "age_at_exam", "examiner_id", "patient_id", "lesion_id"
NAMED = (PATIENT, LESION, EXAMINER)
DATES = ("acquisition_date",)
"""Columns with a date of the patient's, where the workspace has them."""
LEFT_OUT = (FURTHER,)
"""Columns of which nobody knows what they say; they do not leave with pseudonyms."""
FREE_TEXTS = ("clinical_diagnosis", "histopathology_result", "source_label")
"""Columns that leave as they were entered: whoever exports has to read them."""
_SUFFIXES = ("", "_1", "_2")
"""Of the columns of one record, and of two that are compared in one row."""
_DATASET_COLUMNS = ("dataset_id", "dataset")
_SHORTEST_WITHIN = 3


@dataclass(frozen=True, slots=True)
class Privacy:
    """What an export hides.

    ``names``: pseudonyms for patients, lesions and examiners, and dates moved per patient. ``age_years``: width of the
    bins of ages; None: ages as they are. ``key_id``: an earlier key than the one in use.
    """

    names: bool = False
    age_years: int | None = None
    key_id: str | None = None

    @property
    def changes(self) -> bool:
        """Whether anything is hidden."""
        return self.names or self.age_years is not None

    @property
    def words(self) -> str:
        """What whoever passes the export on has to know of the names in it."""
        if self.names:
            return (
                "Patients, lesions and examiners have pseudonyms, and dates are moved; image ids and what people wrote "
                "leave as they are."
            )
        return "Ids of patients, lesions and examiners, and dates, leave as they are in the workspace."


AS_IT_IS = Privacy()
"""Nothing is hidden."""


@dataclass(frozen=True, slots=True)
class HiddenNames:
    """What stands in place of names and dates, for every export in the same way.

    ``people``: examiners who have a name of their own in this export, by their id, and keep it.
    """

    made: Pseudonyms
    people: Mapping[str, str]

    @classmethod
    def of(cls, workspace: Workspace, privacy: Privacy, people: Mapping[str, str] | None = None) -> HiddenNames:
        """The pseudonyms of the key that the choice names.

        Raises
        ------
        InvalidInput
            A key that there is not.
        """
        return cls(pseudonyms(workspace.settings, privacy.key_id), people or {})

    def name(self, field: str, value: Any, dataset_id: str) -> str | None:
        """The pseudonym of what stands in one of the fields `NAMED`; None where nothing does."""
        if pd.isna(value):
            return None
        if field == PATIENT:
            return _patient(self.made, dataset_id, value)
        if field == LESION:
            return _lesion(self.made, dataset_id, value)
        return self.people.get(str(value)) or _examiner(self.made, value)

    def date(self, value: Any, dataset_id: str, patient_id: Any, lesion_id: Any) -> str | None:
        """A date, moved as all of its patient are; of whoever has no patient id as all of the lesion."""
        owner = str(lesion_id) if pd.isna(patient_id) else str(patient_id)
        return _shifted(self.made, value, dataset_id, owner)


def hidden(
    workspace: Workspace, frame: pd.DataFrame, privacy: Privacy, *, people: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Rows about records as the choice says; a copy.

    Parameters
    ----------
    frame
        With a column ``dataset_id`` or ``dataset``, and any of the columns of a record; of two records in one row
        those of each end with ``_1`` and ``_2``.
    people
        As in `HiddenNames`.

    Raises
    ------
    InvalidInput
        A width of bins that is not offered, a key that there is not.
    """
    frame = frame.copy()
    if privacy.age_years is not None and AGE in frame:
        width = privacy.age_years
        frame[AGE] = [None if pd.isna(age) else age_bin(float(age), width) for age in frame[AGE]]
    if not privacy.names:
        return frame
    names = HiddenNames.of(workspace, privacy, people)
    frame = frame.drop(columns=[c for c in frame if c in LEFT_OUT or str(c).startswith(FURTHER_PREFIX)])
    for suffix in _SUFFIXES:
        _hide(names, frame, suffix)
    return frame


def _hide(names: HiddenNames, frame: pd.DataFrame, suffix: str) -> None:
    present = [field for field in (*NAMED, *DATES) if f"{field}{suffix}" in frame]
    if not present:
        return
    datasets = frame[next(f"{c}{suffix}" for c in _DATASET_COLUMNS if f"{c}{suffix}" in frame)].tolist()
    none = [None] * len(frame)
    patients, lesions = (
        frame[f"{field}{suffix}"].tolist() if field in present else none for field in (PATIENT, LESION)
    )
    for field in present:
        rows = zip(frame[f"{field}{suffix}"].tolist(), datasets, patients, lesions, strict=True)
        frame[f"{field}{suffix}"] = [
            names.date(value, *owner) if field in DATES else names.name(field, value, owner[0])
            for value, *owner in rows
        ]


def _shifted(made: Pseudonyms, value: Any, dataset_id: str, patient_id: str) -> str | None:
    try:
        return made.shifted(date.fromisoformat(str(value)[:10]), dataset_id, patient_id).isoformat()
    except ValueError:
        return None  # what is no date cannot be moved, and must not leave as it is


def _patient(made: Pseudonyms, dataset_id: str, value: Any) -> str | None:
    return None if pd.isna(value) else pseudonym_once(str(value), lambda v: made.patient(dataset_id, v))


def _lesion(made: Pseudonyms, dataset_id: str, value: Any) -> str | None:
    return None if pd.isna(value) else pseudonym_once(str(value), lambda v: made.lesion(dataset_id, v))


def _examiner(made: Pseudonyms, value: Any) -> str | None:
    return None if pd.isna(value) else pseudonym_once(str(value), made.examiner)


def with_pseudonyms(workspace: Workspace, table: SourceTable, dataset_id: str) -> SourceTable:
    """A table to import, its patients, lesions and examiners under pseudonyms and its dates moved, before anything is
    stored: of records, and of rows that were left out and are told beside them.

    Further columns, of which nobody knows what they say, are not taken over; a note names them. Image ids, paths and
    what people wrote stay as they are.
    """
    made = pseudonyms(workspace.settings)
    exclusions = [_excluded_with_pseudonyms(made, exclusion, dataset_id) for exclusion in table.exclusions]
    further = sorted({name for record in table.records for name in record.further})
    notes = tuple(
        without_keys(note) for note in table.notes if not note.startswith(tuple(map(_kept_as_further, further)))
    )
    if further:
        notes += (f"with pseudonyms further columns are not stored: {', '.join(map(repr, further))}",)
    return replace(
        table,
        records=tuple(_record_with_pseudonyms(made, record, dataset_id) for record in table.records),
        exclusions=tuple(exclusions),
        notes=notes,
    )


def _kept_as_further(name: str) -> str:
    return f"column {name!r} is kept as a further column"


def _record_with_pseudonyms(made: Pseudonyms, record: SourceRecord, dataset_id: str) -> SourceRecord:
    owner = record.patient_id or record.lesion_id
    details = {
        name: _shifted(made, value, dataset_id, owner) if name in DATES and value is not None else value
        for name, value in record.details.items()
    }
    examiner = record.values.get(EXAMINER)
    return replace(
        record,
        patient_id=_patient(made, dataset_id, record.patient_id),
        lesion_id=pseudonym_once(record.lesion_id, lambda v: made.lesion(dataset_id, v)),
        values={**record.values, EXAMINER: _examiner(made, examiner)},
        details=details,
        further={},
        notes=tuple(_without_values(note) for note in record.notes),
    )


def _excluded_with_pseudonyms(made: Pseudonyms, exclusion: Exclusion, dataset_id: str) -> Exclusion:
    record = exclusion.record
    if record is None:
        return exclusion
    return replace(
        exclusion,
        detail=_without_names(made, exclusion.detail, record, dataset_id),
        record=_record_with_pseudonyms(made, record, dataset_id),
    )


_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_KEPT_TEXT = "its text is kept"
"""Of a value that could not be read and stays as a further column, which no import with pseudonyms has."""


def _without_values(note: str) -> str:
    """What is said of a field of a row, without what stands there: it may be a name, or a date that nothing moved."""
    return _QUOTED.sub("'…'", note).replace(_KEPT_TEXT, f"with pseudonyms {_KEPT_TEXT.replace('is', 'is not')}")


def _without_names(made: Pseudonyms, words: str, record: SourceRecord, dataset_id: str) -> str:
    """What is said of a row, a name that it quotes replaced; an image id is none of the names that are hidden."""
    examiner = record.values.get(EXAMINER)
    names = {
        record.patient_id: _patient(made, dataset_id, record.patient_id),
        record.lesion_id: _lesion(made, dataset_id, record.lesion_id),
        examiner: _examiner(made, examiner),
    }
    said = {name: put for name, put in names.items() if name and put and name != record.image_id}

    def told(quoted: re.Match[str]) -> str:
        text = quoted.group()[1:-1]
        for name, put in said.items():
            # Within longer words as well, where the name is no single letter or digit.
            text = put if text == name else text.replace(name, put) if len(name) >= _SHORTEST_WITHIN else text
        return f"'{text}'"

    return _QUOTED.sub(told, words)
