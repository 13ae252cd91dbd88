"""Which pairs of images are worth comparing: votes of local descriptors, agreeing facts, perceptual hashes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.dataset.agreeing_facts import agreeing_blocks, larger_blocks, pairs_within
from dermdash.dataset.descriptor_index import DescriptorIndex, KeptRounds, Vocabulary
from dermdash.dataset.image_pairs import Pairs, joined, pairs_of
from dermdash.dataset.local_descriptors import LocalDescriptors
from dermdash.dataset.perceptual_hash import hamming_distances, hash_values
from dermdash.storage.workspace import Workspace
from dermdash.workflows.lesion_identity.descriptor_cache import StoredDescriptors, index_images

PER_IMAGE = 100
"""Candidates of each image by votes; nearly all true pairs of HAM10000 stand in the first 10, a few blurred ones near
place 100."""
PER_NEW_IMAGE = 200
"""The same where only new images ask: a pair is then asked about once and not twice."""
PER_IMAGE_OF_BLOCK = 60
"""Candidates of each image by votes among many whose facts agree with it."""
PER_IMAGE_BY_HASH = 8
NEAR_HASH = 8
_HASHES_AT_ONCE = 1000
_PARTS = (0.02, 0.3, 0.48, 0.2)
"""How the work is shared, about: reading descriptors, sorting them into cells, votes among all, votes among some."""
_AT_HAND = 4000
"""Up to so many images of a block are read once and not three times: 170 MB."""


def by_structure_and_facts(
    workspace: Workspace,
    hashes: Sequence[str],
    rows: pd.DataFrame,
    asking: NDArray[np.bool_],
    *,
    kept: Callable[[bytes], KeptRounds],
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
    kept
        Is told which of the images have descriptors, and gives what `DescriptorIndex.candidates` takes.
    """
    ends = np.cumsum([0.0, *_PARTS])

    def told(part: int, share: float) -> None:
        progress(float(ends[part] + share * _PARTS[part]))

    images, there = StoredDescriptors.there(workspace.files, hashes, progress=partial(told, 0))
    if len(images) < 2:
        return pairs_of([], [])
    asks = asking[there]
    blocks = agreeing_blocks(rows.iloc[there])
    larger = larger_blocks(blocks)
    index = index_images(workspace, images, progress=partial(told, 1))
    per_image = PER_IMAGE if asking.all() else PER_NEW_IMAGE
    found = index.candidates(asks, per_image=per_image, progress=partial(told, 2), kept=kept(repr(there).encode()))
    del index
    parts = [pairs_of(found.first, found.second), pairs_within(blocks, asks)]
    done, of_all = 0, sum(map(len, larger))
    for block in larger:

        def told_of(share: float, before: int = done, size: int = len(block)) -> None:
            told(3, (before + share * size) / of_all)

        parts.append(_by_votes_among(block, images, asks, told_of))
        done += len(block)
    return np.array(there, np.int64)[joined(*parts)]


def _by_votes_among(
    block: NDArray[np.int64], images: StoredDescriptors, asks: NDArray[np.bool_], progress: Callable[[float], None]
) -> Pairs:
    """Pairs by votes within some of the images: few enough that chance does not drown a true one."""
    if not asks[block].any():
        return pairs_of([], [])
    some: Sequence[LocalDescriptors] = images.some(block)
    if len(block) <= _AT_HAND:
        some = list(some)
    vocabulary = Vocabulary.learn(some, int(images.counts[block].sum()))
    cells = [vocabulary.cells_of(vocabulary.project(image.vectors)) for image in some]
    index = DescriptorIndex(vocabulary, some, cells)
    found = index.candidates(asks[block], per_image=PER_IMAGE_OF_BLOCK, progress=progress)
    return pairs_of(block[found.first], block[found.second])


def by_hash(phashes: Sequence[str], asking: NDArray[np.bool_], *, progress: Callable[[], None] = lambda: None) -> Pairs:
    """Pairs of each image that asks with its nearest others by perceptual hash."""
    values = hash_values(phashes)
    first, second = [], []
    for place, i in enumerate(np.flatnonzero(asking)):
        if place % _HASHES_AT_ONCE == 0:
            progress()
        distances = hamming_distances(values[i], values)
        distances[i] = 65
        near = np.flatnonzero(distances <= NEAR_HASH)
        # Uniform images all have one hash: no image asks for more than a few.
        near = near[np.argsort(distances[near], kind="stable")][:PER_IMAGE_BY_HASH]
        first.append(np.full(len(near), i))
        second.append(near)
    return pairs_of(np.concatenate([[], *first]), np.concatenate([[], *second]))
