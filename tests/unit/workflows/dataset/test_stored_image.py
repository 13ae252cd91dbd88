"""Whatever reads a stored image uses it only while its file is the one that was stored."""

import io
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from dermdash.classifier.preprocessing import load_square
from dermdash.dataset.image_ingestion import DEFAULT_LIMITS
from dermdash.errors import DermdashError, FileDamaged, FileMissing, UnreadableImage
from dermdash.storage.object_store import MASKS, ORIGINALS, FolderStore
from dermdash.workflows.dataset.acquisition_worker import ImageToMeasure, measure_chunk
from dermdash.workflows.dataset.stored_image import decode_stored, stored_pixels
from dermdash.workflows.dataset.text_worker import screen_chunk
from dermdash.workflows.findings.looks import thumbnail_pixels
from dermdash.workflows.lesion_identity.same_lesion_worker import describe_chunk


def picture(color: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), color).save(buffer, "PNG")
    return buffer.getvalue()


WHOLE, OTHER = picture("brown"), picture("white")
NAME = sha256(WHOLE).hexdigest()
MOST = DEFAULT_LIMITS.max_pixels


def measured(files: FolderStore, mask: str | None = None) -> str | None:
    (image,) = measure_chunk([ImageToMeasure("r", NAME, mask, damaged=False)], files=files, limits=DEFAULT_LIMITS)
    return image.problem


def screened(files: FolderStore) -> str | None:
    (image,) = screen_chunk([NAME], files=files, limits=DEFAULT_LIMITS)
    return image.problem


def refused(read: Callable[[], object]) -> str | None:
    try:
        read()
    except DermdashError as error:
        return str(error)
    return None


READERS: dict[str, Callable[[FolderStore], str | None]] = {
    "acquisition": measured,
    "text": screened,
    "same lesion": lambda files: describe_chunk([NAME], files=files, max_pixels=MOST).get(NAME),
    "looks": lambda files: refused(lambda: thumbnail_pixels(files, NAME, MOST)),
    "classifier": lambda files: refused(lambda: load_square(files.image(ORIGINALS, NAME), side=32)),
    "pictures of a pair": lambda files: refused(lambda: stored_pixels(files, NAME, max_pixels=MOST)),
}


@pytest.mark.parametrize("reader", READERS)
def test_another_picture_in_the_place_of_one_is_refused_and_so_is_none(reader: str, tmp_path: Path) -> None:
    files, read = FolderStore(tmp_path), READERS[reader]
    assert "is missing" in (read(files) or "")
    files.replace(ORIGINALS, NAME, OTHER)
    assert "is not what was stored" in (read(files) or "")
    files.replace(ORIGINALS, NAME, WHOLE)
    assert read(files) is None


def test_a_mask_is_held_to_its_hash_too(tmp_path: Path) -> None:
    files, mask = FolderStore(tmp_path), sha256(OTHER).hexdigest()
    files.put(ORIGINALS, NAME, WHOLE)
    files.replace(MASKS, mask, WHOLE)
    assert "is not what was stored" in (measured(files, mask) or "")
    files.replace(MASKS, mask, OTHER)
    assert measured(files, mask) is None


def test_the_errors_tell_a_lost_file_from_a_damaged_one_and_from_one_that_never_was_an_image(tmp_path: Path) -> None:
    files = FolderStore(tmp_path)
    with pytest.raises(FileMissing):
        decode_stored(files, NAME, max_pixels=MOST)
    files.replace(ORIGINALS, NAME, OTHER)
    with pytest.raises(FileDamaged):
        decode_stored(files, NAME, max_pixels=MOST)
    text = sha256(b"text").hexdigest()
    files.put(ORIGINALS, text, b"text")
    with pytest.raises(UnreadableImage):
        decode_stored(files, text, max_pixels=MOST)
