"""The map of records on the page: drawn beside it, coloured by any field, points chosen by a lasso, the most unlike."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dermdash.charts.palette import diagnosis_color
from dermdash.charts.point_colours import of_categories, of_numbers
from dermdash.errors import DermdashError
from dermdash.records.record_filter import QualitySource, RecordFilter
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose
from dermdash.ui.gallery import gallery
from dermdash.ui.messages import as_text, empty_state, error_words
from dermdash.ui.model_and_images import pick_model
from dermdash.ui.navigation import RECORD_SCRIPT, page_link, switch_page
from dermdash.ui.point_map import MapPoints, map_points, point_map
from dermdash.ui.record_tiles import record_tile
from dermdash.ui.statistics_view import say_which
from dermdash.ui.theme import current_theme
from dermdash.ui.work_beside import ends_within, stop_button
from dermdash.wording import counted, duration, number, percent
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier.embeddings import feature_store
from dermdash.workflows.classifier.find_similar import index_state
from dermdash.workflows.classifier.map_colours import COLOURS, MapColour, map_colour
from dermdash.workflows.classifier.model_in_use import offered
from dermdash.workflows.classifier.model_registry import list_models
from dermdash.workflows.classifier.record_map import (
    MapState,
    RecordMap,
    chosen_rows,
    is_kept,
    map_state,
    record_map,
    records_of_rows,
)
from dermdash.workflows.classifier.running_map import RunningMap, begin_map, map_under_way
from dermdash.workflows.dataset.browse_records import flags_version
from dermdash.workflows.dataset.image_kinds import kind_words, simulated_dataset_ids
from dermdash.workflows.dataset.record_sets import keep_record_set
from dermdash.workflows.dataset.statistics import described_records

_EVERY_S = 0.4
_TILES = 12
_AT_ONCE = 1500
"""Points up to which a map takes a second or two, and nobody need ask for it."""
_SECONDS_PER_POINT = 0.0016
HOW = "chosen on the map"


def show_map(workspace: Workspace, record_filter: RecordFilter) -> None:
    """Draw the tab: which model, the map or the way to it, what was chosen on it, the most unlike records."""
    described = described_records(workspace, record_filter)
    say_which(described)
    drawn = described.simulated
    models = offered(
        workspace, list_models(workspace), simulated=drawn,
        ready=lambda model: bool(feature_store(workspace, str(model["id"])).version()),
    )  # fmt: skip
    if not models:
        empty_state("network_node", "No model yet", "A map needs the features that a model computes of each image.")
        page_link("classifier/training", label="Training", icon=":material/model_training:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model_id = pick_model(models, key=f"map.model.{drawn}", width=560)
        colour = choose("Colour", list(COLOURS), _colour_title, key="map.colour", name="colour", width=280)
    found = _map_or_way_to_it(workspace, model_id, drawn)
    if found is None:
        return
    passing = described.record_filter
    version = (
        str(workspace.home), model_id, *index_state(workspace, model_id), drawn,
        flags_version(workspace, account_id=passing.unseen_by),
    )  # fmt: skip
    shown = _let_through(workspace, version, found, passing)
    if not len(shown.rows):
        empty_state(
            "filter_alt_off", "No record on the map passes these filters",
            "Take a filter away, or predict the records that have no features yet.",
        )  # fmt: skip
        return
    chosen = _draw(shown, map_colour(workspace, found, colour))
    _say_chosen(workspace, found, chosen)
    _show_unlike(workspace, found, shown)
    _how_to_read(found, shown.rows)


@st.cache_data(ttl=3600, max_entries=20, show_spinner=False)
def _state(_workspace: Workspace, version: tuple[Any, ...], model_id: str) -> MapState:
    return map_state(_workspace, model_id, simulated=bool(version[-1]))


@st.cache_resource(ttl=3600, max_entries=3, show_spinner=False)
def _kept_map(_workspace: Workspace, version: tuple[Any, ...], model_id: str) -> RecordMap | None:
    return record_map(_workspace, model_id, simulated=bool(version[-1]), compute=False)


@dataclass(frozen=True, slots=True)
class _LetThrough:
    """Of a map what a filter lets through: the rows, in the browser's form, and those least like any other first."""

    rows: NDArray[np.intp]
    points: MapPoints
    unlike: NDArray[np.intp]


@st.cache_resource(ttl=3600, max_entries=5, show_spinner=False)
def _let_through(
    _workspace: Workspace, version: tuple[Any, ...], _found: RecordMap, passing: RecordFilter
) -> _LetThrough:
    rows = chosen_rows(_workspace, _found, passing)
    # What is chosen belongs to these points: another filter or map begins anew.
    of = hashlib.sha256(_found.model_id.encode() + b" " + rows.tobytes()).hexdigest()[:16]
    unlike = rows[np.argsort(-_found.uniqueness[rows], kind="stable")][:_TILES]
    return _LetThrough(rows, map_points(_found.places[rows], of=of), unlike)


def _colour_title(colour: str) -> str:
    return COLOURS[colour]


def _map_or_way_to_it(workspace: Workspace, model_id: str, drawn: bool) -> RecordMap | None:
    """The map where it is kept; else the button that draws it, or how far that is."""
    version = (str(workspace.home), *index_state(workspace, model_id), drawn)
    state = _state(workspace, version, model_id)
    if not state.points:
        empty_state(
            "scatter_plot", "No features yet",
            f"The map needs the features that a model computes of each image. Predict the {kind_words(drawn)} on the "
            f"page **Models**, or stop the app and run `dermdash predict{' --simulated' if drawn else ''}`.",
        )  # fmt: skip
        page_link("classifier/models", label="Models", icon=":material/network_node:")
        return None
    if state.coverage.missing:
        st.caption(
            f"Not on the map: {counted(state.coverage.missing, 'record')} that this model has not predicted yet."
        )
    job = map_under_way(workspace.home)
    if job is not None and not job.ended:
        _follow(job)
        st.rerun()
    if is_kept(workspace, state.key):
        if (found := _kept_map(workspace, version, model_id)) is not None:
            return found
        _kept_map.clear()  # a file that cannot be read: the map can be drawn again
    if job is not None and job.key == state.key and job.error is not None:
        if not isinstance(job.error, DermdashError):
            raise job.error
        st.warning(error_words(job.error), icon=":material/error:")
    if not access.may(Right.KEEP_RECORD_SETS):
        empty_state("scatter_plot", "The map is not drawn yet", "A curator, coordinator or statistician can draw it.")
        return None
    if state.points <= _AT_ONCE and (job is None or job.key != state.key):
        begin_map(workspace, access.act(Right.KEEP_RECORD_SETS), model_id, simulated=drawn, key=state.key)
        st.rerun()
    about = duration(max(5.0, state.points * _SECONDS_PER_POINT))
    empty_state(
        "scatter_plot", "The map is not drawn yet",
        f"{counted(state.points, 'record')} have features of this model. Placing them takes about {about} and is done "
        "once; it goes on when the page is left.",
    )  # fmt: skip
    if st.button("Draw the map", key="map.begin", type="primary", icon=":material/scatter_plot:"):
        begin_map(workspace, access.act(Right.KEEP_RECORD_SETS), model_id, simulated=drawn, key=state.key)
        st.rerun()
    return None


def _follow(job: RunningMap) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, "Drawing the map")
        stop_button(job, key="map.stop", right=Right.KEEP_RECORD_SETS)
    st.caption("This goes on when the page is left or loaded anew.")
    while not ends_within(job, _EVERY_S):
        bar.progress(job.share, f"Drawing the map: {percent(job.share, 0)}, {duration(time.monotonic() - job.begun)}")


def _draw(shown: _LetThrough, colour: MapColour) -> list[int]:
    """The points; rows of the map that were chosen."""
    rows = shown.rows
    if colour.numbers is not None:
        colours = of_numbers(colour.numbers[rows])
    else:
        colors = {word: diagnosis_color(code) for word, code in colour.diagnoses.items()}
        colours = of_categories(colour.codes[rows], colour.words, colors, theme=current_theme())
    label = (
        f"{counted(len(rows), 'record')} as points, coloured by {colour.title.lower()}: what lies together is alike."
    )
    chosen: list[int] = rows[point_map(shown.points, colours, key="map.points", label=label)].tolist()
    return chosen


def _say_chosen(workspace: Workspace, found: RecordMap, chosen: list[int]) -> None:
    """What a lasso went round, and the way to these records."""
    if not chosen:
        st.caption(
            "Draw a line round points to see and keep these records. *Move*, the wheel with Ctrl, or the keys plus, "
            "minus, zero and arrows move and enlarge the map."
        )
        return
    facts = found.facts.iloc[chosen]
    counts = facts["dx"].value_counts().head(4)
    words = ", ".join(f"{as_text(diagnosis_name(str(dx)))} {number(n, 0)}" for dx, n in counts.items())
    st.markdown(f"**{counted(len(chosen), 'record')} chosen**: {words}")
    ids = facts["id"].tolist()
    with st.container(horizontal=True):
        if access.may(Right.KEEP_RECORD_SETS) and st.button(
            "Open these in Records", key="map.open", type="primary", icon=":material/grid_view:",
            help="They are kept as a set whose id stands in the address: a link shows the same records to others.",
        ):  # fmt: skip
            key = keep_record_set(workspace, access.act(Right.KEEP_RECORD_SETS), ids, how=HOW)
            switch_page("dataset/records", query_params={"record_set": key})
        st.download_button(
            "CSV", lambda: to_safe_csv(found.table().iloc[chosen]), "dermdash-map-chosen.csv", "text/csv",
            key="map.csv", icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _show_unlike(workspace: Workspace, found: RecordMap, shown: _LetThrough) -> None:
    """The records farthest from their nearest others: outliers, or what there is little of."""
    st.header("Least like any other", anchor=False)
    st.caption("Mean distance to the ten nearest others: 0 is a copy, 1.41 has nothing in common with them.")
    frame = records_of_rows(workspace, found, shown.unlike)
    drawn = simulated_dataset_ids(workspace)
    tiles = []
    for place, (_, row) in zip(shown.unlike, frame.iterrows(), strict=True):
        tile = record_tile(workspace, row, QualitySource.BEST, drawn=drawn)
        tile["subtitle"] = f"{row['image_id']} · {number(float(found.uniqueness[place]), 2)}"
        tiles.append(tile)
    picked = gallery(tiles, key="map.unlike")
    if picked is not None and picked in set(frame["id"]):
        switch_page(RECORD_SCRIPT, query_params={"id": picked})
    st.download_button(
        "Map of these records (CSV)", lambda: to_safe_csv(found.table().iloc[shown.rows]), "dermdash-map.csv",
        "text/csv", key="map.all", icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _how_to_read(found: RecordMap, rows: Any) -> None:
    with st.expander("How this was done"):
        st.markdown(
            f"{number(len(found), 0)} records were placed by PaCMAP (Wang et al., JMLR 2021; 10 neighbours, 5 mid-near "
            f"and 20 further pairs, 450 steps, seed {found.seed}) on the first 100 principal components of the model's "
            f"features; {number(len(rows), 0)} pass the filters. What lies together is alike to the model. How far "
            "apart two groups lie, and how large they are, says little; colours are what is known of the records and "
            "were not used."
        )
