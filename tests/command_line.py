"""`dermdash` in a process of its own, without the seconds that every new Python takes to import what commands use.

A parent imports it once, with all that commands import later, and forks for each command: arguments, environment,
folder, output, exit status and the end of the process are those of the child, as with a new interpreter. Tests of
signals, of starting and of what is imported start a new interpreter.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The child leaves the loop by ending as any program does: handlers at exit run, and what nobody caught is printed.
_PARENT = """
import gc, importlib, json, os, pkgutil, sys
import dermdash.cli, dermdash.storage.workspace, dermdash.workflows.dataset.import_dataset, alembic.command, torch
import rich.markdown, scipy.optimize, scipy.sparse.csgraph
for part in "readings", "analyses", "charts", "report", "dataset", "workflows", "classifier":
    package = importlib.import_module("dermdash." + part)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
assert 'duckdb' not in sys.modules, 'it has threads, which do not survive a fork'
gc.freeze()  # else every child copies and clears all of it at its end
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child == 0:
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        for number, name in enumerate((os.devnull, asked["out"], asked["err"])):
            os.dup2(os.open(name, os.O_RDWR), number)
        sys.argv = ["dermdash", *asked["arguments"]]
        dermdash.cli.main()
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class CommandLine:
    """Runs commands one after the other."""

    def __init__(self, parent: "subprocess.Popen[str]", folder: Path) -> None:
        self._parent = parent
        self._out, self._err = folder / "out", folder / "err"

    def run(
        self, home: Path, *arguments: object, folder: Path | None = None, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run `dermdash` with these arguments on the workspace ``home``, from ``folder``, with these variables."""
        written = [str(argument) for argument in arguments]
        for path in (self._out, self._err):
            path.write_bytes(b"")
        asked = {
            "arguments": written,
            "environment": _environment() | {"DERMDASH_HOME": str(home)} | variables,
            "folder": str(folder or Path.cwd()),
            "out": str(self._out),
            "err": str(self._err),
        }
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps(asked) + "\n")
        self._parent.stdin.flush()
        status = int(self._parent.stdout.readline())
        return subprocess.CompletedProcess(
            ["dermdash", *written], status, self._out.read_text("utf-8"), self._err.read_text("utf-8")
        )


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DERMDASH_")}
    return kept | {"COLUMNS": "200", "NO_COLOR": "1"}


@contextmanager
def command_line() -> Iterator[CommandLine]:
    """A parent that has imported `dermdash`; it ends with the block."""
    command = [sys.executable, "-c", _PARENT]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as parent,
    ):
        yield CommandLine(parent, Path(folder))
        assert parent.stdin is not None
        parent.stdin.close()
