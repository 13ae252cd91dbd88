"""A page of thumbnails as one component: sixty images paint as fast as one widget."""

from collections.abc import Sequence

import streamlit as st

from dermdash.records.visible_text import visible_text
from dermdash.ui import address
from dermdash.ui.frontend.changes import callback_of, sent_value
from dermdash.ui.frontend.exchange import GalleryPayload, Sends, TilePayload
from dermdash.ui.script_route import our_component

MAX_TILES = 120
RECORD_ADDRESS = "record"
"""Address of the page that a tile of a record opens."""

_gallery = our_component("gallery")


def gallery(
    tiles: Sequence[TilePayload],
    *,
    key: str,
    tile_px: int = 190,
    label: str = "Records",
    columns: int | None = None,
) -> str | None:
    """Show up to 120 thumbnails and return the id of the one just opened, else None.

    Parameters
    ----------
    tiles
        Their images as data URIs. A badge has the shape stage-1, stage-2, stage-3, circle, diamond, square or triangle.
    key
        Widget key.
    tile_px
        Least width of a tile in pixels; the grid fits as many columns as the page has room for.
    label
        What the tiles are, for screen readers.
    columns
        A wish for about this many columns on a wide page (1200 px); overrides ``tile_px``.
    """
    if columns:
        tile_px = max(110, 1200 // columns - 14)
    # Back from a record, the keyboard goes on at the tile it was opened by.
    opened_key = f"{key}.opened"
    focus = st.session_state.get(opened_key) if address.came_from(RECORD_ADDRESS) else None
    shown = [_visible(tile) for tile in tiles[:MAX_TILES]]
    data = GalleryPayload(tiles=shown, tile_px=tile_px, label=label, focus=focus)
    opened = sent_value(_gallery(key=key, data=data, **callback_of(Sends.OPENED, _nothing)), Sends.OPENED)
    if not any(tile["id"] == opened for tile in tiles):
        return None
    st.session_state[opened_key] = opened
    return str(opened)


def _visible(tile: TilePayload) -> TilePayload:
    visible = tile | {"title": visible_text(tile["title"])}
    return visible | {"subtitle": visible_text(tile["subtitle"])} if "subtitle" in tile else visible


def _nothing() -> None:
    """Streamlit shows a trigger in the result only where it has a callback."""
