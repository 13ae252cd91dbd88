"""Simple drawings as SVG and PNG without a browser: rectangles, circles, lines and texts, nothing else.

Interactive figures are plotly's, which needs a browser to become a file. What a command writes, and what is downloaded
for a paper, is drawn of these.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dermdash.charts.palette import INKS, PAPER, Theme
from dermdash.charts.rows import short_label
from dermdash.records.visible_text import visible_text
from dermdash.wording import NO_BREAK

if TYPE_CHECKING:
    from PIL import ImageFont
    from PIL.ImageDraw import ImageDraw

Anchor = Literal["start", "middle", "end"]
_INKS = INKS[Theme.LIGHT]
INK, MUTED, GRID, BAR = _INKS.text, _INKS.muted, _INKS.grid, _INKS.accent
PNG_SCALE = 3
"""Pixels of the PNG per unit: 300 dpi at the width of a page."""
_FONT = "DejaVu Sans, Liberation Sans, Arial, sans-serif"
_FONT_FILES = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "arial.ttf", "Arial.ttf")
_LAST_OF_PILLOWS = 0xFF
_LONGEST = 1000
_PILLOW_ANCHOR: dict[Anchor, str] = {"start": "lm", "middle": "mm", "end": "rm"}


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True, slots=True)
class Circle:
    """A filled circle."""

    x: float
    y: float
    radius: float
    fill: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A thin line."""

    x0: float
    y0: float
    x1: float
    y1: float
    color: str = GRID


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; ``y`` is its middle."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    size: float = 13
    color: str = INK


Shape = Rectangle | Circle | Stroke | Text


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes on white paper, the first at the bottom; ``description`` says in words what can be seen."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    description: str = ""

    def svg(self) -> bytes:
        """As SVG 1.1, without script, link or font of its own."""
        inside = "\n".join(map(_as_svg, self.shapes))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}" height="{self.height:g}" '
            f'viewBox="0 0 {self.width:g} {self.height:g}" role="img" font-family="{_FONT}">\n'
            f"<title>{_text(self.description)}</title>\n"
            f'<rect width="{self.width:g}" height="{self.height:g}" fill="{PAPER}"/>\n{inside}\n</svg>\n'
        ).encode()

    def png(self) -> bytes:
        """As PNG, `PNG_SCALE` pixels a unit."""
        from PIL import Image, ImageDraw

        image = Image.new("RGB", (round(self.width * PNG_SCALE), round(self.height * PNG_SCALE)), PAPER)
        draw = ImageDraw.Draw(image)
        for shape in self.shapes:
            _on_pixels(draw, shape)
        out = io.BytesIO()
        image.save(out, "PNG", dpi=(96 * PNG_SCALE, 96 * PNG_SCALE))
        return out.getvalue()


def text_units(texts: Iterable[str], size: float = 13) -> float:
    """About how much room the widest of these texts takes."""
    from dermdash.charts.labels import text_width

    return max((text_width(text, size=size) for text in texts), default=0.0)


def _as_svg(shape: Shape) -> str:
    match shape:
        case Rectangle(x, y, width, height, fill):
            return f'<rect x="{_at(x)}" y="{_at(y)}" width="{_at(width)}" height="{_at(height)}" fill="{fill}"/>'
        case Circle(x, y, radius, fill):
            return f'<circle cx="{_at(x)}" cy="{_at(y)}" r="{radius:g}" fill="{fill}"/>'
        case Stroke(x0, y0, x1, y1, color):
            return f'<line x1="{_at(x0)}" y1="{_at(y0)}" x2="{_at(x1)}" y2="{_at(y1)}" stroke="{color}"/>'
        case Text(x, y, text, anchor, size, color):
            return (
                f'<text x="{_at(x)}" y="{_at(y)}" dy="0.35em" text-anchor="{anchor}" font-size="{size:g}" '
                f'fill="{color}">{_text(text)}</text>'
            )


def _at(place: float) -> str:
    return f"{round(place, 2):g}"


def _text(text: str) -> str:
    return short_label(text, _LONGEST)


def _on_pixels(draw: ImageDraw, shape: Shape) -> None:
    s = PNG_SCALE
    match shape:
        case Rectangle(x, y, width, height, fill):
            if width > 0 and height > 0:
                draw.rectangle((x * s, y * s, (x + width) * s - 1, (y + height) * s - 1), fill=fill)
        case Circle(x, y, radius, fill):
            draw.ellipse([(x - radius) * s, (y - radius) * s, (x + radius) * s, (y + radius) * s], fill=fill)
        case Stroke(x0, y0, x1, y1, color):
            draw.line((x0 * s, y0 * s, x1 * s, y1 * s), fill=color, width=s)
        case Text(x, y, text, anchor, size, color):
            words = visible_text(text).replace(NO_BREAK, " ")
            draw.text((x * s, y * s), words, fill=color, font=_font(words, size * s), anchor=_PILLOW_ANCHOR[anchor])


def _font(text: str, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that comes with Pillow, which has Latin letters; for others one of the machine where it has any."""
    from PIL import ImageFont

    if any(ord(c) > _LAST_OF_PILLOWS for c in text):
        for name in _FONT_FILES:
            with suppress(OSError):
                return ImageFont.truetype(name, size)
    return ImageFont.load_default(size)
