"""A collection of the ISIC Archive through version 2 of its API, page by page, as isic-cli asks for it."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from dermdash.downloads.client import DownloadClient
from dermdash.errors import DownloadFailed, InvalidInput
from dermdash.records.csv_table import IMAGE_SUFFIXES
from dermdash.records.safe_csv import escape_cell
from dermdash.whole_files import whole_file

ISIC_ARCHIVE = "https://api.isic-archive.com/api/v2"
_PAGE = 100
_MOST_PAGES = 50_000
_ISIC_ID = re.compile(r"ISIC_\d{7,12}")
_FIRST_COLUMNS = ("isic_id", "attribution", "copyright_license")


@dataclass(frozen=True, slots=True)
class Collection:
    """What the archive calls a collection: its number, name, and DOI where it has one."""

    id: int
    name: str
    doi: str


@dataclass(frozen=True, slots=True)
class ArchivedImage:
    """One image: its file (``url``, ``size`` in bytes, the ending of its name) and its row, column by column."""

    isic_id: str
    url: str
    size: int | None
    suffix: str
    row: Mapping[str, Any]

    @property
    def file_name(self) -> str:
        """Under which name it is kept."""
        return self.isic_id + self.suffix


@dataclass(frozen=True, slots=True)
class Page:
    """Some images of a collection; ``count`` of all of them stands on the first page."""

    images: tuple[ArchivedImage, ...]
    count: int | None


def read_collection(client: DownloadClient, collection: str) -> Collection:
    """What the archive says of a collection.

    Raises
    ------
    InvalidInput
        It is no number of a collection.
    SourceAway, DownloadFailed
        The archive is away, or has no public collection of that number.
    """
    if not (collection.isascii() and collection.isdigit() and len(collection) < 10):
        raise InvalidInput(
            f"{collection!r} is no collection: give its number, which https://www.isic-archive.com shows in the "
            "address of each collection."
        )
    number = int(collection)
    said = client.json(f"{client.reach.base}/collections/{number}/")
    if not isinstance(said, dict) or said.get("id") != number:
        raise DownloadFailed(f"The archive answers about collection {number} in a form that is not known here.")
    return Collection(number, str(said.get("name") or f"Collection {number}"), str(said.get("doi") or ""))


def pages_of(client: DownloadClient, collection: Collection) -> Iterator[Page]:
    """The images of a collection. Every address is made here: of what the archive says of the next page only the query
    is taken.

    Raises
    ------
    SourceAway, DownloadFailed
        The archive stayed away, leads in a circle, or answers in another form than is documented.
    """
    address = f"{client.reach.base}/images/search/"
    query = urlencode({"query": "", "collections": collection.id, "limit": _PAGE})
    asked: set[str] = set()
    while True:
        if query in asked or len(asked) >= _MOST_PAGES:
            raise DownloadFailed("The archive leads from page to page in a circle.")
        asked.add(query)
        said = client.json(f"{address}?{query}")
        results = said.get("results") if isinstance(said, dict) else None
        if not isinstance(said, dict) or not isinstance(results, list):
            raise DownloadFailed("The archive answers with a page of images in a form that is not known here.")
        count = said.get("count")
        yield Page(tuple(map(_image, results)), count if isinstance(count, int) else None)
        following = said.get("next")
        if not following:
            return
        query = urlencode(parse_qsl(urlsplit(str(following)).query, keep_blank_values=True))


def _image(said: Any) -> ArchivedImage:
    isic_id = said.get("isic_id") if isinstance(said, dict) else None
    if not isinstance(isic_id, str) or not _ISIC_ID.fullmatch(isic_id):
        raise DownloadFailed(f"The archive lists an image under {str(isic_id)[:40]!r}, which is no name of one.")
    full = (said.get("files") or {}).get("full") or {}
    url, size = full.get("url"), full.get("size")
    suffix = PurePosixPath(urlsplit(str(url)).path).suffix.lower()
    return ArchivedImage(
        isic_id,
        str(url or ""),
        size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None,
        suffix if suffix in IMAGE_SUFFIXES else ".jpg",
        _row(isic_id, said),
    )


def _row(isic_id: str, said: Mapping[str, Any]) -> dict[str, Any]:
    row = {"isic_id": isic_id} | {name: said.get(name) for name in _FIRST_COLUMNS[1:]}
    metadata = said.get("metadata")
    for part in metadata.values() if isinstance(metadata, dict) else ():
        for name, value in part.items() if isinstance(part, dict) else ():
            row.setdefault(str(name), value)
    return row


def write_metadata(path: Path, rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> None:
    """Write rows as the archive's own export has them: three columns first, the others in the order of their names.

    Raises
    ------
    WorkspaceFull
        The disk is full.
    """
    ordered = [*_FIRST_COLUMNS, *sorted(set(columns) - set(_FIRST_COLUMNS))]
    with whole_file(path) as passing, passing.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([escape_cell(name) for name in ordered])
        for row in rows:
            writer.writerow([_cell(row.get(name)) for name in ordered])


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return escape_cell(json.dumps(value) if isinstance(value, dict | list) else str(value))


def attributions(credits: Sequence[tuple[str, str]]) -> str:
    """Whom to name for the images, and under which licence: one line for each."""
    return "".join(f"{attribution or 'not said'}: {licence or 'not said'}\n" for attribution, licence in credits)
