"""People who verify records, records that wait for them, and what they do, in one call each."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from dermdash.storage import accounts, records
from dermdash.storage.accounts import Change
from dermdash.storage.act_transaction import in_one_act
from dermdash.storage.review_rules import add_rule
from dermdash.storage.workspace import Workspace
from dermdash.verification.annotation_outbox import AnnotationSubmission
from dermdash.verification.review_rule import ReviewRule
from dermdash.workflows.accounts.access import Account, Expertise, Role
from dermdash.workflows.verification.annotate import AnnotationReceipt, OpenTask, open_task, receive
from tests.factories import make_image, make_record

DATASET = "ladder"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NO_REPEATS = ReviewRule(repeat_share=0.0)


def make_account(name: str, *roles: Role, expertise: Expertise = Expertise.SPECIALIST) -> Account:
    """An account that is nowhere stored; a reviewer where no role is named."""
    return Account(name, name.title(), frozenset(roles or (Role.REVIEWER,)), expertise)


def add_account(workspace: Workspace, account: Account, *, active: bool = True) -> Account:
    """Store an account, or change it."""

    def decide(known: list[dict[str, Any]]) -> Change:
        state = {
            "name": account.name, "email": None, "roles": sorted(account.roles), "expertise": str(account.expertise),
            "active": active,
        }  # fmt: skip
        new = account.id not in {row["id"] for row in known}
        return Change(account_id=account.id, act="created", state=state, changed_by="test", new=new)

    accounts.change_account(workspace.engine, decide)
    return account


def add_people(workspace: Workspace, *names: str, experts: Sequence[str] = ()) -> list[Account]:
    """Reviewers of these names; those among ``experts`` are experts, the others residents."""
    return [
        add_account(
            workspace, make_account(name, expertise=Expertise.EXPERT if name in experts else Expertise.RESIDENT)
        )
        for name in names
    ]


def add_curator(workspace: Workspace, name: str = "cora") -> Account:
    """A curator who reviews nothing."""
    return add_account(workspace, make_account(name, Role.CURATOR))


def set_rule(workspace: Workspace, rule: ReviewRule = NO_REPEATS, dataset: str = DATASET) -> None:
    """Let a rule hold."""
    in_one_act(
        workspace.engine, "cora", lambda act: add_rule(act, dataset_id=dataset, rule=rule.as_json(), reason="test")
    )


def fill_unannotated(workspace: Workspace, count: int = 3, **changes: Any) -> list[str]:
    """Records without a diagnosis, and a rule without hidden repeats; return their ids."""
    dataset = {
        "id": DATASET, "name": "Ladder", "taxonomy": "ham7", "source": "", "licence": "", "simulated": False,
    }  # fmt: skip
    records.save_dataset(workspace.engine, values=dataset)
    blank = {
        "dx": None, "dx_type": None, "source_label": None, "clinical_diagnosis": None, "verification_stage": None,
    }  # fmt: skip
    rows = [make_record(f"R{i:04}", DATASET, image_sha256=f"{i:064x}", **(blank | changes)) for i in range(count)]
    images = [make_image(row["image_sha256"]) for row in rows]
    records.save_batch(workspace.engine, images=images, records=rows)
    set_rule(workspace)
    return [str(row["id"]) for row in rows]


def content(dx: str | None = "nv", **changes: Any) -> dict[str, Any]:
    """What a browser sends as an annotation."""
    return {"dx": dx, "values": {}, "marks": [], "unsure": dx is None, "comment": "", "quality": 4} | changes


def submission(task_id: str, dx: str | None = "nv", **changes: Any) -> AnnotationSubmission:
    """A submitted annotation as the outbox parses it."""
    given = {"id": uuid4(), "client_ms": 5000.0, "shown_at": NOON, "submitted_at": NOON}
    own = {name: changes.pop(name) for name in given if name in changes}
    return AnnotationSubmission(task=task_id, annotation=content(dx, **changes), **(given | own))


def answer(
    workspace: Workspace, account: Account, task_id: str, dx: str | None = "nv", **changes: Any
) -> AnnotationReceipt:
    """Submit an annotation of a task."""
    return receive(workspace, account, [submission(task_id, dx, **changes)])


def answer_next(workspace: Workspace, account: Account, dx: str | None = "nv", **changes: Any) -> OpenTask:
    """Open the next task, answer it, and return it."""
    task = open_task(workspace, account)
    assert task is not None
    receipt = answer(workspace, account, task.id, dx, **changes)
    assert not receipt.refused, receipt.refused
    return task


def record_of(workspace: Workspace, record_id: str) -> dict[str, Any]:
    """A record as it is now."""
    return records.get_record(workspace.engine, record_id)
