"""Class probabilities and features of images: four views, logits averaged, then softmax; features averaged.

- ``predict(classifier, images, batch_size=, ...) -> Predictions(probabilities, features)``
- ``predict_batches(classifier, images, ...)`` yields the same by batch, so that a caller can store as it
  goes.
- ``predict_squares(classifier, squares, ...)`` for images already decoded by ``preprocessing.load_square``.

Decoding runs on threads beside the network. torch is imported at the first call only.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dermdash.classifier.preprocessing import (
    VIEW_COUNT,
    ReadableImage,
    Unreadable,
    batches_of_squares,
    centre_crop,
    resized_side,
)
from dermdash.classifier.threads import limited_threads

if TYPE_CHECKING:
    from torch import Tensor

    from dermdash.classifier.checkpoints import Classifier

_ONE_IMAGE = threading.Lock()


class Predictions(NamedTuple):
    """Outputs for n images, in their order.

    ``probabilities``: float32 (n, classes), rows sum to 1, columns as ``metadata.class_codes``. ``features``:
    float32 (n, 512; 2048 for bottleneck networks), not normalised.
    """

    probabilities: NDArray[np.float32]
    features: NDArray[np.float32]


def predict(
    classifier: Classifier,
    images: Iterable[ReadableImage],
    *,
    batch_size: int = 32,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
    unreadable: Unreadable | None = None,
) -> Predictions:
    """Predict many images.

    Parameters
    ----------
    classifier
        From ``load_checkpoint`` or ``train``.
    images
        Paths, encoded bytes or Pillow images.
    batch_size
        Images per step; each is seen in four views.
    workers
        Decoding threads; None: one per core.
    progress
        Called with the number of images done so far.
    unreadable
        Called with the position and the error of an image that cannot be read, whose row then is NaN. Without
        it the first such image raises.

    Returns
    -------
    Predictions
        Probabilities and features, one row per image.
    """
    parts = []
    done = 0
    for part in predict_batches(classifier, images, batch_size=batch_size, workers=workers, unreadable=unreadable):
        parts.append(part)
        done += len(part.probabilities)
        if progress is not None:
            progress(done)
    return _joined(parts, classifier)


def predict_batches(
    classifier: Classifier,
    images: Iterable[ReadableImage],
    *,
    batch_size: int = 32,
    workers: int | None = None,
    unreadable: Unreadable | None = None,
) -> Iterator[Predictions]:
    """Yield predictions of ``batch_size`` images at a time (fewer in the last); parameters as ``predict``."""
    side = resized_side(classifier.metadata.input_size)
    # A GPU computes while the next batch is put together: its results are fetched one batch later.
    ahead = _batches_ahead(classifier)
    started: deque[_Started] = deque()
    batches = batches_of_squares(images, side=side, size=batch_size, workers=workers, unreadable=unreadable)
    for batch in batches:
        started.append(_start(classifier, batch))
        if len(started) > ahead:
            yield _fetched(classifier, started.popleft())
    while started:
        yield _fetched(classifier, started.popleft())


def predict_squares(classifier: Classifier, squares: NDArray[np.uint8], *, batch_size: int = 32) -> Predictions:
    """Predict decoded images: uint8 (n, s, s, 3) with s = ``resized_side(metadata.input_size)``."""
    if len(squares) == 1:
        # A second thread saves a few hundredths of a second, and costs a whole one where the cores are busy. The number
        # of threads belongs to the process: two images at a time would leave it at one.
        with _ONE_IMAGE, limited_threads(1):
            return _as_arrays(_forward(classifier, squares))
    steps = range(0, len(squares), batch_size)
    return _joined([_as_arrays(_forward(classifier, squares[i : i + batch_size])) for i in steps], classifier)


class _Started(NamedTuple):
    """A batch on its way: which of its images could be read, and their outputs, on a GPU perhaps not ready yet."""

    size: int
    readable: list[int]
    outputs: tuple[Tensor, Tensor] | None


def _batches_ahead(classifier: Classifier) -> int:
    return 1 if next(classifier.network.parameters()).is_cuda else 0


def _forward(classifier: Classifier, squares: NDArray[np.uint8]) -> tuple[Tensor, Tensor]:
    """Probabilities and features of decoded images, on the network's device; a GPU is not waited for."""
    import torch

    network = classifier.network
    device = next(network.parameters()).device
    images = torch.from_numpy(np.ascontiguousarray(centre_crop(squares, classifier.metadata.input_size)))
    if device.type == "cuda":
        # One copy of bytes from page-locked memory, which the GPU takes while this thread goes on.
        images = images.pin_memory().to(device, non_blocking=True)
    with torch.inference_mode():
        # Bytes come as (n, h, w, 3): the permuted view already is what channels-last convolutions want.
        upright = images.permute(0, 3, 1, 2).float().div_(255.0)
        flipped = upright.flip(3)
        logits, features = network.logits_and_features(upright)
        # One view at a time keeps the memory of a step small; on a CPU it is as fast as all four together.
        for view in (flipped, upright.rot90(1, (2, 3)), flipped.rot90(1, (2, 3))):
            more = network.logits_and_features(view.contiguous(memory_format=torch.channels_last))
            logits = logits + more[0]
            features = features + more[1]
        return torch.softmax(logits / VIEW_COUNT, dim=1), features / VIEW_COUNT


def _as_arrays(outputs: tuple[Tensor, Tensor]) -> Predictions:
    probabilities, features = outputs
    return Predictions(probabilities.cpu().numpy(), features.cpu().numpy())


def _start(classifier: Classifier, batch: list[NDArray[np.uint8] | None]) -> _Started:
    readable = [i for i, square in enumerate(batch) if square is not None]
    squares = [square for square in batch if square is not None]
    return _Started(len(batch), readable, _forward(classifier, np.stack(squares)) if squares else None)


def _fetched(classifier: Classifier, started: _Started) -> Predictions:
    found = _joined([] if started.outputs is None else [_as_arrays(started.outputs)], classifier)
    if len(started.readable) == started.size:
        return found
    rows = []
    for part in found:
        row = np.full((started.size, part.shape[1]), np.nan, dtype=np.float32)
        row[started.readable] = part
        rows.append(row)
    return Predictions(*rows)


def _joined(parts: list[Predictions], classifier: Classifier) -> Predictions:
    if not parts:
        head = classifier.network.head
        return Predictions(np.empty((0, head.out_features), np.float32), np.empty((0, head.in_features), np.float32))
    return Predictions(np.concatenate([p.probabilities for p in parts]), np.concatenate([p.features for p in parts]))
