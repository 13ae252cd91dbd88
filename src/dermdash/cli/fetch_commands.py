"""`dermdash fetch`: published data sets from where they are published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Json, errors_explained, print_json, say, step_lines, tell
from dermdash.dataset.fetch.published_deposits import DEPOSITS, PublishedDeposit
from dermdash.wording import counted, duration, file_size

if TYPE_CHECKING:
    from dermdash.workflows.dataset.fetch_folder import FetchProgress, FetchReport

app = typer.Typer(
    no_args_is_help=True,
    help="Fetch a published data set into a folder, or the rest of it; `dermdash import` then brings it in. Nothing is "
    "fetched without this command.",
)
Folder = Annotated[Path | None, typer.Option("--to", help="Folder to put it into; made when missing.")]
Server = Annotated[str | None, typer.Option("--server", help="Another address that holds the same.")]
Stores = Annotated[
    list[str] | None,
    typer.Option("--store", help="A host of your own network that files may come from, as https://HOST[:PORT]."),
]
_INTERRUPTED = "Interrupted. What has come is kept; run the same command again to go on where it stopped."
_LISTED = 10


def _register(deposit: PublishedDeposit) -> None:
    def fetch(to: Folder = None, server: Server = None, store: Stores = None, as_json: Json = False) -> None:
        def work(progress: Callable[[FetchProgress], None]) -> FetchReport:
            from dermdash.workflows.dataset.fetch_deposit import fetch_deposit

            return fetch_deposit(
                deposit.key, folder=to, server=server, stores=store or (), progress=progress, notice=say
            )

        _run(work, as_json)

    app.command(deposit.key, help=f"{deposit.title}, from {deposit.doi}.")(fetch)


for _deposit in DEPOSITS.values():
    _register(_deposit)


@app.command("isic-archive")
def fetch_from_the_archive(
    collection: Annotated[str, typer.Argument(help="Number of a collection, as in its address in the archive.")],
    to: Folder = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many images.")] = None,
    metadata_only: Annotated[bool, typer.Option("--metadata-only", help="Only the metadata, no image.")] = False,
    server: Server = None,
    store: Stores = None,
    as_json: Json = False,
) -> None:
    """A collection of the ISIC Archive: its public images and their metadata."""

    def work(progress: Callable[[FetchProgress], None]) -> FetchReport:
        from dermdash.workflows.dataset.fetch_collection import fetch_collection

        return fetch_collection(
            collection, folder=to, server=server, stores=store or (), limit=limit, metadata_only=metadata_only,
            progress=progress, notice=say,
        )  # fmt: skip

    _run(work, as_json)


def _run(work: Callable[[Callable[[FetchProgress], None]], FetchReport], as_json: bool) -> None:
    with errors_explained(_INTERRUPTED), step_lines("Fetching") as step:
        report = work(lambda p: step(p.words, p.share))
    if as_json:
        print_json(report.to_json())
    else:
        _print_summary(report)
    if not report.is_complete:
        say(
            f"Error: {counted(len(report.failed), 'file')} of {report.files:,} did not come. What came is kept; run "
            "the same command again to fetch the rest."
        )
        raise typer.Exit(1)


def _print_summary(report: FetchReport) -> None:
    about = ", ".join(part for part in (report.doi, report.version and f"version {report.version}") if part)
    tell(f"{report.title}{f' ({about})' if about else ''}")
    tell(f"  fetched          {report.fetched:>8,}  {file_size(report.received)} in {duration(report.seconds)}")
    if report.resumed:
        tell(f"  gone on with     {report.resumed:>8,}  where an earlier run broke off")
    if report.already_there:
        tell(f"  already there    {report.already_there:>8,}")
    if report.left_out:
        tell(f"  not part of it   {len(report.left_out):>8,}  {', '.join(report.left_out[:_LISTED])}")
    if report.unchecked:
        tell(f"  no checksum      {report.unchecked:>8,}  is published for these")
    for name, reason in list(report.failed.items())[:_LISTED]:
        tell(f"  failed           {name}: {reason}")
    if len(report.failed) > _LISTED:
        tell(f"  and {counted(len(report.failed) - _LISTED, 'more', 'more')}; --json lists all")
    for note in report.notes:
        tell(f"  note: {note}")
    tell(f"  licence          {', '.join(report.licences) or 'not said by the source'}")
    say(f"It lies in {report.folder}. Bring it in with: dermdash import auto {report.folder}")
