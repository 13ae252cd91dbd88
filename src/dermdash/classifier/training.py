"""Training a classifier: images and labels in, a network with its metadata and held-out figures out.

``train(images=, labels=, lesion_ids=, ...) -> TrainedClassifier``. No database is read, and nothing is
written but the state of the run, where a file for it is given. Imports torch on the first call. Same data, seed,
thread count and machine type give the same weights on a CPU, interrupted and continued or not.

Recipe: one-cycle AdamW, class-balanced sampling together with logit adjustment (Menon et al., ICLR 2021), so that
every class counts the same; label smoothing; a moving average of the weights; the first epochs at two thirds of
the resolution, at half the cost. Probabilities therefore refer to equal class priors:
at the prevalences of a clinic, rare classes are less likely than they say.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dermdash.classifier.checkpoints import CheckpointMetadata, Classifier, lesion_digest
from dermdash.classifier.inference import Predictions, predict_squares
from dermdash.classifier.preprocessing import ReadableImage, load_squares, resized_side
from dermdash.classifier.splits import mark_lesions, split_by_lesion
from dermdash.classifier.training_state import fingerprint, read_state, write_state
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import get_taxonomy
from dermdash.wording import counted

if TYPE_CHECKING:
    from torch import Tensor

_CACHE_MARGIN = 1.15
"""Cached squares are this much larger than inference needs, so that zooming in does not blur."""
COARSE_SHARE = 0.4
"""Share of the epochs at the lower resolution: they are for finding colour and shape, the rest for structure."""


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """Where a run stands. ``epoch`` counts from 1; recall and accuracy (0..1) are on the held-out lesions,
    when measured.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    seconds: float
    mean_recall: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class TrainedClassifier:
    """Result of ``train``.

    ``held_out`` marks the given images kept out of training; ``held_out_predictions`` are the classifier's
    outputs for those of them that are readable (``held_out_indices``); ``unreadable`` maps the position of an
    image that could not be used to the reason.
    """

    classifier: Classifier
    held_out: NDArray[np.bool_]
    held_out_indices: NDArray[np.int64]
    held_out_predictions: Predictions
    history: tuple[TrainingProgress, ...]
    unreadable: dict[int, str] = field(default_factory=dict)


def train(
    *,
    images: Sequence[ReadableImage],
    labels: Sequence[str],
    lesion_ids: Sequence[str],
    taxonomy: str,
    held_out_lesions: Collection[str] | None = None,
    held_out_fraction: float = 0.2,
    architecture: str = "resnet34",
    input_size: int = 96,
    epochs: int = 24,
    batch_size: int = 64,
    learning_rate: float = 2e-3,
    seed: int = 2020,
    device: str = "auto",
    workers: int | None = None,
    balance: str = "sampling",
    initial_state: dict[str, Tensor] | None = None,
    initial_training_lesions: Collection[str] = (),
    measure_every: int = 4,
    patience: int | None = None,
    state_file: Path | None = None,
    note: str = "",
    progress: Callable[[TrainingProgress], None] | None = None,
    decoding: Callable[[int, int], None] | None = None,
) -> TrainedClassifier:
    """Train a classifier on lesions and measure it on others.

    Parameters
    ----------
    images, labels, lesion_ids
        One entry per image: file, class code, lesion (or patient) that images are grouped by.
    taxonomy
        Name of the taxonomy the labels belong to; the order of its classes is that of the outputs.
    held_out_lesions, held_out_fraction
        Lesions kept out of training; when None, that share of each class's lesions drawn by the seed.
    architecture, input_size
        Network (see ``ARCHITECTURES``) and pixels it sees, 32 or more.
    epochs, batch_size, learning_rate
        Passes over as many images as there are, images per step, peak rate of the one-cycle schedule.
    seed
        Of the split, the initial weights, the order and the augmentation.
    device
        "auto" (CUDA when there is one), "cpu" or "cuda".
    workers
        Decoding threads; None: one per core.
    initial_state
        A state dict to start from (``checkpoints.read_state_dict``); entries
        whose shape differs (another ``fc``) are ignored.
    balance
        "sampling", "loss" or "none"; see ``optimisation.Recipe``.
    initial_training_lesions
        Digests of the lesions that ``initial_state`` was trained on: the new model knows them as well.
    measure_every
        Measure the held-out lesions after every that many epochs (and after the last).
    patience
        Stop after that many measurements without a better mean recall, and keep the best weights; None: take
        all epochs and keep the last. The held-out figures of a run that stopped by them are a little too good.
    state_file
        Where the state is kept after each epoch. When the file is there, the run goes on from it to the same
        result; it is left in place at the end, for the caller to delete.
    note
        Kept in the checkpoint's metadata (where the initial weights come from, say).
    progress
        Called after each epoch and about every 20 steps; what it raises ends the run.
    decoding
        Called after each image that was decoded, before the first step: how many, and of how many.

    Raises
    ------
    InvalidInput
        On lengths that differ, unknown labels, fewer than two classes or no readable image left to train on, or
        a state file of another run.
    """
    codes = get_taxonomy(taxonomy).codes
    _check(images, labels, lesion_ids, codes, input_size, epochs)
    import torch

    from dermdash.classifier.optimisation import Recipe, TrainingRun, start_network

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    held_out = (
        split_by_lesion(labels=labels, lesion_ids=lesion_ids, held_out_fraction=held_out_fraction, seed=seed)
        if held_out_lesions is None
        else mark_lesions(lesion_ids, held_out_lesions)
    )
    recipe = Recipe(epochs, batch_size, learning_rate, seed, balance)
    identity = fingerprint(
        {
            "recipe": asdict(recipe),
            "network": [architecture, input_size, taxonomy],
            "data": [list(map(str, values)) for values in (labels, lesion_ids, held_out.tolist())],
            "initial": sorted(initial_state) if initial_state else None,
            "measured": [measure_every, patience],
        }
    )
    kept = None if state_file is None else read_state(state_file, identity)
    targets = np.array([codes.index(label) for label in labels], dtype=np.int64)
    unreadable: dict[int, str] = {}
    train_side = round(resized_side(input_size) * _CACHE_MARGIN)
    decoded = itertools.count(1)

    def count_image() -> None:
        if decoding is not None:
            decoding(next(decoded), len(images))

    train_at, squares = _decode(images, ~held_out, train_side, workers, unreadable, count_image)
    test_at, test_squares = _decode(images, held_out, resized_side(input_size), workers, unreadable, count_image)
    if len(set(targets[train_at].tolist())) < 2:
        raise InvalidInput("training needs readable images of at least two classes outside the held-out lesions")

    network = start_network(architecture, len(codes), seed, initial_state).to(device)
    run = TrainingRun(network, squares, targets[train_at], len(codes), recipe, device)
    metadata = CheckpointMetadata(
        architecture=architecture,
        taxonomy=taxonomy,
        class_codes=codes,
        input_size=input_size,
        training_lesions=tuple(
            sorted({lesion_digest(lesion_ids[i]) for i in train_at}.union(initial_training_lesions))
        ),
        seed=seed,
        epochs=epochs,
        note=note,
    )
    history: list[TrainingProgress] = []
    best = _Best()
    first = 1
    if kept is not None:
        run.restore(kept["run"])
        history = [TrainingProgress(**row) for row in kept["history"]]
        best = _Best(**kept["best"])
        first = history[-1].epoch + 1
    started = time.perf_counter() - (history[-1].seconds if history else 0.0)

    def report(epoch: int, step: int, scores: dict[str, float]) -> TrainingProgress:
        seconds = time.perf_counter() - started
        state = TrainingProgress(epoch, epochs, step, run.steps, run.loss, seconds, **scores)
        if progress is not None:
            progress(state)
        return state

    def measure() -> tuple[Predictions, dict[str, float]]:
        found = predict_squares(Classifier(run.averaged, metadata), test_squares)
        return found, _scores(found.probabilities, targets[test_at])

    measured: tuple[Predictions, dict[str, float]] | None = None
    with torch.random.fork_rng(devices=[torch.cuda.current_device()] if device == "cuda" else []):
        for epoch in range(first, epochs + 1):
            if best.exhausted(patience):
                break
            for step in run.epoch(epoch, input_size if epoch > COARSE_SHARE * epochs else coarse_size(input_size)):
                if step % 20 == 0 and step < run.steps:
                    report(epoch, step, {})
            measured = measure() if epoch % measure_every == 0 or epoch == epochs else None
            scores = measured[1] if measured else {}
            if patience is not None and scores:
                best = best.updated(scores["mean_recall"], epoch, run.averaged.state_dict())
            history.append(report(epoch, run.steps, scores))
            if state_file is not None:
                rows = [asdict(row) for row in history]
                write_state(state_file, identity, {"run": run.state(), "history": rows, "best": best.as_dict()})
    if best.weights is not None:
        run.averaged.load_state_dict(best.weights)
        measured = None
    predictions, scores = measured or measure()
    metrics = {**scores, "held_out_images": float(len(test_at)), "training_images": float(len(train_at))}
    taken = best.epoch if best.weights is not None else epochs
    classifier = Classifier(run.averaged, replace(metadata, metrics=metrics, epochs=taken))
    return TrainedClassifier(classifier, held_out, test_at, predictions, tuple(history), unreadable)


@dataclass(frozen=True, slots=True)
class _Best:
    """The best weights so far by mean recall on the held-out lesions, and the measurements since."""

    mean_recall: float = -1.0
    epoch: int = 0
    misses: int = 0
    weights: dict[str, Tensor] | None = None

    def updated(self, mean_recall: float, epoch: int, weights: dict[str, Tensor]) -> _Best:
        if mean_recall > self.mean_recall:
            return _Best(mean_recall, epoch, 0, {name: value.clone() for name, value in weights.items()})
        return replace(self, misses=self.misses + 1)

    def exhausted(self, patience: int | None) -> bool:
        return patience is not None and self.misses >= patience

    def as_dict(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


def coarse_size(input_size: int) -> int:
    """Return the pixels of the first epochs: two thirds, as a multiple of 32, and 32 at least (96 -> 64)."""
    return max(32, 32 * round(input_size * 2 / 3 / 32))


def _decode(
    images: Sequence[ReadableImage],
    wanted: NDArray[np.bool_],
    side: int,
    workers: int | None,
    unreadable: dict[int, str],
    count_image: Callable[[], None],
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Decode the wanted images once, to (indices of the readable ones, uint8 (n, side, side, 3))."""
    indices = np.flatnonzero(wanted).tolist()
    squares = np.empty((len(indices), side, side, 3), dtype=np.uint8)
    kept: list[int] = []
    loaded = load_squares((images[i] for i in indices), side=side, workers=workers)
    for index, square in zip(indices, loaded, strict=True):
        if isinstance(square, np.ndarray):
            squares[len(kept)] = square
            kept.append(index)
        else:
            unreadable[index] = str(square)
        count_image()
    return np.array(kept, dtype=np.int64), squares[: len(kept)]


def _scores(probabilities: NDArray[np.float32], targets: NDArray[np.int64]) -> dict[str, float]:
    if len(targets) == 0:
        return {}
    correct = probabilities.argmax(axis=1) == targets
    recalls = [float(correct[targets == c].mean()) for c in np.unique(targets)]
    return {"mean_recall": float(np.mean(recalls)), "accuracy": float(correct.mean())}


def _check(
    images: Sequence[ReadableImage],
    labels: Sequence[str],
    lesions: Sequence[str],
    codes: tuple[str, ...],
    input_size: int,
    epochs: int,
) -> None:
    if not len(images) == len(labels) == len(lesions):
        raise InvalidInput(
            f"{counted(len(images), 'image')}, {counted(len(labels), 'label')} and {len(lesions)} lesion ids"
        )
    unknown = sorted(set(labels) - set(codes))
    if unknown:
        raise InvalidInput(f"unknown labels {', '.join(unknown)}: expected {', '.join(codes)}")
    if input_size < 32 or epochs < 1:
        raise InvalidInput(f"input size {input_size} and {counted(epochs, 'epoch')}: at least 32 px and 1 epoch")
