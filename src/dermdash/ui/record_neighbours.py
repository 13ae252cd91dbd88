"""The way through the filtered records: back to all, previous and next."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dermdash.records.record_filter import RecordFilter
from dermdash.storage.record_order import RecordBeside, Surroundings
from dermdash.storage.workspace import Workspace
from dermdash.ui.navigation import RECORD_SCRIPT, page_link, switch_page
from dermdash.ui.record_filters import query_of
from dermdash.workflows.dataset import browse_records


def show_way(
    workspace: Workspace, record: Mapping[str, Any], record_filter: RecordFilter, sort: str, *, descending: bool
) -> Surroundings:
    """Draw the way back to all records, and to the previous and next of them; arrow keys go there, too."""
    around = browse_records.around_record(workspace, record_filter, str(record["id"]), sort=sort, descending=descending)
    query = query_of(record_filter, sort, descending=descending)
    with st.container(horizontal=True, vertical_alignment="center"):
        page_link("dataset/records", label="Back to the records", icon=":material/arrow_back:", query_params=query)
        place = f"**{around.place:,}** of {around.total:,}" if around.place else f"Not among these {around.total:,}"
        st.markdown(place, width="content")
        st.space("stretch")
        _step("Previous", around.before[-1:], query, icon="arrow_back", shortcut="Left")
        _step("Next", around.after[:1], query, icon="arrow_forward", shortcut="Right")
    return around


def _step(
    label: str, to: tuple[RecordBeside, ...], query: Mapping[str, list[str]], *, icon: str, shortcut: str
) -> None:
    pressed = st.button(
        label, key=f"record.{label.lower()}", icon=f":material/{icon}:", shortcut=shortcut, disabled=not to
    )
    if pressed and to:
        _go(to[0].id, query)


def _go(record_id: str, query: Mapping[str, list[str]]) -> None:
    switch_page(RECORD_SCRIPT, query_params={**query, "id": record_id})
