"""Fixtures shared by all tests: engines, workspaces, and where the real data lies when it is there."""

import gc
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from dermdash.storage.workspace import Workspace
from tests.forking_parent import SELDOM
from tests.made_once import MadeOnce, nothing
from tests.object_server import ObjectServer, running_object_server
from tests.postgresql_server import PostgresqlServer, create_database, running_postgresql
from tests.quick_databases import let_go  # it also sets how every database of the tests is opened
from tests.slow_tests import is_slow, slow_tests

# Most of what imports and tests make is dropped when its last name goes; looking for what is not is put off until much
# has come together: a twentieth of the time of pages and workflows.
gc.disable()

# Tiny networks are slower on several threads, and far slower when the other processes of a run keep the cores busy.
# Before anything imports torch; the programs that tests start inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell lets what it runs in the background ignore Ctrl-C, and so would every program that the tests start and stop.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


T = TypeVar("T")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is no part of the inner loop, and what a busy machine may have failed (a browser, other processes):
    it is tried a second time, and the summary lists it with what failed at first."""
    slow = slow_tests()
    for item in items:
        if is_slow(item.nodeid, slow):
            item.add_marker("slow")
        if item.get_closest_marker("browser") or item.get_closest_marker("processes"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_collection_finish() -> None:
    """Take what the imports left out of every later collection of garbage: it stays to the end, and a full one that has
    to look at it takes half a second (statsmodels asks for one at every correction of p values)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    gc.enable()


class OpenFilled(Protocol):
    """Opens a copy of a workspace that a function filled; returns it and what the function returned."""

    def __call__(self, fill: Callable[[Workspace], T]) -> tuple[Workspace, T]: ...


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real images beside the checkout; tests that want it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("real images are not kept beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """Filled workspaces to copy, shared by the processes of the run."""
    folder = tmp_path_factory.getbasetemp()
    return MadeOnce((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "made-once")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A throw-away PostgreSQL cluster; yields the URL of its server without a database name."""
    with running_postgresql() as server:
        if server is None:
            pytest.skip("no PostgreSQL server is installed")
        yield server.url


@pytest.fixture(scope="session")
def object_server() -> Iterator[ObjectServer]:
    """A server that speaks S3, for tests that neither stop it nor cut it off."""
    with running_object_server() as server:
        if server is None:
            pytest.skip("no object server is installed (make object-server)")
        yield server


@pytest.fixture
def bucket(object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty place for the objects of a workspace; the environment names its server and keys."""
    for name, value in object_server.environment().items():
        monkeypatch.setenv(name, value)
    return object_server.new_place()


@pytest.fixture
def own_postgresql() -> Iterator[PostgresqlServer]:
    """A cluster for one test, which may stop it; at most 20 connections, three of them for its superuser alone."""
    with running_postgresql(options="-c max_connections=20") as server:
        if server is None:
            pytest.skip("no PostgreSQL server is installed")
        yield server


@pytest.fixture(params=["duckdb", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without any table, once on each engine."""
    if request.param == "duckdb":
        return f"duckdb:///{tmp_path / 'empty.duckdb'}"
    return create_database(request.getfixturevalue("postgresql_server"))


@pytest.fixture(params=["duckdb", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def open_filled(request: pytest.FixtureRequest, tmp_path: Path, made_once: MadeOnce) -> Iterator[OpenFilled]:
    """Return a function that opens a copy of what another function fills, and what that returned; on each engine."""
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else ""
    opened: list[Workspace] = []

    def open_copy(fill: Callable[[Workspace], T]) -> tuple[Workspace, T]:
        workspace, returned = made_once.open_copy(fill, tmp_path / "workspace", server=server)
        opened.append(workspace)
        return workspace, returned

    yield open_copy
    for workspace in opened:
        let_go(workspace)


@pytest.fixture
def workspace(open_filled: OpenFilled) -> Workspace:
    """A fresh workspace with the real schema, once on each engine."""
    return open_filled(nothing)[0]


@pytest.fixture
def duckdb_workspace(tmp_path: Path, made_once: MadeOnce) -> Iterator[Workspace]:
    """A fresh workspace on DuckDB, for tests of what does not depend on the engine."""
    opened, _ = made_once.open_copy(nothing, tmp_path / "workspace")
    yield opened
    let_go(opened)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)
