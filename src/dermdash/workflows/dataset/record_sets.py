"""Records that somebody chose one by one, kept under a short id that an address and a filter can say."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import record_sets, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts import rights
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right


def keep_record_set(workspace: Workspace, actor: Account | None, record_ids: Collection[str], *, how: str) -> str:
    """Keep records as a set and return its id; the same records are always the same set, which never changes.

    Parameters
    ----------
    how
        How they were chosen, in words that follow "12 records": "chosen on the map".

    Raises
    ------
    AccessDenied
        The account may not.
    InvalidInput
        There is no record to keep.
    NotFound
        A record is not in the workspace.
    """
    account = rights.require_right(actor, Right.KEEP_RECORD_SETS)
    if not record_ids:
        raise InvalidInput("no record is chosen: there is nothing to keep")
    there = records.image_hashes(workspace.engine, record_ids)
    if absent := sorted(set(record_ids) - there.keys()):
        raise NotFound(f"There is no record {absent[0]!r} in this workspace.")
    return record_sets.save_record_set(workspace.engine, record_ids, how=how, account_id=account.id)


def find_record_set(workspace: Workspace, set_id: str) -> dict[str, Any] | None:
    """How many records a set has and how they were chosen (``records``, ``how``); None where there is no such set."""
    return record_sets.find_record_set(workspace.engine, set_id)
