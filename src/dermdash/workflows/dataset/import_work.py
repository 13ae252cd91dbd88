"""What an import has to do: which rows are new, which are there, what is left out before any image is read."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from dermdash.dataset.import_plan import ImportPlan, without_repeated
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceRecord, SourceTable
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.import_worker import ImportTask, Item
from dermdash.workflows.dataset.restore_files import StoredFiles

_SCORED_LOWER = (
    "is in the data set, and its row scores it 1 or 2 now: its record stays as it is, nothing of the row was taken "
    "over; `dermdash acquisition score` takes such scores over, which alone rejects it"
)


class ImportWork(NamedTuple):
    """What an import has to do.

    Attributes
    ----------
    new
        Rows whose image is to be stored.
    again
        Rows whose record is there and whose image or mask was given: to be looked at.
    present
        Image id to row, for every row whose record is there.
    rows_left_out, files_left_out
        What is left out already: ``to_store + len(present) + len(rows_left_out)`` is the number of rows.
    notes
        Image id (empty for the whole) and what is to be said, as of `ImportPlan`.
    scored_lower
        Rows of records that are there, which their rows now score 1 or 2: nothing of these rows is taken over.
    without_plan
        How many rows would be new, where there is no plan and nothing can be stored.
    """

    new: list[Item]
    again: list[Item]
    present: dict[str, SourceRecord]
    rows_left_out: list[Exclusion]
    files_left_out: list[Exclusion]
    notes: tuple[tuple[str, str], ...] = ()
    without_plan: int = 0
    scored_lower: int = 0

    @property
    def to_store(self) -> int:
        """Rows that are new."""
        return len(self.new) + self.without_plan


def work_of(workspace: Workspace, dataset_id: str, table: SourceTable, plan: ImportPlan | None) -> ImportWork:
    """Hold a plan against what the data set has; without a plan, each row of the table passes for one with an image."""
    stored = records.stored_files(workspace.engine, dataset_id)
    if plan is None:
        table = without_repeated(table)
        here = {r.image_id: r for r in table.records if r.image_id in stored}
        new_rows = len(table.records) - len(here)
        lower = _scored_lower(table, stored)
        return ImportWork(
            [], [], here, list(table.exclusions), [], lower, without_plan=new_rows, scored_lower=len(lower)
        )
    table = plan.table
    present = {r.image_id: r for r in table.records if r.image_id in stored}

    sizes = records.image_sizes(workspace.engine, dataset_id) if plan.masks and present else {}
    new: list[Item] = []
    again: list[Item] = []
    with_image = set()
    for record, entry in plan.work:
        if record.image_id in present:
            with_image.add(record.image_id)
            files = StoredFiles(*stored[record.image_id])
            again.append(
                Item(record, ImportTask(entry, plan.masks.get(record.image_id), files, sizes.get(record.image_id)))
            )
        else:
            new.append(Item(record, ImportTask(entry, plan.masks.get(record.image_id))))
    # Masks may come later than the images.
    again += [
        Item(record, ImportTask(None, mask, StoredFiles(*stored[image_id]), sizes.get(image_id)))
        for image_id, record in present.items()
        if image_id not in with_image and (mask := plan.masks.get(image_id)) is not None
    ]
    # A record imported earlier stays, also when its file is not given again.
    of_table = set(map(id, table.exclusions))
    rows = [e for e in plan.excluded_rows if id(e) in of_table or e.image_id not in present]
    lower = _scored_lower(table, stored)
    notes = (*plan.notes, *lower)
    return ImportWork(new, again, present, rows, list(plan.excluded_files), notes, scored_lower=len(lower))


def _scored_lower(table: SourceTable, stored: Collection[str]) -> tuple[tuple[str, str], ...]:
    """What to say of rows that score an image 1 or 2 which is in the data set: no import rejects it."""
    return tuple(
        (e.image_id, _SCORED_LOWER)
        for e in table.exclusions
        if e.reason is ExclusionReason.LOW_QUALITY_SCORE and e.image_id in stored
    )
