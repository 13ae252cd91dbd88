"""The page of a running study: how it stands, drawn anew by itself, and below it what its team decides."""

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.reader_study.conduct import Standing
from dermdash.reader_study.profile import PROFESSIONS
from dermdash.readings.modality import Modality
from dermdash.storage.workspace import Workspace
from dermdash.ui.conduct_forms import show_conduct_forms
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.messages import empty_state, errors_shown
from dermdash.ui.navigation import open_page
from dermdash.ui.tables import data_table
from dermdash.wording import counted, moment, percent, seconds
from dermdash.workflows.reader_study import blinding
from dermdash.workflows.reader_study.monitor_study import ReaderWatched, StudyWatch, monitor_study
from dermdash.workflows.reader_study.watch_as_json import mark_words

_REFRESH_S = 10.0


def show_monitoring(workspace: Workspace, study: dict[str, Any]) -> None:
    """How a study stands, and what can be decided of it; the upper part is drawn anew every ten seconds."""
    _live(study["id"])
    show_conduct_forms(workspace, study)


@st.fragment(run_every=_REFRESH_S)
def _live(study_id: str) -> None:
    # A fragment runs without the first line of its page: what is typed below it stays.
    with errors_shown():
        workspace = open_page("reader_study/monitoring")
        watch = monitor_study(workspace, study_id)
        _standing(watch, blinded=blinding.is_blinded(workspace, study_id))
        if not watch.readers:
            empty_state("hourglass_empty", "Nobody has started", "Send out the invitation links.")
            return
        _figures(watch)
        _suspicious(watch)
        _readers(watch)
        _balance(watch)


def _standing(watch: StudyWatch, *, blinded: bool) -> None:
    icons = {Standing.RUNNING: "play_circle", Standing.PAUSED: "pause_circle"}
    until = watch.conduct.until
    words = f"**{watch.standing.label}**" + (f", until {moment(until)}" if until is not None else "")
    act = watch.conduct.closed or watch.conduct.paused
    if act is not None and watch.standing in (Standing.PAUSED, Standing.CLOSED):
        words += f", since {moment(act.acted_at)}"
    if blinded:
        words += ". Results are kept from everybody until the study is closed"
    st.markdown(f":material/{icons.get(watch.standing, 'stop_circle')}: {words}.")


def _figures(watch: StudyWatch) -> None:
    here = watch.taking_part
    finished = sum(reader.finished for reader in here)
    done = sum(reader.cases_done for reader in here)
    total = sum(reader.cases_total for reader in here)
    turned_away = len(watch.readers) - len(here)
    show_key_figures(
        [
            KeyFigure("Invited", f"{watch.invited:,}", f"{watch.withdrawn:,} withdrawn" if watch.withdrawn else ""),
            KeyFigure("Taking part", f"{len(here):,}", f"{turned_away:,} without a place" if turned_away else ""),
            KeyFigure("Finished", f"{finished:,}", percent(finished / len(here), 0) if here else ""),
            KeyFigure("Cases read", f"{done:,}", f"of {total:,}"),
        ]
    )


def _suspicious(watch: StudyWatch) -> None:
    odd = [reader for reader in watch.readers if reader.oddities or reader.mark is not None]
    st.subheader("What is odd", anchor=False)
    if not odd:
        st.caption("No reader is too fast, always says the same, or is often elsewhere.")
        return
    data_table(
        pd.DataFrame(
            {
                "Reader": [reader.label for reader in odd],
                "What": ["; ".join(one.words for one in reader.oddities) for reader in odd],
                "Mark": ["" if reader.mark is None else mark_words(reader.mark) for reader in odd],
                "Id": [reader.reader_id for reader in odd],
            }
        ),
        key="monitoring.odd",
    )


def _state(reader: ReaderWatched) -> str:
    if reader.turned_away is not None:
        return "no place"
    if reader.finished:
        return "finished"
    return "reading" if reader.last_at is not None else "not begun"


def _readers(watch: StudyWatch) -> None:
    st.subheader("Readers", anchor=False)
    rows = watch.readers
    data_table(
        pd.DataFrame(
            {
                "Reader": [r.label for r in rows],
                "Profession": ["" if r.profile is None else PROFESSIONS.get(r.profile["profession"], "") for r in rows],
                "State": [_state(r) for r in rows],
                "Cases": [f"{r.cases_done} of {r.cases_total}" for r in rows],
                "Time per case": ["" if r.median_ms is None else seconds(r.median_ms) for r in rows],
                "Last answer": ["" if r.last_at is None else moment(r.last_at) for r in rows],
                "Id": [r.reader_id for r in rows],
            }
        ),
        key="monitoring.readers",
    )
    st.caption("Time per case is the median of answers without assistance.")


def _balance(watch: StudyWatch) -> None:
    st.subheader("Balance", anchor=False)
    data_table(
        pd.DataFrame(
            {
                "Modality": [Modality(b.modality).label for b in watch.balance],
                "Assigned": [b.assigned for b in watch.balance],
                "Completed": [b.completed for b in watch.balance],
                "Per case": [f"{b.fewest} to {b.most}" for b in watch.balance],
            }
        ),
        key="monitoring.balance",
    )
    st.caption(f"Completed readings of {counted(len(watch.taking_part), 'reader')}, over all and case by case.")
