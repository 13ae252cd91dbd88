"""The regions of a record that a saliency map is held against, as pixels of the part the network saw.

One interface for all of them: a region has a name, the hash of its mask in the object store, and pixels. Today that is
the lesion mask; marked structures join ``regions_of`` once records carry them, and everything after it serves them too.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdash.analysis.faithfulness import SIDE
from dermdash.classifier.saliency_map import crop_box
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage.object_store import MASKS, THUMBNAILS
from dermdash.storage.workspace import Workspace

LESION = "lesion"
_PROPORTIONS = 0.03


@dataclass(frozen=True, slots=True)
class Region:
    """A marked part of a record's image: its name and the hash of its mask."""

    name: str
    sha256: str


def regions_of(row: dict[str, Any]) -> list[Region]:
    """Return the regions of a record, a row of ``storage.saliency.explained_records``."""
    return [Region(LESION, row["mask_sha256"])] if row["mask_sha256"] else []


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


def _open(workspace: Workspace, kind: str, sha256: str) -> Image.Image:
    try:
        return Image.open(workspace.files.path(kind, sha256))
    except FileNotFoundError:
        raise NotFound(
            f"The file {kind}/{sha256[:12]}… is missing from the workspace; import the data again."
        ) from None
    except OSError as error:
        raise InvalidInput(f"the file {kind}/{sha256[:12]}… cannot be read as an image: {error}") from error
