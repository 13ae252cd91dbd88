"""`dermdash serve --processes`: refused on DuckDB; on PostgreSQL each process is kept alive, and all end together."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.browser.ports import neighbouring_ports
from tests.postgresql_server import create_database

SERVE = [sys.executable, "-m", "dermdash.cli", "serve", "--no-demo", "--processes", "2"]


def environment(home: Path, database_url: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DERMDASH_", "STREAMLIT_"))}
    return kept | {
        "DERMDASH_HOME": str(home), "DERMDASH_DATABASE_URL": database_url, "DERMDASH_WARM_UP": "false",
        "PYTHONUNBUFFERED": "1",
    }  # fmt: skip


def test_duckdb_is_refused_with_the_way_out(tmp_path: Path) -> None:
    done = subprocess.run(SERVE, env=environment(tmp_path, ""), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Several app processes need a PostgreSQL database" in done.stderr
    assert "DERMDASH_DATABASE_URL" in done.stderr
    assert not list(tmp_path.iterdir()), "nothing was begun"


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def until(test: "object", what: str, *, seconds: float = 120) -> None:
    assert callable(test)
    end = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < end, what
        time.sleep(0.1)


@pytest.fixture
def ports() -> range:
    first = neighbouring_ports(2)
    return range(first, first + 2)


@pytest.fixture
def serving(tmp_path: Path, ports: range, postgresql_server: str) -> Iterator["tuple[subprocess.Popen[bytes], Path]"]:
    if sys.platform != "linux":
        pytest.skip("asks /proc for the processes")
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*SERVE, "--port", str(ports[0])], stdout=out, stderr=out,
            env=environment(tmp_path / "workspace", create_database(postgresql_server)),
        )  # fmt: skip
    yield process, log
    if process.poll() is None:
        process.terminate()
        process.wait(timeout=60)


def children(of: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{of}/task/{of}/children").read_text().split()]


@pytest.mark.postgresql
def test_a_process_that_is_killed_comes_back_and_all_end_with_the_first(
    serving: "tuple[subprocess.Popen[bytes], Path]", ports: range
) -> None:
    parent, log = serving
    until(lambda: all(map(answers, ports)), log.read_text())
    until(lambda: "/sign-in/" in log.read_text(), "the link")
    said = log.read_text()
    assert said.count("/sign-in/") == 1, "one link, whatever number of processes"
    assert all(f"http://127.0.0.1:{port}" in said for port in ports)
    assert "nginx" in said
    before = children(parent.pid)
    os.kill(before[1], signal.SIGKILL)
    until(lambda: "was ended by SIGKILL" in log.read_text(), "a line in the log")
    assert answers(ports[0]), "the other one goes on"
    until(lambda: len(children(parent.pid)) == 2 and answers(ports[1]), "the second process is back")
    assert log.read_text().count("/sign-in/") == 1, "no further link"
    known = children(parent.pid)
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(timeout=60) == 0
    assert not [pid for pid in known if Path(f"/proc/{pid}").exists()]
    assert not any(map(answers, ports))
