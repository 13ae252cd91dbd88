"""The way through the filtered records: previous and next, and the pictures on either side of the one that is shown."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.record_order import RecordBeside, Surroundings
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange.gallery import TilePayload
from dermdash.ui.gallery import gallery
from dermdash.ui.navigation import RECORD_SCRIPT, page_link, switch_page
from dermdash.ui.record_filters import query_of
from dermdash.ui.record_tiles import thumbnail_uri, tile_color
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


def show_neighbours(
    workspace: Workspace,
    record: Mapping[str, Any],
    around: Surroundings,
    record_filter: RecordFilter,
    sort: str,
    *,
    descending: bool,
) -> None:
    """The pictures before and after this one; a click goes there."""
    if not around.before and not around.after:
        return
    st.header("Before and after it", anchor=False)
    own = RecordBeside(str(record["id"]), str(record["image_sha256"]), record["dx"])
    row = (*around.before, own, *around.after)
    tiles = [
        TilePayload(
            id=one.id,
            image=thumbnail_uri(workspace, one.image_sha256),
            title=diagnosis_name(one.dx),
            color=tile_color(one.dx),
            selected=one.id == own.id,
        )
        for one in row
    ]
    chosen = gallery(tiles, key="record.neighbours", tile_px=110, label="Records before and after this one")
    if chosen is not None and chosen != own.id:
        _go(chosen, query_of(record_filter, sort, descending=descending))


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
