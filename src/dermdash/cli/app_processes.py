"""Several processes of the app on one machine, started, kept alive and ended by this one.

It serves nothing itself: a proxy in front spreads the browsers over the processes (docs/deployment.md).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dermdash.cli.console import say
from dermdash.settings import Settings
from dermdash.wording import moment, number

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
"""How long after its end a process starts again; twice as long each time that it did not live."""
LIVED_S = 60.0
"""A process that has lived so long starts again as soon as one that ends for the first time."""
_LOOK_EVERY_S = 0.2
_END_WITHIN_S = 20.0
"""A process that is still there then is killed: what it has acknowledged is on disk."""

Start = Callable[[int], "subprocess.Popen[bytes]"]


@dataclass(slots=True)
class _Berth:
    """A port, the process that listens there, and when the next one starts where there is none."""

    port: int
    process: subprocess.Popen[bytes] | None = None
    since: float = 0.0
    wait_s: float = FIRST_WAIT_S
    again_at: float = 0.0


@dataclass(slots=True)
class AppProcesses:
    """Processes on neighbouring ports, each started anew when it ends.

    ``start`` begins the one of a port; ``clock`` and ``log`` are named for tests.
    """

    ports: Sequence[int]
    start: Start
    clock: Callable[[], float] = time.monotonic
    log: Callable[[str], None] = field(default_factory=lambda: _log_line(Settings().log_format))
    _places: list[_Berth] = field(init=False)

    def __post_init__(self) -> None:
        self._places = [_Berth(port) for port in self.ports]

    def look_after(self) -> None:
        """Start what is due, and note what has ended; to be called again and again."""
        for place in self._places:
            if place.process is not None and (code := place.process.poll()) is not None:
                self._ended(place, code)
            if place.process is None and self.clock() >= place.again_at:
                place.process, place.since = self.start(place.port), self.clock()

    def _ended(self, place: _Berth, code: int) -> None:
        lived = self.clock() - place.since
        if lived >= LIVED_S:
            place.wait_s = FIRST_WAIT_S
        self.log(
            f"The app process on port {place.port} {how_it_ended(code)} after {number(lived, 0)} s. It starts again in "
            f"{number(place.wait_s, 0)} s; browsers go on at the others meanwhile."
        )
        place.process, place.again_at = None, self.clock() + place.wait_s
        place.wait_s = min(LONGEST_WAIT_S, 2 * place.wait_s)

    def stop(self) -> None:
        """End all, each in its own time; what does not go is killed."""
        running = [place.process for place in self._places if place.process is not None]
        for process in running:
            if process.poll() is None:
                process.terminate()
        end = self.clock() + _END_WITHIN_S
        for process in running:
            try:
                process.wait(timeout=max(0.1, end - self.clock()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _log_line(form: str) -> Callable[[str], None]:
    """Write a line of the log, as the processes write theirs (`ui/log_lines.py`)."""

    def for_people(text: str) -> None:
        say(f"{moment(datetime.now(UTC))}  {text}")

    def as_json(text: str) -> None:
        time_now = datetime.now(UTC).isoformat(timespec="milliseconds")
        say(json.dumps({"time": time_now, "level": "warning", "logger": __name__, "message": text}))

    return as_json if form == "json" else for_people


def how_it_ended(code: int) -> str:
    """An exit status in words."""
    if code >= 0:
        return f"ended with status {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def run_until_stopped(
    command: Callable[[int], Sequence[str]], ports: Sequence[int], *, folder: Path, first_only: Mapping[str, str]
) -> None:
    """Run a process on each port until this one gets SIGTERM, SIGINT or SIGHUP.

    Parameters
    ----------
    command
        Of a port.
    first_only
        Variables that only the first process gets, and only when it starts for the first time.
    """
    over = threading.Event()
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):  # Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda _number, _frame: over.set())
    secrets = dict(first_only)

    def start(port: int) -> subprocess.Popen[bytes]:
        environment = os.environ | secrets
        secrets.clear()
        # A session of its own: Ctrl-C reaches this process alone, which then ends the others in order.
        return subprocess.Popen(  # noqa: S603  our own interpreter
            command(port), cwd=folder, env=environment, stdin=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )  # fmt: skip

    processes = AppProcesses(ports, start)
    try:
        while not over.wait(_LOOK_EVERY_S):
            processes.look_after()
    finally:
        say("Ending the app processes ...")
        processes.stop()


def _end_with_parent() -> None:
    """In the child: let the system end it when its parent is killed, or its port would stay taken."""
    import ctypes

    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
