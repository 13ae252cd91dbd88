"""Fixtures shared by all tests: engines, workspaces, and where the real data lies when it is there."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real images beside the checkout; tests that want it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("real images are not kept beside this checkout")
    return SHARED_DATA


def _postgresql_bin() -> Path | None:
    if (found := shutil.which("initdb")) is not None:
        return Path(found).parent
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return candidates[-1].parent if candidates else None


def _start_postgresql(control: Sequence[str | Path], folder: Path, attempts: int = 5) -> int:
    """Start the cluster and return its port: a free one may be taken by the time the server wants it."""
    for attempt in range(attempts):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
        last = attempt == attempts - 1
        started = subprocess.run([*control, "-o", options, "start"], check=last, capture_output=True, cwd=folder)
        if started.returncode == 0:
            return port
    raise AssertionError("unreachable")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A throw-away PostgreSQL cluster; yields the URL of its server without a database name.

    Not under pytest's own folder: another pytest that starts meanwhile closes that to the server's user.
    """
    binaries = _postgresql_bin()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed")
    folder = Path(tempfile.mkdtemp(prefix="dermdash-postgresql-"))
    run: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        shutil.chown(folder, "postgres")
        run = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = folder / "data"
    initdb = [*run, binaries / "initdb", "-D", data, "-U", "dermdash", "--auth=trust", "-E", "UTF8", "--no-locale"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder)
    control = [*run, binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-w"]
    port = _start_postgresql(control, folder)
    try:
        yield f"postgresql+psycopg://dermdash@127.0.0.1:{port}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


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
