"""The page of imported logs: upload, what it was recognised as, import, the list with withdrawal."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import pandas as pd
import streamlit as st

from dermdash.errors import DermdashError, InvalidInput, MissingColumns, NotFound
from dermdash.readings.formats.detect import AUTO, TITLES
from dermdash.readings.formats.log_file import MOST_BYTES, LogFile, check_size, joined, open_log
from dermdash.readings.formats.phase_study import NAME as PHASE_STUDY
from dermdash.readings.formats.phase_study import NEVUS_BUT_EXCISE
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.analysis.mapping_form import file_digest, mapping_form, unaided_choice
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.tables import data_table
from dermdash.wording import counted, moment
from dermdash.workflows import import_reading_log
from dermdash.workflows.import_reading_log import MAX_NAME, LogSummary, ReadingLog

MAPPED = "mapped-csv"
_TYPES = ["csv", "tsv", "txt", "imrmc", "zip"]
_ROWS_SHOWN = 20
_OF_COUNTS: tuple[tuple[str, str, str], ...] = (("pages/analysis/benefit.py", "Benefit of assistance", "trending_up"),)
_ANALYSES: tuple[tuple[str, str, str], ...] = (
    ("pages/analysis/human_machine.py", "Readers and model", "scatter_plot"),
    ("pages/analysis/mrmc.py", "Multi-reader multi-case", "ssid_chart"),
    ("pages/analysis/reliance.py", "Reliance", "rule"),
    ("pages/analysis/reading_time.py", "Reading time", "timer"),
    ("pages/analysis/agreement.py", "Agreement", "handshake"),
    ("pages/analysis/readers_and_cases.py", "Readers and cases", "stairs"),
    ("pages/analysis/collective.py", "Collective", "diversity_3"),
    ("pages/analysis/report.py", "Report", "article"),
)
"""Pages that a log leads to; the first ones also from counts per image."""


def import_part(workspace: Workspace) -> None:
    """Upload files, see what they are, and import them; what is wrong with them is said here."""
    try:
        _import_part(workspace)
    except DermdashError as error:  # the logs below stay in sight
        st.error(as_text(error), icon=":material/error:")


def _import_part(workspace: Workspace) -> None:
    turn = st.session_state.setdefault(keys.LOGS_UPLOAD, 0)
    uploads = st.file_uploader(
        "Log of a reader study",
        type=_TYPES,
        accept_multiple_files=True,
        key=f"logs.files.{turn}",
        max_upload_size=MOST_BYTES // 1_000_000,
        help="CSV, TSV, .imrmc, or a zip file. A study in phases has one file per phase: choose them together.",
    )
    if not uploads:
        _what_is_read()
        return
    check_size(sum(upload.size for upload in uploads), "the upload")
    files = list(joined(open_log(upload.getvalue(), name=upload.name) for upload in uploads))
    kind, other = st.columns(2)
    format = kind.selectbox(
        "Format",
        [AUTO, *TITLES],
        format_func=lambda key: "Recognise by itself" if key == AUTO else TITLES[key],
        key=f"logs.format.{turn}",
    )
    truth = other.file_uploader(
        "Truth (CSV, optional)",
        type=["csv", "tsv", "txt"],
        key=f"logs.truth.{turn}",
        max_upload_size=MOST_BYTES // 1_000_000,
        help="image and dx, or one column per class as the ISIC 2018 ground truth; for logs without the diagnosis.",
    )
    options: dict[str, str] = {}
    if format == MAPPED:
        options = mapping_form(_only(files), turn)
        if not options:
            return
    else:
        known = unaided_choice(files, format, turn)
        if known is None:
            return
        options = known
    _preview_and_import(workspace, files, format, truth.getvalue() if truth else None, options, turn)


def _what_is_read() -> None:
    with st.expander("What can be read"):
        st.markdown("\n".join(f"- {title}" for title in TITLES.values()))
        st.markdown(
            "Semicolons, tabs, decimal commas and any order of columns are understood. A file of no known format can "
            "be brought in by naming its columns."
        )


def _only(files: Sequence[LogFile]) -> LogFile:
    if len(files) != 1:
        raise InvalidInput(f"Name the columns of one file at a time: {len(files)} were chosen.")
    return files[0]


def _preview_and_import(
    workspace: Workspace,
    files: list[LogFile],
    format: str,
    truth: bytes | None,
    options: dict[str, str],
    turn: int,
) -> None:
    try:
        summary, head = _preview(tuple(files), _digest(files, truth), format, truth, options)
    except MissingColumns as error:
        st.warning(as_text(error), icon=":material/help:")
        if format != AUTO or len(files) != 1:
            return
        st.markdown("If it is a table of readings, say what its columns are:")
        options = mapping_form(files[0], turn)
        if not options:
            return
        format = MAPPED
        summary, head = _preview(tuple(files), _digest(files, truth), format, truth, options)
    if summary.format == PHASE_STUDY:
        options = {**options, **_excise_choice(turn)}
        summary, head = _preview(tuple(files), _digest(files, truth), format, truth, options)
    show_summary(summary, head)
    name = st.text_input(
        "Name of the log", value=_suggested_name(summary.name), key=f"logs.name.{turn}", max_chars=MAX_NAME
    )
    if st.button("Import", type="primary", key="logs.import", icon=":material/upload:"):
        with st.spinner("Importing"):
            log, _ = import_reading_log.import_reading_log(
                workspace, files, format=format, truth=truth, mapping=options or None, name=name
            )
        st.session_state[keys.LOGS_IMPORTED] = log.id
        st.session_state[keys.LOGS_UPLOAD] = turn + 1  # an empty uploader for the next one
        st.rerun()


def _suggested_name(name: str) -> str:
    path = PurePosixPath(name)
    return (path.stem if path.suffix.lower().lstrip(".") in _TYPES else name)[:MAX_NAME]


def _excise_choice(turn: int) -> dict[str, str]:
    labels = {"benign": "a benign answer", "malignant": "a malignant answer"}
    chosen = st.radio(
        "“Nevus, but excise” (0.5) counts as",
        list(labels),
        format_func=lambda key: labels[key],
        horizontal=True,
        key=f"logs.excise.{turn}",
    )
    return {} if chosen == "benign" else {NEVUS_BUT_EXCISE: "malignant"}


def _digest(files: Sequence[LogFile], truth: bytes | None) -> str:
    digest = hashlib.sha256(truth or b"")
    for file in files:
        digest.update(f"{file.name}\0{file_digest(file)}".encode("utf-8", "replace"))
    return digest.hexdigest()


@st.cache_data(ttl=900, max_entries=4, show_spinner="Reading the log")
def _preview(
    _files: tuple[LogFile, ...], digest: str, format: str, _truth: bytes | None, options: Mapping[str, str]
) -> tuple[LogSummary, pd.DataFrame]:
    # The digest stands for the bytes: hashing 200 MB on every click would be felt.
    summary, table = import_reading_log.preview(list(_files), format=format, truth=_truth, mapping=options or None)
    return summary, table.frame.head(_ROWS_SHOWN).dropna(axis="columns", how="all")


def show_summary(summary: LogSummary, head: pd.DataFrame) -> None:
    """What a log is, in numbers, with its first rows in the one form."""
    st.success(f"Recognised as {as_text(summary.recognised)}", icon=":material/task_alt:")
    figures = [
        ("Readings" if not summary.aggregate else "Answers counted", f"{summary.readings:,}"),
        ("Readers", "unknown" if summary.readers is None else f"{summary.readers:,}"),
        ("Cases", f"{summary.cases:,}"),
        ("Pairs before and after", f"{summary.pairs:,}"),
        ("Cases with truth", f"{summary.with_truth:,}"),
    ]
    for column, (label, value) in zip(st.columns(len(figures)), figures, strict=True):
        column.metric(label, value)
    if summary.modalities:
        st.markdown("Assistance: " + ", ".join(f"**{as_text(name)}**" for name in summary.modalities))
    else:
        st.markdown("No assistance was shown in these readings.")
    if summary.excluded:
        st.markdown(_left_out(summary.excluded))
    if summary.unpaired:
        st.markdown(
            f"{counted(summary.unpaired, 'reading lacks', 'readings lack')} the other half of the pair: kept, and left "
            "out where before and after are compared."
        )
    if not summary.with_truth:
        st.info(
            "The log holds no true diagnosis: it can come from a truth file"
            + (", or from records of this workspace with the same image ids." if summary.aggregate else "."),
            icon=":material/rule:",
        )
    if summary.notes:
        st.caption("  \n".join(as_text(note) for note in summary.notes))
    with st.expander(f"First {counted(len(head), 'row')}, as they are understood"):
        data_table(head, key="logs.head")


def just_imported(workspace: Workspace) -> None:
    """Say once what was imported; it is the first in the list below."""
    log_id = st.session_state.pop(keys.LOGS_IMPORTED, None)
    if log_id is None:
        return
    try:
        log = import_reading_log.get_log(workspace, log_id)
    except NotFound:
        return
    st.success(f"{as_text(log.name)} is imported; it is the first of the list below.", icon=":material/check:")


def past_logs(workspace: Workspace, logs: Sequence[ReadingLog]) -> None:
    """The imported logs, newest first; the chosen one with its analyses and its withdrawal."""
    st.subheader("Imported logs", anchor=False)
    if not logs:
        empty_state("menu_book", "No log yet", "Choose the file of a study above.")
        return
    table = pd.DataFrame(
        {
            "Name": [log.name for log in logs],
            "Format": [log.title for log in logs],
            "Readings": [log.readings for log in logs],
            "Readers": ["unknown" if log.readers is None else f"{log.readers:,}" for log in logs],
            "Cases": [log.cases for log in logs],
            "Left out": [sum(log.excluded.values()) for log in logs],
            "Imported": [moment(log.imported_at) for log in logs],
        }
    )
    data_table(
        table,
        key="logs.table",
        column_config={"Readers": st.column_config.TextColumn(alignment="right")},
    )
    chosen = st.selectbox("Log", list(logs), format_func=lambda log: log.name, key="logs.chosen", width=520)
    st.markdown(f"{as_text(chosen.recognised)} {_size(chosen)}.")
    if chosen.excluded:
        st.markdown(_left_out(chosen.excluded))
    _links(chosen)
    with st.expander("Withdraw this log"):
        _withdraw(workspace, chosen)


def _size(log: ReadingLog) -> str:
    if log.readers is None:
        return f"{counted(log.readings, 'answer')} counted on {counted(log.cases, 'case')}"
    return f"{counted(log.readings, 'reading')} of {counted(log.readers, 'reader')} on {counted(log.cases, 'case')}"


def _left_out(excluded: Mapping[str, int]) -> str:
    return "Left out: " + "; ".join(f"{as_text(reason)}: {count:,}" for reason, count in excluded.items()) + "."


def _links(log: ReadingLog) -> None:
    with st.container(horizontal=True):
        for page, label, icon in _OF_COUNTS if log.aggregate else (*_OF_COUNTS, *_ANALYSES):
            st.page_link(page, label=label, icon=f":material/{icon}:", query_params={"source": log.key})


def _withdraw(workspace: Workspace, log: ReadingLog) -> None:
    st.markdown(
        f"Withdrawing takes *{as_text(log.name)}* out of the analyses and frees its name. The file stays in the "
        "workspace."
    )
    sure = st.checkbox("I want to withdraw it", key=f"logs.sure.{log.id}")
    if st.button("Withdraw", key="logs.withdraw", disabled=not sure, icon=":material/block:"):
        import_reading_log.withdraw(workspace, log.id)
        st.toast(f"Withdrawn: {as_text(log.name)}")
        st.rerun()
