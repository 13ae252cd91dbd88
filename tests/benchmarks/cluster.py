"""What a batch costs per image on a Dask cluster of this machine's own beside one process, and how that grows.

Four worker processes of one thread; on a machine of two cores they gain nothing over two, and what is measured is what
the cluster adds: serialising, the scheduler, results on their way. That part is measured alone up to 100,000 images,
with work that only names its images, and results of the size of a prediction with its features.
"""

import os
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from distributed import LocalCluster
from numpy.typing import NDArray

from dermdash.classifier.chunks import IMAGES_IN_CHUNK
from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.chunk_workers import chunk_workers, chunks_of
from dermdash.workflows.classifier.classify import predict_records
from dermdash.workflows.classifier.explain_predictions import explain_records
from dermdash.workflows.classifier.model_registry import add_reference_model
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.dataset.measure_acquisition import measure as measure_images
from dermdash.workflows.findings.run_checks import run_checks
from tests.benchmarks.figures import Figure
from tests.benchmarks.samples import write_ham_dataset

NAME = "cluster"
_WORKERS = 4
_FEATURES = 1287
"""Numbers of a prediction: seven probabilities and the features of the model that comes with dermdash."""


def measure(*, quick: bool) -> list[Figure]:
    """1,000 images of 600 x 450 px here and on the cluster, then 1,000 to 100,000 without work (quick: 64; 1,000)."""
    images = 64 if quick else 1000
    with (
        tempfile.TemporaryDirectory(prefix="dermdash-bench-") as folder,
        LocalCluster(
            n_workers=_WORKERS, threads_per_worker=1, dashboard_address=":0", worker_dashboard_address=None
        ) as cluster,
    ):
        address = str(cluster.scheduler_address)
        metadata, source = write_ham_dataset(Path(folder) / "source", count=images)
        figures = []
        for where, at in (("here, one worker", ""), (f"cluster, {_WORKERS} workers", address)):
            settings = Settings(home=Path(folder) / f"workspace {where}", database_url="", cluster=at, workers=1)
            workspace = open_workspace(settings)
            try:
                import_dataset(workspace, adapter="ham10000", metadata=metadata, images=[source])
                figures += _batches(workspace, where, images)
            finally:
                workspace.close()
        workspace = open_workspace(Settings(home=Path(folder) / "empty", database_url="", cluster=address))
        try:
            for count in (1000,) if quick else (1000, 10_000, 100_000):
                figures.append(_without_work(workspace, count))
        finally:
            workspace.close()
    return figures


def _batches(workspace: Workspace, where: str, images: int) -> list[Figure]:
    model_id = add_reference_model(workspace)
    work: dict[str, Callable[[], object]] = {
        "measure": lambda: measure_images(workspace, OPERATOR),
        "near duplicates and off-topic": lambda: run_checks(
            workspace, OPERATOR, checks=("near_duplicates", "off_topic")
        ),
        "predict": lambda: predict_records(workspace, model_id=model_id, simulated=False),
        "explain": lambda: explain_records(workspace, model_id=model_id, simulated=False),
    }
    figures = []
    for what, do in work.items():
        started = time.perf_counter()
        do()
        seconds = time.perf_counter() - started
        note = f"{images:,} images; load {os.getloadavg()[0]:.1f}"
        figures.append(Figure(NAME, f"{what}, {where}", 1000 * seconds / images, "ms/image", note))
    return figures


def named(images: Sequence[int], *, numbers: int) -> NDArray[np.float32]:
    """No work, and as much to send back as a prediction with its features."""
    return np.zeros((len(images), numbers), np.float32)


def _without_work(workspace: Workspace, count: int) -> Figure:
    before, started = time.process_time(), time.perf_counter()
    with chunk_workers(workspace, processes=False) as workers:
        chunks = chunks_of(range(count), IMAGES_IN_CHUNK)
        done = sum(len(found) for _, found in workers.in_order(partial(named, numbers=_FEATURES), chunks))
    assert done == count
    seconds, cpu = time.perf_counter() - started, time.process_time() - before
    note = f"processor time of this process {1000 * cpu / count:.3f} ms/image, scheduler within; largest memory so far "
    note += f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    return Figure(NAME, f"what the cluster adds, {count:,} images", 1000 * seconds / count, "ms/image", note)
