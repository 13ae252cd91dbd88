"""Whether the compressed pixels of a JPEG are those its encoder wrote: damage that decoders pass over.

A decoder that runs out of data in the middle of an image paints the rest grey, and one that has data left at the
end skips them; both at most warn, and neither Pillow nor OpenCV hands the warning on. Yet the length of the data is
a checksum: Huffman codes have no gaps, so after bytes were lost or overwritten the last block seldom ends in the
last byte.

Of a sequential JPEG the header is rewritten so that behind every stretch of data a few blocks more are expected than
there are (ITU T.81: a stretch is a scan, or what lies between two restart markers). libjpeg leaves blocks at zero,
which is one flat colour, after the first one for which data were missing. So the first block too many is flat exactly
if the data did not suffice for the image, and it must be flat once the last bytes are taken away. A decoding at an
eighth of the size tells: it unpacks all codes and computes no pixels but the means of blocks. Other JPEGs (progressive
ones) are decoded with and without additional bytes behind every stretch, which must not change a pixel.
"""

import io
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdash.dataset.jpeg_parts import jpeg_segments

TOLERATED_BYTES = 2
"""Some cameras leave a byte or two behind the data; their images are whole."""

_SOF0, _SOF1, _SOF2, _SOS, _EOI, _DRI = 0xC0, 0xC1, 0xC2, 0xDA, 0xD9, 0xDD
_FRAMES_OF_OTHER_KINDS = frozenset([0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)])
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_LONGEST_SIDE = 65_500
_MOST_BLOCKS_APART = 65_535
_BLOCK = 8
_CANNOT_DECODE = (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError)
# Whoever reads these as pixels gets others than from zeros, which is what a decoder makes up; in one of the two the
# first bit is set, with which the codes of most tables go on.
_FILLINGS = (b"\x55\xa6" * 24, b"\xaa\x59" * 24)


class JpegDamage(StrEnum):
    """What is wrong with the compressed pixels."""

    MISSING = "missing"
    """Data for a part of the image are missing: that part is grey or made up."""
    SURPLUS = "surplus"
    """Data are left over, as after bytes in the middle were changed; whole images by careless encoders look alike."""


@dataclass(slots=True)
class _Scan:
    """The header of a scan and its stretches of data, without the restart markers between them."""

    header: bytes
    stretches: list[bytes]
    markers: list[int]
    interval: int


@dataclass(slots=True)
class _Jpeg:
    """A JPEG taken apart: ``tables`` before the first scan, ``parts`` everything from it on in order."""

    kind: int = 0
    frame: bytes = b""
    tables: list[bytes] = field(default_factory=list)
    parts: list[bytes | _Scan] = field(default_factory=list)

    @property
    def scans(self) -> list[_Scan]:
        return [part for part in self.parts if isinstance(part, _Scan)]


@dataclass(frozen=True, slots=True)
class CheckedJpeg:
    """What is wrong with a JPEG (None: nothing that shows), and how its pixels are ordered.

    ``units``: width and height in pixels of the units that it stores one after another in one stretch of data; None
    where it is progressive, of several scans, of one component, or has restart markers.
    """

    damage: JpegDamage | None = None
    units: tuple[int, int] | None = None


def check_jpeg(data: bytes) -> CheckedJpeg:
    """Look at the compressed pixels of a JPEG without metadata.

    Not judged: arithmetic coding and lossless frames, and what cannot be decoded at all.
    """
    jpeg = _taken_apart(data)
    if jpeg is None or not jpeg.scans:
        return CheckedJpeg()
    if any(_markers_out_of_order(scan) for scan in jpeg.scans):
        return CheckedJpeg(JpegDamage.MISSING)
    try:
        grid = _grid_of(jpeg)
        if grid is None:
            return CheckedJpeg(JpegDamage.MISSING if not _complete(jpeg) or _reads_on(jpeg) else None)
        units = grid.mcu if jpeg.frame[9] > 1 and len(grid.ends) == 1 else None
        return CheckedJpeg(_damage_of(grid), units)
    except _CANNOT_DECODE:
        return CheckedJpeg()


def _damage_of(grid: "_Grid") -> JpegDamage | None:
    if grid.wrong_number_of_stretches:
        return JpegDamage.MISSING
    whole, without_end = grid.flat_behind()
    if whole.any() and _reads_on(grid.jpeg):
        return JpegDamage.MISSING
    return None if without_end.all() else JpegDamage.SURPLUS


def _taken_apart(data: bytes) -> _Jpeg | None:
    jpeg = _Jpeg()
    interval = 0
    for marker, segment, _ in jpeg_segments(data):
        if marker == _EOI:
            break
        if marker in _FRAMES_OF_OTHER_KINDS or (jpeg.frame and marker in (_SOF0, _SOF1, _SOF2)):
            return None
        if marker in (_SOF0, _SOF1, _SOF2):
            jpeg.kind, jpeg.frame = marker, segment
        elif marker == _SOS:
            jpeg.parts.append(_scan(segment, interval))
        elif jpeg.parts:
            jpeg.parts.append(segment)
            interval = _interval(marker, segment, interval)
        else:
            interval = _interval(marker, segment, interval)
            if marker != _DRI:
                jpeg.tables.append(segment)
    components = jpeg.frame[9] if len(jpeg.frame) > 9 else 0
    return jpeg if components and len(jpeg.frame) >= 10 + 3 * components else None


def _interval(marker: int, segment: bytes, before: int) -> int:
    return int.from_bytes(segment[4:6], "big") if marker == _DRI else before


def _scan(segment: bytes, interval: int) -> _Scan:
    start = 2 + int.from_bytes(segment[2:4], "big")
    stretches, markers, position = [], [], start
    for found in _RESTART.finditer(segment, start):
        stretches.append(segment[position : found.start()])
        markers.append(found[0][1] & 7)
        position = found.end()
    # 0xFF may fill the room before a marker.
    stretches.append(segment[position:].rstrip(b"\xff"))
    return _Scan(segment[:start], stretches, markers, interval)


def _markers_out_of_order(scan: _Scan) -> bool:
    return any(marker != i % 8 for i, marker in enumerate(scan.markers))


@dataclass(slots=True)
class _Grid:
    """A sequential image laid out anew: each stretch begins a row of its own and has blocks to spare behind it.

    ``columns`` and ``rows_each`` count MCUs (the smallest units that a scan holds, ``mcu`` pixels wide and high),
    ``ends`` the MCUs of each stretch.
    """

    jpeg: _Jpeg
    mcu: tuple[int, int]
    columns: int
    rows_each: int
    ends: list[int]
    wrong_number_of_stretches: bool

    def flat_behind(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether the first MCU behind each stretch has the colour of no data, whole and without its last bytes."""
        stretches = self.jpeg.scans[0].stretches
        shortened = [_without_end(stretch) for stretch in stretches]
        if _fits(self.columns, self.rows_each, 2 * len(stretches), self.mcu):
            flat = self._flat([*stretches, *shortened])  # one decoding costs less than two
            return flat[: len(stretches)], flat[len(stretches) :]
        return self._flat(stretches), self._flat(shortened)

    def _flat(self, stretches: Sequence[bytes]) -> NDArray[np.bool_]:
        pixels = _decoded(self._image(stretches), shrunk=True)
        across, down = (side // _BLOCK for side in self.mcu)
        # The last MCU of all lies behind the data whatever they hold.
        no_data = pixels[-1, -1]
        flat = []
        for i in range(len(stretches)):
            end = self.ends[i % len(self.ends)]
            top, left = (i * self.rows_each + end // self.columns) * down, end % self.columns * across
            flat.append(bool((pixels[top : top + down, left : left + across] == no_data).all()))
        return np.array(flat)

    def _image(self, stretches: Sequence[bytes]) -> bytes:
        height = self.rows_each * len(stretches) * self.mcu[1]
        size = struct.pack(">HH", height, self.columns * self.mcu[0])
        frame = self.jpeg.frame[:5] + size + self.jpeg.frame[9:]
        parts = [b"\xff\xd8", *self.jpeg.tables, frame]
        if len(stretches) > 1:
            parts.append(struct.pack(">BBHH", 0xFF, _DRI, 4, self.rows_each * self.columns))
        parts.append(self.jpeg.scans[0].header)
        for i, stretch in enumerate(stretches):
            parts += [stretch, bytes([0xFF, 0xD0 + i % 8])]
        return b"".join([*parts[:-1], b"\xff\xd9"])


def _without_end(stretch: bytes) -> bytes:
    """The stretch without its last bytes, which an image needs where it needs any."""
    return stretch.rstrip(b"\0\xff")[: -1 - TOLERATED_BYTES].rstrip(b"\xff")


def _grid_of(jpeg: _Jpeg) -> _Grid | None:
    """Lay out a sequential image of one scan; None for other images, and where it would not fit a JPEG."""
    components = jpeg.frame[9]
    if jpeg.kind == _SOF2 or len(jpeg.scans) != 1 or jpeg.scans[0].header[4] != components:
        return None
    scan = jpeg.scans[0]
    height, width = struct.unpack(">HH", jpeg.frame[5:9])
    sampling = [(jpeg.frame[11 + 3 * i] >> 4, jpeg.frame[11 + 3 * i] & 15) for i in range(components)]
    # A scan of one component goes block by block, whatever its sampling.
    across, down = (1, 1) if components == 1 else (max(s[0] for s in sampling), max(s[1] for s in sampling))
    mcu = (_BLOCK * across, _BLOCK * down)
    if not across or not down or not width or not height:
        return None
    columns, rows = -(-width // mcu[0]), -(-height // mcu[1])
    each = scan.interval if 0 < scan.interval < columns * rows else columns * rows
    expected = -(-columns * rows // each)
    count = len(scan.stretches)
    ends = [each] * (expected - 1) + [columns * rows - each * (expected - 1)]
    if expected > 1 and (each + 2) * mcu[0] <= _LONGEST_SIDE:
        columns = each + 2
    rows_each = -(-(each + 2) // columns)
    if not _fits(columns, rows_each, count, mcu):
        return None
    return _Grid(jpeg, mcu, columns, rows_each, ends, wrong_number_of_stretches=count != expected)


def _fits(columns: int, rows_each: int, count: int, mcu: tuple[int, int]) -> bool:
    """Whether so many stretches have room in one JPEG."""
    sides = (rows_each * count * mcu[1], columns * mcu[0])
    return max(sides) <= _LONGEST_SIDE and (count == 1 or rows_each * columns <= _MOST_BLOCKS_APART)


def _complete(jpeg: _Jpeg) -> bool:
    """Whether the scans hold every coefficient of every component to its last bit (progressive JPEG)."""
    if jpeg.kind != _SOF2:
        return True
    left = {jpeg.frame[10 + 3 * i]: set(range(64)) for i in range(jpeg.frame[9])}
    for scan in jpeg.scans:
        count = scan.header[4]
        if len(scan.header) < 8 + 2 * count:
            return False
        first, last, bits = scan.header[5 + 2 * count : 8 + 2 * count]
        if not bits & 15:
            for i in range(count):
                left.get(scan.header[5 + 2 * i], set()).difference_update(range(first, last + 1))
    return not any(left.values())


def _reads_on(jpeg: _Jpeg) -> bool:
    """Whether bytes behind the data change the image: then the data did not suffice."""
    as_it_is = _decoded(_rebuilt(jpeg, b""))
    return any(not np.array_equal(as_it_is, _decoded(_rebuilt(jpeg, filling))) for filling in _FILLINGS)


def _rebuilt(jpeg: _Jpeg, filling: bytes) -> bytes:
    parts = [b"\xff\xd8", *jpeg.tables, jpeg.frame]
    interval = 0
    for part in jpeg.parts:
        if isinstance(part, bytes):
            parts.append(part)
            continue
        if part.interval != interval:
            interval = part.interval
            parts.append(struct.pack(">BBHH", 0xFF, _DRI, 4, interval))
        parts.append(part.header)
        for i, stretch in enumerate(part.stretches):
            parts += [stretch, filling, bytes([0xFF, 0xD0 + i % 8])]
        parts.pop()
    return b"".join([*parts, b"\xff\xd9"])


def _decoded(jpeg: bytes, *, shrunk: bool = False) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        if shrunk:
            image.draft(None, (max(1, image.width // _BLOCK), max(1, image.height // _BLOCK)))
        pixels = np.asarray(image)
    return pixels if pixels.ndim == 3 else pixels[:, :, None]
