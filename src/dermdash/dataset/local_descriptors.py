"""Local descriptors of an image: what a lesion's network, globules and vessels look like from up close.

Two photographs of one lesion differ in zoom, rotation, light and pressure, so neither their pixels nor a hash of the
whole image agree; small structures do. Keypoints and descriptors are SIFT's (Lowe, IJCV 60, 2004) on the grey image
after contrast-limited equalisation, compared as RootSIFT does (Arandjelović and Zisserman, CVPR 2012): the square root
of the L1-normalised histogram, so that the scalar product of two descriptors is their Hellinger similarity.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.errors import InvalidInput

DESCRIPTORS_VERSION = "1"
"""Changes whenever the same image would give other descriptors: what is cached belongs to one version."""
DESCRIPTORS = f"descriptors-{DESCRIPTORS_VERSION}"
"""Kind of the cached descriptors in the object store; the folder may be deleted at any time."""
MAX_POINTS = 300
WORKING_SIDE = 320
LENGTH = 128

_LEAST_SIDE = 16
_UNIT = 512.0  # a unit vector's largest entries are near 0.5: 8 bits keep three decimals
_POINT_COLUMNS = 4
_CONTRAST = 0.01
# A keypoint this near to the black rim of a round field, or to the border, describes the optics and not the skin.
_RIM_LEVEL = 24
_RIM_MARGIN = 7


@dataclass(frozen=True, eq=False)
class LocalDescriptors:
    """Keypoints of one image with their descriptors.

    Attributes
    ----------
    points
        float32 (n, 4): x, y and diameter in working pixels, angle in degrees.
    vectors
        uint8 (n, 128): unit vectors times 512.
    width, height
        Size in pixels at which the points were found (the longer side is at most 320).
    """

    points: NDArray[np.float32]
    vectors: NDArray[np.uint8]
    width: int
    height: int

    def __len__(self) -> int:
        return len(self.points)

    @property
    def positions(self) -> NDArray[np.float32]:
        """float32 (n, 2): x and y in working pixels."""
        return self.points[:, :2]

    @cached_property
    def units(self) -> NDArray[np.float32]:
        """float32 (n, 128) of length 1: their scalar products are similarities from 0 to 1."""
        return unit_vectors(self.vectors)

    def to_bytes(self) -> bytes:
        """Pack for the cache, about 40 kB."""
        head = np.array([len(self), self.width, self.height], dtype="<i4").tobytes()
        return head + self.points.astype("<f4").tobytes() + self.vectors.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> LocalDescriptors:
        """Unpack what `to_bytes` packed.

        Raises
        ------
        InvalidInput
            The bytes are not complete.
        """
        n, width, height = np.frombuffer(data[:12], dtype="<i4").tolist() if len(data) >= 12 else (-1, 0, 0)
        middle = 12 + n * _POINT_COLUMNS * 4
        if n < 0 or len(data) != middle + n * LENGTH:
            raise InvalidInput("a stored set of local descriptors is damaged")
        points = np.frombuffer(data[12:middle], dtype="<f4").reshape(n, _POINT_COLUMNS).astype(np.float32)
        vectors = np.frombuffer(data[middle:], dtype=np.uint8).reshape(n, LENGTH)
        return cls(points, vectors, width, height)


def unit_vectors(vectors: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turn packed descriptors (n, 128) into float32 vectors of length 1."""
    floats = vectors.astype(np.float32)
    norms = np.linalg.norm(floats, axis=1, keepdims=True)
    return floats / np.maximum(norms, 1e-6)


def working_grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The grey image (height x width) at working size: longer side at most 320, never enlarged."""
    height, width = pixels.shape[:2]
    scale = min(1.0, WORKING_SIDE / max(height, width))
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def describe_image(pixels: NDArray[np.uint8]) -> LocalDescriptors:
    """Return up to 300 local descriptors of an RGB image (height x width x 3), the most distinct points first.

    A uniform or tiny image has none. The same pixels give the same descriptors.
    """
    grey = working_grey(pixels)
    height, width = grey.shape
    if min(height, width) < _LEAST_SIDE:
        return _none(width, height)
    even = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(grey)
    sift = cv2.SIFT.create(nfeatures=MAX_POINTS, contrastThreshold=_CONTRAST)
    points, vectors = sift.detectAndCompute(even, _field_of_view(grey))
    if vectors is None or len(points) == 0:
        return _none(width, height)
    # SIFT may return a few more than asked where responses tie; order by response, then by place, for ever the same.
    order = sorted(range(len(points)), key=lambda i: (-points[i].response, points[i].pt, points[i].angle))[:MAX_POINTS]
    table = np.array([(*points[i].pt, points[i].size, points[i].angle) for i in order], dtype=np.float32)
    chosen = np.asarray(vectors, np.float32)[order]
    roots = np.sqrt(chosen / np.maximum(chosen.sum(axis=1, keepdims=True), 1e-6))
    return LocalDescriptors(table, np.clip(np.rint(roots * _UNIT), 0, 255).astype(np.uint8), width, height)


def _none(width: int, height: int) -> LocalDescriptors:
    return LocalDescriptors(
        np.empty((0, _POINT_COLUMNS), np.float32), np.empty((0, LENGTH), np.uint8), int(width), int(height)
    )


def _field_of_view(grey: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Mask (255 = look here) that leaves out dark corners of a round field and their rim; None: look everywhere."""
    dark = (grey < _RIM_LEVEL).astype(np.uint8)
    if not dark.any():
        return None
    count, labels = cv2.connectedComponents(dark)
    height, width = grey.shape
    # The optics' rim holds a corner of the image; a dark lesion at the border rarely does.
    corners = {int(labels[y, x]) for y in (0, height - 1) for x in (0, width - 1)} - {0}
    if count < 2 or not corners:
        return None
    rim = np.isin(labels, sorted(corners)).astype(np.uint8)
    grown = cv2.dilate(rim, np.ones((2 * _RIM_MARGIN + 1, 2 * _RIM_MARGIN + 1), np.uint8))
    return np.where(grown > 0, 0, 255).astype(np.uint8)
