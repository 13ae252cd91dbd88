import struct
import time
from pathlib import Path

import numpy as np
import pytest
from tests.unit.dataset.hdf5_files import make_hdf5
from tests.unit.dataset.image_factories import make_jpeg, make_zip

from dermdash.dataset.hdf5_members import hdf5_pictures, is_hdf5
from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.source_entry import SourceLimits
from dermdash.errors import UnreadableImage

PICTURES = {f"ISIC_{n:07d}": make_jpeg(seed=n, width=24, height=16) for n in range(12)}


def write(folder: Path, data: bytes) -> Path:
    (folder / "train-image.hdf5").write_bytes(data)
    return folder / "train-image.hdf5"


def test_pictures_are_found_under_their_names_where_they_stand(tmp_path: Path) -> None:
    path = write(tmp_path, make_hdf5(PICTURES, numbers=2))
    found, others = hdf5_pictures(path)
    data = path.read_bytes()
    assert {p.name: data[p.start : p.start + p.size] for p in found} == {f"{n}.jpg": d for n, d in PICTURES.items()}
    assert others == 2
    assert is_hdf5(path)


def test_they_are_images_of_a_source_also_inside_a_zip_file(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "z").mkdir()
    path = write(tmp_path / "s", make_hdf5(PICTURES, numbers=1))
    for place in (path, tmp_path / "s", make_zip(tmp_path / "z" / "a.zip", {"x/train-image.hdf5": path.read_bytes()})):
        source = ImageSource.open([place])
        assert source.names() == tuple(PICTURES)
        assert source.read("ISIC_0000003") == PICTURES["ISIC_0000003"]
        assert "train-image.hdf5: 1 data set in it is no picture." in source.notes[0]
        source.close()


def test_two_pictures_of_one_name_are_nobodys_and_named(tmp_path: Path) -> None:
    """The ending that one has and the other is given makes them the same file."""
    source = ImageSource.open(
        [write(tmp_path, make_hdf5({"a": make_jpeg(seed=1), "a.jpg": make_jpeg(seed=2), "b": make_jpeg(seed=3)}))]
    )
    assert source.names() == ("b",)
    assert [(e.image_id, str(e.reason)) for e in source.problems] == [("a", "ambiguous_image_name")]


def test_names_that_lead_out_and_pictures_beyond_the_limit_are_left_out(tmp_path: Path) -> None:
    first = b"\xff\xd8\xff"
    path = write(tmp_path, make_hdf5({"../x": first, "a": first, "b": first * 500}))
    source = ImageSource.open([path], limits=SourceLimits(max_image_bytes=100))
    assert source.names() == ("a",)
    assert {str(e.reason) for e in source.problems} == {"unsafe_archive_entry", "unsafe_image"}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_half_a_file_is_said_to_be_cut_off(tmp_path: Path, share: float) -> None:
    whole = make_hdf5(PICTURES)
    path = write(tmp_path, whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableImage, match=r"cut off|damaged"):
        hdf5_pictures(path)
    assert "train-image.hdf5" in ImageSource.open([path]).problems[0].detail


def test_damage_never_ends_in_anything_but_words(tmp_path: Path) -> None:
    """A hundred files with bytes changed where their structure stands; a circle in it would never end."""
    draw = np.random.default_rng(3)
    whole = make_hdf5(dict(list(PICTURES.items())[:3]), numbers=1)
    pictures = [range(at, at + len(d)) for d in PICTURES.values() if (at := whole.find(d)) >= 0]
    places = [at for at in range(len(whole)) if not any(at in picture for picture in pictures)]
    for _ in range(100):
        data = bytearray(whole)
        for at in draw.choice(places[:3000], 4):
            data[at] = draw.integers(0, 256)
        try:
            hdf5_pictures(write(tmp_path, bytes(data)))
        except UnreadableImage:
            continue


def _number_at(data: bytearray, at: int, number: int) -> None:
    data[at : at + 8] = struct.pack("<Q", number)


def _tables_in_one_place(files: dict[str, bytes], tables: int) -> bytes:
    """A file whose tree points to its one table again and again."""
    data = bytearray(make_hdf5(files))
    tree, table = data.find(b"TREE"), data.find(b"SNOD")
    data[table + 6 : table + 8] = struct.pack("<H", 1024)
    data[table + 8 : table + 8 + 1024 * 40] = data[table + 8 : table + 48] * 1024
    node = bytearray(b"TREE\0\0" + struct.pack("<H", tables) + bytes(16 + 8 + 16 * tables))
    for place in range(tables):
        _number_at(node, 32 + 16 * place, table)
    _number_at(data, data.find(struct.pack("<Q", tree)), len(data))
    return bytes(data + node)


def _headers_in_one_place(blocks: int) -> bytes:
    """A file whose first header goes on, again and again, in the same megabyte of empty messages."""
    whole = make_hdf5({"a": b"\xff\xd8\xff"})
    more = b"".join(struct.pack("<HHB3xQQ", 0x10, 16, 0, len(whole) + 24 * blocks, 1 << 20) for _ in range(blocks))
    data = bytearray(whole) + more + bytes(1 << 20)
    data[96:112] = struct.pack("<BBHII4x", 1, 0, 1, 1, 24)
    data[112:136] = struct.pack("<HHB3xQQ", 0x10, 16, 0, len(whole), len(more))
    return bytes(data)


@pytest.mark.parametrize(
    "data", [_tables_in_one_place({"a": b"\xff\xd8\xff"}, 20_000), _headers_in_one_place(60)], ids=["tables", "headers"]
)
def test_what_points_to_the_same_bytes_again_and_again_is_damage_and_takes_no_time(tmp_path: Path, data: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(UnreadableImage, match="too many of its parts lie in the same place"):
        hdf5_pictures(write(tmp_path, data))
    assert time.process_time() - begun < 5


def test_a_name_without_an_end_is_damage(tmp_path: Path) -> None:
    """The bytes of a picture behind the names would else be read as one."""
    data = bytearray(make_hdf5({"a": b"\xff\xd8\xff" + b"x" * 3000}))
    heap = data.find(b"HEAP")
    _number_at(data, heap + 8, 1 << 12)
    _number_at(data, heap + 24, data.find(b"xxxx") - 8)
    with pytest.raises(UnreadableImage, match="a name has no end"):
        hdf5_pictures(write(tmp_path, bytes(data)))


@pytest.mark.parametrize("link", [b"\1\x08", b"\1\xff", b"\1\0", b"\1\x03\xff"])
def test_a_link_that_ends_early_is_none(tmp_path: Path, link: bytes) -> None:
    data = bytearray(make_hdf5({"a": b"\xff\xd8\xff"}))
    data[96:136] = (
        struct.pack("<BBHII4x", 1, 0, 1, 1, 24) + struct.pack("<HHB3x", 6, len(link), 0) + link.ljust(16, b"\0")
    )
    assert hdf5_pictures(write(tmp_path, bytes(data))) == ([], 0)
