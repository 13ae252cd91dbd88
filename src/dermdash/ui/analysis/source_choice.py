"""Which readings a page analyses: named in the URL, else the newest study."""

import streamlit as st

from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_text, empty_state
from dermdash.workflows import readings_source

SIMULATED = "These readings are **simulated** by a program. Nothing here was answered by a person."


def chosen_readings(workspace: Workspace) -> ReadingsTable | None:
    """Let the visitor choose a source; None (with what to do next on the page) when there is none."""
    sources = {s.key: s for s in readings_source.list_sources(workspace)}
    if not sources:
        empty_state("menu_book", "No readings yet", "Run a study, or import the log of one.")
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.page_link("pages/reader_study/new_study.py", label="New study", icon=":material/add_circle:")
        return None
    keys = list(sources)
    wanted = st.query_params.get("source", keys[0])
    if wanted not in sources:
        st.warning(
            f"There are no readings “{as_text(wanted)}” in this workspace. These are the newest.",
            icon=":material/link_off:",
        )
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
    if st.query_params.get("source") != chosen:
        st.query_params["source"] = chosen
    if sources[chosen].simulated:
        st.warning(SIMULATED, icon=":material/science:")
    return _load(workspace, str(workspace.home), chosen, sources[chosen].readings)


@st.cache_data(ttl=3600, max_entries=10, show_spinner="Loading the readings")
def _load(_workspace: Workspace, home: str, key: str, readings: int) -> ReadingsTable:
    # Readings are only ever appended, so their number says which ones these are.
    return readings_source.load_readings(_workspace, key)
