"""The chunks of a PNG (W3C) that its pixels need, each of the one length that it has."""

import struct
import zlib
from collections.abc import Callable, Iterator

from dermdash.dataset.colour_profiles import meant_by
from dermdash.dataset.exif_orientation import ORIENTATION_ONLY, UPRIGHT, read_orientation
from dermdash.dataset.jpeg_parts import says_where
from dermdash.dataset.removed_parts import Removed
from dermdash.errors import UnreadableImage

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PROFILE_NAME = b"icc"
_MOST_OF_A_PROFILE = 8 << 20
_AT_ONCE = 1 << 20
# Besides the critical chunks, those that change how pixels look or how large they are, with their length in bytes.
_FIXED = {b"IHDR": 13, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9, b"IEND": 0}
_NUMBERS = frozenset([b"gAMA", b"cHRM", b"pHYs"])
_CHECKED = frozenset([*_FIXED, b"PLTE", b"IDAT", b"tRNS", b"iCCP"])
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_GREY, _RGB, _PALETTE = 0, 2, 3
_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 1, 6: 3}
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7: first column and row of each pass, and the steps.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


class PngParts:
    """What is kept of one PNG, in order; ``removed`` what was left out; ``check_size`` may refuse width and height."""

    def __init__(self, data: bytes, check_size: Callable[[int, int], None]) -> None:
        self._check_size = check_size
        self.removed: list[Removed] = []
        self.width = self.height = 0
        self.orientation = UPRIGHT
        self.has_profile = False
        self._kept: list[bytes] = [PNG_SIGNATURE]
        self._seen: set[bytes] = set()
        self._header = b""
        self._pixels: list[bytes] = []
        self._chunks: list[bytes] = []
        end = len(PNG_SIGNATURE)
        for kind, chunk in png_chunks(data):
            end += len(chunk)
            self._add(kind, chunk)
        if not self.width or not self.height or not self._pixels:
            raise UnreadableImage("a PNG without an image in it")
        if end < len(data):
            self.removed.append(Removed.TRAILER)

    def joined(self) -> bytes:
        """The file made of the chunks that are kept."""
        return b"".join(self._kept)

    def _add(self, kind: bytes, chunk: bytes) -> None:
        content = chunk[8:-4]
        if kind == b"IDAT":
            self._pixels.append(content)
            self._chunks.append(chunk)
            return
        if kind == b"IEND":
            self._kept += self._pixel_chunks()
        if kind in _FIXED or kind in (b"PLTE", b"tRNS", b"iCCP"):
            if kind in self._seen:  # a decoder reads the first
                self.removed.append(Removed.HIDDEN)
                return
            self._seen.add(kind)
        if kind == b"IHDR":
            self._header = content[:13]
            if len(content) >= 13:
                self.width, self.height = struct.unpack(">II", content[:8])
                self._check_size(self.width, self.height)  # before anything is unpacked
        colour = self._header[9] if len(self._header) == 13 else _PALETTE
        if kind == b"PLTE" and colour != _PALETTE:
            self.removed.append(Removed.HIDDEN)  # proposed to screens of 256 colours; room for 768 letters
        elif kind in _NUMBERS and not _are_numbers(kind, content):
            self.removed.append(Removed.HIDDEN)
        elif kind in _FIXED:
            self._keep(kind, content, content[: _FIXED[kind]])
        elif kind == b"PLTE":
            self._keep(kind, content, content[: min(len(content) // 3, 256) * 3])
        elif kind == b"tRNS":
            self._keep(kind, content, content[: self._transparent_bytes()])
        elif kind == b"iCCP":
            self._keep_profile(content)
        else:
            self._drop(kind, content)

    def _keep(self, kind: bytes, content: bytes, plain: bytes) -> None:
        if plain != content:
            self.removed.append(Removed.HIDDEN)
        self._kept.append(png_chunk(kind, plain))

    def _transparent_bytes(self) -> int:
        colour = self._header[9] if len(self._header) == 13 else _PALETTE
        return {_GREY: 2, _RGB: 6, _PALETTE: 256}.get(colour, 0)

    def _keep_profile(self, content: bytes) -> None:
        name, _, packed = content.partition(b"\0")
        unpacked = zlib.decompressobj()
        try:
            profile = unpacked.decompress(packed[1:], _MOST_OF_A_PROFILE)
        except zlib.error:
            self.removed.append(Removed.PROFILE_COLOURS)
            return
        meant = meant_by(profile, _CHANNELS.get(self._header[9] if len(self._header) == 13 else 2, 3))
        plain = None if meant.data is None else PROFILE_NAME + b"\0\0" + zlib.compress(meant.data, 9)
        if meant.data != profile:
            self.removed.append(Removed.PROFILE if meant.same_colours else Removed.PROFILE_COLOURS)
        elif plain != content and (name != PROFILE_NAME or unpacked.unused_data):
            self.removed.append(Removed.HIDDEN)
        if plain is not None:
            self.has_profile = True
            self._kept.append(png_chunk(b"iCCP", plain))

    def _pixel_chunks(self) -> list[bytes]:
        """The chunks of the pixels as they are, or one where they hold more than the pixels."""
        packed, wanted = b"".join(self._pixels), _pixel_bytes(self._header)
        unpacked, size, rest = zlib.decompressobj(), 0, packed
        try:
            while not unpacked.eof and size <= wanted and (rest or size):
                rows = unpacked.decompress(rest, _AT_ONCE)
                size, rest = size + len(rows), unpacked.unconsumed_tail
                if not rows and not rest:
                    break
        except zlib.error as error:
            raise UnreadableImage(f"a damaged PNG: its pixels cannot be unpacked ({error})") from error
        if size < wanted or (not unpacked.eof and size == wanted):
            raise UnreadableImage("a truncated PNG: the data of its pixels end too soon")
        if size > wanted:
            self.removed.append(Removed.HIDDEN)
            rows = zlib.decompressobj().decompress(packed, wanted)
            return [png_chunk(b"IDAT", zlib.compress(rows, 3))]
        if unpacked.unused_data:
            self.removed.append(Removed.HIDDEN)
            return [png_chunk(b"IDAT", packed[: len(packed) - len(unpacked.unused_data)])]
        return self._chunks

    def _drop(self, kind: bytes, content: bytes) -> None:
        if kind == b"eXIf":
            self.orientation = read_orientation(content)
            if png_chunk(kind, content) in ORIENTATION_ONLY:
                return
            self.removed.append(Removed.EXIF)
            if says_where(content):
                self.removed.append(Removed.GPS)
        elif kind in _TEXTS:
            xmp = content.startswith(b"XML:com.adobe.xmp")
            self.removed.append(Removed.XMP if xmp else Removed.TEXT)
        else:
            self.removed.append(Removed.PRIVATE)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk with its length and checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _are_numbers(kind: bytes, content: bytes) -> bool:
    """Whether a gamma, chromaticities (both times 100,000) or a resolution are such numbers and not letters."""
    numbers = content[:8] if kind == b"pHYs" else content[: _FIXED[kind]]
    return not any(numbers[::4]) and (kind != b"pHYs" or content[8:9] in (b"\0", b"\1"))


def _pixel_bytes(header: bytes) -> int:
    """How many bytes the unpacked rows of all passes have, each with its filter byte."""
    if len(header) != 13:
        raise UnreadableImage("a PNG without a header")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    bits = depth * _SAMPLES.get(colour, 4)
    if not interlaced:
        return int(height * (1 + (width * bits + 7) // 8))
    total = 0
    for left, top, across, down in _PASSES:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return int(total)


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, the whole chunk) up to IEND.

    Raises
    ------
    UnreadableImage
        Cut off before its end, or a wrong checksum in what the pixels need.
    """
    position = len(PNG_SIGNATURE)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        end = position + 12 + length
        if end > len(data):
            break
        chunk = data[position:end]
        if kind in _CHECKED and zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise UnreadableImage(f"a damaged PNG: wrong checksum of {kind.decode('ascii')} at byte {position}")
        yield kind, chunk
        if kind == b"IEND":
            return
        position = end
    raise UnreadableImage("a truncated PNG: it ends before its end chunk")
