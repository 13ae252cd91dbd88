"""What imports did and left out, and why one brought nothing in."""

from typing import Any

import pandas as pd

from dermdash.dataset.import_plan import ImportPlan
from dermdash.dataset.source_records import ExclusionReason, SourceTable
from dermdash.records.change_chain import canonical
from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage import import_runs
from dermdash.storage.import_runs import FILE, KEPT, NOTE, ROW, TOLD, UPDATED
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.dataset.import_report import Difference, ImportReport

_NAMES = "Check that this is the folder or zip file of the table, and that the image ids are the names of the files."
_CLASSES = (
    "The diagnoses must be codes or names of classes of the taxonomy; the list names all others. Choose another "
    "taxonomy, or have the files recognised (`dermdash import auto`, *Any files*), which reads diagnoses in words."
)
_FILES = "Copy the image files again from where they come from; the list says what is wrong with each."
_ROWS = "The list names what is wrong with each row: mend the table and import it again."
_OUTCOMES = {TOLD: "", UPDATED: " (updated)", KEPT: " (kept: it was decided here)"}
_WAYS_OUT = {
    ExclusionReason.NO_IMAGE_FILE: _NAMES,
    ExclusionReason.IMAGE_WITHOUT_ROW: _NAMES,
    ExclusionReason.UNKNOWN_DIAGNOSIS: _CLASSES,
    ExclusionReason.EMPTY_FILE: _FILES,
    ExclusionReason.UNREADABLE_IMAGE: _FILES,
    ExclusionReason.UNSAFE_IMAGE: "The list says which limit each file breaks and how to raise it.",
    ExclusionReason.OTHER_PICTURE: "Another data set needs an id of its own.",
    ExclusionReason.WORKER_DIED: "Memory ran out, most likely: import again with fewer workers.",
    ExclusionReason.LOW_QUALITY_SCORE: "Images scored 1 or 2 are rejected for their quality.",
}


def list_import_runs(workspace: Workspace) -> list[dict[str, Any]]:
    """Every finished import, newest first."""
    return import_runs.list_import_runs(workspace.engine)


def exclusions_csv(workspace: Workspace, run_id: str) -> bytes:
    """Everything one import left out as CSV (UTF-8): image_id, reason, detail; notes have the reason "note"."""
    return to_safe_csv(import_runs.import_exclusions(workspace.engine, run_id))


def left_out_by(report: ImportReport) -> pd.DataFrame:
    """The same of an import just made, or only tried: image_id, reason, detail, concerns."""
    rows = len(report.rows_left_out)
    listed = [
        (e.image_id, str(e.reason), e.detail, ROW if place < rows else FILE)
        for place, e in enumerate(report.exclusions)
    ]
    listed += [(image_id, NOTE, note, NOTE) for image_id, note in report.notes]
    return pd.DataFrame(listed, columns=["image_id", "reason", "detail", "concerns"])


def left_out_of(table: SourceTable, plan: ImportPlan | None = None) -> pd.DataFrame:
    """The same of a source that was only read: its rows left out, those without an image file, files, and notes."""
    rows = table.exclusions if plan is None else plan.excluded_rows
    listed = [(e.image_id, str(e.reason), e.detail, ROW) for e in rows]
    listed += [(e.image_id, str(e.reason), e.detail, FILE) for e in (plan.excluded_files if plan is not None else ())]
    listed += [("", NOTE, note, NOTE) for note in table.notes]
    listed += [(image_id, NOTE, note, NOTE) for image_id, note in (plan.notes if plan is not None else ())]
    listed += [(r.image_id, NOTE, note, NOTE) for r in table.records for note in r.notes]
    return pd.DataFrame(listed, columns=["image_id", "reason", "detail", "concerns"])


def left_out(workspace: Workspace, run_id: str) -> pd.DataFrame:
    """What an earlier import left out and did not use: image_id, reason, detail, concerns (row, file, note)."""
    return import_runs.import_exclusions(workspace.engine, run_id)


def changes(workspace: Workspace, run_id: str) -> pd.DataFrame:
    """What rows that came again said otherwise: image_id, field, old, new, outcome (told, updated, kept)."""
    return _as_table(import_runs.import_changes(workspace.engine, run_id))


def changes_by(report: ImportReport) -> pd.DataFrame:
    """The same of an import just made, or only tried."""
    return _as_table([difference.to_json() for difference in report.changes])


def no_changes() -> pd.DataFrame:
    """The same where nothing was compared."""
    return _as_table([])


def _as_table(differences: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(differences, columns=["image_id", "field", "old", "new", "outcome"])
    return frame.assign(**{name: frame[name].map(_text) for name in ("old", "new")})


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else canonical(value)


def difference_words(difference: Difference) -> str:
    """A difference in one line."""
    old, new = _text(difference.old) or "empty", _text(difference.new) or "empty"
    return f"{difference.image_id}: {difference.field} {old} -> {new}{_OUTCOMES[difference.outcome]}"


def count_notes(workspace: Workspace, run_id: str) -> int:
    """How many values and columns an import did not use; its list names them beside what it left out."""
    return import_runs.count_exclusions(workspace.engine, run_id).get(NOTE, 0)


def reason_words(reason: str) -> str:
    """A reason for leaving something out, in words."""
    return reason.replace("_", " ")


def why_nothing_came_in(report: ImportReport) -> str | None:
    """Why an import found nothing that it could use, and the way out; None where something came in or was there."""
    if report.imported or report.masks or report.already_present or report.changed or report.restored:
        return None
    left_out = report.left_out
    if not left_out:
        return "Nothing was imported: the table has no rows. Choose the table that has one row per image."
    # What is wrong with rows tells more than files that nobody names.
    reason = next(iter(report.excluded or left_out))
    several = "" if len(left_out) == 1 else "most of all "
    return (
        f"Nothing was imported: {counted(sum(left_out.values()), 'row or file', 'rows and files')} left out, "
        f"{several}for {reason_words(reason)}. {_WAYS_OUT.get(ExclusionReason(reason), _ROWS)}"
    )
