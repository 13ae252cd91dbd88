"""The records that a finding names, as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.findings.list_findings import ListedFinding

MOST_SHOWN = 6


def records_of(workspace: Workspace, finding: ListedFinding, *, most: int = MOST_SHOWN) -> list[dict[str, Any]]:
    """The rows of the first records that a finding names, in its order; one that is gone is left out."""
    return _rows(workspace, finding.records[:most])


def neighbours_of(workspace: Workspace, finding: ListedFinding) -> list[dict[str, Any]]:
    """The rows of the records that look most like the one of a label error, nearest first."""
    return _rows(workspace, finding.details.get("neighbours", ()))


def _rows(workspace: Workspace, ids: Sequence[str]) -> list[dict[str, Any]]:
    frame = records.records_by_id(workspace.engine, ids)
    by_id = {str(row["id"]): {str(k): v for k, v in row.items()} for row in frame.to_dict("records")}
    return [by_id[record] for record in ids if record in by_id]
