"""Import whatever lies under some paths: recognise it, say what would be done, do it."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Unpack

from dermdash.dataset.dataset_name import ANYBODYS, DatasetName
from dermdash.dataset.formats import any_table
from dermdash.dataset.formats.dataset_format import DatasetFormat
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
from dermdash.dataset.formats.source_files import SourceListing, list_source
from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.import_plan import ImportPlan, plan_import
from dermdash.dataset.source_entry import DEFAULT_LIMITS, close_archives
from dermdash.dataset.source_records import Exclusion, SourceTable
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, TAXONOMIES, Taxonomy, get_taxonomy
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.import_dataset import (
    ImportOptions,
    TableImport,
    agreed_taxonomy,
    import_planned,
    import_table,
    limits_of,
    stored_taxonomy,
)
from dermdash.workflows.dataset.import_report import ImportReport
from dermdash.workflows.dataset.source_summary import SourceSummary, summarise


@dataclass(frozen=True, slots=True)
class PreparedImport:
    """A source that was recognised and read, and what an import of it would do. Close it when it was imported or not.

    Attributes
    ----------
    dataset
        The data set it comes into, and what that is called where it is made now.
    plan
        Which image and mask each row has; None where no place of images was named, or the pictures are arrays.
    matched
        The same, None also where there is no image in any place.
    missing
        Exclusions of records for which there is no image file; none where the tables alone are tried.
    """

    source: RecognisedSource
    table: SourceTable
    taxonomy: Taxonomy
    dataset: DatasetName
    summary: SourceSummary
    plan: ImportPlan | None = None
    matched: ImportPlan | None = None
    missing: tuple[Exclusion, ...] = ()
    masks: tuple[Path, ...] = ()
    listings: tuple[ImageSource, ...] = field(default=(), repr=False)

    def problems(self) -> Iterator[CellProblem]:
        """Every cell of which something is lost, table by table and row by row."""
        for named in self.source.tables:
            yield from cell_problems(named, self.taxonomy)
        yield from join_problems(join_fits(self.source.layout, self.source.tables) if self.source.tables else ())

    def close(self) -> None:
        """Remove what was unpacked of archives inside archives."""
        close_archives()
        for listing in self.listings:
            listing.close()


def prepare_import(
    paths: Sequence[Path],
    *,
    asked: str | None = None,
    images: Sequence[Path] = (),
    masks: Sequence[Path] = (),
    taxonomy: str | None = None,
    dataset_id: str | None = None,
    workspace: Workspace | None = None,
    mapping: TableMapping | None = None,
    encoding: str | None = None,
    unnamed: DatasetName | None = None,
) -> PreparedImport:
    """Recognise a source, read its tables and find the image of each row; nothing is stored, and no image is read.

    Parameters
    ----------
    paths
        Files, folders and archives, with the images or without.
    asked
        Key of the format it has to be of; None: of any.
    images, masks
        Further folders and archives of images, and of masks.
    taxonomy
        Of its diagnoses; None: that of the format, of the data set in the workspace, or the one that has classes for
        most of them.
    mapping
        How its tables are read; None: as their format says.
    encoding
        Of tables that are text; None: found out.
    unnamed
        What the data set is called where neither ``dataset_id`` nor the format says; None: as all such are.

    Raises
    ------
    InvalidInput
        It is of no known format, of another one than asked for, or its taxonomy is another one.
    """
    limits = DEFAULT_LIMITS if workspace is None else limits_of(workspace)
    opened = []
    try:
        listing = list_source(paths, images=images, limits=limits)
        opened.append(listing.pictures)
        mask_source = ImageSource.open(masks, limits=limits) if masks else None
        if mask_source is not None:
            opened.append(mask_source)
        source = _recognised(listing, asked, mapping, encoding)
        called = dataset_called(source.form, dataset_id, unnamed)
        of_dataset = None if workspace is None else stored_taxonomy(workspace, called.id)
        classes = _taxonomy(source, taxonomy, of_dataset)
        table = source.read(classes)
        if mapping is not None:
            table = replace(table, notes=(*absent_columns(source), *table.notes))
        plan = None
        if listing.has_places and source.arrays is None:
            plan = plan_import(_with_caution(source, table), listing.pictures, mask_source, source.outlines)
        # A record that is there keeps its image, also when its file is not given again.
        there = {} if workspace is None else records.stored_files(workspace.engine, called.id)
        matched = plan if len(listing.pictures) else None
        missing = [] if matched is None else [e for e in matched.unmatched_rows if e.image_id not in there]
        summary = summarise(source, table, classes, called.id, missing)
        return PreparedImport(
            source, table, classes, called, summary, plan, matched, tuple(missing), tuple(masks), tuple(opened)
        )
    except BaseException:
        for files in opened:
            files.close()
        raise
    finally:
        close_archives()


def dataset_called(form: DatasetFormat, dataset_id: str | None, unnamed: DatasetName | None) -> DatasetName:
    """The data set that files of a format come into, by the rule of `prepare_import`."""
    if dataset_id:
        return DatasetName(dataset_id, form.name if dataset_id == form.dataset_id else dataset_id)
    if unnamed is not None and form.dataset_id == ANYBODYS:
        return unnamed
    return DatasetName(form.dataset_id, form.name)


def _recognised(
    listing: SourceListing, asked: str | None, mapping: TableMapping | None, encoding: str | None
) -> RecognisedSource:
    form = get_format(asked) if asked else None
    if mapping is not None:
        return mapped_source(listing, mapping, form=form or any_table.FORMAT, encoding=encoding)
    return recognise_source(listing, RECOGNISED, asked=(form.alias_of or form.key) if form else None, encoding=encoding)


def foresee_import(workspace: Workspace, prepared: PreparedImport, *, pseudonyms: bool = False) -> ImportReport | None:
    """What the import would do to what is in the workspace, which stays as it is.

    ``pseudonyms``: as of `import_planned`; records that came in under pseudonyms are compared under them.

    None where nothing could come in, or where the data set is not there: then there is nothing to compare with.
    """
    source = prepared.source
    if source.lacks or not source.tables or stored_taxonomy(workspace, prepared.dataset.id) is None:
        return None
    how: TableImport = {**_as_dataset(prepared), "pseudonyms": pseudonyms, "dry_run": True}
    return import_planned(workspace, prepared.table, prepared.matched, **how)


def import_prepared(
    workspace: Workspace,
    prepared: PreparedImport,
    *,
    name: str | None = None,
    **options: Unpack[ImportOptions],
) -> ImportReport:
    """Import what was prepared; the options are those of `import_planned`.

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
    if prepared.plan is None and source.arrays is None:
        raise InvalidInput("no images were named: give their folder or zip file, too")
    how: TableImport = {**_as_dataset(prepared, name), **options}
    if prepared.plan is not None:
        return import_planned(workspace, prepared.plan.table, prepared.plan, **how)
    assert source.arrays is not None
    with tempfile.TemporaryDirectory(dir=workspace.home, prefix="pictures-") as folder:
        target = Path(folder, "pictures.zip")
        write_pictures(source.arrays, target)
        table = _with_caution(source, prepared.table)
        return import_table(workspace, table, images=[target], masks=prepared.masks, **how)


def _as_dataset(prepared: PreparedImport, name: str | None = None) -> TableImport:
    """What the data set is called, and what it is."""
    form = prepared.source.form
    return {
        "adapter": form.key,
        "dataset_id": prepared.dataset.id,
        "name": name or prepared.dataset.name,
        "taxonomy": prepared.taxonomy,
        "source": form.source,
        "licence": form.licence,
    }


def _with_caution(source: RecognisedSource, table: SourceTable) -> SourceTable:
    """The table, what one has to know of the data set among its notes, so that the log of imports keeps it."""
    caution = source.form.caution
    return replace(table, notes=(caution, *table.notes)) if caution else table


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
