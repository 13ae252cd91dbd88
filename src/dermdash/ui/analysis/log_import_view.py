"""The part of the page of imported logs that brings one in: upload, questions, what it was recognised as, import."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import DermdashError, InvalidInput, MissingColumns
from dermdash.readings.formats.detect import AUTO
from dermdash.readings.formats.log_file import MOST_BYTES, LogFile, check_size, joined, open_log
from dermdash.readings.formats.phase_study import NAME as PHASE_STUDY
from dermdash.readings.formats.phase_study import NEVUS_BUT_EXCISE
from dermdash.readings.formats.registry import LOG_FORMATS
from dermdash.readings.spellings import SpellingChoice
from dermdash.records.table_files import TABLE_ENDINGS
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.analysis.mapping_form import file_digest, mapping_form, unaided_choice
from dermdash.ui.analysis.spelling_form import REVERSED_HELP, read_when_asked
from dermdash.ui.choices import choose, switch
from dermdash.ui.messages import as_text
from dermdash.ui.tables import data_table
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.readings import import_reading_log
from dermdash.workflows.readings.import_reading_log import MAX_NAME, LogSummary

MAPPED = "mapped-csv"
_TYPES = ["csv", "tsv", "txt", "imrmc", "zip"]
_ROWS_SHOWN = 20


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
    format = choose(
        "Format",
        [AUTO, *LOG_FORMATS],
        lambda key: "Recognise by itself" if key == AUTO else LOG_FORMATS[key].title,
        key=f"logs.format.{turn}",
        place=kind,
    )
    truth = other.file_uploader(
        "Truth (CSV, Excel, Parquet; optional)",
        type=list(TABLE_ENDINGS),
        key=f"logs.truth.{turn}",
        max_upload_size=MOST_BYTES // 1_000_000,
        help="image and dx, or one column per class as the ISIC 2018 ground truth; for logs without the diagnosis.",
    )
    options: dict[str, str] = {}
    said = SpellingChoice()
    if format == MAPPED:
        options = mapping_form(_only(files), turn)
        if not options:
            return
    else:
        known = unaided_choice(files, format, turn)
        if known is None:
            return
        options, said = known
    _preview_and_import(workspace, _Reading(files, format, truth.getvalue() if truth else None, options, said), turn)


def _what_is_read() -> None:
    with st.expander("What can be read"):
        st.markdown("\n".join(f"- **{form.title}**: {form.description}" for form in LOG_FORMATS.values()))
        st.markdown(
            "Semicolons, tabs, decimal commas and any order of columns are understood. A file of no known format can "
            "be brought in by naming its columns."
        )


def _only(files: Sequence[LogFile]) -> LogFile:
    if len(files) != 1:
        raise InvalidInput(f"Name the columns of one file at a time: {len(files)} were chosen.")
    return files[0]


@dataclass(frozen=True, slots=True)
class _Reading:
    """Files, and how they are to be read."""

    files: list[LogFile]
    format: str
    truth: bytes | None
    options: dict[str, str]
    spellings: SpellingChoice = field(default_factory=SpellingChoice)
    backwards: bool = False


def _preview_and_import(workspace: Workspace, reading: _Reading, turn: int) -> None:
    try:
        looked = _look(reading, turn)
    except MissingColumns as error:
        st.warning(as_text(error), icon=":material/help:")
        if reading.format != AUTO or len(reading.files) != 1:
            return
        st.markdown("If it is a table of readings, say what its columns are:")
        options = mapping_form(reading.files[0], turn)
        if not options:
            return
        looked = _look(replace(reading, options=options, format=MAPPED), turn)
    if looked is not None and looked[0].format == PHASE_STUDY:
        looked = _look(replace(looked[2], options={**looked[2].options, **_excise_choice(turn)}), turn)
    if looked is not None and looked[0].reversible and _backwards_choice(turn):
        looked = _look(replace(looked[2], backwards=True), turn)
    if looked is None:
        return
    summary, head, used = looked
    show_summary(summary, head)
    name = st.text_input(
        "Name of the log", value=_suggested_name(summary.name), key=f"logs.name.{turn}", max_chars=MAX_NAME
    )
    if st.button("Import", type="primary", key="logs.import", icon=":material/upload:"):
        imported_by = access.act(Right.KEEP_READING_LOGS).id
        with st.spinner("Importing"):
            log, _ = import_reading_log.import_reading_log(
                workspace,
                used.files,
                format=used.format,
                truth=used.truth,
                mapping=used.options or None,
                name=name,
                spellings=used.spellings,
                reverse_ratings=used.backwards,
                imported_by=imported_by,
            )
        st.session_state[keys.LOGS_IMPORTED] = log.id
        st.session_state[keys.LOGS_UPLOAD] = turn + 1  # an empty uploader for the next one
        st.rerun()


def _look(reading: _Reading, turn: int) -> tuple[LogSummary, pd.DataFrame, _Reading] | None:
    """What the log is, with its first rows and how it was read; None as long as a question about it is open."""
    digest = _digest(reading.files, reading.truth)
    asked = read_when_asked(
        lambda said: _preview(
            tuple(reading.files),
            digest,
            reading.format,
            reading.truth,
            reading.options,
            said.as_dict(),
            reading.backwards,
        ),
        lambda found: found[0].alike,
        key=f"logs.spelling.{turn}",
        choice=reading.spellings,
    )
    if asked is None:
        return None
    (summary, head), said = asked
    return summary, head, replace(reading, spellings=said)


def _backwards_choice(turn: int) -> bool:
    return switch("Higher ratings are less suspicious", key=f"logs.reversed.{turn}", help=REVERSED_HELP)


def _suggested_name(name: str) -> str:
    path = PurePosixPath(name)
    return (path.stem if path.suffix.lower().lstrip(".") in _TYPES else name)[:MAX_NAME]


def _excise_choice(turn: int) -> dict[str, str]:
    labels = {"benign": "a benign answer", "malignant": "a malignant answer"}
    chosen = choose(
        "“Nevus, but excise” (0.5) counts as",
        list(labels),
        labels.__getitem__,
        key=f"logs.excise.{turn}",
        draw="radio",
        horizontal=True,
    )
    return {} if chosen == "benign" else {NEVUS_BUT_EXCISE: "malignant"}


def _digest(files: Sequence[LogFile], truth: bytes | None) -> str:
    digest = hashlib.sha256(truth or b"")
    for file in files:
        digest.update(f"{file.name}\0{file_digest(file)}".encode("utf-8", "replace"))
    return digest.hexdigest()


@st.cache_data(ttl=900, max_entries=4, show_spinner="Reading the log")
def _preview(
    _files: tuple[LogFile, ...],
    digest: str,
    format: str,
    _truth: bytes | None,
    options: Mapping[str, str],
    spellings: Mapping[str, Any],
    backwards: bool,
) -> tuple[LogSummary, pd.DataFrame]:
    # The digest stands for the bytes: hashing 200 MB on every click would be felt.
    summary, table = import_reading_log.preview(
        list(_files),
        format=format,
        truth=_truth,
        mapping=options or None,
        spellings=SpellingChoice.of_dict(spellings),
        reverse_ratings=backwards,
    )
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
        st.markdown(left_out(summary.excluded))
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
    if summary.warnings:
        st.warning("  \n".join(as_text(warning) for warning in summary.warnings), icon=":material/warning:")
    if summary.notes:
        st.caption("  \n".join(as_text(note) for note in summary.notes))
    with st.expander(f"First {counted(len(head), 'row')}, as they are understood"):
        data_table(head, key="logs.head")


def left_out(excluded: Mapping[str, int]) -> str:
    """What a log leaves out, counted by reason, as Markdown."""
    return "Left out: " + "; ".join(f"{as_text(reason)}: {count:,}" for reason, count in excluded.items()) + "."
