"""A reader chooses their language on the consent page: from there on everything is in it, the kept consent too."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from dermdash.reader_study.templates import get_template
from dermdash.reader_study.words import between, pages, screen
from dermdash.reader_study.words.language import Language
from dermdash.storage import consents
from dermdash.workflows.reader_study import create_study, join_study
from dermdash.workflows.reader_study.fitting_consent import with_fitting_consent
from dermdash.workflows.reader_study.invitations import invite_readers
from tests.browser.reader_browser import new_reader
from tests.browser.served_app import ServedApp, wait_until_idle
from tests.browser.small_dataset import import_small_dataset, write_small_dataset

pytestmark = pytest.mark.browser
RUSSIAN = Language.RUSSIAN


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    app = ServedApp(tmp_path_factory.mktemp("language"))
    yield app
    app.stop()


def test_a_reader_who_chooses_russian_reads_and_keeps_everything_in_russian(
    app: ServedApp, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = write_small_dataset(
        tmp_path_factory.mktemp("source"), prefix="S", per_class=1, rng=np.random.default_rng(1)
    )
    with app.workspace() as workspace:
        import_small_dataset(workspace, source, dataset_id="small", adapter="ham10000")
        protocol = get_template("han-2018").protocol(
            name="Evening study", dataset_id="small", model_id=None, seed=7, cases_per_round=7
        )
        protocol = with_fitting_consent(workspace, protocol)
        study_id = create_study.create_study(workspace, protocol)
        (invitation,) = invite_readers(workspace, study_id, ["Ada"])
        russian, _ = join_study.consent_text_of(protocol, RUSSIAN)
    app.start()
    reader = new_reader(chromium, invitation.link)
    page = reader.page
    reader.open()
    page.get_by_role("combobox", name="Language").select_option("ru")
    expect(page.get_by_role("heading", name=pages.READER_STUDY.said(RUSSIAN))).to_be_visible()
    page.reload()
    for paragraph in russian.split("\n\n"):
        expect(page.get_by_text(paragraph)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    wait_until_idle(page)
    page.get_by_text(pages.I_AGREE.said(RUSSIAN)).click()
    page.get_by_role("button", name=pages.TAKE_PART.said(RUSSIAN)).click()
    expect(page.get_by_role("heading", name=pages.ABOUT_YOU.said(RUSSIAN))).to_be_visible()
    with page.expect_download() as kept:
        page.get_by_role("button", name=pages.CONSENT_DOWNLOAD.said(RUSSIAN)).click()
    text = kept.value.path().read_text()
    assert russian in text
    assert pages.CONSENT_VERSION_LINE.said(RUSSIAN, version="1") in text
    wait_until_idle(page)
    for question in (pages.PROFESSION, pages.AGE_GROUP, pages.GENDER, pages.COUNTRY):
        page.get_by_role("combobox", name=question.said(RUSSIAN)).click()
        page.get_by_role("option").first.click()
    page.get_by_role("button", name=pages.CONTINUE.said(RUSSIAN)).click()
    expect(page.get_by_text(between.BEFORE_START.said(RUSSIAN))).to_be_visible()
    page.locator(".curtain button").click(delay=300)
    page.wait_for_selector(".panel[data-state=ready]")
    expect(page.get_by_role("button", name=screen.LOCK_ANSWER.said(RUSSIAN))).to_be_visible()
    assert page.locator(".panel").get_attribute("lang") == "ru"
    expect(page.get_by_role("radio", name="Базальноклеточный рак")).to_be_visible()
    # In the middle of a case: the answers to choose from follow, too.
    page.locator(".bar .language").select_option("de")
    expect(page.get_by_role("radio", name="Basalzellkarzinom")).to_be_visible()
    expect(page.get_by_role("radio", name="Ziemlich sicher")).to_be_visible()
    page.context.close()
    app.stop()
    with app.workspace() as workspace:
        (agreed,) = consents.texts_of_study(workspace.engine, study_id)
        assert (agreed["language"], agreed["text"]) == ("ru", russian)
