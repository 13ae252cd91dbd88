"""Any sequence of filter acts in a browser shows what plain SQL says; the address holds it, and Back undoes one act."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import duckdb
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dermdash.records.record_filter import FACETS, UNKNOWN
from dermdash.storage import records
from dermdash.storage.object_store import ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace
from dermdash.ui.records_view import PER_PAGE
from dermdash.workflows.accounts.access import issue_admin_link
from tests.browser.served_app import ServedApp, wait_until_idle
from tests.factories import make_image, make_record
from tests.filled_workspace import draw_jpeg

pytestmark = pytest.mark.browser
RECORDS, ACTS = 150, 6
AGE_STEP = 12
"""What the key Page Up adds: a tenth of the range."""
SITES = ("back", "face", "trunk", "chest", "foot", "hand", "scalp", "neck", "ear", "genital", "abdomen")
AGREEMENT = {"all": (1, 2), "two thirds": (0.66, 1), "less": (0, 0.66)}
COLUMNS = {"claimed": "stage_claimed", "reviewers": "n_reviewers"}
BANDS = {"complete": (1, 2), "75-99 %": (0.75, 1), "50-74 %": (0.5, 0.75), "below 50 %": (0, 0.5)}
BANDS_OF: dict[str, dict[str, tuple[float, float]]] = {"completeness": BANDS, "agreement": AGREEMENT}
GROUPS = {"mel": "malignant", "bcc": "malignant", "akiec": "malignant"}
"""What the classes of ham7 are; the others are benign."""
SAID = ("source_label", "image_type", "licence")
"""Of the filters that are offered only where a record says something of them, those that are."""
OFFERED = [name for name, spec in FACETS.items() if not spec.optional or name in SAID]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for so far: the test's own idea of the filter."""

    chosen: tuple[tuple[str, str], ...] = ()
    text: str = ""
    age_from: int = 0
    human_quality: bool = False

    def sql(self) -> str:
        """The ids as a statement over the frame `rows`, written without the app's help."""
        quality = "image_quality_score" if self.human_quality else "coalesce(image_quality_score, technical_quality)"
        conditions = []
        for facet in dict.fromkeys(facet for facet, _ in self.chosen):
            options = [option for f, option in self.chosen if f == facet]
            column = {"quality": quality, **COLUMNS}.get(facet, facet)
            either = []
            for option in options:
                if option in (bands := BANDS_OF.get(facet, {})):
                    low, high = bands[option]
                    either.append(f"({facet} >= {low} and {facet} < {high})")
                elif option == UNKNOWN:
                    either.append(f"{column} is null")
                else:
                    either.append(f"cast({column} as varchar) = '{option}'")
            conditions.append("(" + " or ".join(either) + ")")
        if self.text:
            names = ("image_id", "lesion_id", "patient_id")
            conditions.append("(" + " or ".join(f"lower({n}) like '%{self.text.lower()}%'" for n in names) + ")")
        if self.age_from:
            conditions.append(f"age_at_exam >= {self.age_from}")
        where = f"where {' and '.join(conditions)}" if conditions else ""
        return f"select id from rows {where} order by image_id, id"


@dataclass
class RecordsBrowser:
    """The records page in a browser, with the records it should speak of."""

    page: Page
    url: str
    rows: pd.DataFrame
    wanted: Wanted = field(default_factory=Wanted)

    def expected(self, wanted: Wanted) -> list[str]:
        rows = self.rows  # noqa: F841  the name in the statement
        return [row[0] for row in duckdb.sql(wanted.sql()).fetchall()]

    def open(self) -> None:
        self.page.goto(f"{self.url}/records")
        self.shows(Wanted())

    def shows(self, wanted: Wanted) -> None:
        count = f"{len(self.expected(wanted))} of {RECORDS} records"
        expect(self.page.get_by_text(count, exact=True)).to_be_visible()
        wait_until_idle(self.page)
        boxes = self.page.locator(".facet input:checked")
        # And what asks for a look, which stands in no column.
        expect(self.page.locator(".facet")).to_have_count(len(OFFERED) + 1)
        expect(boxes).to_have_count(len(wanted.chosen))
        marked = boxes.evaluate_all("(all) => all.map((b) => [b.dataset.facet, b.dataset.option])")
        assert {tuple(m) for m in marked} == set(wanted.chosen)
        # Where an act leaves as many records as before, only the address says that the page has heard of it.
        self.page.wait_for_url(lambda url: _chosen_in(url) == set(wanted.chosen))

    def toggle(self, facet: str, option: str) -> None:
        box = self.page.locator(f'[data-facet="{facet}"][data-option="{option}"]')
        if not box.count():
            self.page.locator(f'[data-facet="{facet}"] .more').click()
        box.click()
        pair = (facet, option)
        chosen = tuple(c for c in self.wanted.chosen if c != pair)
        self.wanted = replace(self.wanted, chosen=chosen if pair in self.wanted.chosen else (*chosen, pair))

    def find(self, text: str) -> None:
        box = self.page.get_by_label("Find by id")
        box.fill(text)
        box.press("Enter")
        self.wanted = replace(self.wanted, text=text)

    def older(self) -> None:
        self.page.get_by_role("slider").first.press("PageUp")
        self.wanted = replace(self.wanted, age_from=self.wanted.age_from + AGE_STEP)

    def human_quality(self) -> None:
        self.page.get_by_role("combobox", name=re.compile("Quality shown")).click()
        self.page.get_by_role("option", name="Human score", exact=True).click()
        self.wanted = replace(self.wanted, human_quality=True)

    def clear(self) -> None:
        self.page.get_by_role("button", name="Clear all filters").click()
        # Which quality is meant is no filter.
        self.wanted = Wanted(human_quality=self.wanted.human_quality)

    def csv_ids(self) -> list[str]:
        with self.page.expect_download() as waiting:
            self.page.get_by_role("button", name="Download CSV").click()
        return list(pd.read_csv(io.BytesIO(waiting.value.path().read_bytes()))["id"])

    def act(self, rng: np.random.Generator) -> None:
        """One act at random; one that changes nothing makes no step back, so those are not drawn."""
        kind = rng.choice(["facet", "text", "age", "human", "clear"], p=[0.7, 0.1, 0.08, 0.04, 0.08])
        if kind == "text":
            self.find(f"{rng.integers(1, 10)}{'a' if self.wanted.text.endswith('b') else ''}")
        elif kind == "age":
            self.older()
        elif kind == "human" and not self.wanted.human_quality:
            self.human_quality()
        elif kind == "clear" and self.wanted.chosen:
            self.clear()
        else:
            # The options that are there, from the data; those of few records come up as often as the others.
            facet = str(rng.choice(OFFERED))
            self.toggle(facet, str(rng.choice(self.options(facet))))

    def options(self, facet: str) -> list[str]:
        column = {"quality": "technical_quality", **COLUMNS}.get(facet, facet)
        values = self.rows[column]
        if facet in BANDS_OF:
            bands = BANDS_OF[facet].items()
            known = [name for name, (low, high) in bands if values.between(low, high - 1e-9).any()]
        else:
            known = [str(value).lower() if facet == "claimed" else str(value) for value in values.dropna().unique()]
        return sorted(known) + ([UNKNOWN] if facet != "quality" and values.isna().any() else [])


def make_rows(rng: np.random.Generator, hashes: list[str]) -> list[dict[str, Any]]:
    """Records in two data sets with every kind of value and of gap."""
    codes = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
    return [
        make_record(
            f"IMG_{number:04d}",
            ("clinic", "archive")[number % 3 == 0],
            lesion_id=f"L{number // 2:03d}",
            patient_id=None if number % 4 == 0 else f"P{number // 5:03d}",
            image_sha256=hashes[number],
            dx=None if rng.random() < 0.05 else str(rng.choice(codes)),
            dx_type=None if rng.random() < 0.2 else str(rng.choice(["histo", "follow_up", "consensus", "confocal"])),
            verification_stage=int(rng.integers(1, 4)),
            sex=None if rng.random() < 0.1 else str(rng.choice(["male", "female"])),
            anatomical_site=None if rng.random() < 0.1 else str(rng.choice(SITES)),
            age_at_exam=None if rng.random() < 0.1 else int(rng.integers(0, 90)),
            image_quality_score=None if rng.random() < 0.5 else int(rng.integers(1, 6)),
            technical_quality=int(rng.integers(1, 6)),
            completeness=float(rng.choice([1.0, 0.9, 0.75, 0.6, 0.5, 0.3])),
            stage_claimed=bool(rng.random() < 0.5),
            agreement=None if number % 3 == 0 else float(rng.choice([1.0, 2 / 3, 1 / 3])),
            n_reviewers=None if number % 3 == 0 else int(rng.integers(3, 6)),
            source_label=None if number % 7 == 0 else f"label {number % 5}",
            image_type=None if number % 5 == 0 else ("dermoscopic", "clinical_close_up", "tbp_tile")[number % 3],
            licence=None if number % 2 else ("CC-0", "CC-BY-NC")[number % 4 == 0],
        )
        for number in range(RECORDS)
    ]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServedApp, pd.DataFrame, str]]:
    app = ServedApp(tmp_path_factory.mktemp("filters"))
    with app.workspace() as workspace:
        rows = fill(workspace)
        link = issue_admin_link(workspace)
    app.start()
    yield app, rows, link
    app.stop()


def image_of(number: int) -> str:
    """The hash that names the image of a record, which no other has."""
    return f"{number:064x}"


def fill(workspace: Workspace) -> pd.DataFrame:
    for name in ("clinic", "archive"):
        values = {"id": name, "name": f"{name.title()} (2024)", "taxonomy": "ham7", "simulated": False}
        records.save_dataset(workspace.engine, values=values)
    hashes = [image_of(number) for number in range(RECORDS)]
    pictures = [draw_jpeg("mel", number) for number in range(7)]
    for number, sha256 in enumerate(hashes):
        data = pictures[number % len(pictures)]
        workspace.files.put(ORIGINALS, sha256, data)
        workspace.files.put(THUMBNAILS, sha256, data)
    rows = make_rows(np.random.default_rng(5), hashes)
    images = [make_image(sha256, width=48, height=36, bytes=100) for sha256 in hashes]
    records.save_batch(workspace.engine, images=images, records=rows)
    frame = pd.DataFrame(rows)
    frame["malignancy"] = [None if row["dx"] is None else GROUPS.get(row["dx"], "benign") for row in rows]
    # With missing values whole numbers would become floats, and `4.0` is no option.
    return frame.convert_dtypes()


@pytest.fixture(scope="module")
def tab(served: tuple[ServedApp, pd.DataFrame, str], chromium: Browser) -> Iterator[Page]:
    """The admin's browser, signed in: a link works once. A new tab would compile Streamlit's scripts anew."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(served[2])
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    yield page
    context.close()


@pytest.fixture
def browser(served: tuple[ServedApp, pd.DataFrame, str], tab: Page) -> RecordsBrowser:
    opened = RecordsBrowser(tab, served[0].url, served[1])
    opened.open()
    return opened


def _chosen_in(url: str) -> set[tuple[str, str]]:
    return {(name, option) for name, option in parse_qsl(urlsplit(url).query) if name in FACETS}


def address_of(page: Page) -> str:
    return urlsplit(page.url).query


@pytest.mark.parametrize("seed", range(4))
def test_any_six_acts_give_what_plain_sql_gives_and_back_undoes_them_one_at_a_time(
    browser: RecordsBrowser, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    history = [(browser.wanted, address_of(browser.page))]
    for _ in range(ACTS):
        browser.act(rng)
        browser.shows(browser.wanted)
        history.append((browser.wanted, address_of(browser.page)))
    assert len({address for _, address in history}) > 1
    assert browser.csv_ids() == browser.expected(browser.wanted)
    browser.page.reload()
    browser.shows(browser.wanted)
    assert address_of(browser.page) == history[-1][1]
    assert browser.csv_ids() == browser.expected(browser.wanted)
    for wanted, address in reversed(history[:-1]):
        browser.page.go_back()
        browser.shows(wanted)
        assert address_of(browser.page) == address
    browser.page.go_forward()
    browser.shows(history[1][0])


def test_a_diagnosis_then_a_stage_then_a_sex(browser: RecordsBrowser) -> None:
    for facet, option in (("dx", "mel"), ("verification_stage", "3"), ("sex", "male")):
        browser.toggle(facet, option)
        browser.shows(browser.wanted)
    assert browser.csv_ids() == browser.expected(browser.wanted)


def test_four_diagnoses_clicked_without_waiting_are_all_chosen(browser: RecordsBrowser) -> None:
    for code in ("mel", "nv", "bcc", "df"):
        browser.toggle("dx", code)
    browser.shows(browser.wanted)
    assert browser.csv_ids() == browser.expected(browser.wanted)


def test_clicks_that_are_answered_late_do_not_end_the_connection(
    served: tuple[ServedApp, pd.DataFrame, str], tab: Page
) -> None:
    """Over a slow line four clicks are sent before the first is answered, and lead back to what was shown.

    Each click says which large parts of the page the browser holds; it must hold them still when the answer comes.
    """
    held: list[str | bytes] | None = None
    lines: list[WebSocketRoute] = []

    def between(page_side: WebSocketRoute) -> None:
        def pass_on(message: str | bytes) -> None:
            if held is None:
                page_side.send(message)
            else:
                held.append(message)

        lines.append(page_side)
        page_side.connect_to_server().on_message(pass_on)

    def runs_that_ended(messages: list[str | bytes]) -> int:
        parsed = [ForwardMsg.FromString(message) for message in messages if isinstance(message, bytes)]
        return sum(message.WhichOneof("type") == "script_finished" for message in parsed)

    page = tab.context.new_page()
    page.route_web_socket("**/_stcore/stream", between)
    browser = RecordsBrowser(page, served[0].url, served[1])
    browser.open()
    held = []
    for runs, code in enumerate(("mel", "nv", "nv", "mel"), start=1):
        browser.toggle("dx", code)
        while runs_that_ended(held) < runs:
            page.wait_for_timeout(50)
    late, held = held, None
    for message in late:
        lines[-1].send(message)
    browser.toggle("dx", "bcc")
    browser.shows(browser.wanted)
    page.close()


def test_the_filters_are_used_by_keyboard_with_one_tab_stop_each(browser: RecordsBrowser) -> None:
    page = browser.page
    first = page.locator('[data-facet="dataset_id"] input').first
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    browser.wanted = Wanted(chosen=(("dataset_id", "archive"),))
    browser.shows(browser.wanted)
    focused = "document.activeElement.shadowRoot.activeElement.dataset"
    assert page.evaluate(f"{focused}.option") == "archive"
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.facet") == "verification_stage"


def test_pictures_of_the_next_page_are_fetched_ahead_and_the_keyboard_reaches_the_first_record_in_a_few_steps(
    browser: RecordsBrowser,
) -> None:
    page = browser.page
    with page.expect_request(lambda request: image_of(PER_PAGE) in request.url):
        page.reload()
    browser.shows(browser.wanted)
    wait_until_idle(page)  # what is drawn later would move the places that Tab goes to
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(7):
        page.keyboard.press("Tab")
    expect(page.locator(".tile").first).to_be_focused()


def test_an_option_of_an_old_link_that_no_record_has_can_be_taken_away(browser: RecordsBrowser) -> None:
    page = browser.page
    page.goto(f"{browser.url}/records?dx=retired_code&dx=mel")
    browser.wanted = Wanted(chosen=(("dx", "retired_code"), ("dx", "mel")))
    browser.shows(browser.wanted)
    browser.toggle("dx", "retired_code")
    browser.shows(browser.wanted)
    assert address_of(page) == "dx=mel"


def test_the_way_back_from_a_record_keeps_filters_and_place(browser: RecordsBrowser) -> None:
    page = browser.page
    browser.toggle("dx", "mel")
    browser.shows(browser.wanted)
    address = address_of(page)
    for way_back in (page.go_back, page.get_by_role("link", name="Back to the records").click):
        opened = page.locator(".tile").nth(7)
        name = opened.get_attribute("data-id")
        opened.click()
        expect(page.get_by_role("heading", name="Melanoma", level=1)).to_be_visible()
        wait_until_idle(page)
        way_back()
        browser.shows(browser.wanted)
        assert address_of(page) == address
        # The keyboard goes on where it was.
        expect(page.locator(f'.tile[data-id="{name}"]')).to_be_focused()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    wait_until_idle(page)
    page.get_by_role("link", name="Browse the records").click()
    browser.shows(browser.wanted)
    assert address_of(page) == address
    page.go_back()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
