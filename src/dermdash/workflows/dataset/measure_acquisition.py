"""Measuring of stored images for the acquisition gate: it proposes scores, people decide (`assess_acquisition`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from dermdash.dataset.acquisition.measurements import VERSION
from dermdash.dataset.acquisition.proposal import propose
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.storage import acquisition as store
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.chunk_workers import chunk_workers, chunks_of
from dermdash.workflows.dataset.acquisition_worker import ImageToMeasure, MeasuredImage, measure_chunk
from dermdash.workflows.worker_pool import worth_processes

_CHUNK = 32
"""Images: a second of one core, and one transaction."""


@dataclass(frozen=True, slots=True)
class MeasuringReport:
    """What a run did: images measured, how many have which proposed score, and why some could not be read.

    ``unreadable`` is by record id; ``stopped``: it was asked to stop before all were measured.
    """

    measured: int
    proposed: Mapping[int, int]
    unreadable: Mapping[str, str]
    stopped: bool = False

    def to_json(self) -> dict[str, Any]:
        """For the command."""
        return {
            "measured": self.measured, "proposed": {str(s): n for s, n in self.proposed.items()},
            "unreadable": dict(self.unreadable), "stopped": self.stopped,
        }  # fmt: skip


def measure(
    workspace: Workspace,
    actor: Account,
    *,
    dataset_ids: Collection[str] | None = None,
    processes: bool | None = True,
    progress: Callable[[int, int], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> MeasuringReport:
    """Measure the images that this version has not measured, and propose a score for each.

    What was measured before an interruption is kept, and the same call goes on from there.

    Raises
    ------
    AccessDenied
        The person may not.
    """
    require_right(actor, Right.ASSESS_ACQUISITION)
    chosen = [str(d["id"]) for d in records.list_datasets(workspace.engine)]
    chosen = [d for d in chosen if dataset_ids is None or d in dataset_ids]
    todo = [ImageToMeasure(**row) for row in store.images_to_measure(workspace.engine, chosen, VERSION)]
    limits = ImageLimits.from_settings(workspace.settings)
    proposed = dict.fromkeys(range(1, 6), 0)
    unreadable: dict[str, str] = {}
    say = progress or (lambda done, total: None)
    say(0, len(todo))
    done = 0
    if todo:
        work = partial(measure_chunk, files=workspace.files, limits=limits)
        with chunk_workers(workspace, processes=worth_processes(processes, len(todo))) as workers:
            for chunk, found in workers.in_order(work, chunks_of(todo, _CHUNK)):
                rows = [_row(image) for image in found if image.problem is None]
                store.save_measurements(workspace.engine, rows)
                for row in rows:
                    proposed[row["proposed_score"]] += 1
                unreadable |= {i.of.record_id: i.problem for i in found if i.problem is not None}
                done += len(chunk)
                say(done, len(todo))
                if stopped is not None and stopped():
                    break
    return MeasuringReport(sum(proposed.values()), proposed, unreadable, stopped=done < len(todo))


def _row(image: MeasuredImage) -> dict[str, Any]:
    proposal = propose(image.measures, damaged=image.of.damaged)
    return {
        "record_id": image.of.record_id, "image_sha256": image.of.image_sha256, "version": VERSION,
        "by_mask": image.by_mask, "damaged": image.of.damaged, "proposed_score": proposal.score,
        "weakest": proposal.weakest, "off_centre": None, "lesion_share": None, **image.measures,
    }  # fmt: skip
