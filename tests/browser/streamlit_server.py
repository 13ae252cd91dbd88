"""Starting, awaiting and stopping one Streamlit server of its own for a browser test."""

import functools
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.forking_parent import ForkedProcess, ForkingParent

REPOSITORY = Path(__file__).parents[2]
STREAMLIT = ("-m", "streamlit", "run")
Server = subprocess.Popen[bytes] | ForkedProcess
# All that the app imports, now or at the first opening of a page. What is made for the server that runs (components,
# caches) is made anew in each child: the modules of the app itself are imported there again, which takes 0.1 s.
_PREPARE = """
import importlib, logging, pkgutil, sys
import tests.quick_databases
logging.disable(logging.WARNING)
import rich.markdown, scipy.optimize, scipy.sparse, streamlit.dataframe_util, streamlit.web.bootstrap, streamlit.web.cli
import uvicorn.lifespan.on, uvicorn.loops.auto, uvicorn.protocols.http.auto, uvicorn.protocols.websockets.auto
for part in "readings", "analyses", "charts", "report", "workflows", "ui":
    package = importlib.import_module("dermdash." + part)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
for name in [name for name in sys.modules if name.partition("dermdash.ui")[1]]:
    del sys.modules[name]
logging.disable(logging.NOTSET)


def main():
    sys.path.insert(0, "")
    streamlit.web.cli.main()
"""


def start_streamlit(
    script: Path, *, port: int, env: dict[str, str], log: Path, launcher: Sequence[str] = STREAMLIT
) -> subprocess.Popen[bytes]:
    """Start `streamlit run script` on that port and return the process; wait with `wait_until_healthy`."""
    command = [sys.executable, *launcher, *_arguments(script, port)]
    with log.open("ab") as output:
        return subprocess.Popen(command, cwd=REPOSITORY, env=os.environ | env, stdout=output, stderr=subprocess.STDOUT)


def fork_streamlit(script: Path, *, port: int, env: dict[str, str], log: Path) -> ForkedProcess:
    """The same, in a fifth of the time, from a parent of this process that has imported what the app imports."""
    log.touch()
    return _parent().start(
        ["streamlit", "run", *_arguments(script, port)],
        folder=REPOSITORY,
        environment=os.environ | env,
        out=log,
        err=log,
    )


@functools.cache
def _parent() -> ForkingParent:
    return ForkingParent(_PREPARE, folder=REPOSITORY, environment=os.environ)


def _arguments(script: Path, port: int) -> list[str]:
    return [
        str(script),
        *("--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"),
        *("--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"),
        *("--runner.postScriptGC", "false"),
    ]


def wait_until_healthy(process: Server, port: int, log: Path, *, timeout_s: float = 60) -> None:
    """Return when the server answers; fail with the end of its log when it stops or takes too long."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    pytest.fail(f"streamlit did not start on port {port}:\n{log.read_text(errors='replace')[-3000:]}")


def stop_process(process: Server) -> None:
    """End one process that a test started; kill it when it does not go within five seconds."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=60)
