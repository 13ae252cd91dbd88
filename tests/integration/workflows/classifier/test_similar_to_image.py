"""Similar records of an image that is not in the workspace, with a small untrained network."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.factories import make_image, make_record
from tests.filled_workspace import DATASET, draw_jpeg, fill_records
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.dataset.image_ingestion import prepare_image
from dermdash.errors import NotFound, UnreadableImage
from dermdash.records.taxonomy import HAM7
from dermdash.storage import records
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import classify, embeddings, find_similar, model_registry

PHOTOGRAPH = draw_jpeg("nv", seed=4242)
PHOTOGRAPH_ID = f"{DATASET}:PHOTOGRAPH"


def store_photograph(workspace: Workspace) -> None:
    """Two records of one lesion whose files have their true hashes."""
    images, rows = [], []
    for name, data in (("PHOTOGRAPH", PHOTOGRAPH), ("CLOSER", draw_jpeg("nv", seed=4243))):
        prepared = prepare_image(data)
        workspace.files.put(ORIGINALS, prepared.sha256, prepared.data)
        images.append(make_image(prepared.sha256, source_sha256=prepared.source_sha256))
        rows.append(make_record(name, DATASET, lesion_id="L_photograph", image_sha256=prepared.sha256))
    records.save_batch(workspace.engine, images=images, records=rows)


def fill(workspace: Workspace) -> str:
    """Drawn records with features of a network with random weights: colours tell the classes apart all the same.

    Returns the id of its model.
    """
    import torch

    from dermdash.classifier.checkpoints import CheckpointMetadata, Classifier, save_checkpoint
    from dermdash.classifier.networks import build_network

    fill_records(workspace, per_class=3)
    store_photograph(workspace)
    torch.manual_seed(1)
    metadata = CheckpointMetadata(architecture="resnet10", taxonomy="ham7", class_codes=HAM7.codes, input_size=32)
    network = build_network("resnet10", class_count=7).eval()
    path = workspace.home / "made.safetensors"
    save_checkpoint(path, Classifier(network, metadata))
    model_id = model_registry.add_checkpoint(workspace, path)
    classify.predict_records(workspace, model_id=model_id)
    return model_id


@pytest.fixture
def workspace_with_model(made_once: MadeOnce, tmp_path: Path) -> Iterator[tuple[Workspace, str]]:
    workspace, model_id = made_once.open_copy(fill, tmp_path / "workspace")
    yield workspace, model_id
    let_go(workspace)


def test_an_upload_finds_what_its_features_find(workspace_with_model: tuple[Workspace, str]) -> None:
    workspace, model_id = workspace_with_model
    data = draw_jpeg("nv", seed=98765)
    found = find_similar.similar_to_image(workspace, data, model_id=model_id, k=5)
    assert len(found) == 5
    assert not any(n.identical for n in found)
    assert [n.similarity for n in found] == sorted((n.similarity for n in found), reverse=True)
    again = find_similar.similar_to_image(workspace, Image.open(io.BytesIO(data)), model_id=model_id, k=5)
    assert [n.record_id for n in again] == [n.record_id for n in found]


def test_the_identical_file_is_left_out_with_its_lesion_or_marked(workspace_with_model: tuple[Workspace, str]) -> None:
    workspace, model_id = workspace_with_model
    assert find_similar.records_of_upload(workspace, PHOTOGRAPH) == [PHOTOGRAPH_ID]
    left = find_similar.similar_to_image(workspace, PHOTOGRAPH, model_id=model_id, k=100)
    assert {PHOTOGRAPH_ID, f"{DATASET}:CLOSER"}.isdisjoint(n.record_id for n in left)
    assert len(left) == 28
    kept = find_similar.similar_to_image(workspace, PHOTOGRAPH, model_id=model_id, k=30, leave_out_identical=False)
    assert (kept[0].record_id, kept[0].identical) == (PHOTOGRAPH_ID, True)
    assert kept[0].similarity == pytest.approx(1, abs=1e-4)
    assert f"{DATASET}:CLOSER" in {n.record_id for n in kept[1:]}
    assert not any(n.identical for n in kept[1:])


def test_a_copy_with_added_metadata_is_still_the_identical_file(workspace_with_model: tuple[Workspace, str]) -> None:
    workspace, _ = workspace_with_model
    comment = b"taken on Monday"
    renamed = PHOTOGRAPH[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + PHOTOGRAPH[2:]
    assert find_similar.records_of_upload(workspace, renamed) == [PHOTOGRAPH_ID]
    assert find_similar.records_of_upload(workspace, b"no image") == []


def test_filters_hold_for_uploads_too(workspace_with_model: tuple[Workspace, str]) -> None:
    workspace, model_id = workspace_with_model
    data = draw_jpeg("nv", seed=4)
    found = find_similar.similar_to_image(workspace, data, model_id=model_id, k=50, classes=["mel", "bcc"])
    assert {n.dx for n in found} == {"mel", "bcc"}
    with pytest.raises(NotFound, match="no data set nowhere"):
        find_similar.similar_to_image(workspace, data, model_id=model_id, dataset_ids=["nowhere"])
    stage3 = find_similar.similar_to_image(workspace, data, model_id=model_id, k=50, stages=[3])
    assert {(n.dx, n.verification_stage) for n in stage3} == {("mel", 3)}


@pytest.mark.parametrize("data", [b"", b"no image at all", draw_jpeg("nv", seed=1)[:200]])
def test_an_upload_that_is_no_image_is_named(workspace_with_model: tuple[Workspace, str], data: bytes) -> None:
    workspace, model_id = workspace_with_model
    with pytest.raises(UnreadableImage):
        find_similar.similar_to_image(workspace, data, model_id=model_id)


def test_a_model_without_features_is_named_before_its_network_is_loaded(duckdb_workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="dermdash predict --model m404"):
        find_similar.similar_to_image(duckdb_workspace, draw_jpeg("nv", seed=1), model_id="m404")


def test_predicting_again_fills_exactly_what_is_missing(workspace_with_model: tuple[Workspace, str]) -> None:
    workspace, model_id = workspace_with_model
    assert embeddings.coverage(workspace, model_id).missing == 0
    fill_records(workspace, dataset="later", per_class=1)
    assert embeddings.coverage(workspace, model_id) == embeddings.FeatureCoverage(44, 30)
    assert embeddings.coverage(workspace, model_id).missing == 14
    assert classify.predict_records(workspace, model_id=model_id) == 14
    assert embeddings.coverage(workspace, model_id).missing == 0
    _, features = embeddings.stored_features(workspace, model_id)
    assert features.shape == (44, 512)
    assert np.isfinite(features).all()
