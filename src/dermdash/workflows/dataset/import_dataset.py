"""Import a data set: rows and image files in, records, originals, thumbnails and a list of exclusions out.

Batches are stored as they are ready, files before rows. So an import can be interrupted at any point: what is
stored stays, and the same call again skips it and finishes the rest.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from dermdash.dataset.formats.dataset_format import DatasetFormat
from dermdash.dataset.formats.registry import get_format, recognise
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.dataset.image_source import ImageEntry, ImageSource, SourceLimits, close_archives
from dermdash.dataset.import_plan import plan_import
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable, count_by_reason
from dermdash.errors import DermdashError, InvalidInput, MissingColumns
from dermdash.records.csv_table import read_columns
from dermdash.records.fields import completeness
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.storage import records
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT
from dermdash.workflows.dataset.import_worker import ImportTask, StoredImage, store_chunk
from dermdash.workflows.dataset.private_export import with_pseudonyms
from dermdash.workflows.worker_pool import worker_pool

NOTE = "note"
"""Listed like a reason for what did not exclude anything: a value or a column that was not used."""
_CHUNK = 64
_IN_FLIGHT = 8
_ROWS_AT_ONCE = 512
_DATASET_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_Outcomes = Future[list[StoredImage | Exclusion]]


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How many of the images to import are done."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. ``excluded`` counts by reason; ``exclusions`` and ``notes`` list each one."""

    dataset: str
    rows: int
    imported: int
    already_present: int
    masks: int
    excluded: dict[str, int]
    seconds: float
    run_id: str = ""
    exclusions: tuple[Exclusion, ...] = field(default=(), repr=False)
    notes: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def to_json(self) -> dict[str, Any]:
        """The report for machines, without the lists."""
        return {name: value for name, value in asdict(self).items() if name not in ("exclusions", "notes")}


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
    processes: bool = True,
    progress: Callable[[ImportProgress], None] | None = None,
    imported_by: str = ADMIN_ACCOUNT,
    pseudonyms: bool = False,
) -> ImportReport:
    """Import a data set into the workspace.

    Parameters
    ----------
    adapter
        Key of a format of `dermdash.dataset.formats.registry`.
    metadata
        The table, as a file or its bytes.
    images, masks
        Directories and zip files. Masks may also lie among the images as ``<image_id>_segmentation.png``.
    taxonomy
        Of the diagnoses in the table; None: that of the format, or of the data set where it is in the workspace.
    dataset_id, name
        What to call the data set; the adapter's own name when not given.
    simulated
        Marks a data set that is not of real patients.
    processes
        Prepare images in worker processes; False uses threads (inside the app, whose main module a worker
        process must not run again).
    progress
        Called after every batch.
    imported_by
        Id of the account that stands in the change log.
    pseudonyms
        Store patients, lesions and examiners under keyed pseudonyms, and dates moved per patient.

    Raises
    ------
    MissingColumns, InvalidInput, UnsafeUpload
        The table or a source as a whole cannot be used. Bad rows and images never raise: they are excluded,
        counted and listed.
    WorkspaceFull
        The disk is full; what was stored before is kept.
    """
    form = get_format(adapter)
    if dataset_id and not _DATASET_ID.fullmatch(dataset_id):
        # Record ids are "data set:image": a colon would let the records of two data sets share an id.
        raise InvalidInput(
            f"the data set id {dataset_id[:80]!r} is not usable: up to 80 letters, digits, '-', '_' and '.', "
            "beginning with a letter or digit"
        )
    classes = _taxonomy(workspace, form, dataset_id or form.dataset_id, taxonomy)
    started = now()
    table = _read(form, metadata, classes)
    if pseudonyms:
        table = with_pseudonyms(workspace, table, dataset_id or form.dataset_id)
    limits = SourceLimits(
        int(workspace.settings.max_image_megabytes * 1e6), int(workspace.settings.max_archive_gigabytes * 1e9)
    )
    source = ImageSource.open(images, limits=limits)
    mask_source = ImageSource.open(masks, limits=limits) if masks else None
    dataset = {
        "id": dataset_id or form.dataset_id,
        "name": name or form.name,
        "taxonomy": classes.name,
        "source": form.source,
        "licence": form.licence,
        "simulated": simulated,
    }
    run = _Run(workspace, dataset, table, source, mask_source, imported_by)
    try:
        with worker_pool(workspace.settings.workers or os.cpu_count() or 1, processes=processes) as pool:
            run.store_all(pool, progress or (lambda _: None))
    except BrokenProcessPool as error:
        raise DermdashError(
            "A worker process ended unexpectedly, most likely because memory ran out. What was imported is kept; "
            "set DERMDASH_WORKERS=1 and run the same command again to finish."
        ) from error
    finally:
        close_archives()
    return run.finish(adapter, started)


def _taxonomy(workspace: Workspace, form: DatasetFormat, dataset_id: str, asked: str | None) -> Taxonomy:
    """The one taxonomy that format, data set and whoever imports agree on."""
    known = {d["id"]: d["taxonomy"] for d in records.list_datasets(workspace.engine)}
    sources = {"the format": form.taxonomy, f"the data set {dataset_id!r}": known.get(dataset_id), "asked for": asked}
    named = {source: name for source, name in sources.items() if name is not None}
    if not named:
        raise InvalidInput(f"{form.title} does not say which taxonomy its diagnoses are of: name one")
    if len(set(named.values())) > 1:
        said = ", ".join(f"{name} ({source})" for source, name in named.items())
        raise InvalidInput(f"a data set has one taxonomy, here there are {said}: choose another data set id or format")
    return get_taxonomy(next(iter(named.values())))


def _read(form: DatasetFormat, metadata: Path | bytes, taxonomy: Taxonomy) -> SourceTable:
    try:
        return form.read(metadata, taxonomy)
    except MissingColumns as error:
        other = recognise(read_columns(metadata))
        if other is None or other is form:
            raise
        raise MissingColumns(
            f"{error}. The table looks like {other.title}: choose that format ({other.key})"
        ) from error


class _Item(NamedTuple):
    record: SourceRecord
    task: ImportTask


class _Run:
    """One import under way: what to do, what was left out, what is stored."""

    def __init__(
        self,
        workspace: Workspace,
        dataset: dict[str, Any],
        table: SourceTable,
        source: ImageSource,
        masks: ImageSource | None,
        imported_by: str,
    ) -> None:
        self.workspace = workspace
        self.imported_by = imported_by
        self.dataset = dataset
        self.dataset_id = dataset_id = str(dataset["id"])
        self.taxonomy = get_taxonomy(dataset["taxonomy"])
        self.table = table
        self.id = uuid4().hex
        self.imported = 0
        self.stored_masks = 0
        self.image_rows: list[dict[str, Any]] = []
        self.record_rows: list[dict[str, Any]] = []
        self.mask_rows: list[dict[str, Any]] = []
        known = records.known_record_ids(workspace.engine, dataset_id)
        masked = records.record_ids_with_mask(workspace.engine, dataset_id)
        self.seen = records.known_image_hashes(workspace.engine, dataset_id)
        plan = plan_import(table, source)
        present = {r.image_id for r in table.records if records.record_id(dataset_id, r.image_id) in known}
        self.already_present = len(present)

        def mask_of(image_id: str) -> ImageEntry | None:
            if records.record_id(dataset_id, image_id) in masked:
                return None
            if masks is None:
                return source.find_mask(image_id)
            # In a place of their own, masks need no ending to tell them from images.
            return masks.find_mask(image_id) or masks.find(image_id) or source.find_mask(image_id)

        self.todo = [
            _Item(record, ImportTask(entry, mask_of(record.image_id)))
            for record, entry in plan.work
            if record.image_id not in present
        ]
        # Masks may come later than the images.
        self.todo += [
            _Item(record, ImportTask(None, mask))
            for record in table.records
            if record.image_id in present and (mask := mask_of(record.image_id)) is not None
        ]
        # A record imported earlier stays, also when its file is not given again.
        self.exclusions = [e for e in plan.excluded_rows if e.image_id not in present or e in table.exclusions]
        self.exclusions += plan.excluded_files
        if masks is not None:
            self.exclusions += masks.problems

    def store_all(self, pool: Executor, progress: Callable[[ImportProgress], None]) -> None:
        """Let the pool store the files and store the rows here; few chunks in flight keep memory bounded."""
        waiting: deque[tuple[list[_Item], _Outcomes]] = deque()
        limits = ImageLimits.from_settings(self.workspace.settings)
        done = 0

        def store_next() -> None:
            nonlocal done
            chunk, outcomes = waiting.popleft()
            self._add_rows(chunk, outcomes.result())
            done += len(chunk)
            if len(self.record_rows) + len(self.mask_rows) >= _ROWS_AT_ONCE:
                self._save_rows()
            progress(ImportProgress(done, len(self.todo)))

        progress(ImportProgress(0, len(self.todo)))
        try:
            for chunk in _chunks(self.todo):
                tasks = [item.task for item in chunk]
                files = self.workspace.files
                waiting.append((chunk, pool.submit(store_chunk, tasks, files=files, limits=limits)))
                if len(waiting) > _IN_FLIGHT:
                    store_next()
            while waiting:
                store_next()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            self._save_rows()  # also what was ready when the import was interrupted

    def _add_rows(self, chunk: list[_Item], outcomes: list[StoredImage | Exclusion]) -> None:
        for item, outcome in zip(chunk, outcomes, strict=True):
            record = item.record
            if isinstance(outcome, Exclusion):
                self.exclusions.append(outcome)
                continue
            if outcome.row is not None:
                first = self.seen.setdefault(outcome.row["sha256"], record.image_id)
                if first != record.image_id:
                    reason = ExclusionReason.DUPLICATE_CONTENT
                    self.exclusions.append(Exclusion(record.image_id, reason, f"same content as {first}"))
                    continue
                self.image_rows.append(outcome.row)
                self.record_rows.append(self._record_row(record, outcome.row))
            if outcome.mask_problem is not None:
                self.exclusions.append(outcome.mask_problem)
            if outcome.mask_sha256 is not None:
                record_id = records.record_id(self.dataset_id, record.image_id)
                self.mask_rows.append({"record_id": record_id, "mask_sha256": outcome.mask_sha256})

    def _save_rows(self) -> None:
        images, rows, masks = self.image_rows, self.record_rows, self.mask_rows
        self.image_rows, self.record_rows, self.mask_rows = [], [], []
        if rows or masks:
            # Only now: an import that finds nothing usable leaves no empty data set behind.
            records.save_dataset(self.workspace.engine, values=self.dataset)
            records.save_batch(
                self.workspace.engine, images=images, records=rows, masks=masks, account_id=self.imported_by
            )
            self.imported += len(rows)
            self.stored_masks += len(masks)

    def _record_row(self, record: SourceRecord, image: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": records.record_id(self.dataset_id, record.image_id),
            "dataset_id": self.dataset_id,
            "image_id": record.image_id,
            "lesion_id": record.lesion_id,
            "patient_id": record.patient_id,
            "image_sha256": image["sha256"],
            "source_label": record.source_label,
            "dx": record.dx,
            "dx_type": record.dx_type,
            **record.values,
            "technical_quality": image["technical_quality"],
            "completeness": completeness(record.values, malignant=self.taxonomy[record.dx].is_malignant),
            "import_run_id": self.id,
        }

    def finish(self, adapter: str, started: datetime) -> ImportReport:
        """Log the run and report it."""
        finished = now()
        excluded = count_by_reason(self.exclusions)
        listed = [(e.image_id, str(e.reason), e.detail) for e in self.exclusions]
        of_records = ((r.image_id, note) for r in self.table.records for note in r.notes)
        notes = (*(("", note) for note in self.table.notes), *of_records)
        records.save_import_run(
            self.workspace.engine,
            values={
                "id": self.id,
                "dataset_id": self.dataset_id,
                "adapter": adapter,
                "rows": self.table.rows,
                "imported": self.imported,
                "already_present": self.already_present,
                "excluded": excluded,
                "started_at": started,
                "finished_at": finished,
            },
            exclusions=[*listed, *((image_id, NOTE, note) for image_id, note in notes)],
        )
        return ImportReport(
            self.dataset_id,
            self.table.rows,
            self.imported,
            self.already_present,
            self.stored_masks,
            excluded,
            round((finished - started).total_seconds(), 2),
            self.id,
            tuple(self.exclusions),
            notes,
        )


def _chunks(items: Sequence[_Item]) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
