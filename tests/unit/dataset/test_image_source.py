import io
import os
import pickle
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from tests.unit.dataset.image_factories import make_jpeg, make_zip

from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.source_entry import SourceLimits
from dermdash.dataset.source_records import count_by_reason
from dermdash.errors import InvalidInput, NotFound, UnreadableImage, UnsafeUpload


def write(folder: Path, name: str, data: bytes = b"image") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_folders_and_archives_are_searched_together_and_deeply(tmp_path: Path) -> None:
    write(tmp_path, "part_1/deep/A.JPG", b"a")
    write(tmp_path, "part_1/notes.txt")
    archive = make_zip(tmp_path / "part_2.zip", {"x/y/B.png": b"b", "x/read.me": b""})
    source = ImageSource.open([tmp_path / "part_1", archive])
    assert source.names() == ("A", "B")
    assert (source.read("A"), source.read("B")) == (b"a", b"b")
    assert source.find("C") is None
    with pytest.raises(NotFound, match="C"):
        source.read("C")


def test_leftovers_of_operating_systems_are_ignored(tmp_path: Path) -> None:
    write(tmp_path, "d/.thumbs/A.jpg")
    write(tmp_path, "d/.B.jpg")
    write(tmp_path, "d/__MACOSX/C.jpg")
    archive = make_zip(tmp_path / "z.zip", {"__MACOSX/._D.jpg": b"", "a/.E.jpg": b"", "F.jpg": b"f"})
    assert ImageSource.open([tmp_path / "d", archive]).names() == ("F",)


def test_masks_are_found_by_the_id_of_their_image_and_are_no_images(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "z.zip", {"A.jpg": b"image", "masks/A_segmentation.png": b"mask"})
    source = ImageSource.open([archive])
    assert source.names() == ("A",)
    (mask,) = source.masks
    assert (mask.base, mask.ending, mask.entry.read()) == ("A", "_segmentation", b"mask")


def test_of_two_files_with_one_id_neither_is_the_file_of_that_id(tmp_path: Path) -> None:
    write(tmp_path, "one/A.jpg", b"1")
    write(tmp_path, "two/A.png", b"2")
    source = ImageSource.open([tmp_path / "one", tmp_path / "two"])
    assert (source.find("A"), source.names(), len(source)) == (None, ("A",), 2)
    with pytest.raises(NotFound, match="2 files are called A"):
        source.read("A")


def test_a_path_that_is_neither_folder_nor_zip_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no directory or zip file"):
        ImageSource.open([tmp_path / "nowhere"])
    with pytest.raises(InvalidInput, match="neither a directory nor a complete zip"):
        ImageSource.open([write(tmp_path, "cut.zip", b"PK\x03\x04 cut off")])


@pytest.mark.parametrize("name", ["../../etc/A.jpg", "/abs/A.jpg", "C:\\x\\A.jpg", "x\\..\\..\\A.jpg", "\\A.jpg"])
def test_paths_that_lead_out_of_the_archive_are_left_out_and_the_rest_is_kept(tmp_path: Path, name: str) -> None:
    archive = make_zip(tmp_path / "z.zip", {name: b"evil", "good.jpg": b"good"})
    source = ImageSource.open([archive])
    assert source.names() == ("good",)
    assert count_by_reason(source.problems) == {"unsafe_archive_entry": 1}
    assert source.problems[0].image_id == "A"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["z.zip"], "nothing is ever extracted"


def test_links_in_archives_are_left_out(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("A.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    source = ImageSource.open([tmp_path / "z.zip"])
    assert source.names() == ()
    assert "link" in source.problems[0].detail


def test_an_entry_that_unpacks_to_gigabytes_is_left_out_before_it_is_read(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "z.zip", {"good.jpg": b"good", "bomb.png": bytes(2_000_000)})
    claim_size(path, "bomb.png", 10**10 % 2**32)
    source = ImageSource.open([path], limits=SourceLimits(max_image_bytes=10**6))
    assert source.names() == ("good",)
    assert count_by_reason(source.problems) == {"unsafe_image": 1}


def test_an_entry_that_lies_about_its_size_is_cut_off(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "z.zip", {"bomb.png": bytes(3_000_000)})
    claim_size(path, "bomb.png", 1000)
    source = ImageSource.open([path], limits=SourceLimits(max_image_bytes=10**6))
    with pytest.raises((UnsafeUpload, UnreadableImage)):
        source.read("bomb")


def test_files_over_the_limit_are_refused_while_reading(tmp_path: Path) -> None:
    write(tmp_path, "d/A.jpg", bytes(2000))
    source = ImageSource.open([tmp_path / "d"], limits=SourceLimits(max_image_bytes=1999))
    with pytest.raises(UnsafeUpload, match=r"A\.jpg"):
        source.read("A")


def test_a_high_compression_ratio_is_left_out(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "z.zip", {"bomb.png": bytes(8_000_000)})
    assert "times" in ImageSource.open([archive]).problems[0].detail


def test_an_archive_that_unpacks_to_more_than_the_limit_is_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "z.zip", {f"{i}.jpg": bytes(1000) for i in range(20)})
    with pytest.raises(UnsafeUpload, match="DERMDASH_MAX_ARCHIVE_GIGABYTES"):
        ImageSource.open([archive], limits=SourceLimits(max_archive_bytes=10_000))


def test_encrypted_entries_are_named(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "z.zip", {"A.jpg": b"secret"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    source = ImageSource.open([path])
    assert source.names() == ()
    assert "encrypted" in source.problems[0].detail


def test_damaged_entries_are_unreadable_one_by_one(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "z.zip", {"A.jpg": b"A" * 50, "B.jpg": b"B" * 50}, method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"A" * 50, b"A" * 49 + b"x"))
    source = ImageSource.open([path])
    with pytest.raises(UnreadableImage, match=r"z\.zip:A\.jpg"):
        source.read("A")
    assert source.read("B") == b"B" * 50


def test_compression_methods_that_unpack_without_bound_are_left_out(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "z.zip", {"A.jpg": b"A"}, method=zipfile.ZIP_BZIP2)
    assert "compression" in ImageSource.open([archive]).problems[0].detail


def test_a_source_travels_to_worker_processes(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "z.zip", {"A.jpg": make_jpeg()})
    source = pickle.loads(pickle.dumps(ImageSource.open([archive])))
    assert source.read("A") == make_jpeg()


def claim_size(path: Path, name: str, size: int) -> None:
    """Overwrite the unpacked size that the archive's central directory claims for an entry."""
    data = bytearray(path.read_bytes())
    position = data.rindex(name.encode()) - 46
    assert data[position : position + 4] == b"PK\x01\x02"
    data[position + 24 : position + 28] = struct.pack("<I", size)
    path.write_bytes(data)


def test_links_out_of_a_folder_are_not_followed_and_are_listed(tmp_path: Path) -> None:
    secret = write(tmp_path, "elsewhere/secret.jpg", b"of another patient")
    inside = write(tmp_path, "given/a.jpg", b"a")
    given = inside.parent
    (given / "b.jpg").symlink_to(secret)
    (given / "c.jpg").symlink_to("/etc/passwd")
    (given / "d.jpg").symlink_to("nowhere.jpg")
    (given / "again.jpg").symlink_to(inside)
    (given / "folder").symlink_to(secret.parent)
    (given / "round").symlink_to(given)
    source = ImageSource.open([given])
    assert source.names() == ("a", "again")
    assert {(e.image_id, str(e.reason)) for e in source.problems} == {
        (name, "link") for name in ("b", "c", "d", "folder", "round")
    }
    assert any(str(secret) in e.detail for e in source.problems)
    # A folder that is itself named by a link was meant.
    (tmp_path / "linked").symlink_to(given)
    assert ImageSource.open([tmp_path / "linked"]).names() == ("a", "again")


def zip_bytes(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_archives_in_archives_and_in_folders_are_read_and_leave_nothing_behind(tmp_path: Path) -> None:
    deep = zip_bytes({"C.jpg": b"c", "deeper.zip": zip_bytes({"D.jpg": b"d"})})
    inner = zip_bytes({"x/B.jpg": b"b", "deep.zip": deep})
    (tmp_path / "given").mkdir()
    outer = make_zip(tmp_path / "given/all.zip", {"A.jpg": b"a", "part_1.zip": inner, "cut.zip": inner[:50]})
    for given in (outer, outer.parent):
        source = ImageSource.open([given])
        assert {name: source.read(name) for name in source.names()} == {"A": b"a", "B": b"b", "C": b"c"}
        assert [(e.image_id, str(e.reason)) for e in source.problems] == [
            ("deeper", "unsafe_archive_entry"), ("cut", "unreadable_image"),
        ]  # fmt: skip
        (unpacked,) = {e.path.parent for e in source.images if e.image_id in "BC"}
        assert unpacked.stat().st_mode & 0o77 == 0
        assert next(e for e in source.images if e.image_id == "B").location == "all.zip:part_1.zip:x/B.jpg"
        assert pickle.loads(pickle.dumps(source)).read("C") == b"c"
        source.close()
        assert not unpacked.exists()


def test_what_archives_in_archives_unpack_to_counts_together(tmp_path: Path) -> None:
    inner = zip_bytes({"B.jpg": bytes(6_000)})
    outer = make_zip(tmp_path / "all.zip", {"1.zip": inner, "2.zip": inner}, method=zipfile.ZIP_STORED)
    assert len(ImageSource.open([outer], limits=SourceLimits(max_archive_bytes=30_000))) == 2
    with pytest.raises(UnsafeUpload, match="would unpack to"):
        ImageSource.open([outer], limits=SourceLimits(max_archive_bytes=20_000))
    bomb = make_zip(tmp_path / "bomb.zip", {"z.zip": zip_bytes({"0.jpg": bytes(8_000_000)})})
    assert [str(e.reason) for e in ImageSource.open([bomb]).problems] == ["unsafe_image"]


@pytest.mark.parametrize("encoding", ["cp866", "cp1251", "utf-8", "cp437"])
def test_names_in_a_zip_that_does_not_say_its_encoding_are_told(tmp_path: Path, encoding: str) -> None:
    name = "über_01.jpg" if encoding == "cp437" else "снимки/Пациент_01.jpg"
    path = make_zip(tmp_path / "z.zip", {"A" * len(name.encode(encoding)): b"picture"}, method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"A" * len(name.encode(encoding)), name.encode(encoding)))
    source = ImageSource.open([path])
    assert [entry.relative for entry in source.images] == [name]
    assert source.images[0].read() == b"picture"
    assert len(source.notes) == (encoding != "cp437")


def test_the_same_folder_given_twice_is_one(tmp_path: Path) -> None:
    write(tmp_path, "d/e/A.jpg")
    assert len(ImageSource.open([tmp_path / "d", tmp_path / "d/e", tmp_path / "d"])) == 1


def test_a_file_name_of_another_encoding_on_the_disk_is_text(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/" + "Сидорова.jpg".encode("cp1251")
    Path(os.fsdecode(path)).write_bytes(b"picture")
    source = ImageSource.open([tmp_path])
    assert (source.names(), source.images[0].read()) == (("Сидорова",), b"picture")


def test_files_of_one_path_in_several_places_are_told_apart_by_their_place(tmp_path: Path) -> None:
    for place in ("a/set", "b/set", "c/other.1", "c/other.2"):
        write(tmp_path, f"{place}/images/1.png", place.encode())
    write(tmp_path, "d/own/images/2.png")
    archive = make_zip(tmp_path / "e.zip", {"images/1.png": b"e"})
    source = ImageSource.open([*(tmp_path / p for p in ("a/set", "b/set", "c/other.1", "c/other.2", "d/own")), archive])
    assert sorted(entry.relative for entry in source.images) == [
        "a/set/images/1.png", "b/set/images/1.png", "e/images/1.png", "images/2.png", "other.1/images/1.png",
        "other.2/images/1.png",
    ]  # fmt: skip
