"""What earlier imports did and left out."""

from typing import Any

from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage import records
from dermdash.storage.workspace import Workspace


def list_import_runs(workspace: Workspace) -> list[dict[str, Any]]:
    """Every finished import, newest first."""
    return records.list_import_runs(workspace.engine)


def exclusions_csv(workspace: Workspace, run_id: str) -> bytes:
    """Everything one import left out as CSV (UTF-8): image_id, reason, detail; notes have the reason "note"."""
    return to_safe_csv(records.import_exclusions(workspace.engine, run_id))
