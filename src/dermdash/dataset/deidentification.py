"""Removing metadata from JPEG and PNG files without touching a pixel, and checking that none remains.

JPEG (ITU T.81): a list of marker segments around entropy-coded scans. PNG (W3C): a list of chunks. Only what a
decoder needs for the same pixels and colours is copied; EXIF, XMP, IPTC, comments, maker notes, embedded
previews and whatever follows the end of the image are not. EXIF's orientation is returned; `restore_orientation`
puts it back as the only thing the file says beside its pixels.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from dermdash.dataset.exif_orientation import (
    JPEG_EXIF_HEADER,
    ORIENTATION_ONLY,
    UPRIGHT,
    jpeg_orientation_segment,
    png_orientation_chunk,
    read_orientation,
)
from dermdash.errors import UnreadableImage, UnsafeUpload

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8\xff"
KEPT_PNG_CHUNKS = frozenset(
    # Besides the critical chunks, those that change how pixels look or how large they are.
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs"]
)
# Each scan of a progressive JPEG is a pass over all pixels: thousands of them are a bomb in few bytes.
MAX_JPEG_SCANS = 500
_SOI, _EOI, _SOS, _COM, _APP0, _APP1, _APP2, _APP14, _APP15 = 0xD8, 0xD9, 0xDA, 0xFE, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_DHT, _DAC, _DQT, _DRI = 0xC4, 0xCC, 0xDB, 0xDD
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# All others are comments, application data, or reserved markers that decoders skip whatever they hold.
_DECODER_NEEDS = _FRAME_HEADERS | {_DHT, _DAC, _DQT, _DRI, _SOS, _EOI}
# Inside a scan 0xFF is followed by 0x00 (a data byte) or a restart marker; anything else ends the scan.
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_PLAIN_JFIF_SEGMENT_BYTES = 16
_IHDR_BYTES = 25


@dataclass(frozen=True, slots=True)
class StrippedImage:
    """A file without metadata: bytes, format (JPEG or PNG), size in pixels as stored, EXIF orientation 1-8.

    ``channels`` is the number of colour components of a JPEG, 0 for a PNG; ``colour_profile`` says whether the
    file holds an ICC profile.
    """

    data: bytes
    format: str
    width: int
    height: int
    orientation: int
    colour_profile: bool = False
    channels: int = 0


def strip_metadata(data: bytes) -> StrippedImage:
    """Return the file without metadata, its pixels untouched.

    Raises
    ------
    UnreadableImage
        Neither JPEG nor PNG, cut off before its end, or damaged in its structure.
    UnsafeUpload
        A JPEG of more than 500 scans.
    """
    if data.startswith(JPEG_START):
        return _strip_jpeg(data)
    if data.startswith(PNG_SIGNATURE):
        return _strip_png(data)
    raise UnreadableImage("neither a JPEG nor a PNG file")


def can_strip(data: bytes) -> bool:
    """Whether the bytes begin like a format that `strip_metadata` handles without re-encoding."""
    return data.startswith((JPEG_START, PNG_SIGNATURE))


def find_metadata(data: bytes) -> tuple[str, ...]:
    """Name every metadata marker left in a JPEG or PNG file; an empty tuple means clean.

    The one block that `restore_orientation` writes is no finding; a second one, or one byte more in it, is.
    """
    found: list[str] = []
    oriented = False
    if data.startswith(JPEG_START):
        end = 2
        for marker, segment, segment_end in jpeg_segments(data):
            end = segment_end
            if segment in ORIENTATION_ONLY and not oriented:
                oriented = True
            elif not _keep_jpeg_segment(marker, segment):
                found.append(_marker_name(marker))
            elif marker == _APP0 and len(segment) != _PLAIN_JFIF_SEGMENT_BYTES + 2:
                found.append("JFIF preview")
    else:
        end = len(PNG_SIGNATURE)
        for kind, chunk in _png_chunks(data):
            end += len(chunk)
            if chunk in ORIENTATION_ONLY and not oriented:
                oriented = True
            elif kind not in KEPT_PNG_CHUNKS:
                found.append(kind.decode("ascii", "replace"))
    if end < len(data):
        found.append("bytes after the end of the image")
    return tuple(found)


def _marker_name(marker: int) -> str:
    if _APP0 <= marker <= _APP15:
        return f"APP{marker - _APP0}"
    return "COM" if marker == _COM else f"marker {marker:02X}"


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


def _strip_jpeg(data: bytes) -> StrippedImage:
    parts = [data[:2]]
    width = height = channels = scans = 0
    orientation = UPRIGHT
    has_profile = False
    for marker, segment, _ in jpeg_segments(data):
        if marker == _APP1 and segment[4:10] == JPEG_EXIF_HEADER:
            orientation = read_orientation(segment[10:])
        elif marker in _FRAME_HEADERS and not width:
            if len(segment) >= 10:
                height, width, channels = struct.unpack(">HHB", segment[5:10])
        elif marker == _SOS:
            scans += 1
            if scans > MAX_JPEG_SCANS:
                raise UnsafeUpload(f"a JPEG of more than {MAX_JPEG_SCANS} scans")
        elif marker == _APP2 and _keep_jpeg_segment(marker, segment):
            has_profile = True
        if _keep_jpeg_segment(marker, segment):
            parts.append(_plain_jfif(segment) if marker == _APP0 else segment)
    if not width or not height or not scans:
        raise UnreadableImage("a JPEG without an image in it")
    return StrippedImage(b"".join(parts), "JPEG", width, height, orientation, has_profile, channels)


def _keep_jpeg_segment(marker: int, segment: bytes) -> bool:
    """Keep JFIF (resolution), Adobe (colour transform) and ICC profiles of all application segments."""
    if marker == _APP0:
        return segment[4:9] == b"JFIF\0"
    if marker == _APP2:
        return segment[4:16] == b"ICC_PROFILE\0"
    if marker == _APP14:
        return segment[4:9] == b"Adobe" and len(segment) == 16
    return marker in _DECODER_NEEDS


def _plain_jfif(segment: bytes) -> bytes:
    """Return the JFIF segment without the preview image that may follow its fourteen bytes."""
    if len(segment) < _PLAIN_JFIF_SEGMENT_BYTES + 2:
        raise UnreadableImage("a JPEG with a damaged JFIF header")
    return b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0"


def jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield (marker, its bytes with the 0xFF and, for SOS, the whole scan; the offset behind them) up to EOI.

    Raises
    ------
    UnreadableImage
        Cut off before its end, or damaged in its structure.
    """
    position, size = 2, len(data)
    while position + 1 < size:
        if data[position] != 0xFF:
            raise UnreadableImage(f"a damaged JPEG: no marker at byte {position}")
        marker = data[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if marker == _EOI:
            yield marker, data[position : position + 2], position + 2
            return
        if marker in (0x00, _SOI):
            raise UnreadableImage(f"a damaged JPEG: marker {marker:02X} at byte {position}")
        if position + 4 > size:
            break
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if end < position + 4:
            raise UnreadableImage(f"a damaged JPEG: empty segment at byte {position}")
        if marker == _SOS:
            scan_end = _END_OF_SCAN.search(data, end)
            if scan_end is None:
                break
            end = scan_end.start()
        if end > size:
            break
        yield marker, data[position:end], end
        position = end
    raise UnreadableImage("a truncated JPEG: it ends before its end marker")


def _strip_png(data: bytes) -> StrippedImage:
    parts = [PNG_SIGNATURE]
    width = height = 0
    orientation = UPRIGHT
    has_profile = False
    for kind, chunk in _png_chunks(data):
        if kind == b"IHDR" and len(chunk) == 25:
            width, height = struct.unpack(">II", chunk[8:16])
        elif kind == b"eXIf":
            orientation = read_orientation(chunk[8:-4])
        elif kind == b"iCCP":
            has_profile = True
        if kind in KEPT_PNG_CHUNKS:
            parts.append(chunk)
    if not width or not height:
        raise UnreadableImage("a PNG without an image in it")
    return StrippedImage(b"".join(parts), "PNG", width, height, orientation, has_profile)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = len(PNG_SIGNATURE)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        end = position + 12 + length
        if end > len(data):
            break
        chunk = data[position:end]
        if kind in KEPT_PNG_CHUNKS and zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise UnreadableImage(f"a damaged PNG: wrong checksum of {kind.decode('ascii')} at byte {position}")
        yield kind, chunk
        if kind == b"IEND":
            return
        position = end
    raise UnreadableImage("a truncated PNG: it ends before its end chunk")
