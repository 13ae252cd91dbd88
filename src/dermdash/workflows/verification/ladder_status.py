"""How far the data sets have come on the ladder, and what waits for whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from dermdash.storage import decisions, findings, record_rows, records, tasks
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.verification.histology import list_outstanding


@dataclass(frozen=True, slots=True)
class LadderStatus:
    """One data set on the ladder.

    Attributes
    ----------
    stages
        Records by stage that acts here reached; "none" without one.
    claimed
        Records by stage that only the source says.
    queue, reviews, overdue, board
        What is open: initial annotations nobody has taken, reviews, those whose day is over, cases for the board.
    outstanding, contradictions
        Malignant labels without histology, and findings of this kind that nobody has decided.
    """

    dataset_id: str
    name: str
    records: int
    stages: dict[str, int]
    claimed: dict[str, int]
    queue: int
    reviews: int
    overdue: int
    board: int
    outstanding: int
    contradictions: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def ladder_status(workspace: Workspace, actor: Account, dataset_id: str | None = None) -> list[LadderStatus]:
    """One row for each data set, or for the one named."""
    require(actor, Role.CURATOR, Role.STATISTICIAN, Role.COORDINATOR)
    engine, moment = workspace.engine, now()
    datasets = [d for d in records.list_datasets(engine) if dataset_id in (None, d["id"])]
    counts = record_rows.stage_counts(engine)
    open_of = tasks.open_tasks(engine)
    board = Counter(row["dataset_id"] for row in decisions.open_cases(engine))
    seer = actor.has(Role.CURATOR, Role.STATISTICIAN)
    outstanding = Counter(row.dataset_id for row in list_outstanding(workspace, actor)) if seer else Counter()
    against = Counter(
        row["records"][0].partition(":")[0]
        for row in findings.list_findings(engine, findings.HISTOLOGY_CONTRADICTION)
        if row["decision"] is None and row["records"]
    )
    found = []
    for d in datasets:
        key = str(d["id"])
        mine = [task for task in open_of if task["dataset_id"] == key]
        by = {
            flag: {
                "none" if row["stage"] is None else str(row["stage"]): int(row["n"])
                for row in counts
                if row["dataset_id"] == key and bool(row["claimed"]) is flag
            }
            for flag in (False, True)
        }
        found.append(
            LadderStatus(
                key, str(d["name"]), int(d["records"]), by[False], by[True],
                sum(task["account_id"] is None for task in mine),
                sum(task["purpose"] == tasks.REVIEW for task in mine),
                sum(task["due_at"] is not None and task["due_at"] < moment for task in mine),
                board[key], outstanding[key], against[key],
            )
        )  # fmt: skip
    return found
