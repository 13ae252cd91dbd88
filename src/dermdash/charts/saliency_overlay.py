"""A saliency map over its image: colour where evidence is, the untouched image where there is none.

- ``overlay(image, saliency_map, opacity) -> Pillow image`` for pictures and files.
- ``heat_layer(saliency_map, width, height) -> Pillow image (RGBA)`` to lay over the image in a browser.
- ``scale_css()``: the scale for a legend, from which a reader tells what the colours mean.

The scale is viridis (Smith, van der Walt, 2015), made for readers with and without a colour vision deficiency; its
lightness rises steadily, so it also reads in grey. Its blue and green occur in hardly any skin, while the yellow at its
end alone is lost there. So opacity rises early, and weak evidence is blue rather than nearly invisible.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from plotly.colors import sample_colorscale, unlabel_rgb

from dermdash.classifier.preprocessing import ReadableImage, to_rgb
from dermdash.classifier.saliency_map import SaliencyMap
from dermdash.errors import InvalidInput, UnreadableImage

SCALE = "Viridis"
OPACITY = 0.6
"""Of the strongest evidence, as first shown."""

_LAYER_SIDE = 320


def _table() -> NDArray[np.uint8]:
    colors = sample_colorscale(SCALE, list(np.linspace(0, 1, 256)))
    return np.array([unlabel_rgb(color) for color in colors]).round().astype(np.uint8)


_TABLE = _table()


def overlay(image: ReadableImage, saliency_map: SaliencyMap, opacity: float = OPACITY) -> Image.Image:
    """Return the upright image (RGB, its own size) with the map over it.

    Parameters
    ----------
    image
        The image that was explained: path, encoded bytes or Pillow image. Its EXIF orientation is obeyed.
    saliency_map
        From ``explain_image`` or the workspace.
    opacity
        Of the strongest evidence, 0..1; weaker evidence is more transparent, down to none at all.

    Raises
    ------
    InvalidInput
        On an opacity outside 0..1.
    UnreadableImage
        When the image cannot be decoded.
    """
    if not 0.0 <= opacity <= 1.0:
        raise InvalidInput(f"opacity {opacity}: expected 0 to 1")
    upright = _upright(image)
    heat = np.nan_to_num(saliency_map.on_image(*upright.size))
    alpha = opacity * _cover(heat)[..., None]
    mixed = np.asarray(upright) * (1 - alpha) + _colors(heat) * alpha
    return Image.fromarray(mixed.round().astype(np.uint8))


def heat_layer(saliency_map: SaliencyMap, width: int, height: int) -> Image.Image:
    """Return the map alone as RGBA in the proportions of the upright image, at most 320 px wide or high.

    Opaque at the strongest evidence, transparent where there is none and outside what the network saw.
    """
    scale = min(1.0, _LAYER_SIDE / max(width, height))
    heat = np.nan_to_num(saliency_map.on_image(max(1, round(width * scale)), max(1, round(height * scale))))
    return Image.fromarray(np.dstack([_colors(heat), (255 * _cover(heat)).round().astype(np.uint8)]))


def png(image: Image.Image) -> bytes:
    """Return an image encoded as PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def scale_css() -> str:
    """Return the colour scale as the stops of a CSS gradient from no evidence to the strongest."""
    stops = [_TABLE[i] for i in np.linspace(0, 255, 9).astype(int)]
    cover = _cover(np.linspace(0, 1, 9))
    parts = [f"rgba({r},{g},{b},{round(float(a), 3)})" for (r, g, b), a in zip(stops, cover, strict=True)]
    return f"linear-gradient(90deg, {', '.join(parts)})"


def _upright(image: ReadableImage) -> Image.Image:
    if isinstance(image, Image.Image):
        return to_rgb(ImageOps.exif_transpose(image))
    if callable(image):
        image = image()
    try:
        with Image.open(io.BytesIO(image) if isinstance(image, bytes) else image) as opened:
            return to_rgb(ImageOps.exif_transpose(opened))
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise UnreadableImage(f"the image cannot be decoded: {error}") from error


def _cover(heat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the opacity at each strength: 0 at none, three quarters at half of the peak, 1 at the peak."""
    return np.asarray(1 - (1 - heat) ** 2)


def _colors(heat: NDArray[np.float64]) -> NDArray[np.uint8]:
    return _TABLE[(heat * 255).round().astype(np.uint8)]
