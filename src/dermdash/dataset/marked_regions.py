"""An image as people look at it for what shows a person: upright, with a numbered frame around each region."""

from collections.abc import Sequence

import cv2
import numpy as np

from dermdash.dataset.burned_in_text import TextRegion
from dermdash.dataset.image_decoding import decode
from dermdash.dataset.image_resizing import turn_upright
from dermdash.errors import UnreadableImage

_FRAME, _OWN = (255, 0, 255), (0, 255, 255)
_SMALLEST_SIDE = 720


def marked(
    data: bytes, regions: Sequence[TextRegion], own: TextRegion | None = None, *, max_pixels: int
) -> tuple[bytes, int, int]:
    """Return the image as PNG with frames, and its width and height in pixels without being enlarged.

    Parameters
    ----------
    regions
        Proposed ones, numbered from 1, in pixels of the upright image.
    own
        One more, in another colour.
    """
    stripped, pixels = decode(data, max_pixels=max_pixels)
    upright = np.ascontiguousarray(turn_upright(pixels, stripped.orientation))
    height, width = upright.shape[:2]
    # Small letters are read on a larger picture; the frame must not cover them.
    scale = max(1, -(-_SMALLEST_SIDE // max(height, width)))
    shown = cv2.resize(upright, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC) if scale > 1 else upright
    line = max(1, round(max(shown.shape[:2]) / 400))
    for number, region in enumerate(regions, start=1):
        _frame(shown, region, scale, line, _FRAME, str(number))
    if own is not None:
        _frame(shown, own, scale, line, _OWN, "+")
    written, encoded = cv2.imencode(".png", cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))
    if not written:
        raise UnreadableImage("the image cannot be shown")
    return encoded.tobytes(), width, height


def _frame(
    shown: np.ndarray, region: TextRegion, scale: int, line: int, colour: tuple[int, int, int], name: str
) -> None:
    left, top = region.x * scale - line - 1, region.y * scale - line - 1
    right, bottom = (region.x + region.width) * scale + line, (region.y + region.height) * scale + line
    cv2.rectangle(shown, (left, top), (right, bottom), colour, line)
    size = 0.5 * line + 0.2
    below = top < 24 * line
    place = (max(2, left), bottom + round(22 * size) + line if below else top - 2 * line)
    cv2.putText(shown, name, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, line, cv2.LINE_AA)
