"""The pixels of a stored image, once its file was found to be the one that was stored."""

import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.deidentification import StrippedImage
from dermdash.dataset.image_decoding import decode
from dermdash.storage.object_store import ORIGINALS, ObjectStore


def decode_stored(files: ObjectStore, sha256: str, *, max_pixels: int) -> tuple[StrippedImage, NDArray[np.uint8]]:
    """Read and decode an original: the file without metadata, and its RGB pixels as stored, not turned upright.

    Raises
    ------
    FileMissing
        It is not there.
    FileDamaged
        It is another than was stored: what is measured on it would be of no image anybody imported.
    UnreadableImage, UnsafeUpload
        As of `decode`.
    """
    return decode(files.get_whole(ORIGINALS, sha256), max_pixels=max_pixels)


def stored_pixels(files: ObjectStore, sha256: str, *, max_pixels: int) -> NDArray[np.uint8]:
    """The pixels alone of `decode_stored`, which raises the same."""
    return decode_stored(files, sha256, max_pixels=max_pixels)[1]
