"""Exports of accounts that may export no more: stopped and removed."""

from __future__ import annotations

from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.rights import Right, may
from dermdash.workflows.exports.running_export import of_studies, remove_left_behind
from dermdash.workflows.verification.people import active_accounts


def remove_exports_of_others(workspace: Workspace) -> None:
    """Remove what accounts have left that were closed or may read answers no more, and stop what they have under way.

    The server does so every few minutes, and the page of exports at each look.
    """
    people = active_accounts(workspace)
    still = [name for name, account in people.items() if may(account, Right.READ_ANSWERS)]
    still += [of_studies(name) for name, account in people.items() if may(account, Right.RUN_STUDIES)]
    remove_left_behind(workspace.home, still)
