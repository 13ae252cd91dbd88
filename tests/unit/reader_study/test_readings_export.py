import io
import json
from typing import Any

import pandas as pd
import pytest

from dermdash.errors import MissingColumns
from dermdash.reader_study.reading_columns import READING_COLUMN_NAMES, READING_COLUMNS, data_dictionary
from dermdash.reader_study.readings_export import build_readings_table, paired_frame
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
        "assignment_id": "a1",
        "case_id": "c1",
        "practice": False,
        "phase": "unaided",
        "modality": "multiclass_probability",
        "dx": "nv",
        "confidence": 2,
        "management": None,
        "assistance": None,
        "client_ms": 1200.5,
        "shown_at": pd.Timestamp("2026-01-02T03:04:05.678", tz="UTC"),
        "submitted_at": pd.Timestamp("2026-01-02T04:04:06", tz="Europe/Vienna"),
        "recorded_at": pd.Timestamp("2026-01-02"),
    } | changes


def make_tables(readings: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    if readings is None:
        readings = [
            make_reading(id="u2", phase="aided", dx="mel", assistance=json.dumps(MULTICLASS)),
            make_reading(),
            make_reading(id="u3", practice=True),
            make_reading(
                id="u4",
                assignment_id="a2",
                case_id="c2",
                modality="none",
                dx="df",
                shown_at=None,
                client_ms=float("nan"),
            ),
        ]
    case = {"round": 1, "image_id": "IMG_1", "lesion_id": "L1", "truth_dx": "mel", "verification_stage": 3}
    return {
        "readings": pd.DataFrame(readings, columns=list(make_reading())),
        "assignments": pd.DataFrame({"id": ["a1", "a2"], "position": [2, 1]}),
        "cases": pd.DataFrame(
            [
                case | {"id": "c1", "held_out": True},
                case | {"id": "c2", "truth_dx": "nv", "verification_stage": None, "held_out": False},
            ]
        ),
        "readers": pd.DataFrame(
            [
                {
                    "id": "r1",
                    "profession": "nurse",
                    "years_experience": 4,
                    "age_group": "25_34",
                    "gender": "female",
                    "country": "AT",
                    "simulated": False,
                },
                {
                    "id": "r2",
                    "profession": "nurse",
                    "years_experience": None,
                    "age_group": None,
                    "gender": None,
                    "country": None,
                    "simulated": True,
                },
            ]
        ),
        "study_name": "Pilot",
        "protocol_sha256": "ab" * 32,
        "model_id": "m1",
        "taxonomy": HAM7,
    }


def test_the_table_has_exactly_the_columns_of_its_dictionary_in_order() -> None:
    table = build_readings_table(**make_tables())
    assert list(table.columns) == list(READING_COLUMN_NAMES) == data_dictionary()["column"].tolist()
    assert list(build_readings_table(**make_tables([])).columns) == list(READING_COLUMN_NAMES)


def test_every_column_is_explained_once() -> None:
    assert len(set(READING_COLUMN_NAMES)) == len(READING_COLUMNS)
    assert all(column.meaning and column.values for column in READING_COLUMNS)
    assert data_dictionary().set_index("column").loc["client_ms", "unit"] == "ms"


def test_practice_is_left_out_and_rows_follow_the_readers_order() -> None:
    table = build_readings_table(**make_tables())
    assert table["reading_id"].tolist() == ["u4", "u1", "u2"]
    assert table["position"].tolist() == [1, 2, 2]


def test_an_aided_row_says_what_was_shown_what_it_advised_and_whether_the_answer_changed() -> None:
    row = build_readings_table(**make_tables()).iloc[2].to_dict()
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
        "simulated": False,
    }
    assert {name: row[name] for name in expected} == expected


def test_an_unaided_row_leaves_assistance_advice_model_and_change_empty() -> None:
    table = build_readings_table(**make_tables())
    for name in ("assistance", "advice_dx", "advice_correct", "model_id", "changed"):
        assert table.loc[1, name] is None
    assert pd.isna(table.loc[0, "client_ms"])
    assert table.loc[0, "shown_at"] is None


def test_the_csv_keeps_whole_numbers_whole_and_empty_cells_empty() -> None:
    tables = make_tables()
    tables["study_name"] = "=HYPERLINK(1)"
    lines = to_safe_csv(build_readings_table(**tables)).decode().splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("'=HYPERLINK(1),")
    first = pd.read_csv(io.BytesIO(to_safe_csv(build_readings_table(**tables))), dtype=str).iloc[2]
    assert first["years_experience"] == "4"
    assert first["verification_stage"] == "3"
    assert json.loads(first["assistance"]) == MULTICLASS


def test_silent_profiles_are_empty_and_simulated_readers_are_marked() -> None:
    table = build_readings_table(**make_tables([make_reading(reader_id="r2")]))
    row = table.iloc[0]
    assert pd.isna(row["years_experience"])
    assert row["experience_group"] == "not said"
    assert row["simulated"] is True


def test_the_paired_frame_leaves_out_cases_without_assistance() -> None:
    paired = paired_frame(build_readings_table(**make_tables()))
    assert paired["case"].tolist() == ["c1", "c1"]
    assert paired["correct"].tolist() == [False, True]
    assert paired["correct"].dtype == bool


@pytest.mark.parametrize("name", ["readings", "assignments", "cases", "readers"])
def test_a_table_without_its_id_is_named(name: str) -> None:
    tables = make_tables()
    tables[name] = tables[name].drop(columns="id")
    with pytest.raises(MissingColumns, match=f"the {name} table lacks id"):
        build_readings_table(**tables)
