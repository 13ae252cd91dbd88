"""The search of stored images for burned-in text: it proposes, people decide (`judge_images`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from dermdash.dataset.burned_in_text import DETECTOR
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.storage import deidentification as store
from dermdash.storage.workspace import Workspace
from dermdash.workflows.chunk_workers import chunk_workers, chunks_of
from dermdash.workflows.dataset.deidentification_state import images_of
from dermdash.workflows.dataset.text_worker import ScreenedImage, screen_chunk
from dermdash.workflows.worker_pool import worth_processes

_CHUNK = 32


@dataclass(frozen=True, slots=True)
class ScreeningReport:
    """What a search did: images searched, those in which text is proposed, and why some could not be read."""

    screened: int
    proposed: int
    unreadable: Mapping[str, str]


def screen(
    workspace: Workspace,
    *,
    dataset_ids: Collection[str] | None = None,
    processes: bool | None = True,
    progress: Callable[[int, int], None] | None = None,
) -> ScreeningReport:
    """Search for burned-in text in the images that this version of the detector has not seen.

    What was found before an interruption is kept, and the same call goes on from there.
    """
    frame = images_of(workspace, dataset_ids)
    todo = frame.loc[frame["detector"] != DETECTOR, "sha256"].tolist()
    limits = ImageLimits.from_settings(workspace.settings)
    found: list[ScreenedImage] = []
    unreadable: dict[str, str] = {}
    say = progress or (lambda done, total: None)
    say(0, len(todo))
    if todo:
        work = partial(screen_chunk, files=workspace.files, limits=limits)
        with chunk_workers(workspace, processes=worth_processes(processes, len(todo))) as workers:
            done = 0
            for chunk, new in workers.in_order(work, chunks_of(todo, _CHUNK)):
                readable = [image for image in new if image.problem is None]
                store.save_screenings(workspace.engine, [image.row(DETECTOR) for image in readable])
                unreadable |= {image.sha256: image.problem for image in new if image.problem is not None}
                found += readable
                done += len(chunk)
                say(done, len(todo))
    return ScreeningReport(len(found), sum(bool(image.regions) for image in found), unreadable)
