"""Which pairs of images are worth comparing: votes of local descriptors, agreeing facts, perceptual hashes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.dataset.agreeing_facts import agreeing_blocks, larger_blocks, pairs_within
from dermdash.dataset.descriptor_index import DescriptorIndex, Vocabulary
from dermdash.dataset.local_descriptors import LocalDescriptors
from dermdash.dataset.perceptual_hash import hamming_distances, hash_values
from dermdash.storage.workspace import Workspace
from dermdash.workflows.lesion_identity.descriptor_cache import index_images
from dermdash.workflows.lesion_identity.same_lesion_worker import load_descriptors

PER_IMAGE = 100
"""Candidates of each image by votes; nearly all true pairs of HAM10000 stand in the first 10, a few blurred ones near
place 100."""
PER_NEW_IMAGE = 200
"""The same where only new images ask: a pair is then asked about once and not twice."""
PER_IMAGE_OF_BLOCK = 60
"""Candidates of each image by votes among many whose facts agree with it."""
PER_IMAGE_BY_HASH = 8
NEAR_HASH = 8

Pair = tuple[int, int]


def ordered(i: int, j: int) -> Pair:
    """The pair, its smaller position first."""
    return (i, j) if i < j else (j, i)


def by_structure_and_facts(
    workspace: Workspace,
    hashes: Sequence[str],
    rows: pd.DataFrame,
    asking: NDArray[np.bool_],
    *,
    progress: Callable[[float], None] = lambda share: None,
) -> set[Pair]:
    """Pairs by votes of local descriptors among all images, and pairs whose records agree in sex, age and site.

    Parameters
    ----------
    hashes
        Of the images, in order; those without descriptors are in no pair.
    rows
        A record of each image, in the same order.
    asking
        bool, one per image: pairs of two that do not ask were compared before.
    """
    loaded = [load_descriptors(workspace.files, sha256) for sha256 in hashes]
    there = [i for i, image in enumerate(loaded) if image is not None]
    images = [image for image in loaded if image is not None]
    if len(images) < 2:
        return set()
    asks = asking[there]
    blocks = agreeing_blocks(rows.iloc[there])
    larger = larger_blocks(blocks)
    steps = len(images) + sum(map(len, larger))
    index = index_images(workspace, [hashes[i] for i in there], images)
    per_image = PER_IMAGE if asking.all() else PER_NEW_IMAGE
    found = index.candidates(asks, per_image=per_image, progress=lambda share: progress(share * len(images) / steps))
    pairs = {(c.first, c.second) for c in found}
    pairs.update(pairs_within(blocks, asks))
    done = len(images)
    for block in larger:
        pairs.update(_by_votes_among(block, images, asks))
        done += len(block)
        progress(done / steps)
    return {(there[i], there[j]) for i, j in pairs}


def _by_votes_among(
    block: NDArray[np.int64], images: Sequence[LocalDescriptors], asks: NDArray[np.bool_]
) -> list[Pair]:
    """Pairs by votes within some of the images: few enough that chance does not drown a true one."""
    if not asks[block].any():
        return []
    some = [images[i] for i in block]
    vocabulary = Vocabulary.learn(some)
    cells = [vocabulary.cells_of(vocabulary.project(image.vectors)) for image in some]
    found = DescriptorIndex(vocabulary, some, cells).candidates(asks[block], per_image=PER_IMAGE_OF_BLOCK)
    return [ordered(int(block[c.first]), int(block[c.second])) for c in found]


def by_hash(phashes: Sequence[str], asking: NDArray[np.bool_]) -> Iterable[Pair]:
    """Pairs of each image that asks with its nearest others by perceptual hash."""
    values = hash_values(phashes)
    for i in np.flatnonzero(asking):
        distances = hamming_distances(values[i], values)
        distances[i] = 65
        # Uniform images all have one hash: no image asks for more than a few.
        for j in np.argsort(distances, kind="stable")[:PER_IMAGE_BY_HASH]:
            if distances[j] <= NEAR_HASH:
                yield ordered(int(i), int(j))
