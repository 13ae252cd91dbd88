"""What a worker of a cluster does with a network: predict or explain the images of one chunk, on one thread.

A chunk is whole batches, so that each image stands in the same batch as in a run on one machine: a product of another
size may round otherwise in the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dermdash.classifier import checkpoints
from dermdash.classifier.preprocessing import ReadableImage
from dermdash.classifier.saliency_map import SaliencyMap

if TYPE_CHECKING:
    from dermdash.classifier.checkpoints import Classifier
    from dermdash.classifier.inference import Predictions

IMAGES_IN_CHUNK = 128
"""Four batches: some seconds of one core."""


class PredictedChunk(NamedTuple):
    """Predictions of a chunk's images in order, and the positions of those that cannot be read, whose rows are NaN."""

    predictions: Predictions
    unreadable: frozenset[int]


def predict_chunk(images: Sequence[ReadableImage], *, checkpoint: Path, sha256: str) -> PredictedChunk:
    """Predict image files with a checkpoint of that hash, which the worker keeps for its next chunk."""
    from dermdash.classifier.inference import predict
    from dermdash.classifier.threads import limited_threads

    unreadable: set[int] = set()
    with limited_threads(1):
        found = predict(
            _classifier(checkpoint, sha256, "cpu"), images, workers=1, unreadable=lambda at, _: unreadable.add(at)
        )
    return PredictedChunk(found, frozenset(unreadable))


def explain_chunk(
    images: Sequence[ReadableImage], *, checkpoint: Path, sha256: str, target: str
) -> list[SaliencyMap | None]:
    """Explain image files; None where one cannot be read. Other parameters as `predict_chunk` and `explain_batches`."""
    from dermdash.classifier.saliency import best_device, explain_batches
    from dermdash.classifier.threads import limited_threads

    with limited_threads(1):
        batches = explain_batches(
            _classifier(checkpoint, sha256, best_device()), images, target=target, workers=1,
            unreadable=lambda _at, _error: None,
        )  # fmt: skip
        return [found for batch in batches for found in batch]


@lru_cache(maxsize=1)
def _classifier(checkpoint: Path, sha256: str, device: str) -> Classifier:
    # The hash tells apart what lay under one name one after the other.
    return checkpoints.load_checkpoint(checkpoint, device=device)
