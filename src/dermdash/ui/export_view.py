"""The tab of exports: choose format and records, see what would leave, build it beside the page, take it away."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from dermdash.dataset.exports.export_format import DatasetExport
from dermdash.dataset.exports.places import ARCHIVE
from dermdash.dataset.exports.registry import EXPORTS
from dermdash.records.pseudonyms import AGE_BINS
from dermdash.records.record_filter import SPLIT
from dermdash.records.split_parts import split_of_option
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose, pick, switch
from dermdash.ui.kept_export import ExportWords, watch_kept_export
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.messages import as_text
from dermdash.ui.record_choice import choose_records
from dermdash.wording import counted, number, why_left_out
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset.private_export import Privacy
from dermdash.workflows.dataset.tag_version import list_versions
from dermdash.workflows.exports.export_dataset import export_dataset
from dermdash.workflows.exports.foresee_export import ForeseenExport, foresee_export
from dermdash.workflows.exports.left_behind import remove_exports_of_others
from dermdash.workflows.exports.running_export import RunningExport, begin_export, export_of, forget_export
from dermdash.workflows.exports.selection import Selection

_PLACE = "documents.export"
_AS_THEY_ARE = "none"


def show_exports(workspace: Workspace, dataset_id: str) -> None:
    """What is to leave, and the button that builds it."""
    form = EXPORTS[
        choose(
            "Format", list(EXPORTS), lambda key: EXPORTS[key].title, key="documents.format", name="format", width=420
        )
    ]
    _say_format(form)
    with st.expander("Only some of the records", icon=":material/filter_alt:"):
        selection = _select(workspace, dataset_id)
    left, right = st.columns(2)
    with left:
        names = switch(
            "Pseudonyms", key="documents.names", name="names", default=True,
            help="For patients, lesions and examiners; dates are moved by a number of days per patient. Further "
            "columns of the source do not leave. Image ids and what people wrote leave as they are.",
        )  # fmt: skip
    with right:
        ages = choose(
            "Ages", [_AS_THEY_ARE, *map(str, AGE_BINS)],
            lambda width: "As they are" if width == _AS_THEY_ARE else f"In bins of {width} years, from 85 on as 85+",
            key="documents.ages", name="ages",
        )  # fmt: skip
    privacy = Privacy(names, None if ages == _AS_THEY_ARE else int(ages))
    if not names:
        st.caption(privacy.words)
    foreseen = foresee_export(workspace, form, selection)
    _preview(form, foreseen)
    if not foreseen.chosen:
        why = "Take a filter away above." if foreseen.words else "Import records first."
        st.info(f"There is nothing to export: no record is chosen. {why}", icon=":material/info:")
    remove_exports_of_others(workspace)
    job = _job(workspace)
    if st.button(
        "Build the export", key="documents.build", type="primary", icon=":material/archive:",
        disabled=not foreseen.chosen or (job is not None and not job.ended),
    ):  # fmt: skip
        _begin(workspace, form, selection, privacy)


def _say_format(form: DatasetExport) -> None:
    st.markdown(form.description)
    with st.expander("What comes back after an import elsewhere, and what does not"):
        carried = ", ".join(sorted(form.carries))
        extras = [words for has, words in ((form.masks, "masks"), (form.further, "further columns")) if has]
        files = "pixels of the images" if form.pixels else "image files to the byte"
        st.markdown(f"**Equal:** {as_text(carried)}; {', '.join([files, *extras])}.")
        st.markdown("\n".join(f"- {as_text(said)}" for said in form.loses))


def _select(workspace: Workspace, dataset_id: str) -> Selection:
    chosen = choose_records(workspace, key="documents.records", named=True)
    versions = [version.name for version in list_versions(workspace, dataset_id)]
    version = (
        pick(
            "As of the version",
            versions,
            key="documents.version",
            name="version",
            placeholder="As it stands",
            width=420,
        )
        if versions
        else None
    )
    parts = chosen.chosen(SPLIT)
    split, part = split_of_option(parts[0]) if len(parts) == 1 else ("", "")
    return Selection(
        dataset_id=dataset_id, record_filter=chosen.with_options(SPLIT, ()) if split else chosen, split=split,
        part=part, version=version or "",
    )  # fmt: skip


def _preview(form: DatasetExport, foreseen: ForeseenExport) -> None:
    if foreseen.words:
        st.caption(f"Only: {as_text(foreseen.words)}.")
    show_key_figures(
        [
            KeyFigure("Chosen", f"{foreseen.chosen:,}"),
            KeyFigure("Can be written", f"{foreseen.written:,}"),
            KeyFigure("Left out", f"{sum(foreseen.left_out.values()):,}"),
        ]
    )
    if foreseen.left_out:
        reasons = "; ".join(f"{why_left_out(reason)}: {n:,}" for reason, n in foreseen.left_out.items())
        st.caption(f"Left out, and listed in left_out.csv: {as_text(reasons)}.")
    for note in foreseen.notes:
        st.caption(as_text(note))
    st.caption(f"The data set: {as_text(foreseen.state)}. Written as {form.title} in one {ARCHIVE} file.")


def _begin(workspace: Workspace, form: DatasetExport, selection: Selection, privacy: Privacy) -> None:
    account = access.act(Right.READ_ANSWERS)
    described = None
    if form.key == "croissant":
        from dermdash.report.dataset_documents import croissant_description

        described = croissant_description(workspace, account, selection.dataset_id)
    name = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in selection.dataset_id)
    begin_export(
        workspace.home, account.id, f"{form.title} of {selection.dataset_id}", f"{name}-{form.key}{ARCHIVE}",
        lambda out, progress: export_dataset(
            workspace, account, form, selection, out, privacy=privacy, described=described, progress=progress
        ),
    )  # fmt: skip
    st.rerun()


def watch_export(workspace: Workspace) -> None:
    """How the export of the account stands, until it ends; then its result. To be called when all else is drawn."""
    account = access.current_account()
    watch_kept_export(workspace, None if account is None else account.id, _WORDS, on_remove=_remove)


def _progress(job: RunningExport) -> str | None:
    if not job.total:
        return None
    seconds = time.monotonic() - job.begun
    rate = job.done / seconds if seconds else 0
    return f"{job.done:,} of {counted(job.total, 'record')}, {number(rate, 0)} a second"


def _report(report: dict[str, Any]) -> tuple[str, list[str]]:
    left_out = [f"Left out: {why_left_out(reason)}: {n:,}" for reason, n in report["left_out"].items()]
    written = f"{counted(report['records'], 'record')} of {report['of']:,} in {counted(report['files'], 'file')}"
    return written, [*left_out, *report["notes"]]


_WORDS = ExportWords(
    key="documents",
    place=_PLACE,
    start="reading who said what",
    stop="Stop the export",
    progress=_progress,
    report=_report,
    command="dermdash export",
)


def _remove(workspace: Workspace) -> None:
    account = access.act(Right.READ_ANSWERS)
    forget_export(workspace.home, account.id)


def _job(workspace: Workspace) -> RunningExport | None:
    account = access.current_account()
    return export_of(workspace.home, account.id) if account is not None else None
