"""The main job by the keyboard alone: a study is made and frozen, a reader reads it, its results are opened."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dermdash.workflows.accounts.access import issue_admin_link
from tests.browser.designer import link_shown
from tests.browser.reader_browser import INTERLUDE, ReaderBrowser
from tests.browser.served_app import ServedApp, wait_until_idle
from tests.filled_workspace import fill_and_open
from tests.made_once import MadeOnce

pytestmark = pytest.mark.browser
_MOST_STEPS = 150
_FOCUSED = "e => e === e.getRootNode().activeElement || e.contains(e.getRootNode().activeElement)"
_IN_ITS_GROUP = """e => {
  const group = e.closest('[role=radiogroup], [role=tablist]');
  return group !== null && group.contains(document.activeElement);
}"""


@pytest.fixture
def app(made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    app = ServedApp(tmp_path_factory.mktemp("keyboard"))
    made_once.copy(fill_and_open, app.home)
    yield app
    app.stop()


@pytest.fixture
def coordinator(app: ServedApp, chromium: Browser) -> Iterator[Page]:
    with app.workspace() as workspace:
        link = issue_admin_link(workspace)
    app.start()
    page = _with_keyboard_alone(chromium)
    page.goto(link)
    page.get_by_role("heading", level=1).first.wait_for()
    yield page
    page.context.close()


def _with_keyboard_alone(chromium: Browser) -> Page:
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    return page


def reach(page: Page, wanted: Locator) -> None:
    """Go on with Tab until the focus is there; within a group of choices with the arrows."""
    wanted.wait_for(state="attached")
    for _ in range(_MOST_STEPS):
        if wanted.evaluate(_FOCUSED):
            return
        page.keyboard.press("ArrowRight" if wanted.evaluate(_IN_ITS_GROUP) else "Tab")
    raise AssertionError(f"{_MOST_STEPS} steps of the keyboard do not lead to {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    reach(page, wanted)
    page.keyboard.press(key)


def write(page: Page, label: str, text: str) -> None:
    reach(page, page.get_by_label(label, exact=True))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    wait_until_idle(page)


def turn_to(page: Page, section: str) -> None:
    choice = page.get_by_role("radio", name=section, exact=True)
    press(page, choice)
    expect(choice).to_be_checked()
    wait_until_idle(page)


class KeyboardReader(ReaderBrowser):
    """A reader who has no mouse."""

    def consent(self) -> None:
        press(self.page, self.page.get_by_role("checkbox"), "Space")
        take_part = self.page.get_by_role("button", name="Take part")
        expect(take_part).to_be_enabled()
        press(self.page, take_part)

    def fill_profile(self, *, years: int = 4) -> None:
        self.page.get_by_role("button", name="Continue").wait_for()
        wait_until_idle(self.page)
        answers = {"Profession": "Nurse", "Age group": "35 to 44", "Gender": "Female", "Country you work in": "Austria"}
        for label, answer in answers.items():
            reach(self.page, self.page.get_by_role("combobox", name=label))
            self.page.keyboard.type(answer)
            self.page.keyboard.press("Enter")
        reach(self.page, self.page.get_by_role("spinbutton"))
        self.page.keyboard.type(str(years))
        press(self.page, self.page.get_by_role("button", name="Continue"))

    def _leave_interludes(self, selector: str, timeout: float) -> None:
        self.page.wait_for_selector(f"{selector}, {INTERLUDE}", timeout=timeout)
        if self.page.locator(INTERLUDE).count():
            self.page.wait_for_timeout(300)  # what is pressed the moment it appears was meant for the case
            press(self.page, self.page.locator(".curtain button"))
            self.page.wait_for_selector(selector, timeout=timeout)


def test_a_study_is_made_read_and_looked_at_without_a_mouse(
    app: ServedApp, coordinator: Page, chromium: Browser
) -> None:
    page = coordinator
    page.goto(f"{app.url}/new-study?template=nature-medicine-2020")
    page.get_by_role("button", name="Begin a draft").wait_for()
    wait_until_idle(page)
    write(page, "Name of the study", "By keyboard")
    press(page, page.get_by_role("button", name="Begin a draft"))
    expect(page.get_by_role("heading", name="By keyboard", level=1)).to_be_visible()
    wait_until_idle(page)
    write(page, "Cases per round", "7")
    turn_to(page, "Checks")
    write(page, "Practice cases", "1")
    turn_to(page, "Review and freeze")
    turn_to(page, "Freeze")
    press(page, page.get_by_role("button", name="Freeze the protocol"))
    press(page, page.get_by_role("button", name="Freeze protocol and create study"))
    page.wait_for_url("**/study?source=study*", timeout=60_000)
    write(page, "Whom to invite, one per line", "Reader 1")
    press(page, page.get_by_role("button", name="Make links"))

    reader = KeyboardReader(_with_keyboard_alone(chromium), link_shown(page))
    reader.begin()
    reader.finish(lambda screen: ("nv", 2))
    assert len({typed.step for typed in reader.typed}) == 7 + 1
    reader.page.context.close()

    press(page, page.get_by_role("tab", name="Results"))
    expect(page.locator(".dd-answer")).to_be_visible()
