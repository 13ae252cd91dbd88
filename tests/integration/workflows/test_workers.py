"""Worker processes that die, and parents that are killed."""

import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path

import pytest

from dermdash.errors import DermdashError
from dermdash.workflows import surviving_pool
from dermdash.workflows import worker_pool as worker_pool_module
from dermdash.workflows.surviving_pool import SurvivingPool
from dermdash.workflows.worker_pool import worker_pool, worth_processes

pytestmark = pytest.mark.processes

REPOSITORY = Path(__file__).parents[3]
DEADLY = 7


def double(tasks: Sequence[int]) -> list[int]:
    """Kills its process at one task."""
    if DEADLY in tasks:
        os.kill(os.getpid(), signal.SIGKILL)
    return [2 * task for task in tasks]


def one_worker() -> Executor:
    return worker_pool(1, processes=True)


def test_only_the_task_that_its_worker_dies_of_is_given_up() -> None:
    with SurvivingPool(one_worker, double, lambda task: -task) as pool:
        done = list(pool.in_order([[1, 2], [3, 4], [6, DEADLY], [8, 9]]))
    assert done == [([1, 2], [2, 4]), ([3, 4], [6, 8]), ([6, DEADLY], [12, -DEADLY]), ([8, 9], [16, 18])]


def test_workers_that_go_on_dying_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surviving_pool, "MOST_DEATHS", 1)
    pool: SurvivingPool[int, int] = SurvivingPool(one_worker, double, lambda task: -task)
    with pool, pytest.raises(DermdashError, match="go on ending unexpectedly"):
        list(pool.in_order([[DEADLY], [DEADLY]]))


_PARENT = """
import os, sys, time
from dermdash.workflows.worker_pool import worker_pool
if __name__ == "__main__":
    pool = worker_pool(2, processes=True)
    pids = {pool.submit(os.getpid).result() for _ in range(20)}
    print(*pids, flush=True)
    time.sleep(60)
"""


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes as Linux shows them")
def test_a_killed_parent_leaves_no_process_behind(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert parent.stdout is not None
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    group = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and os.getpgid(int(p.name)) == parent.pid]
    assert workers
    assert set(workers) < set(group)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 60
    while not all(map(gone, group)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [pid for pid in group if not gone(pid)] == []


def test_workers_know_what_this_process_was_told_since_the_first_were_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a bucket lies and its keys stand in the environment, and a first pool may have been there before."""
    with worker_pool(1, processes=True) as pool:
        assert pool.submit(os.getenv, "DERMDASH_TOLD_LATE").result() is None
    monkeypatch.setenv("DERMDASH_TOLD_LATE", "yes")
    with worker_pool(1, processes=True) as pool:
        assert pool.submit(os.getenv, "DERMDASH_TOLD_LATE").result() == "yes"


def test_workers_give_way_to_who_waits_at_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    for in_app in (False, True):
        monkeypatch.setattr(worker_pool_module, "_give_way", in_app)
        with worker_pool(1, processes=True) as pool:
            assert pool.submit(os.nice, 0).result() == min(19, os.nice(0) + 10 * in_app)


def test_a_worker_of_the_app_does_not_make_the_app_again() -> None:
    """It runs the main module of its parent, which in the app is app.py."""
    made = runpy.run_path(str(REPOSITORY / "app.py"), run_name="__mp_main__")
    assert not {"app", "st"} & set(made)


def test_the_app_starts_processes_only_for_much_to_do() -> None:
    assert [worth_processes(None, n) for n in (0, 60, 10_000)] == [False, False, True]
    assert worth_processes(True, 1)
    assert not worth_processes(False, 10_000)
