"""Which records a model is known not to have seen in training."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.storage import models, records
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.dataset.locked_records import records_behind_locks
from dermdash.workflows.dataset.remembered_lesions import remembered


def lesions_not_trained_on(workspace: Workspace, model_id: str, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """For each record (``dataset_id``, ``lesion_id``), whether the model is known not to have trained on its lesion.

    What belongs to the lesion is not looked at.
    """
    model = models.get_model(workspace.engine, model_id)
    if not model["training_lesions_known"]:
        return np.zeros(len(rows), dtype=bool)
    return ~remembered(rows, models.training_lesion_digests(workspace.engine, model_id))


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
    # A lesion that was trained on is seen in a record that is not stored, too.
    known = ~lesions_not_trained_on(workspace, model_id, rows)
    return ~(known | rows["id"].isin(seen).to_numpy())


def records_of_lesions(workspace: Workspace, digests: Collection[str]) -> set[str]:
    """Ids of the records whose lesions these are (`remembered_lesions`), and of all that belong to them.

    What a model was trained on, or a threshold chosen on, is known by such digests.
    """
    if not digests:
        return set()
    every = records.similarity_columns(workspace.engine)
    return identity_groups(workspace).with_relatives(every["id"][remembered(every, digests)])


def locked_records_known_to(workspace: Workspace, model_id: str) -> dict[str, int]:
    """How many records of locked test parts a model knows from its training, by the name of the split.

    They were locked after its training had begun, or its weights came from elsewhere. An evaluation leaves them out.
    """
    if not models.get_model(workspace.engine, model_id)["training_lesions_known"]:
        return {}
    behind = records_behind_locks(workspace)
    if not behind:
        return {}
    seen = records_of_lesions(workspace, models.training_lesion_digests(workspace.engine, model_id))
    known = {name: len(seen & members) for name, members in behind.items()}
    return {name: n for name, n in known.items() if n}


def locked_test_words(known: Mapping[str, int]) -> str:
    """What `locked_records_known_to` found, in a sentence; nothing where there is nothing."""
    if not known:
        return ""
    parts = ", ".join(f"{counted(n, 'record')} of the locked test part of {name}" for name, n in known.items())
    return f"Knows {parts}."
