"""The list on the page of imported logs: what was imported, where it can be analysed, withdrawal."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dermdash.analyses.registry import ANALYSES
from dermdash.errors import NotFound
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.analysis.log_import_view import left_out
from dermdash.ui.choices import choose
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.navigation import analysis_link, study_link
from dermdash.ui.source_choice import link_to
from dermdash.ui.study_tabs import StudyTab
from dermdash.ui.tables import data_table
from dermdash.wording import counted, moment
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.readings import import_reading_log
from dermdash.workflows.readings.import_reading_log import ReadingLog


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
    st.header("Imported logs", anchor=False)
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
    by_id = {log.id: log for log in logs}
    chosen = by_id[
        choose("Log", list(by_id), lambda i: by_id[i].name, key="logs.chosen", name="log", always=True, width=520)
    ]
    st.markdown(f"{as_text(chosen.recognised)} {_size(chosen)}.")
    if chosen.excluded:
        st.markdown(left_out(chosen.excluded))
    if chosen.spellings.notes:
        st.markdown(as_text(" ".join(chosen.spellings.notes)))
    _links(chosen)
    if not access.may(Right.KEEP_READING_LOGS):
        return
    with st.expander("Withdraw this log"):
        _withdraw(workspace, chosen)


def _size(log: ReadingLog) -> str:
    if log.readers is None:
        return f"{counted(log.readings, 'answer')} counted on {counted(log.cases, 'case')}"
    return f"{counted(log.readings, 'reading')} of {counted(log.readers, 'reader')} on {counted(log.cases, 'case')}"


def _links(log: ReadingLog) -> None:
    with st.container(horizontal=True):
        study_link(StudyTab.RESULTS, source=link_to(log.key))
        for analysis in ANALYSES:
            if analysis.page and (analysis.counts or not log.aggregate):
                analysis_link(analysis.key, source=link_to(log.key))
        study_link(StudyTab.REPORT, source=link_to(log.key))


def _withdraw(workspace: Workspace, log: ReadingLog) -> None:
    st.markdown(
        f"Withdrawing takes *{as_text(log.name)}* out of the analyses and frees its name. The file stays in the "
        "workspace."
    )
    sure = st.checkbox("I want to withdraw it", key=f"logs.sure.{log.id}")
    if st.button("Withdraw", key="logs.withdraw", disabled=not sure, icon=":material/block:"):
        import_reading_log.withdraw(workspace, log.id, withdrawn_by=access.act(Right.KEEP_READING_LOGS).id)
        st.toast(f"Withdrawn: {as_text(log.name)}")
        st.rerun()
