"""Data sets that nobody plans for: without records, of one class, of pictures that are all alike."""

import hashlib
from collections.abc import Callable

from dermdash.storage import records
from dermdash.storage.object_store import ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace
from tests.factories import make_image, make_record
from tests.filled_workspace import draw_jpeg

ODD = "odd"
"""Id of the data set."""


def _data_set(workspace: Workspace) -> None:
    values = {"id": ODD, "name": "Odd", "taxonomy": "ham7", "source": "", "licence": "", "simulated": False}
    records.save_dataset(workspace.engine, values=values)


def without_records(workspace: Workspace) -> None:
    _data_set(workspace)


def of_one_class(workspace: Workspace) -> None:
    _data_set(workspace)
    _fill(workspace, [draw_jpeg("nv", seed=n) for n in range(6)])


def all_alike(workspace: Workspace) -> None:
    """One picture, saved so often that each file is another."""
    _data_set(workspace)
    picture = draw_jpeg("nv", seed=1)
    _fill(workspace, [picture + bytes([n]) for n in range(6)])


def _fill(workspace: Workspace, files: list[bytes]) -> None:
    images, rows = [], []
    for n, data in enumerate(files):
        sha256 = hashlib.sha256(data).hexdigest()
        for kind in (ORIGINALS, THUMBNAILS):
            workspace.files.put(kind, sha256, data)
        images.append(make_image(sha256, width=48, height=36, bytes=len(data)))
        rows.append(make_record(f"I{n}", ODD, lesion_id=f"L{n}", image_sha256=sha256, dx="nv", source_label="nv"))
    records.save_batch(workspace.engine, images=images, records=rows)


ODD_DATA_SETS: dict[str, Callable[[Workspace], None]] = {
    "empty": without_records,
    "one class": of_one_class,
    "all alike": all_alike,
}
