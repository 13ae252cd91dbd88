"""Whether a stored thumbnail is what was stored."""

import hashlib

from dermdash.dataset.deidentification import strip_metadata
from dermdash.dataset.image_decoding import decode
from dermdash.dataset.jpeg_damage import check_jpeg
from dermdash.errors import UnreadableImage, UnsafeUpload

_MOST_PIXELS = 1 << 20


def fault_of_thumbnail(data: bytes, sha256: str | None) -> str | None:
    """Say what is wrong with a thumbnail, or None.

    ``sha256`` is the hash it should have; None (thumbnails of earlier versions): it must be a whole JPEG.
    """
    if not data:
        return "is empty"
    if sha256 is not None:
        return None if hashlib.sha256(data).hexdigest() == sha256 else "is damaged: its sha256 is another one"
    try:
        decode(data, max_pixels=_MOST_PIXELS)
        damage = check_jpeg(strip_metadata(data).data).damage
    except (UnreadableImage, UnsafeUpload) as error:
        return f"is damaged: {error}"
    return None if damage is None else "is damaged: its data do not fit its size"
