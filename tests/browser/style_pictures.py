"""`make style-pictures`: the parts of the style guide as pictures into `docs/images/style/` (docs/style-guide.md).

As few as the page needs: the charts and the answer also as a phone shows them, some parts in dark.
"""

import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import launch_chromium
from tests.browser.ports import free_port
from tests.browser.served_app import wait_until, wait_until_idle
from tests.browser.streamlit_server import start_streamlit, stop_process, wait_until_healthy

ROOT = Path(__file__).parents[2]
GUIDE = Path(__file__).parent / "apps" / "style_guide.py"
FOLDER = ROOT / "docs" / "images" / "style"
PARTS = ("headings", "colours", "answer", "key-figures", "tables", "tiles", "board", "messages", "forms")
CHARTS = ("before-and-after", "forest", "diagnoses", "confusion", "roc", "reliability")
WIDE, PHONE = 1024, 390
SHOTS = (
    *((part, WIDE, "light") for part in PARTS),
    *((part, WIDE, "dark") for part in ("answer", "tiles")),
    *((f"chart-{name}", PHONE, "light") for name in CHARTS),
    ("answer", PHONE, "light"),
    ("chart-forest", PHONE, "dark"),
)
"""Part, width of the window, theme."""
_DRAWN = """() => [...document.querySelectorAll('.stPlotlyChart')].every((plot) => {
  const drawn = plot.querySelector('.main-svg')?.getBoundingClientRect().width;
  return drawn && Math.abs(drawn - plot.getBoundingClientRect().width) < 3; })"""

_AT_REST = """async (part) => {
  const place = () => {
    part.scrollIntoView({ block: "center" });
    const { top, height } = part.getBoundingClientRect();
    return `${top} ${height}`;
  };
  let seen = "", since = performance.now();
  while (performance.now() - since < 1500) {
    await new Promise((done) => setTimeout(done, 100));
    const now = place();
    if (now !== seen) [seen, since] = [now, performance.now()];
  }
}"""


def shoot(page: Page, part: str, width: int, scheme: str) -> None:
    """One part as a picture."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.reload()  # figures are drawn on the server, in the theme that the page was opened in
    page.get_by_role("heading", name="Nothing to draw").wait_for()
    wait_until_idle(page)
    wait_until(page, _DRAWN)
    shown = page.locator(f".st-key-style-{part}")
    shown.scroll_into_view_if_needed()
    shown.evaluate(_AT_REST)  # pictures above it come when they are scrolled to, and push it down
    path = FOLDER / f"{part}-{width}-{scheme}.png"
    shown.screenshot(path=path, animations="disabled")
    with Image.open(path) as picture:
        flat = picture.convert("RGB")
    flat.save(path, optimize=True)


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        port, log = free_port(), Path(temporary) / "server.log"
        process = start_streamlit(GUIDE, port=port, env={}, log=log)
        try:
            wait_until_healthy(process, port, log)
            browser = launch_chromium(playwright)
            page = browser.new_page(viewport={"width": WIDE, "height": 900})
            page.goto(f"http://127.0.0.1:{port}")
            page.get_by_role("heading", name="Nothing to draw").wait_for()
            for part, width, scheme in SHOTS:
                shoot(page, part, width, scheme)
            browser.close()
        finally:
            stop_process(process)
    taken = list(FOLDER.glob("*.png"))
    print(f"{len(taken)} pictures, {sum(p.stat().st_size for p in taken) / 1e3:.0f} kB, in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
