"""Exports and results of a study that two readers have taken part in."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from tests.filled_workspace import (
    Filled,
    begin,
    fill_model,
    fill_records,
    fill_workspace,
    invite,
    make_event,
    make_protocol,
    read_cases,
)
from tests.made_once import MadeOnce

from dermdash.errors import InvalidInput, NotFound
from dermdash.reader_study.reading_columns import READING_COLUMN_NAMES
from dermdash.readings.formats.nature_medicine import NATURE_MEDICINE_COLUMNS, read_nature_medicine
from dermdash.readings.modality import Modality
from dermdash.records.record_filter import RecordFilter
from dermdash.report.study_facts import study_facts
from dermdash.settings import Settings
from dermdash.storage import studies
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.dataset.browse_records import records_csv
from dermdash.workflows.dataset.private_export import Privacy
from dermdash.workflows.reader_study import create_study, join_study, run_reading, study_results
from dermdash.workflows.reader_study.readings_source import study_readings


@pytest.fixture
def made(made_once: MadeOnce) -> tuple[Path, Filled]:
    return made_once.home(fill_workspace)


@pytest.fixture
def opened(made: tuple[Path, Filled], tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(made[0], tmp_path / "workspace")
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    yield workspace
    workspace.close()


@pytest.fixture
def study_id(made: tuple[Path, Filled]) -> str:
    return made[1].study_id


def as_frame(data: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)


def test_the_readings_csv_names_lesions_as_they_are_or_as_every_export_with_pseudonyms(
    opened: Workspace, study_id: str
) -> None:
    raw, private = (
        as_frame(study_results.export_readings(opened, study_id, privacy=Privacy(names=hide))) for hide in (False, True)
    )
    exported = as_frame(records_csv(opened, RecordFilter(), privacy=Privacy(names=True))).set_index("image_id")
    assert private["lesion_id"].tolist() == exported.loc[private["image_id"], "lesion_id"].tolist()
    assert not set(raw["lesion_id"]) & set(private["lesion_id"])
    assert raw.drop(columns="lesion_id").equals(private.drop(columns="lesion_id"))


def test_the_readings_csv_has_every_column_and_one_row_per_reading(opened: Workspace, study_id: str) -> None:
    frame = as_frame(study_results.export_readings(opened, study_id))
    assert tuple(frame.columns) == READING_COLUMN_NAMES
    study = study_results.find_study(opened, study_id)
    # Ada answered 7 cases twice; Berta is still at practice, which never counts.
    assert len(frame) == study["readings"] == 14
    assert set(frame["protocol_sha256"]) == {study["protocol_sha256"]}
    assert frame["reading_id"].is_unique
    assert dict(frame["phase"].value_counts()) == {"unaided": 7, "aided": 7}
    assert set(frame["correct"]) <= {"True", "False"}
    assert (frame["correct"] == (frame["dx"] == frame["truth_dx"]).map(str)).all()
    assert set(frame["assistance"][frame["phase"] == "unaided"]) == {""}
    assert "" not in set(frame["assistance"][frame["phase"] == "aided"])


def test_the_data_dictionary_explains_every_column(opened: Workspace, study_id: str) -> None:
    dictionary = as_frame(study_results.export_data_dictionary(opened, study_id))
    exported = as_frame(study_results.export_readings(opened, study_id))
    assert list(dictionary.iloc[:, 0]) == list(exported.columns)
    assert (dictionary.iloc[:, 1].str.len() > 5).all()


def test_what_the_only_reader_said_of_themselves_stays_in_the_workspace(opened: Workspace, study_id: str) -> None:
    logged = study_results.readings_table(opened, study_id)
    assert set(logged["country"]) == {"AT"}
    exported = as_frame(study_results.export_readings(opened, study_id))
    for column in ("profession", "experience_group", "age_group", "gender", "country"):
        assert set(exported[column]) == {""}
    assert set(exported["years_experience"]) == {""}
    dictionary = as_frame(study_results.export_data_dictionary(opened, study_id)).set_index("column")
    said = dictionary.loc["country", "merged"]
    assert said.startswith("other for 1 reader: fewer than 3 share the value")
    assert "empty for 1 reader: fewer than 3 share the value, alone or together" in said
    assert dictionary.loc["years_experience", "merged"].startswith("empty for 1 reader")
    facts = study_facts(study_readings(opened, study_id), workspace=opened, study_id=study_id)
    assert set(facts.readers["country"]) == {"other"}
    assert "country of 1 reader" in facts.notes[-1]


def test_a_setting_says_how_few_readers_may_share_a_value(made: tuple[Path, Filled], tmp_path: Path) -> None:
    shutil.copytree(made[0], tmp_path / "open")
    workspace = open_workspace(Settings(home=tmp_path / "open", minimum_group=1))
    exported = as_frame(study_results.export_readings(workspace, made[1].study_id))
    assert set(exported["country"]) == {"AT"}
    assert study_results.readings_to_share(workspace, made[1].study_id).note is None
    workspace.close()


def test_no_export_names_an_invited_person(opened: Workspace, study_id: str) -> None:
    exports = [
        study_results.export_readings(opened, study_id),
        study_results.export_nature_medicine(opened, study_id),
        study_results.session_events(opened, study_id),
    ]
    assert not [name for name in (b"Ada", b"Berta", b"Clara") for data in exports if name in data]


@pytest.mark.parametrize("decimal", [",", "."])
def test_the_nature_medicine_file_reads_back_as_the_answers_that_were_given(
    opened: Workspace, study_id: str, decimal: str
) -> None:
    data = study_results.export_nature_medicine(opened, study_id, decimal=decimal)  # type: ignore[arg-type]
    table = read_nature_medicine(data)
    assert tuple(table.columns) == NATURE_MEDICINE_COLUMNS
    readings = study_results.readings_table(opened, study_id)
    assert len(table) == readings["case"].nunique() == 7
    for phase, how in (("unaided", "without"), ("aided", "with")):
        expected = readings[readings["phase"] == phase].set_index("image_id")["dx"]
        for _, row in table.iterrows():
            assert row[f"user_dx_{how}_interaction_{expected[row['image_id']]}"] == 1
    truth = readings.drop_duplicates("image_id").set_index("image_id")["truth_dx"]
    assert [row[f"prob_m_dx_{truth[row['image_id']]}"] for _, row in table.iterrows()] == [0.7] * 7


def test_a_study_without_pairs_still_exports(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace)
    study_id = create_study.create_study(
        duckdb_workspace,
        make_protocol(model_id=None, modalities=(Modality.NONE, Modality.CROWD_PROBABILITY), practice_cases=0),
    )
    for answers in (0, 1):
        (token,) = invite(duckdb_workspace, study_id, "Ada")
        if answers:
            _, reader_id = begin(duckdb_workspace, token)
            read_cases(duckdb_workspace, study_id, reader_id, answers=answers)
        assert len(as_frame(study_results.export_readings(duckdb_workspace, study_id))) == answers
        assert read_nature_medicine_or_none(duckdb_workspace, study_id) is None
        assert as_frame(study_results.session_events(duckdb_workspace, study_id)).empty
        assert len(study_results.reader_progress(duckdb_workspace, study_id)) == answers


def read_nature_medicine_or_none(workspace: Workspace, study_id: str) -> pd.DataFrame | None:
    table = read_nature_medicine(study_results.export_nature_medicine(workspace, study_id))
    return None if table.empty else table


def test_progress_counts_complete_cases_and_leaves_practice_out(opened: Workspace, study_id: str) -> None:
    progress = study_results.reader_progress(opened, study_id).set_index("label")
    assert dict(progress["cases_done"]) == {"Ada": 7, "Berta": 0}
    assert set(progress["cases_total"]) == {7}
    assert pd.isna(progress["last_answer"]["Berta"])


def test_a_reader_without_a_profile_shows_in_the_progress(opened: Workspace, made: tuple[Path, Filled]) -> None:
    join_study.start_reader(opened, join_study.open_invitation(opened, made[1].tokens[2]))
    progress = study_results.reader_progress(opened, made[1].study_id).set_index("label")
    assert progress["profession"]["Clara"] is None
    assert progress["cases_done"]["Clara"] == 0


def test_session_events_are_exported(opened: Workspace, made: tuple[Path, Filled]) -> None:
    filled = made[1]
    before = len(as_frame(study_results.session_events(opened, filled.study_id)))
    run_reading.receive(opened, filled.study_id, filled.finished_reader, [make_event("focus_lost")])
    frame = as_frame(study_results.session_events(opened, filled.study_id))
    assert len(frame) == before + 1
    assert frame["kind"].iloc[-1] == "focus_lost"


def test_a_study_is_found_by_id_or_by_a_name_that_only_one_has(opened: Workspace, study_id: str) -> None:
    assert study_results.find_study(opened, "Seven cases")["id"] == study_id
    second = create_study.create_study(opened, make_protocol())
    with pytest.raises(NotFound, match=second):
        study_results.find_study(opened, "Seven cases")
    assert study_results.find_study(opened, second)["id"] == second
    with pytest.raises(NotFound, match="no study"):
        study_results.find_study(opened, "Eight cases")


def test_exports_of_an_unknown_study_are_refused(opened: Workspace) -> None:
    for export in (study_results.export_readings, study_results.export_nature_medicine):
        with pytest.raises(NotFound):
            export(opened, "none")


def test_a_decimal_sign_that_is_none_is_refused(opened: Workspace, study_id: str) -> None:
    with pytest.raises(InvalidInput, match="decimal"):
        study_results.export_nature_medicine(opened, study_id, decimal=";")  # type: ignore[arg-type]


def test_a_case_read_without_assistance_counts_as_completed_when_modalities_are_balanced(
    duckdb_workspace: Workspace,
) -> None:
    fill_model(duckdb_workspace, fill_records(duckdb_workspace))
    study_id = create_study.create_study(
        duckdb_workspace,
        make_protocol(
            modalities=(Modality.NONE, Modality.MULTICLASS_PROBABILITY), cases_per_round=14, practice_cases=0
        ),
    )
    for token in invite(duckdb_workspace, study_id, "Ada", "Berta"):
        _, reader_id = begin(duckdb_workspace, token)
        read_cases(duckdb_workspace, study_id, reader_id)
    completed = studies.completed_by_case_and_modality(duckdb_workspace.engine, study_id)
    # Either reader had each modality for half of the cases, and each case both of them.
    assert len(completed) == 28
    assert set(completed["n"]) == {1}
