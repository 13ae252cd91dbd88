"""Import a data set: rows and image files in, records, originals, thumbnails and a list of exclusions out.

Batches are stored as they are ready, files before rows. So an import can be interrupted at any point: what is
stored stays, and the same call again skips it and finishes the rest.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from dermdash.dataset import generic_csv, ham10000, isic2018_test
from dermdash.dataset.image_ingestion import ImageLimits, PreparedImage, exclusion_reason, prepare_chunk
from dermdash.dataset.image_source import ImageEntry, ImageSource, SourceLimits
from dermdash.dataset.segmentation import PreparedMask, prepare_mask
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable, count_by_reason
from dermdash.errors import InvalidInput, UnreadableImage, UnsafeUpload
from dermdash.records.fields import completeness
from dermdash.storage import records
from dermdash.storage.engine import now
from dermdash.storage.object_store import MASKS, ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace

_CHUNK = 32
_Chunk = list[tuple[SourceRecord, ImageEntry]]


@dataclass(frozen=True, slots=True)
class Adapter:
    """How one public format is read, and what its data set is called when the user does not say."""

    read: Callable[[Path | bytes], SourceTable]
    title: str
    dataset_id: str
    name: str
    source: str = ""
    licence: str = ""


ADAPTERS: dict[str, Adapter] = {
    "ham10000": Adapter(
        ham10000.read_metadata,
        "HAM10000 metadata",
        "ham10000",
        "HAM10000",
        "doi:10.7910/DVN/DBW86T",
        "CC BY-NC 4.0",
    ),
    "isic2018-test": Adapter(
        isic2018_test.read_ground_truth,
        "ISIC 2018 Task 3 ground truth",
        "isic2018-test",
        "ISIC 2018 Task 3 test",
        "doi:10.7910/DVN/DBW86T",
        "CC BY-NC 4.0",
    ),
    "csv": Adapter(generic_csv.read_records, "Records CSV with the 16 fields", "dataset", "Data set"),
}


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
    dataset_id: str | None = None,
    name: str | None = None,
    simulated: bool = False,
    processes: bool = True,
    progress: Callable[[ImportProgress], None] | None = None,
) -> ImportReport:
    """Import a data set into the workspace.

    Parameters
    ----------
    adapter
        A key of ADAPTERS.
    metadata
        The table, as a file or its bytes.
    images, masks
        Directories and zip files. Masks may also lie among the images as ``<image_id>_segmentation.png``.
    dataset_id, name
        What to call the data set; the adapter's own name when not given.
    simulated
        Marks a data set that is not of real patients.
    processes
        Prepare images in worker processes; False uses threads (inside the app, whose main module a worker
        process must not run again).
    progress
        Called after every batch.

    Raises
    ------
    MissingColumns, InvalidInput, UnsafeUpload
        The table or a source as a whole cannot be used. Bad rows and images never raise: they are excluded,
        counted and listed.
    WorkspaceFull
        The disk is full; what was stored before is kept.
    """
    if adapter not in ADAPTERS:
        raise InvalidInput(f"unknown format {adapter!r}: choose {', '.join(ADAPTERS)}")
    form = ADAPTERS[adapter]
    started = now()
    table = form.read(metadata)
    limits = SourceLimits(
        int(workspace.settings.max_image_megabytes * 1e6), int(workspace.settings.max_archive_gigabytes * 1e9)
    )
    source = ImageSource.open(images, limits=limits)
    mask_source = ImageSource.open(masks, limits=limits) if masks else source
    run = _Run(workspace, dataset_id or form.dataset_id, table, source, mask_source)
    records.save_dataset(
        workspace.engine,
        values={
            "id": run.dataset_id,
            "name": name or form.name,
            "taxonomy": "ham7",
            "source": form.source,
            "licence": form.licence,
            "simulated": simulated,
        },
    )
    with _pool(workspace.settings.workers or os.cpu_count() or 1, processes=processes) as pool:
        run.store_all(pool, progress or (lambda _: None))
    return run.finish(adapter, started)


def _pool(workers: int, *, processes: bool) -> Executor:
    if not processes:
        return ThreadPoolExecutor(workers)
    # Spawned, not forked: a fork would copy DuckDB's threads and locks in whatever state they are.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


class _Run:
    """One import under way: what to do, what was left out, what is stored."""

    def __init__(
        self, workspace: Workspace, dataset_id: str, table: SourceTable, source: ImageSource, masks: ImageSource
    ) -> None:
        self.workspace = workspace
        self.dataset_id = dataset_id
        self.table = table
        self.masks = masks
        self.id = uuid4().hex
        self.limits = ImageLimits.from_settings(workspace.settings)
        self.imported = 0
        self.stored_masks = 0
        known = records.known_record_ids(workspace.engine, dataset_id)
        self.seen = records.known_image_hashes(workspace.engine, dataset_id)
        plan = plan_import(table, source)
        present = {r.image_id for r in table.records if records.record_id(dataset_id, r.image_id) in known}
        self.already_present = len(present)
        self.todo = [(record, entry) for record, entry in plan.work if record.image_id not in present]
        # A record imported earlier stays, also when its file is not given again.
        self.exclusions = [e for e in plan.excluded_rows if e.image_id not in present or e in table.exclusions]
        self.exclusions += plan.excluded_files

    def exclude(self, image_id: str, reason: ExclusionReason, detail: str) -> None:
        self.exclusions.append(Exclusion(image_id, reason, detail))

    def store_all(self, pool: Executor, progress: Callable[[ImportProgress], None]) -> None:
        """Prepare in the pool, store here; a few chunks are kept in flight so that memory stays bounded."""
        chunks = _chunks(self.todo)
        waiting: deque[tuple[list[tuple[SourceRecord, ImageEntry]], Future[list[PreparedImage | Exclusion]]]] = (
            deque()
        )
        done = 0
        progress(ImportProgress(0, len(self.todo)))
        try:
            for chunk in chunks:
                entries = [entry for _, entry in chunk]
                waiting.append((chunk, pool.submit(prepare_chunk, entries, limits=self.limits)))
                if len(waiting) > 8:
                    done += self._store(*waiting.popleft())
                    progress(ImportProgress(done, len(self.todo)))
            while waiting:
                done += self._store(*waiting.popleft())
                progress(ImportProgress(done, len(self.todo)))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise

    def _store(
        self, chunk: list[tuple[SourceRecord, ImageEntry]], prepared: Future[list[PreparedImage | Exclusion]]
    ) -> int:
        image_rows, record_rows, mask_rows = [], [], []
        for (record, _), image in zip(chunk, prepared.result(), strict=True):
            if isinstance(image, Exclusion):
                self.exclusions.append(image)
                continue
            first = self.seen.setdefault(image.sha256, record.image_id)
            if first != record.image_id:
                self.exclude(record.image_id, ExclusionReason.DUPLICATE_CONTENT, f"same content as {first}")
                continue
            self.workspace.files.put(ORIGINALS, image.sha256, image.data)
            self.workspace.files.put(THUMBNAILS, image.sha256, image.thumbnail)
            image_rows.append(_image_row(image))
            row = self._record_row(record, image)
            record_rows.append(row)
            mask = self._mask(record.image_id)
            if mask is not None:
                self.workspace.files.put(MASKS, mask.sha256, mask.data)
                mask_rows.append({"record_id": row["id"], "mask_sha256": mask.sha256})
        records.save_batch(self.workspace.engine, images=image_rows, records=record_rows, masks=mask_rows)
        self.imported += len(record_rows)
        self.stored_masks += len(mask_rows)
        return len(chunk)

    def _mask(self, image_id: str) -> PreparedMask | None:
        entry = self.masks.find_mask(image_id)
        if entry is None:
            return None
        try:
            return prepare_mask(entry.read(), limits=self.limits)
        except (UnreadableImage, UnsafeUpload) as error:
            reason = exclusion_reason(error)
            self.exclude(f"{image_id}_segmentation", reason, f"{entry.location}: {error}; imported without mask")
            return None

    def _record_row(self, record: SourceRecord, image: PreparedImage) -> dict[str, Any]:
        return {
            "id": records.record_id(self.dataset_id, record.image_id),
            "dataset_id": self.dataset_id,
            "image_id": record.image_id,
            "lesion_id": record.lesion_id,
            "patient_id": record.patient_id,
            "image_sha256": image.sha256,
            "source_label": record.source_label,
            "dx": record.dx,
            "dx_type": record.dx_type,
            **record.values,
            "technical_quality": image.quality.score,
            "completeness": completeness(record.values),
            "import_run_id": self.id,
        }

    def finish(self, adapter: str, started: datetime) -> ImportReport:
        """Log the run and report it."""
        finished = now()
        excluded = count_by_reason(self.exclusions)
        listed = [(e.image_id, str(e.reason), e.detail) for e in self.exclusions]
        notes = tuple((r.image_id, note) for r in self.table.records for note in r.notes)
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
            exclusions=[*listed, *((image_id, "value_not_used", note) for image_id, note in notes)],
        )
        return ImportReport(
            self.dataset_id,
            self.table.rows,
            self.imported,
            self.already_present,
            self.stored_masks,
            excluded,
            round((finished - started).total_seconds(), 2),
            tuple(self.exclusions),
            (*(("", note) for note in self.table.notes), *notes),
        )


def _image_row(image: PreparedImage) -> dict[str, Any]:
    return {
        "sha256": image.sha256,
        "source_sha256": image.source_sha256,
        "phash": image.phash,
        "format": image.format,
        "width": image.width,
        "height": image.height,
        "bytes": len(image.data),
        "technical_quality": image.quality.score,
        "sharpness": image.quality.sharpness,
        "exposure": image.quality.exposure,
        "glare": image.quality.glare,
        "quality_driver": image.quality.driver,
        "quality_version": image.quality.version,
    }


def _chunks(
    items: Sequence[tuple[SourceRecord, ImageEntry]],
) -> Iterator[list[tuple[SourceRecord, ImageEntry]]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
