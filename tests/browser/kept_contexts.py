"""Browser contexts that are used again, emptied: a new one compiles all of Streamlit's scripts anew, 0.7 s of a core.

What was compiled belongs to the process of a context's tabs and to the address of a script. So one tab is parked in
each context, which keeps its process alive, and servers take the ports of earlier ones (`ports.py`).
"""

from types import MethodType
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, ViewportSize

from tests.browser.ports import TAKEN

# Any address of the site will do: Chromium counts all ports of a host as one site.
_PARKED = "http://127.0.0.1:1/"
_TIMEOUT_MS = 30_000


class KeptContext:
    """A context of no other option than its tabs' size; `close` empties it for the next who asks for one."""

    def __init__(self, context: BrowserContext, kept: "list[KeptContext]") -> None:
        self.context = context
        self._kept = kept
        self._really_new_page = self.context.new_page
        self._parked: Page = self._really_new_page()
        self._parked.route("**", lambda route: route.fulfill(body="<p>Parked</p>", content_type="text/html"))
        self._parked.goto(_PARKED)
        self._inside: CDPSession = self.context.new_cdp_session(self._parked)
        self._viewport: ViewportSize | None = None
        self._lent = False

    def lend(self, viewport: ViewportSize | None) -> BrowserContext:
        """The context itself, whose new tabs have this size and whose end is `_give_back`."""
        self._viewport, self._lent = viewport, True
        self.context.new_page = self._new_page  # type: ignore[method-assign]
        self.context.close = self._give_back  # type: ignore[method-assign]
        return self.context

    def _new_page(self) -> Page:
        page = self._really_new_page()
        if self._viewport is not None:
            page.set_viewport_size(self._viewport)
        return page

    def _give_back(self, **_: Any) -> None:
        """Leave nothing of what was done: tabs, cookies, storage, routes, rights, and whether there is a network."""
        if not self._lent:
            return
        self._lent = False
        for page in self.context.pages:
            if page is not self._parked:
                page.close()
        self.context.unroute_all()
        self.context.set_offline(False)
        self.context.set_default_timeout(_TIMEOUT_MS)
        self.context.clear_permissions()
        self.context.clear_cookies()
        for host in ("127.0.0.1", "localhost"):
            for port in TAKEN:
                origin = f"http://{host}:{port}"
                self._inside.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self._kept.append(self)


def keep_contexts(browser: Browser) -> None:
    """Let ``browser`` lend contexts where it would make new ones; they end with it."""
    kept: list[KeptContext] = []
    really_new = browser.new_context

    def new_context(_: Browser, viewport: ViewportSize | None = None, **others: Any) -> BrowserContext:
        # A touch screen or what somebody is signed in as belongs to one test.
        if {name: value for name, value in others.items() if value}:
            return really_new(viewport=viewport, **others)
        return (kept.pop() if kept else KeptContext(really_new(), kept)).lend(viewport)

    browser.new_context = MethodType(new_context, browser)  # type: ignore[method-assign]
