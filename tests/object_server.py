"""A server that speaks S3 (moto, Apache-2.0) on this machine, which tests may stop, start and cut off.

It is a program beside the app, as PostgreSQL and nginx are: what it brings does not agree with what Streamlit brings,
so that it has an environment of its own (`make object-server`).
"""

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.browser.ports import free_port, leave_port

REPOSITORY = Path(__file__).parents[1]
KEY, SECRET = "a-key-of-the-tests", "a-secret-of-the-tests"


def object_server_program() -> str | None:
    """Where the server is; None where it is not installed."""
    own = REPOSITORY / ".venv-moto" / "bin" / "moto_server"
    return str(own) if own.exists() else shutil.which("moto_server")


class ObjectServer:
    """A server on a port that it keeps; what it holds is in its memory and gone when it ends."""

    def __init__(self, program: str) -> None:
        self._program = program
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start it and return when it answers."""
        command = [self._program, "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.url}/moto-api/", timeout=5):
                    return
            except OSError:
                assert self._process.poll() is None, "the object server ended"
                time.sleep(0.1)
        raise AssertionError("the object server does not answer")

    def stop(self) -> None:
        """End it, with all that it holds."""
        self._process.kill()
        self._process.wait(timeout=10)

    def new_place(self) -> str:
        """An empty place for the objects of a workspace, in a bucket of its own."""
        bucket = f"t{uuid4().hex}"
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/{bucket}", method="PUT"), timeout=30):
            return f"s3://{bucket}/workspace"

    def environment(self, url: str = "") -> dict[str, str]:
        """What a program needs to reach it, at another address where one is given."""
        return {
            "AWS_ENDPOINT_URL": url or self.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }  # fmt: skip


@contextmanager
def running_object_server() -> Iterator[ObjectServer | None]:
    """A server while the context lasts; None where none is installed."""
    program = object_server_program()
    if program is None:
        yield None
        return
    server = ObjectServer(program)
    try:
        yield server
    finally:
        server.stop()
        leave_port(server.port)
