"""The statistics of the records that the filters let through: what they answer, tables and figures closed, files."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dermdash.analyses.dataset_statistics.figures import (
    DrawnFigure,
    missingness_figure,
    statistics_figures,
)
from dermdash.analyses.dataset_statistics.section import statistics_section
from dermdash.analyses.dataset_statistics.tables import statistics_tables
from dermdash.records.completeness import Completeness
from dermdash.records.dataset_statistics import DatasetStatistics
from dermdash.records.record_filter import RecordFilter
from dermdash.report.dataset_files import archive_of, dataset_files
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.controls import seen_from_start
from dermdash.ui.analysis.section_view import show_answer
from dermdash.ui.choices import choose
from dermdash.ui.messages import empty_state
from dermdash.ui.result_files import show_drawn_figure, show_result_table
from dermdash.wording import counted
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.image_kinds import DRAWN_IMAGES
from dermdash.workflows.dataset.statistics import (
    GROUPED_BY,
    DescribedRecords,
    dataset_statistics,
    described_records,
    missingness,
)

__all__ = ["described_now", "say_which", "show_statistics", "statistics_state"]
_KEY = "statistics"
_MISSING_BY = "missing_by"
_SUMMARY_PX, _CATEGORIES_PX = 470, 620
_SIDE_BY_SIDE = (("figure-3-age", "figure-4-sex"), ("figure-5-images-per-patient", "images-per-lesion"))


@st.cache_data(ttl=3600, max_entries=50, show_spinner=False)
def _statistics(_workspace: Workspace, home: str, version: str, record_filter: RecordFilter) -> DatasetStatistics:
    return dataset_statistics(_workspace, record_filter)


@st.cache_data(ttl=3600, max_entries=50, show_spinner=False)
def _missing(
    _workspace: Workspace, home: str, version: str, record_filter: RecordFilter, by: str
) -> dict[str | None, Completeness]:
    return missingness(_workspace, record_filter, by)


def described_now(workspace: Workspace, record_filter: RecordFilter) -> DatasetStatistics:
    """The statistics, counted again only when a record changed."""
    return _statistics(workspace, *_version(workspace), record_filter)


def _version(workspace: Workspace) -> tuple[str, str]:
    return str(workspace.home), browse_records.data_version(workspace)


def statistics_state(found: DatasetStatistics) -> str:
    """The records in one line."""
    whom = f" of {counted(found.patients, 'patient')}" if found.patients else ""
    return f"{counted(found.images, 'image')}{whom} in {counted(len(found.categories), 'category', 'categories')}"


def say_which(described: DescribedRecords) -> None:
    """Say what kind of images is meant, and what is left out because of it."""
    if described.simulated:
        st.info(DRAWN_IMAGES, icon=":material/science:")
    if described.left_out:
        st.caption(f"Not counted here: {described.left_out}. Choose that data set on the left to see it.")


def show_statistics(workspace: Workspace, record_filter: RecordFilter, found: DatasetStatistics) -> None:
    """Draw the answer, and closed below it the tables and figures."""
    say_which(described_records(workspace, record_filter))
    if not found.records:
        empty_state(
            "filter_alt_off", "No record passes these filters",
            "Take a filter away, or choose **Clear all filters** on the left.",
        )  # fmt: skip
        return
    tables = {table.name: table for table in statistics_tables(found)}
    figures = {drawn.figure.name: drawn for drawn in statistics_figures(found)}
    show_answer(statistics_section(found))
    with _closed("Summary and categories"):
        side_by_side = st.container(horizontal=True, gap="large")  # one below the other where there is no room
        with side_by_side.container(width=_SUMMARY_PX):
            show_result_table(tables["table-5-summary"], key=_KEY)
        with side_by_side.container(width=_CATEGORIES_PX):
            show_result_table(tables["table-4-categories"], key=_KEY)
        show_drawn_figure(figures["figure-2-categories"], key=_KEY)
    with _closed("Age, sex, images per patient and lesion"):
        for pair in _SIDE_BY_SIDE:
            for place, name in zip(st.columns(2, gap="large"), pair, strict=True):
                with place:
                    show_drawn_figure(figures[name], key=_KEY)
    with _closed("How the labels were verified"):
        show_result_table(tables["stage-by-class"], key=_KEY)
        show_result_table(tables["table-3-verification"], key=_KEY, lines=3)
    with _closed(
        "What is missing", expanded=seen_from_start("statistics.missing_open", asked=_MISSING_BY in st.query_params)
    ):
        by = choose(
            "Missing values by", list(GROUPED_BY), GROUPED_BY.__getitem__, key="statistics.missing_by",
            name=_MISSING_BY, width=260,
        )  # fmt: skip
        show_drawn_figure(_missing_by(workspace, record_filter, by), key=_KEY)
        show_result_table(tables["fields-filled"], key=_KEY)
    with _closed("Model of the data"):
        show_result_table(tables["table-2-information-model"], key=_KEY, lines=2)
    st.download_button(
        "All tables and figures (zip)",
        lambda: archive_of(dataset_files(list(tables.values()), _all_figures(workspace, record_filter, figures))),
        "dermdash-statistics.zip", "application/zip", key="statistics.zip", icon=":material/download:",
        on_click="ignore", help="Tables as CSV and LaTeX, figures as CSV, SVG and PNG.",
    )  # fmt: skip


def _closed(title: str, *, expanded: bool = False) -> Any:
    return st.expander(title, icon=":material/list_alt:", expanded=expanded)


def _missing_by(workspace: Workspace, record_filter: RecordFilter, by: str) -> DrawnFigure:
    groups: Any = _missing(workspace, *_version(workspace), record_filter, by)
    return missingness_figure(groups, by, GROUPED_BY[by], browse_records.dataset_names(workspace))


def _all_figures(
    workspace: Workspace, record_filter: RecordFilter, figures: dict[str, DrawnFigure]
) -> list[DrawnFigure]:
    return [*figures.values(), *(_missing_by(workspace, record_filter, by) for by in GROUPED_BY)]
