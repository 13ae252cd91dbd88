"""A map of points that a lasso chooses from."""

from typing import TypedDict

PLACES_PATH = "dermdash-places"
"""Where pages fetch places of points."""


class LegendPayload(TypedDict):
    """What a colour of a map of points means."""

    text: str
    color: str


class PointMapPayload(TypedDict):
    """Points of a map.

    ``points``: their places, 16-bit numbers of x and y in turn, in base64, or the address of these bytes; ``groups``:
    of each the place of its colour in the palette, 8 bits, in base64; ``of``: what they are, which a choice says again.
    """

    points: str
    groups: str
    palette: list[str]
    legend: list[LegendPayload]
    of: str
    label: str
    height: int


class LassoPayload(TypedDict):
    """Which points a line was drawn round: a bit of each, the first lowest, in base64; empty: none."""

    of: str
    chosen: str
