"""`make tutorial-pictures`: does what the tutorial says, step by step, and takes its pictures on the way.

They go into docs/tutorial/images/. A step that no longer works as it is written ends it; docs/tutorial/ follows the
order of this module.
"""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.demo_workspace import create_demo_workspace
from tests.browser.conftest import launch_chromium
from tests.browser.designer import enter, freeze, link_for, turn_to
from tests.browser.reader_browser import ReaderBrowser
from tests.browser.screenshots import ROOT, served, settled

FOLDER = ROOT / "docs" / "tutorial" / "images"
SIZE = {"width": 1280, "height": 800}


def shoot(page: Page, name: str) -> None:
    """The window as it is, in a file that a page of text can afford."""
    settled(page)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").save(FOLDER / f"{name}.webp", quality=80, method=6)


def open_page(page: Page, url: str, address: str, heading: str) -> None:
    """Go to a page of the app; it is the one that is meant."""
    page.goto(f"{url}/{address}")
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    settled(page)


def labels(page: Page, url: str) -> None:
    """The first half hour: a data set."""
    open_page(page, url, "overview", "Overview")
    shoot(page, "overview")
    open_page(page, url, "records", "Records")
    page.get_by_role("checkbox", name="Melanoma").first.check()
    settled(page)
    shoot(page, "records")
    open_page(page, url, "findings", "Possible errors")
    shoot(page, "findings")
    page.goto(f"{url}/annotate")
    page.get_by_text("What is your diagnosis?").wait_for()
    shoot(page, "annotate")
    open_page(page, url, "verification", "Labels")
    shoot(page, "ladder")
    open_page(page, url, "splits", "Splits and versions")
    shoot(page, "splits")
    open_page(page, url, "documents?tab=documents", "Documents and exports")
    shoot(page, "documents")


def design(page: Page, url: str) -> str:
    """A study from a template to its first link."""
    open_page(page, url, "new-study", "New study")
    shoot(page, "templates")
    page.get_by_role("link", name="Begin with Nature Medicine 2020").click()
    enter(page, "Name of the study", "My first study")
    page.get_by_role("button", name="Begin a draft").click()
    expect(page.get_by_role("heading", name="My first study", level=1)).to_be_visible()
    enter(page, "Cases per round", "14")
    shoot(page, "designer")
    turn_to(page, "Checks")
    enter(page, "Practice cases", "2")
    turn_to(page, "Review and freeze")
    turn_to(page, "Cases")
    shoot(page, "drawn-cases")
    freeze(page)
    settled(page)
    shoot(page, "invite")
    return link_for(page, "Myself")


def read(browser: Browser, link: str) -> None:
    """The reader's way as far as the first assistance."""
    page = browser.new_context(viewport=SIZE).new_page()
    page.set_default_timeout(60_000)
    reader = ReaderBrowser(page, link)
    reader.begin()
    shoot(page, "unaided")
    before = reader.type_answer("nv", 2)
    reader.moved_on(before)
    shoot(page, "aided")
    page.context.close()


def results(page: Page, url: str) -> None:
    """What came of the study that is there from the start."""
    open_page(page, url, "studies", "Studies")
    page.get_by_role("link", name="Results").last.click()
    expect(page.get_by_role("heading", name="Demo study", level=1)).to_be_visible()
    shoot(page, "results")
    for tab in ("Cases", "Report"):
        page.get_by_role("tab", name=tab, exact=True).click()
        shoot(page, f"study-{tab.lower()}")


def main() -> None:
    """All of it, on a demo of its own."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        home = Path(temporary) / "workspace"
        workspace = open_workspace(Settings(home=home))
        create_demo_workspace(workspace)
        workspace.close()
        browser = launch_chromium(playwright)
        with served(home) as (url, link, _):
            page = browser.new_context(viewport=SIZE).new_page()
            page.set_default_timeout(60_000)
            page.goto(link)
            settled(page)
            labels(page, url)
            read(browser, design(page, url))
            results(page, url)
        browser.close()
    print(f"{len(list(FOLDER.glob('*.webp')))} pictures in {FOLDER}")


if __name__ == "__main__":
    main()
