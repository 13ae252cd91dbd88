"""A study from template to freeze in a browser: what is typed survives reload, Back and another browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from dermdash.workflows.accounts.access import issue_admin_link
from dermdash.workflows.reader_study import study_results
from tests.browser.designer import enter, freeze, turn_to
from tests.browser.served_app import ServedApp, wait_until_idle
from tests.filled_workspace import fill_and_open
from tests.made_once import MadeOnce

pytestmark = pytest.mark.browser


@pytest.fixture
def app(tmp_path_factory: pytest.TempPathFactory, made_once: MadeOnce) -> Iterator[ServedApp]:
    served = ServedApp(tmp_path_factory.mktemp("designer"))
    made_once.copy(fill_and_open, served.home)
    yield served
    served.stop()


def test_a_study_is_designed_over_reload_back_and_two_browsers_and_frozen_once(
    app: ServedApp, chromium: Browser
) -> None:
    with app.workspace() as workspace:
        link = issue_admin_link(workspace)
        before = len(study_results.list_studies(workspace))
    app.start()
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()

    page.goto(f"{app.url}/new-study")
    page.get_by_role("link", name="Begin with Lancet Oncology 2019").click()
    expect(page.get_by_role("heading", name="Lancet Oncology 2019", level=2)).to_be_visible()
    expect(page).to_have_url(f"{app.url}/new-study?template=lancet-oncology-2019")
    enter(page, "Name of the study", "Batches")
    page.get_by_role("button", name="Begin a draft").click()
    expect(page.get_by_role("heading", name="Batches", level=1)).to_be_visible()
    enter(page, "Cases per round", "7")
    expect(page.get_by_text("a round has 7: ask for fewer")).to_be_visible()
    enter(page, "Of each round one reader reads", "5")
    expect(page.get_by_text("ask for fewer")).to_have_count(0)
    enter(page, "Rounds", "1")
    turn_to(page, "Checks")
    enter(page, "Cases of the test", "2")
    expect(page.get_by_text("5 right of 2 cases is more than there are")).to_be_visible()

    # Another browser of the same person goes on, and then nothing of the first one is written over it.
    other = chromium.new_context(storage_state=context.storage_state()).new_page()
    other.goto(page.url)
    expect(other.get_by_label("Cases of the test", exact=True)).to_have_value("2")
    enter(other, "Right answers needed", "1")
    enter(page, "Hidden repeats", "1")
    expect(page.get_by_text("What you typed since is not saved.")).to_be_visible()
    page.get_by_role("button", name="Load the newer").click()
    wait_until_idle(page)  # until then the field of before may stand beside the new one
    expect(page.get_by_label("Right answers needed", exact=True)).to_have_value("1")
    expect(page.get_by_label("Hidden repeats", exact=True)).to_have_value("0")

    page.go_back()
    expect(page.get_by_label("Of each round one reader reads", exact=True)).to_have_value("5")
    page.go_forward()
    expect(page.get_by_label("Right answers needed", exact=True)).to_have_value("1")
    page.reload()
    expect(page.get_by_label("Right answers needed", exact=True)).to_have_value("1")

    turn_to(page, "Review and freeze")
    expect(page.get_by_text("who has fewer than 1 of 2 cases right does not take part")).to_be_visible()
    freeze(page)
    expect(page.get_by_role("heading", name="Invitations", exact=True)).to_be_visible()
    other.reload()
    expect(other.get_by_text("froze this draft as a study")).to_be_visible()
    app.stop()
    with app.workspace() as workspace:
        studies = study_results.list_studies(workspace)
        assert len(studies) == before + 1
        assert next(s for s in studies if s["name"] == "Batches")["readers"] == 0
