"""What an import did, or would do: counts, differences, what was left out and what contradicts; and earlier imports."""

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.dataset.contradictions import title_of
from dermdash.dataset.formats.registry import FORMATS
from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.navigation import page_link
from dermdash.ui.tables import data_table, height_of
from dermdash.wording import counted, duration, form, moment
from dermdash.workflows.dataset import browse_records, import_log
from dermdash.workflows.dataset.import_report import ImportReport

_MOST_SHOWN = 5000
_HEADS = {"image_id": "Image id", "reason": "Reason", "detail": "What and where", "concerns": "Row or file"}
_CHANGE_HEADS = {
    "image_id": "Image id", "field": "Field", "old": "It came with", "new": "The row says", "outcome": "What was done",
}  # fmt: skip
_OUTCOMES = {"told": "nothing", "updated": "updated", "kept": "kept: decided here"}


def show_result(workspace: Workspace) -> None:
    """The result of the import just made, until the page is left: counts, what was left out by reason, notes."""
    report: ImportReport | None = st.session_state.get(keys.IMPORT_REPORT)
    if report is None:
        return
    _say_what_came_in(workspace, report)
    if report.scored_lower:
        st.warning(
            f"{counted(report.scored_lower, 'row')} now {form(report.scored_lower, 'scores', 'score')} an image 1 or 2 "
            "that is in the data set. Nothing of such a row was taken over, with an update neither: an "
            "image is rejected on the page Image quality alone.",
            icon=":material/grade:",
        )
        page_link("dataset/acquisition", label="Image quality", icon=":material/grade:")
    if report.left_out:
        st.markdown("**Left out, by reason**")
        data_table(_by_reason(report.excluded, report.files_left_out), key="import.excluded", width="content")
    if report.left_out or report.notes:
        listed = import_log.left_out_by(report)
        words = (
            "Everything that was left out or not used" if report.left_out else "Values and columns that were not used"
        )
        _listed(listed, words, key="import.exclusions", name=_file_name(report.run_id, "left-out"))
    if report.changes:
        words = "Rows that say otherwise than their records"
        _listed(
            _as_read(import_log.changes_by(report)), words, key="import.changes",
            name=_file_name(report.run_id, "changes"), heads=_CHANGE_HEADS,
        )  # fmt: skip
    _say_contradictions(report.contradictions)
    if not report.dry_run and (report.imported or report.already_present or report.changed):
        page_link("dataset/records", label="Browse the records", icon=":material/grid_view:")


def _say_what_came_in(workspace: Workspace, report: ImportReport) -> None:
    name = as_text(browse_records.dataset_name(workspace, report.dataset))
    nothing = import_log.why_nothing_came_in(report)
    if report.dry_run:
        st.info(
            f"Nothing was stored. {counted(report.imported, 'image')} would be imported into {name}.",
            icon=":material/visibility:",
        )
    elif nothing is not None:
        st.warning(nothing, icon=":material/warning:")
    elif report.imported:
        st.success(f"{counted(report.imported, 'image')} imported into {name}.", icon=":material/check:")
    elif report.updated:
        st.success(f"{counted(report.updated, 'record')} of {name} updated.", icon=":material/check:")
    elif report.masks:
        st.success(f"{counted(report.masks, 'mask')} imported into {name}.", icon=":material/check:")
    else:
        st.info(f"Nothing new: what could be used is in {name} already.", icon=":material/info:")
    facts = [f"{counted(report.rows, 'row')} read"]
    facts += [f"{report.already_present:,} already present"] if report.already_present else []
    facts += [f"{report.changed:,} changed ({report.updated:,} updated)"] if report.changed else []
    facts += [counted(report.masks, "mask")] if report.masks and report.imported else []
    facts += [f"{counted(report.restored, 'stored file')} restored"] if report.restored else []
    st.markdown(f"{', '.join(facts)}, in {duration(report.seconds)}.")


def _by_reason(rows: dict[str, int], files: dict[str, int]) -> pd.DataFrame:
    """A line for each reason; rows of the table and files apart, as only rows add up to those of the table."""
    lines = [(import_log.reason_words(reason), n, "rows") for reason, n in rows.items()]
    lines += [(import_log.reason_words(reason), n, "files") for reason, n in files.items()]
    return pd.DataFrame(lines, columns=["Reason", "Number", "Of"])


def _as_read(changes: pd.DataFrame) -> pd.DataFrame:
    return changes.assign(outcome=changes["outcome"].map(_OUTCOMES))


def _listed(frame: pd.DataFrame, title: str, *, key: str, name: str, heads: dict[str, str] = _HEADS) -> None:
    """A long list, closed at first, with all of it to download."""
    with st.expander(f"{title} ({len(frame):,})"):
        shown = frame.head(_MOST_SHOWN)
        if "reason" in shown:
            shown = shown.assign(reason=shown["reason"].map(import_log.reason_words))
        if len(frame) > _MOST_SHOWN:
            st.caption(f"The first {_MOST_SHOWN:,}; the file holds all.")
        data_table(shown.rename(columns=heads), key=key, height=height_of(len(shown), most=430))
    _download(lambda: to_safe_csv(frame), name, key=f"{key}.download")


def _download(data: Any, name: str, *, key: str) -> None:
    st.download_button(
        "Download the list (CSV)", data=data, file_name=name, mime="text/csv", key=key, icon=":material/download:",
        on_click="ignore",
    )  # fmt: skip


def _file_name(run_id: str, what: str) -> str:
    return f"dermdash-import-{run_id[:8] or 'tried'}-{what}.csv"


def _say_contradictions(counts: dict[str, int]) -> None:
    if not counts:
        return
    kinds = ", ".join(f"{title_of(kind)} ({n:,})" for kind, n in counts.items())
    st.warning(
        f"{counted(sum(counts.values()), 'contradiction')} in the data set that nobody has decided about: {kinds}.",
        icon=":material/warning:",
    )
    page_link(
        "dataset/findings", label="Look at both rows", icon=":material/compare:", query_params={"of": "contradictions"}
    )


def past_imports(workspace: Workspace) -> None:
    """List finished imports, newest first; a chosen one shows what it left out."""
    st.header("Past imports", anchor=False)
    runs = import_log.list_import_runs(workspace)
    if not runs:
        empty_state("history", "No import yet", "Choose a metadata table and its images above.")
        return
    names = browse_records.dataset_names(workspace)
    chosen = data_table(
        pd.DataFrame(
            {
                "Finished": [moment(run["finished_at"]) for run in runs],
                "Data set": [names.get(run["dataset_id"], run["dataset_id"]) for run in runs],
                "Format": [_format_title(run["adapter"]) for run in runs],
                "Rows": [run["rows"] for run in runs],
                "Imported": [run["imported"] for run in runs],
                "Already present": [run["already_present"] for run in runs],
                "Changed": [run["changed"] for run in runs],
                "Left out": [sum(run["excluded"].values()) for run in runs],
                "Files left out": [sum((run["files_left_out"] or {}).values()) for run in runs],
            }
        ),
        key="import.past",
        on_select="rerun",
        selection_mode="single-row",
    )
    rows = chosen["selection"]["rows"]
    if rows:
        _show_run(workspace, runs[rows[0]])
    else:
        st.caption("Choose a row to see what that import left out.")


def _format_title(adapter: str) -> str:
    return FORMATS[adapter].title if adapter in FORMATS else adapter


def _show_run(workspace: Workspace, run: dict[str, Any]) -> None:
    st.markdown(f"**Left out by the import of {moment(run['finished_at'])}**")
    files = run["files_left_out"] or {}
    if run["excluded"] or files:
        data_table(_by_reason(run["excluded"], files), key="import.past_excluded", width="content")
    else:
        st.markdown("No row and no file was left out.")
    notes = import_log.count_notes(workspace, run["id"])
    if notes:
        st.markdown(f"{counted(notes, 'value or column', 'values and columns')} not used; the list names what and why.")
    if run["excluded"] or files or notes:
        listed = import_log.left_out(workspace, run["id"])
        _listed(listed, "The list", key="import.past_exclusions", name=_file_name(run["id"], "left-out"))
    if run["changed"]:
        changes = _as_read(import_log.changes(workspace, run["id"]))
        name = _file_name(run["id"], "changes")
        _listed(changes, "Rows that said otherwise", key="import.past_changes", name=name, heads=_CHANGE_HEADS)
