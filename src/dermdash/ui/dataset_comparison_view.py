"""Data sets beside one another on the page: Table 1, what they share, how far two of them are apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dermdash.analyses.dataset_comparison import tables as made
from dermdash.charts.palette import SERIES_COLORS
from dermdash.charts.point_colours import of_categories
from dermdash.errors import DermdashError
from dermdash.records.chosen_records import kept_filter
from dermdash.records.dataset_comparison import ComparedDataset, SharedImages
from dermdash.records.record_filter import RecordFilter
from dermdash.storage.workspace import Workspace
from dermdash.ui.choices import choose, switch
from dermdash.ui.messages import as_message, as_text, empty_state
from dermdash.ui.navigation import page_link
from dermdash.ui.point_map import map_points, point_map
from dermdash.ui.result_files import show_result_table
from dermdash.ui.statistics_view import say_which
from dermdash.ui.theme import current_theme
from dermdash.ui.work_beside import result_beside
from dermdash.wording import duration, number
from dermdash.workflows.classifier.dataset_distance import DatasetDistance, dataset_distance
from dermdash.workflows.classifier.model_in_use import answering_model
from dermdash.workflows.classifier.record_map import is_kept, map_state, record_map
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.compare_datasets import compared_datasets, comparisons, shared_images
from dermdash.workflows.dataset.dataset_answers import answers_version
from dermdash.workflows.dataset.statistics import described_records
from dermdash.workflows.page_tasks import Report

_KEY = "comparison"
_AT_ONCE, _PER_SECOND = 500_000_000, 130_000_000
"""Pairs of pictures that are looked at without asking, and how many a core does in a second."""
_SIDE_BY_SIDE = 3
"""Data sets up to which each is a column."""


@st.cache_data(ttl=3600, max_entries=20, show_spinner=False)
def _compared(
    _workspace: Workspace, home: str, version: str, record_filter: RecordFilter
) -> tuple[ComparedDataset, ...]:
    return compared_datasets(_workspace, record_filter)


@st.cache_data(ttl=3600, max_entries=20, show_spinner=False)
def _distance(
    _workspace: Workspace, home: str, version: str, key: str, model_id: str, first: str, second: str
) -> DatasetDistance:
    return dataset_distance(_workspace, model_id, first, second)


def show_comparison(workspace: Workspace, record_filter: RecordFilter) -> None:
    """Draw the tab."""
    say_which(described_records(workspace, record_filter))
    version = str(workspace.home), f"{browse_records.data_version(workspace)} {answers_version(workspace)}"
    datasets = _compared(workspace, *version, record_filter)
    if not datasets:
        empty_state(
            "filter_alt_off", "No record passes these filters",
            "Take a filter away, or choose **Clear all filters** on the left.",
        )  # fmt: skip
        return
    show_result_table(made.comparison_table(datasets), key=_KEY, lines=2, turned=len(datasets) <= _SIDE_BY_SIDE)
    st.caption("What no record and nobody says stands as not said. Years are those in which images were taken.")
    show_result_table(made.classes_table(datasets), key=_KEY)
    if len(datasets) < 2:
        empty_state(
            "compare_arrows", "One data set", "Import another one to see what both share and how far apart they are."
        )
        page_link("dataset/import_images", label="Import", icon=":material/upload:")
        return
    names = browse_records.dataset_names(workspace)
    _show_shared(workspace, version, datasets, record_filter, names)
    _show_distance(workspace, version, datasets, names)


def _show_shared(
    workspace: Workspace,
    version: tuple[str, str],
    datasets: Sequence[ComparedDataset],
    record_filter: RecordFilter,
    names: dict[str, str],
) -> None:
    """Which images data sets share; where that takes long, only when somebody asks."""
    n = comparisons(datasets)
    if n > _AT_ONCE and not switch("Look for shared pictures", key="comparison.shared", name="shared"):
        st.caption(
            f"{number(n, 0)} pairs of pictures take about {duration(n / _PER_SECOND)}. It goes on beside the page and "
            "can be stopped."
        )
        return

    def compare(report: Report) -> tuple[SharedImages, ...]:
        return shared_images(workspace, record_filter, progress=lambda done, of: report("Hashes", done, of))

    key = ("comparison.shared", *version, repr(sorted(kept_filter(record_filter).items())))
    shared = result_beside(workspace, key, "Comparing pictures", compare)
    if shared is None:
        return
    st.markdown(as_text(made.shared_words(shared)))
    show_result_table(made.shared_table(shared, names), key=_KEY)
    pairs = made.shared_pairs_table(shared)
    if len(pairs.shown):
        show_result_table(pairs, key=_KEY)


def _show_distance(
    workspace: Workspace, version: tuple[str, str], datasets: Sequence[ComparedDataset], names: dict[str, str]
) -> None:
    """Two data sets on one map, and how far apart they are."""
    st.header("How far apart two are", anchor=False)
    ids = [d.id for d in datasets]
    with st.container(horizontal=True):
        first = choose("Data set", ids, names.__getitem__, key="comparison.first", name="first", width=320)
        others = [key for key in ids if key != first]
        second = choose("And", others, names.__getitem__, key=f"comparison.second.{first}", name="second", width=320)
    simulated = datasets[0].simulated
    try:
        model = answering_model(workspace, None, simulated=simulated)
        state = map_state(workspace, model["id"], simulated=simulated)
        with st.spinner("Measuring how far apart they are", show_time=True):
            found = _distance(workspace, *version, state.key, model["id"], first, second)
    except DermdashError as error:
        st.info(f"Not measured. {as_message(str(error))}", icon=":material/info:")
        return
    st.markdown(as_text(made.distance_words(found.overall, names[first], names[second])))
    if found.overall.reason:
        page_link("classifier/models", label="Predict on the page Models", icon=":material/network_node:")
        return
    if not is_kept(workspace, state.key):
        st.caption("The tab Map draws all records once; then the two data sets are shown here on it.")
    elif (drawn := record_map(workspace, model["id"], simulated=simulated, compute=False)) is not None:
        of = drawn.columns.coded("dataset_id")
        among = [of.values.index(key) for key in (first, second) if key in of.values]
        rows = np.flatnonzero(np.isin(of.codes, among) & np.isfinite(drawn.uniqueness))
        words = [names.get(key, "") for key in of.values]
        colors = dict(zip((names[first], names[second]), SERIES_COLORS, strict=False))
        point_map(
            map_points(drawn.places[rows], of=f"{state.key} {first} {second}"),
            of_categories(of.codes[rows], words, colors, theme=current_theme()), key="comparison.map",
            label=f"Records of {names[first]} and {names[second]} as points.",
        )  # fmt: skip
    show_result_table(made.distance_table(found.overall, found.by_class), key=_KEY)
