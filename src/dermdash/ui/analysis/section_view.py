"""Shows a section of results: its answer, then all else under Details and Method, closed until somebody asks."""

import html
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dermdash.analyses.answer import AnalysisAnswer
from dermdash.analyses.section import ResultFigure, ResultTable, Section
from dermdash.charts.labels import untitled
from dermdash.charts.rows import lowered
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.visible_text import visible_text
from dermdash.ui.case_tiles import CASE
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.messages import as_text
from dermdash.ui.navigation import STUDY_SCRIPT, switch_page
from dermdash.ui.source_choice import link_to, shown_source
from dermdash.ui.study_tabs import StudyTab
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure

EXPLORATORY = "Exploratory: no frozen protocol names this analysis."
DETAILS, METHOD = "Details", "Method"
MOST_PX = 330
"""Height of the chart of an answer: what is below it should still be seen."""
_ANSWER = """<style>
.dd-answer { font-size: 1.3rem; line-height: 1.35; font-weight: 600; max-width: 62rem; margin: 0 0 .25rem; }
</style>"""


def show_sentence(text: str) -> None:
    """Show the sentence that a page answers with."""
    st.html(f'{_ANSWER}<p class="dd-answer">{html.escape(visible_text(text))}</p>')


def show_answer(section: Section, strip: Callable[[AnalysisAnswer], object] | None = None, *, of: str = "") -> None:
    """Show what an analysis answers: the sentence, its figures, its chart, and with ``strip`` the cases behind it.

    ``of`` begins the key of the chart where that is not the section's.
    """
    answer = section.answer
    assert answer is not None
    show_sentence(answer.sentence)
    if answer.figures:
        show_key_figures([KeyFigure(*figure) for figure in answer.figures])
    # Side by side where the page is wide: chart and lesions are then seen without scrolling.
    shown, beside = st.columns([3, 2], gap="medium") if strip is not None and answer.cases else (st.container(), None)
    if (chart := section.chart) is not None:
        with shown:
            drawn = lowered(untitled(chart.make(current_theme())), MOST_PX)
            _drawn(chart, drawn, key=f"{of or section.key}.{chart.name}")
            if said := chart.brief or chart.description:
                st.caption(_with_click(chart, said))
    if beside is not None and strip is not None:
        with beside, st.container(gap="xsmall"):
            strip(answer)


def show_details(section: Section) -> None:
    """Show all of a section that is not its answer: the findings in full, further figures, every table."""
    _show_findings(section)
    if (chart := section.chart) is not None and chart.brief:
        st.caption(f"{as_text(chart.title)}: {as_text(chart.description)}")
    for figure in section.figures:
        if figure is not chart:
            _show_figure(section, figure)
    for table in section.tables:
        show_table(table, key=f"{section.key}.{table.name}")


def show_method(section: Section) -> None:
    """Show what was done, closed, and whether a protocol names it."""
    with st.expander(METHOD, icon=":material/science:"):
        st.markdown("\n\n".join(as_text(text) for text in section.methods))
        if section.references:
            st.markdown("\n".join(f"- {as_text(text)}" for text in section.references))
    if section.exploratory:
        st.caption(EXPLORATORY)


def _show_findings(section: Section) -> None:
    for sentence in section.summary:
        st.markdown(as_text(sentence))
    if section.own_warnings:
        several = len(section.own_warnings) > 1
        said = [f"- {as_text(text)}" if several else as_text(text) for text in section.own_warnings]
        st.warning("\n".join(said), icon=":material/info:")


def _show_figure(section: Section, figure: ResultFigure) -> None:
    st.header(as_text(figure.title), anchor=False)
    _drawn(figure, untitled(figure.make(current_theme())), key=f"{section.key}.{figure.name}")
    if figure.description:
        st.caption(_with_click(figure, figure.description))


def _with_click(figure: ResultFigure, said: str) -> str:
    """What stands below a figure, and what only a page can do."""
    return as_text(said) + (" A click on a case opens it." if figure.of_cases and shown_source() else "")


def _drawn(figure: ResultFigure, drawn: go.Figure, *, key: str) -> None:
    """Show a figure; a click on a point that is a case opens it."""
    if not figure.of_cases or not shown_source():
        show_figure(drawn, key=key)
        return
    event = show_figure(drawn, key=key, on_select="rerun", selection_mode="points")
    if (case := _case_of(event)) is not None:
        switch_page(STUDY_SCRIPT, query_params={**link_to(shown_source()), **StudyTab.CASES.query, CASE: case})


def _case_of(event: Any) -> str | None:
    """The case of the point that was clicked on, None before that."""
    points = event.get("selection", {}).get("points", []) if event else []
    named = next((point.get("customdata") for point in points if point.get("customdata")), None)
    return str(named[0] if isinstance(named, list | tuple) else named) if named else None


def show_table(table: ResultTable, *, key: str, below_heading: bool = False) -> None:
    """Show a table for people and offer its numbers as CSV."""
    # A level lower below a heading of its own: levels are what a screen reader walks by.
    (st.subheader if below_heading else st.header)(as_text(table.title), anchor=False)
    data_table(table.shown, key=key)
    if table.note:
        st.caption(as_text(table.note))
    st.download_button(
        "Numbers (CSV)",
        lambda: to_safe_csv(table.numbers),
        file_name=f"{table.name}.csv",
        mime="text/csv",
        key=f"{key}.csv",
        icon=":material/download:",
        on_click="ignore",
    )
