"""Fixtures shared by all tests: engines, workspaces, and where the real data lies when it is there."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from tests.made_once import MadeOnce
from tests.postgresql_server import PostgresqlServer, running_postgresql

# Tiny networks are slower on several threads, and far slower when the other processes of a run keep the cores busy.
# Before anything imports torch; the programs that tests start inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


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
    return new_postgresql_database(request.getfixturevalue("postgresql_server"), tmp_path)


@pytest.fixture(params=["duckdb", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    """A fresh workspace with the real schema, once on each engine."""
    url = ""
    if request.param == "postgresql":
        url = new_postgresql_database(request.getfixturevalue("postgresql_server"), tmp_path)
    opened = open_workspace(Settings(home=tmp_path / "workspace", database_url=url))
    yield opened
    opened.close()


def new_postgresql_database(server: str, folder: Path) -> str:
    """Create an empty database, named after the folder of the test, and return its URL."""
    name = f"t{abs(hash(str(folder))):x}"
    admin = sa.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return f"{server}/{name}"


@pytest.fixture
def duckdb_workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A fresh workspace on DuckDB, for tests of what does not depend on the engine."""
    opened = open_workspace(Settings(home=tmp_path / "workspace"))
    yield opened
    opened.close()


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
