"""The first opening of every page in the demo workspace, each in a fresh process: on the server, and in Chromium.

On the server: the script run of the page alone, streamlit imported and the workspace open, nothing else ready. In
Chromium: from the click on the page's link to the last figure and table drawn, on a server that has just started.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.demo_workspace import DemoSize, create_demo_workspace
from tests.benchmarks.app_in_chromium import app_in_chromium
from tests.benchmarks.figures import Figure
from tests.benchmarks.samples import REPOSITORY
from tests.browser.conftest import launch_chromium
from tests.browser.served_app import IDLE, wait_until

NAME = "first_openings"
HOME_VARIABLE = "DERMDASH_BENCH_HOME"
"""A demo workspace that is there already (nobody may use it meanwhile); empty: one is made."""
_DRAWN = f"""(path) => {{
  const visible = (name) => [...document.querySelectorAll(name)].filter((e) => e.checkVisibility());
  return location.pathname === path && document.querySelector('{IDLE}') && !document.querySelector(".stSpinner")
    && document.querySelector(".stMain h1") && !document.querySelector('[data-stale="true"]')
    && visible(".stPlotlyChart").every((e) => e.querySelector(".main-svg"))
    && visible(".stDataFrame").every((e) => e.querySelector("canvas"));
}}"""
_OPEN = """
import re, sys, time
from pathlib import Path
import streamlit
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from dermdash.ui import keys
from dermdash.ui.open_workspace import current_workspace
from dermdash.workflows.accounts.access import issue_admin_link
from dermdash.workflows.accounts.sign_in import sign_in_by_link
workspace = current_workspace()
app = AppTest.from_file(str(Path("app.py").resolve()), default_timeout=120)
token = re.split("[/=]", issue_admin_link(workspace))[-1]
app.session_state[keys.SESSION_TOKEN] = sign_in_by_link(workspace, token).session
if sys.argv[1]:
    app._page_hash = calc_hash(sys.argv[1])
wall, cpu = time.perf_counter(), time.process_time()
app.run()
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
assert not app.exception, app.exception
assert app.title, "no page"
print("figures", wall, cpu)
"""


def measure(*, quick: bool) -> list[Figure]:
    """Every page three times on the server (quick: once), the fastest of each, and once in Chromium."""
    home = _demo_home(quick)
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        with _signed_in(home, browser) as (page, _):
            pages = _links(page)
        found = []
        for path in pages:
            runs = [_on_the_server(home, path) for _ in range(1 if quick else 3)]
            wall, cpu = min(run[0] for run in runs), min(run[1] for run in runs)
            clicked = _in_chromium(home, browser, path)
            title = path or "overview"
            found += [
                Figure(NAME, f"{title}: script run", wall, "s", f"{cpu:.2f} s of processor time"),
                Figure(NAME, f"{title}: click to drawn", clicked, "s"),
            ]
            print(f"  {title:<20} server {wall:5.2f} s ({cpu:.2f} s cpu)   click to drawn {clicked:5.2f} s", flush=True)
        browser.close()
    return found


@lru_cache(maxsize=1)
def _demo_home(quick: bool) -> Path:
    if given := os.environ.get(HOME_VARIABLE):
        return Path(given)
    home = Path(tempfile.mkdtemp(prefix="dermdash-bench-demo-"))
    workspace = open_workspace(Settings(home=home, database_url=""))
    create_demo_workspace(workspace, size=DemoSize(epochs=1) if quick else DemoSize())
    workspace.close()
    return home


def _on_the_server(home: Path, path: str) -> tuple[float, float]:
    result = subprocess.run(
        [sys.executable, "-c", _OPEN, path],
        cwd=REPOSITORY,
        env=os.environ | {"DERMDASH_HOME": str(home), "DERMDASH_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"{path}: {result.stderr[-2000:]}")
    line = next(line for line in result.stdout.splitlines() if line.startswith("figures"))
    wall, cpu = map(float, line.split()[1:])
    return wall, cpu


@contextmanager
def _signed_in(home: Path, browser: Browser) -> Iterator[tuple[Page, str]]:
    """A browser at the first page of a server of its own, which has had three seconds since."""
    with app_in_chromium(home, browser) as app:
        app.page.wait_for_selector(IDLE)
        app.page.wait_for_timeout(3000)  # somebody reads the first page; the server warms up meanwhile
        yield app.page, app.url


def _links(page: Page) -> list[str]:
    """The paths of all pages, in the order of the menu; the first page's is empty."""
    paths = [""]
    for section in page.get_by_test_id("stTopNavSection").all():
        section.click()
        page.get_by_test_id("stTopNavDropdownLink").first.wait_for()
        links = page.get_by_test_id("stTopNavDropdownLink").all()
        paths += [re.sub(r"^https?://[^/]+/", "", link.get_attribute("href") or "") for link in links]
        page.keyboard.press("Escape")
        page.get_by_test_id("stTopNavDropdownLink").first.wait_for(state="detached")
    return list(dict.fromkeys(paths))


def _in_chromium(home: Path, browser: Browser, path: str) -> float:
    with _signed_in(home, browser) as (page, url):
        if not path:
            started = time.perf_counter()
            page.reload()
        else:
            for section in page.get_by_test_id("stTopNavSection").all():
                section.click()
                link = page.locator(f'[data-testid="stTopNavDropdownLink"][href="{url}/{path}"]')
                page.get_by_test_id("stTopNavDropdownLink").first.wait_for()
                if link.count():
                    break
                page.keyboard.press("Escape")
                page.get_by_test_id("stTopNavDropdownLink").first.wait_for(state="detached")
            started = time.perf_counter()
            link.click()
        wait_until(page, _DRAWN, f"/{path}")
        return time.perf_counter() - started
