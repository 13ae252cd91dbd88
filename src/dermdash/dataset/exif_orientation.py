"""EXIF's orientation tag: reading it, and writing it back as the only thing an EXIF block says.

A photograph that is stored sideways is turned by whoever shows it (CIPA DC-008, tag 0x0112). Dropping the tag with
the rest of the metadata would lay the image on its side in every browser and for every classifier.
"""

import struct
import zlib

UPRIGHT = 1
JPEG_EXIF_HEADER = b"Exif\0\0"
_ORIENTATION_TAG = 0x0112
_SHORT = 3


def read_orientation(tiff: bytes) -> int:
    """Return EXIF's orientation (1-8) from a TIFF block; 1 where it is absent, damaged or out of range."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return UPRIGHT
    try:
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, directory)
        for entry in range(min(count, 512)):
            tag, _kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, directory + 2 + 12 * entry)
            if tag == _ORIENTATION_TAG:
                return value if 1 <= value <= 8 else UPRIGHT
    except struct.error:
        return UPRIGHT
    return UPRIGHT


def _tiff_block(orientation: int) -> bytes:
    """A TIFF block of 26 bytes: one directory, one entry, no next directory."""
    header = b"MM\0*" + struct.pack(">I", 8)
    return header + struct.pack(">HHHIHHI", 1, _ORIENTATION_TAG, _SHORT, 1, orientation, 0, 0)


def jpeg_orientation_segment(orientation: int) -> bytes:
    """The APP1 segment that holds the orientation and nothing else."""
    payload = JPEG_EXIF_HEADER + _tiff_block(orientation)
    return b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload


def png_orientation_chunk(orientation: int) -> bytes:
    """The eXIf chunk that holds the orientation and nothing else."""
    typed = b"eXIf" + _tiff_block(orientation)
    return struct.pack(">I", len(typed) - 4) + typed + struct.pack(">I", zlib.crc32(typed))


ORIENTATION_ONLY = frozenset(
    make(orientation) for make in (jpeg_orientation_segment, png_orientation_chunk) for orientation in range(2, 9)
)
"""Every segment and chunk that says no more than how to turn the image."""
