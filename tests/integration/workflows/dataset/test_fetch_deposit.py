"""HAM10000 from a Dataverse of our own, which behaves well, badly, and not at all."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.archives import DATASET, serve_deposit
from tests.published_server import PublishedServer, published_server

from dermdash.errors import DownloadFailed, InvalidInput, SourceAway
from dermdash.workflows.dataset.fetch_deposit import fetch_deposit
from dermdash.workflows.dataset.fetch_folder import FetchProgress, FetchReport


@pytest.fixture
def server() -> Iterator[PublishedServer]:
    with published_server() as running:
        yield running


def fetch(server: PublishedServer, folder: Path, key: str = "ham10000", **options: Any) -> FetchReport:
    return fetch_deposit(key, folder=folder, server=server.address, wait=lambda _: None, **options)


def change(server: PublishedServer, place: int, **values: Any) -> None:
    """Change what the Dataverse says of one of its files."""
    said = json.loads(server.files[DATASET])
    said["data"]["files"][place]["dataFile"] |= values
    server.files[DATASET] = json.dumps(said).encode()


def test_every_file_of_the_data_set_comes_as_it_was_deposited(server: PublishedServer, tmp_path: Path) -> None:
    files, seen = serve_deposit(server), list[FetchProgress]()
    report = fetch(server, tmp_path / "HAM10000", progress=seen.append)
    assert (report.files, report.fetched, report.already_there, report.failed) == (3, 3, 0, {})
    assert {name: (tmp_path / "HAM10000" / name).read_bytes() for name in files} == files
    assert report.left_out == ["ISIC2018_Task3_Test_GroundTruth.csv"]
    assert (report.version, report.licences) == ("4.0", ["CC BY-NC 4.0"])
    assert report.received == sum(map(len, files.values()))
    shares = [p.share for p in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert sorted(p.name for p in (tmp_path / "HAM10000").iterdir()) == sorted([*files, ".fetched.json", ".fetching"])
    origin = json.loads((tmp_path / "HAM10000" / ".fetched.json").read_text())
    assert origin == {"from": "doi:10.7910/DVN/DBW86T (ham10000)", "version": "4.0", "licence": "CC BY-NC 4.0"}


def test_what_is_there_is_not_fetched_again(server: PublishedServer, tmp_path: Path) -> None:
    serve_deposit(server)
    fetch(server, tmp_path)
    before = len(server.asked)
    report = fetch(server, tmp_path)
    assert (report.fetched, report.already_there, report.received) == (0, 3, 0)
    assert len(server.asked) == before + 1  # the list


def test_files_in_an_object_store_are_fetched_from_there(server: PublishedServer, tmp_path: Path) -> None:
    with published_server() as store:
        files = serve_deposit(server, store)
        store.breaks_off["/11"] = [500]
        report = fetch(server, tmp_path, stores=[store.address])
        assert report.is_complete
        assert {name: (tmp_path / name).read_bytes() for name in files} == files
        assert [one.range for one in store.asked][:2] == [None, "bytes=500-"]


def test_a_store_inside_a_private_network_is_not_asked_and_the_other_files_come(
    server: PublishedServer, tmp_path: Path
) -> None:
    with published_server() as store:
        serve_deposit(server, store)
        report = fetch(server, tmp_path)
        assert store.asked == []
    assert (report.fetched, report.is_complete) == (1, False)
    assert set(report.failed) == {"HAM10000_images_part_1.zip", "HAM10000_images_part_2.zip"}
    assert all("private network" in why for why in report.failed.values())


def test_a_lie_about_a_checksum_costs_that_file_alone(server: PublishedServer, tmp_path: Path) -> None:
    serve_deposit(server)
    change(server, 0, checksum={"type": "SHA-256", "value": "0" * 64})
    report = fetch(server, tmp_path)
    assert report.fetched == 2
    assert "came twice" in report.failed["HAM10000_images_part_1.zip"]
    assert not (tmp_path / "HAM10000_images_part_1.zip").exists()


def test_a_source_that_stays_away_ends_the_run_and_the_next_goes_on(server: PublishedServer, tmp_path: Path) -> None:
    files = serve_deposit(server)
    told: list[str] = []
    server.breaks_off["/api/access/datafile/12"] = [600, *[0] * 5]
    with pytest.raises(SourceAway):
        fetch(server, tmp_path, notice=told.append)
    assert len(told) == 5
    assert told[0].endswith("Trying again in 1\N{NO-BREAK SPACE}s.")
    server.breaks_off.clear()
    report = fetch(server, tmp_path)
    assert (report.fetched, report.already_there, report.resumed) == (2, 1, 1)
    assert report.received == len(files["HAM10000_images_part_2.zip"]) - 600 + len(files["HAM10000_metadata.csv"])


def test_a_busy_dataverse_is_waited_for(server: PublishedServer, tmp_path: Path) -> None:
    serve_deposit(server)
    server.busy[DATASET] = [(503, {"Retry-After": "2"}), (429, {})]
    waited: list[float] = []
    report = fetch_deposit("ham10000", folder=tmp_path, server=server.address, wait=waited.append)
    assert report.is_complete
    assert waited == [2.0, 2.0]


def test_the_test_set_of_the_same_deposit_has_a_folder_of_its_own(server: PublishedServer, tmp_path: Path) -> None:
    serve_deposit(server)
    report = fetch(server, tmp_path / "test", "isic2018-test")
    assert (report.files, report.fetched) == (1, 1)
    fetch(server, tmp_path / "ham")
    with pytest.raises(InvalidInput, match=r"holds what was fetched from .*\(ham10000\): choose another folder"):
        fetch(server, tmp_path / "ham", "isic2018-test")


@pytest.mark.parametrize(
    "name", ["../outside.zip", "HAM10000_/x.zip", "HAM10000_a\nb.zip", "HAM10000_" + "x" * 300, "HAM10000_ham.zip."]
)
def test_a_name_that_leads_elsewhere_is_no_file(server: PublishedServer, tmp_path: Path, name: str) -> None:
    serve_deposit(server)
    change(server, 0, filename=name)
    report = fetch(server, tmp_path / "in")
    assert name in {*report.failed, *report.left_out}
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert report.fetched == 2


def test_restricted_files_and_two_of_one_name_are_said(server: PublishedServer, tmp_path: Path) -> None:
    serve_deposit(server)
    change(server, 0, restricted=True)
    change(server, 1, filename="HAM10000_metadata.CSV")
    report = fetch(server, tmp_path)
    assert "restricted" in report.failed["HAM10000_images_part_1.zip"]
    assert "same name" in report.failed["HAM10000_metadata.csv"]
    assert report.fetched == 1


def test_a_table_of_an_older_dataverse_is_fetched_without_its_size(server: PublishedServer, tmp_path: Path) -> None:
    files = serve_deposit(server)
    change(server, 2, originalFileName=None, originalFileSize=None)
    assert fetch(server, tmp_path).is_complete
    assert (tmp_path / "HAM10000_metadata.csv").read_bytes() == files["HAM10000_metadata.csv"]


def test_a_file_without_a_known_checksum_is_counted(server: PublishedServer, tmp_path: Path) -> None:
    serve_deposit(server)
    change(server, 0, checksum={"type": "UNF", "value": "6:xx"})
    report = fetch(server, tmp_path)
    assert (report.fetched, report.unchecked) == (3, 1)


@pytest.mark.parametrize(
    "said", [b"[]", b'{"data": {}}', b'{"data": {"files": [1]}}', b'{"data": {"files": [{"dataFile": {}}]}}']
)
def test_an_answer_in_another_form_is_said(server: PublishedServer, tmp_path: Path, said: bytes) -> None:
    server.files[DATASET] = said
    with pytest.raises(DownloadFailed, match="in a form that is not known"):
        fetch(server, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_too_little_room_is_said_before_anything_is_fetched(server: PublishedServer, tmp_path: Path) -> None:
    serve_deposit(server)
    change(server, 0, filesize=10**18)
    with pytest.raises(InvalidInput, match=r"free and 1,000,000,000,000.MB have still to come"):
        fetch(server, tmp_path)
    assert len(server.asked) == 1


def test_a_folder_is_fetched_into_by_one_command_at_a_time(server: PublishedServer, tmp_path: Path) -> None:
    serve_deposit(server)

    def second(_: FetchProgress) -> None:
        with pytest.raises(InvalidInput, match="Another command is fetching into"):
            fetch(server, tmp_path)

    assert fetch(server, tmp_path, progress=second).is_complete
