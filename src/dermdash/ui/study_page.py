"""The page of a study: what it asks, who reads, what came out, its cases, every analysis, the report; a tab each.

The address says which study and which tab. An imported log has the tabs that need nothing but its readings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dermdash.analyses.registry import ANALYSES
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, address
from dermdash.ui.amendments_view import show_amendments
from dermdash.ui.analysis.analysis_page import show_analysis, show_first_answer
from dermdash.ui.analysis.report_view import report_view
from dermdash.ui.cases_view import cases_view
from dermdash.ui.choices import choose, choose_segment, choose_tab
from dermdash.ui.invitations_view import show_invitations
from dermdash.ui.mail_view import show_mail
from dermdash.ui.messages import as_text
from dermdash.ui.monitoring_view import live_switch, show_monitoring
from dermdash.ui.results_view import show_results
from dermdash.ui.source_choice import ChosenSource, chosen_source, readings_of, readings_or_counts_of, warned
from dermdash.ui.study_cases_view import show_cases
from dermdash.ui.study_preview_view import see_as_reader
from dermdash.ui.study_tabs import ANALYSIS, READERS, StudyTab
from dermdash.ui.study_view import show_progress, show_protocol
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study.readings_source import AGGREGATE


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What draws a tab, and whether it needs a study of this workspace."""

    show: Callable[[Workspace, ChosenSource], None]
    of_study: bool = True


def show_study(workspace: Workspace) -> None:
    """Ask which study, and draw the open tab of it."""
    chosen = chosen_source(workspace)
    if chosen is None:
        return
    offered = [tab for tab, drawn in _TABS.items() if chosen.study is not None or not drawn.of_study]
    asked = next(iter(address.asked("tab")), "")
    if address.read_again() and asked in _TABS and asked not in offered:
        st.warning(
            f"“{as_text(chosen.source.name)}” is an imported log, and has no {StudyTab(asked).label.lower()} here.",
            icon=":material/link_off:",
        )
    of_study_alone = chosen.study is not None and not chosen.source.readings
    first = StudyTab.PROTOCOL if of_study_alone else StudyTab.RESULTS
    tabs = choose_tab(
        {str(tab): tab.label for tab in offered}, key=f"study.tab.{len(offered)}", default=first, always=True
    )
    for name, tab in tabs.items():
        if tab.open:
            with tab:
                _TABS[StudyTab(name)].show(workspace, chosen)


def _protocol(workspace: Workspace, chosen: ChosenSource) -> None:
    assert chosen.study is not None
    show_protocol(workspace, chosen.study)
    show_amendments(workspace, chosen.study)
    see_as_reader(workspace, chosen.study["id"])


def _readers(workspace: Workspace, chosen: ChosenSource) -> None:
    study = chosen.study
    assert study is not None
    if not access.may(Right.RUN_STUDIES):
        show_monitoring(workspace, study, live=live_switch())
        return
    parts = {"progress": "How far they are", "invitations": "Invitations and mail"}
    with st.container(horizontal=True, vertical_alignment="center"):
        part = choose_segment(
            "What of the readers", list(parts), parts.__getitem__, key="study.readers", name=READERS,
            label_visibility="collapsed",
        )  # fmt: skip
        live = part == "progress" and live_switch()
    if part == "progress":
        show_monitoring(workspace, study, live=live)
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_invitations(workspace, study)
        show_mail(workspace, study)
    with right:
        show_progress(workspace, study)


def _results(workspace: Workspace, chosen: ChosenSource) -> None:
    if chosen.study is None:
        show_first_answer(workspace, chosen.source)
    else:
        show_results(workspace, chosen.study)


def _cases(workspace: Workspace, chosen: ChosenSource) -> None:
    """What readers said of each case; what was drawn, as long as nobody has read."""
    if chosen.study is not None and not chosen.source.readings:
        show_cases(workspace, chosen.study)
        return
    table = readings_of(workspace, chosen.source)
    if table is not None:
        cases_view(workspace, table)


def _details(workspace: Workspace, chosen: ChosenSource) -> None:
    """Any analysis of the readings."""
    counts_only = chosen.source.kind == AGGREGATE
    titles = {a.key: a.menu or a.title for a in ANALYSES if a.page and (a.counts or not counts_only)}
    asked = next(iter(address.asked(ANALYSIS)), "")
    every = {a.key: a for a in ANALYSES}
    if address.read_again() and asked in every and asked not in titles:
        st.warning(
            f"“{as_text(chosen.source.name)}” counts answers per image and holds no single readings, which "
            f"*{every[asked].title}* needs.",
            icon=":material/link_off:",
        )
    with st.container(gap=None):
        key = choose(
            "Analysis", list(titles), titles.__getitem__, key=f"study.analysis.{len(titles)}", name=ANALYSIS,
            always=True, width=420, label_visibility="collapsed",
        )  # fmt: skip
        st.header(every[key].title, anchor=False, help=every[key].purpose)
    show_analysis(workspace, every[key], chosen.source)


def _report(workspace: Workspace, chosen: ChosenSource) -> None:
    table = readings_or_counts_of(workspace, chosen.source)
    if table is not None:
        report_view(workspace, warned(table))


_TABS = {
    StudyTab.PROTOCOL: _Drawn(_protocol),
    StudyTab.READERS: _Drawn(_readers),
    StudyTab.RESULTS: _Drawn(_results, of_study=False),
    StudyTab.CASES: _Drawn(_cases, of_study=False),
    StudyTab.DETAILS: _Drawn(_details, of_study=False),
    StudyTab.REPORT: _Drawn(_report, of_study=False),
}
