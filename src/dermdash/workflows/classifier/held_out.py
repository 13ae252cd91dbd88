"""Which records a model is known not to have seen in training."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.classifier.checkpoints import lesion_digest
from dermdash.retrieval.groups import connected_groups
from dermdash.storage import findings, models, records
from dermdash.storage.workspace import Workspace


def lesions_not_trained_on(workspace: Workspace, model_id: str, lesion_ids: Sequence[str]) -> NDArray[np.bool_]:
    """For each lesion, whether the model is known not to have trained on it (what belongs to it is not looked at)."""
    model = models.get_model(workspace.engine, model_id)
    if not model["training_lesions_known"]:
        return np.zeros(len(lesion_ids), dtype=bool)
    trained = models.training_lesion_digests(workspace.engine, model_id)
    return np.array([lesion_digest(lesion_id) not in trained for lesion_id in lesion_ids], dtype=bool)


def held_out_records(workspace: Workspace, model_id: str, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether the model is known not to have trained on the lesion, its patient, the same file or a confirmed twin.

    Belonging is transitive: another image of a twin's lesion is seen as well.

    A model trained elsewhere may have split by lesion only, and the same image may stand in another data set under
    another lesion. A patient's id counts within its data set: another clinic's patient 1 is somebody else. Records
    that people found to show one lesion under two ids (findings) are seen together.

    Parameters
    ----------
    rows
        Records with ``id``, ``dataset_id``, ``lesion_id``, ``patient_id`` and ``image_sha256``.

    Returns
    -------
    array
        bool, one per row; all False for a model that does not say what it trained on.
    """
    every = records.similarity_columns(workspace.engine)
    trained = ~lesions_not_trained_on(workspace, model_id, every["lesion_id"].tolist())
    groups = _groups(workspace, every)
    seen = every["id"][np.isin(groups, groups[trained])]
    # A lesion that was trained on is seen wherever it turns up, in a record that is not stored too.
    known = ~lesions_not_trained_on(workspace, model_id, rows["lesion_id"].tolist())
    return ~(known | rows["id"].isin(set(seen)).to_numpy())


def _groups(workspace: Workspace, every: pd.DataFrame) -> NDArray[np.int32]:
    """Number the groups of records linked, directly or through others, by lesion, patient, file or confirmed pair."""
    prefix = every["dataset_id"] + ":"
    position = {record_id: i for i, record_id in enumerate(every["id"])}
    pairs = [
        (position[a], position[b])
        for a, b in findings.confirmed_pairs(workspace.engine)
        if a in position and b in position
    ]
    belongings = {
        "lesion": _or_none(prefix + every["lesion_id"]),
        "patient": _or_none(prefix + every["patient_id"]),
        "file": _or_none(every["image_sha256"]),
    }
    return connected_groups(len(every), belongings, pairs)


def _or_none(values: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in values]
