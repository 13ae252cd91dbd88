"""`dermdash import`: rows and images into the workspace."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli import (
    import_duplicates_command,
    import_mapping_command,
    import_readings_command,
    import_source_commands,
)
from dermdash.cli.console import command_workspace, print_json, progress_bar, say, tell
from dermdash.cli.import_options import INTERRUPTED, ImportWish, import_command, parameter_of
from dermdash.cli.import_source_commands import run_import
from dermdash.cli.import_source_words import write_lists, write_problems
from dermdash.dataset.contradictions import title_of as contradiction_title
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.registry import FORMATS
from dermdash.dataset.source_records import ExclusionReason
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, TAXONOMIES
from dermdash.wording import counted, duration, form, number

if TYPE_CHECKING:
    from dermdash.workflows.dataset.import_report import ImportReport

app = typer.Typer(
    no_args_is_help=True, help="Import a data set (a metadata table and its images) or the log of a reader study."
)

import_readings_command.register(app)
import_duplicates_command.register(app)
import_mapping_command.register(app)
_SHOWN = 5
_IMAGES = "Folders and archives of images; several may follow one --images. A dry run may go without."


def _register(form: DatasetFormat) -> None:
    """Make the command of a format whose table and images are named apart."""
    metadata = parameter_of("metadata", Annotated[Path, typer.Option(*form.flags, help=f"{form.table}.")])
    images = parameter_of("images", Annotated[list[Path] | None, typer.Option("--images", help=_IMAGES)], None)
    instead = {"metadata": metadata, "images": images}
    if form.taxonomy is None:
        known = f"Of the diagnoses: {', '.join(TAXONOMIES)}; {DEFAULT_TAXONOMY} when not given."
        kind = Annotated[str | None, typer.Option("--taxonomy", help=known)]
        instead["taxonomy"] = parameter_of("taxonomy", kind, None)
    without = ("paths", "asked", "yes", *(() if form.taxonomy is None else ("taxonomy",)))
    command = import_command(lambda wish: _import(form, wish), name=form.key, without=without, **instead)
    app.command(form.key, help=form.description)(command)


for _form in FORMATS.values():
    if _form.own_reader:
        _register(_form)


def _import(form: DatasetFormat, wish: ImportWish) -> None:
    if wish.mapping is not None:
        run_import(_print_summary, replace(wish, asked=form.key, yes=True))
        return
    (metadata,) = wish.paths
    taxonomy = wish.taxonomy or (None if form.taxonomy else DEFAULT_TAXONOMY)
    with command_workspace(INTERRUPTED) as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.dataset import browse_records
        from dermdash.workflows.dataset.import_dataset import import_dataset, problems_of_table, taxonomy_of
        from dermdash.workflows.dataset.import_log import why_nothing_came_in

        if not wish.images and not wish.dry_run:
            raise InvalidInput("no images were named: give their folders or archives by --images")
        with progress_bar("Importing", unit="images") as advance:
            report = import_dataset(
                workspace,
                adapter=form.key,
                metadata=metadata,
                images=wish.images or (),
                masks=wish.masks or (),
                taxonomy=taxonomy,
                dataset_id=wish.dataset,
                name=wish.name,
                encoding=wish.encoding,
                update=wish.update,
                dry_run=wish.dry_run,
                workers=wish.workers,
                pseudonyms=wish.pseudonyms,
                progress=lambda p: advance(p.done, p.total, ""),
                imported_by=OPERATOR.id,
            )
        write_lists(report, wish)
        if wish.problems is not None:
            classes = taxonomy_of(workspace, form, report.dataset, taxonomy)
            write_problems(wish.problems, list(problems_of_table(form, metadata, classes, encoding=wish.encoding)))
        dataset_name = browse_records.dataset_name(workspace, report.dataset)
    if wish.as_json:
        filled = report.filled
        said = {} if filled is None else {"with_label": filled.with_label, "fields": filled.fields}
        print_json(report.to_json() | ({"format": form.key, **said} if report.dry_run else {}))
    else:
        _print_summary(report, dataset_name, wish.exclusions)
        if form.taxonomy is None and str(ExclusionReason.UNKNOWN_DIAGNOSIS) in report.excluded:
            say(
                f"Rows were left out whose diagnosis has no class in {taxonomy}: --taxonomy names another one, and "
                "`dermdash import auto` finds the one that fits and keeps what has no class."
            )
    if (nothing := why_nothing_came_in(report)) is not None:
        say(f"Error: {nothing}")
        raise typer.Exit(1)


def _print_summary(report: "ImportReport", dataset_name: str, exclusions: Path | None) -> None:
    from dermdash.workflows.dataset.import_log import difference_words, reason_words

    stored = not report.dry_run and report.imported and report.seconds
    rate = f" ({number(report.imported / report.seconds, 0)} images/s)" if stored else ""
    tell(
        f"Data set {dataset_name} (id {report.dataset}): {counted(report.rows, 'row')} read in "
        f"{duration(report.seconds)}"
    )
    tell(f"  {'would import' if report.dry_run else 'imported':<15}  {report.imported:>8,}{rate}")
    for words, count in (
        ("already present", report.already_present), ("changed", report.changed), ("of them updated", report.updated),
        ("masks", report.masks), ("files restored", report.restored),
    ):  # fmt: skip
        if count:
            tell(f"  {words:<15}  {count:>8,}")
    for left_out, words in ((report.excluded, "left out"), (report.files_left_out, "files left out")):
        for reason, count in left_out.items():
            tell(f"  {words:<15}  {count:>8,}  {reason_words(reason)}")
    for kind, count in report.contradictions.items():
        tell(f"  {'contradictions':<15}  {count:>8,}  {contradiction_title(kind)}")
    for difference in report.changes[:_SHOWN]:
        tell(f"  differs: {difference_words(difference)}")
    if len(report.changes) > _SHOWN:
        tell(f"  and {counted(len(report.changes) - _SHOWN, 'more difference')}")
    for _, note in report.notes[:_SHOWN]:
        tell(f"  note: {note}")
    if len(report.notes) > _SHOWN:
        tell(f"  and {counted(len(report.notes) - _SHOWN, 'more note')}")
    if report.changed > report.updated and not report.dry_run:
        say("Rows that differ changed nothing: --update takes over what they say, but for what people here decided.")
    if report.scored_lower:
        say(
            f"{counted(report.scored_lower, 'row')} now {form(report.scored_lower, 'scores', 'score')} an image 1 or 2 "
            "that is in the data set. Nothing of such a row was taken over, with --update neither: the page "
            "Image quality alone rejects. `dermdash acquisition score FILE` takes such scores there."
        )
    if report.contradictions:
        say("`dermdash findings --kind contradictions` lists what contradicts, with both rows and what to do.")
    if exclusions is not None:
        say(f"Everything left out is listed in {exclusions}.")
    elif report.excluded or report.files_left_out or report.notes:
        say("The full list is on the app's Import page; --exclusions FILE.csv writes it.")


import_source_commands.register(app, _print_summary)
