"""The map of a million records in Chromium: opened, coloured by another field, enlarged and moved.

Painted: the points were put on the canvas and a frame has passed. Beside the whole stand the processor times of server
and browser, which tell more on a busy machine.
"""

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from tests.benchmarks.app_in_chromium import IN_PAGE, app_in_chromium
from tests.benchmarks.figures import Figure, percentiles
from tests.benchmarks.records_in_chromium import browser_ms, cpu_ms
from tests.benchmarks.samples import add_images, add_map, add_predictions, add_records
from tests.browser.conftest import launch_chromium
from tests.browser.served_app import wait_until

NAME = "map_in_chromium"
_WATCH = """
(() => {
  window.dermdashPainted = [];
  for (const name of ["putImageData", "clearRect"]) {
    const usual = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) {
      const made = usual.apply(this, given);
      if (!this.canvas.classList.contains("line")) window.dermdashPainted.push(performance.now());
      return made;
    };
  }
})();
"""
_AFTER = (
    f"async (act) => {{{IN_PAGE}"
    + """
  const before = window.dermdashPainted.length;
  const began = performance.now();
  if (act.key) {
    const canvas = deep(".point-map canvas")[0];
    canvas.dispatchEvent(new KeyboardEvent("keydown", { key: act.key, bubbles: true, composed: true }));
  } else document.querySelectorAll('[role="option"]')[act.option].click();
  while (window.dermdashPainted.length === before) {
    if (performance.now() > began + 60000) throw new Error("waited for a minute");
    await frame();
  }
  await presented();
  return performance.now() - began;
}"""
)
_KEYS = ["+", "+", "+", "ArrowLeft", "ArrowUp", "-", "-", "-", "0", "+", "ArrowRight", "0"]
_COLOURS = (1, 2, 3, 4, 0)
"""Places in the list of what a map may be coloured by."""


def measure(*, quick: bool) -> list[Figure]:
    """A million records (quick: 40,000)."""
    count = 40_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-") as folder:
        home = Path(folder)
        workspace = open_workspace(Settings(home=home, database_url=""))
        add_records(workspace, count=count, images=add_images(workspace, count=30))
        add_predictions(workspace)
        add_map(workspace)
        workspace.close()
        return measure_map(home, "", f"{count:,} points")


def measure_map(home: Path, database_url: str, about: str) -> list[Figure]:
    """Figures of the map of a workspace that `add_map` has filled."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        with app_in_chromium(home, browser, database_url=database_url, script=_WATCH) as app:
            page = app.page
            page.goto(f"{app.url}/statistics?tab=map")
            wait_until(page, "() => window.dermdashPainted.length > 0")
            page.wait_for_timeout(3000)
            done: dict[str, list[float]] = {"first": [], "again": [], "keys": []}
            server, chromium = cpu_ms(app.server), browser_ms()
            for when in ("first", "again"):
                for option in _COLOURS:
                    page.get_by_role("combobox").last.click()
                    page.get_by_role("option").first.wait_for()
                    done[when].append(_timed(page, {"option": option}))
                    page.wait_for_timeout(500)
            changes = 2 * len(_COLOURS)
            server, chromium = (cpu_ms(app.server) - server) / changes, (browser_ms() - chromium) / changes
            done["keys"] = [_timed(page, {"key": key}) for key in _KEYS]
        browser.close()
    return [
        *percentiles(NAME, f"{about}: coloured by another field, first time", done["first"]),
        *percentiles(NAME, f"{about}: coloured by another field, again", done["again"]),
        Figure(NAME, f"{about}: coloured, processor time of the server", server, "ms", f"mean of {changes}"),
        Figure(NAME, f"{about}: coloured, processor time of Chromium", chromium, "ms", f"mean of {changes}"),
        *percentiles(NAME, f"{about}: moved or enlarged", done["keys"]),
    ]


def _timed(page: Page, act: dict[str, Any]) -> float:
    return float(page.evaluate(_AFTER, act))
