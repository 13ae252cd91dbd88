"""Processes of training jobs: start one beside the app, know it again, stop it.

A process is known by machine, boot, number and start time, so that a number used again by another program, or
after a restart of the machine, is never taken for ours.
"""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dermdash.errors import InvalidInput

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """What tells a process from every other: machine and boot, number, start time; ``stoppable`` when it is a
    training and nothing else.
    """

    machine: str
    pid: int
    started: str
    stoppable: bool

    @classmethod
    def of_this_process(cls, *, stoppable: bool) -> ProcessMark:
        """The mark of the running process."""
        return cls(_machine(), os.getpid(), _started(os.getpid()) or "", stoppable)

    @classmethod
    def from_json(cls, value: Any) -> ProcessMark | None:
        """Read it back; None where it is no mark."""
        try:
            return cls(str(value["machine"]), int(value["pid"]), str(value["started"]), bool(value["stoppable"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            return None

    def as_json(self) -> dict[str, Any]:
        """For status.json."""
        return asdict(self)

    def is_of_this_machine(self) -> bool:
        """Whether it ran on this machine since its last start (a container counts as a machine)."""
        return self.machine == _machine()


def is_alive(mark: ProcessMark) -> bool:
    """Whether exactly this process still runs on this machine."""
    return mark.is_of_this_machine() and mark.pid > 0 and _started(mark.pid) == mark.started


def start_beside(folder: Path) -> None:
    """Run the job in a process of its own that outlives this one, at low priority and without its sockets."""
    with (folder / "log.txt").open("ab") as log:
        child = subprocess.Popen(  # noqa: S603  our own interpreter and module, no shell
            [sys.executable, "-m", "dermdash.workflows.classifier.training.run_job", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            close_fds=True,
            start_new_session=True,  # neither Ctrl-C in the app's terminal nor its end reaches the training
            cwd=folder,
        )
    # Nobody waits for it otherwise, and a dead child that nobody waited for would stay in the process table.
    threading.Thread(target=child.wait, daemon=True, name="training").start()


def stop(mark: ProcessMark, *, patience_s: float = 20.0) -> None:
    """Ask exactly this process to end, and wait for it; kill it when it does not go.

    Raises
    ------
    InvalidInput
        It runs on another machine, or does other work beside the training.
    """
    if not mark.is_of_this_machine():
        raise InvalidInput(f"This training runs on another machine ({mark.machine.split('/')[0]}): stop it there.")
    if not mark.stoppable:
        raise InvalidInput("This training is part of a program that does other work too: stop that program.")
    if not is_alive(mark):
        return
    os.kill(mark.pid, signal.SIGTERM)
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if not is_alive(mark):
            return
        time.sleep(0.05)
    if is_alive(mark):
        os.kill(mark.pid, signal.SIGKILL)


def _machine() -> str:
    try:
        boot = _BOOT.read_text("ascii").strip()
    except OSError:
        boot = ""
    return f"{platform.node()}/{boot}"


def _started(pid: int) -> str | None:
    """Start time of a live process as text, None where there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None if Path("/proc/self/stat").exists() else _started_by_ps(pid)
    # A zombie has ended; its parent has only not asked yet.
    return None if fields[0] in "ZX" else fields[19]


def _started_by_ps(pid: int) -> str | None:
    """The same where there is no /proc (macOS)."""
    found = subprocess.run(  # noqa: S603  fixed program, a number as argument
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or None
