"""Every page of every role in a real browser: all it asks for arrives, and axe-core finds no fault in it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dermdash.storage import records
from dermdash.ui.navigation import ADMIN_ADDRESSES
from dermdash.workflows import study_results
from dermdash.workflows.access import issue_admin_link
from dermdash.workflows.create_study import invite_readers, withdraw_invitation
from dermdash.workflows.demo_workspace import DEMO_DATASET, DemoSize, create_demo_workspace
from tests.browser.page_check import RequestLog, axe_faults
from tests.browser.reader_browser import ReaderBrowser
from tests.browser.served_app import ServedApp, wait_until_idle

pytestmark = pytest.mark.browser
SIZE = DemoSize(scale=0.2, height=150, input_size=32, epochs=3, cases=8, practice_cases=1, readers=6)


@dataclass(frozen=True, slots=True)
class Demo:
    """A small demo, served: links for its admin and its readers, and the id of a record."""

    app: ServedApp
    admin_link: str
    invitation: str
    withdrawn: str
    record: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    app = ServedApp(tmp_path_factory.mktemp("pages"))
    with app.workspace() as workspace:
        create_demo_workspace(workspace, size=SIZE, processes=False)
        study_id = study_results.list_studies(workspace)[0]["id"]
        invited, withdrawn = invite_readers(workspace, study_id, ["Ada", "Berta"])
        withdraw_invitation(workspace, withdrawn.id)
        record = str(records.records_of_dataset(workspace.engine, DEMO_DATASET)["id"].iloc[0])
        demo = Demo(app, issue_admin_link(workspace), invited.link, withdrawn.link, record)
    app.start()
    yield demo
    app.stop()


@pytest.fixture(scope="module")
def admin(demo: Demo, chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(demo.admin_link)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.close()
    yield context
    context.close()


def check(page: Page, log: RequestLog, turn: int) -> None:
    """Everything on the page as it stands."""
    wait_until_idle(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert axe_faults(page, turn) == []
    assert log.failed == []


@pytest.mark.parametrize(("turn", "address"), enumerate(sorted(ADMIN_ADDRESSES)))
def test_an_admins_page_is_whole_and_accessible(demo: Demo, admin: BrowserContext, turn: int, address: str) -> None:
    page = admin.new_page()
    log = RequestLog(page, demo.app.url)
    page.goto(f"{demo.app.url}/{address}" + (f"?id={demo.record}" if address == "record" else ""))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check(page, log, turn)
    page.close()


@pytest.mark.parametrize(
    ("turn", "kind"), enumerate(["sign in", "used link", "unknown invitation", "withdrawn invitation"])
)
def test_a_visitors_page_is_whole_and_accessible(
    demo: Demo, admin: BrowserContext, chromium: Browser, turn: int, kind: str
) -> None:
    address = {
        "sign in": demo.app.url,
        "used link": demo.admin_link,
        "unknown invitation": f"{demo.app.url}/?invitation=unknown",
        "withdrawn invitation": demo.withdrawn,
    }[kind]
    page = chromium.new_context().new_page()
    log = RequestLog(page, demo.app.url)
    page.goto(address)
    expect(page.get_by_role("alert").or_(page.get_by_role("heading", level=1)).first).to_be_visible()
    check(page, log, turn)
    page.context.close()


def test_a_readers_screens_are_whole_and_accessible_from_consent_to_the_last_case(
    demo: Demo, chromium: Browser
) -> None:
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    log = RequestLog(page, demo.app.url)
    reader = ReaderBrowser(page, demo.invitation)
    reader.open()
    page.get_by_text("I have read this").wait_for()
    check(page, log, 0)
    reader.consent()
    page.get_by_role("button", name="Continue").wait_for()
    check(page, log, 1)
    page.set_viewport_size({"width": 1280, "height": 900})
    reader.fill_profile()
    seen = set()
    screen = reader.settled()
    while screen.state != "finished":
        kind = (screen.state, screen.phase, page.locator(".panel").get_attribute("data-modality"))
        if kind not in seen:
            check(page, log, len(seen))
            page.set_viewport_size({"width": 1280, "height": 900})
        seen.add(kind)
        if screen.state == "feedback":
            page.keyboard.press("Enter")
        else:
            reader.type_answer("nv", 2)
        screen = reader.moved_on(screen)
    check(page, log, 0)
    assert {state for state, _, _ in seen} == {"ready", "feedback"}
    page.context.close()
