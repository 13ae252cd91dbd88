"""What a training must not use: records of frozen test parts, and whatever shows the same lesion or person."""

from __future__ import annotations

from dermdash.classifier.checkpoints import lesion_digest
from dermdash.storage import records, splits
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.identity_groups import identity_groups


def records_behind_locks(workspace: Workspace) -> dict[str, frozenset[str]]:
    """Records that belong to a locked test part by the name of the split: its own, and all that are tied to them.

    Ties are those of `identity_groups`, over every data set of the workspace and as people have confirmed them until
    today. A lesion id of the part counts wherever it turns up, as in what a checkpoint says it was trained on.
    """
    locked = splits.locked_records(workspace.engine)
    if not locked:
        return {}
    every = records.similarity_columns(workspace.engine)
    digests = every["lesion_id"].map(lesion_digest)
    together = identity_groups(workspace)
    behind = {}
    for name, record_ids in locked.items():
        inside = every["id"].isin(record_ids)
        same_lesion = digests.isin(set(digests[inside]))
        behind[name] = frozenset(together.with_relatives(every["id"][inside | same_lesion]))
    return behind
