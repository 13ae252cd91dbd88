"""A page of thumbnails as one component: sixty images paint as fast as one widget."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dermdash.records.visible_text import visible_text
from dermdash.ui import address
from dermdash.ui.frontend.changes import as_message, callback_of, sent_value
from dermdash.ui.frontend.exchange.gallery import ActOnTilesPayload, ActPayload, GalleryPayload, TilePayload
from dermdash.ui.frontend.exchange.sends import Sends
from dermdash.ui.script_route import our_component

MAX_TILES = 120
MOST_CHOSEN = 5000
RECORD_ADDRESS = "record"
"""Address of the page that a tile of a record opens."""
_LONGEST_ID = 300

_gallery = our_component("gallery")


@dataclass(frozen=True, slots=True)
class TileAct:
    """Something that can be done with chosen tiles, from ``least`` to ``most`` of them; ``label`` is its button."""

    id: str
    label: str
    least: int = 1
    most: int = MOST_CHOSEN


@dataclass(frozen=True, slots=True)
class ActedOn:
    """An act that was asked for, and the ids of the tiles that are chosen, on whatever page of the gallery they are."""

    act: str
    ids: tuple[str, ...]


def gallery_to_choose_from(
    tiles: Sequence[TilePayload],
    acts: Sequence[TileAct],
    *,
    key: str,
    label: str = "Records",
    ahead: Sequence[str] = (),
) -> str | ActedOn | None:
    """Show thumbnails that can be chosen, and return the id of the one just opened, or the act just asked for.

    ``ahead``: addresses of the pictures of the next page.
    What is chosen stays in the browser's tab, from page to page and over a reload. The ids are what a browser says:
    whoever acts on them asks whether they may be.
    """
    opened, act = _shown(tiles, key=key, tile_px=190, label=label, acts=acts, ahead=ahead)
    return act or opened


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
    return _shown(tiles, key=key, tile_px=tile_px, label=label, acts=())[0]


def _shown(
    tiles: Sequence[TilePayload],
    *,
    key: str,
    tile_px: int,
    label: str,
    acts: Sequence[TileAct],
    ahead: Sequence[str] = (),
) -> tuple[str | None, ActedOn | None]:
    # Back from a record, the keyboard goes on at the tile it was opened by.
    opened_key = f"{key}.opened"
    focus = st.session_state.get(opened_key) if address.came_from(RECORD_ADDRESS) else None
    shown = [_visible(tile) for tile in tiles[:MAX_TILES]]
    data = GalleryPayload(
        tiles=shown,
        ahead=list(ahead[:MAX_TILES]),
        tile_px=tile_px,
        label=label,
        focus=focus,
        acts=[ActPayload(id=one.id, label=one.label, least=one.least, most=one.most) for one in acts],
        chosen_under=f"dermdash.chosen.{key}",
    )
    said = _gallery(key=key, data=data, **callback_of(Sends.OPENED, _nothing), **callback_of(Sends.ACT, _nothing))
    act = _act_of(as_message(sent_value(said, Sends.ACT), ActOnTilesPayload), acts)
    opened = sent_value(said, Sends.OPENED)
    if not any(tile["id"] == opened for tile in tiles):
        return None, act
    st.session_state[opened_key] = opened
    return str(opened), act


def _act_of(message: ActOnTilesPayload | None, acts: Sequence[TileAct]) -> ActedOn | None:
    """What was asked for; None where it is no act that is offered for so many."""
    if message is None or not isinstance(message["ids"], list):
        return None
    ids = tuple(dict.fromkeys(i for i in message["ids"][:MOST_CHOSEN] if isinstance(i, str) and len(i) <= _LONGEST_ID))
    fits = any(one.id == message["act"] and one.least <= len(ids) <= one.most for one in acts)
    return ActedOn(str(message["act"]), ids) if fits else None


def _visible(tile: TilePayload) -> TilePayload:
    visible = tile | {"title": visible_text(tile["title"])}
    return visible | {"subtitle": visible_text(tile["subtitle"])} if "subtitle" in tile else visible


def _nothing() -> None:
    """Streamlit shows a trigger in the result only where it has a callback."""
