"""A filled workspace with something to evaluate: a second data set of varied patients, and a second model."""

import hashlib
from typing import Any

import numpy as np

from dermdash.classifier.checkpoints import lesion_digest
from dermdash.records.taxonomy import HAM7
from dermdash.storage import models, records
from dermdash.storage.object_store import ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace
from tests.factories import make_image, make_record
from tests.filled_workspace import DATASET, MODEL, Filled, draw_jpeg, fill_and_open

NORTH = "north"
SECOND = "m00000000002"
SITES = ("back", "face", "lower_extremity")


def fill_evaluated(workspace: Workspace, *, per_class: int = 12) -> None:
    """Add to `fill_workspace`: data set ``north``, judged by its model, and a second model that judged everything.

    The second model trained on the lesion L_nv_3 of the first data set.
    """
    first_ids = [str(i) for i in records.records_of_dataset(workspace.engine, DATASET)["id"]]
    north_ids = _fill_north(workspace, per_class)
    models.save_model(
        workspace.engine,
        values={
            "id": SECOND, "name": "Second model", "architecture": "resnet18", "taxonomy": "ham7", "input_size": 64,
            "checkpoint_sha256": "d" * 64, "dataset_id": DATASET, "training_lesions_known": True, "metrics": {},
        },
        training_lesion_digests=[lesion_digest("L_nv_3")],
    )  # fmt: skip
    for model, ids, favour in ((MODEL, north_ids, 1.8), (SECOND, north_ids, 2.8), (SECOND, first_ids, 1.5)):
        models.save_predictions(workspace.engine, noisy_predictions(workspace, model, ids, favour=favour))


def fill_and_evaluate(workspace: Workspace) -> Filled:
    """Both in one, as the app would open it."""
    made = fill_and_open(workspace)
    fill_evaluated(workspace)
    return made


def _fill_north(workspace: Workspace, per_class: int) -> list[str]:
    values = {"id": NORTH, "name": "North", "taxonomy": "ham7", "source": "drawn", "licence": "CC0"}
    records.save_dataset(workspace.engine, values={**values, "simulated": False})
    images, rows = [], []
    for c, code in enumerate(HAM7.codes):
        for i in range(per_class):
            data = draw_jpeg(code, seed=50_000 + 100 * c + i)
            sha256 = hashlib.sha256(data).hexdigest()
            workspace.files.put(ORIGINALS, sha256, data)
            workspace.files.put(THUMBNAILS, sha256, data)
            images.append(make_image(sha256, width=48, height=36, bytes=len(data)))
            rows.append(
                make_record(
                    f"N_{code.upper()}_{i}",
                    NORTH,
                    lesion_id=f"N_{code}_{i}",
                    patient_id=f"NP_{c}_{i // 2}",
                    image_sha256=sha256,
                    dx=code,
                    sex="female" if i % 3 else "male",
                    age_at_exam=[24, 44, 61, 78][i % 4],
                    anatomical_site=SITES[i % len(SITES)],
                    fitzpatrick_type=["I", "II", "III"][i % 3],
                    technical_quality=3 + i % 3,
                )
            )
    records.save_batch(workspace.engine, images=images, records=rows)
    return [str(row["id"]) for row in rows]


def noisy_predictions(workspace: Workspace, model: str, ids: list[str], *, favour: float) -> list[dict[str, Any]]:
    """Invented predictions whose true class is favoured by so much on the scale of logits."""
    truth = records.records_by_id(workspace.engine, ids).set_index("id")["dx"]
    rng = np.random.default_rng([int(model[1:]), len(ids)])
    rows = []
    for name in ids:
        logits = rng.normal(0, 1, len(HAM7.codes))
        logits[HAM7.codes.index(truth[name])] += favour
        shares = np.exp(logits) / np.exp(logits).sum()
        probabilities = {code: round(float(p), 6) for code, p in zip(HAM7.codes, shares, strict=True)}
        rows.append(
            {
                "record_id": name, "model_id": model, "probabilities": probabilities,
                "predicted_dx": max(probabilities, key=lambda code: probabilities[code]),
                "malignancy_probability": min(1.0, HAM7.malignancy_probability(probabilities)),
            }
        )  # fmt: skip
    return rows
