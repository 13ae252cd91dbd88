"""The app served on a workspace of its own, which can be killed and started again on the same port."""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from tests.browser.ports import free_port, hold_port, leave_port
from tests.browser.streamlit_server import (
    REPOSITORY,
    Server,
    fork_streamlit,
    start_streamlit,
    stop_process,
    wait_until_healthy,
)

IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'


class ServedApp:
    """Use `workspace()` only while the app is stopped: a DuckDB file has one owner.

    ``database_url``: that of a PostgreSQL database, empty for DuckDB in the workspace.
    """

    def __init__(self, folder: Path, *, database_url: str = "") -> None:
        self.database_url = database_url
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.home = folder / "workspace"
        self.log = folder / "server.log"
        self.process: Server | None = None

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """The workspace, open in this process."""
        assert self.process is None, "stop the app first"
        opened = open_workspace(Settings(home=self.home, public_url=self.url, database_url=self.database_url))
        try:
            yield opened
        finally:
            opened.close()

    def start(self, *, launcher: Sequence[str] = (), environment: Mapping[str, str] | None = None) -> None:
        """``launcher``: what a new Python runs instead of `streamlit run`."""
        env = {
            "DERMDASH_HOME": str(self.home), "DERMDASH_PUBLIC_URL": self.url,
            "DERMDASH_DATABASE_URL": self.database_url,
            "DERMDASH_WARM_UP": "false",  # most of these servers show a page or two
        }  # fmt: skip
        env |= environment or {}
        script = REPOSITORY / "app.py"
        hold_port(self.port)
        if launcher:
            self.process = start_streamlit(script, port=self.port, env=env, log=self.log, launcher=launcher)
        else:
            self.process = fork_streamlit(script, port=self.port, env=env, log=self.log)
        wait_until_healthy(self.process, self.port, self.log)

    def kill(self) -> None:
        """Kill -9: no handler runs, nothing is flushed."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def hold(self) -> None:
        """Let it run no further: what is sent to it now it never sees, if it is killed before it goes on."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def stop(self) -> None:
        if self.process is not None:
            stop_process(self.process)
            self.process = None
            leave_port(self.port)


def wait_until(page: Page, holds: str, arg: object = None) -> None:
    """Wait until a JavaScript function of ``arg`` says true, asked at every frame.

    Playwright's own ``wait_for_function`` makes its function from text inside the page, which the policy of our pages
    forbids, as it should.
    """
    page.evaluate(
        f"""async (arg) => {{
          const holds = {holds}, end = performance.now() + 60000;
          while (!holds(arg)) {{
            if (performance.now() > end) throw new Error("waited for a minute");
            await new Promise(requestAnimationFrame);
          }}
        }}""",
        arg,
    )


def wait_until_idle(page: Page) -> None:
    """Wait until Streamlit has run its script for what was just done."""
    page.wait_for_timeout(250)
    page.wait_for_selector(IDLE, timeout=60_000)
