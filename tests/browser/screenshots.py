"""`make screenshots`: every page at three widths, light and dark, filled and empty, into `screenshots/`.

Three of them, chosen for the README, are also written to `docs/images/`. Images are those of the demo workspace.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.accounts.access import issue_admin_link
from dermdash.workflows.demo_workspace import create_demo_workspace
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.invitations import invite_readers
from tests.browser.conftest import launch_chromium
from tests.browser.ports import free_port
from tests.browser.served_app import wait_until
from tests.browser.streamlit_server import start_streamlit, stop_process, wait_until_healthy

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "screenshots"
README_IMAGES = ROOT / "docs" / "images"
WIDTHS = (1440, 1024, 390)
SCHEMES = ("light", "dark")
PAGES = (
    *("", "records", "records?view=table", "import", "taxonomies", "models", "training", "saliency"),
    *("evaluation", "comparison"),
    *("studies", "new-study", "study", "results", "account"),
    *("benefit", "human-machine", "mrmc", "reliance", "reading-time", "agreement", "readers-and-cases"),
    *("collective", "triage", "sample-size", "report", "reading-logs"),
)
"""Addresses of the admin's pages; the record page is added with a record of the demo."""


@contextmanager
def served(home: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Serve a workspace: address, admin link, invitation links of its newest study."""
    port = free_port()
    workspace = open_workspace(Settings(home=home, public_url=f"http://localhost:{port}"))
    studies = study_results.list_studies(workspace)
    invitations = []
    if studies:
        labels = [f"Screenshot {i}" for i in range(len(WIDTHS) * len(SCHEMES))]
        invitations = [i.link for i in invite_readers(workspace, studies[0]["id"], labels)]
    link = issue_admin_link(workspace)
    workspace.close()
    log = home / "server.log"
    environment = {"DERMDASH_HOME": str(home), "DERMDASH_PUBLIC_URL": f"http://localhost:{port}"}
    process = start_streamlit(ROOT / "app.py", port=port, env=environment, log=log)
    try:
        wait_until_healthy(process, port, log)
        yield f"http://localhost:{port}", link, invitations
    finally:
        stop_process(process)


def settled(page: Page) -> None:
    """Wait until Streamlit has run its script and the fonts and charts are drawn."""
    page.wait_for_timeout(500)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
    page.wait_for_timeout(1200)


def shoot_admin_pages(browser: Browser, url: str, link: str, pages: list[str], kind: str) -> None:
    """Every admin page at every width in both themes."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(link)
    settled(page)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for address in pages:
                page.goto(f"{url}/{address}")
                settled(page)
                name = (address.split("?")[0] or "overview") + ("-table" if "view=table" in address else "")
                page.screenshot(path=FOLDER / f"{kind}-{name}-{width}-{scheme}.png")
                if (kind, width, scheme) == ("filled", 1440, "light") and name in ("records", "results"):
                    page.screenshot(path=README_IMAGES / f"{name}.png")
    context.close()


def shoot_reader(browser: Browser, invitations: list[str]) -> None:
    """Consent, profile, an unaided step and an aided step, a reader for each width and theme."""
    for index, link in enumerate(invitations):
        width, scheme = WIDTHS[index % len(WIDTHS)], SCHEMES[index // len(WIDTHS)]
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()

        def shoot(name: str, page: Page = page, width: int = width, scheme: str = scheme) -> None:
            settled(page)
            page.screenshot(path=FOLDER / f"reader-{name}-{width}-{scheme}.png")

        page.goto(link)
        shoot("consent")
        page.get_by_text("I have read this").click()
        settled(page)
        page.get_by_role("button", name="Take part").click()
        shoot("profile")
        for label, answer in (
            ("Profession", "Nurse"),
            ("Age group", "35 to 44"),
            ("Gender", "Female"),
            ("Country you work in", "Austria"),
        ):
            page.get_by_role("combobox", name=label).fill(answer)
            page.keyboard.press("Enter")
        page.get_by_role("button", name="Continue").click()
        page.wait_for_selector('.panel[data-state="ready"]')
        shoot("unaided")
        _answer_until(page, "Class probabilities", shoot)
        if (width, scheme) == (1440, "light"):
            shutil.copy(FOLDER / "reader-aided-1440-light.png", README_IMAGES / "reading.png")
        context.close()


def _answer_until(page: Page, wanted: str, shoot: object, steps: int = 40) -> None:
    """Answer until class probabilities are shown, so that the README shows the richest screen."""
    for _ in range(steps):
        panel = page.locator(".panel")
        if panel.get_attribute("data-state") == "finished":
            return
        before = (
            panel.get_attribute("data-step"),
            panel.get_attribute("data-phase"),
            panel.get_attribute("data-state"),
        )
        if before[2] == "ready" and before[1] == "aided" and page.get_by_text("probability of each diagnosis").count():
            shoot("aided")  # type: ignore[operator]
            return
        if before[2] == "ready" and before[1] == "unaided":
            page.keyboard.press("5")
            page.keyboard.press("s")
        page.keyboard.press("Enter")
        wait_until(
            page,
            """([step, phase, state]) => { const p = document.querySelector('.panel') ||
                 [...document.querySelectorAll('*')].map((e) => e.shadowRoot?.querySelector('.panel')).find(Boolean);
               const now = [p.dataset.step, p.dataset.phase, p.dataset.state];
               const open = ['ready', 'feedback', 'finished'].includes(now[2]);
               return open && now.join() !== [step, phase, state].join(); }""",
            list(before),
        )
        page.wait_for_timeout(400)


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    README_IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        filled, empty = Path(temporary) / "filled", Path(temporary) / "empty"
        workspace = open_workspace(Settings(home=filled))
        create_demo_workspace(workspace)
        workspace.close()
        browser = launch_chromium(playwright)
        with served(empty) as (url, link, _):
            page = browser.new_page()
            page.goto(url)
            settled(page)
            page.screenshot(path=FOLDER / "empty-sign-in-1440-light.png")
            shoot_admin_pages(browser, url, link, list(PAGES), "empty")
        with served(filled) as (url, link, invitations):
            shoot_admin_pages(browser, url, link, [*PAGES, "record?id=demo:DEMO_000001"], "filled")
            shoot_reader(browser, invitations)
        browser.close()
    print(f"{len(list(FOLDER.glob('*.png')))} screenshots in {FOLDER}")


if __name__ == "__main__":
    main()
