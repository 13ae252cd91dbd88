"""Workspaces that take a while to fill: each is filled once in a run of the tests and copied for whoever wants it."""

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dermdash.errors import DermdashError
from dermdash.settings import Settings
from dermdash.storage.file_lock import only_one
from dermdash.storage.workspace import Workspace, open_workspace

T = TypeVar("T")
_PATIENCE_S = 240.0


class MadeOnce:
    """Filled workspaces in a folder that all processes of the run share: who wants one first makes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def home(self, fill: Callable[[Workspace], T]) -> tuple[Path, T]:
        """Folder of a workspace that ``fill`` filled, and what it returned; only for tests that change nothing in it.

        DuckDB lets one process at a time open it: tests of several files take a copy.
        """
        place = self._folder / f"{fill.__module__}.{fill.__qualname__}"
        place.mkdir(parents=True, exist_ok=True)
        result = place / "returned"
        with only_one(place / "lock", DermdashError(f"{place} is not ready"), patience_s=_PATIENCE_S):
            if not result.exists():
                workspace = open_workspace(Settings(home=place / "workspace", database_url=""))
                returned = fill(workspace)
                workspace.close()
                result.write_bytes(pickle.dumps(returned))
        made: T = pickle.loads(result.read_bytes())
        return place / "workspace", made

    def copy(self, fill: Callable[[Workspace], T], home: Path) -> T:
        """Put a copy of it at ``home`` (nothing is there yet), and return what ``fill`` returned."""
        source, returned = self.home(fill)
        shutil.copytree(source, home)
        return returned
