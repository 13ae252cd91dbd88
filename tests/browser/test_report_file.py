"""The report as a file in a real Chromium: it draws, loads nothing, runs nothing out of the data, and can be saved."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dermdash.analyses.declaration import AnalysisContext
from dermdash.report.html_report import render_html
from dermdash.report.study_report import build_report
from tests.unit.report.report_factory import MADE_AT, hostile_readings, predictions_for

pytestmark = pytest.mark.browser
DRAWN = "html[data-drawn]"
ANSWER = '[aria-label="DECIDE-AI I: answer"]'


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of two analyses, with names that would run and load something."""
    table = hostile_readings()
    context = AnalysisContext(predictions=predictions_for(table))
    made = build_report(table, context, only=["human-machine", "item-response"], made_at=MADE_AT)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_html(made, appendix=True), "utf-8")
    return path


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that fails the test when anything asks for an address, opens a dialog or breaks."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:", "blob:")) else wrong.append(r.url))
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    yield page
    context.close()
    assert wrong == []


def show(page: Page, file: Path) -> None:
    """Open a report and wait until its figures are unpacked and drawn."""
    page.goto(file.as_uri())
    expect(page.locator(DRAWN)).to_be_attached(timeout=20_000)


def test_every_figure_is_drawn_and_nothing_is_wider_than_the_page(page: Page, file: Path) -> None:
    show(page, file)
    drawn = page.locator(".plot svg.main-svg").first
    expect(drawn).to_be_visible()
    assert page.locator(".plot").count() == page.locator(".plot:has(svg.main-svg)").count() > 3
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.reload()
        expect(page.locator(DRAWN)).to_be_attached(timeout=20_000)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_figure_is_saved_as_vector(page: Page, file: Path, tmp_path: Path) -> None:
    show(page, file)
    with page.expect_download() as download:
        page.locator("[data-svg]").first.click()
    saved = tmp_path / "figure.svg"
    download.value.save_as(saved)
    assert download.value.suggested_filename == "human-machine-readers-and-curve.svg"
    assert saved.read_text("utf-8").startswith("<svg")


def test_a_table_is_saved_as_csv(page: Page, file: Path, tmp_path: Path) -> None:
    page.goto(file.as_uri())
    with page.expect_download() as download:
        page.locator('a[download="human-machine-means.csv.gz"]').click()
    saved = tmp_path / "means.csv"
    download.value.save_as(saved)
    assert download.value.suggested_filename == "human-machine-means.csv"
    assert saved.read_text("utf-8").startswith("group,value,n_readers")


def test_what_is_written_survives_saving_as_html(page: Page, file: Path, tmp_path: Path) -> None:
    show(page, file)
    before = page.locator(".plot svg.main-svg").count()
    page.locator(ANSWER).fill("A structured <b>abstract</b>")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as HTML").click()
    saved = tmp_path / "saved.html"
    download.value.save_as(saved)
    show(page, saved)
    expect(page.locator(ANSWER)).to_have_text("A structured <b>abstract</b>")
    assert page.locator(".plot svg.main-svg").count() == before
    # Saving again and again does not let the file grow by what the figures drew.
    assert abs(saved.stat().st_size - file.stat().st_size) < 20_000


def test_printed_fields_and_figures_are_on_the_pages(page: Page, file: Path) -> None:
    show(page, file)
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator("[data-svg]").first).to_be_hidden()
    expect(page.locator('[aria-label="DECIDE-AI 1: answer"]')).to_be_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")
