"""The app on a server of its own, open in Chromium for who administers it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.accounts.access import issue_admin_link
from tests.benchmarks.samples import REPOSITORY
from tests.browser.ports import free_port
from tests.browser.streamlit_server import start_streamlit, stop_process, wait_until_healthy

IN_PAGE = """
  const deep = (name, root = document) => {
    const found = [...root.querySelectorAll(name)];
    for (const one of root.querySelectorAll("*")) if (one.shadowRoot) found.push(...deep(name, one.shadowRoot));
    return found;
  };
  const frame = () => new Promise(requestAnimationFrame);
  const presented = async () => {
    await frame();
    await new Promise((go) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = go;
      channel.port2.postMessage(0);
    });
  };
"""
"""What scripts that measure begin with: all that fits a selector, in components too; the next frame; one was shown."""


@dataclass(frozen=True, slots=True)
class AppInChromium:
    """A signed-in tab, the address of its server, and the number of the server's process."""

    page: Page
    url: str
    server: int


@contextmanager
def app_in_chromium(
    home: Path, browser: Browser, *, database_url: str = "", script: str = ""
) -> Iterator[AppInChromium]:
    """The first page of a workspace, its heading drawn; ``script`` runs first of all on every page."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    workspace = open_workspace(Settings(home=home, public_url=url, database_url=database_url))
    link = issue_admin_link(workspace)
    workspace.close()
    log = home / "server.log"
    environment = {"DERMDASH_HOME": str(home), "DERMDASH_DATABASE_URL": database_url, "DERMDASH_PUBLIC_URL": url}
    process = start_streamlit(REPOSITORY / "app.py", port=port, env=environment, log=log)
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    try:
        wait_until_healthy(process, port, log)
        page = context.new_page()
        page.set_default_timeout(120_000)
        if script:
            page.add_init_script(script)
        page.goto(link)
        page.get_by_role("heading", level=1).first.wait_for()
        yield AppInChromium(page, url, process.pid)
    finally:
        context.close()
        stop_process(process)
