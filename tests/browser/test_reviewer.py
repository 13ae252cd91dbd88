"""A reviewer's way in a real browser: nothing typed is lost or doubled, and nothing arrives that the rule hides."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from dermdash.storage import annotation_rows, records, tasks
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend import ICON
from dermdash.workflows.accounts.access import issue_admin_link
from tests.browser.annotator_browser import AnnotatorBrowser, new_annotator
from tests.browser.cuttable_link import CuttableLink
from tests.browser.served_app import ServedApp, wait_until_idle
from tests.browser.wire_recorder import ANNOTATOR, WireRecorder, images_in, without_images
from tests.filled_workspace import MODEL
from tests.ladder_workspace import answer, answer_next
from tests.verifying import NAMES, Verifying, fill_verifying

pytestmark = pytest.mark.browser
RECORDS, QUEUED = 7, 1
DX = ("mel", "nv", "bkl", "bcc", "df", "vasc", "akiec", "nv")
PANEL_KEYS = {"annotator", "task", "following", "acknowledged", "refused"}
TASK_KEYS = {
    *("key", "image", "width", "height", "position", "total", "classes", "known", "sites", "draft", "initial", "model")
}
SAID = "WORDSMARK7"
"""Stands in everything that others have entered."""


@dataclass
class Served:
    """The app over records that others have annotated, reviewed and predicted before."""

    app: ServedApp
    made: Verifying
    hidden: set[bytes]
    pictures: set[bytes]
    admin_link: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    app = ServedApp(tmp_path_factory.mktemp("reviewer"))
    with app.workspace() as workspace:
        made = fill_verifying(workspace, reviews=RECORDS, queue=QUEUED, model=True)
        let_the_others_say_something(workspace, made)
        served = Served(app, made, hidden(workspace, made), stored_pictures(workspace), issue_admin_link(workspace))
    app.start()
    yield served
    app.stop()


def let_the_others_say_something(workspace: Workspace, made: Verifying) -> None:
    """Rosa annotates the queued record, which the others then review, Rita last of all; Ravi reviews what he has.

    Rosa reviews nothing, so that what Rita says of the first records still counts for nothing.
    """
    _, ravi, rosa = made.reviewers
    marks = [{"structure": "globules", "shape": "rectangle", "points": [[7.25, 7.25], [21.25, 17.25]]}]
    values = {"elevation": "nodular", "anatomical_site": SAID}
    said = {"comment": SAID, "marks": marks, "values": values}
    for task in tasks.open_tasks(workspace.engine):
        if task["purpose"] == tasks.INITIAL:
            answer(workspace, rosa, task["id"], "mel", **said)
    for _ in range(RECORDS + QUEUED):
        answer_next(workspace, ravi, "mel", **said)


def hidden(workspace: Workspace, made: Verifying) -> set[bytes]:
    """Names and hashes of the records, what others said, who they are, and the model."""
    words = {SAID, MODEL, "Drawn model", *NAMES[1:], *(person.id for person in made.reviewers)}
    for record_id in made.records:
        row = records.get_record(workspace.engine, record_id)
        words |= {row["id"], row["image_id"], row["lesion_id"], row["image_sha256"], row["image_sha256"][:16]}
        for said in annotation_rows.annotations_of_record(workspace.engine, record_id):
            words |= {said["id"], said["task_id"]}
    return {word.encode() for word in words}


def stored_pictures(workspace: Workspace) -> set[bytes]:
    folders = (workspace.home / kind for kind in ("originals", "thumbnails"))
    return {path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def found_in(words: set[bytes], data: bytes) -> set[bytes]:
    lower = data.lower()
    return {word for word in words if word.lower() in lower}


def look_of(picture: bytes) -> tuple[tuple[int, int], bytes]:
    image = Image.open(io.BytesIO(picture))
    return image.size, image.convert("RGB").tobytes()


def check_panel(data: dict[str, Any]) -> None:
    """What a blind reviewer's panel gets is what was allowed, and no more."""
    assert set(data) == PANEL_KEYS
    for task in filter(None, (data["task"], data["following"])):
        assert set(task) == TASK_KEYS
        assert task["initial"] is None
        assert task["model"] is None
        assert set(task["known"]) <= {"age_at_exam", "sex", "anatomical_site", "fitzpatrick_type"}
        assert all(set(one) == {"code", "name", "color"} for one in task["classes"])


def stored_answers(workspace: Workspace, made: Verifying) -> dict[str, list[dict[str, Any]]]:
    """Every answer of Rita by task, history included."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record_id in made.records:
        for row in annotation_rows.annotations_of_record(workspace.engine, record_id):
            if row["account_id"] == made.reviewers[0].id:
                found.setdefault(row["task_id"], []).append(row)
    return found


def test_a_reviewers_work_arrives_once_through_reload_cut_kill_and_a_second_browser_and_nothing_hidden_comes(
    served: Served, chromium: Browser
) -> None:
    link = CuttableLink(served.app.port)
    rita = new_annotator(chromium, f"http://127.0.0.1:{link.port}")
    recorder = WireRecorder()
    recorder.watch(rita.page)
    second: AnnotatorBrowser | None = None
    try:
        rita.sign_in("Rita")
        first = rita.go_on()
        expect(rita.page).to_have_url(f"{rita.url}/annotate?task={first}")
        assert rita.submit(DX[0]) == first

        # A reload in the middle of a record.
        task = rita.opened(first)
        rita.choose(DX[1])
        rita.comment("before the reload")
        rita.page.reload()
        assert rita.opened() == task
        expect(rita.page.get_by_label("Comment")).to_have_value("before the reload")
        rita.enter(DX[1])
        third = rita.opened(task)
        rita.saved()

        # The line is cut: this record and the one that was fetched ahead can be answered.
        link.cut()
        rita.submit(DX[2])
        fourth = rita.opened(third)
        rita.choose(DX[3])
        rita.comment("without a line")
        assert third in rita.unacknowledged()
        expect(rita.page.locator(".connection")).to_contain_text("kept on this device")
        link.mend()
        rita.saved()
        rita.enter(DX[3])

        # The server dies in the middle of a word.
        fifth = rita.opened(fourth)
        rita.choose(DX[4])
        rita.comment("before the ")
        served.app.kill()
        rita.comment("kill")
        served.app.start()
        rita.saved()
        assert rita.opened() == fifth
        expect(rita.page.get_by_label("Comment")).to_have_value("before the kill")

        # A second browser of the same person: the same record, with what was typed.
        second = new_annotator(chromium, served.app.url)
        second.sign_in("Rita")
        assert second.go_on() == fifth
        expect(second.page.get_by_label("Comment")).to_have_value("before the kill")
        second.enter(DX[4])
        sixth = second.opened(fifth)
        second.saved()
        rita.page.goto(f"{rita.url}/annotate")
        assert rita.opened(fifth) == sixth
        rita.submit(DX[5])

        # Back to what was answered a moment ago, and an answer that takes the place of it.
        seventh = rita.opened(sixth)
        rita.saved()
        rita.page.go_back()
        assert rita.opened(seventh) == sixth
        expect(rita.page.get_by_text("takes the place of it")).to_be_visible()
        rita.submit("akiec")
        rita.opened(sixth)
        rita.submit(DX[6])
        last = rita.opened(sixth, seventh)
        rita.submit(DX[7])
        rita.page.wait_for_selector(".panel[data-state=finished]")
        rita.saved()
        check_the_wire(served, rita, recorder)
    finally:
        link.close()
        rita.page.context.close()
        if second is not None:
            second.page.context.close()
    served.app.stop()
    with served.app.workspace() as workspace:
        stored = stored_answers(workspace, served.made)
    typed = {**rita.typed, **second.typed}
    assert {task: rows[-1]["dx"] for task, rows in stored.items()} == typed
    assert {task: len(rows) for task, rows in stored.items()} == {t: 2 if t == sixth else 1 for t in typed}
    comments = {task: rows[-1]["content"]["comment"] for task, rows in stored.items()}
    assert comments[task] == "before the reload"
    assert comments[fourth] == "without a line"
    assert comments[fifth] == "before the kill"
    assert last in typed
    served.app.start()


def check_the_wire(served: Served, rita: AnnotatorBrowser, recorder: WireRecorder) -> None:
    """Not one hidden word in what came or what the browser keeps; nor a picture as any data set holds it."""
    received = recorder.received() + recorder.over_http()
    assert found_in(served.hidden, without_images(received)) == set()
    steps = [data for _, data in recorder.panel_steps(ANNOTATOR)]
    for data in steps:
        check_panel(data)
    # Whoever is quick answers what came ahead, before it comes as the task that is open.
    assert {data[which]["key"] for data in steps for which in ("task", "following") if data[which]} >= set(rita.typed)
    pictures = [image for image in images_in(received) if image not in images_in(ICON.encode())]
    assert len(pictures) >= RECORDS
    assert not {look_of(p) for p in pictures} & {look_of(p) for p in served.pictures}
    assert not {look_of(p)[0] for p in pictures} & {look_of(p)[0] for p in served.pictures}
    for image in pictures:
        assert found_in(served.hidden | {b"Exif\0"}, image) == set()
    kept = rita.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert found_in(served.hidden, kept.encode()) == set()


def test_the_same_words_do_come_to_who_may_read_them(served: Served, chromium: Browser) -> None:
    """The positive control: they travel readably, so their absence elsewhere means something."""
    recorder = WireRecorder()
    page = chromium.new_context().new_page()
    recorder.watch(page)
    page.goto(served.admin_link)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.goto(f"{served.app.url}/record?id={served.made.records[0]}")
    expect(page.get_by_text("Details", exact=True)).to_be_visible()
    wait_until_idle(page)
    name = served.made.records[0].encode()
    assert found_in({name, name.partition(b":")[2], MODEL.encode()}, without_images(recorder.received())) == {
        name, name.partition(b":")[2], MODEL.encode(),
    }  # fmt: skip
    page.context.close()
