"""`dermdash import`: rows and images into the workspace."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli import import_readings_command
from dermdash.cli.console import Json, command_workspace, print_json, progress_bar, say, tell
from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.registry import FORMATS
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, TAXONOMIES
from dermdash.wording import counted, duration, number

if TYPE_CHECKING:
    from dermdash.workflows.dataset.import_dataset import ImportReport

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
HideNames = Annotated[
    bool,
    typer.Option(
        "--pseudonyms",
        help="Store patients, lesions and examiners under keyed pseudonyms, and dates moved per patient.",
    ),
]
import_readings_command.register(app)
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
        exclusions: Exclusions = None,
        pseudonyms: HideNames = False,
        as_json: Json = False,
    ) -> None:
        _import(form, None, metadata, images, masks, dataset, name, exclusions, as_json, pseudonyms)

    def of_any_taxonomy(
        metadata: Metadata,
        images: Images,
        masks: Masks = None,
        taxonomy: TaxonomyOption = DEFAULT_TAXONOMY,
        dataset: DatasetId = None,
        name: Name = None,
        exclusions: Exclusions = None,
        pseudonyms: HideNames = False,
        as_json: Json = False,
    ) -> None:
        _import(form, taxonomy, metadata, images, masks, dataset, name, exclusions, as_json, pseudonyms)

    app.command(form.key, help=form.description)(of_any_taxonomy if form.taxonomy is None else of_one_taxonomy)


for _form in FORMATS.values():
    _register(_form)


def _import(
    form: DatasetFormat,
    taxonomy: str | None,
    metadata: Path,
    images: list[Path],
    masks: list[Path] | None,
    dataset: str | None,
    name: str | None,
    exclusions: Path | None,
    as_json: bool,
    pseudonyms: bool,
) -> None:
    with command_workspace(_INTERRUPTED) as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.dataset import browse_records
        from dermdash.workflows.dataset.import_dataset import import_dataset
        from dermdash.workflows.dataset.import_log import exclusions_csv, why_nothing_came_in
        from dermdash.workflows.write_output import write_output

        with progress_bar("Importing", unit="images") as advance:
            report = import_dataset(
                workspace,
                adapter=form.key,
                taxonomy=taxonomy,
                metadata=metadata,
                images=images,
                masks=masks or (),
                dataset_id=dataset,
                name=name,
                progress=lambda p: advance(p.done, p.total, ""),
                imported_by=OPERATOR.id,
                pseudonyms=pseudonyms,
            )
        if exclusions is not None:
            write_output(exclusions, exclusions_csv(workspace, report.run_id))
        dataset_name = browse_records.dataset_name(workspace, report.dataset)
    if as_json:
        print_json(report.to_json())
    else:
        _print_summary(report, dataset_name, exclusions)
    if (nothing := why_nothing_came_in(report)) is not None:
        say(f"Error: {nothing}")
        raise typer.Exit(1)


def _print_summary(report: "ImportReport", dataset_name: str, exclusions: Path | None) -> None:
    from dermdash.workflows.dataset.import_log import reason_words

    rate = f" ({number(report.imported / report.seconds, 0)} images/s)" if report.imported and report.seconds else ""
    tell(
        f"Data set {dataset_name} (id {report.dataset}): {counted(report.rows, 'row')} read in "
        f"{duration(report.seconds)}"
    )
    tell(f"  imported         {report.imported:>8,}{rate}")
    if report.already_present:
        tell(f"  already present  {report.already_present:>8,}")
    if report.masks:
        tell(f"  masks            {report.masks:>8,}")
    for reason, count in report.excluded.items():
        tell(f"  left out         {count:>8,}  {reason_words(reason)}")
    for _, note in report.notes[:5]:
        tell(f"  note: {note}")
    if len(report.notes) > 5:
        tell(f"  and {counted(len(report.notes) - 5, 'more note')}")
    if exclusions is not None:
        say(f"Everything left out is listed in {exclusions}.")
    elif report.excluded or report.notes:
        say("The full list is on the app's Import page; --exclusions FILE.csv writes it.")
