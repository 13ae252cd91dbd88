"""A real Chromium and a real Streamlit server for browser tests."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

REPOSITORY = Path(__file__).parents[2]
# Nothing but localhost is ever visited; the flags keep the browser from calling home and from needing a GPU.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
INSTALLED_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

RunApp = Callable[..., str]


def launch_chromium(playwright: Playwright) -> Browser:
    """Start an installed Chromium or Chrome, else Playwright's own download, else skip and say what is missing."""
    installed = next(filter(None, map(shutil.which, INSTALLED_NAMES)), None)
    try:
        return playwright.chromium.launch(executable_path=installed, args=CHROMIUM_FLAGS)
    except PlaywrightError as error:
        if installed:
            raise
        pytest.skip(
            f"no browser: none of {', '.join(INSTALLED_NAMES)} is installed and {error.message.splitlines()[0]}"
        )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each test opens its own context (own storage, own cookies)."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield browser
        browser.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_streamlit(script: Path, *, port: int, env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start `streamlit run script` on that port and return the process; wait with `wait_until_healthy`."""
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(script)),
        *("--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"),
        *("--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"),
        *("--runner.postScriptGC", "false"),
    ]
    with log.open("ab") as output:
        return subprocess.Popen(
            command, cwd=REPOSITORY, env=os.environ | env, stdout=output, stderr=subprocess.STDOUT
        )


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


@pytest.fixture(scope="module")
def run_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunApp]:
    """Return a function `run_app(script, env=None) -> url`; what it started stops after the module."""
    started: list[subprocess.Popen[bytes]] = []

    def run(script: str | Path, env: dict[str, str] | None = None) -> str:
        port = free_port()
        log = tmp_path_factory.mktemp("streamlit") / "server.log"
        process = start_streamlit(Path(script), port=port, env=env or {}, log=log)
        started.append(process)
        wait_until_healthy(process, port, log)
        return f"http://127.0.0.1:{port}"

    yield run
    for process in started:
        stop_process(process)
