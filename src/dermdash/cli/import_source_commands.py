"""`dermdash import auto` and a command for every format that is read from its files: what is there, then the import."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.console import command_workspace, errors_explained, print_json, progress_bar, say
from dermdash.cli.import_duplicates_command import keep_lists, tell_listed
from dermdash.cli.import_options import INTERRUPTED, PATHS_HELP, ImportWish, import_command, parameter_of
from dermdash.cli.import_source_words import (
    prepared_json,
    show_prepared,
    write_changes,
    write_left_out,
    write_lists,
    write_problems,
)
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.registry import FORMATS

if TYPE_CHECKING:
    from dermdash.dataset.formats.mapped_source import CellProblem
    from dermdash.storage.workspace import Workspace
    from dermdash.workflows.dataset.import_report import ImportReport
    from dermdash.workflows.dataset.import_source import PreparedImport
    from dermdash.workflows.dataset.source_summary import SourceSummary

Tell = Callable[["ImportReport", str, Path | None], None]


def register(app: typer.Typer, tell_report: Tell) -> None:
    """Add the commands; ``tell_report`` prints what an import did."""
    auto = import_command(lambda wish: run_import(tell_report, wish), name="auto")
    app.command("auto", help="Import whatever is there: say what it was recognised as and would bring, then do it.")(
        auto
    )
    for form in FORMATS.values():
        if not form.own_reader:
            _register_format(app, form, tell_report)


def _register_format(app: typer.Typer, form: DatasetFormat, tell_report: Tell) -> None:
    paths = Annotated[list[Path], typer.Argument(help=f"{form.table}; {PATHS_HELP}")]
    command = import_command(
        lambda wish: run_import(tell_report, replace(wish, asked=form.key, yes=True)),
        name=form.key, without=("asked", "yes"), paths=parameter_of("paths", paths),
    )  # fmt: skip
    app.command(form.key, help=form.description)(command)


def run_import(tell_report: Tell, wish: ImportWish) -> None:
    """Say what is there, and import it."""
    with _workspace(wish.dry_run) as workspace:
        prepared = _prepared(workspace, wish)
        try:
            listed_problems = list(prepared.problems()) if wish.mapping or wish.problems else None
            if wish.problems is not None:
                write_problems(wish.problems, listed_problems or [])
            if wish.dry_run:
                _foresee(workspace, prepared, wish, listed_problems)
                return
            if not wish.as_json:
                show_prepared(prepared, listed_problems)
            assert workspace is not None
            _ask(prepared.summary, wish.yes)
            report, dataset_name = _store(workspace, prepared, wish)
            listed = keep_lists(workspace, prepared.source.pairs, report.dataset)
        finally:
            prepared.close()
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


def _prepared(workspace: "Workspace | None", wish: ImportWish) -> "PreparedImport":
    from dermdash.settings import Settings
    from dermdash.workflows.dataset.import_source import prepare_import
    from dermdash.workflows.dataset.saved_mappings import find_mapping

    return prepare_import(
        wish.paths, asked=wish.asked, images=wish.images or (), masks=wish.masks or (), taxonomy=wish.taxonomy,
        dataset_id=wish.dataset, workspace=workspace,
        mapping=find_mapping(Settings().home, wish.mapping) if wish.mapping else None, encoding=wish.encoding,
    )  # fmt: skip


def _foresee(
    workspace: "Workspace | None", prepared: "PreparedImport", wish: ImportWish, problems: "list[CellProblem] | None"
) -> None:
    """What an import would do, also to what the workspace has; nothing is stored."""
    from dermdash.workflows.dataset.import_source import foresee_import

    foreseen = None if workspace is None else foresee_import(workspace, prepared, pseudonyms=wish.pseudonyms)
    if wish.as_json:
        print_json(prepared_json(prepared, foreseen, problems))
    else:
        show_prepared(prepared, problems, foreseen)
    if wish.exclusions is not None:
        write_left_out(wish.exclusions, prepared)
    if wish.changes is not None:
        write_changes(wish.changes, foreseen)


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
    wish: ImportWish,
) -> tuple["ImportReport", str]:
    from dermdash.workflows.accounts.access import OPERATOR
    from dermdash.workflows.dataset import browse_records
    from dermdash.workflows.dataset.import_source import import_prepared

    with progress_bar("Importing", unit="images") as advance:
        report = import_prepared(
            workspace,
            prepared,
            name=wish.name,
            update=wish.update,
            workers=wish.workers,
            pseudonyms=wish.pseudonyms,
            progress=lambda p: advance(p.done, p.total, ""),
            imported_by=OPERATOR.id,
        )
    write_lists(report, wish)
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
