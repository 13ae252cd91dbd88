import io
import json
from typing import Any

import pandas as pd
import pytest

from dermdash.errors import MissingColumns
from dermdash.reader_study.reading_columns import READING_COLUMN_NAMES, READING_COLUMNS, data_dictionary
from dermdash.reader_study.readings_export import build_readings_table, paired_rows
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import HAM7

MULTICLASS = {
    "modality": "multiclass_probability",
    "probabilities": {"akiec": 0.0, "bcc": 0.1, "bkl": 0.0, "df": 0.0, "mel": 0.8, "nv": 0.1, "vasc": 0.0},
}


def make_reading(**changes: Any) -> dict[str, Any]:
    return {
        "id": "u1",
        "reader_id": "r1",
        "case_id": "c1",
        "practice": False,
        "phase": "unaided",
        "modality": "multiclass_probability",
        "dx": "nv",
        "confidence": 2,
        "malignancy_rating": None,
        "management": None,
        "assistance": None,
        "client_ms": 1200.5,
        "time_check": "plausible",
        "shown_at": pd.Timestamp("2026-01-02T03:04:05.678", tz="UTC"),
        "submitted_at": pd.Timestamp("2026-01-02T04:04:06", tz="Europe/Vienna"),
        "sent_at": pd.Timestamp("2026-01-02T03:04:05", tz="UTC"),
        "shown_sha256": "c" * 64,
        "recorded_at": pd.Timestamp("2026-01-02"),
        "sequence": 7,
        "position": 2,
        "round": 1,
        "truth_dx": "mel",
        "held_out": True,
        "image_id": "IMG_1",
        "lesion_id": "L1",
        "cluster": "IMG_0",
        "verification_stage": 3,
        "reader_mark": None,
        "simulated": False,
        "profession": "nurse",
        "years_experience": 4,
        "age_group": "25_34",
        "gender": "female",
        "country": "AT",
        "arm": "all",
        "period": 1,
        "occasion": 1,
        "amendment": 0,
        "hidden_ms": 250.0,
        "withdrawn": False,
    } | changes


def make_readings() -> list[dict[str, Any]]:
    second = {"case_id": "c2", "position": 1, "truth_dx": "nv", "verification_stage": None, "held_out": False}
    unseen = {"modality": "none", "dx": "df", "shown_at": None, "client_ms": float("nan")}
    return [
        make_reading(id="u2", phase="aided", dx="mel", assistance=json.dumps(MULTICLASS)),
        make_reading(),
        make_reading(id="u3", practice=True),
        make_reading(id="u4", **second, **unseen),
    ]


def build(readings: list[dict[str, Any]] | None = None, study_name: str = "Pilot") -> pd.DataFrame:
    rows = make_readings() if readings is None else readings
    return build_readings_table(
        pd.DataFrame(rows, columns=list(make_reading())),
        study_name=study_name,
        protocol_sha256="ab" * 32,
        model_id="m1",
        taxonomy=HAM7,
    )


def test_the_table_has_exactly_the_columns_of_its_dictionary_in_order() -> None:
    table = build()
    assert list(table.columns) == list(READING_COLUMN_NAMES) == data_dictionary()["column"].tolist()
    assert list(build([]).columns) == list(READING_COLUMN_NAMES)


def test_every_column_is_explained_once() -> None:
    assert len(set(READING_COLUMN_NAMES)) == len(READING_COLUMNS)
    assert all(column.meaning and column.values for column in READING_COLUMNS)
    assert data_dictionary().set_index("column").loc["client_ms", "unit"] == "ms"


def test_practice_is_left_out_and_rows_follow_the_readers_order() -> None:
    table = build()
    assert table["reading_id"].tolist() == ["u4", "u1", "u2"]
    assert table["position"].tolist() == [1, 2, 2]


def test_an_aided_row_says_what_was_shown_what_it_advised_and_whether_the_answer_changed() -> None:
    row = build().iloc[2].to_dict()
    assert json.loads(row["assistance"]) == MULTICLASS
    expected = {
        "advice_dx": "mel",
        "advice_correct": True,
        "changed": True,
        "correct": True,
        "model_id": "m1",
        "truth_malignant": True,
        "held_out": True,
        "verification_stage": 3,
        "experience_group": "3 to 5 years",
        "shown_at": "2026-01-02T03:04:05.678Z",
        "submitted_at": "2026-01-02T03:04:06.000Z",
        "recorded_at": "2026-01-02T00:00:00.000Z",
        "client_ms": 1200.5,
        "time_check": "plausible",
        "reader_mark": None,
        "simulated": False,
    }
    assert {name: row[name] for name in expected} == expected


def test_an_unaided_row_leaves_assistance_advice_model_and_change_empty() -> None:
    table = build()
    for name in ("assistance", "advice_dx", "advice_correct", "model_id", "changed"):
        assert table.loc[1, name] is None
    assert pd.isna(table.loc[0, "client_ms"])
    assert table.loc[0, "shown_at"] is None


def test_the_csv_keeps_whole_numbers_whole_and_empty_cells_empty() -> None:
    table = build(study_name="=HYPERLINK(1)")
    lines = to_safe_csv(table).decode().splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("'=HYPERLINK(1),")
    first = pd.read_csv(io.BytesIO(to_safe_csv(table)), dtype=str).iloc[2]
    assert first["years_experience"] == "4"
    assert first["verification_stage"] == "3"
    assert json.loads(first["assistance"]) == MULTICLASS


def test_silent_profiles_are_empty_and_simulated_readers_are_marked() -> None:
    silent = dict.fromkeys(["years_experience", "profession", "country"])
    row = build([make_reading(**silent, simulated=True)]).iloc[0]
    assert row["profession"] is None
    assert pd.isna(row["years_experience"])
    assert row["experience_group"] == "not said"
    assert row["simulated"] is True


def test_a_missing_column_is_named() -> None:
    readings = pd.DataFrame([make_reading()]).drop(columns=["truth_dx", "gender"])
    with pytest.raises(MissingColumns, match="lack truth_dx, gender; expected"):
        build_readings_table(readings, study_name="", protocol_sha256="", model_id=None, taxonomy=HAM7)


def test_paired_rows_keep_the_cases_a_reader_answered_twice() -> None:
    table = pd.DataFrame(
        [
            ("a", "c1", "unaided"), ("a", "c1", "aided"), ("a", "c2", "unaided"),
            ("b", "c1", "unaided"), ("b", "c2", "unaided"), ("b", "c2", "aided"),
        ],
        columns=["reader", "case", "phase"],
    ).assign(period=1, repeat=0)  # fmt: skip
    assert list(paired_rows(table).index) == [0, 1, 4, 5]
    assert paired_rows(table.head(0)).empty


def test_rating_and_management_stand_as_they_were_answered() -> None:
    table = build([make_reading(malignancy_rating=63.0, management="biopsy")])
    assert (table["malignancy_rating"].item(), table["management"].item()) == (63, "biopsy")
