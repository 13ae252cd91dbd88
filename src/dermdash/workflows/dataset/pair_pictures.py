"""Pictures (PNG) of what a pair of stored images shares and what differs, for people to judge.

``details`` are those of the finding that names the pair; where it has no transform, or fewer than two records are left,
there is nothing to lay over and the answer is None. Each raises as `stored_pixels`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.pair_overlay import difference, lay_over, mark_points
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.stored_image import stored_pixels

_Records = Sequence[Mapping[str, Any]]


def overlay_of(workspace: Workspace, details: Mapping[str, Any], pair: _Records, *, opacity: float) -> bytes | None:
    """The first image laid over the second."""
    transform = details.get("transform")
    if transform is None or len(pair) < 2:
        return None
    first, second = _pixels(workspace, pair)
    return _png(lay_over(first, second, transform, opacity))


def difference_of(workspace: Workspace, details: Mapping[str, Any], pair: _Records) -> bytes | None:
    """Where the aligned images differ: grey where they are equal."""
    transform = details.get("transform")
    if transform is None or len(pair) < 2:
        return None
    first, second = _pixels(workspace, pair)
    return _png(difference(first, second, transform))


def marked_images(workspace: Workspace, details: Mapping[str, Any], pair: _Records) -> tuple[bytes, bytes]:
    """Both images with their matching points marked by number."""
    points = details.get("points", [[], []])
    first, second = (mark_points(image, of) for image, of in zip(_pixels(workspace, pair), points, strict=True))
    return _png(first), _png(second)


def _pixels(workspace: Workspace, pair: _Records) -> list[NDArray[np.uint8]]:
    limit = workspace.settings.max_image_pixels
    return [stored_pixels(workspace.files, str(row["image_sha256"]), max_pixels=limit) for row in pair[:2]]


def _png(pixels: NDArray[np.uint8]) -> bytes:
    _, data = cv2.imencode(".png", pixels[:, :, ::-1])
    return data.tobytes()
