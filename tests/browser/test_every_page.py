"""Every page of every role in a real browser: all it asks for arrives, and axe-core finds no fault in it."""

import asyncio
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dermdash.storage import records
from dermdash.ui.navigation import ADDRESSES
from dermdash.workflows.accounts import people
from dermdash.workflows.accounts.access import OPERATOR, Role, issue_admin_link
from dermdash.workflows.demo_workspace import DEMO_DATASET, DemoSize, create_demo_workspace
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.invitations import invite_readers, withdraw_invitation
from tests import own_loop
from tests.browser.apps import watched_streamlit
from tests.browser.apps.watched_streamlit import LOG
from tests.browser.cuttable_link import CuttableLink
from tests.browser.page_check import WIDTHS, RequestLog, axe_faults, show_as, views
from tests.browser.reader_browser import ReaderBrowser
from tests.browser.served_app import ServedApp, wait_until_idle

pytestmark = pytest.mark.browser
SIZE = DemoSize(scale=0.2, height=150, input_size=32, epochs=3, cases=8, practice_cases=1, readers=6)


WORDS = "document.querySelector('[data-testid=stMain]').innerText.split(/\\s+/).filter(Boolean).length"
MOST_WORDS = 340
"""On a page as it opens, cells of tables aside: what is more stands closed under Details."""
MORE_WORDS = {"new-study": 380, "record": 480, "study": 480}

LOWEST = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  const open = [...main.querySelectorAll("[data-testid=stElementContainer]")]
    .filter((e) => e.checkVisibility() && !e.closest("details"));
  return Math.round(main.scrollTop + Math.max(...open.map((e) => e.getBoundingClientRect().bottom)));
}"""
MOST_PX = 1300
"""How far down a page reaches at 1280 px (at 1440 px: 1200), closed parts aside: what somebody came for is first."""
LONGER = {"records": 12_000, "saliency": 1480, "new-study": 1450}
"""Pages of pictures and of cards, of which fewer stand side by side at 1280 px."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A small demo, served: links for its admin and its readers, and the id of a record."""

    app: ServedApp
    admin_link: str
    account_link: str
    invitation: str
    withdrawn: str
    record: str
    contacts: Path
    """Every host outside this machine that the server turned to, a line each."""
    proxy: CuttableLink


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("pages")
    app = ServedApp(folder)
    contacts = folder / "contacts"
    contacts.touch()
    proxy = CuttableLink(app.port)
    with app.workspace() as workspace:
        create_demo_workspace(workspace, size=SIZE, processes=False)
        study_id = study_results.list_studies(workspace)[0]["id"]
        invited, withdrawn = invite_readers(workspace, study_id, ["Ada", "Berta"])
        withdraw_invitation(workspace, withdrawn.id)
        record = str(records.records_of_dataset(workspace.engine, DEMO_DATASET)["id"].iloc[0])
        account = people.invite_person(workspace, OPERATOR, name="Ada", roles=[Role.REVIEWER]).link
        links = (issue_admin_link(workspace), account, invited.link, withdrawn.link)
        demo = Demo(app, *links, record, contacts, proxy)
    through = f"http://127.0.0.1:{proxy.port}"
    names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    environment = {LOG: str(contacts), **dict.fromkeys(names, through), "no_proxy": "127.0.0.1,localhost"}
    app.start(launcher=[watched_streamlit.__file__], environment=environment)
    yield demo
    app.stop()
    proxy.close()


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


@pytest.fixture(scope="module")
def admin_page(admin: BrowserContext) -> Iterator[Page]:
    """One tab for all pages: a new one is a new process, which compiles Streamlit's and axe's scripts anew."""
    page = admin.new_page()
    yield page
    page.close()


def check(page: Page, log: RequestLog, turn: int) -> None:
    """Everything on the page as it stands."""
    wait_until_idle(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert axe_faults(page, turn) == []
    assert log.failed == []


@pytest.mark.parametrize(("turn", "address"), list(enumerate(sorted(ADDRESSES))))
def test_an_admins_page_is_whole_and_accessible(demo: Demo, admin_page: Page, turn: int, address: str) -> None:
    page = admin_page
    log = RequestLog(page, demo.app.url)
    opened = f"{demo.app.url}/{address}" + (f"?id={demo.record}" if address == "record" else "")
    page.goto(opened, wait_until="commit")
    # As it is looked at first: each change of width or theme draws the whole page anew, half a second of a core.
    show_as(page, *views(turn)[0])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check(page, log, turn)
    words = page.evaluate(WORDS)
    assert words <= MORE_WORDS.get(address, MOST_WORDS), f"{words} words before anything is opened"
    if views(turn)[-1][0] == max(WIDTHS):  # as wide as it is now
        reaches = page.evaluate(LOWEST)
        assert reaches <= LONGER.get(address, MOST_PX), f"the page reaches down to {reaches} px"


@pytest.mark.parametrize(
    ("turn", "kind"),
    list(
        enumerate(["sign in", "used link", "set password", "dead link", "unknown invitation", "withdrawn invitation"])
    ),
)
def test_a_visitors_page_is_whole_and_accessible(
    demo: Demo, admin: BrowserContext, chromium: Browser, turn: int, kind: str
) -> None:
    address = {
        "sign in": demo.app.url,
        "used link": demo.admin_link,
        "set password": demo.account_link,
        "dead link": f"{demo.app.url}/?account-link=unknown",
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


FOREIGN_PAGE = """async (address) => {
  const socket = new WebSocket(address, ["streamlit"]);
  return new Promise((done) => {
    socket.onopen = () => done("opened");
    socket.onerror = () => done("refused");
  });
}"""


def test_a_page_on_another_port_of_this_machine_cannot_connect_with_the_admins_cookie(
    demo: Demo, admin: BrowserContext
) -> None:
    page = admin.new_page()
    # Another program's page on the same host: the browser adds the cookie to what it asks of the app.
    page.route(f"http://127.0.0.1:{demo.app.port + 1}/", lambda route: route.fulfill(body="<p>Another program</p>"))
    page.goto(f"http://127.0.0.1:{demo.app.port + 1}/")
    assert page.evaluate(FOREIGN_PAGE, f"ws://127.0.0.1:{demo.app.port}/_stcore/stream") == "refused"
    page.goto(f"{demo.app.url}/account")
    assert page.evaluate(FOREIGN_PAGE, f"ws://127.0.0.1:{demo.app.port}/_stcore/stream") == "opened"
    page.close()


def test_foreign_handshakes_do_not_keep_the_server_from_answering(demo: Demo) -> None:
    async def knock() -> int:
        origin, address = "http://evil.example", f"ws://127.0.0.1:{demo.app.port}/_stcore/stream"
        try:
            async with connect(address, origin=origin, subprotocols=["streamlit"]):  # type: ignore[arg-type,list-item]
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    async def knock_often() -> list[int]:
        return await asyncio.gather(*(knock() for _ in range(20)))

    started = time.monotonic()
    assert set(own_loop.run(knock_often)) == {403}
    with urllib.request.urlopen(f"{demo.app.url}/_stcore/health", timeout=60):
        assert time.monotonic() - started < 20


def test_a_page_that_was_open_before_signing_out_gives_no_file_any_more(demo: Demo, admin: BrowserContext) -> None:
    page, elsewhere = admin.new_page(), admin.new_page()
    page.goto(f"{demo.app.url}/records")
    button = page.get_by_role("button", name="Download CSV")
    with page.expect_download():
        button.click()
    elsewhere.goto(f"{demo.app.url}/account")
    elsewhere.get_by_role("button", name="Sign out", exact=True).click()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()
    given: list[object] = []
    page.on("download", lambda download: given.append(download))
    button.click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.wait_for_timeout(500)
    assert given == []


# The last of this file: it looks back on all that the others did.
def test_no_page_and_no_request_made_the_server_turn_to_another_host(demo: Demo) -> None:
    assert demo.app.process is not None
    assert demo.contacts.read_text() == ""
    assert demo.proxy.accepted == 0
