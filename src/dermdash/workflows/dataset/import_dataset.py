"""Import a data set: rows and image files in, records, originals, thumbnails and a list of exclusions out.

Batches are stored as they are ready, files before rows. So an import can be interrupted at any point: what is
stored stays, and the same call again skips it and finishes the rest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Required, TypedDict, Unpack

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.mapped_source import CellProblem, cell_problems
from dermdash.dataset.formats.registry import get_format, recognise
from dermdash.dataset.formats.table_plan import NamedTable
from dermdash.dataset.formats.table_sources import open_table
from dermdash.dataset.image_source import ImageSource
from dermdash.dataset.import_plan import ImportPlan, plan_import
from dermdash.dataset.source_entry import SourceLimits, close_archives
from dermdash.dataset.source_records import ExclusionReason, SourceTable
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.records.table_files import TableKind, read_table_columns, table_kind
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.records.text_file import read_bytes, read_text
from dermdash.storage import records
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT
from dermdash.workflows.dataset.import_report import ImportProgress, ImportReport
from dermdash.workflows.dataset.import_run import ImportRun
from dermdash.workflows.dataset.import_work import work_of
from dermdash.workflows.dataset.private_export import with_pseudonyms
from dermdash.workflows.dataset.source_summary import FilledRows, count_filled

DATASET_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
"""What the id of a data set looks like."""


class ImportOptions(TypedDict, total=False):
    """How an import goes about its work: what `import_planned` is told, and says, of each."""

    update: bool
    dry_run: bool
    workers: int | None
    processes: bool | None
    progress: Callable[[ImportProgress], None] | None
    imported_by: str
    pseudonyms: bool


class TableImport(ImportOptions, total=False):
    """How an import goes about its work, and what the data set is called: likewise."""

    adapter: Required[str]
    dataset_id: Required[str]
    name: Required[str]
    taxonomy: Required[Taxonomy]
    source: str
    licence: str
    simulated: bool


def import_dataset(
    workspace: Workspace,
    *,
    adapter: str,
    metadata: Path | bytes,
    images: Sequence[Path],
    masks: Sequence[Path] = (),
    taxonomy: str | None = None,
    dataset_id: str | None = None,
    name: str | None = None,
    simulated: bool = False,
    encoding: str | None = None,
    **options: Unpack[ImportOptions],
) -> ImportReport:
    """Import a data set into the workspace.

    Parameters
    ----------
    adapter
        Key of a format of `dermdash.dataset.formats.registry`.
    metadata
        The table, as a file or its bytes.
    images, masks
        Directories and zip files. Masks may also lie among the images (`dermdash.dataset.mask_names`).
    taxonomy
        Of the diagnoses in the table; None: that of the format, or of the data set where it is in the workspace.
    dataset_id, name
        What to call the data set; the adapter's own name when not given.
    simulated
        Marks a data set that is not of real patients.
    encoding
        Of the table; None: found out.
    options
        As in `import_planned`.

    Raises
    ------
    MissingColumns, InvalidInput, UnsafeUpload, WorkspaceFull, WorkspaceReadOnly, DermdashError
        As in `import_table`, and for a table that cannot be used as a whole.
    """
    form = get_format(adapter)
    chosen_id = dataset_id or form.dataset_id
    classes = taxonomy_of(workspace, form, chosen_id, taxonomy)
    table = _read(form, metadata, classes, encoding)
    report = import_table(
        workspace,
        table,
        adapter=adapter,
        dataset_id=chosen_id,
        name=name or form.name,
        taxonomy=classes,
        source=form.source,
        licence=form.licence,
        simulated=simulated,
        images=images,
        masks=masks,
        **options,
    )
    return replace(report, filled=_filled(table, report, classes)) if options.get("dry_run") else report


def _filled(table: SourceTable, report: ImportReport, taxonomy: Taxonomy) -> FilledRows:
    """What the rows say that are not left out; a row left out as a repetition leaves the first one of its name."""
    gone = {e.image_id for e in report.rows_left_out if e.reason is not ExclusionReason.DUPLICATE_IMAGE_ID}
    return count_filled([r for r in table.records if r.image_id not in gone], taxonomy)


def import_table(
    workspace: Workspace,
    table: SourceTable,
    *,
    images: Sequence[Path],
    masks: Sequence[Path] = (),
    **how: Unpack[TableImport],
) -> ImportReport:
    """Import what a format has read.

    Each row ends as one of four: imported, already present, changed, left out (`ImportReport`).

    Parameters
    ----------
    images, masks
        As in `import_dataset`.
    how
        As in `import_planned`.

    Raises
    ------
    InvalidInput, UnsafeUpload
        A source as a whole cannot be used, or most ids that are there came with other pictures. Bad rows and images
        never raise: they are excluded, counted and listed.
    WorkspaceFull, WorkspaceReadOnly
        The files cannot be written; what was stored before is kept.
    DermdashError
        Worker processes go on dying.
    """
    limits = limits_of(workspace)
    image_source, mask_source = None, None
    try:
        # The tables alone can be tried; an import without images finds none.
        if images or not how.get("dry_run"):
            image_source = ImageSource.open(images, limits=limits)
        mask_source = ImageSource.open(masks, limits=limits) if masks else None
        plan = None if image_source is None else plan_import(table, image_source, mask_source)
        return import_planned(workspace, table, plan, **how)
    finally:
        for files in (image_source, mask_source):
            if files is not None:
                files.close()


def limits_of(workspace: Workspace) -> SourceLimits:
    """What the files of one import may cost here."""
    settings = workspace.settings
    return SourceLimits(int(settings.max_image_megabytes * 1e6), int(settings.max_archive_gigabytes * 1e9))


def import_planned(
    workspace: Workspace,
    table: SourceTable,
    plan: ImportPlan | None,
    *,
    adapter: str,
    dataset_id: str,
    name: str,
    taxonomy: Taxonomy,
    source: str = "",
    licence: str = "",
    simulated: bool = False,
    update: bool = False,
    dry_run: bool = False,
    workers: int | None = None,
    processes: bool | None = True,
    progress: Callable[[ImportProgress], None] | None = None,
    imported_by: str = ADMIN_ACCOUNT,
    pseudonyms: bool = False,
) -> ImportReport:
    """Import a table of which is known already which image each row has.

    Parameters
    ----------
    plan
        None in a dry run alone: then each row passes for one that has an image.
    adapter
        What the log of imports says that it was read as.
    update
        Let rows whose records are there correct them, with an entry in the change log for each field, except where
        people here have decided. Otherwise what they say differently is only told.
    dry_run
        Store nothing, read no image; say what would be done.
    workers
        How many; None: as the settings say.
    processes
        Prepare images in worker processes, or in threads (False); None: in processes where there are many (inside
        the app).
    progress
        Called after every batch.
    imported_by
        Id of the account that stands in the change log.
    pseudonyms
        Store patients, lesions and examiners under keyed pseudonyms, and dates moved per patient.

    Raises
    ------
    InvalidInput, UnsafeUpload, WorkspaceFull, WorkspaceReadOnly, DermdashError
        As in `import_table`.
    """
    if not DATASET_ID.fullmatch(dataset_id):
        # Record ids are "data set:image": a colon would let the records of two data sets share an id.
        raise InvalidInput(
            f"the data set id {dataset_id[:80]!r} is not usable: up to 80 letters, digits, '-', '_' and '.', "
            "beginning with a letter or digit"
        )
    started = now()
    if plan is not None:
        table = plan.table
    if pseudonyms:
        table = with_pseudonyms(workspace, table, dataset_id)
        plan = None if plan is None else plan.of(table)
    dataset = {
        "id": dataset_id,
        "name": name,
        "taxonomy": taxonomy.name,
        "source": source,
        "licence": licence,
        "simulated": simulated,
    }
    run = ImportRun(workspace, dataset, table, work_of(workspace, dataset_id, table, plan), imported_by)
    if dry_run:
        return run.foresee(started)
    try:
        run.run(
            workers=workers or workspace.settings.workers or os.cpu_count() or 1,
            processes=processes,
            update=update,
            progress=progress or (lambda _: None),
        )
    finally:
        close_archives()
    return run.finish(adapter, started)


def problems_of_table(
    form: DatasetFormat, metadata: Path, taxonomy: Taxonomy, *, encoding: str | None = None
) -> Iterator[CellProblem]:
    """Every cell of a table of the format of which something is lost, row by row."""
    table = open_table(metadata, "metadata file", encoding=encoding)
    layout = form.layout if form.layout_of is None else form.layout_of(table.table.columns)
    kind = None if layout is None else layout.kind_of(table.columns)
    if kind is not None:
        yield from cell_problems(NamedTable(metadata.name, kind, table.table), taxonomy)


def taxonomy_of(workspace: Workspace, form: DatasetFormat, dataset_id: str, asked: str | None) -> Taxonomy:
    """The one taxonomy that format, data set and whoever imports agree on."""
    of_dataset = stored_taxonomy(workspace, dataset_id)
    sources = {"the format": form.taxonomy, f"the data set {dataset_id!r}": of_dataset, "asked for": asked}
    if (agreed := agreed_taxonomy(sources)) is None:
        raise InvalidInput(f"{form.title} does not say which taxonomy its diagnoses are of: name one")
    return agreed


def stored_taxonomy(workspace: Workspace, dataset_id: str) -> str | None:
    """The name of the taxonomy of a data set; None where the workspace does not have it."""
    return {d["id"]: d["taxonomy"] for d in records.list_datasets(workspace.engine)}.get(dataset_id)


def agreed_taxonomy(said: Mapping[str, str | None]) -> Taxonomy | None:
    """The taxonomy that all name who name one (who: which); None where nobody does.

    Raises
    ------
    InvalidInput
        They name several.
    """
    named = {source: name for source, name in said.items() if name is not None}
    if len(set(named.values())) > 1:
        words = ", ".join(f"{name} ({source})" for source, name in named.items())
        raise InvalidInput(f"a data set has one taxonomy, here there are {words}: choose another data set id or format")
    return get_taxonomy(next(iter(named.values()))) if named else None


def _read(form: DatasetFormat, metadata: Path | bytes, taxonomy: Taxonomy, encoding: str | None) -> SourceTable:
    if encoding is not None:
        metadata = _in_utf8(metadata, encoding)
    try:
        return form.read(metadata, taxonomy)
    except MissingColumns as error:
        other = recognise(read_table_columns(metadata))
        if other is None or other is form:
            raise
        raise MissingColumns(
            f"{error}. The table looks like {other.title}: choose that format ({other.key})"
        ) from error


def _in_utf8(metadata: Path | bytes, encoding: str) -> Path | bytes:
    """A table that is text, from the encoding that whoever imports has named; a workbook says its own."""
    data = read_bytes(metadata, file_kind="metadata file")
    if table_kind(data) not in (TableKind.CSV, TableKind.JSON):
        return metadata
    return read_text(data, file_kind="metadata file", encoding=encoding).encode()
