"""A page of thumbnails as one component: sixty images paint as fast as one widget."""

from typing import Any

import streamlit as st

from dermdash.records.visible_text import visible_text
from dermdash.ui import address
from dermdash.ui.frontend import read_assets

MAX_TILES = 120
RECORD_ADDRESS = "record"
"""Address of the page that a tile of a record opens."""

_gallery = st.components.v2.component(
    "dermdash_gallery",
    html='<div class="gallery root"></div>',
    css=read_assets("base.css", "gallery.css"),
    js=read_assets("base.js", "gallery.js"),
)


def gallery(
    tiles: list[dict[str, Any]],
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
        Each with ``id``, ``image`` (data URI), ``title``; and where known ``subtitle``, ``color``
        (of the swatch), ``badges`` (``text``, ``color``, ``shape``: stage-1, stage-2, stage-3, circle, diamond,
        square or triangle), ``quality`` (1 to 5), ``quality_estimated``, ``selected``.
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
    data = {"tiles": shown, "tile_px": tile_px, "label": label, "focus": focus}
    result = _gallery(key=key, data=data, on_opened_change=_nothing)
    opened = result.get("opened")
    if not any(tile["id"] == opened for tile in tiles):
        return None
    st.session_state[opened_key] = opened
    return str(opened)


def _visible(tile: dict[str, Any]) -> dict[str, Any]:
    return tile | {name: visible_text(tile[name]) for name in ("title", "subtitle") if tile.get(name)}


def _nothing() -> None:
    """Streamlit shows a trigger in the result only where it has a callback."""
