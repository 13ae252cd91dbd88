"""The page of a running study: how it stands, drawn anew by itself, and below it what its team decides."""

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.charts.study_course import called_malignant_figure, drop_off_figure, enrolment_figure, time_along_figure
from dermdash.reader_study.conduct import StudyStanding
from dermdash.reader_study.profile import PROFESSIONS
from dermdash.readings.modality import Modality
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.section_view import DETAILS
from dermdash.ui.choices import switch
from dermdash.ui.conduct_forms import show_conduct_forms
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.messages import as_text, empty_state, errors_shown
from dermdash.ui.navigation import STUDY_SCRIPT, open_page
from dermdash.ui.study_view import target_words
from dermdash.ui.tables import data_table, height_of
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import counted, moment, percent, seconds
from dermdash.workflows.reader_study import blinding
from dermdash.workflows.reader_study.monitor_study import ReaderWatched, StudyWatch, monitor_study
from dermdash.workflows.reader_study.study_acts_table import acts_table
from dermdash.workflows.reader_study.watch_as_json import mark_words

_REFRESH_S = 10.0
_NAMED = 5
"""Cases that are named; more are counted."""


def live_switch() -> bool:
    """Ask whether what stands of a study is drawn anew by itself."""
    return switch(
        "Look again every ten seconds", key="monitoring.live", name="live", default=True,
        help="What is being typed stays as it is.",
    )  # fmt: skip


def show_monitoring(workspace: Workspace, study: dict[str, Any], *, live: bool) -> None:
    """What can be decided of a study, and how it stands: ``live``, that part is drawn anew every ten seconds."""
    show_conduct_forms(workspace, study)
    (_live if live else _standing_still)(study["id"])
    _decided(workspace, study["id"])


@st.fragment(run_every=_REFRESH_S)
def _live(study_id: str) -> None:
    _standing_still(study_id)


def _standing_still(study_id: str) -> None:
    # A fragment runs without the first line of its page.
    with errors_shown():
        workspace = open_page(STUDY_SCRIPT)
        watch = monitor_study(workspace, study_id)
        _standing(watch, blinded=blinding.is_blinded(workspace, study_id))
        if not watch.readers:
            empty_state("hourglass_empty", "Nobody has started", "Send out the invitation links.")
            return
        _figures(watch)
        _odd(watch)
        _readers(watch)
        with st.expander(DETAILS, icon=":material/list_alt:"):
            _course(watch)
            _balance(watch)


def _standing(watch: StudyWatch, *, blinded: bool) -> None:
    icons = {StudyStanding.RUNNING: "play_circle", StudyStanding.PAUSED: "pause_circle"}
    until = watch.conduct.until
    words = f"**{watch.standing.label}**" + (f", until {moment(until)}" if until is not None else "")
    act = watch.conduct.closed if watch.standing is StudyStanding.CLOSED else watch.conduct.paused
    if act is not None and watch.standing in (StudyStanding.PAUSED, StudyStanding.CLOSED):
        words += f", since {moment(act.acted_at)}: {as_text(act.reason)}"
    st.markdown(f":material/{icons.get(watch.standing, 'stop_circle')}: {words}")
    if watch.target is not None:
        st.markdown(f":material/flag: {target_words(watch.target)}")
    if lost := watch.cases_without_image:
        names = ", ".join(key.partition(":")[2] for key in lost[:_NAMED])
        more = f" and {len(lost) - _NAMED:,} more" if len(lost) > _NAMED else ""
        st.error(
            f"The image of {counted(len(lost), 'case')} is not in the workspace any more: {as_text(names)}{more}. "
            "Readers wait at it, their answers are safe. Restore the file from a backup: they go on by themselves.",
            icon=":material/broken_image:",
        )
    if blinded:
        st.markdown(":material/visibility_off: Results are kept from everybody until the study is closed.")


def _figures(watch: StudyWatch) -> None:
    here = watch.taking_part
    finished = sum(reader.finished for reader in here)
    done = sum(reader.cases_done for reader in here)
    total = sum(reader.cases_total for reader in here)
    turned_away = len(watch.readers) - len(here)
    times = [reader.median_ms for reader in here if reader.median_ms is not None]
    usual = seconds(sorted(times)[len(times) // 2]) if times else ""
    show_key_figures(
        [
            KeyFigure("Invited", f"{watch.invited:,}", f"{watch.withdrawn:,} withdrawn" if watch.withdrawn else ""),
            KeyFigure("Taking part", f"{len(here):,}", f"{turned_away:,} without a place" if turned_away else ""),
            KeyFigure("Finished", f"{finished:,}", percent(finished / len(here), 0) if here else ""),
            KeyFigure("Cases read", f"{done:,}", f"of {total:,}"),
            KeyFigure("Time per case", usual, "median of readers' medians" if usual else ""),
        ]
    )


def _odd(watch: StudyWatch) -> None:
    odd = [reader for reader in watch.readers if reader.oddities or reader.mark is not None]
    st.header("What is odd", anchor=False)
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
        height=height_of(len(odd), most=280),
    )


def _course(watch: StudyWatch) -> None:
    st.header("Course", anchor=False)
    theme = current_theme()
    begun = sum(reader.cases_done > 0 or reader.last_at is not None for reader in watch.taking_part)
    left, right = st.columns(2, gap="large")
    with left:
        show_figure(enrolment_figure(watch.came, watch.finished, theme=theme), key="monitoring.enrolment")
        times = [(p.position, p.readers, p.time_ratio) for p in watch.positions]
        show_figure(time_along_figure(times, theme=theme), key="monitoring.time")
    with right:
        reached = [(p.position, p.readers) for p in watch.positions]
        show_figure(drop_off_figure(reached, begun=begun, theme=theme), key="monitoring.drop_off")
        malignant = [(p.position, p.readers, p.malignant) for p in watch.positions if p.malignant is not None]
        if malignant or not watch.positions:
            show_figure(called_malignant_figure(malignant, theme=theme), key="monitoring.malignant")
        else:
            st.caption("How many answers name a malignancy is not shown: this study asks for no diagnosis.")
    st.caption(
        "Of first answers to each case, over all modalities; large points are many answers. Who is still on the way "
        "has not reached later positions yet. What may be tested, with intervals, is the analysis of reading times "
        "after the study is closed."
    )


def _state(reader: ReaderWatched) -> str:
    if reader.turned_away is not None:
        return "no place"
    if reader.finished:
        return "finished"
    return "reading" if reader.last_at is not None else "not begun"


def _readers(watch: StudyWatch) -> None:
    st.header("Readers", anchor=False)
    rows = watch.readers
    table = {
        "Reader": [r.label for r in rows],
        "Profession": ["" if r.profile is None else str(PROFESSIONS.get(r.profile["profession"], "")) for r in rows],
        "State": [_state(r) for r in rows],
        "Cases": [f"{r.cases_done} of {r.cases_total}" for r in rows],
        "Time per case": ["" if r.median_ms is None else seconds(r.median_ms) for r in rows],
        "Last answer": ["" if r.last_at is None else moment(r.last_at) for r in rows],
        "Id": [r.reader_id for r in rows],
    }
    if len({r.arm for r in rows}) > 1:
        table["Arm"] = [r.arm or "" for r in rows]
    data_table(pd.DataFrame(table), key="monitoring.readers", height=height_of(len(rows), most=330))
    st.caption("Time per case is the median of first answers.")


def _balance(watch: StudyWatch) -> None:
    st.header("Balance", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        data_table(
            pd.DataFrame(
                {
                    "Modality": [str(Modality(b.modality).label) for b in watch.balance],
                    "Assigned": [b.assigned for b in watch.balance],
                    "Completed": [b.completed for b in watch.balance],
                    "Per case": [f"{b.fewest} to {b.most}" for b in watch.balance],
                }
            ),
            key="monitoring.balance",
        )
        st.caption(f"Readings of {counted(len(watch.taking_part), 'reader')}, and the fewest and most of a case.")
    with right:
        arms = watch.by_arm
        if len(arms) > 1:
            data_table(
                pd.DataFrame(
                    {
                        "Arm": list(arms),
                        "Readers": [n for n, _ in arms.values()],
                        "Finished": [n for _, n in arms.values()],
                    }
                ),
                key="monitoring.arms",
            )
        if watch.places:
            data_table(
                pd.DataFrame(
                    {
                        "Places for": [quota.title for quota, _ in watch.places],
                        "Taken": [f"{taken} of {quota.most}" for quota, taken in watch.places],
                    }
                ),
                key="monitoring.places",
            )


def _decided(workspace: Workspace, study_id: str) -> None:
    table = acts_table(workspace, study_id)
    if not table.empty:
        with st.expander(f"What was decided ({len(table):,})", icon=":material/history:"):
            data_table(table, key="monitoring.acts")
