"""A page of thumbnails, and what can be done with chosen ones."""

from typing import NotRequired, TypedDict

THUMBNAILS_PATH = "dermdash-thumbnails"
"""Where pages fetch thumbnails."""


class BadgePayload(TypedDict):
    """A short note on a tile; ``shape`` is one that `gallery.mjs` draws."""

    text: str
    color: NotRequired[str | None]
    shape: NotRequired[str]


class VotePartPayload(TypedDict):
    """What some readers said: the share of them (0..1), and whether it is the truth."""

    text: str
    share: float
    color: NotRequired[str | None]
    right: bool


class VoteBarPayload(TypedDict):
    """The answers to a case as one bar; ``text``: how many were right, in words."""

    name: str
    text: str
    parts: list[VotePartPayload]


class TilePayload(TypedDict):
    """One thumbnail; ``color`` of the swatch, ``quality`` from 1 to 5, ``bars`` of answers to a case.

    ``image`` empty: there is no picture of it here.
    """

    id: str
    image: str
    title: str
    subtitle: NotRequired[str]
    color: NotRequired[str | None]
    badges: NotRequired[list[BadgePayload]]
    quality: NotRequired[int | None]
    quality_estimated: NotRequired[bool]
    selected: NotRequired[bool]
    bars: NotRequired[list[VoteBarPayload]]


class ActPayload(TypedDict):
    """Something that can be done with chosen tiles, from ``least`` to ``most`` of them."""

    id: str
    label: str
    least: int
    most: int


class GalleryPayload(TypedDict):
    """A page of thumbnails; ``focus`` is the id of the tile where the keyboard goes on.

    ``acts``: what can be done with several; where there are any, tiles can be chosen, and stay so from page to page.
    ``chosen_under``: the name under which the browser keeps them. ``ahead``: addresses of pictures of the next page,
    which the browser fetches while somebody looks at this one.
    """

    tiles: list[TilePayload]
    ahead: list[str]
    tile_px: int
    label: str
    focus: str | None
    acts: list[ActPayload]
    chosen_under: str


class ActOnTilesPayload(TypedDict):
    """An act and the tiles that it is about."""

    act: str
    ids: list[str]
