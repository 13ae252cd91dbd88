"""All readings of a study as one table, one row per reading; practice is left out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dermdash.errors import MissingColumns
from dermdash.reader_study.assistance import advice_correct, advice_dx
from dermdash.reader_study.profile import experience_group
from dermdash.reader_study.protocol import Modality, Phase
from dermdash.reader_study.reading_columns import READING_COLUMN_NAMES
from dermdash.records.taxonomy import Taxonomy

READING_INPUT = (
    "id", "reader_id", "assignment_id", "case_id", "practice", "phase", "modality", "dx", "confidence",
    "management", "assistance", "client_ms", "shown_at", "submitted_at", "recorded_at",
)  # fmt: skip
ASSIGNMENT_INPUT = ("id", "position")
CASE_INPUT = ("id", "round", "image_id", "lesion_id", "truth_dx", "verification_stage", "held_out")
READER_INPUT = (
    "id", "profession", "years_experience", "age_group", "gender", "country", "simulated",
)  # fmt: skip
_NUMBER_TYPES = dict.fromkeys(
    ("round", "position", "verification_stage", "confidence", "years_experience"), "Int64"
) | {"client_ms": "Float64"}


def build_readings_table(
    *,
    readings: pd.DataFrame,
    assignments: pd.DataFrame,
    cases: pd.DataFrame,
    readers: pd.DataFrame,
    study_name: str,
    protocol_sha256: str,
    model_id: str | None,
    taxonomy: Taxonomy,
) -> pd.DataFrame:
    """Join what is stored to the columns of `READING_COLUMNS`.

    Parameters
    ----------
    readings, assignments, cases, readers
        Tables with at least the columns of ``READING_INPUT``, ``ASSIGNMENT_INPUT``, ``CASE_INPUT`` (study
        cases joined with their record) and ``READER_INPUT`` (readers joined with their profile; a reader's id is
        already pseudonymous). ``assistance`` is the stored payload, as dict or JSON text.

    Returns
    -------
    DataFrame
        One row per reading that is not practice, ordered by reader, position and phase (unaided first).

    Raises
    ------
    MissingColumns
        A table lacks a column; both are named.
    """
    _check_columns("readings", readings, READING_INPUT)
    _check_columns("assignments", assignments, ASSIGNMENT_INPUT)
    _check_columns("cases", cases, CASE_INPUT)
    _check_columns("readers", readers, READER_INPUT)
    positions = {row["id"]: row["position"] for row in _rows(assignments)}
    case_of = {row["id"]: row for row in _rows(cases)}
    reader_of = {row["id"]: row for row in _rows(readers)}
    stored = [row for row in _rows(readings) if not row["practice"]]
    unaided = {(row["reader_id"], row["case_id"]): row["dx"] for row in stored if row["phase"] == Phase.UNAIDED}
    rows: list[dict[str, Any]] = []
    for row in stored:
        rows.append(
            _reading_part(row, truth=case_of[row["case_id"]], unaided=unaided, taxonomy=taxonomy)
            | _reader_part(reader_of[row["reader_id"]])
            | {
                "study": study_name,
                "protocol_sha256": protocol_sha256,
                "position": int(positions[row["assignment_id"]]),
                "model_id": model_id if _shows_model(row) else None,
            }
        )
    # Nullable types keep whole numbers whole beside empty cells; pandas' own would write 3.0.
    table = pd.DataFrame(rows, columns=list(READING_COLUMN_NAMES), dtype=object).astype(_NUMBER_TYPES)
    first_unaided = table["phase"].map({Phase.UNAIDED.value: 0, Phase.AIDED.value: 1})
    return (
        table.assign(_phase=first_unaided)
        .sort_values(["reader", "round", "position", "_phase"], kind="stable")
        .drop(columns="_phase")
        .reset_index(drop=True)
    )


def paired_frame(table: pd.DataFrame) -> pd.DataFrame:
    """Reduce a readings table to ``reader, case, modality, phase, correct, experience_group`` for analysis.

    The modalities that pair an unaided with an aided answer are kept; readings without assistance are not.
    """
    kept = table[table["modality"] != Modality.NONE.value]
    columns: Sequence[str] = ["reader", "case", "modality", "phase", "correct", "experience_group"]
    return kept[list(columns)].assign(correct=kept["correct"].astype(bool)).reset_index(drop=True)


def _reading_part(
    row: Mapping[str, Any],
    *,
    truth: Mapping[str, Any],
    unaided: Mapping[tuple[str, str], str],
    taxonomy: Taxonomy,
) -> dict[str, Any]:
    aided = row["phase"] == Phase.AIDED
    payload = _payload(row["assistance"]) if aided else None
    before = unaided.get((row["reader_id"], row["case_id"]))
    truth_dx = str(truth["truth_dx"])
    return {
        "reader": row["reader_id"],
        "round": int(truth["round"]),
        "case": row["case_id"],
        "image_id": truth["image_id"],
        "lesion_id": truth["lesion_id"],
        "truth_dx": truth_dx,
        "truth_malignant": taxonomy[truth_dx].is_malignant,
        "verification_stage": _whole(truth["verification_stage"]),
        "held_out": bool(truth["held_out"]),
        "phase": str(row["phase"]),
        "modality": str(row["modality"]),
        "dx": row["dx"],
        "correct": row["dx"] == truth_dx,
        "confidence": _whole(row["confidence"]),
        "management": _given(row["management"]),
        "changed": row["dx"] != before if aided and before is not None else None,
        "assistance": json.dumps(payload, ensure_ascii=False) if payload else None,
        "advice_dx": advice_dx(payload) if payload else None,
        "advice_correct": advice_correct(payload, truth_dx=truth_dx, taxonomy=taxonomy) if payload else None,
        "client_ms": _given(row["client_ms"]),
        "shown_at": _utc(row["shown_at"]),
        "submitted_at": _utc(row["submitted_at"]),
        "recorded_at": _utc(row["recorded_at"]),
        "reading_id": row["id"],
    }


def _reader_part(reader: Mapping[str, Any]) -> dict[str, Any]:
    years = _whole(reader["years_experience"])
    return {
        "profession": _given(reader["profession"]),
        "years_experience": years,
        "experience_group": experience_group(years),
        "age_group": _given(reader["age_group"]),
        "gender": _given(reader["gender"]),
        "country": _given(reader["country"]),
        "simulated": bool(reader["simulated"]),
    }


def _shows_model(row: Mapping[str, Any]) -> bool:
    return row["phase"] == Phase.AIDED and Modality(row["modality"]).needs_model


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _check_columns(what: str, frame: pd.DataFrame, expected: Sequence[str]) -> None:
    if missing := [name for name in expected if name not in frame.columns]:
        raise MissingColumns(f"the {what} table lacks {', '.join(missing)}; expected {', '.join(expected)}")


def _payload(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str):
        value = json.loads(value)
    return value if isinstance(value, dict) else None


def _given(value: Any) -> Any:
    """None for every way a table says that nothing is there."""
    return None if value is None or value is pd.NaT or value is pd.NA or value != value else value


def _whole(value: Any) -> int | None:
    return None if (given := _given(value)) is None else int(given)


def _utc(value: Any) -> str | None:
    """ISO 8601 with milliseconds in UTC; a time without zone is taken as UTC."""
    if _given(value) is None:
        return None
    time = pd.Timestamp(value)
    time = time.tz_localize("UTC") if time.tzinfo is None else time.tz_convert("UTC")
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
