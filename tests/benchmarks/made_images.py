"""What stands for many images where none is needed: their hashes, features and labels, drawn at random."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.image_looks import BOXES, FORMS


class MadeImages(NamedTuple):
    """Hashes of the whole in each form (n, forms) and of parts (n, boxes), features (n, 256), and one of 7 labels."""

    forms: NDArray[np.uint64]
    parts: NDArray[np.uint64]
    features: NDArray[np.float32]
    labels: NDArray[np.int64]


def made_images(rng: np.random.Generator, n: int) -> MadeImages:
    """Of so many images; features tell labels apart."""
    # Hashes of lesions are no noise: each is near one of a few hundred looks, some bits off.
    looks = rng.integers(0, 2**63, 400, dtype=np.uint64)
    noise = np.bitwise_and.reduce(rng.integers(0, 2**63, (2, n, len(BOXES)), dtype=np.uint64))
    parts = looks[rng.integers(len(looks), size=n)][:, None] ^ noise
    forms = np.column_stack([parts[:, :1], rng.integers(0, 2**63, (n, len(FORMS) - 1), dtype=np.uint64)])
    features = rng.normal(size=(n, 256)).astype(np.float32)
    labels = rng.integers(7, size=n)
    features[np.arange(n), labels] += 2
    return MadeImages(forms, parts, features, labels)
