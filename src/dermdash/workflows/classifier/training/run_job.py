"""Run a training job without the database: `python -m dermdash.workflows.classifier.training.run_job FOLDER`.

``run_job(folder)`` does what is left to do and can be interrupted at any time: parts that are complete stay, and
the one at work goes on after its last complete epoch, to the same weights.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from dermdash.errors import DermdashError, InvalidInput
from dermdash.storage.file_lock import only_one
from dermdash.workflows.classifier.training.job import Job, JobState, read_job, read_json, write_json, write_status
from dermdash.workflows.classifier.training.processes import ProcessMark
from dermdash.workflows.classifier.training.progress import DOWNLOADING, JobProgress, ProgressWriter

_HEARTBEAT_S = 5.0
_LOCK_PATIENCE_S = 2.0
"""A killed training holds its lock until the last of its threads has ended."""


def run_job(
    folder: Path,
    *,
    on_progress: Callable[[JobProgress], None] | None = None,
    stoppable: bool = False,
    keep_state: bool = True,
) -> Job:
    """Run a job to its end and return it.

    Parameters
    ----------
    folder
        As ``prepare_training`` made it.
    on_progress
        Called with every line of progress; what it raises stops the job, which can be continued.
    stoppable
        Whether the calling process does nothing else, so that the app may end it to stop the training.
    keep_state
        Whether it can be continued within a part, at the price of writing the state after every epoch.

    Raises
    ------
    InvalidInput
        Another training runs on this machine, the job is damaged or complete, or the training itself refuses.
    """
    job = read_job(folder)
    if job.state is JobState.DAMAGED:
        raise InvalidInput(job.message)
    if job.state is JobState.FINISHED:
        raise InvalidInput(f"The training {job.id} is complete: there is nothing to continue.")
    with _only_one(folder):
        mark = ProcessMark.of_this_process(stoppable=stoppable)
        write_status(folder, JobState.RUNNING, process=mark.as_json())
        writer = ProgressWriter(folder)
        try:
            with _heartbeat(folder):
                _run_parts(job, _reporter(writer, on_progress or (lambda _: None)), keep_state)
            write_status(folder, JobState.FINISHED)
        except KeyboardInterrupt:
            write_status(folder, JobState.STOPPED, message="Stopped. It can be continued from its last complete epoch.")
            raise
        except DermdashError as error:
            write_status(folder, JobState.FAILED, message=str(error))
            raise
        except BaseException as error:
            words = f"It ended with an error nobody foresaw ({type(error).__name__}: {error})."
            if "out of memory" in str(error).lower() or isinstance(error, MemoryError):
                words = "The memory did not suffice: choose a smaller batch size or input size."
            write_status(folder, JobState.FAILED, message=words)
            raise
        finally:
            writer.close()
    return read_job(folder)


def _run_parts(job: Job, report: Callable[[JobProgress], None], keep_state: bool) -> None:
    from dermdash.classifier.machine import resolve_device, thread_count
    from dermdash.classifier.threads import limited_threads
    from dermdash.workflows.classifier.training.run_part import read_initial, run_part, summarise_parts

    threads = job.settings.threads
    with limited_threads(threads) if threads else nullcontext():
        machine_file = job.folder / "machine.json"
        machine = _read_machine(machine_file)
        if machine is None:
            # What it began on: a result is the same only on the same device with as many threads.
            machine = {"device": resolve_device(job.settings.device), "threads": thread_count()}
            write_json(machine_file, machine)
        device = resolve_device(str(machine["device"]))
        with limited_threads(int(machine["threads"])):
            initial = None
            for index in range(len(job.parts)):
                if (job.part_folder(index) / "done.json").is_file():
                    continue
                if initial is None:
                    initial = read_initial(
                        job, lambda done, total: report(JobProgress(0, DOWNLOADING, None, done, total))
                    )
                run_part(job, index, device=device, initial=initial, report=report, keep_state=keep_state)
    summarise_parts(job)
    for path in job.folder.glob("initial.*"):
        path.unlink()


def _read_machine(path: Path) -> dict[str, Any] | None:
    found = read_json(path, default=None)
    return found if isinstance(found, dict) and {"device", "threads"} <= set(found) else None


def _reporter(writer: ProgressWriter, on_progress: Callable[[JobProgress], None]) -> Callable[[JobProgress], None]:
    """Report every step, and counts of images or bytes once a second and at their end."""
    last = [0.0]

    def report(progress: JobProgress) -> None:
        if progress.step is None and progress.done != progress.total:
            if time.monotonic() - last[0] < 1:
                return
            last[0] = time.monotonic()
        writer.write(progress)
        on_progress(progress)

    return report


def _only_one(folder: Path) -> AbstractContextManager[None]:
    """Refuse where another training of this workspace runs on this machine."""
    refusal = InvalidInput(
        "Another training of this workspace is running. One at a time: two would take twice as long each. "
        "Wait for it or stop it, then continue this one."
    )
    return only_one(folder.parent / "running.lock", refusal, patience_s=_LOCK_PATIENCE_S)


@contextmanager
def _heartbeat(folder: Path) -> Iterator[None]:
    """Touch a file every few seconds, for app processes that cannot see this process."""
    path, over = folder / "heartbeat", threading.Event()

    def beat() -> None:
        while True:
            with suppress(OSError):
                path.touch()
            if over.wait(_HEARTBEAT_S):
                return

    thread = threading.Thread(target=beat, daemon=True, name="heartbeat")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def stopped_by_signal() -> Iterator[None]:
    """Let SIGTERM, with which the app stops a training, end it as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main() -> int:
    """Run the job of the folder named on the command line; 0 when complete, 1 on an error, 130 when stopped."""
    os.nice(10)  # the app and its readers come first
    folder = Path(sys.argv[1]).resolve()
    try:
        with stopped_by_signal():
            run_job(folder, stoppable=True)
    except KeyboardInterrupt:
        return 130
    except DermdashError as error:
        sys.stderr.write(f"{error}\n")
        if read_job(folder).state is JobState.STARTING:
            write_status(folder, JobState.FAILED, message=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
