"""The main job in a real browser: import, filter, make a study, read it, and get exactly what was typed as CSV."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from dermdash.readings.formats.nature_medicine import (
    AIDED_COLUMNS,
    NATURE_MEDICINE_COLUMNS,
    UNAIDED_COLUMNS,
    read_nature_medicine,
)
from dermdash.records.taxonomy import HAM7
from dermdash.storage import studies
from dermdash.workflows.accounts.access import issue_admin_link
from tests.browser.designer import enter, freeze, link_for, turn_to
from tests.browser.reader_browser import ReaderBrowser, Screen, Typed, new_reader
from tests.browser.served_app import ServedApp, wait_until_idle
from tests.browser.small_dataset import (
    SmallDataset,
    import_small_dataset,
    train_tiny_model,
    write_small_dataset,
)

pytestmark = pytest.mark.browser
CASES, PRACTICE, PER_CLASS = 10, 2, 4


@pytest.fixture
def app(tmp_path: Path) -> Iterator[ServedApp]:
    app = ServedApp(tmp_path)
    yield app
    app.stop()


@pytest.fixture
def admin(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def prepare(app: ServedApp, folder: Path) -> str:
    """A workspace with a model trained on other lesions, as a hospital has before its first study."""
    training = write_small_dataset(folder / "training", prefix="T", per_class=3, rng=np.random.default_rng(1))
    with app.workspace() as workspace:
        import_small_dataset(workspace, training, dataset_id="training", adapter="ham10000")
        train_tiny_model(workspace, dataset_id="training")
        return issue_admin_link(workspace)


def open_page(admin: Page, app: ServedApp, address: str) -> None:
    admin.goto(f"{app.url}/{address}")
    wait_until_idle(admin)


def download(page: Page, label: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    return waiting.value.path().read_bytes()


def import_by_page(admin: Page, app: ServedApp, dataset: SmallDataset) -> None:
    open_page(admin, app, "import")
    # By its name: that for masks stands further down, and may be drawn first.
    tables = admin.get_by_test_id("stFileUploader").filter(has_text="Tables, zip files, images")
    tables.locator("input[type=file]").set_input_files([dataset.metadata, dataset.images])
    admin.get_by_role("textbox", name="Data set id (optional)").fill("evening")
    admin.get_by_role("textbox", name="Name (optional)").fill("Evening clinic")
    # A file counts as given when its upload is complete.
    for file in (dataset.metadata, dataset.images):
        expect(admin.get_by_role("button", name=f"Remove {file.name}")).to_be_visible()
    wait_until_idle(admin)
    admin.get_by_role("button", name="See what is there").click()
    expect(admin.get_by_text("HAM10000 metadata", exact=False).first).to_be_visible(timeout=60_000)
    admin.get_by_role("button", name="Import", exact=True).click()
    expect(admin.get_by_text(f"{len(dataset.rows)} images imported into Evening clinic.")).to_be_visible(timeout=60_000)


def filter_records(admin: Page, app: ServedApp, dataset: SmallDataset) -> None:
    """Melanomas of the new data set: shown count, address and CSV are the same set."""
    open_page(admin, app, "records?dataset_id=evening")
    expect(admin.get_by_text(re.compile(rf"\b{len(dataset.rows)} of {len(dataset.rows) + 21} records"))).to_be_visible()
    admin.get_by_role("checkbox", name=f"Melanoma {PER_CLASS}").check()
    expect(admin.get_by_text(re.compile(rf"\b{PER_CLASS} of {len(dataset.rows) + 21} records"))).to_be_visible()
    wait_until_idle(admin)
    assert parse_qs(urlsplit(admin.url).query) == {"dataset_id": ["evening"], "dx": ["mel"]}
    table = pd.read_csv(io.BytesIO(download(admin, "Download CSV")))
    wanted = sorted(row["image_id"] for row in dataset.rows if row["dx"] == "mel")
    assert list(table["image_id"]) == wanted
    assert set(table["dx"]) == {"mel"}
    # The address alone shows the same set in another tab.
    other = admin.context.new_page()
    other.goto(admin.url)
    expect(other.get_by_text(re.compile(rf"\b{PER_CLASS} of {len(dataset.rows) + 21} records"))).to_be_visible()
    other.close()


def create_study(admin: Page, app: ServedApp) -> None:
    open_page(admin, app, "new-study?template=nature-medicine-2020")
    enter(admin, "Name of the study", "Evening study")
    admin.get_by_role("combobox", name="Data set").click()
    admin.get_by_role("option", name="Evening clinic").click()
    wait_until_idle(admin)
    admin.get_by_role("button", name="Begin a draft").click()
    expect(admin.get_by_role("heading", name="Evening study", level=1)).to_be_visible()
    enter(admin, "Cases per round", str(CASES))
    enter(admin, "Seed", "7")
    turn_to(admin, "Checks")
    enter(admin, "Practice cases", str(PRACTICE))
    turn_to(admin, "Review and freeze")
    turn_to(admin, "Cases")
    expect(admin.get_by_text("Every case is of a lesion the model did not train on.")).to_be_visible()
    freeze(admin)
    expect(admin.get_by_role("heading", name="Evening study")).to_be_visible()


def choose(number: int) -> tuple[str, int]:
    """The n-th answer: all diagnoses and confidences come up."""
    return HAM7.codes[(3 * number + 1) % 7], number % 3 + 1


def answer(reader: ReaderBrowser, *, fast: bool = False, then: str = "") -> Screen:
    """Answer the open screen (or leave feedback) and return the next one."""
    screen = reader.settled()
    if screen.state == "feedback":
        reader.page.keyboard.press("Enter")
    else:
        reader.type_answer(*choose(len(reader.typed)), fast=fast, then=then)
    return reader.moved_on(screen)


def read_practice(reader: ReaderBrowser) -> int:
    """Read the practice cases, see their feedback, and return how many answers they took."""
    expect(reader.page.get_by_text("Practice").first).to_be_visible()
    feedbacks = 0
    screen = reader.screen()
    while feedbacks < PRACTICE:
        if screen.state == "feedback":
            feedbacks += 1
            expect(reader.page.locator(".feedback")).to_contain_text(re.compile("[Cc]orrect"))
        screen = answer(reader)
    return len(reader.typed)


def read_cases(reader: ReaderBrowser) -> None:
    """Ten cases with everything that readers do to a page."""
    page = reader.page
    screen = reader.settled()
    first = screen
    # A reload before the first answer brings the same case.
    page.reload()
    assert reader.settled() == first
    screen = answer(reader)
    assert (screen.step, screen.phase) == (first.step, "aided")
    # A reload between the answer alone and the answer with assistance brings the same assistance.
    page.reload()
    assert reader.settled() == screen
    screen = answer(reader)
    # Keys faster than any hand, and more of them than were asked for: only the first answer counts.
    for _ in range(6):
        screen = answer(reader, fast=True, then="5f\n6a\n\n")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    page.wait_for_selector(".panel[data-connection=saved]")
    page.close()
    # On another day: the same link, in the same browser.
    reader.page = page.context.new_page()
    reader.open()
    reader.page.get_by_role("button", name="Continue reading").click()
    assert reader.settled() == screen
    reader.finish(lambda _: choose(len(reader.typed)), fast=True)
    expect(reader.page.get_by_role("heading", name="All cases are done")).to_be_visible()


def compare_readings(csv: bytes, typed: list[Typed], case_of_step: dict[str, str]) -> pd.DataFrame:
    """Every reading exactly once, as typed."""
    table = pd.read_csv(io.BytesIO(csv))
    exported = sorted(zip(table["case"], table["phase"], table["dx"], table["confidence"], strict=True))
    assert exported == sorted((case_of_step[t.step], t.phase, t.dx, t.confidence) for t in typed)
    assert table["reading_id"].is_unique
    assert not table.duplicated(["reader", "case", "phase"]).any()
    assert table["reader"].nunique() == 1
    # The only reader of a study is a person: what they said of themselves stays in the workspace.
    assert table[["profession", "country"]].isna().all(axis=None)
    assert table["years_experience"].isna().all()
    assert set(table["simulated"]) == {False}
    return table


def compare_nature_medicine(csv: bytes, table: pd.DataFrame) -> None:
    """The public columns in their order, and the counts that follow from the readings."""
    header = csv.decode("utf-8-sig").splitlines()[0]
    assert [name.strip('"') for name in header.split(",")] == list(NATURE_MEDICINE_COLUMNS)
    counts = read_nature_medicine(csv).set_index("image_id")
    assert sorted(counts.index) == sorted(table["image_id"].unique())
    for phase, columns in (("unaided", UNAIDED_COLUMNS), ("aided", AIDED_COLUMNS)):
        answered = pd.crosstab(table["image_id"], table["dx"].where(table["phase"] == phase))
        wanted = answered.reindex(index=counts.index, columns=list(HAM7.codes), fill_value=0)
        assert counts[list(columns)].to_numpy().tolist() == wanted.to_numpy().tolist()


def test_from_a_csv_and_a_zip_to_a_csv_with_exactly_the_answers_that_were_typed(
    app: ServedApp, admin: Page, chromium: Browser, tmp_path: Path
) -> None:
    admin_link = prepare(app, tmp_path)
    dataset = write_small_dataset(tmp_path / "evening", prefix="E", per_class=PER_CLASS, rng=np.random.default_rng(2))
    app.start()
    admin.goto(admin_link)
    expect(admin.get_by_role("heading", name="Overview")).to_be_visible()
    import_by_page(admin, app, dataset)
    filter_records(admin, app, dataset)
    create_study(admin, app)
    reader = new_reader(chromium, link_for(admin, "Reader 1"))
    reader.begin()
    practised = read_practice(reader)
    read_cases(reader)
    study_id = parse_qs(urlsplit(admin.url).query)["source"][0].removeprefix("study:")
    open_page(admin, app, f"results?source=study:{study_id}")
    expect(admin.get_by_text(re.compile("1 readers?, 1 finished, 20 readings"))).to_be_visible()
    admin.locator("summary").filter(has_text="Downloads").click()
    readings_csv = download(admin, "Readings (CSV)")
    nature_medicine_csv = download(admin, "Nature Medicine format (CSV)")
    events_csv = download(admin, "Session events (CSV)")
    reader.page.context.close()
    app.stop()
    with app.workspace() as workspace:
        reader_id = studies.readers_of_study(workspace.engine, study_id)["id"].iloc[0]
        assignments = studies.assignments_of_reader(workspace.engine, reader_id)
    counted = reader.typed[practised:]
    assert len(counted) == 2 * CASES
    assert len({(t.step, t.phase) for t in reader.typed}) == len(reader.typed)
    table = compare_readings(readings_csv, counted, {a["id"]: a["case_id"] for a in assignments})
    truth = {row["image_id"]: row["dx"] for row in dataset.rows}
    assert list(table["truth_dx"]) == [truth[image_id] for image_id in table["image_id"]]
    compare_nature_medicine(nature_medicine_csv, table)
    events = list(pd.read_csv(io.BytesIO(events_csv))["kind"])
    assert {"reload", "pause", "resume"} <= set(events)
    assert "answer_refused" not in events
