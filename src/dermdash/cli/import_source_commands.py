"""`dermdash import auto` and a command for every format that is read from its files: what is there, then the import."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Json, command_workspace, errors_explained, print_json, progress_bar, say, tell
from dermdash.cli.import_duplicates_command import keep_lists, tell_listed
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.registry import FORMATS, RECOGNISED
from dermdash.wording import counted

if TYPE_CHECKING:
    from dermdash.storage.workspace import Workspace
    from dermdash.workflows.dataset.import_report import ImportReport
    from dermdash.workflows.dataset.import_source import PreparedImport
    from dermdash.workflows.dataset.source_summary import SourceSummary

PATHS_HELP = "Tables, folders and zip files (zip files in them, too), with the images or without."
Paths = Annotated[list[Path], typer.Argument(help=PATHS_HELP)]
Images = Annotated[
    list[Path] | None, typer.Option("--images", help="Folders and zip files of images that are not among the paths.")
]
Masks = Annotated[list[Path] | None, typer.Option("--masks", help="Folders and zip files of lesion masks.")]
FormatKey = Annotated[str | None, typer.Option("--format", help=f"Where several are found: {', '.join(RECOGNISED)}.")]
TaxonomyName = Annotated[
    str | None,
    typer.Option("--taxonomy", help="Of the diagnoses; otherwise that of the format, or that which fits best."),
]
DatasetId = Annotated[str | None, typer.Option("--dataset", help="Id of the data set in the workspace.")]
Name = Annotated[str | None, typer.Option("--name", help="Name of the data set as shown.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what was recognised and what would be imported; store nothing.")
]
Update = Annotated[
    bool, typer.Option("--update", help="Let rows whose records are there correct them; each change is logged.")
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="Processes that prepare images; one per core when not given.")
]
Exclusions = Annotated[
    Path | None, typer.Option("--exclusions", help="Write everything that was left out, and why, to this CSV.")
]
HideNames = Annotated[
    bool,
    typer.Option(
        "--pseudonyms",
        help="Store patients, lesions and examiners under keyed pseudonyms, dates moved per patient, and no further "
        "columns.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing: of several formats take the one with the most rows.")]
INTERRUPTED = "Interrupted. What was imported is kept; run the same command again to finish."
_SHOWN = 8
Tell = Callable[["ImportReport", str, Path | None], None]


def register(app: typer.Typer, tell_report: Tell) -> None:
    """Add the commands; ``tell_report`` prints what an import did."""

    def auto(
        paths: Paths,
        images: Images = None,
        masks: Masks = None,
        asked: FormatKey = None,
        taxonomy: TaxonomyName = None,
        dataset: DatasetId = None,
        name: Name = None,
        dry_run: DryRun = False,
        yes: Yes = False,
        update: Update = False,
        workers: Workers = None,
        exclusions: Exclusions = None,
        pseudonyms: HideNames = False,
        as_json: Json = False,
    ) -> None:
        _import(
            tell_report, paths, images, masks, asked, taxonomy, dataset, name, dry_run, yes, update, workers,
            exclusions, pseudonyms, as_json,
        )  # fmt: skip

    app.command("auto", help="Import whatever is there: say what it was recognised as and would bring, then do it.")(
        auto
    )
    for form in FORMATS.values():
        if not form.own_reader:
            _register_format(app, form, tell_report)


def _register_format(app: typer.Typer, form: DatasetFormat, tell_report: Tell) -> None:
    PathsOfFormat = Annotated[list[Path], typer.Argument(help=f"{form.table}; {PATHS_HELP}")]  # noqa: N806  a type

    def of_format(
        paths: PathsOfFormat,
        images: Images = None,
        masks: Masks = None,
        taxonomy: TaxonomyName = None,
        dataset: DatasetId = None,
        name: Name = None,
        dry_run: DryRun = False,
        update: Update = False,
        workers: Workers = None,
        exclusions: Exclusions = None,
        pseudonyms: HideNames = False,
        as_json: Json = False,
    ) -> None:
        _import(
            tell_report, paths, images, masks, form.key, taxonomy, dataset, name, dry_run, True, update, workers,
            exclusions, pseudonyms, as_json,
        )  # fmt: skip

    app.command(form.key, help=form.description)(of_format)


def _import(
    tell_report: Tell,
    paths: list[Path],
    images: list[Path] | None,
    masks: list[Path] | None,
    asked: str | None,
    taxonomy: str | None,
    dataset: str | None,
    name: str | None,
    dry_run: bool,
    yes: bool,
    update: bool,
    workers: int | None,
    exclusions: Path | None,
    pseudonyms: bool,
    as_json: bool,
) -> None:
    with _workspace(dry_run) as workspace:
        from dermdash.workflows.dataset.import_source import prepare_import

        prepared = prepare_import(
            paths, asked=asked, images=images or (), taxonomy=taxonomy, dataset_id=dataset, workspace=workspace
        )
        if not (as_json and not dry_run):
            _show(prepared, as_json)
        if dry_run:
            return
        assert workspace is not None
        _ask(prepared.summary, yes)
        report, dataset_name = _store(workspace, prepared, masks or [], name, update, workers, exclusions, pseudonyms)
        listed = keep_lists(workspace, prepared.source.pairs, report.dataset)
    if as_json:
        said = {"recognised": prepared.summary.to_json(), "listed": [one.to_json() for one in listed]}
        print_json(report.to_json() | said)
    else:
        tell_report(report, dataset_name, exclusions)
        for one in listed:
            tell_listed(one)
    from dermdash.workflows.dataset.import_log import why_nothing_came_in

    if (nothing := why_nothing_came_in(report)) is not None:
        say(f"Error: {nothing}")
        raise typer.Exit(1)


@contextmanager
def _workspace(dry_run: bool) -> Iterator["Workspace | None"]:
    """The workspace; of a dry run only where there is one that nobody holds, as nothing is stored in it."""
    if not dry_run:
        with command_workspace(INTERRUPTED) as workspace:
            yield workspace
        return
    from dermdash.errors import OutOfReach
    from dermdash.settings import Settings
    from dermdash.storage.workspace import open_workspace

    with errors_explained(INTERRUPTED):
        settings = Settings()
        opened = None
        if settings.database_url or (settings.home / "dermdash.duckdb").exists():
            try:
                opened = open_workspace(settings)
            except OutOfReach:
                say("Note: the workspace is in use, so what it holds was not looked at.")
        try:
            yield opened
        finally:
            if opened is not None:
                opened.close()


def _store(
    workspace: "Workspace",
    prepared: "PreparedImport",
    masks: list[Path],
    name: str | None,
    update: bool,
    workers: int | None,
    exclusions: Path | None,
    pseudonyms: bool,
) -> tuple["ImportReport", str]:
    from dermdash.records.safe_csv import to_safe_csv
    from dermdash.workflows.accounts.access import OPERATOR
    from dermdash.workflows.dataset import browse_records
    from dermdash.workflows.dataset.import_log import left_out_by
    from dermdash.workflows.dataset.import_source import import_prepared
    from dermdash.workflows.write_output import write_output

    with progress_bar("Importing", unit="images") as advance:
        report = import_prepared(
            workspace,
            prepared,
            masks=masks,
            name=name,
            update=update,
            workers=workers,
            progress=lambda p: advance(p.done, p.total, ""),
            imported_by=OPERATOR.id,
            pseudonyms=pseudonyms,
        )
    if exclusions is not None:
        write_output(exclusions, to_safe_csv(left_out_by(report)))
    return report, browse_records.dataset_name(workspace, report.dataset)


def _ask(summary: "SourceSummary", yes: bool) -> None:
    """Where more than one format was found, which of them is meant is for a person to say."""
    if not summary.also or yes:
        return
    from dermdash.errors import InvalidInput

    others = ", ".join(summary.also)
    if not sys.stdin.isatty():
        raise InvalidInput(
            f"{summary.title} and {others} were found: --format names the one that is meant, --yes takes "
            f"{summary.format}"
        )
    if not typer.confirm(f"Import {summary.title} and leave {others} for another time?", err=True):
        raise typer.Exit(1)


def _show(prepared: "PreparedImport", as_json: bool) -> None:
    summary = prepared.summary
    if as_json:
        print_json(summary.to_json())
        return
    from dermdash.workflows.dataset.import_log import reason_words

    tell(f"Recognised as {summary.title} ({summary.format}): {', '.join(summary.files) or 'a list of duplicates'}")
    for key, files in summary.also.items():
        tell(f"  also there: {FORMATS[key].title} ({key}): {', '.join(files)}")
    tell(f"  {'rows':<15}  {summary.rows:>8,}")
    if summary.images != summary.with_record:
        tell(f"  {'images':<15}  {summary.images:>8,}")
    tell(f"  {'with a label':<15}  {summary.with_label:>8,}  {summary.with_class:,} in a class of {summary.taxonomy}")
    for left_out, words in ((summary.excluded, "rows left out"), (summary.excluded_images, "images left out")):
        for reason, count in left_out.items():
            tell(f"  {words:<15}  {count:>8,}  {reason_words(reason)}")
    if summary.pairs:
        tell(f"  {'known pairs':<15}  {summary.pairs:>8,}")
    if summary.fields:
        tell("  fields: " + ", ".join(f"{name} {n:,}" for name, n in summary.fields.items()))
    if summary.further:
        tell("  kept as text: " + _some(summary.further))
    for note in summary.notes[:_SHOWN]:
        tell(f"  note: {note}")
    if len(summary.notes) > _SHOWN:
        tell(f"  and {counted(len(summary.notes) - _SHOWN, 'more note')}")
    if summary.value_notes:
        tell(f"  {counted(summary.value_notes, 'value')} could not be used; the import lists each")
    for name, why in summary.not_used[:_SHOWN]:
        tell(f"  not used: {name} ({why})")
    if summary.lacks:
        tell(f"  lacks: {', '.join(summary.lacks)}; without it nothing can be imported")
    if summary.caution:
        tell(f"  {summary.caution}")


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
