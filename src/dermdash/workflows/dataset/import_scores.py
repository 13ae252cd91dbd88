"""Scores of the acquisition gate out of a table: the same acts as on the page, one image after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermdash.errors import DermdashError
from dermdash.records.csv_table import require_columns
from dermdash.records.quality_score import REJECTED, decision_of
from dermdash.records.table_files import read_table_file
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.assess_acquisition import assess


@dataclass(frozen=True, slots=True)
class ScoresReport:
    """How many rows were stored, how many of them reject, and for each row that was left out its number and why."""

    stored: int
    rejected: int
    left_out: tuple[tuple[int, str], ...]

    def to_json(self) -> dict[str, Any]:
        """For the command."""
        return {
            "stored": self.stored, "rejected": self.rejected,
            "left_out": [{"row": row, "reason": why} for row, why in self.left_out],
        }  # fmt: skip


def import_scores(
    workspace: Workspace, actor: Account, path: Path, *, progress: Callable[[int, int], None] | None = None
) -> ScoresReport:
    """Take scores from a table with the columns image_id and score, and note where there is one.

    A row that cannot be taken is named and left out; the others are stored. Whether somebody had seen a proposal is
    not known of such scores, so none of them counts for the agreement with it.

    Raises
    ------
    AccessDenied
        The person may not.
    InvalidInput
        The file is no table, or lacks a column.
    """
    require_right(actor, Right.ASSESS_ACQUISITION)
    table = read_table_file(path, file_kind="table of scores")
    require_columns(table, ("image_id", "score"), file_kind="table of scores")
    rows = list(table)
    stored = rejected = 0
    left_out: list[tuple[int, str]] = []
    for done, row in enumerate(rows, start=1):
        if row.cells is None:
            left_out.append((row.number, row.problem))
            continue
        try:
            record_id = browse_records.resolve_record_id(workspace, row.cells["image_id"].strip())
            sha256 = str(browse_records.record_detail(workspace, record_id).record["image_sha256"])
            text = row.cells["score"].strip()
            score = int(text) if text.isdecimal() and len(text) == 1 else 0
            assess(workspace, actor, sha256, score, proposal_hidden=False, note=row.cells.get("note", ""))
        except DermdashError as error:
            left_out.append((row.number, str(error)))
            continue
        stored += 1
        rejected += decision_of(score) == REJECTED
        if progress is not None:
            progress(done, len(rows))
    return ScoresReport(stored, rejected, tuple(left_out))
