"""What a reader's browser receives, read off the wire: no truth, no name of a case, no early assistance."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dermdash.storage import records, studies
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend import ICON
from dermdash.workflows.accounts.access import issue_admin_link
from dermdash.workflows.reader_study.invitations import invite_readers, withdraw_invitation
from tests.browser.reader_browser import ReaderBrowser, new_reader
from tests.browser.served_app import ServedApp, wait_until_idle
from tests.browser.small_dataset import (
    EXAMINER_ID,
    FILE_COMMENT,
    HISTOLOGY,
    MODEL_NAME,
    SITE,
    import_small_dataset,
    make_study,
    train_tiny_model,
    write_small_dataset,
)
from tests.browser.wire_recorder import WireRecorder, images_in, without_images

pytestmark = pytest.mark.browser
DATASET = "DATASETMARK7"
CASES, PRACTICE = 4, 1
PANEL_KEYS = {
    *("reader", "question", "classes", "confidence_levels", "step", "prefetch"),
    *("acknowledged", "refused", "paused", "finished"),
    *("language", "languages", "pictures", "interlude", "messages", "closed", "closing", "asked", "game"),
    *("room", "large"),
}
ROOM = {"answers": True, "line": True, "counted": False, "pictures": 4}
"""The same at every case, whatever is shown with it."""
NOTHING_TOLD = {
    "debrief": [],
    "results": [],
    "note": "",
    "missed": [],
    "missed_left_out": 0,
    "rank": "",
    "certificate": None,
}
STEP_KEYS = {
    *("key", "phase", "position", "total", "image", "practice", "screening", "time_limit_s"),
    *("previous", "assistance", "feedback", "instruction", "beside"),
}
ASSISTANCE_KEYS = {
    "malignancy_probability": {"modality", "malignancy"},
    "multiclass_probability": {"modality", "probabilities"},
    "cbir": {"modality", "neighbours"},
}


@dataclass
class Blind:
    """A served study, its links, and what no reader may receive."""

    app: ServedApp
    study_id: str
    record_id: str
    links: list[str]
    revoked: str
    admin_link: str
    hidden: set[bytes]
    of_one_record: set[bytes]
    stored_pictures: set[bytes]


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blind]:
    folder = tmp_path_factory.mktemp("blind")
    app = ServedApp(folder)
    dataset = write_small_dataset(folder / "source", prefix="B", per_class=4, rng=np.random.default_rng(3))
    with app.workspace() as workspace:
        import_small_dataset(workspace, dataset, dataset_id=DATASET, adapter="csv")
        model_id = train_tiny_model(workspace, dataset_id=DATASET)
        study_id = make_study(workspace, dataset_id=DATASET, model_id=model_id, cases=CASES, practice=PRACTICE)
        invitations = invite_readers(workspace, study_id, ["LABELMARK7", "Tabs", "Explorer", "Withdrawn"])
        withdraw_invitation(workspace, invitations[-1].id)
        # With a histology result: odd rows have one.
        record_id = f"{DATASET}:{dataset.rows[1]['image_id']}"
        blind = Blind(
            app,
            study_id,
            record_id,
            [i.link for i in invitations[:-1]],
            invitations[-1].link,
            issue_admin_link(workspace),
            hidden_from_readers(workspace, study_id, model_id),
            shown_to_the_admin(workspace, record_id, model_id),
            {path.read_bytes() for kind in ("originals", "thumbnails") for path in files_in(workspace.home / kind)},
        )
    app.start()
    yield blind
    app.stop()


def hidden_from_readers(workspace: Workspace, study_id: str, model_id: str) -> set[bytes]:
    """Names, hashes and hidden fields of every record, and the ids that lead to them."""
    words = {DATASET, EXAMINER_ID, HISTOLOGY, SITE, MODEL_NAME, "LABELMARK7", model_id, study_id, "truth_dx"}
    for row in records.records_of_dataset(workspace.engine, DATASET).to_dict("records"):
        words |= {row["id"], row["image_id"], row["lesion_id"], row["patient_id"], row["image_sha256"]}
        words |= {row["image_sha256"][:16], records.get_record(workspace.engine, row["id"])["source_sha256"]}
    cases = studies.cases_of_study(workspace.engine, study_id)
    return {word.encode() for word in words | set(cases["id"])}


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def shown_to_the_admin(workspace: Workspace, record_id: str, model_id: str) -> set[bytes]:
    row = records.get_record(workspace.engine, record_id)
    names = ("image_id", "lesion_id", "patient_id", "dataset_id")
    words = {row[name] for name in names} | {row["image_sha256"][:16], model_id}
    return {word.encode() for word in words | {EXAMINER_ID, HISTOLOGY, SITE, MODEL_NAME}}


@pytest.fixture(scope="module")
def admin(blind: Blind, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(blind.admin_link)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    yield page
    context.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context()
    yield context
    context.close()


def found_in(words: set[bytes], data: bytes) -> set[bytes]:
    lower = data.lower()
    return {word for word in words if word.lower() in lower}


def assert_nothing_hidden(recorder: WireRecorder, blind: Blind) -> None:
    """No hidden word in any byte that came, nor inside the image files among them."""
    received = recorder.received() + recorder.over_http()
    assert found_in(blind.hidden, without_images(received)) == set()
    for image in images_in(received):
        assert found_in(blind.hidden | {FILE_COMMENT, b"Exif\0"}, image) == set()
    # Not as a file, nor as pixels or a size by which one would find it in a public data set.
    pictures = pictures_in(received)
    for prints in (bytes, pixels_of, size_of):
        assert not {prints(p) for p in pictures} & {prints(p) for p in blind.stored_pictures}


def pixels_of(picture: bytes) -> bytes:
    return Image.open(io.BytesIO(picture)).convert("RGB").tobytes()


def size_of(picture: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(picture)).size


def pictures_in(data: bytes) -> list[bytes]:
    """Image files among the received bytes, without the icon of the app itself."""
    return [image for image in images_in(data) if image not in images_in(ICON.encode())]


def check_panel(data: dict[str, Any], sent: bytes) -> str | None:
    """One delivery to the reading panel holds what belongs to its step and no more; returns the modality shown.

    `sent` is what the browser had sent before.
    """
    # The words of the panel come once; the scripts have no other text.
    assert set(data) - {"words"} == PANEL_KEYS
    assert data["interlude"] is None or set(data["interlude"]) == {"key", "title", "paragraphs", "button"}
    assert data["closed"] is None
    assert data["asked"] == {"diagnosis": True, "malignancy_rating": False, "managements": []}
    assert not data["game"]
    assert data["closing"] is None or data["closing"] == NOTHING_TOLD
    assert (data["room"], data["large"]) == (ROOM, None)
    assert all(set(c) == {"code", "name", "color"} for c in data["classes"])
    assert data["prefetch"] is None or set(data["prefetch"]) == {"key", "image"}
    step = data["step"]
    if step is None:
        return None
    assert set(step) == STEP_KEYS
    assert (step["instruction"], step["beside"]) == ("", None)
    answered = {phase for phase in ("unaided", "aided") if answer_ids(sent, step["key"], phase)}
    if step["feedback"] is not None:
        assert step["practice"]
        assert step["phase"] in answered
        assert set(step["feedback"]) == {"correct", "truth", "answer"}
    if step["phase"] == "unaided":
        assert step["assistance"] is None
        assert step["previous"] is None
        return None
    # The answer alone was given, and its receipt comes with the assistance at the latest.
    assert "unaided" in answered
    assistance = step["assistance"]
    assert set(assistance) == ASSISTANCE_KEYS[assistance["modality"]]
    for neighbour in assistance.get("neighbours", []):
        assert set(neighbour) == {"dx", "similarity", "image"}
    return str(assistance["modality"])


def answer_ids(sent: bytes, step_key: str, phase: str) -> set[str]:
    pattern = rf'"id":"([0-9a-f-]{{36}})","step_key":"{step_key}","phase":"{phase}"'
    return {found.decode() for found in re.findall(pattern.encode(), sent)}


def test_the_admins_browser_does_receive_what_readers_must_not(blind: Blind, admin: Page) -> None:
    """The positive control: these words travel readably, so their absence elsewhere means something."""
    recorder = WireRecorder()
    page = admin.context.new_page()
    recorder.watch(page)
    page.goto(f"{blind.app.url}/record?id={blind.record_id}")
    expect(page.get_by_text("Details", exact=True)).to_be_visible()
    wait_until_idle(page)
    assert found_in(blind.of_one_record, without_images(recorder.received())) == blind.of_one_record
    assert blind.of_one_record <= blind.hidden
    page.close()


def test_a_reader_receives_no_truth_no_name_and_no_assistance_before_its_time(blind: Blind, chromium: Browser) -> None:
    reader = new_reader(chromium, blind.links[0])
    recorder = WireRecorder()
    recorder.watch(reader.page)
    reader.open()
    reader.consent()
    reader.page.get_by_role("button", name="Continue").wait_for()
    assert pictures_in(recorder.received() + recorder.over_http()) == []
    reader.fill_profile()
    reader.finish(lambda _: ("nv", 2))
    assert_nothing_hidden(recorder, blind)
    steps = list(recorder.panel_steps())
    modalities, feedbacks = set(), set()
    for number, data in steps:
        sent = b"".join(frame.data for frame in recorder.frames[:number] if frame.sent)
        modalities.add(check_panel(data, sent))
        if data["step"] is not None and data["step"]["phase"] == "aided":
            acknowledged = {i for n, d in steps if n <= number for i in d["acknowledged"]}
            assert answer_ids(sent, data["step"]["key"], "unaided") & acknowledged
        if data["step"] is not None and data["step"]["feedback"] is not None:
            feedbacks.add(data["step"]["key"])
    # All of it was seen, so the checks above were not idle.
    assert modalities == {None, *ASSISTANCE_KEYS}
    assert len(feedbacks) == PRACTICE
    assert len(pictures_in(recorder.received() + recorder.over_http())) > CASES + PRACTICE
    kept = reader.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert found_in(blind.hidden, kept.encode()) == set()
    assert not [cookie for cookie in reader.page.context.cookies() if "session" in cookie.get("name", "")]
    reader.page.context.close()


def test_no_other_page_opens_without_the_admins_cookie(blind: Blind, context: BrowserContext) -> None:
    page = context.new_page()
    recorder = WireRecorder()
    recorder.watch(page)
    addresses = [
        *("records", f"record?id={blind.record_id}", "import", "models", "studies", "new-study", "account"),
        *(f"study?source=study:{blind.study_id}", f"results?source=study:{blind.study_id}"),
    ]
    invitation = blind.links[2].partition("?")[2]
    for address in addresses:
        page.goto(f"{blind.app.url}/{address}")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=20_000)
        assert page.get_by_text("Page not found").count() == 0
        page.goto(f"{blind.app.url}/{address}{'&' if '?' in address else '?'}{invitation}")
        expect(page.get_by_role("heading", name="Evening study")).to_be_visible(timeout=20_000)
        expect(page.get_by_text("I have read this")).to_be_visible()
        assert page.get_by_text("Page not found").count() == 0
        assert page.get_by_role("link").filter(has_text="Records").count() == 0
    # The addresses asked for hold ids themselves: only what came from the server counts.
    recorder.responses.clear()
    asked = {blind.study_id, *blind.record_id.split(":"), blind.record_id}
    received = without_images(recorder.received())
    assert found_in(blind.hidden - {word.encode() for word in asked}, received) == set()
    assert pictures_in(recorder.received()) == []


@pytest.mark.parametrize(
    ("kind", "message"), [("wrong", "is not valid"), ("revoked", "was withdrawn by the study team")]
)
def test_a_link_that_admits_nobody_says_why(blind: Blind, context: BrowserContext, kind: str, message: str) -> None:
    page = context.new_page()
    page.goto(blind.revoked if kind == "revoked" else f"{blind.app.url}/?invitation=WRONG")
    expect(page.get_by_role("alert")).to_contain_text(message, timeout=20_000)
    assert page.locator(".panel").count() == 0


def practise(reader: ReaderBrowser) -> None:
    """Read the practice cases, whose readings are not exported."""
    feedbacks = 0
    screen = reader.screen()
    while feedbacks < PRACTICE:
        if screen.state == "feedback":
            feedbacks += 1
            reader.page.keyboard.press("Enter")
        else:
            reader.type_answer("nv", 1)
        screen = reader.moved_on(screen)


def forge_answer(page: Page, *, step_key: str, phase: str, dx: str) -> None:
    """Put an answer into the browser's outbox that the screen never offered, and let it be delivered."""
    now = "2030-01-01T00:00:00.000Z"
    item = {"kind": "answer", "id": str(uuid4()), "step_key": step_key, "phase": phase, "dx": dx, "confidence": 3}
    item |= {"client_ms": 5, "shown_at": now, "submitted_at": now}
    page.evaluate(
        """([id, item]) => {
          const opened = Object.keys(sessionStorage).find((k) => k.startsWith("dermdash-open:"));
          localStorage.setItem(`dermdash-outbox:${opened.slice("dermdash-open:".length)}:${id}`, item);
        }""",
        [item["id"], json.dumps(item)],
    )
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("An answer was not accepted", timeout=20_000)


def test_a_second_answer_is_refused_and_logged_from_another_tab_and_from_a_forged_outbox(
    blind: Blind, admin: Page, chromium: Browser
) -> None:
    reader = new_reader(chromium, blind.links[1])
    reader.begin()
    practise(reader)
    screen = reader.settled()
    second = ReaderBrowser(reader.page.context.new_page(), reader.link)
    second.open()
    assert second.settled() == screen
    reader.page.bring_to_front()
    reader.type_answer("mel", 3)
    after = reader.moved_on(screen)
    second.page.bring_to_front()
    second.type_answer("df", 1)
    expect(second.page.get_by_role("alert")).to_contain_text("already hold an answer; the first one stands")
    assert second.moved_on(screen) == after
    second.page.close()
    forge_answer(reader.page, step_key=screen.step, phase="unaided", dx="vasc")
    assert reader.settled() == after
    forge_answer(reader.page, step_key="0" * 32, phase="unaided", dx="bcc")
    assert reader.settled() == after
    reader.type_answer("mel", 3)
    reader.moved_on(after)
    reader.page.context.close()
    admin.goto(f"{blind.app.url}/results?source=study:{blind.study_id}")
    admin.locator("summary").filter(has_text="Downloads").click()
    readings, events = (download(admin, label) for label in ("Readings (CSV)", "Session events (CSV)"))
    refused = events[events["kind"] == "answer_refused"]
    mine = readings[readings["reader"] == refused["reader_id"].iloc[0]]
    assert sorted(zip(mine["phase"], mine["dx"], strict=True)) == [("aided", "mel"), ("unaided", "mel")]
    assert len(refused) == 3
    assert refused["detail"].str.contains("the first one stands").sum() == 2
    assert refused["detail"].str.contains("not assigned to this reader").sum() == 1


def download(page: Page, label: str) -> pd.DataFrame:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    return pd.read_csv(io.BytesIO(waiting.value.path().read_bytes()))
