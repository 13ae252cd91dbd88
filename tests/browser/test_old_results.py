"""Under new settings nothing of the old ones is shown, in the real app with one slow computation."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dermdash.workflows.accounts.access import issue_admin_link
from tests.browser.apps import slow_benefit
from tests.browser.served_app import IDLE, ServedApp
from tests.filled_workspace import fill_and_open
from tests.made_once import MadeOnce

pytestmark = pytest.mark.browser
RESULTS = ".stPlotlyChart, .stDataFrame, .stDownloadButton"
# Frames in which a figure was old, and in which one was hidden that had been old for less than the delay.
WATCH = """() => {
  window.old = 0; window.early = 0;
  const box_of = (node) => node.matches?.(".stElementContainer:has(.stPlotlyChart)") ? node : null;
  // The moment a figure turns old is when its mark is set, not the next frame: a busy machine may draw that one late.
  new MutationObserver((changes) => {
    for (const {target} of changes) {
      const box = box_of(target);
      if (box) box.since = box.dataset.stale === "true" ? (box.since ?? performance.now()) : undefined;
    }
  }).observe(document.body, {subtree: true, attributes: true, attributeFilter: ["data-stale"]});
  const look = () => {
    for (const box of document.querySelectorAll(".stElementContainer:has(.stPlotlyChart)")) {
      if (box.dataset.stale !== "true" || box.since === undefined) continue;
      window.old += 1;
      // Streamlit keeps a replaced element a while, out of sight: what counts is whether its place is empty.
      const key = [...box.classList].find((name) => name.startsWith("st-key-"));
      const figures = key ? [...document.querySelectorAll(`.${key}:has(.stPlotlyChart)`)] : [box];
      const seen = figures.some((each) => each.checkVisibility({visibilityProperty: true, opacityProperty: true}));
      if (!seen && performance.now() - box.since < 200) window.early += 1;
    }
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.fixture(scope="module")
def benefit(chromium: Browser, made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of the benefit, its first results drawn."""
    app = ServedApp(tmp_path_factory.mktemp("slow"))
    made_once.copy(fill_and_open, app.home)
    with app.workspace() as workspace:
        link = issue_admin_link(workspace)
    app.start(launcher=[slow_benefit.__file__])
    context = chromium.new_context(viewport={"width": 1440, "height": 1400})
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(link)
    page.get_by_role("heading", level=1).first.wait_for()
    page.goto(f"{app.url}/benefit")
    page.locator(".stPlotlyChart").first.wait_for()
    for closed in ("Choices", "Details"):
        page.locator("summary").filter(has_text=closed).click()
    page.wait_for_selector(IDLE)
    yield page
    context.close()
    app.stop()


def choose_outcome(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="What counts").click()
    page.get_by_role("option", name=name).click()


def visible_numbers(page: Page) -> list[str]:
    """Every visible text of the page, outside of widgets, that holds a percentage or an interval."""
    texts = page.locator(".stMain .stMarkdown, .stMain .stHeading, .stMain .stAlert").filter(visible=True)
    return [text for text in texts.all_inner_texts() if re.search(r"\d\s*%|\d to \d", text)]


def test_no_figure_table_or_number_of_the_old_setting_is_seen_while_the_new_one_is_computed(benefit: Page) -> None:
    assert visible_numbers(benefit)
    expect(benefit.locator(RESULTS).filter(visible=True).nth(3)).to_be_visible()
    choose_outcome(benefit, "Malignant or benign")
    spinner = benefit.get_by_text("Comparing answers before and after assistance")
    expect(spinner).to_be_visible()
    benefit.wait_for_timeout(600)
    expect(spinner).to_be_visible()
    assert benefit.locator(RESULTS).filter(visible=True).count() == 0
    assert visible_numbers(benefit) == []
    # What was chosen stays to be seen.
    expect(benefit.get_by_role("combobox", name="What counts")).to_have_value(re.compile("Malignant or benign"))
    expect(spinner).to_be_hidden()
    benefit.wait_for_selector(IDLE)
    assert visible_numbers(benefit)
    expect(benefit.locator(RESULTS).filter(visible=True).nth(3)).to_be_visible()


def test_what_is_computed_at_once_is_exchanged_without_a_blink(benefit: Page) -> None:
    benefit.evaluate(WATCH)
    for outcome in ("Correct diagnosis", "Malignant or benign", "Correct diagnosis"):  # computed before: in the cache
        choose_outcome(benefit, outcome)
        benefit.wait_for_timeout(300)
        benefit.wait_for_selector(IDLE)
    assert benefit.evaluate("window.old") > 0
    assert benefit.evaluate("window.early") == 0
