"""All readings of a study as one table, one row per reading; practice is left out."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from dermdash.errors import MissingColumns
from dermdash.reader_study.assistance import advice_correct, advice_dx
from dermdash.reader_study.reading_columns import READING_COLUMN_NAMES
from dermdash.reader_study.wrong_advice import PLANTED
from dermdash.readings.experience import experience_group
from dermdash.readings.modality import Modality, Phase
from dermdash.records.taxonomy import Taxonomy

REQUIRED_COLUMNS = (
    "id", "reader_id", "case_id", "practice", "phase", "modality", "dx", "confidence", "management", "assistance",
    "client_ms", "time_check", "shown_at", "submitted_at", "sent_at", "shown_sha256", "recorded_at", "sequence",
    "position", "round", "truth_dx", "held_out",
    "image_id", "lesion_id", "cluster", "verification_stage", "simulated", "profession", "years_experience",
    "age_group", "gender", "country", "arm", "period", "occasion", "malignancy_rating", "hidden_ms", "withdrawn",
    "reader_mark", "amendment",
)  # fmt: skip
_TIMES = ("shown_at", "submitted_at", "sent_at", "recorded_at")
_NUMBER_TYPES = dict.fromkeys(
    (
        "amendment",
        "period",
        "round",
        "position",
        "repeat",
        "verification_stage",
        "confidence",
        "years_experience",
        "sequence",
    ),
    "Int64",
) | {"client_ms": "Float64", "hidden_ms": "Float64", "malignancy_rating": "Float64"}


def build_readings_table(
    readings: pd.DataFrame,
    *,
    study_name: str,
    protocol_sha256: str,
    model_id: str | None,
    taxonomy: Taxonomy,
) -> pd.DataFrame:
    """Turn stored readings into the columns of `READING_COLUMNS`.

    Parameters
    ----------
    readings
        One row per reading with at least ``REQUIRED_COLUMNS``: the reading joined with its assignment, case,
        record, reader and profile. A reader's id is already pseudonymous; ``assistance`` is the stored payload
        as dict or JSON text.

    Returns
    -------
    DataFrame
        One row per reading that is not practice, ordered by reader, position and phase (unaided first).

    Raises
    ------
    MissingColumns
        A column is absent; it is named with the expected ones.
    """
    if missing := [name for name in REQUIRED_COLUMNS if name not in readings.columns]:
        raise MissingColumns(f"the readings lack {', '.join(missing)}; expected {', '.join(REQUIRED_COLUMNS)}")
    stored = _rows(readings[~readings["practice"].astype(bool)])
    unaided = {_place(row): _given(row["dx"]) for row in stored if row["phase"] == Phase.UNAIDED}
    study = {"study": study_name, "protocol_sha256": protocol_sha256}
    rows = [
        study
        | _reader_part(row)
        | _reading_part(row, unaided=unaided, taxonomy=taxonomy)
        | {"model_id": model_id if _shows_model(row) else None}
        for row in stored
    ]
    # Nullable types keep whole numbers whole beside empty cells; pandas' own would write 3.0.
    table = pd.DataFrame(rows, columns=list(READING_COLUMN_NAMES), dtype=object).astype(_NUMBER_TYPES)
    first_unaided = table["phase"].map({Phase.UNAIDED.value: 0, Phase.AIDED.value: 1})
    return (
        table.assign(_phase=first_unaided)
        .sort_values(["reader", "period", "round", "position", "_phase"], kind="stable")
        .drop(columns="_phase")
        .reset_index(drop=True)
    )


def paired_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a readings table whose reader gave both answers to the case: before and after compare like with
    like only on these.
    """
    both = table.groupby(["reader", "case", "period", "repeat"])["phase"].transform("nunique") == len(Phase)
    return table[both]


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What the two answers to a case have in common."""
    return row["reader_id"], row["case_id"], row["period"], row["occasion"]


def _rows(readings: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dicts, times as text: column by column, which is several times as fast as row by row."""
    columns = {
        str(name): _utc(readings[name]) if name in _TIMES else readings[name].tolist() for name in readings.columns
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _reading_part(
    row: Mapping[str, Any],
    *,
    unaided: Mapping[tuple[Any, ...], str | None],
    taxonomy: Taxonomy,
) -> dict[str, Any]:
    aided = row["phase"] == Phase.AIDED
    payload = _payload(row["assistance"]) if aided else None
    dx, before = _given(row["dx"]), unaided.get(_place(row))
    truth_dx = str(row["truth_dx"])
    return {
        "reader": row["reader_id"],
        "amendment": int(row["amendment"]),
        "arm": _given(row["arm"]),
        "period": int(row["period"]),
        "repeat": int(row["occasion"]) - 1,
        "round": int(row["round"]),
        "position": int(row["position"]),
        "case": row["case_id"],
        "image_id": row["image_id"],
        "lesion_id": row["lesion_id"],
        "cluster": row["cluster"],
        "truth_dx": truth_dx,
        "truth_malignant": taxonomy[truth_dx].malignancy,
        "verification_stage": _whole(row["verification_stage"]),
        "held_out": bool(row["held_out"]),
        "phase": str(row["phase"]),
        "modality": str(row["modality"]),
        "dx": dx,
        "correct": None if dx is None else dx == truth_dx,
        "confidence": _whole(row["confidence"]),
        "management": _given(row["management"]),
        "malignancy_rating": _given(row["malignancy_rating"]),
        "changed": dx != before if aided and before is not None and dx is not None else None,
        "assistance": json.dumps(payload, ensure_ascii=False) if payload else None,
        "advice_dx": advice_dx(payload) if payload else None,
        "advice_correct": advice_correct(payload, truth_dx=truth_dx, taxonomy=taxonomy) if payload else None,
        "advice_faulty": _faulty(payload, row) if payload else None,
        "true_advice_dx": advice_dx(payload[PLANTED]["true"]) if payload and PLANTED in payload else None,
        "client_ms": _given(row["client_ms"]),
        "hidden_ms": _given(row["hidden_ms"]),
        "shown_at": row["shown_at"],
        "time_check": _given(row["time_check"]),
        "submitted_at": row["submitted_at"],
        "sent_at": row["sent_at"],
        "shown_sha256": _given(row["shown_sha256"]),
        "recorded_at": row["recorded_at"],
        "sequence": _whole(row["sequence"]),
        "reading_id": row["id"],
    }


def _reader_part(reader: Mapping[str, Any]) -> dict[str, Any]:
    years = _whole(reader["years_experience"])
    return {
        "profession": _given(reader["profession"]) or None,
        "years_experience": years,
        "experience_group": _group(reader.get("experience_group"), years),
        "age_group": _given(reader["age_group"]),
        "gender": _given(reader["gender"]),
        "country": _given(reader["country"]),
        "reader_mark": reader["reader_mark"] or None,
        "simulated": bool(reader["simulated"]),
        "withdrawn": bool(reader["withdrawn"]),
    }


def _group(known: Any, years: int | None) -> str | None:
    """Of the years; of a reader whose years did not leave with an archive as that says, an empty text for nothing."""
    return experience_group(years) if (group := _given(known)) is None else str(group) or None


def _faulty(payload: Mapping[str, Any], row: Mapping[str, Any]) -> bool | None:
    """Whether the advice was wrong on purpose; None where the study plants none."""
    return PLANTED in payload if row.get("plants") else None


def _shows_model(row: Mapping[str, Any]) -> bool:
    return row["phase"] == Phase.AIDED and Modality(row["modality"]).needs_model


def _payload(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str):
        value = json.loads(value)
    return value if isinstance(value, dict) else None


def _given(value: Any) -> Any:
    """None for every way a table says that nothing is there."""
    return None if value is None or value is pd.NaT or value is pd.NA or value != value else value


def _whole(value: Any) -> int | None:
    return None if (given := _given(value)) is None else int(given)


def _utc(times: "pd.Series[Any]") -> list[str | None]:
    """ISO 8601 with milliseconds in UTC; a time without zone is taken as UTC."""
    written = pd.to_datetime(times, utc=True).dt.strftime("%Y-%m-%dT%H:%M:%S.%f")
    return [None if time != time else f"{time[:-3]}Z" for time in written.astype(object)]
