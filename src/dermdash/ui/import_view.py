"""The parts of the import page: what to import, the import itself, its result, earlier imports."""

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

import pandas as pd
import streamlit as st

from dermdash.dataset.formats.registry import FORMATS
from dermdash.errors import InvalidInput, WorkspaceFull
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, TAXONOMIES
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.navigation import page_link
from dermdash.ui.tables import data_table
from dermdash.whole_files import disk_is_full
from dermdash.wording import counted, duration, moment, number
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records, import_log
from dermdash.workflows.dataset.import_dataset import ImportProgress, ImportReport, import_dataset

# No import runs for a day.
_LEFT_OVER_AFTER_S = 24 * 3600
_FORMAT = "import.format"
_UPLOAD, _SERVER = "upload", "server"
_PLACES = {_UPLOAD: "Upload zip files", _SERVER: "Folders on the machine that runs the app"}


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What the form asks for; images and masks are uploaded files or paths on this machine."""

    adapter: str
    taxonomy: str
    metadata: bytes
    images: list[BinaryIO | Path]
    masks: list[BinaryIO | Path]
    dataset_id: str | None
    name: str | None
    pseudonyms: bool = False


def import_form() -> ImportRequest | None:
    """Draw the form; return what to import when it was just submitted.

    Raises
    ------
    InvalidInput
        The metadata file or the images were not given.
    """
    adapter = choose("Format", list(FORMATS), lambda adapter: FORMATS[adapter].title, key=_FORMAT)
    form = FORMATS[adapter]
    taxonomy = form.taxonomy or choose(
        "Taxonomy of the diagnoses",
        list(TAXONOMIES),
        lambda name: TAXONOMIES[name].title,
        key="import.taxonomy",
        default=DEFAULT_TAXONOMY,
        help="The classes that the column dx uses.",
    )
    place = choose(
        "Where are the images?", list(_PLACES), _PLACES.__getitem__, key="import.place", draw="radio", horizontal=True
    )
    with st.form("import.form", border=True):
        metadata = st.file_uploader("Metadata table (CSV)", type=["csv", "tsv", "txt"], key="import.metadata")
        st.caption(f"{form.description} Expected columns: {form.needs}.")
        images: list[BinaryIO | Path] = []
        masks: list[BinaryIO | Path] = []
        if place == _UPLOAD:
            images += st.file_uploader("Images (zip)", type="zip", accept_multiple_files=True, key="import.images")
            masks += st.file_uploader(
                "Lesion masks (zip, optional)", type="zip", accept_multiple_files=True, key="import.masks"
            )
        else:
            help_text = "One folder or zip file per line."
            images += _paths(st.text_area("Image folders or zip files", key="import.image_paths", help=help_text))
            masks += _paths(st.text_area("Mask folders or zip files (optional)", key="import.mask_paths", height=68))
        own_id, own_name = st.columns(2)
        dataset_id = own_id.text_input("Data set id (optional)", key="import.dataset_id", placeholder=form.dataset_id)
        name = own_name.text_input("Name (optional)", key="import.name", placeholder=form.name)
        hide = st.checkbox(
            "Store patients, lesions and examiners under pseudonyms, and dates moved per patient",
            key="import.pseudonyms",
            help="The key lies outside the workspace; with it a person keeps one pseudonym in all imports.",
        )
        start = st.form_submit_button("Start import", type="primary", key="import.start", icon=":material/upload:")
    if not start:
        return None
    if metadata is None:
        raise InvalidInput("Choose the metadata table first: a CSV with one row per image.")
    if not images:
        raise InvalidInput("Name the images first: zip files to upload, or folders on this machine.")
    own_id_or_none, own_name_or_none = dataset_id.strip() or None, name.strip() or None
    return ImportRequest(adapter, taxonomy, metadata.getvalue(), images, masks, own_id_or_none, own_name_or_none, hide)


def _paths(text: str) -> list[Path]:
    return [Path(line.strip()).expanduser() for line in text.splitlines() if line.strip()]


def run_import(workspace: Workspace, request: ImportRequest, *, imported_by: str) -> ImportReport:
    """Run the import under a progress bar with rate and remaining time; the change log names who imports."""
    bar = st.progress(0.0, "Reading the table and listing the images")
    started = time.monotonic()

    def show(progress: ImportProgress) -> None:
        share = progress.done / progress.total if progress.total else 1.0
        bar.progress(share, progress_words(progress, time.monotonic() - started))

    with _spooled(workspace, request.images) as images, _spooled(workspace, request.masks) as masks:
        try:
            return import_dataset(
                workspace,
                adapter=request.adapter,
                taxonomy=request.taxonomy,
                metadata=request.metadata,
                images=images,
                masks=masks,
                dataset_id=request.dataset_id,
                name=request.name,
                processes=False,  # a worker process would run the app's main module again
                progress=show,
                imported_by=imported_by,
                pseudonyms=request.pseudonyms,
            )
        finally:
            bar.empty()


def progress_words(progress: ImportProgress, seconds: float) -> str:
    """Say how far the import is, how fast it is and how long it will take."""
    words = f"{progress.done:,} of {counted(progress.total, 'image')}"
    if not progress.done or seconds <= 0:
        return words
    rate = progress.done / seconds
    left = (progress.total - progress.done) / rate
    return f"{words}, {number(rate, 0)} per second, {duration(left)} left"


@contextmanager
def _spooled(workspace: Workspace, sources: Iterable[BinaryIO | Path]) -> Iterator[list[Path]]:
    """Put uploads on the workspace's disk for the time of the import; paths stay where they are."""
    folder = workspace.home / "uploads"
    folder.mkdir(exist_ok=True)
    _remove_leftovers(folder)
    paths: list[Path] = []
    temporary: list[Path] = []
    try:
        for source in sources:
            if isinstance(source, Path):
                paths.append(source)
                continue
            with tempfile.NamedTemporaryFile(dir=folder, suffix=".zip", delete=False) as spool:
                temporary.append(Path(spool.name))
                _copy(source, spool)
            paths.append(temporary[-1])
        yield paths
    finally:
        for path in temporary:
            path.unlink(missing_ok=True)


def _remove_leftovers(folder: Path) -> None:
    """Delete uploads of an app that was killed: images as they came, with whatever their metadata says of people."""
    for path in folder.glob("*.zip"):
        with suppress(OSError):  # another session may delete the same one
            if time.time() - path.stat().st_mtime > _LEFT_OVER_AFTER_S:
                path.unlink()


def _copy(source: BinaryIO, target: IO[bytes]) -> None:
    try:
        shutil.copyfileobj(source, target, 1 << 20)
    except OSError as error:
        if disk_is_full(error):
            raise WorkspaceFull(
                "The disk of the workspace has no room for the uploaded file. Free some space, or put the images on "
                "this machine yourself and name their folder instead of uploading them."
            ) from error
        raise


def import_now(workspace: Workspace, request: ImportRequest) -> None:
    """Import what was asked for, and draw the page anew: everything on it then tells of the state after the import."""
    st.session_state.pop(keys.IMPORT_REPORT, None)
    account = access.act(Right.IMPORT_RECORDS)
    st.session_state[keys.IMPORT_REPORT] = run_import(workspace, request, imported_by=account.id)
    st.rerun()


def forget_earlier_visit() -> None:
    """Take away the result of an import when the page is opened anew: it is one of the past imports by then."""
    if _FORMAT not in st.session_state:  # Streamlit drops the widgets of a page that is left
        st.session_state.pop(keys.IMPORT_REPORT, None)


def show_result(workspace: Workspace) -> None:
    """The result of the import just made, until the page is left: counts, what was left out by reason, notes."""
    report: ImportReport | None = st.session_state.get(keys.IMPORT_REPORT)
    if report is None:
        return
    _say_what_came_in(workspace, report)
    if report.excluded:
        st.markdown("**Left out, by reason**")
        data_table(_by_reason(report.excluded), key="import.excluded", width="content")
    if report.excluded or report.notes:
        _download(workspace, report.run_id, key="import.exclusions")
    if report.notes:
        with st.expander(f"Values and columns that were not used ({len(report.notes):,})"):
            data_table(pd.DataFrame(report.notes, columns=["Image id", "Note"]), key="import.notes")
    if report.imported or report.already_present:
        page_link("dataset/records", label="Browse the records", icon=":material/grid_view:")


def _say_what_came_in(workspace: Workspace, report: ImportReport) -> None:
    name = as_text(browse_records.dataset_name(workspace, report.dataset))
    nothing = import_log.why_nothing_came_in(report)
    if nothing is not None:
        st.warning(nothing, icon=":material/warning:")
    elif report.imported:
        st.success(f"{counted(report.imported, 'image')} imported into {name}.", icon=":material/check:")
    elif report.masks:
        st.success(f"{counted(report.masks, 'mask')} imported into {name}.", icon=":material/check:")
    else:
        st.info(f"Nothing new: what could be used is in {name} already.", icon=":material/info:")
    facts = [f"{counted(report.rows, 'row')} read"]
    facts += [f"{report.already_present:,} already present"] if report.already_present else []
    facts += [counted(report.masks, "mask")] if report.masks and report.imported else []
    st.markdown(f"{', '.join(facts)}, in {duration(report.seconds)}.")


def _by_reason(excluded: dict[str, int]) -> pd.DataFrame:
    return pd.DataFrame({"Reason": list(map(import_log.reason_words, excluded)), "Number": list(excluded.values())})


def _download(workspace: Workspace, run_id: str, *, key: str) -> None:
    st.download_button(
        "Download the list (CSV)",
        data=lambda: import_log.exclusions_csv(workspace, run_id),
        file_name=f"dermdash-import-{run_id[:8]}-left-out.csv",
        mime="text/csv",
        key=key,
        icon=":material/download:",
        on_click="ignore",
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
                "Left out": [sum(run["excluded"].values()) for run in runs],
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
    if run["excluded"]:
        data_table(_by_reason(run["excluded"]), key="import.past_excluded", width="content")
    else:
        st.markdown("No row and no file was left out.")
    notes = import_log.count_notes(workspace, run["id"])
    if notes:
        st.markdown(f"{counted(notes, 'value or column', 'values and columns')} not used; the list names what and why.")
    if run["excluded"] or notes:
        _download(workspace, run["id"], key="import.past_exclusions")
