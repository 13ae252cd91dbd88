"""What imports did and left out, and why one brought nothing in."""

from typing import Any

from dermdash.dataset.source_records import ExclusionReason
from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.dataset.import_dataset import NOTE, ImportReport

_NAMES = "Check that this is the folder or zip file of the table, and that the image ids are the names of the files."
_CLASSES = "The diagnoses must be codes or names of the seven classes; the list names those that are not."
_FILES = "Copy the image files again from where they come from; the list says what is wrong with each."
_ROWS = "The list names what is wrong with each row: mend the table and import it again."
_WAYS_OUT = {
    ExclusionReason.NO_IMAGE_FILE: _NAMES,
    ExclusionReason.IMAGE_WITHOUT_ROW: _NAMES,
    ExclusionReason.UNKNOWN_DIAGNOSIS: _CLASSES,
    ExclusionReason.EMPTY_FILE: _FILES,
    ExclusionReason.UNREADABLE_IMAGE: _FILES,
    ExclusionReason.UNSAFE_IMAGE: "The list says which limit each file breaks and how to raise it.",
    ExclusionReason.LOW_QUALITY_SCORE: "Images scored 1 or 2 are rejected at acquisition.",
}


def list_import_runs(workspace: Workspace) -> list[dict[str, Any]]:
    """Every finished import, newest first."""
    return records.list_import_runs(workspace.engine)


def exclusions_csv(workspace: Workspace, run_id: str) -> bytes:
    """Everything one import left out as CSV (UTF-8): image_id, reason, detail; notes have the reason "note"."""
    return to_safe_csv(records.import_exclusions(workspace.engine, run_id))


def count_notes(workspace: Workspace, run_id: str) -> int:
    """How many values and columns an import did not use; its list names them beside what it left out."""
    return int((records.import_exclusions(workspace.engine, run_id)["reason"] == NOTE).sum())


def reason_words(reason: str) -> str:
    """A reason for leaving something out, in words."""
    return reason.replace("_", " ")


def why_nothing_came_in(report: ImportReport) -> str | None:
    """Why an import found nothing that it could use, and the way out; None where something came in or was there."""
    if report.imported or report.masks or report.already_present:
        return None
    if not report.excluded:
        return "Nothing was imported: the table has no rows. Choose the table that has one row per image."
    reason = max(report.excluded, key=report.excluded.__getitem__)
    several = "" if len(report.excluded) == 1 else "most of all "
    return (
        f"Nothing was imported: {counted(sum(report.excluded.values()), 'row or file', 'rows and files')} left out, "
        f"{several}for {reason_words(reason)}. {_WAYS_OUT.get(ExclusionReason(reason), _ROWS)}"
    )
