"""The regions of a record that a saliency map is held against, as pixels of the part the network saw.

One interface for all of them: a region has a name, a hash of what it was made from, and pixels. It is the lesion mask,
or a dermoscopic structure as people marked it: what at least half of the reviewers of a record drew as one, or where
there was no review yet what the initial annotation has.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdash.analysis.faithfulness import SIDE
from dermdash.classifier.saliency_map import crop_box
from dermdash.errors import FileMissing, InvalidInput, NotFound
from dermdash.records.acts import TaskPurpose
from dermdash.records.fields import STRUCTURES
from dermdash.storage import annotation_rows
from dermdash.storage.object_store import MASKS, THUMBNAILS
from dermdash.storage.records import image_size
from dermdash.storage.workspace import Workspace
from dermdash.verification.marks import Mark, mask_of, scaled

LESION = "lesion"
_PROPORTIONS = 0.03
_MARKED_SIDE = 1024
"""Pixels of the masks that marks are drawn on."""


@dataclass(frozen=True, slots=True)
class Region:
    """A marked part of a record's image: its name, and the hash of its mask or of the marks of each person."""

    name: str
    sha256: str
    marks: tuple[tuple[Mark, ...], ...] = ()


def regions_of(workspace: Workspace, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Region]]:
    """Return the regions of each record by its id; ``rows`` are of ``storage.saliency.explained_records``."""
    found = {str(row["record_id"]): [Region(LESION, row["mask_sha256"])] if row["mask_sha256"] else [] for row in rows}
    for record_id, regions in _marked(workspace, found).items():
        found[record_id] += regions
    return found


def _marked(workspace: Workspace, record_ids: Iterable[str]) -> dict[str, list[Region]]:
    """The structures that people marked."""
    wanted = set(record_ids)
    rounds: dict[str, dict[tuple[int, bool], list[dict[str, Any]]]] = {}
    for row in annotation_rows.list_annotations(workspace.engine, purposes=(TaskPurpose.INITIAL, TaskPurpose.REVIEW)):
        if row["record_id"] in wanted:
            key = (int(row["cycle"]), row["purpose"] == TaskPurpose.REVIEW)
            rounds.setdefault(row["record_id"], {}).setdefault(key, []).append(row)
    return {record_id: list(_structures(of_record[max(of_record)])) for record_id, of_record in rounds.items()}


def _structures(answers: Sequence[Mapping[str, Any]]) -> Iterable[Region]:
    people = [[Mark.from_json(mark) for mark in row["content"].get("marks") or ()] for row in answers]
    for structure in STRUCTURES:
        marks = tuple(tuple(mark for mark in drawn if mark.structure == structure) for drawn in people)
        if any(marks):
            said = json.dumps([[mark.as_json() for mark in drawn] for drawn in marks], sort_keys=True)
            yield Region(structure, hashlib.sha256(said.encode()).hexdigest(), marks)


def region_words(name: str) -> str:
    """A region as people read it."""
    return "Lesion mask" if name == LESION else name.replace("_", " ").capitalize()


def region_on_crop(workspace: Workspace, region: Region, *, image_sha256: str, input_size: int) -> NDArray[np.bool_]:
    """Return a region within what the network saw: bool (SIDE, SIDE), True where at least half of a pixel is marked.

    Masks are taken as drawn on the upright image, as the record page shows them.

    Raises
    ------
    NotFound
        The mask or the thumbnail is missing from the workspace.
    InvalidInput
        The mask has other proportions than the image, so nobody knows where it lies.
    """
    if region.marks:
        return _marks_on_crop(workspace, region, image_sha256=image_sha256, input_size=input_size)
    with _open(workspace, MASKS, region.sha256) as mask:
        width, height = mask.size
        with _open(workspace, THUMBNAILS, image_sha256) as thumbnail:  # upright, in the image's proportions
            expected = thumbnail.width / thumbnail.height
        if abs(width / height / expected - 1) > _PROPORTIONS:
            raise InvalidInput(
                f"the {region.name} mask has {width} x {height} px, other proportions than its image; import it again"
            )
        box = crop_box(input_size, width, height)
        scaled = mask.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX, box=box)
    return np.asarray(scaled) >= 128


def _marks_on_crop(workspace: Workspace, region: Region, *, image_sha256: str, input_size: int) -> NDArray[np.bool_]:
    """What at least half of the people marked; marks are pixels of the upright image."""
    stored = image_size(workspace.engine, image_sha256)
    with _open(workspace, THUMBNAILS, image_sha256) as thumbnail:
        upright = thumbnail.size
    if (stored[0] > stored[1]) != (upright[0] > upright[1]):
        stored = stored[::-1]
    scale = min(1.0, _MARKED_SIDE / max(stored))
    width, height = (max(1, round(side * scale)) for side in stored)
    drawn = [mask_of((scaled(mark, scale) for mark in marks), width, height) for marks in region.marks]
    agreed = np.mean(drawn, axis=0) >= 0.5
    crop = Image.fromarray(agreed.astype(np.uint8) * 255).resize(
        (SIDE, SIDE), Image.Resampling.BOX, box=crop_box(input_size, width, height)
    )
    return np.asarray(crop) >= 128


def _open(workspace: Workspace, kind: str, sha256: str) -> Image.Image:
    try:
        return Image.open(BytesIO(workspace.files.get(kind, sha256)))
    except FileMissing:
        raise NotFound(
            f"The file {kind}/{sha256[:12]}… is missing from the workspace; import the data again."
        ) from None
    except OSError as error:
        raise InvalidInput(f"the file {kind}/{sha256[:12]}… cannot be read as an image: {error}") from error
