"""Any CSV of readings, by a mapping of its columns onto ours.

The mapping is flat text to text:

- ``<column of the file>`` to one of our columns, or in the wide form (a row per pair) to one of the answers with
  ``_unaided`` or ``_aided``; ``client_s`` is a time in seconds.
- ``<our column>:<value in the file>`` to the value it means here; ``<our column>:*`` fills empty cells, and the whole
  column where the file has none.
- ``scale:<our column>`` to ``low-high``: what lies outside is refused.
- ``taxonomy`` to the taxonomy of the diagnoses, where it cannot be told from them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.formats.crossover import one_session_per_modality
from dermdash.readings.formats.diagnosis_classes import as_codes, taxonomy_of
from dermdash.readings.formats.log_format import LogFormat, of_tables
from dermdash.readings.formats.names import UNAIDED_NAMES, modality_name, profession_name
from dermdash.readings.formats.own_export import typed_cell
from dermdash.readings.formats.parsed_log import LogTable, ParsedLog, number_cell, rows_of, single, unused_columns
from dermdash.readings.modality import Modality, Phase
from dermdash.readings.pairs import ANSWERS
from dermdash.readings.readings_table import COLUMN_TYPES
from dermdash.records.alike_names import composed
from dermdash.records.csv_table import MISSING_WORDS, clean_image_id

NAME, TITLE = "mapped-csv", "CSV with a mapping of its columns"
SECONDS = "client_s"
OPTIONS = frozenset({"taxonomy", "phase", "nevus_but_excise"})
"""Keys that are about the log as a whole and no column."""
WIDE = tuple(f"{name}_{phase}" for name in (*ANSWERS, SECONDS) for phase in Phase)
TARGETS = (*COLUMN_TYPES, SECONDS, *WIDE)
"""What a column of a file can be."""
_SCALE = re.compile(r"\s*(-?\d+(?:[.,]\d+)?)\s*(?:-|to|\.\.)\s*(-?\d+(?:[.,]\d+)?)\s*")
_PHASES = {
    **dict.fromkeys((*UNAIDED_NAMES, "before", "pre", "first", "initial", "0"), Phase.UNAIDED.value),
    **dict.fromkeys(("aided", "after", "post", "second", "final", "with", "with ai", "1"), Phase.AIDED.value),
}
_NOTHING_ANSWERED = "no answer in the phase"
_ABOUT_ADVICE = (
    "advice_dx",
    "advice_malignant",
    "advice_probability",
    "advice_correct",
    "advice_faulty",
    "advice_confidence",
)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A mapping, taken apart."""

    columns: dict[str, str]
    values: dict[tuple[str, str], str]
    defaults: dict[str, str]
    scales: dict[str, tuple[float, float]]
    taxonomy: str | None


def maps_columns(mapping: Mapping[str, str]) -> bool:
    """Whether a mapping names columns of a file, and not only options and values."""
    return any(not _is_option(key) for key in mapping)


def _is_option(key: str) -> bool:
    before, colon, _ = key.partition(":")
    return key in OPTIONS or (bool(colon) and (before in COLUMN_TYPES or before == "scale"))


def parse_mapping(mapping: Mapping[str, str], columns: Sequence[str], *, source: str) -> ColumnMapping:
    """Take a mapping apart against the columns of the file.

    Raises
    ------
    InvalidInput
        A column the file does not have, a target that is none of ``TARGETS``, two columns for one target, or a scale
        that is none.
    MissingColumns
        Nothing is said of reader, case, phase or modality.
    """
    found: dict[str, str] = {}
    values: dict[tuple[str, str], str] = {}
    defaults: dict[str, str] = {}
    scales: dict[str, tuple[float, float]] = {}
    for key, target in mapping.items():
        column = composed(key.strip().lower())
        if column in columns:
            if target not in TARGETS:
                raise InvalidInput(f"the mapping makes {key!r} {target!r}: expected one of {', '.join(TARGETS)}")
            if target in found:
                raise InvalidInput(f"the mapping makes both {found[target]!r} and {column!r} {target}: keep one")
            found[target] = column
        elif key in OPTIONS:
            continue
        elif _is_option(key):
            name, _, value = key.partition(":")
            if name == "scale":
                scales[value.strip()] = _scale(value.strip(), target)
            elif value.strip() == "*":
                defaults[name] = target
            else:
                values[name, value.strip().lower()] = target
        else:
            raise InvalidInput(f"{source} has no column {key!r}, which the mapping names. Found: {', '.join(columns)}")
    wide = any(target in WIDE for target in found)
    needed = ("reader", "case", "modality") if wide else ("reader", "case", "phase", "modality")
    if missing := [name for name in needed if name not in found and name not in defaults]:
        raise MissingColumns(
            f"{source}: the mapping says nothing of {', '.join(missing)}. Name a column for each, or one value for all "
            f"rows ({missing[0]}:*=...). Columns of the file: {', '.join(columns)}"
        )
    if wide and (both := sorted({t.rpartition("_")[0] for t in found if t in WIDE} & set(found))):
        raise InvalidInput(f"the mapping has {both[0]} for both phases and for one: keep either")
    return ColumnMapping(found, values, defaults, scales, mapping.get("taxonomy"))


def _scale(column: str, text: str) -> tuple[float, float]:
    match = _SCALE.fullmatch(text)
    bounds = tuple(float(part.replace(",", ".")) for part in match.groups()) if match else (1.0, 0.0)
    if column not in COLUMN_TYPES or bounds[0] >= bounds[1]:
        raise InvalidInput(f"the mapping has the scale {text!r} for {column!r}: expected for example 1-5")
    return bounds[0], bounds[1]


def read(tables: Sequence[LogTable], *, options: Mapping[str, str]) -> ParsedLog:
    """Read a CSV by its mapping, in the long form (a row per reading) or the wide one (a row per pair)."""
    log = single(tables, TITLE)
    mapping = parse_mapping(options, log.table.columns, source=log.name)
    wide = any(target in WIDE for target in mapping.columns)
    rows: list[dict[str, Any]] = []
    empty = 0
    for number, cells in rows_of(log):
        for row in _pair(number, cells, mapping, log) if wide else [_reading(number, cells, mapping, log, "")]:
            if wide and all(row.get(name) is None for name in ANSWERS):
                empty += 1
                continue
            rows.append(row)
    if not rows:
        raise InvalidInput(f"{log.name}: no row holds an answer")
    frame = pd.DataFrame(rows, dtype=object)
    frame = as_codes(frame, mapping.taxonomy)
    taxonomy = taxonomy_of(frame, mapping.taxonomy)
    frame, note = _with_modality_of_pair(frame)
    notes = [note, *unused_columns([log], mapping.columns.values())]
    if taxonomy is None and "dx" in frame and frame["dx"].notna().any():
        notes.append("The diagnoses are of no taxonomy that is known here; correct is what they say of each other.")
    excluded = {_NOTHING_ANSWERED: empty} if empty else {}
    return ParsedLog(frame, taxonomy, excluded, tuple(n for n in notes if n))


def _pair(number: int, cells: Mapping[str, str], mapping: ColumnMapping, log: LogTable) -> list[dict[str, Any]]:
    rows = []
    for phase in Phase:
        row = _reading(number, cells, mapping, log, f"_{phase}") | {"phase": phase.value}
        if phase is Phase.UNAIDED:
            row |= dict.fromkeys(name for name in _ABOUT_ADVICE if name in row)
        rows.append(row)
    if rows[0]["modality"] == Modality.NONE:
        return rows[:1]
    return rows


def _reading(
    number: int, cells: Mapping[str, str], mapping: ColumnMapping, log: LogTable, suffix: str
) -> dict[str, Any]:
    row: dict[str, Any] = {"row": number}
    for target, column in mapping.columns.items():
        name = target
        if target in WIDE:
            name, _, phase = target.rpartition("_")
            if f"_{phase}" != suffix:
                continue
        value = _value(number, cells, column, name, mapping, log)
        row["client_ms" if name == SECONDS else name] = log.names.one(name, value) if _is_name(name, value) else value
    for name in mapping.defaults.keys() - row.keys():
        row[name] = _value(number, {name: ""}, name, name, mapping, log)
    return row


def _is_name(name: str, value: Any) -> bool:
    """Whether a value is one of the names that rows are put together by; diagnoses are first brought into codes."""
    return value is not None and name in ("reader", "case", "session", "arm", "modality")


def _value(number: int, cells: Mapping[str, str], column: str, name: str, mapping: ColumnMapping, log: LogTable) -> Any:
    if name == SECONDS:
        seconds = number_cell(cells, column, row=number, source=log.name, least=0)
        return None if seconds is None else 1000 * seconds
    written = cells[column].strip()
    meant = mapping.values.get((name, written.lower()), written)
    if meant.lower() in MISSING_WORDS - {"none"} and name in mapping.defaults:
        meant = mapping.defaults[name]
    if name == "modality":
        return modality_name(meant) if meant else None
    if name == "phase":
        phase = meant.lower() if meant.lower() in set(Phase) else _PHASES.get(meant.lower())
        if phase is None:
            raise InvalidInput(
                f"{log.name}, row {number}: {column} is {written!r}: say which phase it is, phase:{written}=unaided or "
                f"phase:{written}=aided"
            )
        return phase
    value = typed_cell({column: meant}, column, name, row=number, source=log.name)
    if value is not None and name in mapping.scales and not mapping.scales[name][0] <= value <= mapping.scales[name][1]:
        low, high = mapping.scales[name]
        raise InvalidInput(
            f"{log.name}, row {number}: {column} is {written!r}, outside its scale from {low:g} to {high:g}"
        )
    if name == "profession":
        return profession_name(value)
    return clean_image_id(value) if name == "case" and value is not None else value


def _with_modality_of_pair(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Say on unaided rows what was shown afterwards, where the file says it on the aided row only."""
    before = frame["phase"] == Phase.UNAIDED
    if not (before & (frame["modality"] == Modality.NONE)).any() or before.all():
        return frame, ""
    if "session" not in frame:
        return one_session_per_modality(frame)
    key = [name for name in ("reader", "session", "case", "repeat") if name in frame]
    after = frame[~before].drop_duplicates(key).set_index(key)["modality"]
    shown = pd.Series(after.reindex(pd.MultiIndex.from_frame(frame[key])).to_numpy(), index=frame.index)
    bare = before & (frame["modality"] == Modality.NONE) & shown.notna()
    return frame.assign(modality=frame["modality"].where(~bare, shown)), ""


FORMAT = LogFormat(
    key=NAME,
    title=TITLE,
    description="Any table with a row per reading or per pair, with a mapping that says what its columns mean.",
    read=of_tables(read),
    needs_mapping=True,
)
