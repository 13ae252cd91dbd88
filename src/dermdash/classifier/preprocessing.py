"""From an image file to the pixels a network sees, as the Nature Medicine 2020 study's inference does it.

The shorter side is resized so that a centre crop of 0.8 gives the input size; values are scaled to 0..1
without mean normalisation; four views are made (horizontal flip 0/1 x rotation by 0/90 degrees).

- ``load_square(source, side=...)``: file, bytes or Pillow image -> uint8 (side, side, 3).
- ``load_squares(sources, side=...)``: the same for many, on threads, in order, a few ahead of the consumer.
- ``centre_crop(images, size)`` and ``four_views(images)``: arrays in, arrays out.

numpy and Pillow only: torch is not needed to look at what a network is shown.
"""

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from os import PathLike, cpu_count

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from dermdash.errors import FileMissing, InvalidInput, UnreadableImage, UnsafeUpload

PREPROCESSING = "unit-scale-centre-0.8"
"""Name of this preprocessing, written into every checkpoint."""

CENTRE_FRACTION = 0.8
"""Share of the resized shorter side that the network sees."""

FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP")
"""What photographs come in. Pillow knows many more, one of which (EPS) starts another program on the file."""

VIEW_COUNT = 4
ReadableImage = str | PathLike[str] | bytes | Image.Image | Callable[[], bytes]
"""A function is asked for the encoded bytes when the turn of its image has come: of a store (`ObjectStore.image`)."""
Unreadable = Callable[[int, UnreadableImage | UnsafeUpload], None]
"""Told of an image that cannot be read: its position and its error."""


def resized_side(input_size: int) -> int:
    """Return the shorter side (px) before the centre crop to ``input_size`` px: 224 -> 280."""
    return round(input_size / CENTRE_FRACTION)


def to_rgb(image: Image.Image) -> Image.Image:
    """Return an 8-bit RGB image: palettes resolved, transparency dropped, 16-bit grey scaled, CMYK converted."""
    if image.mode in ("I", "I;16", "I;16L", "I;16B"):
        # Pillow clips wider integers instead of scaling them, which would turn the image white.
        image = Image.fromarray((np.asarray(image, dtype=np.int64).clip(0, 65535) // 257).astype(np.uint8))
    elif image.mode == "F":
        values = np.nan_to_num(np.asarray(image, dtype=np.float32))
        scale = 255.0 if values.max(initial=0.0) <= 1.0 else 1.0
        image = Image.fromarray((values * scale).clip(0, 255).astype(np.uint8))
    elif image.mode in ("P", "PA", "LA"):
        image = image.convert("RGBA")
    return image if image.mode == "RGB" else image.convert("RGB")


def load_square(source: ReadableImage, *, side: int) -> NDArray[np.uint8]:
    """Decode an image upright and return its centre square at ``side`` px.

    Parameters
    ----------
    source
        Path, encoded bytes, a function that gives them, or an open Pillow image.
    side
        Pixels of the square; the shorter side of the image is resized to it (antialiased), the rest cut off.

    Returns
    -------
    numpy.ndarray
        uint8, (side, side, 3), RGB.

    Raises
    ------
    UnreadableImage
        When the bytes are no complete image of a supported format, or the file cannot be opened.
    UnsafeUpload
        When the image has so many pixels that decoding it would exhaust memory.
    """
    name = _name(source)
    try:
        if isinstance(source, Image.Image):
            return _square(source, side)
        if callable(source):
            source = source()
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as image:
            # JPEG decodes straight to 1/2, 1/4 or 1/8 size: most of the time is saved there.
            image.draft("RGB", (side, side))
            return _square(image, side)
    except Image.DecompressionBombError as error:
        raise UnsafeUpload(f"{name} has too many pixels to decode safely: {error}") from error
    except FileMissing as error:
        raise UnreadableImage(f"{name} cannot be decoded: {error}") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise UnreadableImage(f"{name} cannot be decoded: {error}") from error


def load_squares(
    sources: Iterable[ReadableImage], *, side: int, workers: int | None = None
) -> Iterator[NDArray[np.uint8] | UnreadableImage | UnsafeUpload]:
    """Yield ``load_square`` of every source in order; an image that fails yields its error instead.

    Pillow releases the interpreter lock while decoding and resizing, so threads use all cores.

    Parameters
    ----------
    sources
        Paths, bytes, functions or Pillow images; read lazily, never more than some dozens ahead of the consumer.
    side
        Pixels of each square.
    workers
        Threads, 1 or more; None: one per core.
    """
    count = max(1, workers or cpu_count() or 1)

    def load(source: ReadableImage) -> NDArray[np.uint8] | UnreadableImage | UnsafeUpload:
        try:
            return load_square(source, side=side)
        except (UnreadableImage, UnsafeUpload) as error:
            return error

    pending: deque[Future[NDArray[np.uint8] | UnreadableImage | UnsafeUpload]] = deque()
    with ThreadPoolExecutor(count, thread_name_prefix="decode") as pool:
        try:
            for source in sources:
                pending.append(pool.submit(load, source))
                if len(pending) >= 32 * count:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def batches_of_squares(
    sources: Iterable[ReadableImage],
    *,
    side: int,
    size: int,
    workers: int | None = None,
    unreadable: Unreadable | None = None,
) -> Iterator[list[NDArray[np.uint8] | None]]:
    """Yield `load_squares` of ``size`` images at a time (fewer in the last), in their order.

    An image that cannot be read is reported to ``unreadable`` with its position and is None; without a reporter its
    error is raised.
    """
    batch: list[NDArray[np.uint8] | None] = []
    for position, square in enumerate(load_squares(sources, side=side, workers=workers)):
        if isinstance(square, np.ndarray):
            batch.append(square)
        elif unreadable is None:
            raise square
        else:
            unreadable(position, square)
            batch.append(None)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def centre_crop(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Cut the centre ``size`` x ``size`` px out of images (..., h, w, 3); raises InvalidInput when larger."""
    height, width = images.shape[-3:-1]
    if size > min(height, width):
        raise InvalidInput(f"cannot cut {size} px out of an image of {width} x {height} px")
    top, left = (height - size) // 2, (width - size) // 2
    return images[..., top : top + size, left : left + size, :]


def four_views(images: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Return the study's four views of square images (n, s, s, 3): as is, flipped, rotated, flipped and
    rotated.
    """
    flipped = images[:, :, ::-1]
    return [images, flipped, np.rot90(images, axes=(1, 2)), np.rot90(flipped, axes=(1, 2))]


def _square(image: Image.Image, side: int) -> NDArray[np.uint8]:
    image = to_rgb(ImageOps.exif_transpose(image))
    width, height = image.size
    edge = min(width, height)
    if edge < 1:
        raise UnreadableImage("an image without pixels")
    left, top = (width - edge) / 2, (height - edge) / 2
    box = (left, top, left + edge, top + edge)
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR, box=box), dtype=np.uint8)


def _name(source: ReadableImage) -> str:
    if isinstance(source, bytes):
        return "the image"
    if isinstance(source, Image.Image):
        return str(getattr(source, "filename", "") or "the image")
    return str(source)
