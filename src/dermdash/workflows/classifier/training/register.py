"""Register the models of a finished job: by whoever has the database, any number of times."""

from __future__ import annotations

from dermdash.classifier.checkpoints import checkpoint_sha256
from dermdash.errors import DermdashError, InvalidInput
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import model_registry
from dermdash.workflows.classifier.training.job import Job, JobState, list_jobs, read_json, write_json


def register_job(workspace: Workspace, job: Job) -> list[str]:
    """Put the models of a finished job into the registry and return their ids in order of the parts.

    A model is known by the hash of its checkpoint, so that registering again changes nothing.

    Raises
    ------
    InvalidInput
        The job is not finished, or a checkpoint is not the file the training wrote.
    """
    if job.state is not JobState.FINISHED:
        raise InvalidInput(f"The training {job.id} is {job.state}: only a finished one has models to register.")
    checked = []
    for index, part in enumerate(job.parts):
        done = read_json(job.part_folder(index) / "done.json", default={})
        path = job.part_folder(index) / "model.safetensors"
        if not path.is_file() or checkpoint_sha256(path) != done.get("sha256"):
            raise InvalidInput(
                f"The checkpoint {path} is missing or damaged: delete the training and start it anew. The same seed "
                "gives the same model."
            )
        title = job.settings.title
        if job.settings.folds:
            title = f"{title}, {part.title}"
        elif len(job.parts) > 1:
            title = f"{title} ({part.title})"
        checked.append((path, title))
    drawn = bool(job.request.get("simulated", False))
    earlier = next((m for m in model_registry.list_models(workspace) if m["id"] == job.settings.initial), None)
    ids = [
        model_registry.add_checkpoint(
            workspace, path, name=title, dataset_id=job.settings.dataset_id, simulated=drawn,
            earlier_dataset_id=None if earlier is None else earlier["dataset_id"],
        )
        for path, title in checked
    ]  # fmt: skip
    write_json(job.folder / "registered.json", {"models": ids})
    return ids


def register_finished(workspace: Workspace) -> dict[str, str]:
    """Register what finished while nobody had the database; return job id and reason of what could not be.

    Models of folds are registered on request only (``register_job``): each lacks a part of the data for good, and
    a list full of them would hide the models to use.
    """
    problems: dict[str, str] = {}
    for job in list_jobs(workspace.home):
        if job.state is not JobState.FINISHED or job.settings.folds or job.model_ids:
            continue
        try:
            register_job(workspace, job)
        except DermdashError as error:
            problems[job.id] = str(error)
    return problems
