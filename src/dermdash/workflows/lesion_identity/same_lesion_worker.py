"""What the search for same lesions does beside the main thread: describe images, and compare pairs of them.

Runs in worker processes, which is why nothing here imports the database.
"""

import multiprocessing
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from dermdash.dataset.descriptor_index import DescriptorProjection
from dermdash.dataset.geometric_match import match_images
from dermdash.dataset.local_descriptors import DESCRIPTORS, LocalDescriptors, describe_image, working_grey
from dermdash.dataset.same_lesion import THRESHOLD, weigh
from dermdash.errors import DermdashError, FileMissing, InvalidInput, NotFound
from dermdash.storage.object_store import ObjectStore
from dermdash.workflows.dataset.stored_image import stored_pixels

IMAGES_AT_HAND = 1024
"""How many images a worker keeps while it compares: 270 MB."""


def describe_chunk(hashes: Sequence[str], *, files: ObjectStore, max_pixels: int) -> dict[str, str]:
    """Describe images and store their descriptors; return why, for those that could not be read.

    Raises
    ------
    WorkspaceFull
        The disk is full.
    """
    _use_one_core()
    problems = {}
    for sha256 in hashes:
        try:
            pixels = stored_pixels(files, sha256, max_pixels=max_pixels)
        except (NotFound, InvalidInput) as error:
            problems[sha256] = str(error)
            continue
        files.put(DESCRIPTORS, sha256, describe_image(pixels).to_bytes())
    return problems


def load_descriptors(files: ObjectStore, sha256: str) -> LocalDescriptors | None:
    """Return the cached descriptors of an image, None where there are none or they are damaged."""
    try:
        return LocalDescriptors.from_bytes(files.get(DESCRIPTORS, sha256))
    except (FileMissing, InvalidInput):
        return None


def compare_chunk(
    pairs: Sequence[tuple[str, str]], *, files: ObjectStore, max_pixels: int, axes: DescriptorProjection | None = None
) -> dict[tuple[str, str], dict[str, Any]]:
    """Compare pairs of image hashes; return score, verdict and details of those at or above the threshold.

    With ``axes`` each pair gets a first look in fewer dimensions.
    """
    _use_one_core()
    described = lru_cache(maxsize=IMAGES_AT_HAND)(lambda sha256: load_descriptors(files, sha256))

    @lru_cache(maxsize=IMAGES_AT_HAND)
    def projected(sha256: str) -> NDArray[np.float32] | None:
        image = described(sha256)
        return None if image is None or axes is None else axes.project(image.vectors)

    kept = {}
    for pair in pairs:
        one, other = described(pair[0]), described(pair[1])
        if one is None or other is None:
            continue
        first, second = projected(pair[0]), projected(pair[1])
        few = None if first is None or second is None else (first, second)
        if (match := match_images(one, other, projected=few)) is None:
            continue
        try:
            evidence = weigh(match, *(_grey(files, sha256, max_pixels) for sha256 in pair))
        except DermdashError:  # described once, gone since: the next run says so
            continue
        if evidence.score >= THRESHOLD:
            kept[pair] = {
                "score": evidence.score, "verdict": str(evidence.verdict), "details": evidence.details(one, other),
            }  # fmt: skip
    return kept


def _grey(files: ObjectStore, sha256: str, max_pixels: int) -> NDArray[np.uint8]:
    return working_grey(stored_pixels(files, sha256, max_pixels=max_pixels))


def _use_one_core() -> None:
    """Let the workers share the cores; threads inside each would only compete."""
    cv2.setNumThreads(1)
    if multiprocessing.parent_process() is not None:  # in a thread the limit belongs to whoever started the pool
        threadpool_limits(1)
