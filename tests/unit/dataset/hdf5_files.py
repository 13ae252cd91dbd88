"""HDF5 files drawn for tests as h5py writes them by default: a group with a symbol table, data sets of opaque bytes.

h5py 3 reads what this writes.
"""

import struct
from collections.abc import Mapping

_NOWHERE = 0xFFFFFFFFFFFFFFFF
_TREE_CHILDREN = 32


def make_hdf5(files: Mapping[str, bytes], *, numbers: int = 0) -> bytes:
    """An HDF5 file with a scalar data set of bytes under each name, and as many data sets of two whole numbers."""
    data = bytearray(b"\x89HDF\r\n\x1a\n" + bytes([0, 0, 0, 0, 0, 8, 8, 0]) + struct.pack("<HHI", 512, 16, 0))
    data += struct.pack("<QQQQ", 0, _NOWHERE, 0, _NOWHERE) + struct.pack("<QQII16x", 0, 96, 0, 0)
    root_at = len(data)
    data += _header((0x11, bytes(16)))
    place = {}
    for name, content in files.items():
        opaque = struct.pack("<B3BI", 0x15, 0, 0, 0, len(content))
        place[name] = _data_set(data, struct.pack("<BB6x", 1, 0), opaque, content)
    for number in range(numbers):
        whole = struct.pack("<B3BIHH", 0x10, 8, 0, 0, 4, 0, 32) + bytes(4)
        space = struct.pack("<BB6xQ", 1, 1, 2)
        place[f"numbers_{number}"] = _data_set(data, space, whole, struct.pack("<ii", 1, 2))
    names = sorted(place)
    heap, offsets = bytearray(8), {}
    for name in names:
        offsets[name] = len(heap)
        heap += name.encode() + b"\0" * (8 - len(name.encode()) % 8)
    segment_at = _append(data, bytes(heap))
    heap_at = _append(data, b"HEAP" + bytes(4) + struct.pack("<QQQ", len(heap), 1, segment_at))
    entries = b"".join(struct.pack("<QQII16x", offsets[name], place[name], 0, 0) for name in names)
    table_at = _append(data, b"SNOD\1\0" + struct.pack("<H", len(names)) + entries.ljust(1024 * 40, b"\0"))
    node = b"TREE\0\0" + struct.pack("<HQQ", 1, _NOWHERE, _NOWHERE)
    node += struct.pack("<QQQ", 0, table_at, offsets[names[-1]])
    tree_at = _append(data, node.ljust(24 + 16 * _TREE_CHILDREN + 8, b"\0"))
    data[root_at : root_at + 40] = _header((0x11, struct.pack("<QQ", tree_at, heap_at)))
    data[40:48] = struct.pack("<Q", len(data))
    return bytes(data)


def _append(data: bytearray, content: bytes) -> int:
    data += bytes(-len(data) % 8)
    at = len(data)
    data += content
    return at


def _header(*messages: tuple[int, bytes]) -> bytes:
    body = b""
    for kind, content in messages:
        padded = content + bytes(-len(content) % 8)
        body += struct.pack("<HHB3x", kind, len(padded), 0) + padded
    return struct.pack("<BBHII4x", 1, 0, len(messages), 1, len(body)) + body


def _data_set(data: bytearray, space: bytes, kind: bytes, content: bytes) -> int:
    start = _append(data, content)
    layout = struct.pack("<BBQQ", 3, 1, start, len(content))
    fill = struct.pack("<BBBB", 2, 2, 0, 0)
    return _append(data, _header((0x01, space), (0x03, kind), (0x05, fill), (0x08, layout)))
