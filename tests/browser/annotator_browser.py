"""A reviewer at a browser: signs in by password, annotates by keys, and remembers what was typed."""

import json
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, expect

from dermdash.records.taxonomy import HAM7
from tests.signed_in import PASSWORD

READY = ".panel[data-state=ready]"
QUALITY_KEYS = "asdfg"


def enter_name_and_password(page: Page, name: str, password: str) -> None:
    """Fill in the sign-in form and send it.

    The labels are exact: for a moment the page that was left may stand beside the form, with fields of its own such as
    "New password".
    """
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Password", exact=True).press("Enter")


@dataclass
class AnnotatorBrowser:
    """One reviewer in a browser context of their own; ``typed``: what was submitted, by task."""

    page: Page
    url: str
    typed: dict[str, str] = field(default_factory=dict)

    def sign_in(self, name: str) -> None:
        """To their work."""
        self.page.goto(self.url)
        enter_name_and_password(self.page, name, PASSWORD)
        expect(self.page.get_by_role("heading", name="My work", level=1)).to_be_visible()

    def go_on(self) -> str:
        """The one big button; returns the task that opens."""
        self.page.get_by_role("button", name="Continue").press("Enter")
        return self.opened()

    def opened(self, *besides: str) -> str:
        """Wait for a task that can be answered, another one than these; returns it."""
        others = "".join(f":not([data-task='{task}'])" for task in besides)
        self.page.wait_for_selector(f"{READY}{others}", timeout=30_000)
        return str(self.page.locator(".panel").get_attribute("data-task"))

    def choose(self, dx: str, quality: int = 4) -> None:
        """Diagnosis and quality of the open task, by their keys."""
        self.page.keyboard.type(f"{HAM7.codes.index(dx) + 1}{QUALITY_KEYS[quality - 1]}")

    def submit(self, dx: str) -> str:
        """Answer the open task by keys, without waiting for what follows; returns the task."""
        self.opened()
        self.choose(dx)
        return self.enter(dx)

    def enter(self, dx: str) -> str:
        """Submit what is chosen already, from whatever has the focus."""
        task = self.opened()
        self.page.keyboard.press("Escape")  # out of the comment, where Enter is a new line
        self.page.keyboard.press("Enter")
        self.typed[task] = dx
        return task

    def comment(self, text: str) -> None:
        """Type a comment as people do."""
        self.page.get_by_label("Comment").press_sequentially(text)

    def saved(self) -> None:
        """Wait until the server has all of it."""
        self.page.wait_for_selector(".panel[data-connection=saved]", timeout=30_000)
        expect(self.page.locator(".connection")).to_have_text("Everything is saved")
        assert self.unacknowledged() == []

    def unacknowledged(self) -> list[str]:
        """Tasks of the items that this browser still keeps because the server has not acknowledged them."""
        stored = self.page.evaluate(
            "() => Object.entries(localStorage).filter(([k]) => k.startsWith('dermdash-outbox')).map(([, v]) => v)"
        )
        return [json.loads(text)["task"] for text in stored]


def new_annotator(browser: Browser, url: str) -> AnnotatorBrowser:
    """A browser without cookies or storage."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(30_000)
    return AnnotatorBrowser(page, url)
