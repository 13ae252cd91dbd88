"""From the command that starts the app to the first page painted in Chromium, on a filled workspace.

Also that no page which needs no network pays for importing torch.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright

from tests.benchmarks.figures import Figure
from tests.benchmarks.samples import REPOSITORY
from tests.benchmarks.study_server import opened, ready_readers, served, study_workspace
from tests.browser.conftest import launch_chromium

NAME = "cold_start"
_IMPORT = """
import os, re, sys, time
started = time.perf_counter()
from streamlit.testing.v1 import AppTest
from dermdash.ui import keys
from dermdash.ui.open_workspace import current_workspace
from dermdash.workflows.accounts.access import issue_admin_link
from dermdash.workflows.accounts.sign_in import sign_in_by_link
imported = time.perf_counter()
workspace = current_workspace()
token = re.split("[/=]", issue_admin_link(workspace))[-1]
app = AppTest.from_file("app.py", default_timeout=60)
app.session_state[keys.SESSION_TOKEN] = sign_in_by_link(workspace, token).session
app.run()
app.switch_page("pages/dataset/records.py").run()
assert not app.exception, app.exception
assert app.title[0].value == "Records", app.title
assert "torch" not in sys.modules, "the records page imports torch"
print("figures", imported - started, time.perf_counter() - imported)
"""


def measure(*, quick: bool) -> list[Figure]:
    """Three starts (quick: one); the fastest tells what the program needs, the slowest what the machine adds."""
    study = study_workspace()
    starts = 1 if quick else 3
    (token,) = ready_readers(study, 1)
    to_health, to_page, to_case = [], [], []
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for _ in range(starts):
            with opened(study) as workspace:
                from dermdash.workflows.accounts.access import issue_admin_link

                path = "/" + issue_admin_link(workspace).split("/", 3)[3]
            started = time.perf_counter()
            with served(study) as (url, _):
                to_health.append(time.perf_counter() - started)
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.goto(url + path)
                page.get_by_role("heading", level=1).first.wait_for()
                to_page.append(time.perf_counter() - started)
                page.close()
                reader = browser.new_page(viewport={"width": 1440, "height": 900})
                opened_at = time.perf_counter()
                reader.goto(f"{url}/?invitation={token}")
                reader.wait_for_selector(".panel[data-painted]")
                to_case.append(time.perf_counter() - opened_at)
                reader.close()
        browser.close()
    return [
        Figure(NAME, "start to server ready", min(to_health), "s", f"fastest of {starts}"),
        Figure(NAME, "start to overview painted", min(to_page), "s", f"fastest of {starts}"),
        Figure(NAME, "start to overview painted, slowest", max(to_page), "s"),
        Figure(NAME, "invitation opened to first case painted", min(to_case), "s", "the app already running"),
        *_import_time(str(study.home)),
        *([] if quick else _demo_time()),
    ]


def _demo_time() -> list[Figure]:
    """`dermdash demo` alone, and beside as many busy programs as there are cores."""
    figures = []
    for busy in (0, os.cpu_count() or 1):
        others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
        try:
            with tempfile.TemporaryDirectory(prefix="dermdash-bench-demo-") as home:
                spent, started = _processor_time(), time.perf_counter()
                command = [sys.executable, "-m", "dermdash.cli", "demo", "--json"]
                environment = os.environ | {"DERMDASH_HOME": home, "DERMDASH_DATABASE_URL": ""}
                subprocess.run(command, cwd=REPOSITORY, env=environment, check=True, capture_output=True)
                seconds = time.perf_counter() - started
        finally:
            for other in others:
                other.kill()
        spent = _processor_time() - spent
        for other in others:
            other.wait()
        beside = f"beside {busy} busy programs" if busy else "alone"
        figures.append(Figure(NAME, f"demo workspace, {beside}", seconds, "s", f"{spent:.0f} s of processor time"))
    return figures


def _processor_time() -> float:
    """Of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _import_time(home: str) -> list[Figure]:
    result = subprocess.run(
        [sys.executable, "-c", _IMPORT],
        cwd=REPOSITORY,
        env=os.environ | {"DERMDASH_HOME": home, "DERMDASH_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(result.stderr[-2000:])
    line = next(line for line in result.stdout.splitlines() if line.startswith("figures"))
    imported, shown = map(float, line.split()[1:])
    return [
        Figure(NAME, "importing the app", imported, "s", "Streamlit's test client included"),
        Figure(NAME, "first two pages on the server", shown, "s", "torch is not imported"),
    ]
