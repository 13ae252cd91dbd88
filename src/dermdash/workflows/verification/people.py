"""Who may get work: active accounts with the role of a reviewer, what they have to do, and who is away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from dermdash.storage import accounts, tasks, work
from dermdash.storage.act_transaction import ActTransaction
from dermdash.storage.workspace import Workspace
from dermdash.verification.assignment import Candidate
from dermdash.workflows.accounts.access import Account, Expertise, Role, account_from

EXPERIENCED = (Expertise.SPECIALIST, Expertise.EXPERT)


def active_accounts(workspace: Workspace) -> dict[str, Account]:
    """Every active account by id."""
    return {row["id"]: account_from(row) for row in accounts.list_accounts(workspace.engine) if row["active"]}


def candidates(act: ActTransaction, people: Mapping[str, Account]) -> list[Candidate]:
    """Reviewers who are not away today, with the number of their open tasks."""
    load = tasks.open_counts(act)
    away = work.absent_on(act, act.moment.astimezone(UTC).date())
    return [
        Candidate(account.id, account.expertise in EXPERIENCED, load.get(account.id, 0))
        for account in people.values()
        if Role.REVIEWER in account.roles and account.id not in away
    ]


def curators(people: Mapping[str, Account]) -> list[str]:
    """Ids of those who decide on the board."""
    return [account.id for account in people.values() if Role.CURATOR in account.roles]
