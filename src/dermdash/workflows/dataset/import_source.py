"""Import whatever lies under some paths: recognise it, say what would be done, do it."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dermdash.dataset.formats.diagnoses import class_of
from dermdash.dataset.formats.join_check import join_fits
from dermdash.dataset.formats.mapped_source import (
    CellProblem,
    absent_columns,
    cell_problems,
    join_problems,
    mapped_source,
)
from dermdash.dataset.formats.mapping import TableMapping
from dermdash.dataset.formats.medmnist_arrays import write_pictures
from dermdash.dataset.formats.recognition import RecognisedSource, recognise_source
from dermdash.dataset.formats.registry import RECOGNISED, get_format
from dermdash.dataset.image_source import ImageSource, close_archives
from dermdash.dataset.import_plan import plan_import
from dermdash.dataset.source_records import Exclusion, SourceTable
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, TAXONOMIES, Taxonomy, get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT
from dermdash.workflows.dataset.import_dataset import agreed_taxonomy, import_table, stored_taxonomy
from dermdash.workflows.dataset.import_report import ImportProgress, ImportReport
from dermdash.workflows.dataset.source_summary import SourceSummary, summarise


@dataclass(frozen=True, slots=True)
class PreparedImport:
    """A source that was recognised and read, and what an import of it would do."""

    source: RecognisedSource
    table: SourceTable
    taxonomy: Taxonomy
    dataset_id: str
    images: tuple[Path, ...]
    summary: SourceSummary
    missing: tuple[Exclusion, ...] = ()
    """Of records for which there is no image file."""

    def problems(self) -> Iterator[CellProblem]:
        """Every cell of which something is lost, table by table and row by row."""
        for named in self.source.tables:
            yield from cell_problems(named, self.taxonomy)
        yield from join_problems(join_fits(self.source.layout, self.source.tables) if self.source.tables else ())


def prepare_import(
    paths: Sequence[Path],
    *,
    asked: str | None = None,
    images: Sequence[Path] = (),
    taxonomy: str | None = None,
    dataset_id: str | None = None,
    workspace: Workspace | None = None,
    mapping: TableMapping | None = None,
    encoding: str | None = None,
) -> PreparedImport:
    """Recognise a source and read its tables; nothing is stored, and no image is read.

    Parameters
    ----------
    paths
        Files, folders and zip files, with the images or without.
    asked
        Key of the format it has to be of; None: of any.
    images
        Further folders and zip files of images.
    taxonomy
        Of its diagnoses; None: that of the format, of the data set in the workspace, or the one that has classes for
        most of them.
    mapping
        How its tables are read; None: as their format says.
    encoding
        Of tables that are text; None: found out.

    Raises
    ------
    InvalidInput
        It is of no known format, of another one than asked for, or its taxonomy is another one.
    """
    form = get_format(asked) if asked else None
    key = (form.alias_of or form.key) if form else None
    if mapping is not None:
        source = mapped_source(paths, mapping, encoding=encoding)
    else:
        source = recognise_source(paths, RECOGNISED, asked=key, encoding=encoding)
    chosen = dataset_id or source.form.dataset_id
    of_dataset = None if workspace is None else stored_taxonomy(workspace, chosen)
    classes = _taxonomy(source, taxonomy, of_dataset)
    table = source.read(classes)
    if mapping is not None:
        table = replace(table, notes=(*absent_columns(source), *table.notes))
    places = tuple(dict.fromkeys((*source.image_places, *images)))
    missing: list[Exclusion] = []
    if places and source.arrays is None:
        found = ImageSource.open(places)
        try:
            if len(found):
                read = set(map(id, table.exclusions))
                missing = [e for e in plan_import(table, found).excluded_rows if id(e) not in read]
        finally:
            found.close()
            close_archives()
    summary = summarise(source, table, classes, chosen, missing)
    return PreparedImport(source, table, classes, chosen, places, summary, tuple(missing))


def import_prepared(
    workspace: Workspace,
    prepared: PreparedImport,
    *,
    masks: Sequence[Path] = (),
    name: str | None = None,
    update: bool = False,
    dry_run: bool = False,
    workers: int | None = None,
    processes: bool = True,
    progress: Callable[[ImportProgress], None] | None = None,
    imported_by: str = ADMIN_ACCOUNT,
    pseudonyms: bool = False,
) -> ImportReport:
    """Import what was prepared; the options are those of `import_table`.

    Raises
    ------
    InvalidInput
        A table is missing without which nothing can be imported, or no place of images was named.
    """
    source = prepared.source
    if source.lacks:
        raise InvalidInput(f"{source.form.title} lacks its {' and '.join(source.lacks)}: give that, too")
    if not source.tables:
        raise InvalidInput(
            f"{', '.join(p.name for p in source.pairs)} lists pairs of images and no image to import: "
            "`dermdash import duplicates --list` keeps what it says of a data set that is here"
        )
    if not prepared.images and source.arrays is None:
        raise InvalidInput("no images were named: give their folder or zip file, too")
    with tempfile.TemporaryDirectory(dir=workspace.home, prefix="pictures-") as folder:
        images = list(prepared.images)
        if source.arrays is not None:
            target = Path(folder, "pictures.zip")
            write_pictures(source.arrays, target)
            images = [target]
        return import_table(
            workspace,
            _with_caution(prepared),
            adapter=source.form.key,
            dataset_id=prepared.dataset_id,
            name=name or (source.form.name if prepared.dataset_id == source.form.dataset_id else prepared.dataset_id),
            taxonomy=prepared.taxonomy,
            source=source.form.source,
            licence=source.form.licence,
            images=images,
            masks=masks,
            update=update,
            dry_run=dry_run,
            workers=workers,
            processes=processes,
            progress=progress,
            imported_by=imported_by,
            pseudonyms=pseudonyms,
        )


def _with_caution(prepared: PreparedImport) -> SourceTable:
    """The table, what one has to know of the data set among its notes, so that the log of imports keeps it."""
    caution = prepared.source.form.caution
    return replace(prepared.table, notes=(caution, *prepared.table.notes)) if caution else prepared.table


def _taxonomy(source: RecognisedSource, asked: str | None, of_dataset: str | None) -> Taxonomy:
    """The one that format, data set and whoever imports agree on; else the usual one, or the one that fits best."""
    form = source.form
    said = {"the format": form.taxonomy, "the data set": of_dataset, "asked for": asked}
    if (agreed := agreed_taxonomy(said)) is not None:
        return agreed
    if form.usual_taxonomy:
        return get_taxonomy(form.usual_taxonomy)
    usual = get_taxonomy(DEFAULT_TAXONOMY)
    return fitting_taxonomy({r.source_label for r in source.read(usual).records}, TAXONOMIES, usual)


def fitting_taxonomy(labels: set[str], taxonomies: Mapping[str, Taxonomy], usual: Taxonomy) -> Taxonomy:
    """The taxonomy with classes for most of these diagnoses; the usual one among equals, else the first.

    One that tells no more than benign from malignant fits nearly every diagnosis and keeps hardly anything of it: it
    is taken only where none of the others has a class for any of them.
    """
    several = [usual, *(t for t in taxonomies.values() if t.name != usual.name)]
    fit = {t.name: sum(class_of(label, t) is not None for label in labels if label) for t in several}
    telling = [t for t in several if fit[t.name] and not _tells_only_malignancy(t)]
    return max(telling or several, key=lambda t: fit[t.name])


def _tells_only_malignancy(taxonomy: Taxonomy) -> bool:
    """Whether each class is all that has its clinical status, as of benign or malignant."""
    return len({c.status for c in taxonomy.classes}) == len(taxonomy.classes)
