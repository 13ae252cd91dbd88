"""What every page is held to: nothing it asks for fails, no script stumbles, and axe-core finds no fault."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import ConsoleMessage, Page, Request, Response

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
WIDTHS = (390, 768, 1280)
SCHEMES = ("light", "dark")
# Streamlit's own markup, which no page of ours can change.
NOT_OURS = [
    # Where there is no menu it stands alone before everything.
    '[data-testid="stSkipToContent"]',
    '[data-testid="stSidebarNavItems"]',
    '[data-testid="stFileUploaderDropzone"]',
    # The column of boxes beside a table whose rows can be chosen has no name.
    '[data-testid="stDataFrame"] th:empty',
]
# The browser looks for the server under the path of the page first, and finds it one level up.
_SIDEWAYS = "(m => m ? m.scrollWidth - m.clientWidth : 0)(document.querySelector('[data-testid=\"stMain\"]'))"
_MEANT_TO_FAIL = re.compile(r"/[a-z-]+/_stcore/(health|host-config)$")
# Figures are drawn anew some time after a window has changed: what is judged is where everything has its place, or what
# has none after ten seconds.
_SETTLED_SIDEWAYS = f"""async () => {{
  const sideways = () => {_SIDEWAYS}, end = performance.now() + 10000;
  let seen = "", since = performance.now();
  while (performance.now() < end) {{
    await new Promise(requestAnimationFrame);
    const now = [sideways(), document.documentElement.scrollHeight].join();
    if (now !== seen) [seen, since] = [now, performance.now()];
    else if (sideways() <= 0 && performance.now() - since > 150) break;
  }}
  return sideways();
}}"""


class RequestLog:
    """Every request of a page that did not succeed, and every error of a script."""

    def __init__(self, page: Page, host: str) -> None:
        self.host = host
        self.failed: list[str] = []
        page.on("response", self._answered)
        page.on("requestfailed", self._lost)
        page.on("request", self._asked)
        page.on("pageerror", lambda error: self.failed.append(f"script: {error}"))
        page.on("console", self._said)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.host, "data:", "blob:")):
            self.failed.append(f"another host: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.failed.append(f"policy: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and not _MEANT_TO_FAIL.search(response.url):
            self.failed.append(f"{response.status} {response.url}")

    def _lost(self, request: Request) -> None:
        # A page that is left gives up what it was still asking for.
        if request.failure != "net::ERR_ABORTED":
            self.failed.append(f"{request.failure} {request.url}")


def show_as(page: Page, width: int, scheme: str) -> None:
    """Give the window this width, and the system this theme."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})


def views(turn: int) -> list[tuple[int, str]]:
    """The widths and themes a page is looked at in: on a phone, then, by turns, on a tablet or a desk, in both themes.

    Of four pages in a row each width is seen in each theme.
    """
    phone, *larger = WIDTHS
    return [(width, SCHEMES[(turn + i) % 2]) for i, width in enumerate((phone, larger[turn // 2 % 2]))]


def axe_faults(page: Page, turn: int = 0, *, at: Sequence[tuple[int, str]] = ()) -> list[str]:
    """What axe-core finds in the views of this turn, or ``at`` these widths and themes: a line for each place."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: dict[str, None] = {}
    for width, scheme in at or views(turn):
        show_as(page, width, scheme)
        if (surplus := page.evaluate(_SETTLED_SIDEWAYS)) > 0:
            found[f"the page is {surplus} px wider than its window ({width} px)"] = None
        result = page.evaluate(
            "(without) => axe.run({exclude: without.map((s) => [s])}, {resultTypes: ['violations']})", NOT_OURS
        )
        for violation in result["violations"]:
            for node in violation["nodes"]:
                found[_line(scheme, width, violation, node)] = None
    return list(found)


def _line(scheme: str, width: int, violation: dict[str, Any], node: dict[str, Any]) -> str:
    why = " ".join(node["failureSummary"].split())[:240]
    return f"{violation['id']} ({scheme}, {width} px): {node['html'][:160]} {why}"
