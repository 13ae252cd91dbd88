"""Fetch a data set that lies in a deposit of a Dataverse, file by file."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dermdash.dataset.fetch.dataverse import Deposit, DepositedFile, read_deposit
from dermdash.dataset.fetch.published_deposits import DEPOSITS, PublishedDeposit
from dermdash.downloads.client import DownloadClient
from dermdash.downloads.one_file import WantedFile, fetch_file, is_whole, partial_bytes
from dermdash.downloads.reach import Reach
from dermdash.errors import DownloadFailed, SourceAway
from dermdash.workflows.dataset.fetch_folder import FetchProgress, FetchReport, opened_folder, require_room

_UNKNOWN_SIZE = 1_000_000
"""What a file of unknown size counts for in the progress: only tables are such."""


def fetch_deposit(
    key: str,
    *,
    folder: Path | None = None,
    server: str | None = None,
    stores: Sequence[str] = (),
    progress: Callable[[FetchProgress], None] = lambda _: None,
    notice: Callable[[str], None] = lambda _: None,
    wait: Callable[[float], object] | None = None,
) -> FetchReport:
    """Fetch the files of a deposit that belong to a data set, or what is missing of them.

    Parameters
    ----------
    key
        Of `published_deposits.DEPOSITS`.
    folder
        Where to put them; None: a folder here with the name of the data set.
    server
        Another Dataverse that holds the same deposit.
    stores
        Origins (``https://host:port``) it may send on to although they are not in the public internet.
    progress
        Called again and again with bytes.
    notice
        Called with a sentence where it has to wait for the source.
    wait
        Waits so many seconds before another attempt.

    Raises
    ------
    SourceAway
        The Dataverse stayed away; what came is kept.
    DownloadFailed, InvalidInput, WorkspaceFull
        It does not hold the deposit, the folder cannot be used, the disk is full. A single file that is refused or
        damaged raises nothing: it is listed in the report.
    """
    started = time.monotonic()
    deposit = DEPOSITS[key]
    place = folder or Path(deposit.folder)
    with DownloadClient(Reach(server or deposit.server, also=stores), notice=notice, wait=wait) as client:
        found = read_deposit(client, deposit.doi)
        report = _report(deposit, found, place)
        ours = [file for file in found.files if deposit.holds(file.name)]
        if not ours:
            raise DownloadFailed(f"{deposit.doi} holds no file of {deposit.key} any more.")
        identity = {"from": f"{deposit.doi} ({key})", "version": found.version, "licence": found.licence}
        with opened_folder(place, identity):
            _fetch_all(client, place, ours, report, progress)
    report.seconds = time.monotonic() - started
    return report


def _report(deposit: PublishedDeposit, found: Deposit, folder: Path) -> FetchReport:
    return FetchReport(
        source=deposit.key, title=deposit.title, folder=folder, doi=deposit.doi, version=found.version,
        licences=[found.licence] if found.licence else [],
        left_out=[file.name for file in found.files if not deposit.holds(file.name)],
    )  # fmt: skip


def _fetch_all(
    client: DownloadClient,
    folder: Path,
    files: Sequence[DepositedFile],
    report: FetchReport,
    progress: Callable[[FetchProgress], None],
) -> None:
    report.files = len(files)
    report.failed |= {file.name: file.fault for file in files if file.fault}
    wanted = [WantedFile(f.url, folder / f.name, f.size, f.checksum) for f in files if not f.fault]
    report.unchecked = sum(w.checksum is None for w in wanted)
    missing = []
    for want in wanted:
        progress(FetchProgress(f"looking at {want.path.name}", 0, 0))
        try:
            if is_whole(want):
                report.already_there += 1
            else:
                missing.append(want)
        except DownloadFailed as problem:
            report.failed[want.path.name] = str(problem)
    total = sum(_size(want) for want in missing)
    require_room(folder, total - sum(partial_bytes(want) for want in missing))
    done = 0
    for want in missing:
        before = done

        def here(count: int, want: WantedFile = want, before: int = before) -> None:
            progress(FetchProgress(want.path.name, before + min(count, _size(want)), total))

        try:
            came = fetch_file(client, want, progress=here)
        except SourceAway:
            raise
        except DownloadFailed as problem:
            report.failed[want.path.name] = str(problem)
        else:
            report.fetched += 1
            report.received += came.received
            report.resumed += came.resumed_at > 0
        done += _size(want)


def _size(want: WantedFile) -> int:
    return _UNKNOWN_SIZE if want.size is None else want.size
