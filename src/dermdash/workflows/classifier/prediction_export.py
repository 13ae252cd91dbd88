"""Stored predictions as a file that says of every probability how it was made."""

from __future__ import annotations

import pandas as pd

from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import BorderlinePolicy, get_taxonomy
from dermdash.storage import models
from dermdash.storage.acquisition import rejected_ids
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.malignancy import malignancy_under

# Beside the image and its classes; readers of predictions files know these columns.
PROVENANCE = (
    "model", "checkpoint_sha256", "architecture", "input_size", "preprocessing", "views", "predicted_at", "acquisition",
)  # fmt: skip


def predictions_table(
    workspace: Workspace, model_id: str, *, borderline: BorderlinePolicy = BorderlinePolicy.BENIGN
) -> pd.DataFrame:
    """One row per record a model predicted, ordered by data set and image.

    Columns ``image``, the class codes, ``predicted_dx``, ``malignancy_probability``, ``borderline`` (what borderline
    classes counted as in it), ``dataset`` and `PROVENANCE`; ``acquisition`` says of what the gate rejected so, and is
    empty else.

    Raises
    ------
    NotFound
        No such model.
    """
    model = models.get_model(workspace.engine, model_id)
    taxonomy = get_taxonomy(model["taxonomy"]).counting_borderline_as(borderline)
    stored = malignancy_under(taxonomy, models.predictions_with_image(workspace.engine, model_id))
    gone = rejected_ids(workspace.engine)
    shares = {code: [p[code] for p in stored["probabilities"]] for code in taxonomy.codes}
    return pd.DataFrame(
        {
            "image": stored["image_id"],
            **shares,
            "predicted_dx": stored["predicted_dx"],
            "malignancy_probability": stored["malignancy_probability"],
            "borderline": borderline.value,
            "dataset": stored["dataset_id"],
            "model": model_id,
            "checkpoint_sha256": model["checkpoint_sha256"],
            "architecture": model["architecture"],
            "input_size": model["input_size"],
            "preprocessing": model["preprocessing"],
            "views": stored["views"].astype("Int64"),
            "predicted_at": [moment.isoformat(timespec="seconds") for moment in stored["created_at"]],
            "acquisition": ["rejected" if key in gone else "" for key in stored["record_id"]],
        }
    )


def predictions_csv(
    workspace: Workspace, model_id: str, borderline: BorderlinePolicy = BorderlinePolicy.BENIGN
) -> bytes:
    """`predictions_table` as CSV (UTF-8); `dataset.predictions_csv` reads it again."""
    return to_safe_csv(predictions_table(workspace, model_id, borderline=borderline))
