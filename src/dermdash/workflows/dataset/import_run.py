"""One import under way: images through the workers, rows into the database by the batch, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any
from uuid import uuid4

from dermdash.dataset.contradictions import ContradictionKind
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.dataset.source_records import (
    Exclusion,
    ExclusionReason,
    SourceRecord,
    SourceTable,
    count_by_reason,
    said_by,
)
from dermdash.dataset.stored_values import notes_on_sites
from dermdash.errors import InvalidInput, WayOut
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import import_runs, records
from dermdash.storage.deidentification import image_row
from dermdash.storage.engine import now
from dermdash.storage.import_runs import FILE, NOTE, ROW, UPDATED
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.dataset.covered_versions import SHOWN_COVERED, take_away
from dermdash.workflows.dataset.find_contradictions import LeftOutRow, find_contradictions
from dermdash.workflows.dataset.find_covered import covered_versions
from dermdash.workflows.dataset.import_report import Difference, ImportProgress, ImportReport, count_rows
from dermdash.workflows.dataset.import_work import ImportWork
from dermdash.workflows.dataset.import_worker import Item, Outcome, StoredImage, given_up, store_items
from dermdash.workflows.dataset.record_of_row import record_of_row
from dermdash.workflows.dataset.row_differences import compare_rows, store_updates
from dermdash.workflows.surviving_pool import SurvivingPool
from dermdash.workflows.worker_pool import worker_pool, worth_processes

CHUNK = 64
ROWS_AT_ONCE = 512
_NAMED = 3
_Pool = SurvivingPool[Item, Outcome]


class ImportRun:
    """What is stored, left out and found so far."""

    def __init__(
        self, workspace: Workspace, dataset: dict[str, Any], table: SourceTable, work: ImportWork, imported_by: str
    ) -> None:
        self.workspace = workspace
        self.dataset = dataset
        self.dataset_id = str(dataset["id"])
        self.taxonomy = get_taxonomy(dataset["taxonomy"])
        self.table = table
        self.work = work
        self.imported_by = imported_by
        self.id = uuid4().hex
        self.imported = 0
        self.stored_masks = 0
        self.restored = 0
        self.rows_left_out = list(work.rows_left_out)
        self.files_left_out = list(work.files_left_out)
        self.differences: list[Difference] = []
        self._copies: list[tuple[str, SourceRecord]] = []
        self._present = dict(work.present)
        self._seen = records.known_image_hashes(workspace.engine, self.dataset_id) if work.new else {}
        self._image_rows: list[dict[str, Any]] = []
        self._record_rows: list[dict[str, Any]] = []
        self._mask_rows: list[dict[str, Any]] = []
        self._image_notes: list[tuple[str, str]] = []
        self._thumbnails: dict[str, str] = {}

    def run(
        self, *, workers: int, processes: bool | None, update: bool, progress: Callable[[ImportProgress], None]
    ) -> None:
        """Look at the images that came again, store the new ones, compare the rows that came again.

        Raises
        ------
        InvalidInput
            Most ids that are there came with other pictures: nothing is stored.
        """
        limits = ImageLimits.from_settings(self.workspace.settings)
        covered = covered_versions(self.workspace)
        store = partial(store_items, files=self.workspace.files, limits=limits, covered=covered)
        total = len(self.work.again) + len(self.work.new)
        # A worker more than there are batches would be started for nothing.
        needed = max(1, min(workers, -(-total // CHUNK)))
        make = partial(worker_pool, needed, processes=worth_processes(processes, total))
        done = 0
        progress(ImportProgress(0, total))
        if total:
            with SurvivingPool(make, store, given_up) as pool:
                for chunk in self._look_again(pool):
                    done += len(chunk)
                    progress(ImportProgress(done, total))
                try:
                    for chunk in self._store_new(pool):
                        done += len(chunk)
                        progress(ImportProgress(done, total))
                finally:
                    self._save_rows()  # also what was ready when the import was interrupted
        self._compare(update=update)

    def _look_again(self, pool: _Pool) -> Iterator[Sequence[Item]]:
        others: list[Item] = []
        looked_at = 0
        for chunk, outcomes in pool.in_order(_chunks(self.work.again)):
            for item, outcome in zip(chunk, outcomes, strict=True):
                assert isinstance(outcome, StoredImage)
                if item.task.image is not None and outcome.image_problem is None:
                    looked_at += 1
                if outcome.other_picture:
                    others.append(item)
                self._keep_restored(item, outcome)
                self._keep_mask(item.record, outcome)
                if outcome.image_problem is not None:
                    self.files_left_out.append(outcome.image_problem)
            yield chunk
        if 2 * len(others) > looked_at:
            raise InvalidInput(self._of_another_set(others, looked_at), way_out=WayOut.OWN_DATASET)
        for item in others:
            image_id, location = item.record.image_id, item.task.image.location if item.task.image else ""
            detail = f"{location} is another picture than the one of {image_id}, which keeps it"
            self.rows_left_out.append(Exclusion(image_id, ExclusionReason.OTHER_PICTURE, detail))
            del self._present[image_id]
        self._save_rows()

    def _of_another_set(self, others: Sequence[Item], looked_at: int) -> str:
        named = ", ".join(item.record.image_id for item in others[:_NAMED]) + (" ..." if len(others) > _NAMED else "")
        return (
            f"{len(others):,} of {counted(looked_at, 'image id')} that the data set {self.dataset_id!r} has already "
            f"came with another picture ({named}): this is another data set and needs an id of its own. Nothing was "
            "imported; the picture of a record is never replaced."
        )

    def _store_new(self, pool: _Pool) -> Iterator[Sequence[Item]]:
        for chunk, outcomes in pool.in_order(_chunks(self.work.new)):
            for item, outcome in zip(chunk, outcomes, strict=True):
                self._add(item.record, outcome)
            if len(self._record_rows) + len(self._mask_rows) >= ROWS_AT_ONCE:
                self._save_rows()
            yield chunk

    def _add(self, record: SourceRecord, outcome: Outcome) -> None:
        if isinstance(outcome, Exclusion):
            self.rows_left_out.append(Exclusion(record.image_id, outcome.reason, outcome.detail))
            return
        row = outcome.row
        if outcome.shown_as is not None:
            row = image_row(self.workspace.engine, outcome.shown_as)
        assert row is not None
        sha256 = row["sha256"]
        first = self._seen.setdefault(sha256, record.image_id)
        if first != record.image_id:
            self._leave_out_copy(record, first)
            return
        if outcome.row is not None:
            self._image_rows.append(outcome.row)
        self._image_notes += ((record.image_id, note) for note in outcome.notes)
        if outcome.details:  # what the table says counts more than what the picture file does
            record = replace(record, details={**outcome.details, **record.details})
        self._record_rows.append(
            record_of_row(
                record, dataset_id=self.dataset_id, record_id=self._id_of(record.image_id), taxonomy=self.taxonomy,
                image=row, run_id=self.id,
            )
        )  # fmt: skip
        self._keep_mask(record, outcome)

    def _leave_out_copy(self, record: SourceRecord, first: str) -> None:
        detail = f"same content as {first}"
        self.rows_left_out.append(Exclusion(record.image_id, ExclusionReason.DUPLICATE_CONTENT, detail, record))
        self._copies.append((first, record))

    def _keep_restored(self, item: Item, outcome: StoredImage) -> None:
        self.restored += outcome.restored.count
        self._image_notes += ((item.record.image_id, note) for note in outcome.restored.notes)
        if item.task.stored is not None and outcome.restored.thumbnail_sha256 is not None:
            self._thumbnails[item.task.stored.sha256] = outcome.restored.thumbnail_sha256

    def _keep_mask(self, record: SourceRecord, outcome: StoredImage) -> None:
        if outcome.mask_problem is not None:
            self.files_left_out.append(outcome.mask_problem)
        if outcome.mask_sha256 is not None:
            row = {"record_id": self._id_of(record.image_id), "mask_sha256": outcome.mask_sha256}
            self._mask_rows.append(row)

    def _id_of(self, image_id: str) -> str:
        return records.record_id(self.dataset_id, image_id)

    def _save_rows(self) -> None:
        images, rows, masks = self._image_rows, self._record_rows, self._mask_rows
        self._image_rows, self._record_rows, self._mask_rows = [], [], []
        records.save_thumbnail_hashes(self.workspace.engine, self._thumbnails)
        self._thumbnails = {}
        if rows or masks:
            # Only now: an import that finds nothing usable leaves no empty data set behind.
            taxonomy = records.save_dataset(self.workspace.engine, values=self.dataset)
            if taxonomy != self.taxonomy.name:
                raise InvalidInput(
                    f"another import has made the data set {self.dataset_id!r} with the taxonomy {taxonomy} meanwhile, "
                    f"this one has {self.taxonomy.name}: import it under another data set id"
                )
            covered = records.save_batch(
                self.workspace.engine, images=images, records=rows, masks=masks, account_id=self.imported_by
            )
            take_away(self.workspace.files, covered)
            self._image_notes += ((row["image_id"], SHOWN_COVERED) for row in rows if row["image_sha256"] in covered)
            self.imported += len(rows)
            self.stored_masks += len(masks)

    def _compare(self, *, update: bool) -> None:
        if not self._present:
            return
        updates = []
        compared = compare_rows(self.workspace, self.dataset_id, self._present, self.taxonomy, update=update)
        for differences, change in compared:
            self.differences += differences
            if change is not None:
                updates.append(change)
        store_updates(self.workspace, updates, account_id=self.imported_by, run_id=self.id)

    def finish(self, adapter: str, started: datetime) -> ImportReport:
        """Look for contradictions, log the run and report it."""
        found = find_contradictions(
            self.workspace, self.dataset_id, left_out=list(self._said_otherwise()),
            of_table={self._id_of(r.image_id) for r in self.table.records},
        )  # fmt: skip
        report = self.report(started, contradictions=found)
        names = ("rows", "imported", "already_present", "excluded", "changed", "updated", "restored", "files_left_out")
        notes = [(image_id, NOTE, note, NOTE) for image_id, note in report.notes]
        listed = [
            (e.image_id, str(e.reason), e.detail, concerns)
            for concerns, left_out in ((ROW, self.rows_left_out), (FILE, self.files_left_out))
            for e in left_out
        ]
        import_runs.save_import_run(
            self.workspace.engine,
            values={
                "id": self.id, "dataset_id": self.dataset_id, "adapter": adapter, "started_at": started,
                "finished_at": now(), **{name: getattr(report, name) for name in names},
            },
            exclusions=[*listed, *notes],
            changes=[(d.record_id, d.field, d.old, d.new, d.outcome) for d in self.differences],
        )  # fmt: skip
        return report

    def _said_otherwise(self) -> Iterator[LeftOutRow]:
        """What rows say that no record does."""
        for exclusion in self.rows_left_out:
            if exclusion.record is not None and exclusion.reason is ExclusionReason.DUPLICATE_IMAGE_ID:
                yield self._said(ContradictionKind.REPEATED_ID, exclusion.image_id, exclusion.record)
        for first, record in self._copies:
            yield self._said(ContradictionKind.SAME_PICTURE, first, record)
        for record in self.table.records:
            if "verification_stage" in record.refused:
                yield self._said(ContradictionKind.STAGE_WITHOUT_RESULT, record.image_id, record)

    def _said(self, kind: ContradictionKind, image_id: str, record: SourceRecord) -> LeftOutRow:
        said = {"image_id": record.image_id, **said_by(record), **record.refused}
        return LeftOutRow(kind, self._id_of(image_id), said)

    def report(
        self, started: datetime, *, contradictions: dict[str, int] | None = None, dry_run: bool = False
    ) -> ImportReport:
        """What the import did; of a dry run, what it would do."""
        changed = count_rows(self.differences)
        of_records = ((r.image_id, note) for r in self.table.records for note in r.notes)
        return ImportReport(
            dataset=self.dataset_id,
            rows=self.table.rows,
            imported=self.work.to_store if dry_run else self.imported,
            already_present=len(self._present) - changed,
            changed=changed,
            updated=0 if dry_run else count_rows(d for d in self.differences if d.outcome == UPDATED),
            masks=self.stored_masks,
            restored=self.restored,
            scored_lower=self.work.scored_lower,
            excluded=count_by_reason(self.rows_left_out),
            files_left_out=count_by_reason(self.files_left_out),
            exclusions=(*self.rows_left_out, *self.files_left_out),
            files=len(self.files_left_out),
            notes=(
                *(("", note) for note in (*self.table.notes, *notes_on_sites(self.table.records))),
                *self.work.notes,
                *of_records,
                *self._image_notes,
            ),
            changes=tuple(self.differences),
            contradictions=contradictions or {},
            seconds=round((now() - started).total_seconds(), 2),
            run_id="" if dry_run else self.id,
            dry_run=dry_run,
        )

    def foresee(self, started: datetime) -> ImportReport:
        """What the import would do, without a look at any image: nothing is stored."""
        for differences, _ in compare_rows(self.workspace, self.dataset_id, self._present, self.taxonomy, update=False):
            self.differences += differences
        return self.report(started, dry_run=True)


def _chunks(items: Sequence[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
