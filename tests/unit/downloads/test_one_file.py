"""A file from a server that breaks off, lies, is busy and sends elsewhere: whole and right at the end, or not there."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.published_server import PublishedServer, published_server

from dermdash.downloads.client import DownloadClient
from dermdash.downloads.one_file import Checksum, FetchedFile, WantedFile, fetch_file
from dermdash.downloads.reach import Reach
from dermdash.errors import DownloadFailed, InvalidInput, SourceAway, WorkspaceFull

CONTENT = bytes(range(256)) * 1200
MD5 = Checksum("md5", hashlib.md5(CONTENT).hexdigest())


@pytest.fixture
def server() -> Iterator[PublishedServer]:
    with published_server() as running:
        running.files["/images.zip"] = CONTENT
        yield running


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def client(server: PublishedServer, waited: list[float]) -> Iterator[DownloadClient]:
    with DownloadClient(Reach(server.address), wait=waited.append) as client:
        yield client


def wanted(
    server: PublishedServer, folder: Path, checksum: Checksum | None = MD5, size: int | None = len(CONTENT)
) -> WantedFile:
    return WantedFile(f"{server.address}/images.zip", folder / "images.zip", size, checksum)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_whole_and_is_not_fetched_again(
    server: PublishedServer, client: DownloadClient, tmp_path: Path
) -> None:
    folder, seen = tmp_path / "new folder", []
    assert fetch_file(client, wanted(server, folder), progress=seen.append) == FetchedFile(len(CONTENT), 0)
    assert (folder / "images.zip").read_bytes() == CONTENT
    assert seen[-1] == len(CONTENT)
    assert names(folder) == ["images.zip"]
    assert fetch_file(client, wanted(server, folder)) == FetchedFile(0, 0)
    assert len(server.asked) == 1


def test_a_connection_that_breaks_off_is_gone_on_with(
    server: PublishedServer, client: DownloadClient, waited: list[float], tmp_path: Path
) -> None:
    server.breaks_off["/images.zip"] = [100_000, 80_000]
    assert fetch_file(client, wanted(server, tmp_path)).received == len(CONTENT)
    assert (tmp_path / "images.zip").read_bytes() == CONTENT
    assert server.asked[0].range is None
    starts = [int(one.range.removeprefix("bytes=")[:-1]) for one in server.asked if one.range]
    assert len(starts) == 2
    assert 0 < starts[0] <= 100_000 < starts[1] <= 180_000
    assert waited == [1.0, 1.0]  # what came in between counts as progress


def test_a_later_run_goes_on_where_one_was_given_up(
    server: PublishedServer, client: DownloadClient, tmp_path: Path
) -> None:
    server.breaks_off["/images.zip"] = [200_000, 0, 0, 0, 0, 0, 0]
    with pytest.raises(SourceAway, match=r"connection to 127\.0\.0\.1 failed"):
        fetch_file(client, wanted(server, tmp_path))
    assert names(tmp_path) == [".images.zip.part", ".images.zip.part.json"]
    here = (tmp_path / ".images.zip.part").stat().st_size
    assert here > 0
    server.breaks_off.clear()
    assert fetch_file(client, wanted(server, tmp_path)) == FetchedFile(len(CONTENT) - here, here)
    assert (tmp_path / "images.zip").read_bytes() == CONTENT


def test_a_part_of_another_file_is_not_gone_on_with(
    server: PublishedServer, client: DownloadClient, tmp_path: Path
) -> None:
    (tmp_path / ".images.zip.part").write_bytes(b"another version")
    (tmp_path / ".images.zip.part.json").write_text(json.dumps({"of": [len(CONTENT), "0" * 32], "validator": ""}))
    assert fetch_file(client, wanted(server, tmp_path)) == FetchedFile(len(CONTENT), 0)
    assert server.asked[0].range is None


def test_a_server_that_knows_no_ranges_begins_anew(
    server: PublishedServer, client: DownloadClient, tmp_path: Path
) -> None:
    server.ignores_range = True
    server.breaks_off["/images.zip"] = [100_000]
    fetch_file(client, wanted(server, tmp_path))
    assert (tmp_path / "images.zip").read_bytes() == CONTENT


def test_without_a_checksum_a_part_is_only_gone_on_with_while_the_server_says_it_is_the_same(
    server: PublishedServer, client: DownloadClient, tmp_path: Path
) -> None:
    server.tags["/images.zip"] = '"first"'
    server.breaks_off["/images.zip"] = [100_000, 0, 0, 0, 0, 0]
    with pytest.raises(SourceAway):
        fetch_file(client, wanted(server, tmp_path, None))
    server.breaks_off.clear()
    server.tags["/images.zip"] = '"second"'
    server.files["/images.zip"] = CONTENT[::-1]
    fetch_file(client, wanted(server, tmp_path, None))
    assert (tmp_path / "images.zip").read_bytes() == CONTENT[::-1]


def test_without_checksum_and_mark_of_the_server_a_broken_file_is_fetched_from_its_start_and_given_up(
    server: PublishedServer, client: DownloadClient, waited: list[float], tmp_path: Path
) -> None:
    server.breaks_off["/images.zip"] = [200_000] * 20
    with pytest.raises(SourceAway):
        fetch_file(client, wanted(server, tmp_path, None))
    assert [one.range for one in server.asked] == [None] * 6
    assert waited == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_a_wrong_checksum_is_refused_after_a_second_try(
    server: PublishedServer, client: DownloadClient, tmp_path: Path
) -> None:
    server.files["/images.zip"] = CONTENT[:-1] + b"!"
    with pytest.raises(DownloadFailed, match=rf"came twice.*MD5 is not {MD5.digest}"):
        fetch_file(client, wanted(server, tmp_path))
    assert names(tmp_path) == []
    assert len(server.asked) == 2


def test_a_damaged_part_is_fetched_anew(server: PublishedServer, client: DownloadClient, tmp_path: Path) -> None:
    server.breaks_off["/images.zip"] = [100_000, 0, 0, 0, 0, 0]
    with pytest.raises(SourceAway):
        fetch_file(client, wanted(server, tmp_path))
    server.breaks_off.clear()
    part = tmp_path / ".images.zip.part"
    part.write_bytes(b"!" + part.read_bytes()[1:])
    assert fetch_file(client, wanted(server, tmp_path)).resumed_at == 0
    assert (tmp_path / "images.zip").read_bytes() == CONTENT


def test_a_busy_server_is_asked_again_when_it_says(
    server: PublishedServer, client: DownloadClient, waited: list[float], tmp_path: Path
) -> None:
    server.busy["/images.zip"] = [(503, {"Retry-After": "7"}), (503, {}), (429, {"Retry-After": "no number"})]
    fetch_file(client, wanted(server, tmp_path))
    assert waited == [7.0, 2.0, 4.0]


def test_a_server_that_asks_for_an_hour_is_left_alone(
    server: PublishedServer, client: DownloadClient, waited: list[float], tmp_path: Path
) -> None:
    server.busy["/images.zip"] = [(503, {"Retry-After": "3600"})]
    with pytest.raises(SourceAway, match=r"left alone for 1.h 00.min: run the same command again then"):
        fetch_file(client, wanted(server, tmp_path))
    assert waited == []


def test_a_date_to_come_back_at_is_understood(
    server: PublishedServer, client: DownloadClient, waited: list[float], tmp_path: Path
) -> None:
    server.busy["/images.zip"] = [(503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})]
    fetch_file(client, wanted(server, tmp_path))
    assert waited == [0.0]


@pytest.mark.parametrize(
    ("status", "message"),
    [(401, "without signing in"), (403, "without signing in"), (404, "nothing public"), (400, "HTTP 400")],
)
def test_a_refusal_is_said_at_once(
    server: PublishedServer, client: DownloadClient, tmp_path: Path, status: int, message: str
) -> None:
    server.busy["/images.zip"] = [(status, {})]
    with pytest.raises(DownloadFailed, match=message):
        fetch_file(client, wanted(server, tmp_path))
    assert len(server.asked) == 1


def test_more_or_less_than_the_published_size_is_refused(
    server: PublishedServer, client: DownloadClient, tmp_path: Path
) -> None:
    with pytest.raises(DownloadFailed, match=r"should have 307,199 bytes, the server announces 307,200"):
        fetch_file(client, wanted(server, tmp_path, size=len(CONTENT) - 1))
    assert names(tmp_path) == []


def test_a_file_of_unknown_size_has_a_bound(server: PublishedServer, client: DownloadClient, tmp_path: Path) -> None:
    unknown = WantedFile(f"{server.address}/images.zip", tmp_path / "images.zip", most_bytes=100_000)
    with pytest.raises(DownloadFailed, match=r"larger than the 100.kB"):
        fetch_file(client, unknown)
    assert names(tmp_path) == []
    table = WantedFile(f"{server.address}/images.zip", tmp_path / "images.zip")
    assert fetch_file(client, table).received == len(CONTENT)


def test_a_packed_answer_is_refused(server: PublishedServer, client: DownloadClient, tmp_path: Path) -> None:
    server.headers["/images.zip"] = {"Content-Encoding": "gzip"}
    with pytest.raises(DownloadFailed, match="comes packed"):
        fetch_file(client, wanted(server, tmp_path))


def test_another_file_of_that_name_stays_as_it_is(
    server: PublishedServer, client: DownloadClient, tmp_path: Path
) -> None:
    (tmp_path / "images.zip").write_bytes(b"mine")
    with pytest.raises(DownloadFailed, match=r"not what is published \(4 bytes and not 307,200\).*Move it away"):
        fetch_file(client, wanted(server, tmp_path))
    assert (tmp_path / "images.zip").read_bytes() == b"mine"
    assert server.asked == []


def test_a_full_disk_is_said_and_what_came_is_kept(
    server: PublishedServer, client: DownloadClient, small_disk: Path
) -> None:
    server.files["/images.zip"] = large = os.urandom(900_000)
    want = WantedFile(f"{server.address}/images.zip", small_disk / "images.zip", len(large), None)
    with pytest.raises(WorkspaceFull, match="run the same command again"):
        fetch_file(client, want)
    assert ".images.zip.part" in names(small_disk)


def test_a_folder_that_cannot_be_written_to_is_one_sentence(
    server: PublishedServer, client: DownloadClient, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidInput, match="cannot be written to: "):
        fetch_file(client, wanted(server, tmp_path / "file"))
