"""A reader at a browser: opens the invitation, consents, answers by keys, and remembers what was typed."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, expect

from dermdash.records.taxonomy import HAM7
from tests.browser.served_app import wait_until_idle

CONFIDENCE_KEYS = "asd"
INTERLUDE = ".panel[data-state=interlude]"
SETTLED = ".panel[data-state=ready], .panel[data-state=feedback], .panel[data-state=finished]"


@dataclass(frozen=True, slots=True)
class Typed:
    """One answer as it was typed; `step` is the only name of a case that the browser knows."""

    step: str
    phase: str
    dx: str
    confidence: int


@dataclass(frozen=True, slots=True)
class Screen:
    """Which screen the reader sees."""

    state: str
    step: str
    phase: str


@dataclass
class ReaderBrowser:
    """One reader in a browser context of their own."""

    page: Page
    link: str
    typed: list[Typed] = field(default_factory=list)

    def open(self) -> None:
        self.page.goto(self.link)

    def consent(self) -> None:
        self.page.get_by_text("I have read this").click()
        take_part = self.page.get_by_role("button", name="Take part")
        expect(take_part).to_be_enabled()
        take_part.click()

    def fill_profile(self, *, years: int = 4) -> None:
        self.page.get_by_role("button", name="Continue").wait_for()
        wait_until_idle(self.page)
        for label, answer in (
            ("Profession", "Nurse"),
            ("Age group", "35 to 44"),
            ("Gender", "Female"),
            ("Country you work in", "Austria"),
        ):
            self.page.get_by_role("combobox", name=label).fill(answer)
            self.page.keyboard.press("Enter")
        self.page.get_by_role("spinbutton").fill(str(years))
        self.page.get_by_role("button", name="Continue").click()

    def begin(self) -> None:
        """From the link to the first case."""
        self.open()
        self.consent()
        self.fill_profile()
        self.settled()

    def screen(self) -> Screen:
        panel = self.page.locator(".panel")
        state, step, phase = panel.evaluate("(p) => [p.dataset.state, p.dataset.step, p.dataset.phase]")
        return Screen(state, step, phase)

    def settled(self, *, timeout: float = 30_000) -> Screen:
        """Wait for a screen that expects something of the reader; what stands before a part is left at once."""
        self._leave_interludes(SETTLED, timeout)
        return self.screen()

    def _leave_interludes(self, selector: str, timeout: float) -> None:
        self.page.wait_for_selector(f"{selector}, {INTERLUDE}", timeout=timeout)
        if self.page.locator(INTERLUDE).count():
            self.page.locator(".curtain button").click(delay=300)
            self.page.wait_for_selector(selector, timeout=timeout)

    def moved_on(self, before: Screen, *, timeout: float = 30_000) -> Screen:
        """Wait for a screen after `before`."""
        same = f"[data-state={before.state}][data-step='{before.step}'][data-phase={before.phase}]"
        selector = ", ".join(f"{one}:not({same})" for one in SETTLED.split(", "))
        self._leave_interludes(selector, timeout)
        return self.screen()

    def type_answer(self, dx: str, confidence: int, *, fast: bool = False, then: str = "") -> Screen:
        """Answer the open case without waiting for what follows; `then` are keys nobody should have pressed."""
        screen = self.screen()
        assert screen.state == "ready", screen
        keys = f"{HAM7.codes.index(dx) + 1}{CONFIDENCE_KEYS[confidence - 1]}"
        if fast:
            type_fast(self.page, f"{keys}\n{then}")
        else:
            self.page.keyboard.type(keys)
            self.page.keyboard.press("Enter")
        self.typed.append(Typed(screen.step, screen.phase, dx, confidence))
        return screen

    def finish(self, choose: Callable[[Screen], tuple[str, int]], *, fast: bool = False) -> None:
        """Answer everything that is still open."""
        screen = self.settled()
        while screen.state != "finished":
            if screen.state == "feedback":
                self.page.keyboard.press("Enter")
            else:
                self.type_answer(*choose(screen), fast=fast)
            screen = self.moved_on(screen)
        self.page.wait_for_selector(".panel[data-connection=saved]")

    def unacknowledged(self) -> set[tuple[str, str]]:
        """Answers (step, phase) that this browser still keeps because the server has not acknowledged them."""
        stored = self.page.evaluate(
            "() => Object.entries(localStorage).filter(([k]) => k.startsWith('dermdash-outbox')).map(([, v]) => v)"
        )
        items = [json.loads(text) for text in stored]
        return {(item["step_key"], item["phase"]) for item in items if item["kind"] == "answer"}


def new_reader(browser: Browser, link: str) -> ReaderBrowser:
    """A reader in a fresh browser context: no cookie, no storage."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(30_000)
    return ReaderBrowser(page, link)


def type_fast(page: Page, keys: str) -> None:
    """Send the keys 2 ms apart from inside the page, faster than any hand."""
    page.evaluate(
        """async (keys) => {
          for (const k of keys) {
            const key = k === "\\n" ? "Enter" : k;
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, composed: true}));
            await new Promise((done) => setTimeout(done, 2));
          }
        }""",
        keys,
    )
