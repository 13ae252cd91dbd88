"""The review rule of a data set: which holds, and setting another one, which leaves what has begun as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dermdash.errors import NotFound
from dermdash.storage import record_rows, review_rules
from dermdash.storage.act_transaction import in_one_act
from dermdash.storage.workspace import Workspace
from dermdash.verification.review_rule import ReviewRule
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.verification.board import checked_text


def rule_that_holds(workspace: Workspace, dataset_id: str) -> ReviewRule:
    """The rule under which the next reviews of a data set are asked for."""
    versions = review_rules.rules_of(workspace.engine, dataset_id)
    return ReviewRule.from_json(versions[-1]["rule"] if versions else None)


def rule_history(workspace: Workspace, dataset_id: str) -> list[Mapping[str, Any]]:
    """Every rule that somebody set: version, rule, account_id, reason, created_at; oldest first."""
    return list(review_rules.rules_of(workspace.engine, dataset_id))


def set_rule(workspace: Workspace, actor: Account, dataset_id: str, rule: ReviewRule, *, reason: str) -> int:
    """Let another rule hold from now on, and return its version; reviews that were asked for keep theirs.

    Raises
    ------
    AccessDenied
        Whoever sets it is no curator.
    NotFound
        There is no such data set.
    InvalidInput
        No reason.
    """
    require(actor, Role.CURATOR)
    why = checked_text(reason, "reason")
    if record_rows.dataset_row(workspace.engine, dataset_id) is None:
        raise NotFound(f"There is no data set {dataset_id!r}.")
    return in_one_act(
        workspace.engine,
        actor.id,
        lambda act: review_rules.add_rule(act, dataset_id=dataset_id, rule=rule.as_json(), reason=why),
    )
