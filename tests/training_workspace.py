"""A workspace of a few drawn images and jobs of the smallest network: a training takes a second or two."""

import json
from pathlib import Path
from typing import Any

from dermdash.classifier.training import TrainingProgress
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.training.job import Job, JobState, read_job, write_json, write_status
from dermdash.workflows.classifier.training.prepare import prepare_training
from dermdash.workflows.classifier.training.processes import ProcessMark
from dermdash.workflows.classifier.training.progress import JobProgress, ProgressWriter
from dermdash.workflows.classifier.training.settings import TrainingSettings
from tests.filled_workspace import DATASET


def tiny_settings(**changes: Any) -> TrainingSettings:
    """One epoch of a ten-layer network at 32 px."""
    choices: dict[str, Any] = {
        "dataset_id": DATASET, "architecture": "resnet10", "input_size": 32, "epochs": 1, "batch_size": 8,
        "device": "cpu", "threads": 1, "seed": 3, "measure_every": 1,
    }  # fmt: skip
    return TrainingSettings(**(choices | changes))


def tiny_job(workspace: Workspace, **changes: Any) -> Job:
    """A prepared job."""
    return prepare_training(workspace, tiny_settings(**changes))


def write_steps(folder: Path, *, epochs: int, until: int, part: int = 0, decoding: bool = True) -> None:
    """Progress lines of a training that has reached the end of epoch ``until``."""
    writer = ProgressWriter(folder)
    if decoding:
        writer.write(JobProgress(part, "decoding", None, 20, 20))
    for epoch in range(1, until + 1):
        measured = {"mean_recall": 0.1 * epoch, "accuracy": 0.12 * epoch}
        step = TrainingProgress(epoch, epochs, 5, 5, 2.0 / epoch, 10.0 * epoch, **measured)
        writer.write(JobProgress(part, "step", step))
    writer.close()


def mark_running(job: Job) -> Job:
    """Let this process count as the one that runs the job."""
    write_status(job.folder, JobState.RUNNING, process=ProcessMark.of_this_process(stoppable=False).as_json())
    return read_job(job.folder)


def mark_killed(job: Job) -> Job:
    """As after kill -9: it says that it runs, and no such process is there."""
    mark = ProcessMark.of_this_process(stoppable=True).as_json() | {"pid": 2**22 + 5}
    write_status(job.folder, JobState.RUNNING, process=mark)
    return read_job(job.folder)


def write_result(job: Job, *, mean_recall: float = 0.5, out_of_fold: bool = False) -> Job:
    """Write the figures of a finished job, without checkpoints; registered already."""
    scores = {
        "mean_recall": mean_recall, "accuracy": 0.6,
        "accuracy_of": {"successes": 6, "total": 10, "low": 0.31, "high": 0.83},
        "recalls": {"mel": {"successes": 3, "total": 4, "low": 0.3, "high": 0.95}},
    }  # fmt: skip
    result: dict[str, Any] = {
        "parts": [{"title": p.title, "sha256": "", "scores": scores, "epochs": 1, "seconds": 61.0} for p in job.parts],
        "unreadable": {},
        "repeats": {key: {"mean": mean_recall, "sd": 0.02} for key in ("mean_recall", "accuracy")},
    }
    if out_of_fold:
        result["out_of_fold"] = {"records": 10, "of": 10, "scores": scores}
        (job.folder / "out-of-fold.csv").write_text("image,mel,nv\nISIC_1,0.25,0.75\n")
        (job.folder / "folds.csv").write_text("image_id,lesion_id,dx,fold\nISIC_1,L_1,nv,1\n")
    write_json(job.folder / "result.json", result)
    write_status(job.folder, JobState.FINISHED)
    return read_job(job.folder)


def damage(path: Path) -> None:
    """Leave half of a file."""
    text = path.read_bytes()
    path.write_bytes(text[: len(text) // 2])


def as_json(text: str) -> dict[str, Any]:
    """What a command printed."""
    value: dict[str, Any] = json.loads(text)
    return value
