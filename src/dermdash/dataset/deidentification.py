"""Removing what JPEG and PNG files say beside their pixels, without touching a pixel.

Only what a decoder needs for the same pixels and colours is copied, in the one form that has no room for more
(`jpeg_parts`, `png_parts`): EXIF, XMP, IPTC, comments, maker notes, embedded previews, texts of colour profiles, bytes
hidden in segments and chunks and whatever follows the end of the image are not. EXIF's orientation is returned;
`restore_orientation` puts it back as the only thing the file says beside its pixels. Whether it worked is for
`file_structure_check` to say, which shares nothing with the code here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import simplejpeg

from dermdash.dataset.exif_orientation import UPRIGHT, jpeg_orientation_segment, png_orientation_chunk
from dermdash.dataset.jpeg_parts import JpegParts, jpeg_segments
from dermdash.dataset.png_parts import PNG_SIGNATURE, PngParts
from dermdash.dataset.removed_parts import Removed, in_order
from dermdash.errors import UnreadableImage

JPEG_START = b"\xff\xd8\xff"
_IHDR_BYTES = 25
_SOS = 0xDA
_CMYK_CHANNELS = 4


@dataclass(frozen=True, slots=True)
class StrippedImage:
    """A file without metadata: bytes, format (JPEG or PNG), size in pixels as stored, EXIF orientation 1-8.

    ``channels`` is the number of colour components of a JPEG, 0 for a PNG; ``colour_profile`` says whether the
    file holds an ICC profile; ``removed`` what was taken out of it. Where ``surplus_in_scans``, the file still holds
    bytes among those of its pixels that belong to none: only storing the pixels anew loses them.
    """

    data: bytes
    format: str
    width: int
    height: int
    orientation: int
    colour_profile: bool = False
    channels: int = 0
    removed: tuple[Removed, ...] = ()
    surplus_in_scans: bool = False


def _any_size(width: int, height: int) -> None:
    """No limit."""


def strip_metadata(data: bytes, *, check_size: Callable[[int, int], None] = _any_size) -> StrippedImage:
    """Return the file without metadata, its pixels untouched.

    Parameters
    ----------
    check_size
        Called with width and height before anything of the pixels is unpacked, to refuse what is too large.

    Raises
    ------
    UnreadableImage
        Neither JPEG nor PNG, cut off before its end, or damaged in its structure.
    UnsafeUpload
        A JPEG of more than 500 scans.
    """
    if data.startswith(JPEG_START):
        return _strip_jpeg(data, check_size)
    if data.startswith(PNG_SIGNATURE):
        parts = PngParts(data, check_size)
        return StrippedImage(
            parts.joined(), "PNG", parts.width, parts.height, parts.orientation, parts.has_profile,
            removed=in_order(parts.removed),
        )  # fmt: skip
    raise UnreadableImage("neither a JPEG nor a PNG file")


def can_strip(data: bytes) -> bool:
    """Whether the bytes begin like a format that `strip_metadata` handles without re-encoding."""
    return data.startswith((JPEG_START, PNG_SIGNATURE))


def restore_orientation(stripped: StrippedImage) -> bytes:
    """Return the stripped file with its orientation put back where it is not upright, and nothing else."""
    data = stripped.data
    if stripped.orientation == UPRIGHT:
        return data
    if stripped.format == "JPEG":
        # JFIF wants to be the first segment, so the orientation comes behind it.
        position = 2 if data[2:4] != b"\xff\xe0" else 4 + int.from_bytes(data[4:6], "big")
        return data[:position] + jpeg_orientation_segment(stripped.orientation) + data[position:]
    position = len(PNG_SIGNATURE) + _IHDR_BYTES
    return data[:position] + png_orientation_chunk(stripped.orientation) + data[position:]


def _strip_jpeg(data: bytes, check_size: Callable[[int, int], None]) -> StrippedImage:
    parts = JpegParts(data, check_size)
    stripped = StrippedImage(
        parts.joined(), "JPEG", parts.width, parts.height, parts.orientation, parts.has_profile, parts.channels,
        in_order(parts.removed),
    )  # fmt: skip
    if not has_surplus_in_scans(stripped.data, parts.channels):
        return stripped
    trimmed = _with_shorter_last_scan(stripped.data, parts.channels)
    removed = in_order([*stripped.removed, Removed.HIDDEN])
    if trimmed is None:
        return replace(stripped, removed=removed, surplus_in_scans=True)
    return replace(stripped, data=trimmed, removed=removed)


def has_surplus_in_scans(data: bytes, channels: int) -> bool:
    """Whether a JPEG holds bytes in its scans after those of the pixels; damage of another kind is not told here."""
    return "extraneous" in _complaint(data, channels)


def _complaint(data: bytes, channels: int) -> str:
    """What the decoder says against a JPEG; it reads all scans and makes an eighth of the pixels."""
    try:
        simplejpeg.decode_jpeg(
            data, colorspace="CMYK" if channels == _CMYK_CHANNELS else "GRAY", fastdct=True, fastupsample=True,
            min_height=1, min_width=1, min_factor=8,
        )  # fmt: skip
    except ValueError as error:
        return str(error)
    return ""


def _with_shorter_last_scan(data: bytes, channels: int) -> bytes | None:
    """The file whose last scan ends with its pixels; None where the surplus is elsewhere, or the file damaged."""
    scan, end = next((s, e) for marker, s, e in reversed(list(jpeg_segments(data))) if marker == _SOS)
    header = 2 + int.from_bytes(scan[2:4], "big")
    # The shortest cut after which the decoder finds nothing too much; one byte further it would miss something.
    least, most = 1, len(scan) - header
    while least < most:
        middle = (least + most) // 2
        if "extraneous" in _complaint(data[: end - middle] + data[end:], channels):
            least = middle + 1
        else:
            most = middle
    trimmed = data[: end - least] + data[end:]
    return None if _complaint(trimmed, channels) else trimmed
