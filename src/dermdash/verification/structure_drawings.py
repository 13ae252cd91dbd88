"""Schematic drawings of the dermoscopic structures, made here as SVG: skin, a lesion, and the one structure in it.

They are drawings and not photographs on purpose: each shows its structure and nothing else.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache

import numpy as np

WIDTH, HEIGHT = 128, 96
_SKIN, _TAN, _BROWN, _DARK, _BLACK = "#e9c6b0", "#c08d68", "#8a5a3c", "#4a2c1c", "#241612"
_CX, _CY, _RX, _RY = 64.0, 48.0, 47.0, 36.0

Place = tuple[float, float]


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def _n(value: float) -> str:
    """A number of a drawing, as short as it can be."""
    return str(round(float(value), 1))


def _dot(x: float, y: float, rx: float, fill: str, *, ry: float | None = None, turn: float = 0, more: str = "") -> str:
    turned = f' transform="rotate({_n(turn)} {_n(x)} {_n(y)})"' if turn else ""
    return f'<ellipse cx="{_n(x)}" cy="{_n(y)}" rx="{_n(rx)}" ry="{_n(ry or rx)}" fill="{fill}"{turned}{more}/>'


def _lines(lines: Iterable[Sequence[Place]], color: str, width: float) -> str:
    """Lines of one colour and width, as one path: a drawing travels with every script that shows it."""
    path = "".join("M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in line) for line in lines)
    return (
        f'<path d="{path}" fill="none" stroke="{color}" stroke-width="{_n(width)}"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _dots(places: Iterable[Place], radius: float, color: str) -> str:
    """Round dots of one size: lines without length, whose ends are round."""
    return _lines([[place, place] for place in places], color, 2 * radius)


def _blob(
    x: float, y: float, rx: float, ry: float, fill: str, *, seed: int, uneven: float = 0.07, more: str = ""
) -> str:
    """A roundish area with an uneven edge."""
    phases = _rng(seed).uniform(0, 2 * math.pi, 3)
    corners = []
    for angle in np.linspace(0, 2 * math.pi, 28, endpoint=False):
        r = 1 + uneven * sum(math.sin((k + 2) * angle + p) for k, p in enumerate(phases))
        corners.append((x + rx * r * math.cos(angle), y + ry * r * math.sin(angle)))
    path = "L".join(f"{_n(a)} {_n(b)}" for a, b in corners)
    return f'<path d="M{path}Z" fill="{fill}"{more}/>'


def _lesion(fill: str = _TAN, *, seed: int = 1) -> str:
    return _blob(_CX, _CY, _RX, _RY, fill, seed=seed, uneven=0.025)


def _inside(x: float, y: float, reach: float = 0.92) -> bool:
    return ((x - _CX) / _RX) ** 2 + ((y - _CY) / _RY) ** 2 < reach**2


def _spread(seed: int, spacing: float, jitter: float, reach: float = 0.9) -> list[Place]:
    """Places over the lesion, about as far apart as said."""
    rng = _rng(seed)
    places = []
    for row, y in enumerate(np.arange(_CY - _RY, _CY + _RY, spacing * 0.87)):
        for x in np.arange(_CX - _RX, _CX + _RX, spacing):
            dx, dy = rng.uniform(-jitter, jitter, 2) * spacing
            place = (float(x + dx + (row % 2) * spacing / 2), float(y + dy))
            if _inside(*place, reach):
                places.append(place)
    return places


def _mesh(spacing: float, color: str, width: float, *, squeeze: float = 1.0, reach: float = 0.84) -> str:
    """Honeycomb lines over the lesion: of each cell the half that no neighbour draws."""
    halves = []
    r = spacing * 0.58
    for row, y in enumerate(np.arange(_CY - _RY, _CY + _RY, spacing * 0.87 * squeeze)):
        for x in np.arange(_CX - _RX, _CX + _RX, spacing):
            cx = x + (row % 2) * spacing / 2
            if _inside(cx, y, reach):
                corners = [(math.sin(k * math.pi / 3), squeeze * math.cos(k * math.pi / 3)) for k in range(4)]
                halves.append([(round(cx + r * a), round(y + r * b)) for a, b in corners])
    return _lines(halves, color, width)


def _pigment_network() -> str:
    return _lesion("#d3a580") + _mesh(11, _BROWN, 2.0)


def _negative_network() -> str:
    return _lesion(_BROWN) + _mesh(15, "#e3bd9f", 3.0, squeeze=0.75)


def _globules() -> str:
    places = _spread(4, 13, 0.16)
    return _lesion() + "".join(_dots(places[i::3], 2.7 + 0.7 * i, _DARK) for i in range(3))


def _streaks() -> str:
    rng = _rng(5)
    lines, ends = [], []
    for angle in np.arange(0, 2 * math.pi, 0.2):
        a = float(angle + rng.uniform(-0.04, 0.04))
        long = float(rng.uniform(1.2, 1.42))
        ends.append((_CX + 35 * long * math.cos(a), _CY + 26 * long * math.sin(a)))
        lines.append([(_CX + 31 * math.cos(a), _CY + 23 * math.sin(a)), ends[-1]])
    return _blob(_CX, _CY, 35, 26, _BROWN, seed=5) + _lines(lines, _DARK, 3.2) + _dots(ends, 2.2, _DARK)


def _blotch() -> str:
    return _lesion() + _blob(77, 54, 24, 19, _BLACK, seed=6, uneven=0.1)


def _regression() -> str:
    rng = _rng(7)
    white = _blob(74, 44, 25, 20, "#f6e9e0", seed=7, uneven=0.1)
    grains = [
        (74 + 24 * r * math.cos(a), 44 + 19 * r * math.sin(a))
        for r, a in zip(np.sqrt(rng.uniform(0, 1, 70)), rng.uniform(0, 2 * math.pi, 70), strict=True)
        if math.cos(a) < 0.3
    ]
    pepper = _dots(grains, 0.9, "#5d6f86")
    return _lesion(_BROWN) + white + pepper


def _blue_white_veil() -> str:
    blue = _blob(56, 48, 28, 22, "#4d6795", seed=8, uneven=0.1)
    haze = _blob(53, 44, 22, 16, "#dfe8f5", seed=9, uneven=0.1, more=' opacity="0.55" filter="url(#soft)"')
    return _lesion(_BROWN) + blue + haze


def _milia_like_cysts() -> str:
    rng = _rng(10)
    cysts = []
    for x, y in _spread(10, 19, 0.25, 0.82):
        r = float(rng.uniform(1.6, 4.2))
        cysts.append(_dot(x, y, r * 1.5, "#fff4d8", more=' opacity="0.45"') + _dot(x, y, r, "#fffaf0"))
    return _lesion(_BROWN) + "".join(cysts)


def _comedo_like_openings() -> str:
    rng = _rng(11)
    plugs = []
    for x, y in _spread(11, 21, 0.22, 0.82):
        r, turn = float(rng.uniform(3.0, 5.4)), float(rng.uniform(0, 180))
        plugs.append(_dot(x, y, r * 1.35, "#e2b872", ry=r, turn=turn) + _dot(x, y, r, _BLACK, ry=r * 0.7, turn=turn))
    return _lesion("#b98a5e") + "".join(plugs)


def _leaf_like_areas() -> str:
    leaves = []
    for base_x, base_y, towards in ((34, 60, 150), (92, 62, 30), (64, 24, 270)):
        for spread in (-42, -14, 14, 42):
            a = math.radians(towards + spread)
            tip = (base_x + 13 * math.cos(a), base_y + 13 * math.sin(a))
            leaves.append(_dot(*tip, 8, "#5f5a68", ry=4.4, turn=towards + spread))
        leaves.append(_dot(base_x, base_y, 6, "#5f5a68"))
    return _lesion("#dcae94") + "".join(leaves)


def _branches(
    start: Place, angle: float, length: float, width: float, rng: np.random.Generator
) -> list[tuple[float, list[Place]]]:
    """A vessel and what branches off its end, each with its width."""
    x, y = start
    bend = float(rng.uniform(-0.35, 0.35))
    middle = (x + 0.5 * length * math.cos(angle + bend), y + 0.5 * length * math.sin(angle + bend))
    end = (x + length * math.cos(angle), y + length * math.sin(angle))
    drawn = [(width, [start, middle, end])]
    if width >= 0.9:
        for turn in (float(rng.uniform(-0.75, -0.35)), float(rng.uniform(0.3, 0.7))):
            drawn += _branches(end, angle + turn, length * 0.74, width * 0.66, rng)
    return drawn


def _arborizing_vessels() -> str:
    rng = _rng(16)
    vessels = _branches((22, 40), 0.1, 22, 4.0, rng) + _branches((106, 66), 3.5, 19, 3.0, rng)
    widths = sorted({width for width, _ in vessels}, reverse=True)
    return _lesion("#eab9a4") + "".join(
        _lines([line for w, line in vessels if w == width], "#c21f2e", width) for width in widths
    )


def _dotted_vessels() -> str:
    return _lesion("#eab3a0") + _dots(_spread(13, 9, 0.24), 1.7, "#b8202c")


def _lacunae() -> str:
    rng = _rng(14)
    colors = ("#a3182f", "#7a1738", "#4c1236")
    rooms = [
        _dot(x, y, float(rng.uniform(6.5, 8.6)), colors[int(rng.integers(3))], ry=float(rng.uniform(5.5, 7.4)))
        for x, y in _spread(14, 19, 0.1, 0.84)
    ]
    return _lesion("#d98d8a") + "".join(rooms)


def _central_white_patch() -> str:
    patch = _blob(_CX, _CY, 20, 15, "#faf1ea", seed=15, uneven=0.1)
    return _lesion("#dcb394") + _mesh(9, "#a97a58", 1.1) + patch


def _scale() -> str:
    rng = _rng(17)
    flakes = [
        _blob(x, y, float(rng.uniform(5, 9)), float(rng.uniform(3, 6)), "#fbf6e6", seed=i, uneven=0.22)
        for i, (x, y) in enumerate(_spread(17, 20, 0.3, 0.85))
    ]
    return _lesion("#d99a86") + "".join(flakes)


_DRAWINGS: dict[str, Callable[[], str]] = {
    "pigment_network": _pigment_network,
    "negative_network": _negative_network,
    "globules": _globules,
    "streaks": _streaks,
    "blotch": _blotch,
    "regression": _regression,
    "blue_white_veil": _blue_white_veil,
    "milia_like_cysts": _milia_like_cysts,
    "comedo_like_openings": _comedo_like_openings,
    "leaf_like_areas": _leaf_like_areas,
    "arborizing_vessels": _arborizing_vessels,
    "dotted_vessels": _dotted_vessels,
    "lacunae": _lacunae,
    "central_white_patch": _central_white_patch,
    "scale": _scale,
}


@cache
def drawing_of(structure: str) -> str:
    """Return the drawing of a structure as SVG, 128 x 96."""
    soft = '<filter id="soft" x="-0.5" y="-0.5" width="2" height="2"><feGaussianBlur stdDeviation="3"/></filter>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{soft}'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{_SKIN}"/>{_DRAWINGS[structure]()}</svg>'
    )
