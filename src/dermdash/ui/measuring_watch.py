"""Measuring for the acquisition gate as the page sees it: offered, watched, stopped, ended; also from another tab."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dermdash.errors import DermdashError
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.messages import error_words, redraw_saying
from dermdash.ui.work_beside import stop_button
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset.running_measuring import (
    RunningMeasuring,
    begin_measuring,
    forget_measuring,
    measuring_of,
)

_REFRESH_S = 1.0


def offer_measuring(workspace: Workspace, dataset_ids: Sequence[str], missing: int, *, outcome: str) -> None:
    """Say how many images are not measured, and begin with them, or how far that is; its end under ``outcome``."""
    running = measuring_of(workspace)
    if running is not None and running.ended:
        _say_end(workspace, running, outcome)
    elif running is not None:
        _follow(workspace)
    elif missing:
        st.info(f"{counted(missing, 'image is', 'images are')} not measured yet.", icon=":material/update:")
        words = f"Measure {counted(missing, 'image')} now"
        if access.may(Right.ASSESS_ACQUISITION) and st.button(words, type="primary", key="acquisition.measure"):
            begin_measuring(workspace, access.act(Right.ASSESS_ACQUISITION), dataset_ids)
            st.rerun()


@st.fragment(run_every=_REFRESH_S)
def _follow(workspace: Workspace) -> None:
    running = measuring_of(workspace)
    if running is None or running.ended:
        st.rerun()
    share = running.done / running.total if running.total else 0.0
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(share, f"{running.done:,} of {counted(running.total, 'image')} measured")
        if access.may(Right.ASSESS_ACQUISITION):
            stop_button(
                running, key="acquisition.stop", hint="What is measured is kept; it goes on from there.",
                right=Right.ASSESS_ACQUISITION,
            )  # fmt: skip


def _say_end(workspace: Workspace, running: RunningMeasuring, outcome: str) -> None:
    forget_measuring(workspace)
    if running.error is not None:
        if not isinstance(running.error, DermdashError):
            raise running.error
        redraw_saying(outcome, error_words(running.error), well=False)
    found = running.report
    if found is None:
        return
    text = f"{counted(found.measured, 'image')} measured, {found.proposed[1] + found.proposed[2]:,} proposed as 1 or 2."
    if found.unreadable:
        text += f" {counted(len(found.unreadable), 'image')} cannot be read: restore the files of the workspace."
    if found.stopped:
        text += " Stopped; the next measuring goes on from there."
    redraw_saying(outcome, text, well=not found.unreadable)
