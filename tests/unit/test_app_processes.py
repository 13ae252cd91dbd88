"""Processes of the app that are kept alive: when one starts again, and what is said of it."""

import json
from typing import Any

import pytest

from dermdash.cli.app_processes import FIRST_WAIT_S, LIVED_S, LONGEST_WAIT_S, AppProcesses, how_it_ended


class FakeProcess:
    def __init__(self) -> None:
        self.code: int | None = None
        self.killed = False

    def poll(self) -> int | None:
        return self.code

    def terminate(self) -> None:
        self.code = 0

    def kill(self) -> None:
        self.killed = True

    def wait(self, timeout: float | None = None) -> int:
        assert self.code is not None
        return self.code


class Machine:
    """A clock that is turned by hand, and all processes that were ever started, by port."""

    def __init__(self) -> None:
        self.now, self.said = 100.0, list[str]()
        self.started: dict[int, list[FakeProcess]] = {8501: [], 8502: []}
        start: Any = self._start
        self.processes = AppProcesses((8501, 8502), start, clock=lambda: self.now, log=self.said.append)
        self.processes.look_after()

    def _start(self, port: int) -> FakeProcess:
        self.started[port].append(FakeProcess())
        return self.started[port][-1]

    def after(self, seconds: float) -> None:
        self.now += seconds
        self.processes.look_after()


def test_each_port_gets_a_process_and_one_alone() -> None:
    machine = Machine()
    machine.after(1)
    assert {port: len(started) for port, started in machine.started.items()} == {8501: 1, 8502: 1}


def test_one_that_ends_starts_again_after_a_moment_and_is_said() -> None:
    machine = Machine()
    machine.started[8502][0].code = -9
    machine.after(0.2)
    assert len(machine.started[8502]) == 1
    assert machine.said[0].startswith("The app process on port 8502 was ended by SIGKILL")
    machine.after(FIRST_WAIT_S)
    assert len(machine.started[8502]) == 2
    assert len(machine.started[8501]) == 1


def test_who_ends_again_and_again_waits_longer_each_time_but_never_for_good() -> None:
    machine = Machine()
    waits = []
    for number in range(9):
        machine.started[8501][number].code = 1
        machine.after(0.1)
        began = machine.now
        while len(machine.started[8501]) == number + 1:
            machine.after(0.5)
        waits.append(machine.now - began)
    assert waits == sorted(waits)
    assert waits[0] == pytest.approx(FIRST_WAIT_S, abs=0.5)
    assert waits[-1] == pytest.approx(LONGEST_WAIT_S, abs=0.5)


def test_who_has_lived_starts_as_soon_as_the_first_time() -> None:
    machine = Machine()
    for number in range(3):
        machine.started[8501][number].code = 1
        machine.after(0.1)
        machine.after(LONGEST_WAIT_S)
    machine.after(LIVED_S)
    machine.started[8501][3].code = 1
    machine.after(0.1)
    machine.after(FIRST_WAIT_S)
    assert len(machine.started[8501]) == 5


def test_stop_ends_all() -> None:
    machine = Machine()
    machine.processes.stop()
    assert [started[0].code for started in machine.started.values()] == [0, 0]


def test_an_end_is_said_in_words() -> None:
    assert how_it_ended(3) == "ended with status 3"
    assert how_it_ended(-15) == "was ended by SIGTERM"


@pytest.mark.parametrize("form", ["text", "json"])
def test_lines_of_the_log_have_the_form_of_the_others(
    form: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DERMDASH_LOG_FORMAT", form)
    AppProcesses((8501,), FakeProcess).log("a line")  # type: ignore[arg-type]
    written = capsys.readouterr().err
    if form == "json":
        said = json.loads(written)
        assert (said["level"], said["message"]) == ("warning", "a line")
    else:
        assert written.endswith("UTC  a line\n")
