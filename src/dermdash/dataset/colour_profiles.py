"""Colour profiles that say nothing but colour: the standard ones, and which of them is meant by a profile in a file.

An ICC profile has room for descriptions, makers, notes and private tags, and nothing in an image is read for them. So
a file keeps a profile only where its bytes are those of one that everybody has; any other is replaced by the standard
profile of its colour space: matrix and curve, and the name of the space.

Source: ICC.1:2001-04, the matrix-based monitor and the monochrome profile. Primaries are those of IEC 61966-2-1, Adobe
RGB (1998) and SMPTE EG 432-1 with white D65, adapted to the D50 of the profile connection space by Bradford's matrix.
"""

import hashlib
import struct
from dataclasses import dataclass
from functools import cache

PUBLISHED = {
    "2b3aa1645779a9e634744faf9b01e9102b0c9b88fd6deced7934df86b949af7e": 3,
    "0ff6958f98684c61f6bbdce1368ddeaf3873baf84545baba482e920d92a914c0": 3,
}
"""SHA-256 of "sRGB IEC61966-2.1" and Apple's Display P3, which come with operating systems, and their channels."""
_HEADER_BYTES, _MOST_TAGS = 128, 100
_NEAR = 0.01
_CURVE_POINTS = 256
_SRGB_GAMMA = 2.4
_CHANNELS = {b"RGB ": 3, b"GRAY": 1, b"CMYK": 4}

# Columns of the matrix from linear RGB to XYZ (D50): red, green, blue.
_SPACES: dict[str, tuple[tuple[float, float, float], ...]] = {
    "sRGB": ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)),
    "Adobe RGB": ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
    "Display P3": ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
}
GREY = "Grey"
_D50 = (0.9642, 1.0, 0.8249)
_TAGS = (b"rXYZ", b"gXYZ", b"bXYZ")


@dataclass(frozen=True, slots=True)
class MeantProfile:
    """What takes the place of a profile: bytes (None: nothing fits), and whether colours stay as they were."""

    data: bytes | None
    same_colours: bool


def meant_by(profile: bytes, channels: int) -> MeantProfile:
    """Which profile a file with that many channels may hold in place of its own.

    Parameters
    ----------
    profile
        As it stands in the file.
    channels
        1 (grey), 3 (RGB) or 4 (CMYK, of which there is no standard: the image goes without).
    """
    if PUBLISHED.get(hashlib.sha256(profile).hexdigest()) == channels:
        return MeantProfile(profile, True)
    if _CHANNELS.get(profile[16:20]) != channels or channels == 4:
        # One that does not fit its image was ignored by whoever showed it.
        return MeantProfile(None, channels != 4)
    if channels == 1:
        made = standard(GREY)
        return MeantProfile(made, True)
    columns = _columns_of(profile)
    if columns is None:
        return MeantProfile(standard("sRGB"), False)
    distances = {name: _distance(columns, known) for name, known in _SPACES.items()}
    name = min(distances, key=distances.__getitem__)
    return MeantProfile(standard(name), distances[name] <= _NEAR and _curve_is_near(profile, name))


def standard_hashes() -> dict[str, int]:
    """SHA-256 of each standard profile, and the channels of the images it is for."""
    return {hashlib.sha256(standard(name)).hexdigest(): 1 if name == GREY else 3 for name in (*_SPACES, GREY)}


@cache
def standard(name: str) -> bytes:
    """The standard profile of a space ("sRGB", "Adobe RGB", "Display P3", "Grey"): the same bytes on every machine."""
    # Adobe RGB's gamma is 2 + 51/256 by definition; grey images are made with the curve of sRGB.
    curve = _gamma_curve(0x0233) if name == "Adobe RGB" else _srgb_curve()
    tags = [(b"desc", _description(name)), (b"cprt", b"text\0\0\0\0No copyright\0"), (b"wtpt", _xyz(_D50))]
    if name == GREY:
        tags.append((b"kTRC", curve))
    else:
        tags += [(tag, _xyz(column)) for tag, column in zip(_TAGS, _SPACES[name], strict=True)]
        tags += [(tag, curve) for tag in (b"rTRC", b"gTRC", b"bTRC")]
    return _profile(tags, b"GRAY" if name == GREY else b"RGB ")


def _profile(tags: list[tuple[bytes, bytes]], space: bytes) -> bytes:
    table, body = struct.pack(">I", len(tags)), b""
    begin = _HEADER_BYTES + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    for tag, content in tags:
        if content not in places:  # curves that are the same stand there once
            places[content] = begin + len(body)
            body += content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", tag, places[content], len(content))
    size = begin + len(body)
    header = struct.pack(
        ">I4sI4s4s4s6H4s4sI4s4sQI3i4s",
        size, b"\0" * 4, 0x02100000, b"mntr", space, b"XYZ ", 2000, 1, 1, 0, 0, 0, b"acsp", b"\0" * 4, 0, b"\0" * 4,
        b"\0" * 4, 0, 0, *(round(value * 65536) for value in _D50), b"\0" * 4,
    )  # fmt: skip
    return header + bytes(_HEADER_BYTES - len(header)) + table + body


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def _description(name: str) -> bytes:
    text = name.encode("ascii") + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)


def _gamma_curve(fixed: int) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, fixed)


def _srgb_curve() -> bytes:
    shares = [i / (_CURVE_POINTS - 1) for i in range(_CURVE_POINTS)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** _SRGB_GAMMA for v in shares]
    return b"curv\0\0\0\0" + struct.pack(f">I{_CURVE_POINTS}H", _CURVE_POINTS, *(round(v * 65535) for v in linear))


def _tags_of(profile: bytes) -> dict[bytes, bytes]:
    if len(profile) < _HEADER_BYTES + 4:
        return {}
    (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    found = {}
    for place in range(min(count, _MOST_TAGS)):
        at = _HEADER_BYTES + 4 + 12 * place
        if at + 12 > len(profile):
            break
        tag, offset, size = struct.unpack_from(">4sII", profile, at)
        found[tag] = profile[offset : offset + size]
    return found


def _columns_of(profile: bytes) -> tuple[tuple[float, ...], ...] | None:
    """The columns of its matrix, None where it has none or works by tables."""
    tags = _tags_of(profile)
    if b"A2B0" in tags:
        return None
    columns = [tags.get(tag, b"") for tag in _TAGS]
    if any(len(column) < 20 or column[:4] != b"XYZ " for column in columns):
        return None
    return tuple(tuple(v / 65536 for v in struct.unpack_from(">3i", column, 8)) for column in columns)


def _curve_is_near(profile: bytes, name: str) -> bool:
    """Whether half of the green signal means as much light as in the standard profile."""
    own, known = (_light_at_half(_tags_of(data).get(b"gTRC", b"")) for data in (profile, standard(name)))
    return own is not None and known is not None and abs(own - known) <= _NEAR


def _light_at_half(curve: bytes) -> float | None:
    if curve[:4] == b"curv" and len(curve) >= 12:
        (count,) = struct.unpack_from(">I", curve, 8)
        if count == 0:
            return 0.5
        if len(curve) < 12 + 2 * min(count, 2):
            return None
        if count == 1:
            return float(0.5 ** (struct.unpack_from(">H", curve, 12)[0] / 256))
        middle = 12 + 2 * ((count - 1) // 2)
        if len(curve) < middle + 4:
            return None
        one, next_one = struct.unpack_from(">2H", curve, middle)
        return float(one if count % 2 else (one + next_one) / 2) / 65535
    if curve[:4] == b"para" and len(curve) >= 16:
        (kind,) = struct.unpack_from(">H", curve, 8)
        if kind == 0:
            return float(0.5 ** (struct.unpack_from(">i", curve, 12)[0] / 65536))
        if len(curve) >= 24:  # every further kind begins with gamma, a and b of (ax + b) ^ gamma
            gamma, a, b = (v / 65536 for v in struct.unpack_from(">3i", curve, 12))
            return float(max(a * 0.5 + b, 0.0) ** gamma)
    return None


def _distance(one: tuple[tuple[float, ...], ...], other: tuple[tuple[float, ...], ...]) -> float:
    return max(abs(a - b) for left, right in zip(one, other, strict=True) for a, b in zip(left, right, strict=True))
