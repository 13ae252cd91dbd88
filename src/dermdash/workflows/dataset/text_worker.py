"""What the search for burned-in text does beside the main thread; nothing here imports the database."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from dermdash.dataset.burned_in_text import TextRegion, find_text
from dermdash.dataset.file_structure_check import surplus_in
from dermdash.dataset.image_decoding import decode
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.dataset.image_resizing import turn_upright
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage.object_store import ORIGINALS, ObjectStore


@dataclass(frozen=True, slots=True)
class ScreenedImage:
    """One image: where text is proposed, what its file holds beside pixels, or why it could not be read."""

    sha256: str
    regions: tuple[TextRegion, ...] = ()
    surplus: str | None = None
    problem: str | None = None

    def row(self, detector: str) -> dict[str, Any]:
        """For the database."""
        regions = [asdict(region) for region in self.regions]
        return {"image_sha256": self.sha256, "detector": detector, "regions": regions, "surplus": self.surplus}


def screen_chunk(hashes: Sequence[str], *, files: ObjectStore, limits: ImageLimits) -> list[ScreenedImage]:
    """Search several stored images, in order."""
    cv2.setNumThreads(1)  # the workers share the cores; threads inside each would only compete
    return [_screen(sha256, files, limits) for sha256 in hashes]


def _screen(sha256: str, files: ObjectStore, limits: ImageLimits) -> ScreenedImage:
    try:
        data = files.get_whole(ORIGINALS, sha256)
        stripped, pixels = decode(data, max_pixels=limits.max_pixels)
    except (NotFound, InvalidInput) as error:
        return ScreenedImage(sha256, problem=str(error))
    upright = np.ascontiguousarray(turn_upright(pixels, stripped.orientation))
    return ScreenedImage(sha256, find_text(upright), surplus_in(data))
