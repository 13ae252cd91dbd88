"""The watcher of the browser tests sees every host outside this machine that a process turns to, and no other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.browser.apps.watched_streamlit import LOG

CODE = """
import socket, sys
from contextlib import suppress
from tests.browser.apps.watched_streamlit import _watch
sys.addaudithook(_watch)
with suppress(OSError):
    {act}
"""
UDP = "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"


@pytest.mark.parametrize(
    ("act", "seen"),
    [
        ("socket.getaddrinfo('checkip.example.invalid', 80)", True),
        (f"{UDP}.connect(('192.0.2.1', 9))", True),
        (f"{UDP}.sendto(b'', ('192.0.2.1', 9))", True),
        ("socket.getaddrinfo('localhost', 80)", False),
        (f"{UDP}.connect(('127.0.0.1', 9))", False),
    ],
)
def test_the_watcher_writes_down_what_leaves_this_machine(tmp_path: Path, act: str, seen: bool) -> None:
    log = tmp_path / "contacts"
    log.touch()
    environment = os.environ | {LOG: str(log)}
    folder = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", CODE.format(act=act)], check=True, env=environment, cwd=folder)
    assert bool(log.read_text()) is seen
