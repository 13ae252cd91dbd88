"""Studies and logs as sources of readings; a study that was exported and imported is the same study."""

import io
import itertools
from pathlib import Path

import pandas as pd
import pytest
from tests.filled_workspace import fill_workspace
from tests.made_once import MadeOnce

from dermdash.errors import InvalidInput, NotFound
from dermdash.readings.formats.log_file import LogFile
from dermdash.settings import Settings
from dermdash.storage import records, studies
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.reader_study import readings_source, study_results
from dermdash.workflows.readings import import_reading_log
from dermdash.workflows.readings.read_reading_log import read_reading_log


@pytest.fixture(scope="module")
def studied(made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory):
    home = tmp_path_factory.mktemp("studied") / "workspace"
    filled = made_once.copy(fill_workspace, home)
    # Two readers are too few for any profile to leave a workspace: here nothing is merged.
    workspace = open_workspace(Settings(home=home, minimum_group=1))
    yield workspace, filled.study_id
    workspace.close()


def test_an_exported_study_is_read_back_without_loss(studied: tuple[Workspace, str], tmp_path: Path) -> None:
    workspace, study_id = studied
    table = readings_source.load_readings(workspace, f"study:{study_id}")
    path = tmp_path / "export.csv"
    path.write_bytes(study_results.export_readings(workspace, study_id))
    back = read_reading_log(path)
    pd.testing.assert_frame_equal(back.frame, table.frame, check_dtype=False)
    assert back.frame.dtypes.to_dict() == table.frame.dtypes.to_dict()
    assert (back.format, back.source, back.taxonomy) == ("dermdash", table.source, table.taxonomy)
    assert back.protocol_sha256 == table.protocol_sha256
    assert back.simulated == table.simulated


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("correct", "maybe", "row 2: correct is 'maybe', expected 0 or 1"),
        ("confidence", "sure", "row 2: confidence is 'sure', expected a number"),
        ("position", "1.5", r"row 2: position is '1\.5', expected a whole number"),
        ("dx", "nevus", "row 2: dx is 'nevus': expected one of akiec"),
        ("study", "Another study", "row 3: study is 'Seven cases', above it is 'Another study': expected one study"),
        ("assistance", '{"malignancy": "much"}', "row 2: the assistance .* is not what a study logs"),
    ],
)
def test_an_edited_export_is_refused(studied: tuple[Workspace, str], column: str, value: str, message: str) -> None:
    workspace, study_id = studied
    rows = pd.read_csv(io.BytesIO(study_results.export_readings(workspace, study_id)), dtype=str, keep_default_na=False)
    rows.loc[0, column] = value
    if column == "dx":
        rows.loc[0, "correct"] = "False"
    with pytest.raises(InvalidInput, match=message):
        read_reading_log(rows.to_csv(index=False).encode())


def test_an_export_that_calls_a_wrong_answer_correct_is_refused(studied: tuple[Workspace, str]) -> None:
    workspace, study_id = studied
    rows = pd.read_csv(io.BytesIO(study_results.export_readings(workspace, study_id)), dtype=str, keep_default_na=False)
    rows["correct"] = rows["correct"].map({"True": "False", "False": "True"})
    with pytest.raises(InvalidInput, match=rf"row 2: correct is .*\({len(rows):,} such rows\)"):
        read_reading_log(rows.to_csv(index=False).encode())


def test_studies_come_before_logs_and_both_are_found_by_id_key_and_name(studied: tuple[Workspace, str]) -> None:
    workspace, study_id = studied
    data = study_results.export_readings(workspace, study_id)
    log, _ = import_reading_log.import_reading_log(workspace, [LogFile("export.csv", data)], name="The export")
    sources = readings_source.list_sources(workspace)
    assert [source.kind for source in sources] == ["study", "log"]
    for name in (log.id, log.key, "The export"):
        assert readings_source.find_source(workspace, name).key == log.key
    with pytest.raises(NotFound, match="no study and no imported log"):
        readings_source.find_source(workspace, "nowhere")
    with pytest.raises(NotFound, match="'file:x'"):
        readings_source.load_readings(workspace, "file:x")
    with pytest.raises(NotFound):
        readings_source.load_readings(workspace, "log:x")


def test_a_study_knows_which_of_its_cases_are_of_one_lesion_or_patient(studied: tuple[Workspace, str]) -> None:
    workspace, study_id = studied
    table = readings_source.load_readings(workspace, f"study:{study_id}")
    assert set(table.frame["case"]) <= set(table.units)
    rows = records.records_by_id(
        workspace.engine, studies.cases_of_study(workspace.engine, study_id)["record_id"]
    ).set_index("image_id")
    for one, other in itertools.combinations(sorted(table.units), 2):
        lesions = rows.loc[[one, other], "lesion_id"]
        if lesions.notna().all() and lesions.nunique() == 1:
            assert table.units[one] == table.units[other]
    # A log of the same images finds them by name.
    named = readings_source.units_of_images(workspace, set(table.frame["case"]))
    assert named == {case: table.units[case] for case in named}
    assert named
