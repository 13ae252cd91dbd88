"""A work of one kind is done by one process of the app at a time; the others hear who is at it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dermdash.errors import InvalidInput
from dermdash.workflows.claimed_work import Claim, work_under_way
from dermdash.workflows.dataset.import_report import ImportProgress, ImportReport
from dermdash.workflows.dataset.running_import import begin_import, import_of
from dermdash.workflows.page_tasks import ask_for, forget_task

pytest.importorskip("fcntl", reason="this system has no such locks")
_HOLD = """
import sys
from pathlib import Path
from dermdash.workflows.claimed_work import Claim
claim = Claim(Path(sys.argv[1]), sys.argv[2], sys.argv[3], title="")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process_at(home: Path, kind: str, about: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", _HOLD, str(home), kind, about]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def never(_: object) -> ImportReport:
    raise AssertionError("it must not begin")


def test_what_another_process_is_at_is_refused_and_said(tmp_path: Path) -> None:
    with another_process_at(tmp_path, "import", "ada") as other:
        with pytest.raises(InvalidInput, match=rf"An import of yours is under way .*process {other.pid} on") as refused:
            begin_import(tmp_path, "ada", never)
        assert "wait for its end" in str(refused.value)
        assert import_of(tmp_path, "ada") is None
        assert [(work.kind, work.pid) for work in work_under_way(tmp_path)] == [("import", other.pid)]
    assert work_under_way(tmp_path) == [], "killed: the system has taken the lock back"


def test_other_accounts_and_other_kinds_go_on(tmp_path: Path) -> None:
    with another_process_at(tmp_path, "import", "ada"):
        Claim(tmp_path, "import", "grace", title="").release()
        Claim(tmp_path, "export", "ada", title="").release()


def test_an_import_that_ends_lets_another_process_begin(tmp_path: Path) -> None:
    go = threading.Event()

    def work(note: "object") -> ImportReport:
        assert callable(note)
        note(ImportProgress(1, 2))
        go.wait(10)
        raise InvalidInput("nothing to import")

    running = begin_import(tmp_path, "ada", work)
    assert [work.kind for work in work_under_way(tmp_path)] == ["import"]
    go.set()
    assert running.wait(10)
    with another_process_at(tmp_path, "import", "ada"):
        pass


def test_an_act_of_a_page_is_done_by_one_process_and_what_changes_nothing_by_any(tmp_path: Path) -> None:
    key = ("same lesions", 7)
    with another_process_at(tmp_path, "task", repr(key)):
        with pytest.raises(InvalidInput, match="Looking for one lesion is under way in another process"):
            ask_for(tmp_path, key, "Looking for one lesion", never, is_act=True)
        computed = ask_for(tmp_path, key, "Counting", lambda _: 3)
        assert computed.wait(10)
        assert computed.result == 3
    forget_task(tmp_path, key)
