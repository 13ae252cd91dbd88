"""How the images of a workspace look at a glance (`dataset/image_looks`), each looked at once and kept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.image_looks import BOXES, CUES, FORMS, VERSION, look_at
from dermdash.dataset.image_resizing import shrink
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage.object_store import THUMBNAILS, ObjectStore, write_atomically
from dermdash.storage.workspace import Workspace
from dermdash.workflows.chunk_workers import chunk_workers, chunks_of
from dermdash.workflows.dataset.stored_image import stored_pixels
from dermdash.workflows.worker_pool import worth_processes

_AT_ONCE = 64
_IN_A_FILE = 2048
_THUMBNAIL_SIDE = 224
_Arrays = tuple[NDArray[np.str_], NDArray[np.uint64], NDArray[np.uint64], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Of each image that could be read, in the order asked: its hash, forms (n, 8), parts (n, 81) and cues (n, 16).

    ``unreadable`` has why, by hash, for the others.
    """

    hashes: list[str]
    forms: NDArray[np.uint64]
    parts: NDArray[np.uint64]
    cues: NDArray[np.float32]
    unreadable: dict[str, str]


def looks_of(
    workspace: Workspace,
    hashes: Sequence[str],
    *,
    processes: bool | None,
    report: Callable[[str, float, float], None],
) -> Looks:
    """Look at the images that have not been looked at yet, and return how all look; what is done is kept at any end.

    Raises
    ------
    DermdashError
        As `chunk_workers`.
    """
    folder = workspace.home / "findings" / f"looks-{VERSION}"
    known = _load(folder)
    place = {name: i for i, name in enumerate(known[0].tolist())}
    missing = [sha256 for sha256 in dict.fromkeys(hashes) if sha256 not in place]
    unreadable: dict[str, str] = {}
    if missing:
        new = _look_at_all(workspace, missing, folder, unreadable, processes=processes, report=report)
        known = tuple(np.concatenate([a, b]) for a, b in zip(known, new, strict=True))  # type: ignore[assignment]
        place = {name: i for i, name in enumerate(known[0].tolist())}
    there = [sha256 for sha256 in hashes if sha256 in place]
    rows = np.array([place[sha256] for sha256 in there], dtype=np.intp)
    return Looks(there, known[1][rows], known[2][rows], known[3][rows], unreadable)


def _look_at_all(
    workspace: Workspace,
    missing: Sequence[str],
    folder: Path,
    unreadable: dict[str, str],
    *,
    processes: bool | None,
    report: Callable[[str, float, float], None],
) -> _Arrays:
    stage, pixels = "Looking at images", workspace.settings.max_image_pixels
    every: list[_Arrays] = [_nothing()]
    waiting: list[_Arrays] = []
    done = 0
    report(stage, 0, len(missing))
    work = partial(_look_at_chunk, files=workspace.files, max_pixels=pixels)
    try:
        beside = processes is not False and worth_processes(None, len(missing))
        with chunk_workers(workspace, processes=beside) as workers:
            for chunk, (arrays, problems) in workers.in_order(work, chunks_of(missing, _AT_ONCE)):
                waiting.append(arrays)
                unreadable |= problems
                done += len(chunk)
                _flush(folder, waiting, every)
                report(stage, done, len(missing))
    finally:
        _flush(folder, waiting, every, least=1)  # also what was ready when somebody stopped it
    return tuple(np.concatenate(parts) for parts in zip(*every, strict=True))  # type: ignore[return-value]


def _flush(folder: Path, waiting: list[_Arrays], every: list[_Arrays], *, least: int = _IN_A_FILE) -> None:
    if sum(len(part[0]) for part in waiting) < least:
        return
    arrays = tuple(np.concatenate(parts) for parts in zip(*waiting, strict=True))
    waiting.clear()
    every.append(arrays)  # type: ignore[arg-type]
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, hashes=arrays[0], forms=arrays[1], parts=arrays[2], cues=arrays[3])
    write_atomically(folder / f"{arrays[0][0]}.npz", buffer.getvalue())


def _load(folder: Path) -> _Arrays:
    """All that is kept; a damaged file is left out, its images are looked at again."""
    every = [_nothing()]
    for path in sorted(folder.glob("*.npz")):
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = (file["hashes"], file["forms"], file["parts"], file["cues"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            continue
        if arrays[1].shape[1:] == (len(FORMS),) and arrays[2].shape[1:] == (len(BOXES),):
            every.append(arrays)
    return tuple(np.concatenate(parts) for parts in zip(*every, strict=True))  # type: ignore[return-value]


def _nothing() -> _Arrays:
    return (
        np.zeros(0, "<U64"), np.zeros((0, len(FORMS)), np.uint64), np.zeros((0, len(BOXES)), np.uint64),
        np.zeros((0, len(CUES)), np.float32),
    )  # fmt: skip


def _look_at_chunk(hashes: Sequence[str], *, files: ObjectStore, max_pixels: int) -> tuple[_Arrays, dict[str, str]]:
    cv2.setNumThreads(1)
    kept, looks, problems = [], [], {}
    for sha256 in hashes:
        try:
            looks.append(look_at(thumbnail_pixels(files, sha256, max_pixels)))
        except (NotFound, InvalidInput) as error:
            problems[sha256] = str(error)
            continue
        kept.append(sha256)
    if not kept:
        return _nothing(), problems
    return (
        np.array(kept, "<U64"), np.stack([one.forms for one in looks]), np.stack([one.parts for one in looks]),
        np.stack([one.cues for one in looks]),
    ), problems  # fmt: skip


def thumbnail_pixels(files: ObjectStore, sha256: str, max_pixels: int) -> NDArray[np.uint8]:
    """The RGB pixels of an image's thumbnail, or of the image itself made as small.

    Raises
    ------
    NotFound, InvalidInput
        Neither can be read.
    """
    try:
        pixels = cv2.imdecode(np.frombuffer(files.get(THUMBNAILS, sha256), np.uint8), cv2.IMREAD_COLOR)
    except NotFound:
        pixels = None
    if pixels is not None:
        return np.ascontiguousarray(np.asarray(pixels, np.uint8)[..., ::-1])
    return shrink(stored_pixels(files, sha256, max_pixels=max_pixels), _THUMBNAIL_SIDE)
