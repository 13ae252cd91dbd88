"""What the training page does: start a training beside the app, continue it, stop it; models by training."""

from __future__ import annotations

from typing import Any

from dermdash.errors import InvalidInput
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import model_registry
from dermdash.workflows.classifier.training.job import (
    Job,
    JobState,
    delete_job,
    find_job,
    list_jobs,
    read_job,
    write_status,
)
from dermdash.workflows.classifier.training.prepare import prepare_training
from dermdash.workflows.classifier.training.processes import ProcessMark, start_beside, stop
from dermdash.workflows.classifier.training.register import register_job
from dermdash.workflows.classifier.training.settings import TrainingSettings
from dermdash.workflows.classifier.training.usable_records import check_locks


def active_job(jobs: list[Job]) -> Job | None:
    """The job that runs, if any."""
    return next((job for job in jobs if job.state.active), None)


def start_training(workspace: Workspace, settings: TrainingSettings) -> Job:
    """Prepare a training and run it in a process of its own.

    Raises
    ------
    InvalidInput
        Another one is running, or as ``prepare_training``.
    """
    _check_none_runs(workspace)
    return _start(prepare_training(workspace, settings))


def continue_training(workspace: Workspace, job_id: str) -> Job:
    """Go on with a training that was stopped, interrupted or failed, in a process of its own.

    Raises
    ------
    InvalidInput
        It, or another, is running, nothing of it can be continued, or it uses records of a locked test part.
    NotFound
        There is no such training.
    """
    job = find_job(workspace.home, job_id)
    _check_none_runs(workspace)
    if not job.state.resumable:
        raise InvalidInput(f"The training {job.id} is {job.state} and cannot be continued.")
    check_locks(workspace, job)
    return _start(job)


def stop_training(workspace: Workspace, job_id: str) -> Job:
    """Stop a training; its last complete epoch is kept. Raises InvalidInput where it is not ours to stop."""
    job = find_job(workspace.home, job_id)
    if job.state is JobState.STARTING:
        raise InvalidInput("This training is just starting: try again in a few seconds.")
    mark = ProcessMark.from_json(job.status.get("process"))
    if job.state is JobState.RUNNING and mark is not None:
        stop(mark)
    return read_job(job.folder)


def delete_training(workspace: Workspace, job_id: str) -> None:
    """Delete what is kept of a training; its registered models stay. Raises InvalidInput while it runs."""
    delete_job(find_job(workspace.home, job_id))


def register_training(workspace: Workspace, job_id: str) -> list[str]:
    """Register the models of a finished training, those of folds too, and return their ids."""
    return register_job(workspace, find_job(workspace.home, job_id))


def repeats_of_models(workspace: Workspace) -> list[dict[str, Any]]:
    """Trainings repeated with several seeds whose models are registered: name, models, mean and SD of the figures."""
    known = {str(m["id"]): m for m in model_registry.list_models(workspace)}
    found = []
    for job in list_jobs(workspace.home):
        if job.state is not JobState.FINISHED or job.settings.repeats < 2:
            continue
        ids = [i for i in job.model_ids if i in known]
        if len(ids) == job.settings.repeats and all("mean_recall" in known[i]["metrics"] for i in ids):
            held_out = known[ids[0]]["metrics"]["held_out_images"]
            found.append(
                {"name": job.settings.title, "models": ids, "held_out_images": held_out, **job.result["repeats"]}
            )
    return found


def _check_none_runs(workspace: Workspace) -> None:
    running = active_job(list_jobs(workspace.home))
    if running is not None:
        raise InvalidInput(
            f"The training {running.settings.title} is running. One at a time: wait for it or stop it first."
        )


def _start(job: Job) -> Job:
    write_status(job.folder, JobState.STARTING)
    start_beside(job.folder)
    return read_job(job.folder)
