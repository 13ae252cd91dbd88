"""Which format a picture file has, told from its first bytes and never from its name."""

import re
import struct

from dermdash.dataset.deidentification import JPEG_START
from dermdash.dataset.jpeg_parts import jpeg_segments
from dermdash.dataset.png_parts import PNG_SIGNATURE

DICOM = "DICOM"
HEIF = "HEIF"
AVIF = "AVIF"
JPEG2000 = "JPEG2000"
OTHER_FORMATS = ("TIFF", "BMP", "WEBP", "GIF", JPEG2000, AVIF, HEIF)
"""Formats beside JPEG and PNG that are read, by the names of their Pillow plugins; they are stored as PNG."""

READ_IN_WORDS = "JPEG, PNG, TIFF, BMP, GIF, WebP, JPEG 2000, HEIC, AVIF or DICOM"

_CODESTREAM = b"\xff\x4f\xff\x51"
_SIGNATURES = (
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"BM", "BMP"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (_CODESTREAM, JPEG2000),
    (b"\0\0\0\x0cjP  \r\n\x87\n", JPEG2000),
)
_NOT_READ = (
    (b"%PDF", "a PDF document"),
    (b"PK\3\4", "a zip file"),
    (b"8BPS", "a Photoshop document"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL image"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"version https://git-lfs", "the address of a file that Git LFS has not fetched yet"),
    (b"<!DOCTYPE", "a web page, as a download leaves that failed"),
    (b"<!doctype", "a web page, as a download leaves that failed"),
    (b"<html", "a web page, as a download leaves that failed"),
    (b"<?xml", "an XML document"),
)
_AVIF_BRANDS = frozenset([b"avif", b"avis"])
_HEIF_BRANDS = frozenset([b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"])
_MOST_BRANDS = 64
_SPATIAL_EXTENT = re.compile(rb"\0\0\0\x14ispe\0\0\0\0(.{8})", re.DOTALL)
_DICOM_PREAMBLE = 128
_APP2, _SOS = 0xE2, 0xDA
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_COMMON_JPEG_FRAMES = (0xC0, 0xC1, 0xC2)
_NUMBER_OF_IMAGES = 0xB001
_MOST_TAGS = 64


def format_of(data: bytes) -> str | None:
    """Return JPEG, PNG, DICOM or one of ``OTHER_FORMATS``; None for anything else."""
    if data.startswith(JPEG_START):
        return "JPEG"
    if data.startswith(PNG_SIGNATURE):
        return "PNG"
    if data[_DICOM_PREAMBLE : _DICOM_PREAMBLE + 4] == b"DICM":
        return DICOM
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    brands = _brands(data)
    if brands & _AVIF_BRANDS:
        return AVIF
    return HEIF if brands & _HEIF_BRANDS else None


def why_not_read(data: bytes) -> str:
    """Say what a file of no format that is read is, as far as its first bytes tell."""
    known = next((words for signature, words in _NOT_READ if data.startswith(signature)), None)
    if known is None and _brands(data):
        known = "a camera's raw file" if b"crx " in _brands(data) else "a video"
    return f"{known or 'no picture of a format that is known'}, not {READ_IN_WORDS}"


def _brands(data: bytes) -> frozenset[bytes]:
    """The brands of an ISO media file (ISO/IEC 14496-12, box `ftyp`)."""
    if data[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(data[:4], "big"), 8 + 4 * _MOST_BRANDS, len(data))
    return frozenset([data[8:12], *(data[i : i + 4] for i in range(16, end - 3, 4))])


def shown_by_browsers(jpeg: bytes) -> bool:
    """Whether a JPEG is of a kind that every program shows: baseline, extended sequential or progressive."""
    frames = (marker for marker, _, _ in jpeg_segments(jpeg) if marker in _JPEG_FRAMES)
    return next(frames, None) in _COMMON_JPEG_FRAMES


def pictures_in_jpeg(data: bytes) -> int:
    """How many pictures the index of a multi-picture file counts (CIPA DC-007, tag 0xB001); 1 without an index."""
    for marker, segment, _ in jpeg_segments(data):
        if marker == _SOS:
            break
        if marker == _APP2 and segment[4:8] == b"MPF\0":
            return max(1, _long_of_tiff(segment[8:], _NUMBER_OF_IMAGES))
    return 1


def _long_of_tiff(tiff: bytes, wanted: int) -> int:
    """The number that a tag of the first directory holds; 0 where there is none, or the block is damaged."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 0
    try:
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, directory)
        for entry in range(min(count, _MOST_TAGS)):
            tag, _kind, _count, value = struct.unpack_from(f"{order}HHII", tiff, directory + 2 + 12 * entry)
            if tag == wanted:
                return int(value)
    except struct.error:
        return 0
    return 0


def sizes_in_boxes(data: bytes) -> list[tuple[int, int]]:
    """Every width and height that the boxes of a HEIF or AVIF file speak of (ISO/IEC 23008-12, box `ispe`).

    A picture may be shown cropped: what is decoded is the whole of it.
    """
    return [struct.unpack(">II", found[1]) for found in _SPATIAL_EXTENT.finditer(data)]


def jpeg2000_size(data: bytes) -> tuple[int, int, int] | None:
    """Return width, height and number of components that a JPEG 2000 codestream says (ITU T.800, marker SIZ).

    The box around a codestream may say something else, and the codestream is what is decoded. None: there is none.
    """
    start = _start_of_codestream(data)
    if data[start : start + 4] != _CODESTREAM or start + 42 > len(data):
        return None
    across, down, left, top = struct.unpack_from(">IIII", data, start + 8)
    (components,) = struct.unpack_from(">H", data, start + 40)
    return max(across - left, 0), max(down - top, 0), components


def _start_of_codestream(data: bytes) -> int:
    """Where the codestream begins: not where it first seems to, as another box may hold the beginning of one."""
    at = 0
    while not data.startswith(_CODESTREAM) and at + 16 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 16 if length == 1 else 8
        if kind == b"jp2c":
            return at + head
        length = struct.unpack_from(">Q", data, at + 8)[0] if length == 1 else length or len(data)
        at += max(length, head)
    return 0 if data.startswith(_CODESTREAM) else len(data)
