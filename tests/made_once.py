"""Workspaces that take a while to fill: each is filled once in a run of the tests and copied for whoever wants it."""

import pickle
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from dermdash.errors import DermdashError
from dermdash.settings import Settings
from dermdash.storage.file_lock import only_one
from dermdash.storage.workspace import Workspace, open_workspace
from tests.postgresql_server import create_database
from tests.quick_databases import EMPTY

T = TypeVar("T")
_PATIENCE_S = 240.0


class MadeOnce:
    """Filled workspaces in a folder that all processes of the run share: who wants one first makes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[Path, bytes] = {}
        self._templates: dict[tuple[str, str], tuple[str, Path, bytes]] = {}

    def home(self, fill: Callable[[Workspace], T]) -> tuple[Path, T]:
        """Folder of a workspace that ``fill`` filled, and what it returned; only for tests that change nothing in it.

        DuckDB lets one process at a time open it: tests of several files take a copy.
        """
        place = self._folder / f"{fill.__module__}.{fill.__qualname__}"
        if place not in self._made:
            self._made[place] = self._made_now(fill, place)
        made: T = pickle.loads(self._made[place])
        return place / "workspace", made

    def _made_now(self, fill: Callable[[Workspace], object], place: Path) -> bytes:
        """Fill it, or wait for the process that does; what it returned, pickled."""
        place.mkdir(parents=True, exist_ok=True)
        result = place / "returned"
        with only_one(place / "lock", DermdashError(f"{place} is not ready"), patience_s=_PATIENCE_S):
            if not result.exists():
                workspace = open_workspace(Settings(home=place / "workspace", database_url=""))
                returned = fill(workspace)
                workspace.close()
                result.write_bytes(pickle.dumps(returned))
        return result.read_bytes()

    def copy(self, fill: Callable[[Workspace], T], home: Path) -> T:
        """Put a copy of it at ``home`` (nothing is there yet), and return what ``fill`` returned."""
        source, returned = self.home(fill)
        shutil.copytree(source, home)
        return returned

    def open_copy(self, fill: Callable[[Workspace], T], home: Path, *, server: str = "") -> tuple[Workspace, T]:
        """Open a copy of it at ``home``, and return what ``fill`` returned.

        ``server``: URL of a PostgreSQL server of this process, without a database name: the copy is a new database of
        it, made from a template. Empty: DuckDB.
        """
        if server:
            url, returned = self._copy_database(fill, home, server)
        else:
            url, returned = "", self.copy(fill, home)
        return open_workspace(Settings(home=home, database_url=url)), returned

    def _copy_database(self, fill: Callable[[Workspace], T], home: Path, server: str) -> tuple[str, T]:
        key = (server, f"{fill.__module__}.{fill.__qualname__}")
        if key not in self._templates:
            template = create_database(server)
            files = self._folder / "postgresql" / template.rpartition("/")[2]
            workspace = open_workspace(Settings(home=files, database_url=template))
            self._templates[key] = (template, files, pickle.dumps(fill(workspace)))
            workspace.close()  # a database with connections cannot be copied
        template, files, returned = self._templates[key]
        shutil.copytree(files, home)
        made: T = pickle.loads(returned)
        return create_database(server, template=template), made


def nothing(_: Workspace) -> None:
    """Fill nothing: what is made once is the schema."""


@pytest.fixture(scope="session", autouse=True)
def copied_databases(made_once: MadeOnce) -> Iterator[None]:
    """New workspaces begin as copies; imported by a conftest, it holds for its folder and for what is forked there."""
    home, _ = made_once.home(nothing)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(EMPTY, str(home / "dermdash.duckdb"))
        yield
