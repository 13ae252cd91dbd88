"""What a reader waits for: from the key that locks an answer until the next image is painted, in a real Chromium.

The clock is the browser's own. The panel sets ``data-painted`` two frames after the image was decoded and shown; the
reader presses the next key as soon as the panel accepts it (a quarter of a second later), faster than any person.
"""

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.figures import Figure, percentiles
from tests.benchmarks.study_server import ready_readers, served, study_workspace
from tests.browser.conftest import launch_chromium

NAME = "reader_step"
_READ_ONE = """async (number) => {
  const panel = () => {
    const search = (root) => {
      for (const e of root.querySelectorAll("*")) {
        if (e.matches(".panel")) return e;
        const found = e.shadowRoot && search(e.shadowRoot);
        if (found) return found;
      }
      return null;
    };
    return search(document);
  };
  const until = async (test) => {
    const end = performance.now() + 20000;
    while (!test()) {
      if (performance.now() > end) throw new Error("the next step did not come");
      await new Promise(requestAnimationFrame);
    }
  };
  await until(() => panel() && (panel().dataset.state === "ready" || panel().dataset.state === "finished"));
  const p = panel();
  if (p.dataset.state === "finished") return null;
  const before = p.dataset.painted, phase = p.dataset.phase;
  const press = (key) =>
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
  press(String(number)); press("d");
  const started = performance.now();
  press("Enter");
  await until(() => p.dataset.painted !== before || p.dataset.state === "finished");
  return [phase, performance.now() - started];
}"""


def measure(*, quick: bool) -> list[Figure]:
    """One reader alone, through the study (quick: 12 answers)."""
    study = study_workspace()
    (token,) = ready_readers(study, 1)
    durations: dict[str, list[float]] = {"unaided": [], "aided": []}
    with served(study) as (url, _), sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{url}/?invitation={token}")
        for i in range(12 if quick else 84):
            answer = _read_one(page, i % 7 + 1)
            if answer is None:
                break
            durations[answer[0]].append(answer[1])
        browser.close()
    # After the unaided answer the assistance is painted beside the same image, after the aided one the next image.
    return [
        *percentiles(NAME, "submit to next image painted", durations["aided"][1:]),
        *percentiles(NAME, "submit to assistance painted", durations["unaided"][1:]),
    ]


def _read_one(page: Page, number: int) -> tuple[str, float] | None:
    result = page.evaluate(_READ_ONE, number)
    return None if result is None else (str(result[0]), float(result[1]))
