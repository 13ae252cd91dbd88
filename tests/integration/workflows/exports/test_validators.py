"""What other programs say of exports, where they are installed."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from isic_metadata.metadata import MetadataBatch, MetadataRow
from tests.exported_workspace import CLINIC, fill_clinic
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.dataset.exports.registry import EXPORTS
from dermdash.report.dataset_documents import croissant_description
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.exports.export_dataset import export_dataset
from dermdash.workflows.exports.selection import Selection


@pytest.fixture
def clinic(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    workspace, _ = made_once.open_copy(fill_clinic, tmp_path / "clinic")
    yield workspace
    let_go(workspace)


def test_isic_metadata_takes_every_row_and_all_of_them(clinic: Workspace, tmp_path: Path) -> None:
    export_dataset(clinic, OPERATOR, EXPORTS["isic-metadata"], Selection(dataset_id=CLINIC), tmp_path / "isic.csv")
    rows = list(csv.DictReader((tmp_path / "isic.csv").open(encoding="utf-8")))
    taken = [MetadataRow.model_validate({name: text for name, text in row.items() if text}) for row in rows]
    MetadataBatch(items=taken)
    assert [row.diagnosis_1 for row in taken if row.age == 61] == ["Malignant"] * 2
    assert [row.diagnosis_confirm_type for row in taken if row.age == 61] == ["histopathology"] * 2


def test_isic_challenge_scoring_scores_a_truth_against_itself_with_one(clinic: Workspace, tmp_path: Path) -> None:
    scoring = pytest.importorskip(
        "isic_challenge_scoring.classification", reason="isic-challenge-scoring is not installed"
    )
    truth = tmp_path / "truth.csv"
    export_dataset(clinic, OPERATOR, EXPORTS["challenge-truth"], Selection(dataset_id=CLINIC), truth)
    table, _ = scoring.parse_truth_csv(truth.open())
    assert table.sum(axis=1).eq(1).all()
    if not hasattr(table, "applymap"):
        pytest.skip("isic-challenge-scoring 5.6 reads predictions with a pandas before 3 only; the truth was loaded")
    score = scoring.ClassificationScore.from_file(truth, truth, scoring.ClassificationMetric.BALANCED_ACCURACY)
    assert score.overall == 1.0


def test_mlcroissant_finds_no_error_and_reads_the_records(clinic: Workspace, tmp_path: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    described = croissant_description(clinic, OPERATOR, CLINIC)
    out = tmp_path / "out"
    export_dataset(clinic, OPERATOR, EXPORTS["croissant"], Selection(dataset_id=CLINIC), out, described=described)
    dataset = mlcroissant.Dataset(jsonld=out / "metadata.json")
    assert not dataset.metadata.ctx.issues.errors
    assert dataset.metadata.annotations_per_item.startswith("Nobody annotated records here")
    read = list(dataset.records("records"))
    assert {row["records/image_id"] for row in read} == {b"A1", b"A2", b"B1", b"B.2", b"3", b"D_mask"}
