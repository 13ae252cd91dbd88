"""Tiny images, archives and metadata files drawn for the tests of the dataset package."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

HAM_HEADER = "lesion_id,image_id,dx,dx_type,age,sex,localization"


def draw_lesion(width: int = 96, height: int = 72, *, seed: int = 0, texture: float = 12.0) -> NDArray[np.uint8]:
    """A dark textured disc on skin."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    radius = np.hypot((x - width / 2) / width, (y - height / 2) / height)
    inside = (radius < 0.25 + 0.05 * np.sin(5 * np.arctan2(y - height / 2, x - width / 2) + seed))[..., None]
    skin, lesion = np.array([205.0, 160.0, 140.0]), np.array([110.0, 70.0, 55.0])
    pixels = np.where(inside, lesion, skin) + inside * rng.normal(0, texture, (height, width, 1))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def encode(pixels: NDArray[np.generic], image_format: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, image_format, **options)
    return buffer.getvalue()


def make_jpeg(*, seed: int = 0, width: int = 96, height: int = 72, **options: object) -> bytes:
    return encode(draw_lesion(width, height, seed=seed), "JPEG", quality=90, **options)


def jpeg_segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """Insert marker segments directly behind the start of the image."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def exif_payload(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretCamera"
    exif[0x013B] = "Dr. Secret"
    return exif.tobytes()


def png_chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def huge_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """A complete PNG of a few kilobytes whose header claims very many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(100_000))
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def make_zip(path: Path, members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def ham_csv(*rows: str, header: str = HAM_HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def ham_row(
    image_id: str = "ISIC_1",
    *,
    lesion_id: str = "HAM_1",
    dx: str = "nv",
    dx_type: str = "histo",
    age: str = "45.0",
    sex: str = "female",
    site: str = "back",
) -> str:
    return ",".join([lesion_id, image_id, dx, dx_type, age, sex, site])
