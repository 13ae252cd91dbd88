"""`dermdash` in a process of its own, without the seconds that every new Python takes to import what commands use."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.forking_parent import ForkingParent

# All that commands import, now or later.
_PREPARE = """
import importlib, pkgutil
import dermdash.cli, dermdash.storage.workspace, alembic.command, torch
import tests.quick_databases
import rich.markdown, scipy.optimize, scipy.sparse.csgraph
for part in "readings", "analyses", "charts", "report", "dataset", "workflows", "classifier":
    package = importlib.import_module("dermdash." + part)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
main = dermdash.cli.main
"""


class CommandLine:
    """Runs commands one after the other."""

    def __init__(self, parent: ForkingParent, folder: Path) -> None:
        self._parent = parent
        self._out, self._err = folder / "out", folder / "err"

    def run(
        self, home: Path, *arguments: object, folder: Path | None = None, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run `dermdash` with these arguments on the workspace ``home``, from ``folder``, with these variables."""
        written = ["dermdash", *(str(argument) for argument in arguments)]
        for path in (self._out, self._err):
            path.write_bytes(b"")
        status = self._parent.start(
            written,
            folder=folder or Path.cwd(),
            environment=_environment() | {"DERMDASH_HOME": str(home)} | variables,
            out=self._out,
            err=self._err,
        ).wait()
        return subprocess.CompletedProcess(written, status, self._out.read_text("utf-8"), self._err.read_text("utf-8"))


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DERMDASH_")}
    return kept | {"COLUMNS": "200", "NO_COLOR": "1"}


@contextmanager
def command_line() -> Iterator[CommandLine]:
    """A parent that has imported `dermdash`; it ends with the block."""
    parent = ForkingParent(_PREPARE, folder=Path.cwd(), environment=_environment())
    with tempfile.TemporaryDirectory() as folder:
        yield CommandLine(parent, Path(folder))
        parent.close()
