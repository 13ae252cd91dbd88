"""The benefit of a study of the workspace, and of counts whose truth the workspace knows."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from tests.filled_workspace import (
    Filled,
    begin,
    fill_records,
    fill_workspace,
    invite,
    make_protocol,
    read_cases,
)
from tests.made_once import MadeOnce
from tests.readings_factory import make_readings

from dermdash.analyses.benefit.benefit import Benefit
from dermdash.analyses.benefit.image_truth import lesions_of_truth_file, with_workspace_truth
from dermdash.analyses.benefit.measures import Outcome
from dermdash.analyses.benefit.outcomes import available_outcomes
from dermdash.analyses.benefit.read_rubric import read_rubric
from dermdash.analyses.benefit.run import (
    analyse_benefit,
    available_breakdowns,
    study_benefit,
)
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import HAM7
from dermdash.settings import Settings
from dermdash.storage import tables
from dermdash.storage.records import record_id
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.reader_study import create_study, study_results
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


def make_counts(images: dict[str, str | None]) -> AggregateTable:
    rows = []
    for i, (image, truth) in enumerate(images.items()):
        row: dict[str, object] = {"case": image, "modality": "cbir", "truth_dx": truth}
        for code in HAM7.codes:
            row |= {
                f"unaided_{code}": 1 + i % 3,
                f"aided_{code}": 1 + (i + 1) % 3,
                f"model_{code}": None,
                f"crowd_{code}": None,
            }
        rows.append(row)
    return AggregateTable(pd.DataFrame(rows), "counts.csv", "nature_medicine", "ham7")


def test_a_study_counts_the_pairs_and_gives_the_same_every_time(opened: Workspace, made: tuple[Path, Filled]) -> None:
    study_id = made[1].study_id
    result = study_benefit(study_readings(opened, study_id))
    assert result is not None
    readings = study_results.readings_table(opened, study_id)
    assert sum(row.change.cases for row in result.found.main.rows) == 7
    assert result.unpaired == 0
    for row in result.found.main.rows:
        part = readings[readings["modality"] == row.modality]
        assert row.change.readers == 1
        for phase, value in (("unaided", row.change.unaided), ("aided", row.change.aided)):
            assert value == pytest.approx(part["correct"][part["phase"] == phase].astype(bool).mean())
    again = study_benefit(study_readings(opened, study_id))
    assert again is not None
    assert again.as_dict() == result.as_dict()


def test_a_study_and_its_readings_analysed_by_name_give_the_same_numbers(
    opened: Workspace, made: tuple[Path, Filled]
) -> None:
    by_page = study_benefit(study_readings(opened, made[1].study_id))
    by_command = analyse_benefit(study_readings(opened, made[1].study_id))
    assert by_page is not None
    assert by_page.as_dict()["modalities"] == by_command.as_dict()["modalities"]


def test_a_study_without_pairs_has_no_benefit(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace)
    protocol = make_protocol(model_id=None, modalities=(Modality.NONE, Modality.CROWD_PROBABILITY), practice_cases=0)
    study_id = create_study.create_study(duckdb_workspace, protocol)
    assert study_benefit(study_readings(duckdb_workspace, study_id)) is None
    (token,) = invite(duckdb_workspace, study_id, "Ada")
    _, reader_id = begin(duckdb_workspace, token)
    read_cases(duckdb_workspace, study_id, reader_id, answers=1)
    assert study_benefit(study_readings(duckdb_workspace, study_id)) is None


def test_the_workspace_knows_the_truth_and_what_belongs_together(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace)
    images = {"MEL_0": None, "MEL_0b": None, "NV_3": None, "SOMEWHERE_ELSE": None}
    table, groups = with_workspace_truth(duckdb_workspace, make_counts(images))
    assert list(table.frame["truth_dx"]) == ["mel", "mel", "nv", None]
    assert groups["MEL_0"] == groups["MEL_0b"] != groups["NV_3"]
    result = analyse_benefit(table, lesions=groups)
    overall = result.found.main.overall
    assert overall is not None
    assert overall.as_dict()["n_images"] == 3
    assert overall.as_dict()["n_lesions"] == 2
    assert "workspace" in " ".join(result.notes)


def test_images_that_two_data_sets_diagnose_differently_have_no_truth(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace)
    fill_records(duckdb_workspace, dataset="other")
    with duckdb_workspace.engine.begin() as connection:
        of_other = tables.record.c.id == record_id("other", "NV_3")
        connection.execute(sa.update(tables.record).where(of_other).values(dx="mel"))
    table, _ = with_workspace_truth(duckdb_workspace, make_counts({"NV_3": None, "NV_4": None}))
    assert list(table.frame["truth_dx"]) == [None, "nv"]


def test_a_table_with_its_truth_keeps_it_and_an_unknown_one_stays_without(duckdb_workspace: Workspace) -> None:
    counts = make_counts({"A": None, "B": None})
    table, groups = with_workspace_truth(duckdb_workspace, counts)
    assert table is counts
    assert groups == {}
    with pytest.raises(MissingColumns, match="holds no truth"):
        analyse_benefit(table)
    fill_records(duckdb_workspace)
    own = make_counts({"MEL_0": "nv", "NV_3": "nv"})
    kept, _ = with_workspace_truth(duckdb_workspace, own)
    assert list(kept.frame["truth_dx"]) == ["nv", "nv"]


def test_a_truth_file_names_lesions_or_patients() -> None:
    counts = make_counts({"A": None, "B": None, "C": None})
    file = b"image_id,dx,lesion_id,patient_id\nA,nv,L1,\nB,nv,L1,P1\nC,mel,,\n"
    assert lesions_of_truth_file(file, counts) == {"A": "lesion L1", "B": "patient P1"}
    assert lesions_of_truth_file(b"image,dx\nA,nv\n", counts) == {}


def test_only_what_is_recorded_is_offered() -> None:
    table = make_readings(readers=4, cases=7)
    assert available_outcomes(table) == (Outcome.DIAGNOSIS, Outcome.MALIGNANCY, Outcome.AGREEMENT)
    offered = available_breakdowns(table)
    assert {"experience_group", "profession", "truth_dx", "confidence", "advice_correct"} <= set(offered)
    assert not {"round", "advice_faulty"} & set(offered)
    counts = make_counts({"A": "nv", "B": "mel"})
    assert available_outcomes(counts) == (Outcome.DIAGNOSIS, Outcome.MALIGNANCY, Outcome.AGREEMENT)
    assert available_outcomes(make_counts({"A": None})) == (Outcome.AGREEMENT,)
    with pytest.raises(InvalidInput, match="no breakdown profession"):
        analyse_benefit(counts, breakdowns=("profession",))
    with pytest.raises(MissingColumns, match="needs management"):
        analyse_benefit(table, outcome=Outcome.MANAGEMENT)


def test_a_rubric_file_is_read_whole_or_not_at_all() -> None:
    read = read_rubric("\ufefftruth;Management;judgement\nmel;Biopsy;Appropriate\n\n".encode())
    assert read.rows == {("mel", "biopsy"): "appropriate"}
    with pytest.raises(MissingColumns, match="judgement"):
        read_rubric(b"truth,management\nmel,biopsy\n")
    with pytest.raises(InvalidInput, match="row 3"):
        read_rubric(b"truth,management,judgement\nmel,biopsy,appropriate\nmel,dismiss\n")
    with pytest.raises(InvalidInput, match="no row"):
        read_rubric(b"truth,management,judgement\n")


def test_what_the_protocol_named_is_not_exploratory() -> None:
    named = analyse_benefit(make_readings(prespecified=("benefit",)), breakdowns=(), replicates=20)
    assert named.as_dict()["exploratory"] is False
    assert analyse_benefit(make_readings(), breakdowns=(), replicates=20).as_dict()["exploratory"] is True
    assert isinstance(named.found, Benefit)
