"""A reader at a browser whose line becomes as slow as 2 KB a second and breaks every 30 s in the middle of a study.

The app itself, megabytes of scripts, came before that. Told are the seconds that a step takes, what came over the line,
and whether every answer is there once; the reader is told that the line is slow, and how much of the image is here.
"""

import time

from playwright.sync_api import Page, sync_playwright

from dermdash.storage import readings
from tests.benchmarks.figures import Figure, percentiles
from tests.benchmarks.load import ANSWER
from tests.benchmarks.study_server import heaviest_workspace, opened, ready_readers, served
from tests.browser.conftest import launch_chromium
from tests.faults.slow_line import SlowLine

NAME = "slow_line"
RATE, BREAKS_EVERY_S = 2000.0, 30.0
_QUICKER = 10
"""How much faster a quick run is, and how much more often it breaks."""
_PATIENCE_S = 600.0
_COMING = """() => {
  const search = (root) => {
    for (const e of root.querySelectorAll("*")) {
      if (e.matches(".coming:not([hidden])")) return e.textContent;
      const found = e.shadowRoot && search(e.shadowRoot);
      if (found) return found;
    }
    return "";
  };
  return search(document);
}"""


def measure(*, quick: bool) -> list[Figure]:
    """Twelve answers (quick: four over a line ten times as fast)."""
    study = heaviest_workspace()
    tokens = ready_readers(study, 1)
    ((token, reader_id),) = tokens.items()
    scale = _QUICKER if quick else 1
    durations: list[float] = []
    with served(study) as (url, _), sync_playwright() as playwright:
        line = SlowLine(int(url.rpartition(":")[2]))
        browser = launch_chromium(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{line.url}/?invitation={token}")
        page.evaluate(ANSWER, 1)
        line.rate, line.breaks_every_s = RATE * scale, BREAKS_EVERY_S / scale
        before, said = line.carried, set[str]()
        for number in range(4 if quick else 12):
            durations.append(_answered(page, number % 7 + 1, said))
        carried = line.carried - before
        line.rate = line.breaks_every_s = None
        page.wait_for_selector(".panel[data-connection=saved]", timeout=60_000)
        browser.close()
        breaks = line.breaks
        line.close()
    with opened(study) as workspace:
        stored = readings.readings_of_reader(workspace.engine, reader_id)
    steps = {(row["assignment_id"], row["phase"]) for row in stored}
    return [
        *percentiles(NAME, "submit to next step painted", durations),
        Figure(NAME, "carried per step", carried / len(durations) / 1024, "KiB", f"the line broke {breaks} times"),
        Figure(NAME, "answers lost", len(durations) + 1 - len(steps), "readings", f"{len(durations) + 1} given"),
        Figure(NAME, "answers stored twice", len(stored) - len(steps), "readings"),
        Figure(NAME, "words about the line", len(said), "", min(said, default="none")),
    ]


def _answered(page: Page, number: int, said: set[str]) -> float:
    """Answer, and look meanwhile at what the reader is told; milliseconds until the next step was painted."""
    started = time.perf_counter()
    begin = f"(number) => {{ window.answered = null; ({ANSWER})(number).then((ms) => (window.answered = ms)); }}"
    page.evaluate(begin, number)
    while page.evaluate("() => window.answered === null"):
        said |= {page.evaluate(_COMING)} - {""}
        if time.perf_counter() - started > _PATIENCE_S:
            raise TimeoutError("the next step did not come")
        page.wait_for_timeout(200)
    return float(page.evaluate("() => window.answered"))
