"""The faults themselves, each under readers who answer all the time."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dermdash.storage import readings
from tests.benchmarks.study_server import StudyWorkspace, fill, opened, ready_readers, start
from tests.browser.ports import free_port, neighbouring_ports
from tests.browser.streamlit_server import stop_process, wait_until_healthy
from tests.faults import shifted_clock
from tests.faults.patient_readers import PatientReaders
from tests.faults.verdict import Verdict
from tests.nginx_server import Nginx, nginx_program
from tests.postgresql_server import PostgresqlServer, running_postgresql

READERS = 8
CASES = 20
ANSWERS_EACH = 2 * CASES
STUCK_AFTER_S = 45.0
"""Who has no answer acknowledged so long after a fault is stuck."""


class App:
    """The real app on a port that it keeps, started and killed at will."""

    def __init__(self, study: StudyWorkspace, *, launcher: tuple[str, ...] | None = None, **env: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._study, self._env = study, {"DERMDASH_WARM_UP": "false"} | env
        self._launcher = {} if launcher is None else {"launcher": launcher}
        self.start()

    def start(self) -> None:
        """Start it and return when it answers."""
        self.process, log = start(self._study, self.port, **self._launcher, **self._env)
        wait_until_healthy(self.process, self.port, log)

    def send(self, what: signal.Signals) -> None:
        """Send its process a signal; after a kill, wait until it is gone."""
        self.process.send_signal(what)
        if what == signal.SIGKILL:
            self.process.wait(timeout=10)

    def stop(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            stop_process(self.process)


@contextmanager
def on_duckdb(*, size_mib: int | None = None) -> Iterator[StudyWorkspace]:
    """A filled workspace; with a size on a disk of its own, which needs the rights to mount one."""
    folder = Path(tempfile.mkdtemp(prefix="dermdash-faults-"))
    if size_mib is not None:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", folder], check=True, capture_output=True
        )
    try:
        yield fill(folder, cases=CASES)
    finally:
        if size_mib is not None:
            subprocess.run(["umount", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def on_postgresql() -> Iterator[tuple[StudyWorkspace, PostgresqlServer] | None]:
    """A filled workspace on a PostgreSQL of its own that keeps what it confirmed; None where none is installed."""
    folder = Path(tempfile.mkdtemp(prefix="dermdash-faults-"))
    with running_postgresql(options="-c fsync=on") as server:
        if server is None:
            yield None
        else:
            yield fill(folder, database_url=server.new_database("faults"), cases=CASES), server
    shutil.rmtree(folder, ignore_errors=True)


def kill(times: int, seed: int) -> Verdict:
    """kill -9 at a moment of chance."""
    verdict, rng = Verdict("kill -9"), random.Random(seed)
    with on_duckdb() as study:
        app = App(study)

        def once() -> float:
            time.sleep(rng.uniform(0.0, 1.2))
            app.send(signal.SIGKILL)
            app.start()
            return time.monotonic()

        _under_readers(verdict, study, [app], once, times)
    return verdict


def stopped(times: int, seed: int) -> Verdict:
    """The process stands still for some seconds, as a machine does that is suspended."""
    verdict, rng = Verdict("SIGSTOP of 2 to 12 s"), random.Random(seed)
    with on_duckdb() as study:
        app = App(study)

        def once() -> float:
            time.sleep(rng.uniform(0.0, 1.0))
            app.send(signal.SIGSTOP)
            time.sleep(rng.uniform(2.0, 12.0))
            app.send(signal.SIGCONT)
            return time.monotonic()

        _under_readers(verdict, study, [app], once, times)
    return verdict


def clock(times: int, seed: int) -> Verdict:
    """The clock jumps by up to a day, back as often as forward."""
    verdict, rng = Verdict("clock jumps of up to a day"), random.Random(seed)
    with on_duckdb() as study:
        moved = study.home / "clock"
        moved.write_text("0")
        app = App(study, launcher=(shifted_clock.__file__,), **{shifted_clock.FILE: str(moved)})

        def once() -> float:
            moved.write_text(str(rng.uniform(-86_400, 86_400)))
            time.sleep(rng.uniform(0.5, 1.5))
            return time.monotonic()

        _under_readers(verdict, study, [app], once, times)
    return verdict


def disk_full(times: int, seed: int) -> Verdict:
    """No room on the disk for some seconds."""
    verdict, rng = Verdict("disk full for 3 to 8 s"), random.Random(seed)
    try:
        with on_duckdb(size_mib=400) as study:
            app, filler = App(study), study.home / "filler"

            def once() -> float:
                free = shutil.disk_usage(study.home).free
                with filler.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, max(1, free - rng.randrange(0, 65_536)))
                time.sleep(rng.uniform(3.0, 8.0))
                filler.unlink()
                return time.monotonic()

            _under_readers(verdict, study, [app], once, times)
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        verdict.notes.append(f"not tried: a disk of its own cannot be mounted ({error})")
    return verdict


def database_restart(times: int, seed: int) -> Verdict:
    """PostgreSQL is stopped, every other time as in a crash, and comes back after some seconds."""
    verdict, rng = Verdict("PostgreSQL away for 0 to 6 s"), random.Random(seed)
    with on_postgresql() as found:
        if found is None:
            verdict.notes.append("not tried: PostgreSQL is not installed")
            return verdict
        study, server = found
        app = App(study)

        def once() -> float:
            server.stop(mode=rng.choice(["fast", "immediate"]))
            time.sleep(rng.uniform(0.0, 6.0))
            server.start()
            return time.monotonic()

        _under_readers(verdict, study, [app], once, times)
    return verdict


def two_apps(times: int, seed: int) -> Verdict:
    """Two processes on one PostgreSQL, each reader in two tabs, one at each; one of both is killed each time."""
    verdict, rng = Verdict("two apps on PostgreSQL, one killed, two tabs"), random.Random(seed)
    with on_postgresql() as found:
        if found is None:
            verdict.notes.append("not tried: PostgreSQL is not installed")
            return verdict
        study, _ = found
        apps = [App(study), App(study)]

        def once() -> float:
            time.sleep(rng.uniform(0.0, 1.0))
            app = rng.choice(apps)
            app.send(signal.SIGKILL)
            app.start()
            return time.monotonic()

        _under_readers(verdict, study, apps, once, times, tabs=2)
    return verdict


def two_tabs(times: int, seed: int) -> Verdict:
    """Every invitation open in two tabs that answer the same steps; the "faults" are seconds of it."""
    verdict, rng = Verdict("two tabs of each reader, seconds"), random.Random(seed)
    with on_duckdb() as study:

        def once() -> float:
            time.sleep(rng.uniform(0.5, 1.5))
            return time.monotonic()

        _under_readers(verdict, study, [App(study)], once, times, tabs=2)
    return verdict


def backups(times: int, seed: int) -> Verdict:
    """`dermdash backup` while readers answer; the last is restored, and holds all that was acknowledged before it."""
    verdict, rng = Verdict("backups under load, the last restored"), random.Random(seed)
    with on_duckdb() as study, tempfile.TemporaryDirectory(prefix="dermdash-faults-") as kept:
        backup, again = Path(kept) / "backup", Path(kept) / "again"
        began: list[float] = []

        def once() -> float:
            time.sleep(rng.uniform(0.0, 1.0))
            began.append(time.monotonic())
            _command(study, "backup", str(backup))
            return time.monotonic()

        reading, readers = _under_readers(verdict, study, [App(study)], once, times)
        _command(study, "restore", str(backup), "--into", str(again))
        before = {a.id for a in reading.ledger.answers if a.acknowledged is not None and a.acknowledged < began[-1]}
        with opened(StudyWorkspace(again, study.study_id)) as workspace:
            restored = {
                row["id"]
                for reader in readers.values()
                for row in readings.readings_of_reader(workspace.engine, reader)
            }
        verdict.lost += len(before - restored)
        verdict.notes.append(f"{len(before)} acknowledged before the last backup, {len(restored)} in it")
    return verdict


def _command(study: StudyWorkspace, *words: str) -> None:
    env = os.environ | {"DERMDASH_HOME": str(study.home), "DERMDASH_DATABASE_URL": study.database_url}
    subprocess.run([sys.executable, "-m", "dermdash.cli", *words], check=True, capture_output=True, env=env)


PLACES_BEHIND_NGINX = 60
_THINK_S = 4.0
"""Sixty readers who think so long answer fifteen times a second: what two processes on two busy cores can do."""


_BEHIND_NGINX = ("nothing", "a process killed", "PostgreSQL away", "nginx reloaded")
"""In turns; nothing, so that the others can be told from what a busy machine does by itself."""


class Served:
    """`dermdash serve --processes 2` behind an nginx that has the configuration of `deploy/nginx`."""

    def __init__(self, study: StudyWorkspace, folder: Path) -> None:
        first = neighbouring_ports(2)
        self._ports, self._study = range(first, first + 2), study
        self.nginx = Nginx(folder, self._ports)
        self.url = f"http://127.0.0.1:{self.nginx.port}"
        self._log = study.home / "serve.log"
        self.nginx.__enter__()
        self.start()

    def start(self) -> None:
        """Start it and return when both processes answer."""
        environment = os.environ | {
            "DERMDASH_HOME": str(self._study.home), "DERMDASH_DATABASE_URL": self._study.database_url,
            "DERMDASH_PUBLIC_URL": self.url,
        }  # fmt: skip
        command = [sys.executable, "-m", "dermdash.cli", "serve", "--no-demo", "--no-link", "--processes", "2"]
        with self._log.open("ab") as log:
            self.parent = subprocess.Popen(
                [*command, "--port", str(self._ports[0])], env=environment, stdout=log, stderr=log
            )
        for port in self._ports:
            wait_until_healthy(self.parent, port, self._log, timeout_s=120)

    def processes(self) -> list[int]:
        """Ids of the app processes that run now."""
        children = Path(f"/proc/{self.parent.pid}/task/{self.parent.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def stop(self) -> None:
        """End parent and processes."""
        if self.parent.poll() is None:
            self.parent.terminate()
            self.parent.wait(timeout=60)

    def end(self) -> None:
        """End nginx, too."""
        self.stop()
        self.nginx.__exit__()


def behind_nginx(times: int, seed: int) -> Verdict:
    """60 readers over two processes behind nginx: in turns one is killed, PostgreSQL restarted, nginx reloaded."""
    verdict, rng = Verdict("behind nginx: a process killed, PostgreSQL away, nginx reloaded"), random.Random(seed)
    if nginx_program() is None:
        verdict.notes.append("not tried: nginx is not installed")
        return verdict
    with on_postgresql() as found, tempfile.TemporaryDirectory(prefix="dermdash-nginx-") as folder:
        if found is None:
            verdict.notes.append("not tried: PostgreSQL is not installed")
            return verdict
        study, server = found
        served = Served(study, Path(folder) / "nginx")

        begun: list[tuple[float, str]] = []
        away: list[float] = []

        def once() -> float:
            time.sleep(rng.uniform(0.0, 2.0))
            what = _BEHIND_NGINX[verdict.faults % len(_BEHIND_NGINX)]
            begun.append((time.monotonic(), what))
            match what:
                case "a process killed":
                    os.kill(rng.choice(served.processes()), signal.SIGKILL)
                case "PostgreSQL away":
                    stopped_at = time.monotonic()
                    server.stop(mode=rng.choice(["fast", "immediate"]))
                    time.sleep(rng.uniform(0.0, 3.0))
                    server.start()
                    away.append(time.monotonic() - stopped_at)
                case "nginx reloaded":
                    served.nginx.reload()
            return time.monotonic()

        try:
            reading, _ = _under_readers(
                verdict, study, [served], once, times, readers=PLACES_BEHIND_NGINX, think_s=_THINK_S
            )
        finally:
            served.end()
        verdict.notes.append(f"PostgreSQL was away for {max(away, default=0.0):.1f} s at most")
        ends = [moment for moment, _ in begun[1:]] + [time.monotonic()]
        for what in _BEHIND_NGINX:
            waits = [
                reading.ledger.longest_wait_s(moment, end)
                for (moment, which), end in zip(begun, ends, strict=True)
                if which == what
            ]
            verdict.notes.append(f"longest wait from Enter to the next step, {what}: {max(waits, default=0.0):.1f} s")
    return verdict


FAULTS: dict[str, tuple[Callable[[int, int], Verdict], int]] = {
    "kill": (kill, 100),
    "disk_full": (disk_full, 10),
    "database_restart": (database_restart, 15),
    "clock": (clock, 30),
    "stopped": (stopped, 10),
    "two_tabs": (two_tabs, 30),
    "two_apps": (two_apps, 15),
    "behind_nginx": (behind_nginx, 12),
    "backups": (backups, 10),
}
"""Each fault and how often a whole campaign makes it."""


def _under_readers(
    verdict: Verdict, study: StudyWorkspace, apps: Sequence["App | Served"], once: Callable[[], float], times: int, *,
    tabs: int = 1, readers: int = READERS, think_s: float = 0.3,
) -> tuple[PatientReaders, dict[str, str]]:  # fmt: skip
    """Make a fault so many times, waiting each time until all go on. Returns who read, and reader by invitation."""
    for app in apps:
        app.stop()
    # About ten answers between one fault and the next, and the invitations that are in hand at the end.
    invitations = readers * (2 + 10 * times // ANSWERS_EACH)
    taken = ready_readers(study, invitations)
    for app in apps:
        app.start()
    try:
        with PatientReaders([app.url for app in apps], list(taken), readers, tabs=tabs, think_s=think_s) as reading:
            reading.wait_for_progress(time.monotonic(), timeout_s=STUCK_AFTER_S)
            for _ in range(times):
                since = once()
                went_on = reading.wait_for_progress(since, timeout_s=STUCK_AFTER_S)
                verdict.note_recovery(max(reading.reading, len(went_on)), went_on)
    finally:
        for app in apps:
            app.stop()
    with opened(study) as workspace:
        verdict.compare(workspace, taken, reading.ledger)
    return reading, taken
