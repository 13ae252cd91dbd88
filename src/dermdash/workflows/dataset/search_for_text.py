"""The search of stored images for burned-in text: it proposes, people decide (`judge_images`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from dermdash.dataset.burned_in_text import DETECTOR
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.storage import deidentification as store
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.deidentification_state import images_of
from dermdash.workflows.dataset.text_worker import ScreenedImage, screen_chunk
from dermdash.workflows.worker_pool import worker_pool

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
    processes: bool = True,
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
    workers = workspace.settings.workers or os.cpu_count() or 1
    if todo:
        with worker_pool(workers, processes=processes) as pool:
            done = 0
            for part in _parts(todo, _CHUNK * workers * 2):
                waiting = [_submit(pool, chunk, workspace, limits) for chunk in _parts(part, _CHUNK)]
                new = [image for future in waiting for image in future.result()]
                readable = [image for image in new if image.problem is None]
                store.save_screenings(workspace.engine, [image.row(DETECTOR) for image in readable])
                unreadable |= {image.sha256: image.problem for image in new if image.problem is not None}
                found += readable
                done += len(part)
                say(done, len(todo))
    return ScreeningReport(len(found), sum(bool(image.regions) for image in found), unreadable)


def _parts(hashes: Sequence[str], size: int) -> list[Sequence[str]]:
    return [hashes[at : at + size] for at in range(0, len(hashes), size)]


def _submit(
    pool: Executor, chunk: Sequence[str], workspace: Workspace, limits: ImageLimits
) -> Future[list[ScreenedImage]]:
    return pool.submit(screen_chunk, list(chunk), files=workspace.files, limits=limits)
