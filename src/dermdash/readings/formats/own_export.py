"""Our own form back in: the readings export of a study (``dermdash study export``), or a CSV in the one form."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.borderline import policy_said
from dermdash.readings.formats.clusters import CLUSTER_COLUMNS, clusters_of
from dermdash.readings.formats.diagnosis_classes import taxonomy_of
from dermdash.readings.formats.log_format import LogFormat, of_tables
from dermdash.readings.formats.parsed_log import (
    LogTable,
    ParsedLog,
    Recognition,
    number_cell,
    recognition,
    rows_of,
    single,
    text_cell,
    whole_cell,
    yes_no_cell,
)
from dermdash.readings.readings_table import COLUMN_TYPES, REQUIRED, confidence_weighted_rating
from dermdash.readings.shown_advice import ShownAdvice, shown_advice
from dermdash.readings.spellings import KINDS
from dermdash.records.taxonomy import get_taxonomy
from dermdash.wording import counted

NAME, TITLE = "dermdash", "Readings export of dermdash"
_STUDY_COLUMNS = frozenset(
    {
        "study", "protocol_sha256", "true_advice_dx", "image_id", "verification_stage", "changed",
        "assistance", "model_id", "held_out", "shown_at", "submitted_at", "sent_at", "shown_sha256", "recorded_at",
        "sequence", "reading_id", "hidden_ms", "withdrawn", "amendment", "reader_mark",
    }
)  # fmt: skip
_DERIVED = (
    "The malignancy rating was derived: the confidence level of a reading, positive for a malignant and negative for a "
    "benign diagnosis."
)


def recognises(columns: Sequence[str]) -> Recognition:
    """Whether the columns are of our own form; a column that is not of it makes it another file."""
    found = recognition(NAME, TITLE, columns, REQUIRED, why="columns reader, case, phase, modality, and no foreign one")
    if found.fits and (foreign := sorted(set(columns) - COLUMN_TYPES.keys() - _STUDY_COLUMNS - set(CLUSTER_COLUMNS))):
        return replace(found, foreign=tuple(foreign))
    return found


def read(tables: Sequence[LogTable], *, options: Mapping[str, str]) -> ParsedLog:
    """Read the readings; the case is the image where the file names it. Option: ``taxonomy``."""
    log = single(tables, TITLE)
    rows = rows_of(log)
    columns = [name for name in log.table.columns if name in COLUMN_TYPES]
    frame = pd.DataFrame([_row(number, cells, columns, log) for number, cells in rows], dtype=object)
    if "image_id" in log.table.columns:
        images = [text_cell(cells, "image_id") or text_cell(cells, "case") for _, cells in rows]
        frame["case"] = log.names.column("case", pd.Series(images, index=frame.index, dtype=object))
    frame["cluster"] = clusters_of(cells for _, cells in rows)
    taxonomy = taxonomy_of(frame, options.get("taxonomy"))
    notes = []
    if taxonomy is None and "dx" in frame and frame["dx"].notna().any():
        notes.append("The diagnoses are of no taxonomy that is known here.")
    if taxonomy is not None:
        _add_advice(frame, rows, taxonomy, log)
        # A study that asked for no rating has an empty column.
        if not _has(frame, "malignancy_rating") and _has(frame, "dx") and _has(frame, "confidence"):
            malignant = {c.code: c.is_malignant for c in get_taxonomy(taxonomy).classes}
            frame["malignancy_rating"] = confidence_weighted_rating(frame["dx"].map(malignant), frame["confidence"])
            notes.append(_DERIVED)
    _check_correct(frame, log)
    return ParsedLog(
        frame,
        taxonomy,
        {},
        tuple(notes),
        protocol_sha256=_one_value(log, rows, "protocol_sha256"),
        source=_one_value(log, rows, "study"),
        rating_derived=_DERIVED in notes,
    )


def _has(frame: pd.DataFrame, column: str) -> bool:
    return column in frame and bool(frame[column].notna().any())


def _row(number: int, cells: Mapping[str, str], columns: Sequence[str], log: LogTable) -> dict[str, Any]:
    row: dict[str, Any] = {"row": number}
    for name in columns:
        value = typed_cell(cells, name, name, row=number, source=log.name)
        row[name] = log.names.one(name, value) if name in KINDS and value is not None else value
    return row


def typed_cell(cells: Mapping[str, str], column: str, target: str, *, row: int, source: str) -> Any:
    """A cell of the file as the type of our column: text, finite number, whole number or yes/no; None when empty."""
    kind = COLUMN_TYPES[target]
    if kind == "boolean":
        if "malignant" in target and (side := cells[column].strip().lower()) in ("malignant", "benign"):
            return side == "malignant"
        return yes_no_cell(cells, column, row=row, source=source)
    if kind == "object":
        # "none" is a modality, not a missing one.
        if target == "modality" and cells[column].strip():
            return cells[column].strip()
        return text_cell(cells, column)
    if kind == "Int64":
        return whole_cell(cells, column, row=row, source=source)
    scale: dict[str, float] = {"least": 0, "most": 1} if target in ("advice_probability", "advice_confidence") else {}
    return number_cell(cells, column, row=row, source=source, **scale)


def _add_advice(
    frame: pd.DataFrame, rows: Sequence[tuple[int, Mapping[str, str]]], taxonomy: str, log: LogTable
) -> None:
    if "assistance" not in log.table.columns:
        return
    classes = get_taxonomy(taxonomy)
    classes = classes.counting_borderline_as(policy_said(frame, classes))
    advice = []
    for number, cells in rows:
        try:
            advice.append(shown_advice(text_cell(cells, "assistance"), classes))
        except InvalidInput as error:
            raise InvalidInput(f"{log.name}, row {number}: {error}") from None
    for i, name in enumerate(ShownAdvice._fields):
        if name not in frame:
            frame[name] = pd.Series([a[i] for a in advice], index=frame.index, dtype=object)


def _check_correct(frame: pd.DataFrame, log: LogTable) -> None:
    """A row that calls a wrong diagnosis correct was edited: its numbers cannot be trusted."""
    if not {"dx", "truth_dx", "correct"} <= set(frame.columns):
        return
    known = frame[frame[["dx", "truth_dx", "correct"]].notna().all(axis=1)]
    lying = known[(known["dx"] == known["truth_dx"]) != known["correct"].astype(bool)]
    if len(lying):
        bad = lying.iloc[0]
        raise InvalidInput(
            f"{log.name}, row {bad['row']}: correct is {bad['correct']}, but dx is {bad['dx']} and truth_dx "
            f"{bad['truth_dx']} ({counted(len(lying), 'such row')})"
        )


def _one_value(log: LogTable, rows: Sequence[tuple[int, Mapping[str, str]]], column: str) -> str | None:
    """The value of a column that is the same on every row; two studies in one file are refused."""
    if column not in log.table.columns:
        return None
    first: str | None = None
    for number, cells in rows:
        value = text_cell(cells, column)
        if value is not None and first is not None and value != first:
            raise InvalidInput(
                f"{log.name}, row {number}: {column} is {value!r}, above it is {first!r}: expected one study"
            )
        first = first or value
    return first


FORMAT = LogFormat(
    key=NAME,
    title=TITLE,
    description="What `dermdash study export` writes, or any CSV in the one form.",
    read=of_tables(read),
    recognises=recognises,
    options=("taxonomy",),
)
