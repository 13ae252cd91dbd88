"""Open work of one person or of the queue, for who gives it to somebody else or takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dermdash.storage import record_rows, tasks, work
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.verification.people import active_accounts


def open_work(workspace: Workspace, actor: Account, account_id: str | None) -> list[dict[str, Any]]:
    """Open tasks of a person, or (None) of the queue, by day due: id, record_id, image_id, dataset_id, purpose, due_at.

    Hidden repeats look like the reviews they are for those who have them; here they bear their purpose.

    Raises
    ------
    AccessDenied
        Whoever asks is no curator.
    """
    require(actor, Role.CURATOR)
    rows = [task for task in tasks.open_tasks(workspace.engine, account_id) if task["account_id"] == account_id]
    known = record_rows.record_rows(workspace.engine, {task["record_id"] for task in rows})
    return [{**task, "image_id": known[task["record_id"]]["image_id"]} for task in rows]


def who_could_take(workspace: Workspace, actor: Account) -> Mapping[str, str]:
    """Reviewers who are not away today, by id with their name."""
    require(actor, Role.CURATOR)
    away = work.absent_on(workspace.engine, now().date())
    return {
        account.id: account.name
        for account in sorted(active_accounts(workspace).values(), key=lambda person: person.name.casefold())
        if account.has(Role.REVIEWER) and account.id not in away
    }
