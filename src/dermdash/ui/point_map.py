"""Any number of points as one component, of which people choose some by a line that they draw round them."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.charts.point_colours import PointColours
from dermdash.ui import access
from dermdash.ui.frontend.changes import as_message, callback_of, sent_value
from dermdash.ui.frontend.exchange.point_map import LassoPayload, LegendPayload, PointMapPayload
from dermdash.ui.frontend.exchange.sends import Sends
from dermdash.ui.offered_places import OFFERED_PLACES, name_of
from dermdash.ui.script_route import our_component
from dermdash.workflows.accounts.rights import SEES_LABELS

_STEPS = 65535
"""Places that are told apart on each axis: more than pixels of a map enlarged sixty times."""

_map = our_component("point_map")


@dataclass(frozen=True, slots=True)
class MapPoints:
    """Points on their way to a browser, made once however often they are coloured.

    ``of``: what they are, to which a choice among them belongs; ``shares``: their places, as the browser reads them;
    ``name``: says these.
    """

    of: str
    count: int
    shares: bytes
    name: str


def map_points(places: NDArray[np.float32], *, of: str) -> MapPoints:
    """Points at these places: float32 (n, 2), finite; the second axis points upwards."""
    shares = _shares(places).tobytes()
    return MapPoints(of, len(places), shares, name_of(shares))


def point_map(points: MapPoints, colours: PointColours, *, key: str, label: str, height: int = 600) -> NDArray[np.intp]:
    """Show points and return the rows of those that were chosen; a choice among other points counts for nothing.

    Parameters
    ----------
    points, colours
        The points, and the colour of each.
    key
        Widget key.
    label
        The same for screen readers.
    height
        In pixels.
    """
    data = PointMapPayload(
        points=_places(points),
        groups=base64.b64encode(colours.groups.tobytes()).decode(),
        palette=list(colours.palette),
        legend=[LegendPayload(text=text, color=color) for text, color in colours.legend],
        of=points.of,
        label=label,
        height=height,
    )
    result = _map(key=key, data=data, default={Sends.LASSO: None}, **callback_of(Sends.LASSO, _nothing))
    return chosen_rows(sent_value(result, Sends.LASSO), of=points.of, n=points.count)


def _places(points: MapPoints) -> str:
    """Their address for whose pages show every label, else the places themselves."""
    account = access.shown_to() if OFFERED_PLACES.served else None
    if account is None or not account.has(*SEES_LABELS):
        return base64.b64encode(points.shares).decode()
    return OFFERED_PLACES.offer(access.current_workspace(), account.id, points.name, points.shares)


def chosen_rows(value: object, *, of: str, n: int) -> NDArray[np.intp]:
    """Read what the browser says; what is no choice among these points is none."""
    said = as_message(value, LassoPayload)
    nothing = np.array([], dtype=np.intp)
    if said is None or said["of"] != of or not isinstance(said["chosen"], str) or len(said["chosen"]) > n:
        return nothing
    try:
        bits = np.frombuffer(base64.b64decode(said["chosen"], validate=True), np.uint8)
    except (binascii.Error, ValueError):
        return nothing
    rows = np.flatnonzero(np.unpackbits(bits, bitorder="little"))
    return rows[rows < n]


def _shares(places: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Pairs of 16-bit numbers: both axes on one scale, the map in the middle, the second axis downwards as drawn."""
    if not len(places):
        return np.zeros((0, 2), "<u2")
    low, high = places.min(axis=0).astype(float), places.max(axis=0).astype(float)
    reach = float((high - low).max()) or 1.0
    shares = 0.5 + (places - (low + high) / 2) / reach
    shares[:, 1] = 1 - shares[:, 1]
    return np.clip(np.rint(shares * _STEPS), 0, _STEPS).astype("<u2")


def _nothing() -> None:
    """Streamlit runs the script for a value only where it has a callback."""
