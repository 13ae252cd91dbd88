"""Saliency maps and their figures on both engines."""

from typing import Any

import numpy as np
import pytest
from tests.factories import make_image, make_record

from dermdash.storage import models, records, saliency
from dermdash.storage.workspace import Workspace

MODEL = {"model_id": "m1", "target": "predicted", "method": "v1"}


def make_map(record_id: str, **changes: Any) -> dict[str, Any]:
    heat = np.arange(784, dtype=np.uint16).astype(np.uint8).tobytes()
    return {"record_id": record_id, **MODEL, "explained": "mel", "probability": 0.75, "heat": heat} | changes


@pytest.fixture
def filled(workspace: Workspace) -> Any:
    engine = workspace.engine
    records.save_dataset(engine, values={"id": "ham", "name": "HAM", "taxonomy": "ham7"})
    records.save_dataset(engine, values={"id": "other", "name": "Other", "taxonomy": "clinical9"})
    rows = [make_record("A", dx="mel"), make_record("B"), make_record("C"), make_record("D", dataset_id="other")]
    records.save_batch(
        engine, images=[make_image()], records=rows, masks=[{"record_id": "ham:A", "mask_sha256": "f" * 64}]
    )
    models.save_model(
        engine,
        values={
            "id": "m1", "name": "m", "architecture": "resnet10", "taxonomy": "ham7", "input_size": 96,
            "checkpoint_sha256": "c" * 64, "metrics": {}, "training_lesions_known": True,
        },
        training_lesion_digests=[],
    )  # fmt: skip
    return engine


def test_a_map_comes_back_byte_by_byte_and_a_second_one_does_not_replace_it(filled: Any) -> None:
    saliency.save_maps(filled, [make_map("ham:A"), make_map("ham:B", explained="nv")])
    saliency.save_maps(filled, [make_map("ham:A", explained="bcc", heat=b"\0" * 784)])
    (found,) = saliency.maps_of_records(filled, ["ham:A", "ham:C"], **MODEL)
    assert found["heat"] == make_map("ham:A")["heat"]
    assert (found["explained"], found["probability"], found["input_size"]) == ("mel", 0.75, 96)
    assert saliency.explained_record_ids(filled, "m1", "predicted", "v1") == {"ham:A", "ham:B"}


def test_targets_models_and_methods_are_kept_apart(filled: Any) -> None:
    saliency.save_maps(
        filled,
        [make_map("ham:A"), make_map("ham:B", target="malignant"), make_map("ham:C", method="v2")],
    )
    assert saliency.explained_record_ids(filled, "m1", "predicted", "v1") == {"ham:A"}
    assert saliency.explained_record_ids(filled, "m1", "malignant", "v1") == {"ham:B"}
    assert saliency.explained_record_ids(filled, "m2", "predicted", "v1") == set()


def test_records_are_counted_over_the_data_sets_of_the_models_taxonomy(filled: Any) -> None:
    saliency.save_maps(filled, [make_map("ham:A"), make_map("ham:A", target="malignant")])
    assert saliency.count_explained(filled, **MODEL, taxonomy="ham7", simulated=False) == (1, 3)
    assert saliency.count_explained(filled, **MODEL, taxonomy="clinical9", simulated=False) == (0, 1)
    assert saliency.count_explained(filled, **MODEL, taxonomy="ham7", simulated=True) == (0, 0)


def test_explained_records_come_with_truth_and_mask(filled: Any) -> None:
    saliency.save_maps(filled, [make_map("ham:B"), make_map("ham:A")])
    frame = saliency.explained_records(filled, **MODEL)
    assert list(frame["record_id"]) == ["ham:A", "ham:B"]
    assert list(frame["dx"]) == ["mel", "nv"]
    assert list(frame["mask_sha256"]) == ["f" * 64, None]
    assert list(frame["predicted_dx"]) == [None, None]


def test_figures_and_curves_come_back_whole(filled: Any) -> None:
    row = {"record_id": "ham:A", **MODEL, "region": "lesion", "region_sha256": "f" * 64, "figures": {"share": 0.5}}
    saliency.save_faithfulness(filled, [row])
    saliency.save_faithfulness(filled, [{**row, "region_sha256": "e" * 64, "figures": {"share": 0.9}}])
    assert saliency.measured_regions(filled, **MODEL) == {
        ("ham:A", "lesion", "f" * 64), ("ham:A", "lesion", "e" * 64)
    }  # fmt: skip
    found = {r["region_sha256"][0]: r["figures"] for r in saliency.faithfulness_of_model(filled, **MODEL)}
    assert found == {"f": {"share": 0.5}, "e": {"share": 0.9}}
    saliency.save_curves(filled, [{"record_id": "ham:A", **MODEL, "curves": {"gradcam": {"deletion": [1.0, 0.0]}}}])
    assert saliency.curves_of_model(filled, **MODEL) == [
        {"record_id": "ham:A", "curves": {"gradcam": {"deletion": [1.0, 0.0]}}}
    ]
