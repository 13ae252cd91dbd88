"""Two data sets scored by a model without a network: at home it is sure of itself, away less so."""

import numpy as np

from dermdash.records.taxonomy import HAM7, Taxonomy
from dermdash.storage import models, records
from dermdash.storage.workspace import Workspace
from tests.factories import make_image, make_record
from tests.filled_workspace import MODEL

HOME, AWAY = "home", "away"
PER_CLASS = 30
TRAINED = "L_home_nv_0"


def fill_scored(workspace: Workspace, *, known: bool = True, classes: Taxonomy = HAM7) -> None:
    """Store both data sets, 30 lesions per class, with predictions; lesion 0 of the nevi at home was trained on."""
    from dermdash.classifier.checkpoints import lesion_digest

    models.save_model(
        workspace.engine,
        values={
            "id": MODEL, "name": "Scored model", "architecture": "resnet10", "taxonomy": classes.name, "input_size": 32,
            "checkpoint_sha256": "c" * 64, "dataset_id": HOME, "training_lesions_known": known, "metrics": {},
            "simulated": True,
        },
        training_lesion_digests=[lesion_digest(TRAINED)],
    )  # fmt: skip
    for dataset, favour in ((HOME, 3.0), (AWAY, 1.5)):
        add_scored(workspace, dataset, favour=favour, classes=classes)


def add_scored(workspace: Workspace, dataset: str, *, favour: float, classes: Taxonomy = HAM7) -> None:
    """A data set whose true classes are favoured by so much on the scale of logits."""
    rng = np.random.default_rng(len(dataset) + int(10 * favour))
    values = {"id": dataset, "name": dataset.title(), "taxonomy": classes.name, "source": "", "licence": ""}
    records.save_dataset(workspace.engine, values={**values, "simulated": True})
    images, rows, predictions = [], [], []
    for code in classes.codes:
        for i in range(PER_CLASS):
            sha256 = f"{dataset}{code}{i}".encode().hex().ljust(64, "0")
            images.append(make_image(sha256))
            row = make_record(f"{code}_{i}", dataset, lesion_id=f"L_{dataset}_{code}_{i}", dx=code, image_sha256=sha256)
            rows.append(row)
            logits = rng.normal(0, 1, len(classes.codes))
            logits[classes.codes.index(code)] += favour
            shares = np.exp(logits) / np.exp(logits).sum()
            probabilities = {c: round(float(p), 6) for c, p in zip(classes.codes, shares, strict=True)}
            predictions.append(
                {
                    "record_id": row["id"], "model_id": MODEL, "probabilities": probabilities,
                    "predicted_dx": max(probabilities, key=lambda c: probabilities[c]),
                    "malignancy_probability": classes.malignancy_probability(probabilities),
                }
            )  # fmt: skip
    records.save_batch(workspace.engine, images=images, records=rows)
    models.save_predictions(workspace.engine, predictions)
