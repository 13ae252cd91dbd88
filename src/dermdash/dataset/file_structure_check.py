"""Whether a JPEG or PNG file holds its pixels and nothing else: a walk over its structure that accepts what it knows.

Written apart from what removes metadata (`deidentification`, `jpeg_parts`, `png_parts`, `colour_profiles`), with which
it shares no code, so that one misreading cannot pass both. It reads ITU T.81 and the PNG specification from the other
side: what a marker or chunk may be, how long it is exactly, how often and where it may come. A colour profile is
accepted by its hash alone.
"""

import hashlib
import io
import struct
import zlib

import simplejpeg
from PIL import Image

KNOWN_PROFILES = {
    # sRGB IEC61966-2.1 and Display P3 as operating systems bring them.
    "2b3aa1645779a9e634744faf9b01e9102b0c9b88fd6deced7934df86b949af7e": 3,
    "0ff6958f98684c61f6bbdce1368ddeaf3873baf84545baba482e920d92a914c0": 3,
    # The standard ones: sRGB, Adobe RGB, Display P3, Grey.
    "17cb2fdefc3e34ddecc6a37b9389c4bc6c657dd0ab0a5552f9cdae6583a5b9db": 3,
    "b4c5716eb5fb548a3e1da05a0f5d38b4c0f65f5af5cab062059ae15b8c1b343c": 3,
    "9193684cdce60afd33471b0ac0f4806fe2ba8d5cb52bb8e5439ce98f6c93e548": 3,
    "16ff4664280317064858d2f8833bd80456e9f3e2192763339e2d04c7871e515e": 1,
}
"""SHA-256 of the colour profiles that may stand in a file, and for how many channels."""
_END = "bytes after the end of the image"
_MOST_UNPACKED = 1 << 20


class _Surplus(Exception):
    """The first thing in a file that is not known to be needed."""


def surplus_in(data: bytes) -> str | None:
    """Name the first thing in a JPEG or PNG that is not known to be needed for its pixels; None: there is none.

    How the image lies (EXIF's orientation, in the 26 bytes that say it alone) and its resolution may be said.
    """
    try:
        if data[:2] == b"\xff\xd8":
            _JpegWalk(data).walk()
        elif data[:8] == b"\x89PNG\r\n\x1a\n":
            _walk_png(data)
        else:
            return "neither a JPEG nor a PNG"
    except _Surplus as found:
        return str(found)
    except (struct.error, IndexError, zlib.error, OSError, SyntaxError, ValueError):
        return "a structure that cannot be followed"
    return None


class _JpegWalk:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 2
        self.once: set[str] = set()
        self.frame: bytes = b""
        self.unread: dict[tuple[int, int], int] = {}
        self.profile: list[bytes] = []
        self.pieces = 0

    def walk(self) -> None:
        while True:
            if self.data[self.at] != 0xFF:
                raise _Surplus(f"no marker at byte {self.at}")
            marker = self.data[self.at + 1]
            if marker == 0xD9:
                break
            (length,) = struct.unpack_from(">H", self.data, self.at + 2)
            body = self.data[self.at + 4 : self.at + 2 + length]
            if len(body) != length - 2:
                raise _Surplus("a segment that is cut off")
            self.at += 2 + length
            self._segment(marker, body)
        if self.at + 2 != len(self.data):
            raise _Surplus(_END)
        self._end()

    def _segment(self, marker: int, body: bytes) -> None:
        if marker == 0xE0:
            self._only_once("JFIF")
            plain = len(body) == 14 and body[:5] == b"JFIF\0" and body[7] <= 2 and body[12:] == b"\0\0"
            self._demand(plain, "APP0 that is more than a JFIF header")
        elif marker == 0xE1:
            self._only_once("APP1")
            self._demand(body[:6] == b"Exif\0\0" and _turns_only(body[6:]), "APP1")
        elif marker == 0xE2:
            self._icc(body)
        elif marker == 0xEE:
            self._only_once("Adobe")
            self._demand(body[:-1] == b"Adobe\0\x64\0\0\0\0" and body[-1] <= 2, "APP14 that is more than Adobe's")
        elif 0xE0 <= marker <= 0xEF:
            raise _Surplus(f"APP{marker - 0xE0}")
        elif marker == 0xFE:
            raise _Surplus("COM")
        elif marker == 0xDB:
            self._quantisers(body)
        elif marker == 0xC4:
            self._huffman(body)
        elif marker == 0xDD:
            self._demand(len(body) == 2, "DRI with more than an interval")
        elif marker == 0xCC:
            self._demand(len(body) % 2 == 0 and len(body) <= 64, "DAC with more than conditions")
        elif marker in (0xC0, 0xC1, 0xC2, 0xC9, 0xCA):
            self._only_once("frame")
            self._demand(len(body) >= 6 and len(body) == 6 + 3 * body[5], "a frame header with more than components")
            self.frame = body
        elif marker == 0xDA:
            self._scan(body)
        else:
            raise _Surplus(f"marker {marker:02X}")

    def _demand(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise _Surplus(otherwise)

    def _only_once(self, what: str) -> None:
        self._demand(what not in self.once, f"{what} twice")
        self.once.add(what)

    def _icc(self, body: bytes) -> None:
        self._demand(body[:12] == b"ICC_PROFILE\0" and len(body) > 14, "APP2")
        number, of = body[12], body[13]
        self._demand(number == len(self.profile) + 1 and self.pieces in (0, of), "pieces of a profile out of order")
        self.pieces = of
        self.profile.append(body[14:])

    def _quantisers(self, body: bytes) -> None:
        at = 0
        while at < len(body):
            precision, number = body[at] >> 4, body[at] & 15
            self._demand(precision <= 1 and number <= 3, "DQT with a table of no kind")
            self._table((0xDB, number))
            at += 1 + 64 * (1 + precision)
        self._demand(at == len(body), "DQT with more than tables")

    def _huffman(self, body: bytes) -> None:
        at = 0
        while at < len(body):
            kind, number = body[at] >> 4, body[at] & 15
            counts = body[at + 1 : at + 17]
            self._demand(kind <= 1 and number <= 3 and len(counts) == 16, "DHT with a table of no kind")
            self._table((0xC4, 16 * kind + number))
            at += 17 + sum(counts)
        self._demand(at == len(body), "DHT with more than tables")

    def _table(self, name: tuple[int, int]) -> None:
        self._demand(name not in self.unread, "a table that nothing reads")
        self.unread[name] = self.at

    def _scan(self, body: bytes) -> None:
        self._demand(bool(self.frame) and len(body) == 4 + 2 * body[0], "a scan header with more than components")
        wants = {self.frame[6 + 3 * i]: self.frame[8 + 3 * i] for i in range(self.frame[5])}
        for i in range(body[0]):
            component, tables = body[1 + 2 * i], body[2 + 2 * i]
            for name in ((0xC4, tables >> 4), (0xC4, 16 + (tables & 15)), (0xDB, wants.get(component, -1))):
                self.unread.pop(name, None)
        at = self.at
        while True:
            at = self.data.find(b"\xff", at)
            self._demand(0 <= at < len(self.data) - 1, "a scan without an end")
            if self.data[at + 1] != 0 and not 0xD0 <= self.data[at + 1] <= 0xD7:
                break
            at += 2
        self.at = at

    def _end(self) -> None:
        self._demand(not self.unread, "a table that nothing reads")
        channels = self.frame[5] if self.frame else 0
        if self.profile:
            self._demand(self.pieces == len(self.profile), "a profile of which pieces are missing")
            self._demand(_is_known(b"".join(self.profile), channels), "a colour profile that is not known")
        space = "CMYK" if channels == 4 else "GRAY"
        try:
            # An eighth of the size: the decoder reads every scan all the same, and says where more came than it needs.
            simplejpeg.decode_jpeg(self.data, colorspace=space, min_height=1, min_width=1, min_factor=8)
        except ValueError as error:
            self._demand("extraneous" not in str(error), "bytes in a scan after those of its pixels")


def _turns_only(tiff: bytes) -> bool:
    """Whether a TIFF block of 26 bytes says the orientation and nothing else."""
    begin, end = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", b"\0\0\0\0\0\0"
    return len(tiff) == len(begin) + 1 + len(end) and tiff[:19] == begin and tiff[20:] == end and 2 <= tiff[19] <= 8


def _is_known(profile: bytes, channels: int) -> bool:
    return KNOWN_PROFILES.get(hashlib.sha256(profile).hexdigest()) == channels


def _walk_png(data: bytes) -> None:
    file = io.BytesIO(data)
    file.seek(8)
    seen: list[bytes] = []
    header = b""
    packed: list[bytes] = []
    while not seen or seen[-1] != b"IEND":
        length, kind = struct.unpack(">I4s", file.read(8))
        body = file.read(length)
        (checksum,) = struct.unpack(">I", file.read(4))
        if len(body) != length or zlib.crc32(kind + body) != checksum:
            raise _Surplus("a chunk that is cut off or damaged")
        if kind in seen and (kind != b"IDAT" or seen[-1] != b"IDAT"):
            raise _Surplus(f"{_name(kind)} twice")
        if kind == b"IHDR":
            header = body
        if not _fits(kind, body, header):
            raise _Surplus(_name(kind))
        if kind == b"IDAT":
            packed.append(body)
        seen.append(kind)
    if file.read(1):
        raise _Surplus(_END)
    if seen[0] != b"IHDR" or not packed:
        raise _Surplus("a PNG without an image in it")
    _check_pixels(b"".join(packed), header)
    _check_unseen(data, header)


def _check_unseen(data: bytes, header: bytes) -> None:
    """Demand that nothing lies where nobody sees it: no pixel is transparent, no colour of the palette without one."""
    depth, colour = header[8], header[9]
    if header[12] == 0 and int.from_bytes(header[:4], "big") * _bits(header) % 8:
        raise _Surplus("rows that end within a byte")
    if colour in (4, 6):
        if depth != 8:
            raise _Surplus("transparency of 16 bits")
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            if image.getbands()[-1] != "A" or image.getextrema()[-1] != (255, 255):
                raise _Surplus("pixels that are transparent")
    if colour == 3:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            found = image.getcolors(256) or []
            palette = image.getpalette("RGB") or []
        held = set(range(len(palette) // 3)) - {index for _, index in found}
        if any(palette[3 * i : 3 * i + 3] != [0, 0, 0] for i in held):
            raise _Surplus("colours of a palette that no pixel has")


def _name(kind: bytes) -> str:
    return kind.decode("ascii", "replace")


def _fits(kind: bytes, body: bytes, header: bytes) -> bool:
    """Whether a chunk is one that is known, and exactly as long as it has to be."""
    colour = header[9] if len(header) == 13 else -1
    length = len(body)
    if kind == b"PLTE":
        return colour == 3 and length % 3 == 0 and 0 < length <= 3 << header[8]
    if kind == b"iCCP":
        unpacker = zlib.decompressobj()
        profile = unpacker.decompress(body[5:], _MOST_UNPACKED) if body[:5] == b"icc\0\0" else b""
        whole = unpacker.eof and not unpacker.unused_data
        return whole and _is_known(profile, 1 if colour in (0, 4) else 3)
    if kind == b"eXIf":
        return _turns_only(body)
    if kind == b"IDAT":
        return True
    if kind in (b"gAMA", b"cHRM", b"pHYs"):
        # A number of 32 bits that is this large is none of these, but four letters.
        words = length // 4
        largest = max(struct.unpack_from(f">{words}I", body), default=0)
        if largest >= 1 << 24 or body[4 * words :] > b"\1":
            return False
    return {b"IHDR": 13, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9, b"IEND": 0}.get(kind) == length


def _check_pixels(packed: bytes, header: bytes) -> None:
    """Demand that the unpacked pixels are as many as the header says, and that nothing follows them."""
    expected = sum(rows * (1 + -(-columns * _bits(header) // 8)) for columns, rows in _pictures(header))
    unpacker, count, rest = zlib.decompressobj(), 0, packed
    while not unpacker.eof:
        piece = unpacker.decompress(rest, _MOST_UNPACKED)
        count, rest = count + len(piece), unpacker.unconsumed_tail
        if count > expected:
            raise _Surplus("more rows than the image has")
        if not piece and not rest:
            raise _Surplus("pixels without an end")
    if unpacker.unused_data:
        raise _Surplus("bytes after the pixels in IDAT")


def _bits(header: bytes) -> int:
    return int(header[8]) * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[header[9]]


def _pictures(header: bytes) -> list[tuple[int, int]]:
    """Columns and rows of the image, or of the seven smaller ones of which an interlaced image is made."""
    width, height = struct.unpack_from(">II", header)
    if not header[12]:
        return [(width, height)]
    sizes = []
    for x, y, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
                         (0, 1, 1, 2)):  # fmt: skip
        columns, rows = len(range(x, width, dx)), len(range(y, height, dy))
        if columns:
            sizes.append((columns, rows))
    return sizes
