"""Which records a model is known not to have seen in training."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.retrieval.groups import connected_groups
from dermdash.storage import findings, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows import classify


def held_out_records(workspace: Workspace, model_id: str, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether the model is known not to have trained on the lesion, its patient, the same file or a confirmed twin.

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
    trained = every[~classify.held_out_mask(workspace, model_id, every["lesion_id"].tolist())]
    seen = ~classify.held_out_mask(workspace, model_id, rows["lesion_id"].tolist())
    known = trained[trained["patient_id"].notna()]
    patients = pd.MultiIndex.from_frame(known[["dataset_id", "patient_id"]])
    seen |= pd.MultiIndex.from_frame(rows[["dataset_id", "patient_id"]]).isin(patients)
    seen |= rows["image_sha256"].isin(set(trained["image_sha256"])).to_numpy()
    seen |= rows["id"].isin(_twins(workspace, every, set(trained["id"]))).to_numpy()
    return ~seen


def _twins(workspace: Workspace, every: pd.DataFrame, trained: set[str]) -> set[str]:
    """Ids of the records confirmed, directly or through others, to show a lesion of the trained records."""
    pairs = findings.confirmed_pairs(workspace.engine)
    if not pairs:
        return set()
    ids = every["id"].tolist()
    position = {record_id: i for i, record_id in enumerate(ids)}
    present = [(position[a], position[b]) for a, b in pairs if a in position and b in position]
    groups = connected_groups(len(ids), {}, present)
    known = {int(groups[position[record_id]]) for record_id in trained}
    return {record_id for record_id, group in zip(ids, groups.tolist(), strict=True) if group in known}
