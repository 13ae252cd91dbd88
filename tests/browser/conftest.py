"""A real Chromium and a real Streamlit server for browser tests."""

import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.browser.kept_contexts import keep_contexts
from tests.browser.ports import free_port, leave_port
from tests.browser.streamlit_server import Server, fork_streamlit, stop_process, wait_until_healthy
from tests.made_once import copied_databases  # noqa: F401  a fixture

# Nothing but localhost is ever visited; the flags keep the browser from calling home and from needing a GPU.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Pages live for seconds: code that is compiled to be fast later, and small heaps cleared often, cost more than they
    # save. A tenth less work.
    "--js-flags=--no-opt --always-sparkplug --min-semi-space-size=64",
    # Tabs of one site in one context share a process, and with it the compiled scripts.
    "--process-per-site",
]
# The first draws no window: a quarter less work for the same pages.
INSTALLED_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# A busy machine is no fault of the page.
expect.set_options(timeout=20_000)

_LONGEST_TEXT = 3000
_TEXT_WITH_COMPONENTS = """() => {
  const shown = (root) => root.body ? [root.body] : [...root.children].filter((child) => child.localName !== "style");
  const textOf = (root) => [
    ...shown(root).map((element) => element.innerText || ""),
    ...[...root.querySelectorAll("*")].filter((element) => element.shadowRoot).map((host) => textOf(host.shadowRoot)),
  ].join("\\n");
  return textOf(document);
}"""

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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say with a failure what each tab showed: what happens once in a hundred runs is not seen a second time."""
    report = yield
    browser = getattr(item, "funcargs", {}).get("chromium")
    if report.when == "call" and report.failed and isinstance(browser, Browser):
        for page in (page for context in browser.contexts for page in context.pages):
            report.sections.append((f"Tab {page.url}", _shown(page)))
    return report


def _shown(page: Page) -> str:
    try:
        page.wait_for_function("true", timeout=2_000)
        return str(page.evaluate(_TEXT_WITH_COMPONENTS))[:_LONGEST_TEXT]
    except PlaywrightError as error:
        return f"It does not answer: {error.message.splitlines()[0]}"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each test opens contexts of its own (own storage, own cookies) and closes them."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        keep_contexts(browser)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def run_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunApp]:
    """Return a function `run_app(script, env=None) -> url`; what it started stops after the module."""
    started: list[tuple[Server, int]] = []

    def run(script: str | Path, env: dict[str, str] | None = None) -> str:
        port = free_port()
        log = tmp_path_factory.mktemp("streamlit") / "server.log"
        process = fork_streamlit(Path(script), port=port, env=env or {}, log=log)
        started.append((process, port))
        wait_until_healthy(process, port, log)
        return f"http://127.0.0.1:{port}"

    yield run
    for process, port in started:
        stop_process(process)
        leave_port(port)
