"""The folder of a training job, `<workspace>/training/<job id>/`: its files, and what state it is in.

``request.json`` settings, parts, grouping; ``records.json`` images, labels, groups, folds; ``status.json`` who runs it;
``heartbeat`` touched while it runs; ``progress.jsonl`` one line per measurement; ``log.txt``; ``initial.*`` weights to
start from; ``part-1/`` per training: ``state.pt`` while it runs, then ``model.safetensors``, ``predictions.csv`` and
``done.json``; ``result.json`` and ``out-of-fold.csv`` at the end; ``registered.json`` the ids of its models.
Nothing in it is ever executed or unpickled.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import Any

from dermdash.errors import DermdashError, InvalidInput, NotFound
from dermdash.whole_files import whole_file
from dermdash.workflows.classifier.training.processes import ProcessMark, is_alive
from dermdash.workflows.classifier.training.settings import TrainingSettings, settings_of

FORMAT = 1
STALE_AFTER_S = 60.0
"""A job of another machine or container counts as interrupted when its heartbeat is older."""
_STARTING_FOR_S = 60.0
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")


class JobState(StrEnum):
    """Where a job stands, as words for people."""

    STARTING = "starting"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    DAMAGED = "damaged"

    @property
    def active(self) -> bool:
        """Whether a process works on it."""
        return self in (JobState.STARTING, JobState.RUNNING)

    @property
    def resumable(self) -> bool:
        """Whether it can be continued."""
        return self in (JobState.STOPPED, JobState.INTERRUPTED, JobState.FAILED)


@dataclass(frozen=True, slots=True)
class Part:
    """One training of a job: it holds out the records of its fold."""

    title: str
    seed: int
    fold: int


@dataclass(frozen=True)
class Job:
    """A job as its folder says it; ``problem`` is set where the folder is damaged."""

    folder: Path
    state: JobState
    message: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    status: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def created_at(self) -> datetime:
        """When it was prepared, UTC, from its id."""
        return datetime.strptime(self.id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)

    @cached_property
    def settings(self) -> TrainingSettings:
        """What was chosen."""
        return settings_of(self.request["settings"])

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The trainings it consists of."""
        return tuple(Part(str(p["title"]), int(p["seed"]), int(p["fold"])) for p in self.request["parts"])

    @property
    def result(self) -> dict[str, Any]:
        """The figures of a finished job; empty before."""
        result = read_json(self.folder / "result.json", default={})
        return result if isinstance(result, dict) else {}

    @property
    def model_ids(self) -> list[str]:
        """Models registered from it."""
        registered = read_json(self.folder / "registered.json", default={})
        models = registered.get("models") if isinstance(registered, dict) else None
        return [str(i) for i in models] if isinstance(models, list) else []

    @property
    def parts_done(self) -> int:
        """How many of its trainings are complete."""
        return sum((self.part_folder(i) / "done.json").is_file() for i in range(len(self.parts)))

    def part_folder(self, index: int) -> Path:
        """Where the files of a part (from 0) lie."""
        return self.folder / f"part-{index + 1}"

    def records(self) -> dict[str, list[Any]]:
        """Columns id, image_id, sha256, dx, lesion_id, fold; one entry per record.

        Raises
        ------
        InvalidInput
            The file is damaged.
        """
        columns = read_json(self.folder / "records.json", default=None)
        names = ("id", "image_id", "sha256", "dx", "lesion_id", "fold")
        if not isinstance(columns, dict) or len({len(columns.get(name, ())) for name in names}) != 1:
            raise InvalidInput(f"{self.folder / 'records.json'} is damaged: delete the job and train anew")
        return columns


def training_folder(home: Path) -> Path:
    """Where the jobs of a workspace lie."""
    return home / "training"


def new_job_folder(home: Path) -> Path:
    """Create the folder of a new job."""
    folder = training_folder(home) / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{token_hex(2)}"
    folder.mkdir(parents=True)
    return folder


def list_jobs(home: Path) -> list[Job]:
    """Every job of the workspace, newest first."""
    folder = training_folder(home)
    if not folder.is_dir():
        return []
    names = sorted((p.name for p in folder.iterdir() if _ID.fullmatch(p.name) and p.is_dir()), reverse=True)
    return [read_job(folder / name) for name in names]


def find_job(home: Path, job_id: str) -> Job:
    """One job.

    Raises
    ------
    NotFound
        There is none of that id; the message names those that can be continued.
    """
    folder = training_folder(home) / job_id
    if not _ID.fullmatch(job_id) or not folder.is_dir():
        others = [job.id for job in list_jobs(home) if job.state.resumable]
        known = f"can be continued: {', '.join(others)}" if others else "no training waits to be continued"
        raise NotFound(f"There is no training {job_id!r} in this workspace; {known}.")
    return read_job(folder)


def read_job(folder: Path) -> Job:
    """Read a job and find out its state; a damaged folder is a job in the state "damaged"."""
    try:
        request = read_json(folder / "request.json", default=None)
        if not isinstance(request, dict) or request.get("format") != FORMAT:
            raise InvalidInput(f"{folder / 'request.json'} is missing, damaged or of another version")
        status = read_json(folder / "status.json", default={})
        job = Job(folder, JobState.INTERRUPTED, request=request, status=status if isinstance(status, dict) else {})
        if not job.parts:
            raise InvalidInput(f"{folder / 'request.json'} names no training")
        _ = job.settings
        if not isinstance(request["counts"], dict):
            raise InvalidInput(f"{folder / 'request.json'} does not say what is counted")
        state, message = _state(job)
    except (DermdashError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        words = str(error) if isinstance(error, DermdashError) else f"{folder / 'request.json'} is damaged ({error!r})"
        return Job(folder, JobState.DAMAGED, f"{words}: nothing can be continued from it, delete the job.")
    return Job(folder, state, message, job.request, job.status)


def _state(job: Job) -> tuple[JobState, str]:
    said, message = job.status.get("state"), str(job.status.get("message", ""))
    if said == "finished" and (job.folder / "result.json").is_file():
        return JobState.FINISHED, message
    if said in ("stopped", "failed"):
        return JobState(said), message
    # A clock set back, or a damaged file, must not make a training that starts for ever.
    if said == "starting" and 0 <= time.time() - float(job.status.get("since", 0)) < _STARTING_FOR_S:
        return JobState.STARTING, ""
    if said == "running" and job_process_lives(job):
        return JobState.RUNNING, ""
    return JobState.INTERRUPTED, (
        "The process of this training ended without a word: the machine or the process was stopped. What was reached "
        "up to its last complete epoch is kept."
    )


def job_process_lives(job: Job) -> bool:
    """Whether the process that status.json names is there; of another machine, whether its heart beats."""
    mark = ProcessMark.from_json(job.status.get("process"))
    if mark is None:
        return False
    if mark.is_of_this_machine():
        return is_alive(mark)
    try:
        return time.time() - (job.folder / "heartbeat").stat().st_mtime < STALE_AFTER_S
    except OSError:
        return False


def delete_job(job: Job) -> None:
    """Delete the folder of a job that does not run; models registered from it stay.

    Raises
    ------
    InvalidInput
        It is running.
    """
    if read_job(job.folder).state.active:
        raise InvalidInput("This training is running: stop it before you delete it.")
    shutil.rmtree(job.folder)


def write_status(folder: Path, state: JobState, **values: Any) -> None:
    """Say in the folder what state the job is in."""
    write_json(folder / "status.json", {"state": str(state), "since": time.time(), **values})


def read_json(path: Path, *, default: Any) -> Any:
    """Return what a JSON file holds, or the default where it is missing or damaged."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return default


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file so that neither a crash nor a power cut leaves half of it."""
    write_durably(path, json.dumps(value, ensure_ascii=False, allow_nan=False).encode())


def write_durably(path: Path, data: bytes) -> None:
    """Replace a file atomically and only when its bytes are on the disk."""
    with whole_file(path) as passing:
        passing.write_bytes(data)
