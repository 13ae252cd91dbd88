"""One image in full, and a part of it that is cut out."""

from typing import NotRequired, TypedDict


class ViewerPayload(TypedDict):
    """One image to look at closely, with the layers there are.

    ``together``: viewers of the same word zoom and move as one.
    """

    image: str
    mask: str | None
    height: int
    label: str
    heat: NotRequired[str]
    heat_scale: NotRequired[str]
    heat_opacity: NotRequired[float]
    heat_on: NotRequired[bool]
    together: NotRequired[str]


class CropPayload(TypedDict):
    """A square on an image: its centre as shares of width and height, its side as a share of the shorter side."""

    x: float
    y: float
    share: float


class CropPickerPayload(TypedDict):
    """An image of ``width`` x ``height`` pixels, where the square is at first, and its ``smallest`` share."""

    image: str
    width: int
    height: int
    label: str
    smallest: float
    crop: CropPayload
