"""Starting, awaiting and stopping one Streamlit server of its own for a browser test."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
STREAMLIT = ("-m", "streamlit", "run")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_streamlit(
    script: Path, *, port: int, env: dict[str, str], log: Path, launcher: Sequence[str] = STREAMLIT
) -> subprocess.Popen[bytes]:
    """Start `streamlit run script` on that port and return the process; wait with `wait_until_healthy`."""
    command = [
        *(sys.executable, *launcher, str(script)),
        *("--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"),
        *("--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"),
        *("--runner.postScriptGC", "false"),
    ]
    with log.open("ab") as output:
        return subprocess.Popen(command, cwd=REPOSITORY, env=os.environ | env, stdout=output, stderr=subprocess.STDOUT)


def wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path, *, timeout_s: float = 60) -> None:
    """Return when the server answers; fail with the end of its log when it stops or takes too long."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"streamlit did not start on port {port}:\n{log.read_text(errors='replace')[-3000:]}")


def stop_process(process: subprocess.Popen[bytes]) -> None:
    """End one process that a test started; kill it when it does not go within five seconds."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=5)
