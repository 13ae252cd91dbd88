"""Fetch a collection of the ISIC Archive: its images, and their rows as the archive's own export has them."""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import IO, Any

from dermdash.dataset.fetch.isic_archive import (
    ISIC_ARCHIVE,
    ArchivedImage,
    attributions,
    pages_of,
    read_collection,
    write_metadata,
)
from dermdash.downloads.client import DownloadClient
from dermdash.downloads.one_file import FetchedFile, WantedFile, fetch_file, is_whole
from dermdash.downloads.reach import Reach
from dermdash.errors import DownloadFailed, SourceAway
from dermdash.whole_files import whole_file
from dermdash.wording import counted
from dermdash.workflows.dataset.fetch_folder import FetchProgress, FetchReport, opened_folder

SOURCE = "isic-archive"
METADATA = "metadata.csv"
ATTRIBUTION = "attribution.txt"
_AT_ONCE = 8
_AWAY_IN_A_ROW = 3
"""Images that stay away one after the other until the archive itself is taken to be away."""
_LARGEST_IMAGE = 256 << 20


def fetch_collection(
    collection: str,
    *,
    folder: Path | None = None,
    server: str | None = None,
    stores: Sequence[str] = (),
    limit: int | None = None,
    metadata_only: bool = False,
    progress: Callable[[FetchProgress], None] = lambda _: None,
    notice: Callable[[str], None] = lambda _: None,
    wait: Callable[[float], object] | None = None,
) -> FetchReport:
    """Fetch the images of a collection that are not there yet, and the metadata of all.

    Parameters
    ----------
    collection
        Its number in the archive.
    folder
        Where to put them; None: ``isic-archive-NUMBER`` here.
    server
        Another address of the archive's API.
    stores
        Origins (``https://host:port``) whose files may be fetched although they are not in the public internet.
    limit
        Only so many images, in the order of the archive.
    metadata_only
        Fetch no image.
    progress
        Called again and again with numbers of images.
    notice
        Called with a sentence where it has to wait for the source.
    wait
        Waits so many seconds before another attempt.

    Raises
    ------
    SourceAway
        The archive stayed away; what came is kept.
    DownloadFailed, InvalidInput, WorkspaceFull
        There is no such public collection, the folder cannot be used, the disk is full. A single image that is refused
        raises nothing: it is listed in the report.
    """
    started = time.monotonic()
    with DownloadClient(Reach(server or ISIC_ARCHIVE, also=stores), notice=notice, wait=wait) as client:
        known = read_collection(client, collection)
        place = folder or Path(f"{SOURCE}-{known.id}")
        report = FetchReport(source=SOURCE, title=known.name, folder=place, doi=known.doi)
        identity = {"from": f"collection {known.id} of the ISIC Archive", "name": known.name, "doi": known.doi}
        with opened_folder(place, identity), tempfile.TemporaryFile("w+", encoding="utf-8", dir=place) as rows:
            run = _Run(client, place, report, rows, progress)
            try:
                run.go(pages_of(client, known), limit, metadata_only)
            except BaseException:
                client.stop()
                raise
            run.write()
    report.seconds = time.monotonic() - started
    return report


class _Run:
    """One fetch under way. Rows wait in a file: a collection may have some hundred thousand."""

    def __init__(
        self,
        client: DownloadClient,
        folder: Path,
        report: FetchReport,
        rows: IO[str],
        progress: Callable[[FetchProgress], None],
    ) -> None:
        self.client, self.folder, self.report, self.progress = client, folder, report, progress
        self._rows = rows
        self._columns: set[str] = set()
        self._credits: Counter[tuple[str, str]] = Counter()
        self._seen: set[str] = set()
        self._count: int | None = None
        self._done = 0
        self._away_in_a_row = 0

    def go(self, pages: Iterator[Any], limit: int | None, metadata_only: bool) -> None:
        """List page after page, and fetch the images of each before the next: their addresses do not live for ever."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for page in pages:
                self._count = page.count if self._count is None else self._count
                once = {image.isic_id: image for image in page.images if image.isic_id not in self._seen}
                images = list(once.values())
                images = images if limit is None else images[: limit - len(self._seen)]
                self._list(images)
                if metadata_only:
                    self._done += len(images)
                else:
                    self._fetch(pool, images)
                self._show()
                if limit is not None and len(self._seen) >= limit:
                    break
        self.report.files = len(self._seen)
        self._say_what_is_missing(limit)

    def _list(self, images: Sequence[ArchivedImage]) -> None:
        for image in images:
            self._seen.add(image.isic_id)
            self._columns.update(image.row)
            self._credits[str(image.row["attribution"] or ""), str(image.row["copyright_license"] or "")] += 1
            self._rows.write(json.dumps(image.row) + "\n")

    def _fetch(self, pool: ThreadPoolExecutor, images: Sequence[ArchivedImage]) -> None:
        coming = {pool.submit(self._one, image): image for image in images}
        try:
            for future in as_completed(coming):
                self._settle(coming[future], future.result)
                self._done += 1
                self._show()
        except BaseException:
            self.client.stop()
            for future in coming:
                future.cancel()
            raise

    def _one(self, image: ArchivedImage) -> FetchedFile | None:
        if not image.url:
            raise DownloadFailed("The archive names no file of it.")
        wanted = WantedFile(image.url, self.folder / image.file_name, image.size, most_bytes=_LARGEST_IMAGE)
        return None if is_whole(wanted) else fetch_file(self.client, wanted)

    def _settle(self, image: ArchivedImage, result: Callable[[], FetchedFile | None]) -> None:
        try:
            came = result()
        except SourceAway as problem:
            self._away_in_a_row += 1
            if self._away_in_a_row >= _AWAY_IN_A_ROW:
                raise
            self.report.failed[image.isic_id] = str(problem)
            return
        except DownloadFailed as problem:
            self.report.failed[image.isic_id] = str(problem)
            return
        self.report.unchecked += image.size is None
        if came is None:
            self.report.already_there += 1
            return
        self._away_in_a_row = 0
        self.report.fetched += 1
        self.report.received += came.received
        self.report.resumed += came.resumed_at > 0

    def _show(self) -> None:
        total = len(self._seen) if self._count is None else self._count
        self.progress(FetchProgress("images", self._done, total))

    def _say_what_is_missing(self, limit: int | None) -> None:
        listed = len(self._seen)
        if limit is not None and self._count is not None and listed < self._count:
            self.report.notes.append(f"Only {listed:,} of {counted(self._count, 'image')} were asked for (--limit).")
        elif self._count is not None and listed != self._count:
            self.report.notes.append(
                f"The archive counts {counted(self._count, 'image')} and lists {listed:,}: some may not be public, or "
                "the collection changed in between."
            )

    def write(self) -> None:
        """Write the rows of all images that were listed, and whom to name for them."""
        self._rows.seek(0)
        write_metadata(self.folder / METADATA, map(json.loads, self._rows), self._columns)
        credits = [credit for credit, _ in self._credits.most_common()]
        with whole_file(self.folder / ATTRIBUTION) as passing:
            passing.write_text(attributions(credits), encoding="utf-8")
        self.report.licences = sorted({licence for _, licence in credits if licence})
