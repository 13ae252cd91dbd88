"""Training, registering and applying classifiers on the records of a workspace, with a tiny network."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.filled_workspace import COLORS, DATASET, draw_jpeg, fill_records, own_models
from tests.quick_databases import let_go

from dermdash.classifier.checkpoints import load_checkpoint
from dermdash.classifier.inference import predict_squares
from dermdash.errors import FileDamaged, FileMissing, InvalidCheckpoint, InvalidInput, NotFound
from dermdash.records.taxonomy import HAM7
from dermdash.settings import Settings
from dermdash.storage import models, records
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.classifier import classify, embeddings, model_registry
from dermdash.workflows.classifier.classify import PredictionProgress
from dermdash.workflows.classifier.diagnose import load_classifier
from dermdash.workflows.classifier.held_out import lesions_not_trained_on
from dermdash.workflows.classifier.train_classifier import train_classifier
from dermdash.workflows.dataset import browse_records

PER_CLASS = 7
RECORDS = 7 * (PER_CLASS + 1)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A workspace whose model was trained for one epoch on 56 drawn images, closed again."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    home = tmp_path_factory.mktemp("trained") / "workspace"
    workspace = open_workspace(Settings(home=home))
    fill_records(workspace, per_class=PER_CLASS)
    model_id = train_classifier(
        workspace, dataset_id=DATASET, architecture="resnet10", input_size=32, epochs=1, batch_size=16, device="cpu"
    )
    workspace.close()
    yield home, model_id
    torch.set_num_threads(threads)


@pytest.fixture
def opened(trained: tuple[Path, str], tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(trained[0], tmp_path / "workspace")
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    yield workspace
    let_go(workspace)


@pytest.fixture
def model_id(trained: tuple[Path, str]) -> str:
    return trained[1]


def rows_of(workspace: Workspace) -> pd.DataFrame:
    return records.records_of_dataset(workspace.engine, DATASET)


def test_a_trained_model_is_registered_with_its_metrics(opened: Workspace, model_id: str) -> None:
    (model,) = own_models(opened)
    assert model["id"] == model_id
    assert not model["simulated"]
    assert model["name"] == f"resnet10 on {DATASET}"
    assert model["training_lesions_known"]
    assert model["checkpoint_sha256"].startswith(model_id)
    assert 0 <= model["metrics"]["mean_recall"] <= 1
    assert not model["metrics"]["grouped_by_patient"]  # the patient of most lesions is not known
    assert model["metrics"]["held_out_images"] > 0
    assert load_checkpoint(opened.checkpoint(model_id)).metadata.class_codes == HAM7.codes


def test_whole_patients_and_lesions_are_held_out(opened: Workspace, model_id: str) -> None:
    rows = rows_of(opened)
    held_out = lesions_not_trained_on(opened, model_id, rows)
    assert 0 < held_out.sum() < len(rows)
    marked = rows.assign(held_out=held_out)
    assert set(marked.groupby("lesion_id")["held_out"].nunique()) == {1}
    assert set(marked.dropna(subset="patient_id").groupby("patient_id")["held_out"].nunique()) == {1}
    (model,) = own_models(opened)
    assert model["metrics"]["held_out_images"] == held_out.sum()


def test_records_are_predicted_once_and_new_ones_later(opened: Workspace, model_id: str) -> None:
    seen: list[PredictionProgress] = []
    assert classify.predict_records(opened, model_id=model_id, progress=seen.append) == RECORDS
    assert seen[0] == PredictionProgress(0, RECORDS)
    assert seen[-1] == PredictionProgress(RECORDS, RECORDS)
    assert classify.predict_records(opened, model_id=model_id) == 0
    later = fill_records(opened, dataset="later", per_class=1)
    assert classify.predict_records(opened, model_id=model_id, dataset_ids=[DATASET]) == 0
    assert classify.predict_records(opened, model_id=model_id) == len(later)
    assert own_models(opened)[0]["predictions"] == RECORDS + len(later)


def test_a_prediction_is_a_distribution_over_the_classes(opened: Workspace, model_id: str) -> None:
    classify.predict_records(opened, model_id=model_id)
    found = models.predictions_of_model(opened.engine, model_id, rows_of(opened)["id"])
    for _, row in found.iterrows():
        probabilities = row["probabilities"]
        assert tuple(probabilities) == HAM7.codes
        assert sum(probabilities.values()) == pytest.approx(1, abs=1e-4)
        assert row["predicted_dx"] == max(probabilities, key=probabilities.__getitem__)
        assert row["malignancy_probability"] == pytest.approx(HAM7.malignancy_probability(probabilities), abs=1e-9)


class StopError(Exception):
    """Stands for an interruption."""


def test_interrupted_predictions_go_on_where_they_stopped(
    opened: Workspace, model_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StopError

    with monkeypatch.context() as patch:
        # Killed between the two: predictions are stored, features are not.
        patch.setattr(embeddings, "append_features", fail)
        with pytest.raises(StopError):
            classify.predict_records(opened, model_id=model_id)
    stored = models.predicted_record_ids(opened.engine, model_id)
    assert stored
    assert embeddings.record_ids(opened, model_id) == set()
    classify.predict_records(opened, model_id=model_id)
    assert models.predicted_record_ids(opened.engine, model_id) == set(rows_of(opened)["id"])
    assert embeddings.record_ids(opened, model_id) == set(rows_of(opened)["id"])
    assert classify.predict_records(opened, model_id=model_id) == 0


def test_an_unreadable_image_is_left_out_and_the_rest_predicted(opened: Workspace, model_id: str) -> None:
    row = rows_of(opened).iloc[3]
    opened.files.path(ORIGINALS, row["image_sha256"]).write_bytes(b"no image")
    assert classify.predict_records(opened, model_id=model_id) == RECORDS - 1
    assert row["id"] not in models.predicted_record_ids(opened.engine, model_id)
    assert row["id"] not in embeddings.record_ids(opened, model_id)


def test_a_record_says_whether_the_model_trained_on_its_lesion(opened: Workspace, model_id: str) -> None:
    classify.predict_records(opened, model_id=model_id)
    rows = rows_of(opened)
    held_out = lesions_not_trained_on(opened, model_id, rows)
    for mask, trained_on in ((held_out, False), (~held_out, True)):
        detail = browse_records.record_detail(opened, rows["id"][mask].iloc[0])
        assert detail.predictions[0]["trained_on_lesion"] is trained_on


def test_a_model_of_unknown_training_says_that_it_is_not_known(
    opened: Workspace, model_id: str, tmp_path: Path
) -> None:
    import torch

    weights = tmp_path / "weights.pt"
    torch.save(load_checkpoint(opened.checkpoint(model_id)).network.state_dict(), weights)
    outside = model_registry.add_checkpoint(opened, weights, architecture="resnet10", taxonomy=HAM7.name, input_size=32)
    assert outside != model_id
    classify.predict_records(opened, model_id=outside)
    record_id = rows_of(opened)["id"].iloc[0]
    assert browse_records.record_detail(opened, record_id).predictions[0]["trained_on_lesion"] is None
    assert not lesions_not_trained_on(opened, outside, rows_of(opened)).any()


def test_a_checkpoint_carried_to_another_workspace_still_knows_its_lesions(
    opened: Workspace, model_id: str, duckdb_workspace_elsewhere: Workspace
) -> None:
    other = duckdb_workspace_elsewhere
    added = model_registry.add_checkpoint(other, opened.checkpoint(model_id), name="Carried")
    assert added == model_id
    lesions = rows_of(opened).assign(dataset_id="under_another_name")
    np.testing.assert_array_equal(
        lesions_not_trained_on(other, added, lesions), lesions_not_trained_on(opened, model_id, rows_of(opened))
    )
    assert model_registry.add_checkpoint(other, opened.checkpoint(model_id)) == model_id
    assert [m["name"] for m in own_models(other)] == ["Carried"]


@pytest.fixture
def duckdb_workspace_elsewhere(tmp_path: Path) -> Iterator[Workspace]:
    workspace = open_workspace(Settings(home=tmp_path / "elsewhere"))
    yield workspace
    let_go(workspace)


def test_a_file_that_is_no_checkpoint_is_refused_and_nothing_stored(opened: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "evil.pt"
    path.write_bytes(b"\x80\x04c__builtin__\neval\n.")
    for options in ({}, {"architecture": "resnet10", "taxonomy": HAM7.name}):
        with pytest.raises(InvalidCheckpoint):
            model_registry.add_checkpoint(opened, path, **options)  # type: ignore[arg-type]
    assert len(own_models(opened)) == 1


def test_images_outside_the_workspace_are_predicted_into_columns(
    opened: Workspace, model_id: str, tmp_path: Path
) -> None:
    paths = []
    for code in COLORS:
        paths.append(tmp_path / f"{code}.jpg")
        paths[-1].write_bytes(draw_jpeg(code, seed=1))
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(paths[0].read_bytes()[:200])
    checkpoint = opened.checkpoint(model_id)
    frame, problems = classify.predict_images([broken, *paths], checkpoint=checkpoint)
    assert list(frame.columns) == ["image", *HAM7.codes]
    assert list(frame["image"]) == [path.stem for path in paths]
    np.testing.assert_allclose(frame[list(HAM7.codes)].sum(axis=1), 1, atol=1e-5)
    assert list(problems) == ["broken.jpg"]
    with pytest.raises(InvalidInput, match="no image"):
        classify.predict_images([], checkpoint=checkpoint)


def test_what_is_not_there_is_named(opened: Workspace) -> None:
    with pytest.raises(NotFound, match="m404"):
        classify.predict_records(opened, model_id="m404")
    with pytest.raises(NotFound, match="nowhere"):
        train_classifier(opened, dataset_id="nowhere")


def test_an_exported_model_is_smaller_and_answers_the_same(opened: Workspace, model_id: str, tmp_path: Path) -> None:
    out = tmp_path / "shared.safetensors"
    model_registry.export_model(opened, model_id, out, half_precision=True, temperature=2.0)
    own = load_checkpoint(opened.checkpoint(model_id))
    shared = load_checkpoint(out)
    assert out.stat().st_size < 0.6 * opened.checkpoint(model_id).stat().st_size
    assert shared.metadata.training_lesions == own.metadata.training_lesions
    squares = np.random.default_rng(0).integers(0, 256, (4, 40, 40, 3), dtype=np.uint8)
    before = np.log(predict_squares(own, squares).probabilities)
    after = np.log(predict_squares(shared, squares).probabilities)
    halved = (before - before.mean(axis=1, keepdims=True)) / 2
    np.testing.assert_allclose(after - after.mean(axis=1, keepdims=True), halved, atol=0.01)


def test_a_model_whose_file_is_another_one_answers_nothing_until_it_is_added_again(
    opened: Workspace, model_id: str, tmp_path: Path
) -> None:
    """A whole checkpoint of other weights would answer as well, under the name and the figures of this model."""
    path = opened.checkpoint(model_id)
    kept = shutil.copy(path, tmp_path / "kept.safetensors")
    model_registry.export_model(opened, model_id, tmp_path / "other.safetensors", temperature=2.0)
    shutil.copy(tmp_path / "other.safetensors", path)
    record = str(records.records_of_dataset(opened.engine, DATASET)["id"].iloc[0])
    for use in (
        lambda: classify.predict_records(opened, model_id=model_id),
        lambda: classify.probabilities_of(opened, record, model_id=model_id),
        lambda: model_registry.export_model(opened, model_id, tmp_path / "out.safetensors"),
        lambda: load_classifier(opened, model_id),
    ):
        with pytest.raises(FileDamaged, match=r"is not the file that was added.*add the model again"):
            use()
    path.unlink()
    with pytest.raises(FileMissing, match=r"is missing.*add the model again"):
        classify.predict_records(opened, model_id=model_id)
    assert model_registry.add_checkpoint(opened, Path(kept), dataset_id=DATASET) == model_id
    shutil.copy(tmp_path / "other.safetensors", path)
    assert model_registry.add_checkpoint(opened, Path(kept), dataset_id=DATASET) == model_id
    assert classify.predict_records(opened, model_id=model_id) == RECORDS
