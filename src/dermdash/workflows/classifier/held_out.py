"""Which records a model is known not to have seen in training."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.classifier.checkpoints import lesion_digest
from dermdash.storage import models, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.identity_groups import identity_groups


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
    if not models.get_model(workspace.engine, model_id)["training_lesions_known"]:
        return np.zeros(len(rows), dtype=bool)
    seen = records_of_lesions(workspace, models.training_lesion_digests(workspace.engine, model_id))
    # A lesion that was trained on is seen wherever it turns up, in a record that is not stored too.
    known = ~lesions_not_trained_on(workspace, model_id, rows["lesion_id"].tolist())
    return ~(known | rows["id"].isin(seen).to_numpy())


def records_of_lesions(workspace: Workspace, digests: Collection[str]) -> set[str]:
    """Ids of the records whose lesions these are (`lesion_digest`), and of all that belong to them.

    What a model was trained on, or a threshold chosen on, is known by such digests.
    """
    if not digests:
        return set()
    every = records.similarity_columns(workspace.engine)
    known = [lesion_digest(str(lesion)) in digests for lesion in every["lesion_id"]]
    return identity_groups(workspace).with_relatives(every["id"][known])
