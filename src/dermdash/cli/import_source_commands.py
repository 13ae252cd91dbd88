"""`dermdash import auto` and a command for every format that is read from its files: what is there, then the import."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import Json, command_workspace, errors_explained, print_json, progress_bar, say
from dermdash.cli.import_duplicates_command import keep_lists, tell_listed
from dermdash.cli.import_source_words import show_prepared, write_left_out, write_problems
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.registry import FORMATS, RECOGNISED

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
MappingName = Annotated[
    str | None,
    typer.Option("--mapping", help="How the table is read: a YAML file (`dermdash import mapping` writes one), or the "
                 "name of a mapping of the workspace."),
]  # fmt: skip
Encoding = Annotated[
    str | None, typer.Option("--encoding", help="Of tables (utf-8, cp1251, koi8-r, cp866 ...); found out otherwise.")
]
Problems = Annotated[
    Path | None,
    typer.Option(
        "--problems", help="Write every value that cannot be used (table, row, column, value, why) to this CSV."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing: of several formats take the one with the most rows.")]
HideNames = Annotated[
    bool,
    typer.Option(
        "--pseudonyms",
        help="Store patients, lesions and examiners under keyed pseudonyms, dates moved per patient, and no further "
        "columns.",
    ),
]
INTERRUPTED = "Interrupted. What was imported is kept; run the same command again to finish."
Tell = Callable[["ImportReport", str, Path | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a command of this module was asked for."""

    paths: list[Path]
    images: list[Path]
    masks: list[Path]
    asked: str | None
    taxonomy: str | None
    dataset: str | None
    name: str | None
    dry_run: bool
    yes: bool
    update: bool
    workers: int | None
    exclusions: Path | None
    as_json: bool
    mapping: str | None = None
    encoding: str | None = None
    problems: Path | None = None
    pseudonyms: bool = False


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
        as_json: Json = False,
        mapping: MappingName = None,
        encoding: Encoding = None,
        problems: Problems = None,
        pseudonyms: HideNames = False,
    ) -> None:
        _import(
            tell_report,
            _Wish(
                paths=paths, images=images or [], masks=masks or [], asked=asked, taxonomy=taxonomy, dataset=dataset,
                name=name, dry_run=dry_run, yes=yes, update=update, workers=workers, exclusions=exclusions,
                as_json=as_json, mapping=mapping, encoding=encoding, problems=problems, pseudonyms=pseudonyms,
            ),
        )  # fmt: skip

    app.command("auto", help="Import whatever is there: say what it was recognised as and would bring, then do it.")(
        auto
    )
    for form in FORMATS.values():
        if form.proposed:
            _register_proposed(app, form, tell_report)
        elif not form.own_reader:
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
        as_json: Json = False,
        pseudonyms: HideNames = False,
    ) -> None:
        _import(
            tell_report,
            _Wish(
                paths=paths, images=images or [], masks=masks or [], asked=form.key, taxonomy=taxonomy, dataset=dataset,
                name=name, dry_run=dry_run, yes=True, update=update, workers=workers, exclusions=exclusions,
                as_json=as_json, pseudonyms=pseudonyms,
            ),
        )  # fmt: skip

    app.command(form.key, help=form.description)(of_format)


def _register_proposed(app: typer.Typer, form: DatasetFormat, tell_report: Tell) -> None:
    PathsOfFormat = Annotated[list[Path], typer.Argument(help=f"{form.table}; {PATHS_HELP}")]  # noqa: N806  a type

    def of_table(
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
        as_json: Json = False,
        mapping: MappingName = None,
        encoding: Encoding = None,
        problems: Problems = None,
        pseudonyms: HideNames = False,
    ) -> None:
        _import(
            tell_report,
            _Wish(
                paths=paths, images=images or [], masks=masks or [], asked=form.key, taxonomy=taxonomy, dataset=dataset,
                name=name, dry_run=dry_run, yes=True, update=update, workers=workers, exclusions=exclusions,
                as_json=as_json, mapping=mapping, encoding=encoding, problems=problems, pseudonyms=pseudonyms,
            ),
        )  # fmt: skip

    app.command(form.key, help=form.description)(of_table)


def _import(tell_report: Tell, wish: _Wish) -> None:
    with _workspace(wish.dry_run) as workspace:
        from dermdash.settings import Settings
        from dermdash.workflows.dataset.import_source import prepare_import
        from dermdash.workflows.dataset.saved_mappings import find_mapping

        prepared = prepare_import(
            wish.paths, asked=wish.asked, images=wish.images, taxonomy=wish.taxonomy, dataset_id=wish.dataset,
            workspace=workspace, mapping=find_mapping(Settings().home, wish.mapping) if wish.mapping else None,
            encoding=wish.encoding,
        )  # fmt: skip
        listed_problems = list(prepared.problems()) if wish.mapping or wish.problems else None
        if not (wish.as_json and not wish.dry_run):
            show_prepared(prepared, wish.as_json, listed_problems)
        if wish.problems is not None:
            write_problems(wish.problems, listed_problems or [])
        if wish.dry_run:
            if wish.exclusions is not None:
                write_left_out(wish.exclusions, prepared)
            return
        assert workspace is not None
        _ask(prepared.summary, wish.yes)
        report, dataset_name = _store(workspace, prepared, wish)
        listed = keep_lists(workspace, prepared.source.pairs, report.dataset)
    if wish.as_json:
        said = {"recognised": prepared.summary.to_json(), "listed": [one.to_json() for one in listed]}
        print_json(report.to_json() | said)
    else:
        tell_report(report, dataset_name, wish.exclusions)
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
    wish: _Wish,
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
            masks=wish.masks,
            name=wish.name,
            update=wish.update,
            workers=wish.workers,
            pseudonyms=wish.pseudonyms,
            progress=lambda p: advance(p.done, p.total, ""),
            imported_by=OPERATOR.id,
        )
    if wish.exclusions is not None:
        write_output(wish.exclusions, to_safe_csv(left_out_by(report)))
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
