"""Schematic drawings of the dermoscopic structures, made here as SVG: skin, a lesion, and the one structure in it.

They are drawings and not photographs on purpose: each shows its structure and nothing else.
"""

import math
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np

WIDTH, HEIGHT = 128, 96
_SKIN, _TAN, _BROWN, _DARK, _BLACK = "#e9c6b0", "#c08d68", "#8a5a3c", "#4a2c1c", "#241612"
_CX, _CY, _RX, _RY = 64.0, 48.0, 47.0, 36.0

Place = tuple[float, float]


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def _dot(x: float, y: float, rx: float, fill: str, *, ry: float | None = None, turn: float = 0, more: str = "") -> str:
    turned = f' transform="rotate({turn:.0f} {x:.1f} {y:.1f})"' if turn else ""
    return f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{rx:.1f}" ry="{ry or rx:.1f}" fill="{fill}"{turned}{more}/>'


def _line(points: Iterable[Place], color: str, width: float) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return (
        f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="{width:.1f}"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _blob(
    x: float, y: float, rx: float, ry: float, fill: str, *, seed: int, uneven: float = 0.07, more: str = ""
) -> str:
    """A roundish area with an uneven edge."""
    phases = _rng(seed).uniform(0, 2 * math.pi, 3)
    corners = []
    for angle in np.linspace(0, 2 * math.pi, 40, endpoint=False):
        r = 1 + uneven * sum(math.sin((k + 2) * angle + p) for k, p in enumerate(phases))
        corners.append((x + rx * r * math.cos(angle), y + ry * r * math.sin(angle)))
    path = "L".join(f"{a:.1f} {b:.1f}" for a, b in corners)
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


def _mesh(seed: int, spacing: float, color: str, width: float, *, squeeze: float = 1.0, reach: float = 0.84) -> str:
    """Honeycomb lines over the lesion."""
    rng = _rng(seed)
    lines = []
    for row, y in enumerate(np.arange(_CY - _RY, _CY + _RY, spacing * 0.87 * squeeze)):
        for x in np.arange(_CX - _RX, _CX + _RX, spacing):
            cx, cy = x + (row % 2) * spacing / 2, y
            if not _inside(cx, cy, reach):
                continue
            r = spacing * 0.58
            ring = [
                (cx + r * math.sin(k * math.pi / 3), cy + squeeze * r * math.cos(k * math.pi / 3)) for k in range(7)
            ]
            lines.append(_line(ring, color, width * float(rng.uniform(0.85, 1.15))))
    return "".join(lines)


def _pigment_network() -> str:
    return _lesion("#d3a580") + _mesh(2, 11, _BROWN, 2.0)


def _negative_network() -> str:
    return _lesion(_BROWN) + _mesh(3, 15, "#e3bd9f", 3.0, squeeze=0.75)


def _globules() -> str:
    rng = _rng(4)
    return _lesion() + "".join(_dot(x, y, float(rng.uniform(2.6, 4.2)), _DARK) for x, y in _spread(4, 13, 0.16))


def _streaks() -> str:
    rng = _rng(5)
    parts = [_blob(_CX, _CY, 35, 26, _BROWN, seed=5)]
    for angle in np.arange(0, 2 * math.pi, 0.2):
        a = float(angle + rng.uniform(-0.04, 0.04))
        long = float(rng.uniform(1.2, 1.42))
        start = (_CX + 31 * math.cos(a), _CY + 23 * math.sin(a))
        end = (_CX + 35 * long * math.cos(a), _CY + 26 * long * math.sin(a))
        parts.append(_line([start, end], _DARK, 3.2))
        parts.append(_dot(*end, 2.2, _DARK))
    return "".join(parts)


def _blotch() -> str:
    return _lesion() + _blob(77, 54, 24, 19, _BLACK, seed=6, uneven=0.1)


def _regression() -> str:
    rng = _rng(7)
    white = _blob(74, 44, 25, 20, "#f6e9e0", seed=7, uneven=0.1)
    pepper = "".join(
        _dot(74 + 24 * r * math.cos(a), 44 + 19 * r * math.sin(a), 0.9, "#5d6f86")
        for r, a in zip(np.sqrt(rng.uniform(0, 1, 70)), rng.uniform(0, 2 * math.pi, 70), strict=True)
        if math.cos(a) < 0.3
    )
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


def _branch(x: float, y: float, angle: float, length: float, width: float, rng: np.random.Generator) -> str:
    bend = float(rng.uniform(-0.35, 0.35))
    middle = (x + 0.5 * length * math.cos(angle + bend), y + 0.5 * length * math.sin(angle + bend))
    end = (x + length * math.cos(angle), y + length * math.sin(angle))
    drawn = _line([(x, y), middle, end], "#c21f2e", width)
    if width < 0.9:
        return drawn
    turns = (float(rng.uniform(-0.75, -0.35)), float(rng.uniform(0.3, 0.7)))
    return drawn + "".join(_branch(*end, angle + turn, length * 0.74, width * 0.66, rng) for turn in turns)


def _arborizing_vessels() -> str:
    rng = _rng(16)
    return _lesion("#eab9a4") + _branch(22, 40, 0.1, 22, 4.0, rng) + _branch(106, 66, 3.5, 19, 3.0, rng)


def _dotted_vessels() -> str:
    return _lesion("#eab3a0") + "".join(_dot(x, y, 1.7, "#b8202c") for x, y in _spread(13, 9, 0.24))


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
    return _lesion("#dcb394") + _mesh(15, 9, "#a97a58", 1.1) + patch


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
    soft = '<filter id="soft" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="3"/></filter>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{soft}'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{_SKIN}"/>{_DRAWINGS[structure]()}</svg>'
    )
