"""The report as HTML: self-contained, escaped, with its numbers inside, and printable."""

import base64
import gzip
import hashlib
import io
import json
import re
import shutil
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from tests.unit.report.report_factory import HOSTILE

from dermdash.analyses.section import ResultTable
from dermdash.errors import NotFound
from dermdash.records.safe_csv import to_safe_csv
from dermdash.report import pdf
from dermdash.report.guidelines import GUIDELINES
from dermdash.report.html_report import render_html
from dermdash.report.study_report import StudyReport

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Elements of a page; every tag must be closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts: dict[str, str] = {}
        self._script = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self._script = dict(attrs).get("id") or ""
            self.scripts[self._script] = ""

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[self._script] += data
        elif self.open and self.open[-1] != "style":
            self.text.append(data)


def unpacked(text: str) -> str:
    """What the report's script makes of packed text."""
    return gzip.decompress(base64.b64decode(text)).decode()


@pytest.fixture(scope="module")
def html(report: StudyReport) -> str:
    return render_html(report, appendix=True)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_every_tag_is_closed_and_every_id_is_unique(page: Page) -> None:
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) > 30
    assert len(set(ids)) == len(ids)


def test_every_link_of_the_contents_leads_somewhere(page: Page) -> None:
    ids = {attributes.get("id") for _, attributes in page.elements}
    links = [str(a["href"]) for tag, a in page.elements if tag == "a"]
    inside = [link.removeprefix("#") for link in links if link.startswith("#")]
    assert len(inside) > 15
    assert set(inside) <= ids
    assert all(link.startswith(("#", "data:text/csv", "data:application/gzip")) for link in links)


def test_nothing_is_loaded_from_anywhere(page: Page) -> None:
    for tag, attributes in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "img", "base"), tag
        assert "src" not in attributes
        assert "srcset" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
    policy = next(str(a["content"]) for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in policy


def test_only_the_two_scripts_of_the_report_may_run(page: Page) -> None:
    policy = next(str(a["content"]) for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    kinds = {str(a.get("id")): a.get("type") for tag, a in page.elements if tag == "script"}
    assert {name for name, kind in kinds.items() if kind is None} == {"report-script"}
    running = (page.scripts["report-script"], unpacked(page.scripts["plotly-library"]))
    for script in running:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.count("'sha256-") == len(running)
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert "unsafe-eval" not in policy


def test_names_out_of_files_are_text(html: str, page: Page) -> None:
    assert "<script>alert" not in html
    assert "<img" not in html
    shown = "".join(page.text)
    assert HOSTILE in shown  # the study, its reader ids and a profession stand there as they are


def test_data_of_figures_holds_no_markup_and_no_link(page: Page, report: StudyReport) -> None:
    data = {name: text for name, text in page.scripts.items() if name.endswith("-data")}
    # One more than in the sections: that of the first pages.
    assert len(data) == 1 + sum(len(s.figures) for s in report.sections)
    for text in data.values():
        assert not set("<>&") & set(text)
        figure = json.loads(unpacked(text))
        assert figure["data"]
        assert "<a " not in json.dumps(figure)


def test_every_table_comes_with_its_numbers_as_csv(page: Page, report: StudyReport) -> None:
    links = {str(a["download"]): str(a["href"]) for tag, a in page.elements if tag == "a" and "download" in a}
    downloads = {}
    for name, link in links.items():
        data = base64.b64decode(link.split("base64,")[1])
        assert link.startswith("data:application/gzip;" if name.endswith(".gz") else "data:text/csv;")
        downloads[name.removesuffix(".gz")] = gzip.decompress(data) if name.endswith(".gz") else data
    assert downloads == {f"{t.name}.csv": to_safe_csv(t.numbers) for t in report.tables}
    assert {name.endswith(".gz") for name in links} == {True, False}
    means = next(t for t in report.tables if t.name == "human-machine-means")
    again = pd.read_csv(io.BytesIO(downloads["human-machine-means.csv"]))
    assert again["readers_sensitivity"].tolist() == pytest.approx(means.numbers["readers_sensitivity"].tolist())


def test_the_line_is_broken_before_an_interval_where_a_column_holds_one_and_nowhere_else(report: StudyReport) -> None:
    shown = pd.DataFrame(
        {
            "Group": ["first (1 to 9 years)", "second"],
            "Share": ["63.6 % (61.0 to 66.2), n 4", "not computed (nothing to count)"],
            "Remark": ["few cases (1 to 3 of each)", ""],
        }
    )
    table = ResultTable("table", "Shares", shown, shown, intervals=frozenset({"Share"}))
    section = replace(report.sections[0], tables=(table,))
    text = render_html(replace(report, sections=(section, *report.sections[1:])), appendix=True)
    assert '63.6 %<br><span class="interval">(61.0 to 66.2), n 4</span>' in text
    for whole in ("first (1 to 9 years)", "not computed (nothing to count)", "few cases (1 to 3 of each)"):
        assert whole in text


def test_the_report_tells_who_took_part_what_was_left_out_and_with_what(html: str, page: Page) -> None:
    text = re.sub(r"\s+", " ", " ".join(page.text))
    assert "4 readers gave 112 readings of 14 cases" in text
    assert "Data flow" in text
    assert "56 pairs" in text
    assert "Medical student 2 50.0 %" in text
    for package in ("numpy", "scipy", "statsmodels", "pandas", "duckdb"):
        assert re.search(rf"{package} \d", text)
    assert "2026-03-04 10:30 UTC" in text


def test_findings_methods_and_warnings_of_every_section_are_printed(page: Page, report: StudyReport) -> None:
    shown = " ".join(page.text)
    for section in report.sections:
        for text in (*section.summary, *section.methods, *section.warnings):
            assert text in shown, text
    for text in report.references:
        assert text in shown


def test_every_item_of_the_guidelines_can_be_filled_in(page: Page) -> None:
    fields = [str(a["aria-label"]) for _, a in page.elements if "contenteditable" in a]
    for guideline in GUIDELINES:
        assert fields.count(f"{guideline.name} {guideline.items[0].number}: answer") == 1
    assert len(fields) == 2 * sum(len(g.items) for g in GUIDELINES)


def test_numbers_of_guideline_items_are_unique_and_complete() -> None:
    """The published counts: DECIDE-AI 17 + 10, CONSORT-AI 37 + 14, STARD 2015 30, CLEAR Derm 25 items."""
    numbers = {g.key: [i.number for i in g.items if i.number != "AI"] for g in GUIDELINES}
    assert all(len(set(found)) == len(found) for found in numbers.values())
    bare = {key: {re.sub(r"[abc]$", "", n) for n in found} for key, found in numbers.items()}
    roman = {"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"}
    assert bare["decide-ai"] == {str(i) for i in range(1, 18)} | roman
    extension = [n for n in numbers["consort-ai"] if "(" in n]
    assert (len(numbers["consort-ai"]) - len(extension), len(extension)) == (37, 14)
    assert bare["stard-ai"] == {str(i) for i in range(1, 31)}
    assert numbers["clear-derm"] == [str(i) for i in range(1, 26)]


def test_simulated_readers_are_announced_at_the_top(report: StudyReport, html: str) -> None:
    assert "Simulated readers." not in html
    shown = render_html(replace(report, facts=replace(report.facts, simulated=True), sections=()), appendix=True)
    assert shown.index("Simulated readers.") < shown.index("Contents")


def test_a_machine_without_a_browser_says_so_and_offers_the_html(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert pdf.find_renderer() is None
    with pytest.raises(NotFound, match="open the HTML in a browser and print it from there"):
        pdf.render_pdf("<html>")


def is_running(pid: int) -> bool:
    """Whether a process lives; one that has ended and is not yet collected does not."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_browser_that_hangs_is_ended_with_the_processes_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    browser, child = tmp_path / "chromium", tmp_path / "child.pid"
    browser.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {child}\nwait\n")
    browser.chmod(0o755)
    monkeypatch.setattr(pdf, "find_renderer", lambda: str(browser))
    with pytest.raises(NotFound, match="not printed within 4 s"):
        pdf.render_pdf("<html>", timeout_s=4)  # time for a busy machine to start it
    pid = int(child.read_text())
    # The signal is sent; a busy machine takes a moment to act on it.
    deadline = time.monotonic() + 60
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_running(pid)


def test_whoever_waits_can_stop_the_printing_and_the_browser_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    browser, own = tmp_path / "chromium", tmp_path / "own.pid"
    browser.write_text(f"#!/bin/sh\necho $$ > {own}\nexec sleep 60\n")
    browser.chmod(0o755)
    monkeypatch.setattr(pdf, "find_renderer", lambda: str(browser))

    def stop() -> None:
        if own.is_file() and own.read_text().strip():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pdf.render_pdf("<html>", waiting=stop)
    assert not is_running(int(own.read_text()))


def test_a_browser_that_hangs_or_fails_is_given_up_with_a_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow, broken = tmp_path / "chromium", tmp_path / "broken"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    broken.write_text("#!/bin/sh\necho 'no display' >&2\nexit 3\n")
    for file in (slow, broken):
        file.chmod(0o755)
    monkeypatch.setattr(pdf, "find_renderer", lambda: str(slow))
    with pytest.raises(NotFound, match=r"not printed within 0\.2 s"):
        pdf.render_pdf("<html>", timeout_s=0.2)
    monkeypatch.setattr(pdf, "find_renderer", lambda: str(broken))
    with pytest.raises(NotFound, match="no display"):
        pdf.render_pdf("<html>")
