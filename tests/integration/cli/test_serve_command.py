"""What `dermdash serve` says while it starts, that its link can be opened at once, and which app it starts."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.processor_time import cpu_seconds

from dermdash.cli.app_folder import app_folder
from dermdash.errors import DermdashError

pytestmark = pytest.mark.processes

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def serving(tmp_path: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DERMDASH_", "STREAMLIT_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "dermdash.cli", "serve", "--no-demo", "--port", str(port)],
        env=kept | {"DERMDASH_HOME": str(tmp_path / "workspace"), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.terminate()
    process.communicate(timeout=60)


def test_it_speaks_at_once_and_its_link_works_when_it_is_printed(serving: "subprocess.Popen[str]", port: int) -> None:
    assert serving.stdout is not None
    assert serving.stdout.readline() == "Starting dermdash ...\n"
    assert cpu_seconds(serving.pid) < 1.5, "the first line waits for nothing but the interpreter"
    link = next(line.strip() for line in serving.stdout if "/sign-in/" in line)
    # No second try: a link that is printed before the server listens would be refused here.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", urlsplit(link).path)
    answer = connection.getresponse()
    assert answer.status == 303
    assert answer.headers["Location"] == "../"
    assert "dermdash_session=" in answer.headers["Set-Cookie"]


def test_a_checkout_is_served_as_it_stands_and_a_package_by_itself(tmp_path: Path) -> None:
    assert app_folder() == REPOSITORY
    package = tmp_path / "checkout" / "src" / "dermdash"
    for folder in (tmp_path / "checkout", package / "app"):
        (folder / "pages").mkdir(parents=True)
        (folder / "app.py").touch()
    assert app_folder(package) == package / "app"
    (package / "app" / "app.py").unlink()
    assert app_folder(package) == tmp_path / "checkout"


def test_a_package_without_the_app_says_where_it_looked_and_what_to_do(tmp_path: Path) -> None:
    package = tmp_path / "lib" / "dermdash"
    with pytest.raises(DermdashError, match="wheel, or clone the repository") as refused:
        app_folder(package)
    assert str(package / "app") in str(refused.value)
