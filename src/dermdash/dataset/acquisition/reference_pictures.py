"""A drawn reference picture for each score: one lesion, with the faults that its definition speaks of."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.synthetic import paint_lesion
from dermdash.records.quality_score import SCORES

_SEED = 11
_SIZE = (150, 200)
_FAULTS: dict[int, tuple[dict[str, float], tuple[str, ...]]] = {
    1: ({"blur": 0.9, "glare": 0.7}, ()),
    2: ({"blur": 0.46}, ("hair", "bubbles")),
    3: ({}, ("hair", "bubbles", "ruler")),
    4: ({}, ("ruler",)),
    5: ({}, ()),
}


def reference_picture(score: int) -> NDArray[np.uint8]:
    """The picture of a score from 1 to 5: RGB, 150 x 200 px, the same lesion in all of them."""
    faults, artefacts = _FAULTS[score]
    picture, _ = paint_lesion(
        dx="nv", rng=np.random.default_rng(_SEED), size=_SIZE, faults=faults, artefact_names=artefacts,
    )  # fmt: skip
    return picture


@cache
def reference_jpegs() -> dict[int, bytes]:
    """The picture of every score as JPEG."""
    return {score: _jpeg(reference_picture(score)) for score in SCORES}


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])
    return bytes(data)
