"""Which readings a page analyses: named in the URL, else the newest study."""

from typing import TypeVar

import streamlit as st

from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_text, empty_state
from dermdash.workflows import readings_source
from dermdash.workflows.readings_source import AGGREGATE, ReadingsSource

Table = TypeVar("Table", ReadingsTable, AggregateTable, ReadingsTable | AggregateTable)
SIMULATED = "These readings are **simulated** by a program. Nothing here was answered by a person."


def chosen_readings(workspace: Workspace) -> ReadingsTable | None:
    """Let the visitor choose a source of single readings; None (with what to do next on the page) without one."""
    source = _choose(workspace, aggregate=False)
    return None if source is None else warned(_load(workspace, str(workspace.home), source.key, source.readings))


def chosen_readings_or_counts(workspace: Workspace) -> ReadingsTable | AggregateTable | None:
    """The same, also from files that count answers per image."""
    source = _choose(workspace, aggregate=True)
    if source is None:
        return None
    load = _load_counts if source.kind == AGGREGATE else _load
    return warned(load(workspace, str(workspace.home), source.key, source.readings))


def warned(table: Table) -> Table:
    """Say at the head of the page what limits everything on it."""
    for warning in table.warnings:
        st.warning(as_text(warning), icon=":material/warning:")
    if table.alike:
        st.caption("Import the file again to say whether they are one; its old entry can be withdrawn.")
        st.page_link("pages/analysis/reading_logs.py", label="Reading logs", icon=":material/upload_file:")
    return table


def _choose(workspace: Workspace, *, aggregate: bool) -> ReadingsSource | None:
    every = readings_source.list_sources(workspace)
    sources = {s.key: s for s in every if aggregate or s.kind != AGGREGATE}
    if not sources:
        _nothing_yet(counts_only=bool(every))
        return None
    keys = list(sources)
    wanted = st.query_params.get("source", keys[0])
    if wanted not in sources:
        st.warning(_not_offered(wanted, every), icon=":material/link_off:")
    chosen = wanted if wanted in sources else keys[0]
    if len(keys) > 1:
        chosen = st.selectbox(
            "Readings of",
            keys,
            index=keys.index(chosen),
            format_func=lambda key: f"{sources[key].name} ({sources[key].readings:,} readings)",
            key="analysis.source",
            width=520,
        )
    else:
        st.caption(f"Readings of {as_text(sources[chosen].name)} ({sources[chosen].readings:,} readings)")
    if st.query_params.get("source") != chosen:
        st.query_params["source"] = chosen
    if sources[chosen].simulated:
        st.warning(SIMULATED, icon=":material/science:")
    return sources[chosen]


def _nothing_yet(*, counts_only: bool) -> None:
    if counts_only:
        empty_state(
            "menu_book",
            "No single readings yet",
            "The imported file counts answers per image and does not say which reader gave which. Run a study, or "
            "import a log with one row per reading.",
        )
    else:
        empty_state("menu_book", "No readings yet", "Run a study, or import the log of one.")
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.page_link("pages/reader_study/new_study.py", label="New study", icon=":material/add_circle:")
        st.page_link("pages/analysis/reading_logs.py", label="Import a log", icon=":material/upload_file:")


def _not_offered(wanted: str, every: tuple[ReadingsSource, ...]) -> str:
    name = next((s.name for s in every if s.key == wanted), None)
    if name is not None:
        return (
            f"“{as_text(name)}” counts answers per image and holds no single readings, which this page needs. These "
            "are the newest readings."
        )
    return f"There are no readings “{as_text(wanted)}” in this workspace. These are the newest."


@st.cache_data(ttl=3600, max_entries=10, show_spinner="Loading the readings")
def _load(_workspace: Workspace, home: str, key: str, readings: int) -> ReadingsTable:
    # Readings are only ever appended and a log never changes, so their number says which ones these are.
    return readings_source.load_readings(_workspace, key)


@st.cache_data(ttl=3600, max_entries=4, show_spinner="Loading the counts")
def _load_counts(_workspace: Workspace, home: str, key: str, readings: int) -> AggregateTable:
    return readings_source.load_aggregate(_workspace, key)
