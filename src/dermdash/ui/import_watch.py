"""An import seen from the page: begun, watched, stopped, ended; also from another tab or after a reload."""

from __future__ import annotations

import time

import streamlit as st

from dermdash.errors import DermdashError, ImportStopped
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.import_view import progress_words
from dermdash.ui.messages import error_words
from dermdash.ui.work_beside import ends_within, stop_button
from dermdash.wording import counted, moment
from dermdash.workflows.dataset.running_import import (
    RunningImport,
    Work,
    begin_import,
    broken_off,
    forget_broken_off,
    import_of,
)

_EVERY_S = 0.3
_BEFORE_IMAGES = "Reading the tables and listing the images"


def start_import(workspace: Workspace, account: str, work: Work) -> None:
    """Begin an import, and draw the page anew, which watches it."""
    begin_import(workspace.home, account, work)
    forget_result()
    st.rerun()


def forget_result() -> None:
    """Show no more what the import before did."""
    st.session_state.pop(keys.IMPORT_REPORT, None)
    st.session_state.pop(keys.IMPORT_ERROR, None)


def is_importing(workspace: Workspace) -> bool:
    """Whether an import of the account signed in is under way: another one has to wait."""
    job = _job(workspace)
    return job is not None and not job.ended


def watch_import(workspace: Workspace) -> None:
    """Say how the import of the account stands until it ends; then take its result, and draw the page anew.

    To be called when all else is drawn: a click meanwhile draws the page anew, and the import goes on.
    """
    _say_broken_off(workspace)
    job = _job(workspace)
    if job is not None and st.session_state.get(keys.IMPORT_SEEN) != job.id:
        if not job.ended:
            _follow(job)
        st.session_state[keys.IMPORT_SEEN] = job.id
        if job.error is not None:
            if not isinstance(job.error, DermdashError):
                raise job.error
            st.session_state[keys.IMPORT_ERROR] = job.error
        else:
            report = job.report
            st.session_state[keys.IMPORT_REPORT] = report
            if report is not None and not report.dry_run and (report.imported or report.updated):
                st.session_state.pop(keys.IMPORT_LOOK, None)
        st.rerun()
    error: DermdashError | None = st.session_state.get(keys.IMPORT_ERROR)
    if error is not None:
        show = st.warning if isinstance(error, ImportStopped) else st.error
        show(error_words(error), icon=":material/error:")


def _follow(job: RunningImport) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, _BEFORE_IMAGES)
        stop_button(job, "Stop the import", key="import.stop", hint="What was stored until then is kept.")
    st.caption("This goes on when the page is left or loaded anew.")
    while not ends_within(job, _EVERY_S):
        progress = job.progress
        # Also where nothing is new: Streamlit hears a click, or that the tab was closed, where something is drawn.
        if progress.total:
            bar.progress(progress.done / progress.total, progress_words(progress, time.monotonic() - job.begun))
        else:
            bar.progress(0.0, _BEFORE_IMAGES)


def _say_broken_off(workspace: Workspace) -> None:
    account = access.current_account()
    found = broken_off(workspace.home, account.id) if account is not None else None
    if account is None or found is None:
        return
    far = f" at {found.done:,} of {counted(found.total, 'image')}" if found.total else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            f"The import begun {moment(found.begun_at)} was broken off{far}, as the app was stopped. What was stored "
            "is kept; importing the same files again goes on from there.",
            icon=":material/report:",
        )
        if st.button("Do not say this again", key="import.broken_off", type="tertiary"):
            forget_broken_off(workspace.home, account.id)
            st.rerun()


def _job(workspace: Workspace) -> RunningImport | None:
    account = access.current_account()
    return import_of(workspace.home, account.id) if account is not None else None
