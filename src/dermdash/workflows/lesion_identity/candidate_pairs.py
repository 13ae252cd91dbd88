"""Which pairs of images are worth comparing: votes of local descriptors, agreeing facts, perceptual hashes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.dataset.agreeing_facts import agreeing_blocks, larger_blocks, pairs_within
from dermdash.dataset.descriptor_index import DescriptorIndex, Vocabulary
from dermdash.dataset.image_pairs import Pairs, joined, pairs_of
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


def by_structure_and_facts(
    workspace: Workspace,
    hashes: Sequence[str],
    rows: pd.DataFrame,
    asking: NDArray[np.bool_],
    *,
    progress: Callable[[float], None] = lambda share: None,
) -> Pairs:
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
        return pairs_of([], [])
    asks = asking[there]
    blocks = agreeing_blocks(rows.iloc[there])
    larger = larger_blocks(blocks)
    steps = len(images) + sum(map(len, larger))
    index = index_images(workspace, [hashes[i] for i in there], images)
    per_image = PER_IMAGE if asking.all() else PER_NEW_IMAGE
    found = index.candidates(asks, per_image=per_image, progress=lambda share: progress(share * len(images) / steps))
    parts = [pairs_of(found.first, found.second), pairs_within(blocks, asks)]
    done = len(images)
    for block in larger:
        parts.append(_by_votes_among(block, images, asks))
        done += len(block)
        progress(done / steps)
    return np.array(there, np.int64)[joined(*parts)]


def _by_votes_among(block: NDArray[np.int64], images: Sequence[LocalDescriptors], asks: NDArray[np.bool_]) -> Pairs:
    """Pairs by votes within some of the images: few enough that chance does not drown a true one."""
    if not asks[block].any():
        return pairs_of([], [])
    some = [images[i] for i in block]
    vocabulary = Vocabulary.learn(some)
    cells = [vocabulary.cells_of(vocabulary.project(image.vectors)) for image in some]
    found = DescriptorIndex(vocabulary, some, cells).candidates(asks[block], per_image=PER_IMAGE_OF_BLOCK)
    return pairs_of(block[found.first], block[found.second])


def by_hash(phashes: Sequence[str], asking: NDArray[np.bool_]) -> Pairs:
    """Pairs of each image that asks with its nearest others by perceptual hash."""
    values = hash_values(phashes)
    first, second = [], []
    for i in np.flatnonzero(asking):
        distances = hamming_distances(values[i], values)
        distances[i] = 65
        near = np.flatnonzero(distances <= NEAR_HASH)
        # Uniform images all have one hash: no image asks for more than a few.
        near = near[np.argsort(distances[near], kind="stable")][:PER_IMAGE_BY_HASH]
        first.append(np.full(len(near), i))
        second.append(near)
    return pairs_of(np.concatenate([[], *first]), np.concatenate([[], *second]))
