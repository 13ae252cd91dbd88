"""A collection from an ISIC Archive of our own: every page, every image, and the metadata as the archive exports it."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.archives import serve_collection
from tests.published_server import PublishedServer, published_server

from dermdash.errors import DownloadFailed, InvalidInput, SourceAway
from dermdash.workflows.dataset.fetch_collection import fetch_collection
from dermdash.workflows.dataset.fetch_folder import FetchProgress, FetchReport

SEARCH = "/api/v2/images/search/"


@pytest.fixture
def server() -> Iterator[PublishedServer]:
    with published_server() as running:
        yield running


def fetch(server: PublishedServer, folder: Path, collection: str = "212", **options: Any) -> FetchReport:
    return fetch_collection(
        collection, folder=folder, server=f"{server.address}/api/v2", wait=lambda _: None, **options
    )


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "metadata.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_page_is_asked_for_and_every_image_comes(server: PublishedServer, tmp_path: Path) -> None:
    images, seen = serve_collection(server), list[FetchProgress]()
    report = fetch(server, tmp_path, progress=seen.append)
    assert (report.title, report.doi, report.licences) == ("A collection", "10.0000/1", ["CC-BY"])
    assert (report.files, report.fetched, report.failed, report.notes) == (5, 5, {}, [])
    assert {name: (tmp_path / f"{name}.jpg").read_bytes() for name in images} == images
    assert [row["isic_id"] for row in rows(tmp_path)] == list(images)
    assert seen[-1] == FetchProgress("images", 5, 5)
    assert (tmp_path / "attribution.txt").read_text() == "A hospital, and another: CC-BY\n"


def test_the_metadata_has_the_form_of_the_archives_own_export(server: PublishedServer, tmp_path: Path) -> None:
    serve_collection(server)
    fetch(server, tmp_path)
    first, second = rows(tmp_path)[:2]
    assert list(first) == [
        "isic_id", "attribution", "copyright_license", "age_approx", "diagnosis_1", "diagnosis_3",
        "diagnosis_confirm_type", "image_type", "lesion_id", "melanocytic", "patient_id", "pixels_x", "pixels_y", "sex",
    ]  # fmt: skip
    assert (first["age_approx"], second["age_approx"], first["melanocytic"]) == ("", "45", "True")


def test_a_second_run_fetches_only_what_is_missing(server: PublishedServer, tmp_path: Path) -> None:
    images = serve_collection(server)
    fetch(server, tmp_path)
    (tmp_path / "ISIC_3000001.jpg").unlink()
    report = fetch(server, tmp_path)
    assert (report.fetched, report.already_there) == (1, 4)
    assert (tmp_path / "ISIC_3000001.jpg").read_bytes() == images["ISIC_3000001"]


def test_images_that_do_not_come_are_listed_and_the_others_come(server: PublishedServer, tmp_path: Path) -> None:
    serve_collection(server)
    server.busy["/files/ISIC_3000000.jpg"] = [(404, {})]
    server.busy["/files/ISIC_3000002.jpg"] = [(503, {})] * 6
    server.files["/files/ISIC_3000003.jpg"] = b"another length"
    report = fetch(server, tmp_path)
    assert set(report.failed) == {"ISIC_3000000", "ISIC_3000002", "ISIC_3000003"}
    assert (report.fetched, report.is_complete, len(rows(tmp_path))) == (2, False, 5)
    assert fetch(server, tmp_path).fetched == 2


def test_a_broken_connection_is_gone_on_with_while_the_image_is_the_same(
    server: PublishedServer, tmp_path: Path
) -> None:
    images = serve_collection(server, 1)
    server.breaks_off["/files/ISIC_3000000.jpg"] = [700]
    assert fetch(server, tmp_path).is_complete
    assert (tmp_path / "ISIC_3000000.jpg").read_bytes() == images["ISIC_3000000"]
    assert [one.range for one in server.asked if "/files/" in one.path] == [None, "bytes=700-"]


def test_an_archive_that_goes_away_ends_the_run_and_keeps_what_came(server: PublishedServer, tmp_path: Path) -> None:
    serve_collection(server, 9, per_page=3)
    for i in range(3, 9):
        server.busy[f"/files/ISIC_{3_000_000 + i}.jpg"] = [(503, {})] * 6
    with pytest.raises(SourceAway, match="HTTP 503"):
        fetch(server, tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.jpg")) == [f"ISIC_{3_000_000 + i}.jpg" for i in range(3)]
    server.busy.clear()
    assert fetch(server, tmp_path).already_there == 3


def test_of_the_next_page_only_the_query_is_taken(server: PublishedServer, tmp_path: Path) -> None:
    serve_collection(server)
    page = server.answers[SEARCH]
    server.answers[SEARCH] = lambda path: (
        200,
        page(path)[1].replace(server.address.encode() + SEARCH.encode(), b"http://10.0.0.1/"),
    )
    assert fetch(server, tmp_path).fetched == 5


def test_an_image_that_lies_in_a_private_network_is_not_fetched(server: PublishedServer, tmp_path: Path) -> None:
    with published_server() as inner:
        serve_collection(server, 1)
        page = server.answers[SEARCH]
        server.answers[SEARCH] = lambda path: (
            200,
            page(path)[1].replace(f"{server.address}/files".encode(), f"{inner.address}/files".encode()),
        )
        report = fetch(server, tmp_path)
        assert inner.asked == []
    assert "private network" in report.failed["ISIC_3000000"]


def test_pages_in_a_circle_end(server: PublishedServer, tmp_path: Path) -> None:
    serve_collection(server)
    first = server.answers[SEARCH](f"{SEARCH}?collections=212")
    server.answers[SEARCH] = lambda _: first
    with pytest.raises(DownloadFailed, match="in a circle"):
        fetch(server, tmp_path)


def test_an_image_listed_twice_is_one_row_and_a_difference_to_the_count_is_said(
    server: PublishedServer, tmp_path: Path
) -> None:
    serve_collection(server, 4)
    page = server.answers[SEARCH]

    def twice(path: str) -> tuple[int, bytes]:
        status, body = page(path)
        said = json.loads(body)
        said["results"] += said["results"][:1]
        return status, json.dumps(said | {"count": 7}).encode()

    server.answers[SEARCH] = twice
    report = fetch(server, tmp_path)
    assert len(rows(tmp_path)) == report.files == 4
    assert report.notes == [
        "The archive counts 7 images and lists 4: some may not be public, or the collection changed in between."
    ]


def test_a_part_of_a_collection_and_its_metadata_alone(server: PublishedServer, tmp_path: Path) -> None:
    serve_collection(server)
    report = fetch(server, tmp_path / "some", limit=3)
    assert (report.files, report.fetched) == (3, 3)
    assert report.notes == ["Only 3 of 5 images were asked for (--limit)."]
    alone = fetch(server, tmp_path / "alone", metadata_only=True)
    assert (alone.files, alone.fetched, len(rows(tmp_path / "alone"))) == (5, 0, 5)
    assert list((tmp_path / "alone").glob("*.jpg")) == []


@pytest.mark.parametrize("collection", ["ham", "-1", "212/../1", "9999999999", ""])
def test_what_is_no_number_of_a_collection_is_said(server: PublishedServer, tmp_path: Path, collection: str) -> None:
    with pytest.raises(InvalidInput, match="is no collection: give its number"):
        fetch(server, tmp_path, collection)
    assert server.asked == []


def test_a_collection_that_is_not_public_is_said(server: PublishedServer, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="nothing public under that name"):
        fetch(server, tmp_path / "new", "999")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("isic_id", ["../../etc/passwd", "ISIC_1", None, 7])
def test_a_name_that_is_none_of_an_image_ends_the_run(server: PublishedServer, tmp_path: Path, isic_id: object) -> None:
    serve_collection(server, 1)
    said = json.loads(server.answers[SEARCH](f"{SEARCH}?collections=212")[1])
    said["results"][0]["isic_id"] = isic_id
    server.answers[SEARCH] = lambda _: (200, json.dumps(said).encode())
    with pytest.raises(DownloadFailed, match="which is no name of one"):
        fetch(server, tmp_path)


def test_cells_that_a_spreadsheet_would_execute_are_escaped(server: PublishedServer, tmp_path: Path) -> None:
    serve_collection(server, 1)
    said = json.loads(server.answers[SEARCH](f"{SEARCH}?collections=212")[1])
    said["results"][0]["metadata"]["clinical"] |= {"diagnosis_3": "=1+1", "age_approx": None, "list": ["a"]}
    server.answers[SEARCH] = lambda _: (200, json.dumps(said).encode())
    fetch(server, tmp_path)
    (row,) = rows(tmp_path)
    assert (row["diagnosis_3"], row["age_approx"], row["list"]) == ("'=1+1", "", '["a"]')
