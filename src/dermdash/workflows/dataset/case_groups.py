"""Which records are not independent, as keys that mean the same in every data set of the workspace."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from dermdash.retrieval.groups import connected_groups
from dermdash.storage import findings, records
from dermdash.storage.workspace import Workspace


def group_keys_of(workspace: Workspace, record_ids: Collection[str]) -> tuple[str, ...]:
    """Name the group of each record: linked, directly or through others, by patient, lesion, file or confirmed pair.

    The groups are those of all records of the workspace, so that a record has the same key whichever records it is
    evaluated with. Ids of patients and lesions count within their data set: another clinic's patient 1 is somebody
    else. One file under two names, and two records that people confirmed to show one lesion, belong together wherever
    they stand.

    Returns
    -------
    tuple of str
        One key per record: the strongest link known in its group (``patient``, else ``lesion``, else ``image``) and the
        smallest record id of the group, as in "patient clinic:ISIC_1".
    """
    every = records.similarity_columns(workspace.engine)
    prefix = every["dataset_id"] + "\n"
    lesions = every["lesion_id"].where(every["lesion_id"] != every["image_id"])  # the image id says: no lesion named
    position = {record_id: i for i, record_id in enumerate(every["id"])}
    pairs = [
        (position[a], position[b])
        for a, b in findings.confirmed_pairs(workspace.engine)
        if a in position and b in position
    ]
    patient, lesion = _or_none(prefix + every["patient_id"]), _or_none(prefix + lesions)
    groups = connected_groups(
        len(every), {"patient": patient, "lesion": lesion, "file": _or_none(every["image_sha256"])}, pairs
    )
    confirmed = {i for pair in pairs for i in pair}
    links = pd.DataFrame(
        {
            "id": every["id"],
            "patient": [value is not None for value in patient],
            "lesion": [value is not None or i in confirmed for i, value in enumerate(lesion)],
        }
    ).groupby(groups)
    # The kind is one for the whole group: a lesion whose patient only some records name must not have two keys.
    names = {
        group: f"{'patient' if has_patient else 'lesion' if has_lesion else 'image'} {smallest}"
        for group, smallest, has_patient, has_lesion in links.agg(
            {"id": "min", "patient": "any", "lesion": "any"}
        ).itertuples(name=None)
    }
    return tuple(names[groups[position[record_id]]] for record_id in record_ids)


def _or_none(values: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in values]
