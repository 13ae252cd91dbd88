import io

import pandas as pd
import pytest
import sqlalchemy as sa
from tests.filled_workspace import MODEL, fill_model, fill_records

from dermdash.classifier.preprocessing import PREPROCESSING, VIEW_COUNT
from dermdash.dataset.predictions_csv import read_predictions
from dermdash.errors import NotFound
from dermdash.records.taxonomy import HAM7
from dermdash.settings import Settings
from dermdash.storage import engine, models, tables
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.classifier.prediction_export import predictions_csv


def test_every_stored_probability_says_model_checkpoint_preprocessing_and_views(duckdb_workspace: Workspace) -> None:
    fill_model(duckdb_workspace, fill_records(duckdb_workspace, per_class=2))
    table = pd.read_csv(io.BytesIO(predictions_csv(duckdb_workspace, MODEL)))
    assert len(table) == 21
    assert list(table["image"]) == sorted(table["image"])
    assert set(table["model"]) == {MODEL}
    assert set(table["checkpoint_sha256"]) == {"c" * 64}
    assert set(table["preprocessing"]) == {PREPROCESSING}
    assert set(table["views"]) == {VIEW_COUNT}
    assert set(table["input_size"]) == {32}
    assert table["predicted_at"].notna().all()
    assert table["acquisition"].isna().all()


def test_a_prediction_of_a_rejected_record_is_marked(duckdb_workspace: Workspace) -> None:
    (first, *others) = fill_records(duckdb_workspace, per_class=1)
    fill_model(duckdb_workspace, [first, *others])
    with duckdb_workspace.engine.begin() as connection:
        rejected = sa.update(tables.record).where(tables.record.c.id == first).values(acquisition="rejected")
        connection.execute(rejected)
    table = pd.read_csv(io.BytesIO(predictions_csv(duckdb_workspace, MODEL)))
    assert table["acquisition"].value_counts().to_dict() == {"rejected": 1}
    assert len(read_predictions(predictions_csv(duckdb_workspace, MODEL), taxonomy=HAM7).image_ids) == len(table)


def test_a_download_of_predictions_can_be_read_again_as_predictions(duckdb_workspace: Workspace) -> None:
    ids = fill_records(duckdb_workspace, per_class=2)
    fill_model(duckdb_workspace, ids)
    again = read_predictions(predictions_csv(duckdb_workspace, MODEL), taxonomy=HAM7)
    stored = models.predictions_with_image(duckdb_workspace.engine, MODEL)
    assert list(again.image_ids) == list(stored["image_id"])
    assert again.probabilities.tolist() == [[p[code] for code in HAM7.codes] for p in stored["probabilities"]]


def test_an_unknown_model_has_no_predictions_to_download(duckdb_workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="no model 'nowhere'"):
        predictions_csv(duckdb_workspace, "nowhere")


def test_predictions_of_an_older_workspace_say_how_they_were_made(settings_of_version_1: Settings) -> None:
    workspace = open_workspace(settings_of_version_1)
    assert models.get_model(workspace.engine, "old")["preprocessing"] == PREPROCESSING
    (row,) = models.predictions_of_record(workspace.engine, "d:1", lesion_digests=[])
    assert row["views"] == VIEW_COUNT
    workspace.close()


@pytest.fixture
def settings_of_version_1(tmp_path) -> Settings:
    """A workspace as version 1 left it, with a model and a prediction."""
    settings = Settings(home=tmp_path / "old")
    settings.home.mkdir()
    old = sa.create_engine(settings.resolved_database_url, poolclass=sa.NullPool)
    engine.upgrade(old, "0001")
    with old.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO model VALUES ('old', 'Old', 'resnet18', 'ham7', 96, 'abc', NULL, '{}', TRUE, now())")
        )
        connection.execute(sa.text("INSERT INTO prediction VALUES ('d:1', 'old', '{}', 'nv', 0.1, now())"))
    old.dispose()
    return settings
