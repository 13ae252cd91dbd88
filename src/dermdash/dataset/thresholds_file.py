"""Thresholds in a file: a JSON object ``{"mel": 0.12, ...}``, or CSV with the columns ``code,threshold``.

The JSON of an evaluation serves too: its classes carry the thresholds that were used.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.records.csv_table import MetadataTable, number_or_none, read_table, require_columns
from dermdash.records.taxonomy import BorderlinePolicy


@dataclass(frozen=True, slots=True)
class ThresholdsFile:
    """Class code (or ``malignancy``) to threshold, and what was skipped, in sentences.

    ``borderline``: what borderline classes counted as, where the file says it, as the JSON of an evaluation does.
    """

    thresholds: dict[str, float]
    notes: tuple[str, ...] = ()
    borderline: BorderlinePolicy | None = None


def read_thresholds(path: Path) -> ThresholdsFile:
    """Read class code (or ``malignancy``) to threshold.

    Raises
    ------
    InvalidInput
        No such file, neither JSON nor CSV of the expected form, a threshold that is no number from 0 to 1, or a code
        twice.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"the thresholds file {path} cannot be read: {error.strerror}") from error
    notes: tuple[str, ...] = ()
    borderline = None
    if data.lstrip()[:1] in (b"{", b"["):
        found = _json(data)
        pairs, borderline = _of_json(found), _policy(found)
    else:
        table = read_table(data, file_kind="thresholds file")
        pairs, notes = _of_csv(table), table.notes
    thresholds: dict[str, float] = {}
    for code, value in pairs:
        if code in thresholds:
            raise InvalidInput(f"the thresholds file has {code!r} twice")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise InvalidInput(f"the threshold of {code!r} is {value!r}: expected a number from 0 to 1")
        thresholds[code] = float(value)
    if not thresholds:
        raise InvalidInput("the thresholds file names no threshold")
    return ThresholdsFile(thresholds, notes, borderline)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the thresholds file is not JSON: {error}") from error


def _policy(found: Any) -> BorderlinePolicy | None:
    settings = found.get("settings") if isinstance(found, dict) else None
    said = settings.get("borderline") if isinstance(settings, dict) else None
    return BorderlinePolicy(said) if said in set(BorderlinePolicy) else None


def _of_json(found: Any) -> list[tuple[str, Any]]:
    if isinstance(found, dict) and isinstance(found.get("classes"), list):
        rows = [*found["classes"], found.get("malignancy")]
        return [
            (str(row["code"]), row["threshold"])
            for row in rows
            if isinstance(row, dict) and row.get("code") and row.get("threshold") is not None
        ]
    if not isinstance(found, dict):
        raise InvalidInput('the thresholds file holds no JSON object: expected {"mel": 0.12, ...}')
    return [(str(code), value) for code, value in found.items()]


def _of_csv(table: MetadataTable) -> list[tuple[str, Any]]:
    require_columns(table, ("code", "threshold"), file_kind="The thresholds file")
    pairs = []
    for row in table:
        if row.cells is None:
            raise InvalidInput(f"the thresholds file cannot be used: {row.problem}")
        value = number_or_none(row.cells["threshold"])
        pairs.append((row.cells["code"].strip(), math.nan if value is None else value))
    return pairs
