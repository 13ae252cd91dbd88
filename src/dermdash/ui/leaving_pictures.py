"""Pictures as they leave for a reader's browser: made anew with a secret of the study, or as stored where its protocol
says so; named, and each sent once.
"""

import base64
import hashlib
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import NamedTuple

from dermdash.charts import saliency_overlay
from dermdash.classifier.saliency_map import PREDICTED, SaliencyMap, values_from_bytes
from dermdash.dataset.image_ingestion import THUMBNAIL_SIDE
from dermdash.dataset.reader_image import reader_image
from dermdash.errors import FileMissing
from dermdash.storage.workspace import Workspace
from dermdash.ui.record_tiles import data_uri
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.reader_study.case_material import ImagesNow
from dermdash.workflows.reader_study.reading_standing import ReadingSession

DISPLAY_SIDE = 1200
LARGEST_AS_STORED = 4 << 20
"""Bytes; a larger file is made smaller even where pictures leave as stored: it would keep a reader waiting."""
HEAT_SIDE = 160
"""Of a saliency map: the browser enlarges it, and the map has 28 cells a side."""
JPEG_START = b"\xff\xd8"
LESION_SIDE = 120
"""Of the small images of a patient's other lesions: up to sixty of them come with one step."""


class LeavingPicture(NamedTuple):
    """An image as it leaves: the name that a browser keeps it under, and its data URI."""

    name: str
    uri: str


class Leaving:
    """Pictures of one payload: those that the browser does not hold already travel, each once.

    ``images``: of all records that it may show.
    """

    def __init__(self, held: Collection[str], images: ImagesNow) -> None:
        self._held = held
        self.images = images
        self.pictures: dict[str, str] = {}
        self.named: dict[str, LeavingPicture] = {}

    def name(self, picture: LeavingPicture) -> str:
        """Take a picture along where it is needed; returns the name that stands for it."""
        self.named[picture.name] = picture
        if picture.name not in self._held:
            self.pictures[picture.name] = picture.uri
        return picture.name


class StudyPictures(NamedTuple):
    """How the pictures of a study leave: ``key`` is its secret; ``as_stored``: the case's own file, of which the name
    says nothing, and the thumbnail for what is shown small.
    """

    workspace: Workspace
    key: str
    as_stored: bool

    def large(self, image_sha256: str) -> LeavingPicture:
        """An image as large as readers are shown any."""
        return self._stored(browse_records.original, image_sha256) or large_picture(
            self.workspace, self.key, image_sha256
        )

    def neighbour(self, image_sha256: str) -> LeavingPicture:
        """A similar image."""
        return self._stored(browse_records.thumbnail, image_sha256) or neighbour_picture(
            self.workspace, self.key, image_sha256
        )

    def lesion(self, image_sha256: str) -> LeavingPicture:
        """Another lesion of the patient, as a small image; made smaller in any case, as up to sixty come at once."""
        return lesion_picture(self.workspace, self.key, image_sha256)

    def _stored(self, stored: Callable[[Workspace, str], bytes], image_sha256: str) -> LeavingPicture | None:
        """The file as it is; None where pictures are made anew, or it is too large."""
        if not self.as_stored:
            return None
        data = stored(self.workspace, image_sha256)
        if len(data) > LARGEST_AS_STORED:
            return None
        name = hashlib.sha256(self.key.encode() + hashlib.sha256(data).digest()).hexdigest()[:32]
        return LeavingPicture(name, data_uri(data, "image/jpeg" if data.startswith(JPEG_START) else "image/png"))


def pictures_of(workspace: Workspace, session: ReadingSession) -> StudyPictures:
    """How the pictures of a reader's study leave, as its protocol says."""
    as_stored = not session.protocol.conduct.unfindable_images
    return StudyPictures(workspace, session.material(workspace).image_key(), as_stored)


def case_picture(workspace: Workspace, session: ReadingSession, case_id: str, images: ImagesNow) -> LeavingPicture:
    """A case's image as the readers of a study see it."""
    return pictures_of(workspace, session).large(images.of(session.material(workspace).case_record(case_id)))


# What is cached is what a busy study shows again and again: about 150 kB for a case, 20 kB for a similar image.
@lru_cache(maxsize=400)
def large_picture(workspace: Workspace, key: str, image_sha256: str) -> LeavingPicture:
    """An image as large as readers are shown any."""
    return _made(workspace, browse_records.original, key, image_sha256, DISPLAY_SIDE)


@lru_cache(maxsize=4000)
def neighbour_picture(workspace: Workspace, key: str, image_sha256: str) -> LeavingPicture:
    """A similar image."""
    return _made(workspace, browse_records.thumbnail, key, image_sha256, THUMBNAIL_SIDE)


@lru_cache(maxsize=400)
def heat_picture(heat: str, input_size: int, width: int, height: int) -> LeavingPicture:
    """A saliency map as a layer to lay over the image, of no more than its 28 x 28 cells say."""
    found = SaliencyMap(values_from_bytes(base64.b64decode(heat)), PREDICTED, "", 0.0, input_size)
    scale = HEAT_SIDE / max(width, height)
    layer = saliency_overlay.heat_layer(found, max(1, round(width * scale)), max(1, round(height * scale)))
    uri = data_uri(saliency_overlay.png(layer), "image/png")
    return LeavingPicture(hashlib.sha256(uri.encode()).hexdigest()[:32], uri)


@lru_cache(maxsize=4000)
def lesion_picture(workspace: Workspace, key: str, image_sha256: str) -> LeavingPicture:
    """Another lesion of the patient, as a small image."""
    return _made(workspace, browse_records.thumbnail, key, image_sha256, LESION_SIDE)


def _made(
    workspace: Workspace, stored: Callable[[Workspace, str], bytes], key: str, image_sha256: str, longest_side: int
) -> LeavingPicture:
    """An image as no data set holds it (`dermdash.dataset.reader_image`); large scans would only slow the reader."""
    data = stored(workspace, image_sha256)
    try:
        uri = data_uri(reader_image(data, key=key, longest_side=longest_side))
    except (OSError, SyntaxError, ValueError) as error:
        # Nothing was imported that could not be decoded: the file was damaged since.
        raise FileMissing(
            f"The image {image_sha256[:12]}… of the workspace {workspace.home} is damaged. Restore it from a backup."
        ) from error
    # Of the picture as it is made with the study's secret: no data set has it.
    return LeavingPicture(hashlib.sha256(uri.encode()).hexdigest()[:32], uri)
