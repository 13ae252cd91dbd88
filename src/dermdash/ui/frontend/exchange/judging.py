"""The desk where images that may show who a person is are judged."""

from enum import StrEnum
from typing import TypedDict


class JudgementAct(StrEnum):
    """What somebody does about an image that may show who a person is."""

    CLEAR = "clear"
    """It shows nobody."""
    OPEN = "open"
    """What was said of it is taken back."""
    COVER = "cover"
    NEXT = "next"
    PREVIOUS = "previous"


class RegionPayload(TypedDict):
    """A rectangle in pixels of the upright image."""

    x: float
    y: float
    width: float
    height: float


class JudgingPayload(TypedDict):
    """An image to look at for what shows a person.

    ``image_id`` names it, ``width`` and ``height`` are of the upright image; ``proposals`` of the search; ``said``: who
    said what of it, empty where nobody did, and ``cleared``: that it shows nobody; ``records`` show it; ``place`` of
    ``total`` images, from 1, and ``done`` of them; ``total`` 0: it stands alone. ``may``: whether something can be done
    about it, with a note of so many characters; ``seen``: number of the last judgement that the page knows.
    """

    image: str
    image_id: str
    width: int
    height: int
    label: str
    proposals: list[RegionPayload]
    said: str
    cleared: bool
    records: int
    place: int
    total: int
    done: int
    may: bool
    longest_note: int
    seen: int


class JudgementPayload(TypedDict):
    """What somebody does about an image; each ``number`` is larger than the one before."""

    number: int
    act: str
    image_id: str
    regions: list[RegionPayload]
    note: str
