"""What a training must not use: records of frozen test parts, and whatever shows the same lesion or person."""

from __future__ import annotations

from dermdash.storage import splits
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.dataset.kept_splits import check_locks


def records_behind_locks(workspace: Workspace) -> dict[str, frozenset[str]]:
    """Records that belong to a locked test part by the name of the split: its own, and all that are tied to them.

    Ties are those of `identity_groups`, over every data set of the workspace and as people have confirmed them until
    today.

    Raises
    ------
    NotAsStored
        The records of such a split are not those that were locked.
    """
    check_locks(workspace)
    locked = splits.locked_records(workspace.engine)
    if not locked:
        return {}
    together = identity_groups(workspace)
    return {name: frozenset(together.with_relatives(record_ids)) for name, record_ids in locked.items()}
