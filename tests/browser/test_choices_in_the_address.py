"""What is chosen on a page stands in its address: reload, a copied link, Back and Forward show the same view."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from dermdash.workflows.accounts.access import issue_admin_link
from tests.browser.served_app import ServedApp, wait_until_idle
from tests.filled_workspace import fill_and_open
from tests.made_once import MadeOnce

pytestmark = pytest.mark.browser
VIEW = """
() => {
  const seen = [...document.querySelectorAll(
    ".stMain input, .stMain [role=tab], .stMain [data-testid*=segmented_control], .stMain [data-baseweb=tag]," +
    ".stMain [data-testid=stMarkdown], .stMain [data-testid=stHeading], .stMain [data-testid=stNumberInputContainer]"
  )].filter((e) => e.type === "checkbox" || e.checkVisibility());
  return JSON.stringify(seen.map((e) => [
    e.getAttribute("aria-label") ?? "",
    e.getAttribute("aria-selected") ?? e.getAttribute("data-testid") ?? "",
    e.type === "checkbox" ? e.checked : (e.value ?? e.innerText),
  ]));
}
"""
"""Every widget of a page with what it says, and every text, as it is seen."""
Act = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Served:
    """The app on a small filled workspace, and two browsers."""

    url: str
    page: Page
    other: Page


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, made_once: MadeOnce, chromium: Browser) -> Iterator[Served]:
    app = ServedApp(tmp_path_factory.mktemp("choices"))
    made_once.copy(fill_and_open, app.home)
    with app.workspace() as workspace:
        link = issue_admin_link(workspace)
    app.start()
    first = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = first.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    # Signed in, too, and nothing else is known of it.
    second = chromium.new_context(viewport={"width": 1280, "height": 900}, storage_state=first.storage_state())
    yield Served(app.url, page, second.new_page())
    first.close()
    second.close()
    app.stop()


def view(page: Page) -> str:
    """What is seen, once the page stands still."""
    before = ""
    while True:
        wait_until_idle(page)
        seen = str(page.evaluate(VIEW))
        if seen == before:
            return seen
        before = seen


def shows(page: Page, wanted: str) -> None:
    """Wait until the page shows that view: going back and forward takes a run."""
    until = time.monotonic() + 60
    while (seen := view(page)) != wanted and time.monotonic() < until:
        page.wait_for_timeout(100)
    assert json.loads(seen) == json.loads(wanted)


def option(label: str, name: str) -> Act:
    def act(page: Page) -> None:
        page.get_by_role("combobox", name=label).click()
        page.get_by_role("option", name=name, exact=True).click()

    return act


def button(name: str) -> Act:
    return lambda page: page.get_by_role("radio", name=name, exact=True).click()


def turn(label: str) -> Act:
    return lambda page: page.get_by_text(label, exact=True).click()


def enter(label: str, number: str) -> Act:
    def act(page: Page) -> None:
        field = page.get_by_role("spinbutton", name=label, exact=True)
        field.fill(number)
        field.press("Enter")

    return act


PAGES: dict[str, tuple[list[Act], str]] = {
    "benefit": (
        [option("What counts", "Malignant or benign"), option("Measure", "Sensitivity")],
        "outcome=malignancy&measure=sensitivity",
    ),
    "sample-size": (
        [button("Two modalities, every case under both"), turn("Show non-inferiority"), enter("Readers", "20")],
        "design=mrmc&non-inferiority=on&readers=20",
    ),
}


@pytest.mark.parametrize("address", list(PAGES))
def test_reload_a_link_back_and_forward_show_the_same_view(served: Served, address: str) -> None:
    acts, query = PAGES[address]
    page = served.page
    page.goto(f"{served.url}/{address}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    wait_until_idle(page)
    if (closed := page.locator("summary").filter(has_text="Choices")).count():
        closed.click()
    views = [view(page)]
    for act in acts:
        act(page)
        views.append(view(page))
    assert len(set(views)) == len(views), "an act that changed nothing shows nothing"
    assert set(query.split("&")) <= set(urlsplit(page.url).query.split("&"))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shows(page, views[-1])
    served.other.goto(page.url)
    expect(served.other.get_by_role("heading", level=1)).to_be_visible()
    shows(served.other, views[-1])
    for before in reversed(views[:-1]):
        page.go_back()
        shows(page, before)
    for after in views[1:]:
        page.go_forward()
        shows(page, after)


def test_back_leaves_a_page_that_filled_its_address_before_a_component_was_there(served: Served) -> None:
    page = served.page
    page.goto(f"{served.url}/overview")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    held: list[Route] = []
    components = re.compile(r"/BidiComponent\.[^/]*\.js$")
    page.route(components, lambda route: held.append(route))
    page.goto(f"{served.url}/saliency")
    page.wait_for_url("**/saliency?*model=*")
    # The address may be filled before the first component is asked for.
    until = time.monotonic() + 60
    while not held and time.monotonic() < until:
        page.wait_for_timeout(50)
    # The newest handler is asked first: what is asked for from here on is not held.
    page.route(components, lambda route: route.continue_())
    assert held, "the page knows of its history before it has any component"
    for route in held:
        route.continue_()
    page.unroute(components)
    wait_until_idle(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert urlsplit(page.url).path == "/overview"
