"""A throw-away PostgreSQL cluster on this machine that tests may stop and start."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa


class PostgresqlServer:
    """A cluster in a folder of its own; it keeps its port when it is stopped and started again.

    ``url`` is that of the server, without a database name.
    """

    def __init__(self, binaries: Path, folder: Path, *, options: str = "") -> None:
        self._folder = folder
        self._options = options
        run: list[str] = []
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            shutil.chown(folder, "postgres")
            run = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        data = folder / "data"
        initdb = [*run, binaries / "initdb", "-D", data, "-U", "dermdash", "--auth=trust", "-E", "UTF8", "--no-locale"]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder)
        self._control = [*run, binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-w"]
        self.port = self._start_on_a_free_port()
        self.url = f"postgresql+psycopg://dermdash@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it on the port it had."""
        self._start(self.port).check_returncode()

    def stop(self, *, mode: str = "fast") -> None:
        """Stop it: ``fast`` ends every connection, ``immediate`` is a crash."""
        subprocess.run([*self._control, "-m", mode, "stop"], check=False, capture_output=True, cwd=self._folder)

    def new_database(self, name: str) -> str:
        """Create an empty database and return its URL."""
        return create_database(self.url, name)

    def _start_on_a_free_port(self, attempts: int = 5) -> int:
        # A free one may be taken by the time the server wants it.
        for attempt in range(attempts):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port: int = probe.getsockname()[1]
            started = self._start(port)
            if started.returncode == 0:
                return port
            if attempt == attempts - 1:
                started.check_returncode()
        raise AssertionError("unreachable")

    def _start(self, port: int) -> "subprocess.CompletedProcess[bytes]":
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {self._folder} -c fsync=off {self._options}"
        return subprocess.run(
            [*self._control, "-o", options, "start"], check=False, capture_output=True, cwd=self._folder
        )


def create_database(server: str, name: str = "", *, template: str = "") -> str:
    """Create a database, empty or as the one of the URL ``template`` is; returns its URL.

    ``server``: its URL without a database name. Without a name it gets one that no other has.
    """
    name = name or f"t{uuid4().hex}"
    like = f"TEMPLATE {template.rpartition('/')[2]}" if template else ""
    admin = sa.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        # Since version 15 every page goes through the log unless told otherwise: a tenth of a second instead of 16 ms.
        files = "STRATEGY FILE_COPY" if (connection.dialect.server_version_info or (0,)) >= (15,) else ""
        connection.execute(sa.text(f"CREATE DATABASE {name} {like} {files}"))
    admin.dispose()
    return f"{server}/{name}"


def postgresql_binaries() -> Path | None:
    """Where PostgreSQL is installed, None where it is not."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).parent
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return candidates[-1].parent if candidates else None


@contextmanager
def running_postgresql(*, options: str = "") -> Iterator[PostgresqlServer | None]:
    """A new cluster, gone afterwards; None where PostgreSQL is not installed.

    Not under pytest's own folder: another pytest that starts meanwhile closes that to the server's user.
    """
    binaries = postgresql_binaries()
    if binaries is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="dermdash-postgresql-"))
    server = PostgresqlServer(binaries, folder, options=options)
    try:
        yield server
    finally:
        server.stop(mode="immediate")
        shutil.rmtree(folder, ignore_errors=True)
