"""The page of the report: which analyses, how far it is, what could be done, and the files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.registry import ANALYSES
from dermdash.errors import NotFound
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.readings_table import ReadingsTable
from dermdash.report.archive import report_archive
from dermdash.report.html_report import render_html
from dermdash.report.pdf import NO_RENDERER, find_renderer, render_pdf
from dermdash.report.study_report import StudyReport, build_report
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.analysis.model_choice import ModelChoice, model_choice
from dermdash.ui.choices import choose_several, switch
from dermdash.ui.messages import as_text
from dermdash.ui.source_choice import shown_source, which_readings
from dermdash.ui.tables import data_table
from dermdash.wording import counted, moment
from dermdash.workflows.reader_study import readings_source

FINDING = "Answer, or why not"
Request = tuple[str, int, tuple[str, ...], ModelChoice, bool, bool, bool]


@dataclass(frozen=True, slots=True)
class _Made:
    """A report with its files, and what it was asked for."""

    request: Request
    report: StudyReport
    html: str
    pdf: bytes | None
    no_pdf: str


def report_view(workspace: Workspace, table: ReadingsTable | AggregateTable) -> None:
    """Ask what the report shall hold, make it, and offer its files."""
    source = shown_source()
    study_id = readings_source.study_of(source)
    offered = [a for a in ANALYSES if isinstance(table, ReadingsTable) or a.counts]
    titles = {a.key: a.title for a in offered}
    with st.container(border=True):
        chosen = choose_several(
            "Analyses",
            list(titles),
            titles.__getitem__,
            key=f"report.analyses.{len(titles)}",
            name="analyses",
            default=list(titles),
        )
        choice = model_choice(workspace, study_id, page="report", shown=False)
        appendix = switch(
            "With the appendix",
            key="report.appendix",
            name="appendix",
            help="Behind the two pages every analysis in full: tables, figures, methods, data flow and guidelines.",
        )
        pictures = switch(
            "With pictures of the worst cases",
            key="report.pictures",
            name="pictures",
            default=True,
            help="They leave the workspace with the report.",
        )
        with_pdf = switch(
            "Also as PDF",
            key="report.pdf",
            default=find_renderer() is not None,
            disabled=find_renderer() is None,
            help="Printed by a browser of the machine that dermdash runs on.",
        )
        if find_renderer() is None:
            st.caption(f"No PDF here: {NO_RENDERER}.")
        ready = bool(chosen) and not choice.awaits_file
        pressed = st.button(
            "Make the report", type="primary", key="report.start", icon=":material/article:", disabled=not ready
        )
    request: Request = (source, which_readings(table), tuple(chosen), choice, with_pdf, appendix, pictures)
    if pressed:
        context = AnalysisContext(workspace, study_id, choice.model_id, choice.predictions, choice.include_trained)
        st.session_state[keys.REPORT] = _make(table, context, request)
    made = st.session_state.get(keys.REPORT)
    if not isinstance(made, _Made) or made.request[0] != source:
        st.info(
            "Nothing is made yet. Choose the analyses and press **Make the report**; it takes up to a minute.",
            icon=":material/info:",
        )
        return
    if made.request != request:
        st.info("The choice above has changed since this report was made.", icon=":material/info:")
    _show(made)


def _make(table: ReadingsTable | AggregateTable, context: AnalysisContext, request: Request) -> _Made:
    at_work = st.empty()
    with at_work.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, text="Starting")
        # A press asks Streamlit for a new run, which takes the place of this one the next time the bar is moved.
        st.button("Stop", key="report.stop", icon=":material/stop_circle:", help="Nothing is kept of this report.")

    def advance(done: int, total: int, title: str) -> None:
        bar.progress(done / (total + 1), text=f"{title} ({done + 1} of {total})" if title else "Writing the report")

    report = build_report(table, context, only=request[2], progress=advance, pictures=request[6])
    html = render_html(report, appendix=request[5])
    pdf, reason = None, ""
    if request[4]:
        printing = partial(bar.progress, 0.97, text="Printing the PDF")
        printing()
        try:
            pdf = render_pdf(html, waiting=printing)
        except NotFound as error:
            reason = str(error)
    at_work.empty()
    return _Made(request, report, html, pdf, reason)


def _show(made: _Made) -> None:
    report = made.report
    stem = "report-" + (re.sub(r"\W+", "-", report.facts.source).strip("-")[:60] or "readings")
    st.header("Report", anchor=False)
    st.markdown(
        f"{counted(len(report.sections), 'analysis', 'analyses')} done, {len(report.not_done)} not · "
        f"{counted(len(report.tables), 'table')} · made {moment(report.made_at)}"
    )
    with st.container(horizontal=True):
        st.download_button(
            "HTML",
            made.html.encode(),
            f"{stem}.html",
            "text/html",
            key="report.html",
            icon=":material/download:",
            type="primary",
            on_click="ignore",
        )
        if made.pdf is not None:
            st.download_button(
                "PDF",
                made.pdf,
                f"{stem}.pdf",
                "application/pdf",
                key="report.pdf_file",
                icon=":material/download:",
                on_click="ignore",
            )
        st.download_button(
            "Everything (ZIP)",
            lambda: report_archive(report, made.html, made.pdf),
            f"{stem}.zip",
            "application/zip",
            key="report.zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            help="The report, every table as CSV, and all numbers as JSON.",
        )
    if made.no_pdf:
        st.warning(f"No PDF: {as_text(made.no_pdf)}.", icon=":material/info:")
    data_table(
        _contents(report),
        key="report.contents",
        column_config={FINDING: st.column_config.TextColumn(width="large")},
    )
    st.caption(
        "The report has two pages. With the appendix, every analysis stands behind them, and the reporting guidelines "
        "DECIDE-AI, CONSORT-AI, STARD-AI and CLEAR Derm, filled in as far as dermdash knows: open the HTML in a "
        "browser to fill in the rest and save it."
    )


def _contents(report: StudyReport) -> pd.DataFrame:
    order = {a.key: i for i, a in enumerate(ANALYSES)}
    rows = [
        (
            order[s.key],
            s.title,
            "Exploratory" if s.exploratory else "Pre-specified",
            s.answer.sentence if s.answer else "",
        )
        for s in report.sections
    ]
    rows += [(order[n.key], n.title, "Not done", n.reason) for n in report.not_done]
    frame = pd.DataFrame(sorted(rows), columns=["order", "Analysis", "Status", FINDING])
    return frame.drop(columns="order")
