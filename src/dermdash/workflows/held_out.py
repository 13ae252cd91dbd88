"""Which records a model is known not to have seen in training."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows import classify


def held_out_records(workspace: Workspace, model_id: str, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether the model is known not to have trained on the lesion, on its patient, or on the same file.

    A model trained elsewhere may have split by lesion only, and the same image may stand in another data set under
    another lesion. A patient's id counts within its data set: another clinic's patient 1 is somebody else.

    Parameters
    ----------
    rows
        Records with ``dataset_id``, ``lesion_id``, ``patient_id`` and ``image_sha256``.

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
    return ~seen
