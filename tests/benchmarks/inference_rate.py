"""Images predicted per second from files, against the bare forward pass of the same network on the same device.

The bare pass gets the same four views in the same batches, as float tensors that lie ready in memory. The pairs are
measured in turn (A B A B ...), since machines are shared and their speed drifts; the ratio is the median of the pairs.
Weights are random: they do not change how long anything takes.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dermdash.classifier.preprocessing import centre_crop, four_views, load_squares, resized_side
from dermdash.records.taxonomy import HAM7
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.classifier import model_registry
from tests.benchmarks.figures import Figure
from tests.benchmarks.samples import synthetic_jpegs

if TYPE_CHECKING:
    from dermdash.classifier.checkpoints import Classifier

NAME = "inference_rate"
ARCHITECTURE, INPUT_SIZE, BATCH = "resnet34", 224, 16
SIZES = {"600 x 450": (450, 600), "224 x 224": (224, 224)}


def measure(*, quick: bool) -> list[Figure]:
    """ResNet-34 at 224 px over JPEG files of two sizes and over records; on the CPU, and on a GPU if there is one."""
    import torch

    with tempfile.TemporaryDirectory(prefix="dermdash-bench-") as name:
        folder = Path(name)
        figures = _on_device(folder, "cpu", images=BATCH if quick else 3 * BATCH, pairs=1 if quick else 5)
        if torch.cuda.is_available():
            figures += _on_device(folder, "cuda", images=8 * BATCH if quick else 256 * BATCH, pairs=3)
        else:
            print("  no GPU here: measured on the CPU only")
    return figures


def _on_device(folder: Path, device: str, *, images: int, pairs: int) -> list[Figure]:
    from dermdash.classifier.inference import predict

    classifier = _classifier(device)
    figures = []
    for size, (height, width) in SIZES.items():
        paths = _files(folder / f"{device}-{height}", images, height=height, width=width)
        bare = _bare_pass(classifier, paths)
        figures += _compared(
            f"{device}, files of {size}",
            bare,
            lambda paths=paths: predict(classifier, paths, batch_size=BATCH),  # type: ignore[misc]
            images=images,
            pairs=pairs,
        )
        started = time.perf_counter()
        for _ in load_squares(paths, side=resized_side(INPUT_SIZE)):
            pass
        seconds = time.perf_counter() - started
        figures.append(Figure(NAME, f"{device}, files of {size}: decoding alone", images / seconds, "images/s"))
    if device == "cpu":
        figures += _records(folder, classifier, images=images, pairs=pairs)
    return figures


def _classifier(device: str) -> Classifier:
    import torch

    from dermdash.classifier.checkpoints import CheckpointMetadata, Classifier
    from dermdash.classifier.networks import build_network

    torch.manual_seed(0)
    network = build_network(ARCHITECTURE, class_count=len(HAM7.codes)).eval().to(device)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Classifier(network, CheckpointMetadata(ARCHITECTURE, "ham7", HAM7.codes, INPUT_SIZE))


def _files(folder: Path, count: int, *, height: int, width: int) -> list[Path]:
    folder.mkdir(parents=True)
    different = min(count, 64)
    paths = []
    for i, data in enumerate(synthetic_jpegs(different, height=height, width=width, seed=3)):
        for j in range(i, count, different):
            path = folder / f"{j:05d}.jpg"
            path.write_bytes(data)
            paths.append(path)
    return sorted(paths)


def _bare_pass(classifier: Classifier, paths: list[Path]) -> Callable[[], object]:
    """The forward passes that a prediction of these files cannot do without."""
    import torch

    device = next(classifier.network.parameters()).device
    squares = [s for s in load_squares(paths[:BATCH], side=resized_side(INPUT_SIZE)) if isinstance(s, np.ndarray)]
    cropped = centre_crop(np.stack(squares), INPUT_SIZE)
    views = [
        torch.from_numpy(np.ascontiguousarray(view)).to(device).permute(0, 3, 1, 2).float().div_(255)
        for view in four_views(cropped)
    ]

    def run() -> None:
        with torch.inference_mode():
            for _ in range(len(paths) // BATCH):
                for view in views:
                    classifier.network.logits_and_features(view)
        if device.type == "cuda":
            torch.cuda.synchronize()

    return run


def _records(folder: Path, classifier: Classifier, *, images: int, pairs: int) -> list[Figure]:
    """The same through a workspace: predictions and features stored as well."""
    from dermdash.classifier.checkpoints import save_checkpoint
    from dermdash.storage import models
    from dermdash.workflows.classifier import classify
    from dermdash.workflows.dataset.import_dataset import import_dataset
    from tests.benchmarks.samples import write_ham_dataset

    metadata, source = write_ham_dataset(folder / "source", count=images)
    checkpoint = folder / "network.safetensors"
    save_checkpoint(checkpoint, classifier)
    workspace = open_workspace(Settings(home=folder / "workspace", database_url=""))
    try:
        import_dataset(workspace, adapter="ham10000", metadata=metadata, images=[source])
        ids = [f"speed{i}" for i in range(pairs + 1)]
        first = model_registry.add_checkpoint(workspace, checkpoint)
        row = models.get_model(workspace.engine, first)
        for model_id in ids:
            # The same weights under another name each time: a model predicts a record once.
            values = {key: value for key, value in row.items() if key != "created_at"} | {"id": model_id}
            models.save_model(workspace.engine, values=values, training_lesion_digests=())
            workspace.checkpoint(model_id).write_bytes(checkpoint.read_bytes())
        paths = sorted(path for path in source.rglob("*.jpg"))
        remaining = iter(ids)
        return _compared(
            "cpu, records of 600 x 450 (loading the network, storing included)",
            _bare_pass(classifier, paths[: images // BATCH * BATCH]),
            lambda: classify.predict_records(workspace, model_id=next(remaining)),
            images=images,
            pairs=pairs,
        )
    finally:
        workspace.close()


def _compared(
    name: str, bare: Callable[[], object], whole: Callable[[], object], *, images: int, pairs: int
) -> list[Figure]:
    seconds: dict[str, list[float]] = {"bare": [], "whole": []}
    processor: dict[str, list[float]] = {"bare": [], "whole": []}
    for turn in range(pairs + 1):
        for kind, run in (("bare", bare), ("whole", whole)):
            started, used = time.perf_counter(), time.process_time()
            run()
            if turn:  # the first pair warms up
                seconds[kind].append(time.perf_counter() - started)
                processor[kind].append(time.process_time() - used)
    rates = [images / value for value in seconds["whole"]]
    ratios = [b / w for b, w in zip(seconds["bare"], seconds["whole"], strict=True)]
    cpu_ratios = [b / w for b, w in zip(processor["bare"], processor["whole"], strict=True)]
    note = f"{pairs} pairs in turn, {images} images; load {os.getloadavg()[0]:.1f}"
    return [
        Figure(NAME, f"{name}: rate", statistics.median(rates), "images/s", note),
        Figure(
            NAME, f"{name}: share of the bare forward pass", statistics.median(ratios), "",
            f"{min(ratios):.2f} to {max(ratios):.2f}; by processor time {statistics.median(cpu_ratios):.2f}",
        ),
    ]  # fmt: skip
