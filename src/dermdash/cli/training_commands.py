"""`dermdash train`: prepare a training with the database, run it without, register its models with it again."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dermdash.classifier.architectures import ARCHITECTURES
from dermdash.cli.console import Json, errors_explained, print_json, progress_bar, say, tell
from dermdash.cli.here_or_in_the_app import here_or_in_the_app
from dermdash.cli.where_option import Where
from dermdash.errors import InvalidInput, NotFound, WorkspaceLocked
from dermdash.wording import counted, form, percent, percent_interval, percent_spread

if TYPE_CHECKING:
    from dermdash.storage.workspace import Workspace
    from dermdash.workflows.classifier.training.job import Job
    from dermdash.workflows.classifier.training.progress import JobProgress
    from dermdash.workflows.classifier.training.settings import TrainingSettings


class Device(StrEnum):
    """Where the network runs."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Balance(StrEnum):
    """What is done about rare classes."""

    SAMPLING = "sampling"
    LOSS = "loss"
    NONE = "none"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("train")(train)


def train(
    dataset: Annotated[
        str | None, typer.Option(help="Data set id; may be left out when there is one, or one of photographs.")
    ] = None,
    architecture: Annotated[str, typer.Option(help=f"One of {', '.join(ARCHITECTURES)}.")] = "resnet34",
    input_size: Annotated[int, typer.Option(min=32, max=1024, help="Side of the network's input in pixels.")] = 96,
    epochs: Annotated[int, typer.Option(min=1, help="How often all images are shown.")] = 24,
    batch_size: Annotated[int, typer.Option(min=2, help="Images per step.")] = 64,
    learning_rate: Annotated[float, typer.Option(help="Peak of the one-cycle schedule.")] = 2e-3,
    balance: Annotated[Balance, typer.Option(help="What is done about rare classes.")] = Balance.SAMPLING,
    patience: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many measurements without a better mean recall.")
    ] = None,
    measure_every: Annotated[int, typer.Option(min=1, help="Measure every so many epochs.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Same data, seed and machine type: same model.")] = 2020,
    repeats: Annotated[int, typer.Option(min=1, help="Train with seeds SEED, SEED + 1, ... on the same split.")] = 1,
    folds: Annotated[
        int, typer.Option(min=0, help="Cross-validate in so many folds: every record predicted out of fold.")
    ] = 0,
    register_folds: Annotated[
        bool, typer.Option("--register-folds", help="Register the networks of the folds as models too.")
    ] = False,
    initial: Annotated[
        str, typer.Option(help="Start from: a model id, a .pth, .pt or .safetensors file, or imagenet.")
    ] = "",
    initial_unseen: Annotated[
        bool, typer.Option("--initial-unseen", help="The weights of that file have seen no dermatoscopic image.")
    ] = False,
    held_out: Annotated[
        float, typer.Option(min=0.01, max=0.9, help="Share of the patients (or lesions) kept out of training.")
    ] = 0.2,
    device: Device = Device.AUTO,
    threads: Annotated[int, typer.Option(min=0, help="Threads of the CPU. 0: as many as torch takes.")] = 0,
    name: Annotated[str | None, typer.Option(help="Name of the model as shown.")] = None,
    split: Annotated[
        str, typer.Option(help="Name of a split: what is trained on and held out, its test part left out.")
    ] = "",
    where: Where = None,
    resume: Annotated[
        str | None, typer.Option(metavar="JOB", help="Go on with an interrupted training; no other option counts.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a classifier with whole patients or lesions held out, and register it.

    Ctrl-C keeps what was reached: `--resume JOB` goes on from the last complete epoch to the same result.
    """
    with errors_explained():
        from dermdash.records.chosen_records import kept_filter
        from dermdash.records.record_filter import RecordFilter
        from dermdash.workflows.classifier.training.settings import TrainingSettings

        if resume is not None:
            job = _resumable(resume)
        else:
            settings: dict[str, Any] = {
                "name": name or "", "architecture": architecture, "input_size": input_size, "epochs": epochs,
                "batch_size": batch_size, "learning_rate": learning_rate, "balance": balance.value,
                "patience": patience, "measure_every": measure_every, "seed": seed, "repeats": repeats,
                "folds": folds, "held_out_fraction": held_out, "device": device.value, "threads": threads,
                "initial": initial, "initial_unseen": initial_unseen, "split": split,
                "record_filter": kept_filter(RecordFilter.from_words(where or ())),
            }  # fmt: skip
            job = _prepare(dataset, lambda dataset_id: TrainingSettings(dataset_id, **settings))
    kept = f"Interrupted. What was reached is kept; go on with: dermdash train --resume {job.id}"
    with errors_explained(kept):
        job = _run(job)
        ids = _register(job, register_folds=register_folds)
        _report(job, ids, as_json)


def _prepare(dataset: str | None, settings_for: Any) -> Job:
    """Write the job and give the database back: the training must not hold it for hours."""
    from dermdash.settings import Settings
    from dermdash.storage.workspace import open_workspace
    from dermdash.workflows.classifier.training.prepare import prepare_training

    try:
        workspace = open_workspace(Settings())
    except WorkspaceLocked as error:
        raise WorkspaceLocked(f"{error} Or start the training on the app's Training page.") from error
    try:
        settings: TrainingSettings = settings_for(dataset or _only_dataset(workspace))
        return prepare_training(workspace, settings)
    finally:
        workspace.close()


def _only_dataset(workspace: Workspace) -> str:
    from dermdash.workflows.dataset.browse_records import list_datasets

    every = list_datasets(workspace)
    if not every:
        raise NotFound("There is no data set yet: `dermdash import` brings one in.")
    # The one of photographs is meant beside any number of drawn ones.
    ids = [str(d["id"]) for d in every if not d["simulated"]] or [str(d["id"]) for d in every]
    if len(ids) > 1:
        raise InvalidInput(f"There are several data sets, name one with --dataset: {', '.join(ids)}")
    return ids[0]


def _resumable(job_id: str) -> Job:
    from dermdash.settings import Settings
    from dermdash.workflows.classifier.training.job import JobState, find_job

    job = find_job(Settings().home.resolve(), job_id)
    if job.state is JobState.DAMAGED:
        raise InvalidInput(job.message)
    if job.state.active:
        raise InvalidInput(f"The training {job.id} is running.")
    if job.state is not JobState.FINISHED:
        # A test part may have been locked since it was prepared, also by the app that has the workspace open.
        here_or_in_the_app("check_training", {"job": job.id}, "Looking for locked records", _check_locks)
    return job


def _check_locks(workspace: Workspace, arguments: Mapping[str, Any], say: Any) -> dict[str, Any]:
    from dermdash.workflows.classifier.training.job import find_job
    from dermdash.workflows.classifier.training.usable_records import check_locks

    check_locks(workspace, find_job(workspace.home, str(arguments["job"])))
    return {}


def _run(job: Job) -> Job:
    """Run what is left of the job in this process; one that is complete only lacks its registration."""
    from dermdash.workflows.classifier.training.job import JobState
    from dermdash.workflows.classifier.training.progress import share_done
    from dermdash.workflows.classifier.training.run_job import run_job, stopped_by_signal
    from dermdash.workflows.classifier.training.usable_records import left_out_lines

    if job.state is JobState.FINISHED:
        return job
    counts = job.request["counts"]
    if job.settings.record_filter:
        from dermdash.records.chosen_records import kept_in_words

        say(
            f"Only records with {kept_in_words(job.settings.record_filter)}: {counted(counts['records'], 'record')}, "
            f"{counts['left_out_by_filter']:,} left out."
        )
    for line in left_out_lines(counts, job.settings.split):
        say(line)
    if counts["single_group_classes"]:
        say(f"Too few independent lesions to train on and measure: {', '.join(counts['single_group_classes'])}")
    say(f"Training {job.id}: {job.folder}")
    with progress_bar("Training") as advance, stopped_by_signal():
        return run_job(
            job.folder,
            on_progress=lambda p: advance(share_done(p, job.settings, len(job.parts)), 1.0, _words(job, p)),
            stoppable=True,
        )


def _words(job: Job, progress: JobProgress) -> str:
    which = f"{job.parts[progress.part].title}, " if len(job.parts) > 1 else ""
    if progress.step is None:
        return f"{which}{progress.kind} {progress.done:,} of {progress.total:,}"
    return f"{which}epoch {progress.step.epoch} of {progress.step.epochs}"


def _register(job: Job, *, register_folds: bool) -> list[str]:
    """Register the models, or say who will when the app has the database."""
    if job.settings.folds and not register_folds:
        return job.model_ids
    from dermdash.settings import Settings
    from dermdash.storage.workspace import open_workspace
    from dermdash.workflows.classifier.training.register import register_job

    try:
        workspace = open_workspace(Settings())
    except WorkspaceLocked:
        say(
            "The training is complete. The app has the workspace open, so its model is not registered yet: open the "
            "app's Training page, which does it."
        )
        return []
    try:
        return register_job(workspace, job)
    finally:
        workspace.close()


def _report(job: Job, ids: list[str], as_json: bool) -> None:
    result = job.result
    first = result["parts"][0]["scores"] or {}
    out_of_fold = result.get("out_of_fold")
    files = {} if out_of_fold is None else {name: str(job.folder / f"{name}.csv") for name in ("out-of-fold", "folds")}
    drawn = bool(job.request.get("simulated", False))
    if as_json:
        print_json(
            {
                "job": job.id,
                "dataset": job.settings.dataset_id,
                "record_filter": job.settings.record_filter,
                "left_out_by_filter": job.request["counts"].get("left_out_by_filter", 0),
                "split": job.settings.split or None,
                "left_out": job.request["counts"].get("left_out", {}),
                "left_out_by_locks": job.request["counts"].get("locks", {}),
                "simulated": drawn,
                "models": ids,
                "model": ids[0] if ids else None,
                "name": job.settings.title,
                "metrics": {key: first.get(key) for key in ("mean_recall", "accuracy")}
                | {"held_out_images": first["accuracy_of"]["total"] if first else 0},
                "trainings": result["parts"],
                "repeats": result["repeats"],
                "out_of_fold": out_of_fold,
                "files": files,
                "unreadable": result["unreadable"],
            }
        )
        return
    for index, part in enumerate(result["parts"]):
        named = f"Model {ids[index]} ({job.settings.title}, {part['title']})" if ids else part["title"].capitalize()
        tell(named)
        if part["scores"]:
            tell(
                f"  at training: {_scores(part['scores'])} held-out "
                f"{form(part['scores']['accuracy_of']['total'], 'image', 'images')} of {job.settings.dataset_id}"
            )
    for image, reason in result["unreadable"].items():
        say(f"Left out: {image}: {reason}")
    if out_of_fold is not None:
        tell(f"Out of fold: {_scores(out_of_fold['scores'])} of {counted(out_of_fold['of'], 'image')}")
        for path in files.values():
            tell(f"  {path}")
    elif len(result["parts"]) > 1:
        for key, words in (("mean_recall", "Mean recall"), ("accuracy", "Accuracy")):
            spread = result["repeats"][key]
            tell(f"{words} over the seeds: {percent_spread(spread['mean'], spread['sd'])} (SD)")
    if ids:
        if drawn:
            from dermdash.workflows.dataset.image_kinds import DRAWN_MODEL

            say(f"Note: {DRAWN_MODEL}")
        say(f"It answers where it is named; `dermdash model use {ids[0]}` lets it answer where none is.")
        say(f"Next: dermdash predict --model {ids[0]}")


def _scores(scores: dict[str, Any]) -> str:
    of = scores["accuracy_of"]
    return (
        f"mean recall {percent(scores['mean_recall'])}, accuracy "
        f"{percent_interval(scores['accuracy'], of['low'], of['high'])} on {of['total']:,}"
    )
