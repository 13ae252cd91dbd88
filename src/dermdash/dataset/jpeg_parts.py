"""The parts of a JPEG (ITU T.81) that its pixels need, each in the one form that says nothing else."""

import re
import struct
from collections.abc import Callable, Iterator

from dermdash.dataset.colour_profiles import meant_by
from dermdash.dataset.exif_orientation import JPEG_EXIF_HEADER, ORIENTATION_ONLY, UPRIGHT, read_orientation
from dermdash.dataset.removed_parts import Removed
from dermdash.errors import UnreadableImage, UnsafeUpload

# Each scan of a progressive JPEG is a pass over all pixels: thousands of them are a bomb in few bytes.
MAX_JPEG_SCANS = 500
_SOI, _EOI, _SOS, _COM, _APP0, _APP1, _APP2, _APP13, _APP14 = 0xD8, 0xD9, 0xDA, 0xFE, 0xE0, 0xE1, 0xE2, 0xED, 0xEE
_DHT, _DAC, _DQT, _DRI = 0xC4, 0xCC, 0xDB, 0xDD
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {_DHT, 0xC8, _DAC}
# Inside a scan 0xFF is followed by 0x00 (a data byte) or a restart marker; anything else ends the scan.
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_PLAIN_JFIF_SEGMENT_BYTES = 16
_JFIF, _ADOBE, _ICC = b"JFIF\0", b"Adobe", b"ICC_PROFILE\0"
_MOST_OF_A_SEGMENT = 65_533
_Table = tuple[int, bytes]
"""Which of its kind a table is (class and number as one byte), and its bytes."""


class JpegParts:
    """What is kept of one JPEG, collected part by part; ``check_size`` may refuse its width and height.

    ``kept`` holds the parts in order; ``removed`` what was left out; ``width``, ``height`` and ``channels`` are those
    of the frame, ``orientation`` that of EXIF (1-8).
    """

    def __init__(self, data: bytes, check_size: Callable[[int, int], None]) -> None:
        self.removed: list[Removed] = []
        self.width = self.height = self.channels = 0
        self.orientation = UPRIGHT
        self.scans = 0
        self._kept: list[bytes] = [data[:2]]
        self._jfif = False
        self._adobe = False
        self._profile: dict[int, bytes] = {}
        self._profile_at: int | None = None
        self._profile_segments_seen = 0
        segments = list(jpeg_segments(data))
        self._used = _used_tables([(marker, segment) for marker, segment, _ in segments])
        end = 2
        for number, (marker, segment, segment_end) in enumerate(segments):
            self._add(number, marker, segment)
            end = segment_end
        if not self.width or not self.height or not self.scans:
            raise UnreadableImage("a JPEG without an image in it")
        check_size(self.width, self.height)
        if end < len(data):
            self.removed.append(Removed.TRAILER)
        self._settle_profile()

    @property
    def has_profile(self) -> bool:
        """Whether a colour profile is kept."""
        return bool(self._profile_segments())

    def joined(self) -> bytes:
        """The file made of the parts that are kept."""
        if self._profile_at is None:
            return b"".join(self._kept)
        before, after = self._kept[: self._profile_at], self._kept[self._profile_at :]
        return b"".join([*before, *self._profile_segments(), *after])

    def _settle_profile(self) -> None:
        if self._profile_at is None:
            return
        profile = b"".join(self._profile[number] for number in sorted(self._profile))
        meant = meant_by(profile, self.channels)
        if meant.data == profile:
            if self._profile_segments_seen > len(self._profile):
                self.removed.append(Removed.HIDDEN)
            return
        self.removed.append(Removed.PROFILE if meant.same_colours else Removed.PROFILE_COLOURS)
        self._profile = {} if meant.data is None else {1: meant.data}

    def _profile_segments(self) -> list[bytes]:
        whole = b"".join(self._profile[number] for number in sorted(self._profile))
        size = _MOST_OF_A_SEGMENT - len(_ICC) - 2
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        return [
            _segment(_APP2, _ICC + bytes([number, len(pieces)]) + piece) for number, piece in enumerate(pieces, start=1)
        ]

    def _add(self, number: int, marker: int, segment: bytes) -> None:
        if marker == _APP0 and segment[4:9] == _JFIF and not self._jfif:
            self._jfif = True
            self._keep(segment, _plain_jfif(segment), Removed.PREVIEW)
        elif marker == _APP2 and segment[4:16] == _ICC and len(segment) >= 18:
            if self._profile_at is None:
                self._profile_at = len(self._kept)
            self._profile.setdefault(segment[16], segment[18:])
            self._profile_segments_seen += 1
        elif marker == _APP14 and segment[4:9] == _ADOBE and len(segment) >= 16 and not self._adobe:
            self._adobe = True
            # Version and flags say nothing to a decoder; the last byte is the transform of colours.
            self._keep(segment, _segment(_APP14, _ADOBE + b"\0\x64\0\0\0\0" + segment[15:16]), Removed.HIDDEN)
        elif marker in (_DQT, _DHT):
            self._keep_tables(number, marker, segment)
        elif marker == _DRI:
            self._keep(segment, segment[:2] + b"\0\x04" + segment[4:6], Removed.HIDDEN)
        elif marker in _FRAME_HEADERS:
            self._keep_frame(segment)
        elif marker == _SOS:
            self.scans += 1
            if self.scans > MAX_JPEG_SCANS:
                raise UnsafeUpload(f"a JPEG of more than {MAX_JPEG_SCANS} scans")
            self._kept.append(segment)
        elif marker in (_DAC, _EOI):
            self._kept.append(segment)
        else:
            self._drop(marker, segment)

    def _keep(self, segment: bytes, plain: bytes, surplus: Removed) -> None:
        self._kept.append(plain)
        if len(plain) < len(segment) or (plain != segment and surplus is Removed.HIDDEN):
            self.removed.append(surplus)

    def _keep_frame(self, segment: bytes) -> None:
        if len(segment) < 10:
            raise UnreadableImage("a JPEG with a damaged frame header")
        if not self.width:
            self.height, self.width, self.channels = struct.unpack(">HHB", segment[5:10])
        length = 8 + 3 * segment[9]
        self._keep(segment, segment[:2] + struct.pack(">H", length) + segment[4 : 2 + length], Removed.HIDDEN)

    def _keep_tables(self, number: int, marker: int, segment: bytes) -> None:
        tables, surplus = _tables(marker, segment)
        used = [(key, table) for key, table in tables if (number, key) in self._used]
        if surplus:
            self.removed.append(Removed.HIDDEN)
        if len(used) < len(tables):
            self.removed.append(Removed.UNUSED)
        if used:
            self._kept.append(_segment(marker, b"".join(bytes([key]) + table for key, table in used)))

    def _drop(self, marker: int, segment: bytes) -> None:
        content = segment[4:]
        if marker == _APP1 and content[:6] == JPEG_EXIF_HEADER:
            self.orientation = read_orientation(content[6:])
            if segment in ORIENTATION_ONLY:
                return
            self.removed.append(Removed.EXIF)
            if says_where(content[6:]):
                self.removed.append(Removed.GPS)
        elif marker == _APP1 and content[:4] == b"http":
            self.removed.append(Removed.XMP)
        elif marker == _APP0:
            self.removed.append(Removed.PREVIEW)
        elif marker == _APP13:
            self.removed.append(Removed.IPTC)
        elif marker == _COM:
            self.removed.append(Removed.COMMENT)
        elif marker == _APP2 and content[:4] == b"MPF\0":
            self.removed.append(Removed.PREVIEW)
        else:
            self.removed.append(Removed.APPLICATION)


def says_where(tiff: bytes) -> bool:
    """Whether the first directory of a TIFF block points to a position (tag 0x8825)."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return False
    try:
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, directory)
        tags = [struct.unpack_from(f"{order}H", tiff, directory + 2 + 12 * i)[0] for i in range(min(count, 512))]
    except struct.error:
        return False
    return 0x8825 in tags


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def _plain_jfif(segment: bytes) -> bytes:
    """Return the JFIF segment without the preview image that may follow its fourteen bytes."""
    if len(segment) < _PLAIN_JFIF_SEGMENT_BYTES + 2:
        raise UnreadableImage("a JPEG with a damaged JFIF header")
    return b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0"


def _tables(marker: int, segment: bytes) -> tuple[list[_Table], bool]:
    """The tables of a DQT or DHT segment, and whether bytes are left that belong to none."""
    tables, at, end = [], 4, len(segment)
    while at < end:
        key = segment[at]
        if marker == _DQT:
            size = 128 if key >> 4 else 64
        elif at + 17 <= end:
            size = 16 + sum(segment[at + 1 : at + 17])
        else:
            break
        if at + 1 + size > end:
            break
        tables.append((key, segment[at + 1 : at + 1 + size]))
        at += 1 + size
    return tables, at < end


def _used_tables(segments: list[tuple[int, bytes]]) -> set[tuple[int, int]]:
    """(number of the segment, key of the table) of every table that a scan reads."""
    latest: dict[tuple[int, int], tuple[int, int]] = {}
    used: set[tuple[int, int]] = set()
    quantisers: dict[int, int] = {}
    for number, (marker, segment) in enumerate(segments):
        if marker in (_DQT, _DHT):
            for key, _ in _tables(marker, segment)[0]:
                # The upper half of a DQT's key is the precision, of a DHT's the class.
                name = key & 0x0F if marker == _DQT else key
                latest[(marker, name)] = (number, key)
        elif marker in _FRAME_HEADERS and len(segment) >= 10:
            components = segment[10 : 10 + 3 * segment[9]]
            quantisers = dict(zip(components[::3], components[2::3], strict=False))
        elif marker == _SOS and len(segment) >= 5:
            for component, tables in zip(
                segment[5 : 5 + 2 * segment[4] : 2], segment[6 : 6 + 2 * segment[4] : 2], strict=False
            ):
                wanted = [
                    (_DHT, tables >> 4),
                    (_DHT, 0x10 | (tables & 0x0F)),
                    (_DQT, quantisers.get(component, 0)),
                ]
                used.update(latest[name] for name in wanted if name in latest)
    return used


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
