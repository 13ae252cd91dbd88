"""Records behind an answer as a row of tiles, each of which leads to its record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from dermdash.analyses.comparison.paired_cases import thumbnails_of
from dermdash.storage.workspace import Workspace
from dermdash.ui.case_tiles import STRIP, STRIP_HEAD, STRIP_PX
from dermdash.ui.frontend.exchange.gallery import TilePayload
from dermdash.ui.gallery import gallery
from dermdash.ui.navigation import RECORD_SCRIPT, switch_page
from dermdash.ui.record_tiles import thumbnail_uri, tile_color


class RecordBehind(NamedTuple):
    """A record by its id, the diagnosis whose colour it has, and what is said of it."""

    record: str
    dx: str
    title: str
    subtitle: str


def record_strip(workspace: Workspace, behind: Sequence[RecordBehind], *, order: str, key: str) -> None:
    """Show the first of these records whose picture is known; ``order`` says by what they stand in it."""
    known = thumbnails_of(workspace, [one.record for one in behind])
    shown = [one for one in behind if one.record in known][:STRIP]
    if not shown:
        return
    st.markdown(f"**{STRIP_HEAD}** \N{MIDDLE DOT} {order}")
    tiles = [
        TilePayload(
            id=one.record,
            image=thumbnail_uri(workspace, known[one.record][1]),
            title=one.title,
            subtitle=one.subtitle,
            color=tile_color(one.dx),
        )
        for one in shown
    ]
    opened = gallery(tiles, key=f"{key}.strip", tile_px=STRIP_PX, label="Lesions behind the answer")
    if opened in {one.record for one in shown}:
        switch_page(RECORD_SCRIPT, query_params={"id": str(opened)})
