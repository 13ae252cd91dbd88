"""Compressed frames of DICOM files (PS3.5 annexes A and G)."""

import numpy as np
from numpy.typing import NDArray

from dermdash.errors import UnreadableImage

_JPEG = tuple(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70))
_JPEG2000 = tuple(f"1.2.840.10008.1.2.4.{n}" for n in (90, 91))
_RLE_HEADER = 64
_CODING_STYLE, _START_OF_TILE = 0x52, 0x90


def is_jpeg(syntax: str) -> bool:
    """Whether frames of this transfer syntax are JPEG files."""
    return syntax in _JPEG


def is_jpeg2000(syntax: str) -> bool:
    """Whether frames of this transfer syntax are JPEG 2000 codestreams."""
    return syntax in _JPEG2000


def multiple_component_transform(codestream: bytes) -> bool:
    """Whether a JPEG 2000 codestream turns its components into RGB by itself (ITU T.800, marker COD)."""
    position = 2
    while position + 4 <= len(codestream) and codestream[position] == 0xFF:
        marker = codestream[position + 1]
        if marker == _CODING_STYLE:
            return bool(codestream[position + 8 : position + 9].strip(b"\0"))
        if marker == _START_OF_TILE:
            return False
        position += 2 + int.from_bytes(codestream[position + 2 : position + 4], "big")
    return False


def first_frame_of_rle(frame: bytes, width: int, height: int, samples: int, bits: int) -> NDArray[np.uint16]:
    """Unpack a frame (annex G) to height x width x samples; never to more than its size.

    Raises
    ------
    UnreadableImage
        It holds fewer pixels than it should, or segments that do not fit.
    """
    count = int.from_bytes(frame[:4], "little")
    width_of_value = bits // 8
    if count != samples * width_of_value or len(frame) < _RLE_HEADER:
        raise UnreadableImage("a damaged DICOM file: its run-length segments do not fit its pixels")
    starts = [int.from_bytes(frame[4 + 4 * i : 8 + 4 * i], "little") for i in range(count)]
    size = width * height
    planes = np.zeros((samples, size), np.uint16)
    for i, (start, end) in enumerate(zip(starts, [*starts[1:], len(frame)], strict=True)):
        values = np.frombuffer(_unpacked(frame[start:end], size), np.uint8).astype(np.uint16)
        # The most significant byte of a value comes first.
        planes[i // width_of_value] |= values << (8 * (width_of_value - 1 - i % width_of_value))
    return planes.reshape(samples, height, width).transpose(1, 2, 0)


def _unpacked(segment: bytes, size: int) -> bytes:
    parts: list[bytes] = []
    total = position = 0
    while total < size and position < len(segment):
        control = segment[position]
        if control < 128:
            part = segment[position + 1 : position + 2 + control]
            position += 2 + control
        else:
            # 128 says nothing.
            part = segment[position + 1 : position + 2] * (257 - control) if control > 128 else b""
            position += 2 if control > 128 else 1
        parts.append(part)
        total += len(part)
    unpacked = b"".join(parts)[:size]
    if len(unpacked) < size:
        raise UnreadableImage("a truncated DICOM file: it has fewer pixels than its header says")
    return unpacked
