"""A work of one kind is done by one process of the app at a time; the others hear who is at it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from dermdash.errors import AccessDenied, ImportStopped, InvalidInput, NotFound
from dermdash.workflows.accounts.access import Account, Role
from dermdash.workflows.claimed_work import Claim, ask_to_stop, work_under_way
from dermdash.workflows.dataset.import_report import ImportProgress, ImportReport
from dermdash.workflows.dataset.running_import import begin_import, import_of
from dermdash.workflows.page_tasks import ask_for, forget_task
from dermdash.workflows.workspace.operations import stop_work

pytestmark = pytest.mark.processes

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


_IMPORT = """
import sys
from pathlib import Path
from dermdash.workflows.dataset.import_report import ImportProgress
from dermdash.workflows.dataset.running_import import begin_import

def work(note):
    print("held", flush=True)
    while True:
        note(ImportProgress(1, 2))

running = begin_import(Path(sys.argv[1]), "ada", work)
running.wait(120)
print(type(running.error).__name__, flush=True)
"""


def test_work_of_another_process_is_asked_to_stop_and_ends_after_what_it_is_at(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _IMPORT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        try:
            assert other.stdout.readline() == "held\n"
            (work,) = work_under_way(tmp_path)
            assert (work.pid, work.stopping) == (other.pid, False)
            assert ask_to_stop(tmp_path, work.key, work.id).kind == "import"
            assert other.stdout.readline().strip() == ImportStopped.__name__
        finally:
            other.kill()
    assert work_under_way(tmp_path) == []
    assert [path.suffix for path in (tmp_path / "running").iterdir()] == [".lock"], "the wish is gone with the work"


def test_a_wish_is_about_one_work_and_not_about_the_next_of_its_kind(tmp_path: Path) -> None:
    first = Claim(tmp_path, "export", "ada", title="")
    (work,) = work_under_way(tmp_path)
    ask_to_stop(tmp_path, work.key, work.id)
    assert [one.stopping for one in work_under_way(tmp_path)] == [True]
    assert first.asked_to_stop
    wish = tmp_path / "running" / f"{work.key}.stop"
    kept = wish.read_bytes()
    first.release()
    with pytest.raises(NotFound, match="has ended meanwhile"):
        ask_to_stop(tmp_path, work.key, work.id)
    second = Claim(tmp_path, "export", "ada", title="")
    wish.write_bytes(kept)  # as after a process that was killed before it could clear up
    assert not second.asked_to_stop
    with pytest.raises(NotFound):
        ask_to_stop(tmp_path, work.key, work.id)
    second.release()


@pytest.mark.parametrize("role", Role)
def test_an_admin_may_stop_work_and_nobody_else(role: Role, tmp_path: Path) -> None:
    workspace = MagicMock(home=tmp_path)
    claim = Claim(tmp_path, "checks", "", title="")
    (work,) = work_under_way(tmp_path)
    actor = Account("id", "Somebody", frozenset({role}))
    if role is Role.ADMIN:
        assert stop_work(workspace, actor, work.key, work.id) == "Checks of images"
        assert claim.asked_to_stop
    else:
        for refused in (actor, None):
            with pytest.raises(AccessDenied):
                stop_work(workspace, refused, work.key, work.id)
        assert not claim.asked_to_stop
    claim.release()
