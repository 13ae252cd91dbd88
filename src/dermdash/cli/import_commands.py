"""`dermdash import`: rows and images into the workspace."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dermdash.cli import import_duplicates_command, import_readings_command, import_source_commands
from dermdash.cli.console import Json, command_workspace, print_json, progress_bar, say, tell
from dermdash.cli.import_source_commands import HideNames
from dermdash.dataset.contradictions import title_of as contradiction_title
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.registry import FORMATS
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, TAXONOMIES
from dermdash.wording import counted, duration, number

if TYPE_CHECKING:
    from dermdash.workflows.dataset.import_report import ImportReport

app = typer.Typer(
    no_args_is_help=True, help="Import a data set (a metadata table and its images) or the log of a reader study."
)

Images = Annotated[
    list[Path], typer.Option("--images", help="Folders and zip files of images; several may follow one --images.")
]
Masks = Annotated[
    list[Path] | None, typer.Option("--masks", help="Folders and zip files of lesion masks (PNG, white inside).")
]
DatasetId = Annotated[str | None, typer.Option("--dataset", help="Id of the data set in the workspace.")]
Name = Annotated[str | None, typer.Option("--name", help="Name of the data set as shown.")]
TaxonomyOption = Annotated[str, typer.Option("--taxonomy", help=f"Of the diagnoses: {', '.join(TAXONOMIES)}.")]
Exclusions = Annotated[
    Path | None, typer.Option("--exclusions", help="Write everything that was left out, and why, to this CSV.")
]
Changes = Annotated[
    Path | None, typer.Option("--changes", help="Write what rows that came again say otherwise to this CSV.")
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", help="Of the table (utf-8, cp1251, koi8-r, cp866 ...); found out otherwise.")
]
Update = Annotated[
    bool, typer.Option("--update", help="Let rows whose records are there correct them; each change is logged.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Store nothing and read no image; say what would be done.")]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, help="Processes that prepare images; one per core when not given.")
]
import_readings_command.register(app)
import_duplicates_command.register(app)
_SHOWN = 5
_INTERRUPTED = "Interrupted. What was imported is kept; run the same command again to finish."


def _register(form: DatasetFormat) -> None:
    """Make the command of one format: its table, and the taxonomy where the format leaves it open."""
    Metadata = Annotated[Path, typer.Option(*form.flags, help=f"{form.table}.")]  # noqa: N806  a type

    def of_one_taxonomy(
        metadata: Metadata,
        images: Images,
        masks: Masks = None,
        dataset: DatasetId = None,
        name: Name = None,
        encoding: Encoding = None,
        update: Update = False,
        dry_run: DryRun = False,
        workers: Workers = None,
        exclusions: Exclusions = None,
        changes: Changes = None,
        pseudonyms: HideNames = False,
        as_json: Json = False,
    ) -> None:
        how = {"encoding": encoding, "update": update, "dry_run": dry_run, "workers": workers, "pseudonyms": pseudonyms}
        named = {"masks": masks or (), "dataset_id": dataset, "name": name}
        _import(form, metadata, images, exclusions, changes, as_json, **how, **named)

    def of_any_taxonomy(
        metadata: Metadata,
        images: Images,
        masks: Masks = None,
        taxonomy: TaxonomyOption = DEFAULT_TAXONOMY,
        dataset: DatasetId = None,
        name: Name = None,
        encoding: Encoding = None,
        update: Update = False,
        dry_run: DryRun = False,
        workers: Workers = None,
        exclusions: Exclusions = None,
        changes: Changes = None,
        pseudonyms: HideNames = False,
        as_json: Json = False,
    ) -> None:
        how = {"encoding": encoding, "update": update, "dry_run": dry_run, "workers": workers, "pseudonyms": pseudonyms}
        named = {"masks": masks or (), "dataset_id": dataset, "name": name, "taxonomy": taxonomy}
        _import(form, metadata, images, exclusions, changes, as_json, **how, **named)

    app.command(form.key, help=form.description)(of_any_taxonomy if form.taxonomy is None else of_one_taxonomy)


for _form in FORMATS.values():
    if _form.own_reader:
        _register(_form)


def _import(
    form: DatasetFormat,
    metadata: Path,
    images: list[Path],
    exclusions: Path | None,
    changes: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    with command_workspace(_INTERRUPTED) as workspace:
        from dermdash.records.safe_csv import to_safe_csv
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.dataset import browse_records
        from dermdash.workflows.dataset.import_dataset import import_dataset
        from dermdash.workflows.dataset.import_log import changes_by, left_out_by, why_nothing_came_in
        from dermdash.workflows.write_output import write_output

        with progress_bar("Importing", unit="images") as advance:
            report = import_dataset(
                workspace,
                adapter=form.key,
                metadata=metadata,
                images=images,
                progress=lambda p: advance(p.done, p.total, ""),
                imported_by=OPERATOR.id,
                **options,
            )
        if exclusions is not None:
            write_output(exclusions, to_safe_csv(left_out_by(report)))
        if changes is not None:
            write_output(changes, to_safe_csv(changes_by(report)))
        dataset_name = browse_records.dataset_name(workspace, report.dataset)
    if as_json:
        print_json(report.to_json())
    else:
        _print_summary(report, dataset_name, exclusions)
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
    if report.contradictions:
        say("`dermdash findings --kind contradictions` lists what contradicts, with both rows and what to do.")
    if exclusions is not None:
        say(f"Everything left out is listed in {exclusions}.")
    elif report.excluded or report.files_left_out or report.notes:
        say("The full list is on the app's Import page; --exclusions FILE.csv writes it.")


import_source_commands.register(app, _print_summary)
