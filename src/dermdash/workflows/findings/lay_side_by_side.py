"""What a person sees of a finding: its records as they are now, and pictures of what differs between two images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.image_decoding import decode
from dermdash.dataset.pair_overlay import difference, lay_over
from dermdash.storage import records
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.findings.list_findings import ListedFinding

MOST_SHOWN = 6


def records_of(workspace: Workspace, finding: ListedFinding, *, most: int = MOST_SHOWN) -> list[dict[str, Any]]:
    """The rows of the first records that a finding names, in its order; one that is gone is left out."""
    return _rows(workspace, finding.records[:most])


def neighbours_of(workspace: Workspace, finding: ListedFinding) -> list[dict[str, Any]]:
    """The rows of the records that look most like the one of a label error, nearest first."""
    return _rows(workspace, finding.details.get("neighbours", ()))


def _rows(workspace: Workspace, ids: Sequence[str]) -> list[dict[str, Any]]:
    frame = records.records_by_id(workspace.engine, ids)
    by_id = {str(row["id"]): {str(k): v for k, v in row.items()} for row in frame.to_dict("records")}
    return [by_id[record] for record in ids if record in by_id]


def overlay_of(
    workspace: Workspace, finding: ListedFinding, pair: Sequence[Mapping[str, Any]], *, opacity: float
) -> bytes | None:
    """The first image laid over the second (PNG); None where the finding has no transform."""
    transform = finding.details.get("transform")
    if transform is None or len(pair) < 2:
        return None
    first, second = (_pixels(workspace, row) for row in pair[:2])
    return _png(lay_over(first, second, transform, opacity))


def difference_of(workspace: Workspace, finding: ListedFinding, pair: Sequence[Mapping[str, Any]]) -> bytes | None:
    """Where the aligned images differ (PNG): grey where they are equal; None where the finding has no transform."""
    transform = finding.details.get("transform")
    if transform is None or len(pair) < 2:
        return None
    first, second = (_pixels(workspace, row) for row in pair[:2])
    return _png(difference(first, second, transform))


def _pixels(workspace: Workspace, record: Mapping[str, Any]) -> NDArray[np.uint8]:
    data = workspace.files.get(ORIGINALS, str(record["image_sha256"]))
    return decode(data, max_pixels=int(workspace.settings.max_image_megapixels * 1e6))[1]


def _png(pixels: NDArray[np.uint8]) -> bytes:
    _, data = cv2.imencode(".png", pixels[:, :, ::-1])
    return data.tobytes()
