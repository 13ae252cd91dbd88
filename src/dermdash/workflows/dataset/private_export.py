"""Records as they may leave: pseudonyms, dates moved per patient, ages in bins, and what leaves unchanged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from dermdash.dataset.source_records import Exclusion, SourceRecord, SourceTable
from dermdash.records.details import FURTHER, FURTHER_PREFIX
from dermdash.records.pseudonyms import Pseudonyms, age_bin, pseudonym_once
from dermdash.storage.pseudonym_key import pseudonyms
from dermdash.storage.workspace import Workspace

AGE, EXAMINER, PATIENT, LESION = "age_at_exam", "examiner_id", "patient_id", "lesion_id"
DATES = ("acquisition_date",)
"""Columns with a date of the patient's, where the workspace has them."""
LEFT_OUT = (FURTHER,)
"""Columns of which nobody knows what they say; they do not leave with pseudonyms."""
FREE_TEXTS = ("clinical_diagnosis", "histopathology_result", "source_label")
"""Columns that leave as they were entered: whoever exports has to read them."""


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


AS_IT_IS = Privacy()
"""Nothing is hidden."""


def hidden(workspace: Workspace, frame: pd.DataFrame, privacy: Privacy) -> pd.DataFrame:
    """Rows of records as the choice says; a copy.

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
    made = pseudonyms(workspace.settings, privacy.key_id)
    frame = frame.drop(columns=[c for c in frame if c in LEFT_OUT or str(c).startswith(FURTHER_PREFIX)])
    _shift_dates(frame, made)  # before the names by which they are shifted are gone
    datasets = frame["dataset_id"].tolist()
    frame[PATIENT] = [_patient(made, *pair) for pair in zip(datasets, frame[PATIENT], strict=True)]
    frame[LESION] = [_lesion(made, *pair) for pair in zip(datasets, frame[LESION], strict=True)]
    frame[EXAMINER] = [_examiner(made, value) for value in frame[EXAMINER]]
    return frame


def _shift_dates(frame: pd.DataFrame, made: Pseudonyms) -> None:
    # Whose dates move together: a patient's, else a lesion's.
    whose = [
        (dataset, str(lesion) if pd.isna(patient) else str(patient))
        for dataset, patient, lesion in zip(frame["dataset_id"], frame[PATIENT], frame[LESION], strict=True)
    ]
    for column in DATES:
        if column in frame:
            values = zip(frame[column], whose, strict=True)
            frame[column] = [_shifted(made, value, *owner) for value, owner in values]


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
    notes = tuple(note for note in table.notes if not note.startswith(tuple(map(_kept_as_further, further))))
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
        notes=tuple(_without_names(made, note, record, dataset_id) for note in record.notes),
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


def _without_names(made: Pseudonyms, words: str, record: SourceRecord, dataset_id: str) -> str:
    """What is said of a row, a name that it quotes replaced; an image id is none of the names that are hidden."""
    examiner = record.values.get(EXAMINER)
    names = {
        record.patient_id: _patient(made, dataset_id, record.patient_id),
        record.lesion_id: _lesion(made, dataset_id, record.lesion_id),
        examiner: _examiner(made, examiner),
    }
    for name, pseudonym in names.items():
        if name and pseudonym and name != record.image_id:
            words = words.replace(repr(name), repr(pseudonym))
    return words
