"""Processes that need not import anything: a parent that has imported it once forks for each.

Arguments, environment, folder, output, exit status and the end of the process are those of the child, as with a new
interpreter. Tests of signals at the start, of starting and of what is imported start a new interpreter.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

SELDOM = (50_000, 20, 50)
"""Thresholds of the collector of garbage, for processes that live for seconds or minutes."""
# The child ends as any program does: what nobody caught is printed, threads are waited for, exit handlers run. It only
# does not clear away every module that it has in common with the parent, which would copy them all first: 0.3 s.
_LOOP = """
import atexit, gc, json, os, sys, threading, traceback
assert 'duckdb' not in sys.modules, 'it has threads, which do not survive a fork'
gc.freeze()  # else every collection of a child looks at all of it
gc.set_threshold(*SELDOM)
gc.enable()


def status_of(main):
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def become(asked):
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    for number, name in enumerate((os.devnull, asked["out"], asked["err"])):
        os.dup2(os.open(name, os.O_RDWR | os.O_APPEND), number)
    sys.argv = asked["arguments"]
    status = status_of(main)
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


for line in sys.stdin:
    asked = json.loads(line)
    if "arguments" in asked:
        child = os.fork()
        if child == 0:
            become(asked)
        print(child, flush=True)
    else:
        child, status = os.waitpid(asked["wait"], 0 if asked["long"] else os.WNOHANG)
        print(json.dumps(os.waitstatus_to_exitcode(status) if child else None), flush=True)
"""


class ForkedProcess:
    """A child of the parent, used like `subprocess.Popen`."""

    def __init__(self, parent: "ForkingParent", pid: int) -> None:
        self._parent, self.pid = parent, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit status, none while it runs."""
        return self._status(long=False)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, once it has ended; `subprocess.TimeoutExpired` after ``timeout`` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while (status := self._status(long=end is None)) is None:
            assert end is not None
            assert timeout is not None
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(["forked"], timeout)
            time.sleep(0.01)
        return status

    def send_signal(self, signal: int) -> None:
        """Nothing happens where it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signal)

    def kill(self) -> None:
        self.send_signal(9)

    def terminate(self) -> None:
        self.send_signal(15)

    def _status(self, *, long: bool) -> int | None:
        if self.returncode is None:
            self.returncode = self._parent.ask({"wait": self.pid, "long": long})
        return self.returncode


class ForkingParent:
    """The parent: it ends with the process that made it, or by `close`.

    ``prepare`` is the text of a program that imports what is needed and defines ``main``, which each child calls.
    """

    def __init__(self, prepare: str, *, folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"import gc\ngc.disable()\nSELDOM = {SELDOM}\n{prepare}{_LOOP}"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(
        self, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], out: Path, err: Path
    ) -> ForkedProcess:
        """Fork; what the child writes goes to the ends of the files ``out`` and ``err``, which are there."""
        asked = {"arguments": list(arguments), "environment": dict(environment), "folder": str(folder)}
        pid = self.ask(asked | {"out": str(out), "err": str(err)})
        assert pid is not None
        return ForkedProcess(self, pid)

    def ask(self, asked: Mapping[str, object]) -> int | None:
        """Send a line and return the number of the line that comes back."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer: int | None = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
