"""The records page in Chromium, at ten thousand and a million records: from a click to the gallery painted.

Pages, filters and flags, one click after the other, each to another set, so that no cache has its answer. Painted: the
tiles are others, every picture in the window is decoded, and a frame has passed. Beside the whole stand the server's
processor time and that of the browser, when the message came, and its bytes: on a busy machine they tell more. On
DuckDB and, where it is installed, on PostgreSQL.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from tests.benchmarks.app_in_chromium import IN_PAGE, app_in_chromium
from tests.benchmarks.figures import Figure, percentiles
from tests.benchmarks.samples import add_images, add_predictions, add_records
from tests.browser.conftest import launch_chromium
from tests.postgresql_server import running_postgresql
from tests.processor_time import cpu_seconds

NAME = "records_in_chromium"
_IMAGES = 300
_LOOKS_MS = 1500
"""So long somebody looks at a page; pictures of the next one are fetched meanwhile."""
_WATCH = """
(() => {
  const messages = (window.dermdashMessages = []);
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        messages.push([performance.now(), data.size ?? data.byteLength ?? data.length]);
      });
    }
  };
})();
"""
_CLICK = (
    f"async (name) => {{{IN_PAGE}"
    + """
  const grid = deep(".gallery .grid")[0];
  const shown = () => [...grid.querySelectorAll(".tile")].map((one) => one.dataset.id).join();
  const before = shown();
  const messages = window.dermdashMessages;
  messages.length = 0;
  const began = performance.now();
  deep(name).at(-1).click();
  while (shown() === before) {
    if (performance.now() > began + 60000) throw new Error("waited for a minute");
    await frame();
  }
  const seen = [...grid.querySelectorAll(".tile img")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight;
  });
  await Promise.all(seen.map((one) => one.decode()));
  await presented();
  const painted = performance.now() - began;
  while (!document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]')) await frame();
  return { painted, came: (messages.at(-1)?.[0] ?? began) - began, bytes: messages.reduce((sum, [, n]) => sum + n, 0) };
}"""
)
_NEXT = '[data-testid="stPagination"] button'


def _option(facet: str, option: str) -> str:
    return f'input[data-facet="{facet}"][data-option="{option}"]'


_FILTERS = [
    _option(facet, option)
    for facet, option in (
        ("dx", "mel"),
        ("sex", "female"),
        ("verification_stage", "3"),
        ("quality", "4"),
        ("dx", "bcc"),
    )
]
_FLAGS = [_option("flag", flag) for flag in ("model", "rule", "histology")]
_CLICKS: Mapping[str, list[str]] = {
    "next page": [_NEXT] * 10,
    # Each is taken back, the last one first.
    "filter": [*_FILTERS, *reversed(_FILTERS)],
    "flag": [click for flag in _FLAGS for click in (flag, flag)],
}


def measure(*, quick: bool) -> list[Figure]:
    """Both sizes on both engines (quick: 10,000 records on DuckDB)."""
    found = _measured("DuckDB", "", 10_000)
    if not quick:
        found += _measured("DuckDB", "", 1_000_000)
        with running_postgresql() as server:
            for count in (10_000, 1_000_000) if server is not None else ():
                assert server is not None
                found += _measured("PostgreSQL", server.new_database(f"records_{count}"), count)
    return found


def _measured(engine: str, url: str, count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-") as folder:
        prepare(Path(folder), url, count)
        return measure_records(Path(folder), url, f"{engine}, {count:,}")


def prepare(home: Path, database_url: str, count: int) -> None:
    """Fill a workspace with so many records that a model has said something of."""
    workspace = open_workspace(Settings(home=home, database_url=database_url))
    add_records(workspace, count=count, images=add_images(workspace, count=_IMAGES))
    add_predictions(workspace)
    workspace.close()


def measure_records(home: Path, database_url: str, about: str) -> list[Figure]:
    """Figures of the page of a workspace that `prepare` has filled."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        with _records_page(home, database_url, browser) as (page, server):
            return _clicked(page, server, about)


def _clicked(page: Page, server: int, about: str) -> list[Figure]:
    figures: list[Figure] = []
    for name, clicks in _CLICKS.items():
        said: list[dict[str, Any]] = []
        for click in clicks:
            before = cpu_ms(server), browser_ms()
            answer = page.evaluate(_CLICK, click)
            page.wait_for_timeout(_LOOKS_MS)
            said.append(answer | {"server": cpu_ms(server) - before[0], "browser": browser_ms() - before[1]})
        title = f"{about}: {name}"
        figures += percentiles(NAME, f"{title}, painted", [one["painted"] for one in said])
        figures += percentiles(NAME, f"{title}, message there", [one["came"] for one in said])
        figures += percentiles(NAME, f"{title}, processor time of the server", [one["server"] for one in said])
        figures += percentiles(NAME, f"{title}, processor time of Chromium", [one["browser"] for one in said])
        figures.append(Figure(NAME, f"{title}, largest message", max(one["bytes"] for one in said) / 1024, "KiB"))
    return figures


def _stat(pid: int) -> list[str]:
    """What Linux says of a process, from its state on; nothing where it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu_ms(pid: int) -> float:
    """Processor time of a process so far; 0 where it has gone."""
    try:
        return cpu_seconds(pid) * 1000
    except OSError:
        return 0.0


def browser_ms() -> float:
    """Of all processes of Chromium that this one started, directly or not."""
    parents = {int(one.name): int((_stat(int(one.name)) or ["", "0"])[1]) for one in Path("/proc").glob("[0-9]*")}
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(cpu_ms(pid) for pid in ours if "chrom" in _name(pid))


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


@contextmanager
def _records_page(home: Path, database_url: str, browser: Browser) -> Iterator[tuple[Page, int]]:
    """The page, open for a while, and the number of the process of its server."""
    with app_in_chromium(home, browser, database_url=database_url, script=_WATCH) as app:
        page = app.page
        page.goto(f"{app.url}/records")
        page.locator(".gallery .tile").first.wait_for()
        page.wait_for_timeout(5000)  # the server warms up meanwhile
        yield page, app.server
