"""Archives are written by Python's tarfile and read by our own walk through their headers."""

import io
import tarfile
from pathlib import Path

import pytest
from tests.unit.dataset.image_factories import make_jpeg

from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.source_entry import SourceLimits
from dermdash.dataset.tar_members import is_tar, tar_members
from dermdash.errors import UnreadableImage, UnsafeUpload


def make_tar(path: Path, files: dict[str, bytes], *, format: int = tarfile.PAX_FORMAT, **kinds: bytes) -> Path:
    with tarfile.open(path, "w", format=format) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for name, kind in kinds.items():
            info = tarfile.TarInfo(f"{name}.jpg")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    return path


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_files_are_found_as_tarfile_finds_them(tmp_path: Path, format: int) -> None:
    long_name = "/".join(["folder" * 5] * 4) + "/b.jpg"
    other = "c" if format == tarfile.USTAR_FORMAT else "Пациент/c.jpg"
    files = {"a.jpg": b"1" * 700, long_name: b"", other: b"2" * 512}
    path = make_tar(tmp_path / "t.tar", files, format=format)
    with tarfile.open(path) as archive:
        expected = [(m.name.encode(), m.offset_data, m.size) for m in archive.getmembers()]
    assert [(m.name, m.start, m.size) for m in tar_members(path)] == expected
    assert is_tar(path)


def test_images_are_read_where_they_stand(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "t.tar", {"x/a.jpg": make_jpeg(seed=1), "b.jpg": make_jpeg(seed=2), "t.csv": b""})
    source = ImageSource.open([path])
    assert source.names() == ("a", "b")
    assert source.read("a") == make_jpeg(seed=1)
    assert source.find("a").relative == "t/x/a.jpg"  # type: ignore[union-attr]
    assert source.find("a").location == "t.tar:x/a.jpg"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["../../etc/A.jpg", "/abs/A.jpg", "C:\\x\\A.jpg", "x\\..\\..\\A.jpg"])
def test_paths_that_lead_out_are_left_out_and_the_rest_is_kept(tmp_path: Path, name: str) -> None:
    source = ImageSource.open([make_tar(tmp_path / "t.tar", {name: b"1", "b.jpg": b"2"})])
    assert source.names() == ("b",)
    assert [str(e.reason) for e in source.problems] == ["unsafe_archive_entry"]


NO_FILES = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE]


@pytest.mark.parametrize("kind", NO_FILES)
def test_links_devices_and_files_with_holes_are_left_out(tmp_path: Path, kind: bytes) -> None:
    source = ImageSource.open([make_tar(tmp_path / "t.tar", {"b.jpg": b"2"}, a=kind)])
    assert source.names() == ("b",)
    assert [str(e.reason) for e in source.problems] == ["unsafe_archive_entry"]


def test_a_file_with_holes_says_so_in_a_pax_header(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a.jpg")
    info.pax_headers = {"GNU.sparse.size": "99999999999"}
    with tarfile.open(tmp_path / "t.tar", "w") as archive:
        archive.addfile(info)
    assert "with holes" in next(iter(tar_members(tmp_path / "t.tar"))).problem


def test_two_files_of_one_path_are_nobodys(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "t.tar", "w") as archive:
        for content in (b"1", b"22"):
            info = tarfile.TarInfo("a.jpg")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    assert [str(e.reason) for e in ImageSource.open([tmp_path / "t.tar"]).problems] == ["ambiguous_image_name"]


def test_limits_hold_for_each_file_and_for_all(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "t.tar", {"a.jpg": b"1" * 2000, "b.jpg": b"1" * 500})
    source = ImageSource.open([path], limits=SourceLimits(max_image_bytes=1000))
    assert (source.names(), [str(e.reason) for e in source.problems]) == (("b",), ["unsafe_image"])
    with pytest.raises(UnsafeUpload, match="would unpack to"):
        ImageSource.open([path], limits=SourceLimits(max_archive_bytes=2200))


@pytest.mark.parametrize("cut", [1, 512, 600, 1100, 1536, 2000])
def test_half_an_archive_is_said_to_be_damaged_and_what_is_whole_in_it_is_used(tmp_path: Path, cut: int) -> None:
    whole = make_tar(tmp_path / "t.tar", {"a.jpg": b"1" * 500, "b.jpg": b"2" * 500}).read_bytes()
    (tmp_path / "t.tar").write_bytes(whole[:cut])
    if cut < 512:
        assert not is_tar(tmp_path / "t.tar")
        return
    found = []
    with pytest.raises(UnreadableImage, match="cut off"):
        found.extend(tar_members(tmp_path / "t.tar"))
    source = ImageSource.open([tmp_path / "t.tar"])
    assert len(source) == len([m for m in found if m.start + m.size <= cut]) == (1 if cut >= 1100 else 0)
    assert "cut off" in source.problems[0].detail


def test_names_of_another_encoding_may_hold_line_ends(tmp_path: Path) -> None:
    names = [f"Пациент {n}\nФото.jpg" for n in range(3)]
    with tarfile.open(tmp_path / "t.tar", "w", format=tarfile.GNU_FORMAT, encoding="cp1251") as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 1
            archive.addfile(info, io.BytesIO(b"1"))
    source = ImageSource.open([tmp_path / "t.tar"])
    assert source.names() == tuple(name.removesuffix(".jpg").replace("\n", " ") for name in names)


def test_what_lies_behind_the_end_of_an_archive_is_named_and_not_passed_over(tmp_path: Path) -> None:
    """Two archives in one file, as some join the shards of a data set."""
    first = make_tar(tmp_path / "t.tar", {"a.jpg": b"1"}).read_bytes()
    second = make_tar(tmp_path / "t.tar", {"b.jpg": b"2"}).read_bytes()
    (tmp_path / "t.tar").write_bytes(first + second)
    source = ImageSource.open([tmp_path / "t.tar"])
    assert source.names() == ("a",)
    (problem,) = source.problems
    assert f"after {len(first):,} bytes, behind its end, more follows" in problem.detail
    assert "its first 1 file can be read" in problem.detail
    (tmp_path / "t.tar").write_bytes(first + bytes(5 << 20))
    assert ImageSource.open([tmp_path / "t.tar"]).problems == ()


def test_a_header_of_a_thousand_records_is_read_at_once(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a.jpg")
    info.pax_headers = {f"k{n}": "v" for n in range(1000)} | {"path": "long/b.jpg"}
    with tarfile.open(tmp_path / "t.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info)
    assert [m.name for m in tar_members(tmp_path / "t.tar")] == [b"long/b.jpg"]


def test_sizes_below_nothing_or_beyond_the_file_end_the_walk(tmp_path: Path) -> None:
    for size in ("-512", "99999999999", "1e9", "9" * 5000):
        info = tarfile.TarInfo("a.jpg")
        info.pax_headers = {"size": size}
        with tarfile.open(tmp_path / "t.tar", "w") as archive:
            archive.addfile(info)
        with pytest.raises(UnreadableImage, match=r"cut off within 'a\.jpg'"):
            list(tar_members(tmp_path / "t.tar"))


def test_noise_is_no_tar_and_a_damaged_header_is_named(tmp_path: Path) -> None:
    (tmp_path / "n.tar").write_bytes(b"x" * 5000)
    assert not is_tar(tmp_path / "n.tar")
    data = bytearray(make_tar(tmp_path / "t.tar", {"a.jpg": b"1" * 500, "b.jpg": b"2" * 500}).read_bytes())
    data[1030] ^= 1
    (tmp_path / "t.tar").write_bytes(data)
    with pytest.raises(UnreadableImage, match="after 1,024 bytes"):
        list(tar_members(tmp_path / "t.tar"))


def test_archives_of_other_kinds_and_inside_tars_are_named(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x.tar.gz").write_bytes(b"\x1f\x8b")
    make_tar(tmp_path / "d" / "t.tar", {"in.zip": b"PK", "a.jpg": b"1"})
    source = ImageSource.open([tmp_path / "d"])
    assert source.names() == ("a",)
    assert {e.detail.rpartition("/")[2].partition(" ")[0] for e in source.problems} == {"x.tar.gz", "t.tar:in.zip:"}
