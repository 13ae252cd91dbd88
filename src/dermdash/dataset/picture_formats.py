"""Which format a picture file has, told from its first bytes and never from its name."""

import struct

from dermdash.dataset.deidentification import JPEG_START, PNG_SIGNATURE

DICOM = "DICOM"
HEIF = "HEIF"
JPEG2000 = "JPEG2000"
OTHER_FORMATS = ("TIFF", "BMP", "WEBP", "GIF", JPEG2000, "AVIF", HEIF)
"""Formats beside JPEG and PNG that are read, by the names of their Pillow plugins; they are stored as PNG."""

READ_IN_WORDS = "JPEG, PNG, TIFF, BMP, GIF, WebP, JPEG 2000, HEIC, AVIF or DICOM"

_SIGNATURES = (
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"BM", "BMP"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"\xff\x4f\xff\x51", JPEG2000),
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
_DICOM_PREAMBLE = 128


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
        return "AVIF"
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


def jpeg2000_size(data: bytes) -> tuple[int, int, int] | None:
    """Return width, height and number of components that a JPEG 2000 codestream says (ITU T.800, marker SIZ).

    The box around a codestream may say something else, and the codestream is what is decoded. None: there is none.
    """
    start = data.find(b"\xff\x4f\xff\x51")
    if start < 0 or start + 42 > len(data):
        return None
    across, down, left, top = struct.unpack_from(">IIII", data, start + 8)
    (components,) = struct.unpack_from(">H", data, start + 40)
    return max(across - left, 0), max(down - top, 0), components
