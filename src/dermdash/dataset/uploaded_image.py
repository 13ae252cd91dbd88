"""One image from elsewhere, read by the rules of an import: checked, freed of metadata, judged; not stored."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from dermdash.classifier.preprocessing import to_rgb
from dermdash.dataset.image_decoding import DAMAGE
from dermdash.dataset.image_ingestion import DEFAULT_LIMITS, ImageLimits, PreparedImage, prepare_image
from dermdash.errors import UnreadableImage

LEAST_USABLE_SCORE = 3
"""Quality 1-2 never enters a data set; an image of that quality is not judged unasked either."""
LEAST_SIDE = 64
"""Pixels of the shorter side below which there is nothing to judge."""
_PREVIEW_SIDE = 1000

_FAULTS = {
    "sharpness": "The image is not sharp.",
    "exposure": "The image is too dark or too bright.",
    "glare": "Reflections cover part of the image.",
    "size": "The image is too small.",
    "damage": "The file is damaged.",
}
_ADVICE = {
    "sharpness": "Retake it: rest the dermatoscope on the skin, focus on the lesion, and hold still.",
    "exposure": "Retake it with the dermatoscope's own light, or correct the exposure of the camera.",
    "glare": "Retake it with polarised light, or with more contact fluid under the glass.",
    "size": f"Send the original instead of a preview: its shorter side needs at least {LEAST_SIDE} pixels.",
    "damage": "Send it again from where it was taken: a part of it may show what was never there.",
}


@dataclass(frozen=True, slots=True)
class QualityVerdict:
    """Estimated technical quality of an image, and what follows from it.

    ``score`` 1 (unusable) to 5; ``driver`` the measure that decided it (sharpness, exposure, glare, size, or none);
    ``sharpness`` and ``exposure`` 0..1, higher is better; ``glare`` 0..1, higher is worse.
    """

    score: int
    driver: str
    sharpness: float
    exposure: float
    glare: float

    @property
    def usable(self) -> bool:
        """Whether the image is good enough to be judged without further ado."""
        return self.score >= LEAST_USABLE_SCORE

    @property
    def fault(self) -> str:
        """What is wrong, in a sentence; empty for an image without a fault."""
        return _FAULTS.get(self.driver, "")

    @property
    def advice(self) -> str:
        """How to take a better one, in a sentence; empty for an image without a fault."""
        return _ADVICE.get(self.driver, "")


@dataclass(frozen=True, slots=True)
class UploadedImage:
    """An image that was read and is not stored.

    ``prepared`` is what an import would store. ``preview``: an upright JPEG of at most 1000 px. ``width`` and
    ``height`` are those of the upright image. ``notes`` say what was done to its pixels, in sentences.
    """

    prepared: PreparedImage
    preview: bytes
    width: int
    height: int
    quality: QualityVerdict
    notes: tuple[str, ...]


def read_upload(data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS) -> UploadedImage:
    """Read an uploaded image in memory.

    Raises
    ------
    EmptyImageFile, UnsafeUpload, UnreadableImage
        As ``image_ingestion.prepare_image``.
    """
    prepared = prepare_image(data, limits=limits)
    width, height = prepared.width, prepared.height
    if prepared.orientation >= 5:
        width, height = height, width
    measured = prepared.quality
    small = min(width, height) < LEAST_SIDE
    quality = QualityVerdict(
        1 if small else measured.score, "size" if small else measured.driver,
        measured.sharpness, measured.exposure, measured.glare,
    )  # fmt: skip
    return UploadedImage(prepared, _preview(prepared), width, height, quality, prepared.notes)


def _preview(prepared: PreparedImage) -> bytes:
    try:
        with Image.open(io.BytesIO(prepared.data), formats=("JPEG", "PNG")) as image:
            image.draft("RGB", (_PREVIEW_SIDE, _PREVIEW_SIDE))
            upright = to_rgb(ImageOps.exif_transpose(image))
    except (*DAMAGE, Image.DecompressionBombError) as error:
        raise UnreadableImage(f"the image cannot be shown: {error}") from error
    upright.thumbnail((_PREVIEW_SIDE, _PREVIEW_SIDE))
    buffer = io.BytesIO()
    upright.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
