"""The annotator's screen in a real Chromium: keys, marks, drafts, refusals, phone and both themes."""

import base64
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dermdash.dataset.reader_image import reader_picture
from dermdash.picture_frame import PictureFrame
from dermdash.ui.annotation_payload import PICTURE_SIDE
from tests.browser.cuttable_link import CuttableLink
from tests.browser.page_check import axe_faults
from tests.browser.ports import free_port, leave_port
from tests.browser.streamlit_server import fork_streamlit, stop_process, wait_until_healthy

pytestmark = pytest.mark.browser
APPS = Path(__file__).parent / "apps"
APP = APPS / "annotation_app.py"
NOT_CONNECTED = "Not connected: what you enter is kept on this device"


class Annotations:
    """What the test app stored, and the switch that makes it store nothing."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url

    def stored(self, annotator: str, kind: str = "annotation") -> list[dict[str, Any]]:
        log = self.folder / "log.jsonl"
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return [line for line in lines if line["annotator"] == annotator and line["kind"] == kind]

    def contents(self, annotator: str) -> list[dict[str, Any]]:
        return [line["content"] for line in self.stored(annotator)]

    def hold(self, on: bool) -> None:
        (self.folder / "hold").touch() if on else (self.folder / "hold").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def annotations(run_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Annotations:
    folder = tmp_path_factory.mktemp("annotations")
    return Annotations(folder, run_app(APP, {"DERMDASH_TEST_DIR": str(folder)}))


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a window of a size, with or without a touch screen."""
    contexts, errors = [], []

    def open_window(width: int = 1440, height: int = 900, *, touch: bool = False) -> Page:
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, has_touch=touch))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Component Error" in said.text else None)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


def open_panel(page: Page, annotations: Annotations, annotator: str, **query: str) -> None:
    address = "&".join(f"{k}={v}" for k, v in {"annotator": annotator, **query}.items())
    page.goto(f"{annotations.url}/?{address}")
    wait_for_task(page, f"{annotator}-1")


def wait_for_task(page: Page, key: str) -> None:
    page.wait_for_selector(f".panel[data-state=ready][data-task='{key}']")


def wait_until_saved(page: Page) -> None:
    page.wait_for_selector(".panel[data-connection=saved]")


def frame_of(number: int) -> PictureFrame:
    """Where the image of a task of the test app lies in the picture that its annotators get."""
    sys.path.insert(0, str(APPS))
    try:
        from drawn_images import lesion_uri  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(APPS))
    data = base64.b64decode(lesion_uri(number).partition(",")[2])
    return reader_picture(data, key="a secret of the data set", longest_side=PICTURE_SIDE).frame


def client(page: Page, frame: PictureFrame, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the stored image is in the window now."""
    box = page.locator(".stage").bounding_box()
    assert box is not None
    px, py = frame.to_picture((x, y))
    scale = min(box["width"] / frame.picture_width, box["height"] / frame.picture_height)
    left = box["x"] + (box["width"] - frame.picture_width * scale) / 2
    top = box["y"] + (box["height"] - frame.picture_height * scale) / 2
    return left + px * scale, top + py * scale


def drag(page: Page, *points: tuple[float, float]) -> None:
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=6)
    page.mouse.up()


def test_a_practised_hand_annotates_a_record_with_three_keys(page: Page, annotations: Annotations) -> None:
    open_panel(page, annotations, "fast", tasks="3")
    for number, keys in enumerate(("5f", "6g", "2a"), start=1):
        wait_for_task(page, f"fast-{number}")
        page.keyboard.type(keys)
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing left to annotate")).to_be_visible()
    entered = [(c["dx"], c["quality"]) for c in annotations.contents("fast")]
    assert entered == [("mel", 4), ("nv", 5), ("bcc", 1)]
    # What is known of patient and lesion is entered already; what others said of the image is not.
    known = {"age_at_exam": 41, "sex": "female", "anatomical_site": "back"}
    assert annotations.contents("fast")[0]["values"] == known


def test_everything_can_be_entered_by_the_keyboard_alone(page: Page, annotations: Annotations) -> None:
    open_panel(page, annotations, "keys", tasks="1")
    page.keyboard.type("5fuxdg")
    expect(page.locator("#structurecard")).to_contain_text("Blue-white veil")
    page.keyboard.press("Escape")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator("#field-age_at_exam:focus").count():
            break
    page.keyboard.press("Control+a")
    page.keyboard.type("63")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")  # from female to male
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # Fitzpatrick I
    page.keyboard.press("c")
    page.keyboard.type("Edge unclear.\nSecond look")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Nothing left to annotate")).to_be_visible()
    (entered,) = annotations.contents("keys")
    assert (entered["dx"], entered["quality"], entered["unsure"]) == ("mel", 4, True)
    assert entered["comment"] == "Edge unclear.\nSecond look"
    assert entered["values"] == {
        "age_at_exam": 63, "sex": "male", "fitzpatrick_type": "I", "anatomical_site": "back",
        "dermoscopic_structures": ["streaks", "blue_white_veil"],
    }  # fmt: skip


def test_enter_without_what_is_needed_says_what_is_missing(page: Page, annotations: Annotations) -> None:
    open_panel(page, annotations, "incomplete", tasks="1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose a diagnosis first (keys 1 to 7)")
    page.keyboard.press("u")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Say how good the image is first")
    page.locator("#field-age_at_exam").fill("abc")
    page.keyboard.press("Escape")
    page.keyboard.type("d")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Age at examination: a whole number from 0 to 120 years")
    assert annotations.stored("incomplete") == []
    page.locator("#field-age_at_exam").fill("")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing left to annotate")).to_be_visible()
    assert annotations.contents("incomplete")[0]["dx"] is None


@pytest.mark.parametrize(("width", "height", "steps"), [(1440, 900, 0), (1024, 700, 3)])
def test_marks_are_where_they_were_drawn_at_every_zoom_and_size(
    new_page: Callable[..., Page], annotations: Annotations, width: int, height: int, steps: int
) -> None:
    page, annotator = new_page(width, height), f"drawn-{width}-{steps}"
    open_panel(page, annotations, annotator, tasks="1")
    frame = frame_of(1)
    for _ in range(steps):
        page.keyboard.press("+")
    page.keyboard.type("xc")  # globules
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    drag(page, client(page, frame, 280, 200), client(page, frame, 330, 250))
    page.keyboard.press("p")
    for x, y in [(270, 210), (300, 200), (325, 240), (290, 255)]:
        page.mouse.click(*client(page, frame, x, y))
    page.keyboard.press("Enter")
    page.keyboard.press("l")
    drag(page, *[client(page, frame, x, y) for x, y in [(275, 215), (310, 205), (320, 245), (280, 250), (275, 216)]])
    expect(page.locator(".marklist li")).to_have_count(3)
    page.keyboard.press("Escape")
    page.keyboard.type("1a")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing left to annotate")).to_be_visible()
    rectangle, polygon, line = annotations.contents(annotator)[0]["marks"]
    # A pixel of the window is the hand's precision.
    close = {"abs": 1.2}
    assert rectangle["points"] == [pytest.approx([280, 200], **close), pytest.approx([330, 250], **close)]
    corners = [[270, 210], [300, 200], [325, 240], [290, 255]]
    assert polygon["points"] == [pytest.approx(p, **close) for p in corners]
    assert [m["shape"] for m in (rectangle, polygon, line)] == ["rectangle", "polygon", "freehand"]
    assert {m["structure"] for m in (rectangle, polygon, line)} == {"globules"}
    assert 4 <= len(line["points"]) <= 16
    assert line["points"][0] == pytest.approx([275, 215], **close)


def test_a_mark_may_get_its_structure_after_it_is_drawn_and_can_be_undone_moved_and_deleted(
    page: Page, annotations: Annotations
) -> None:
    open_panel(page, annotations, "edits", tasks="1")
    frame = frame_of(1)
    page.keyboard.press("r")
    drag(page, client(page, frame, 250, 180), client(page, frame, 300, 230))
    expect(page.get_by_role("alert")).to_contain_text("Choose the structure of the new mark")
    page.keyboard.press("d")
    expect(page.locator(".marklist .pick")).to_have_text(["1Streaks, rectangle"])
    page.keyboard.press("Escape")
    drag(page, client(page, frame, 320, 180), client(page, frame, 360, 230))
    expect(page.locator(".marklist li")).to_have_count(2)
    page.keyboard.press("z")
    expect(page.locator(".marklist li")).to_have_count(1)
    page.keyboard.press("y")
    expect(page.locator(".marklist li")).to_have_count(2)
    page.keyboard.press("v")
    page.mouse.click(*client(page, frame, 340, 200))
    page.keyboard.press("Delete")
    expect(page.locator(".marklist li")).to_have_count(1)
    page.mouse.click(*client(page, frame, 275, 205))
    expect(page.locator(".marklist li.selected")).to_have_count(1)
    drag(page, client(page, frame, 275, 205), client(page, frame, 295, 215))
    page.keyboard.press("Escape")
    page.keyboard.type("5g")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing left to annotate")).to_be_visible()
    (mark,) = annotations.contents("edits")[0]["marks"]
    assert mark["points"] == [pytest.approx([270, 190], abs=2), pytest.approx([320, 240], abs=2)]
    assert mark["structure"] == "streaks"


def test_a_rectangle_and_a_polygon_can_be_marked_without_a_mouse(page: Page, annotations: Annotations) -> None:
    open_panel(page, annotations, "mouseless", tasks="1")
    page.keyboard.type("xa")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    for key in ("ArrowRight",) * 4 + ("ArrowDown",) * 4:
        page.keyboard.press(key)
    page.keyboard.press("Space")
    page.keyboard.press("p")
    for key in ("ArrowUp", "ArrowLeft", "ArrowDown"):
        page.keyboard.press("Space")
        for _ in range(6):
            page.keyboard.press(key)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".marklist .pick")).to_have_text(["1Pigment network, rectangle", "2Pigment network, polygon"])
    page.keyboard.press("Escape")
    page.keyboard.type("6d")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing left to annotate")).to_be_visible()
    rectangle, polygon = annotations.contents("mouseless")[0]["marks"]
    (left, top), (right, bottom) = rectangle["points"]
    assert right - left == pytest.approx(bottom - top, abs=0.5)
    assert len(polygon["points"]) == 4


def test_a_draft_survives_a_reload_before_the_server_has_it_and_after(page: Page, annotations: Annotations) -> None:
    open_panel(page, annotations, "reload", tasks="2")
    annotations.hold(True)
    page.keyboard.type("4s")
    page.keyboard.press("c")
    page.keyboard.type("half a sen")
    page.reload()
    wait_for_task(page, "reload-1")
    expect(page.locator("#comment")).to_have_value("half a sen")
    expect(page.get_by_role("radio", name="Dermatofibroma")).to_have_attribute("aria-checked", "true")
    assert annotations.stored("reload", "draft") == []
    annotations.hold(False)
    wait_until_saved(page)
    assert annotations.stored("reload", "draft")[-1]["content"]["comment"] == "half a sen"
    # Now it is the server's: another browser of the same person finds it.
    page.evaluate("localStorage.clear()")
    page.reload()
    wait_for_task(page, "reload-1")
    expect(page.locator("#comment")).to_have_value("half a sen")
    page.keyboard.press("Enter")
    wait_for_task(page, "reload-2")
    expect(page.locator("#comment")).to_have_value("")
    wait_until_saved(page)
    assert page.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('dermdash-outbox')).length") == 0


def test_with_the_connection_cut_work_goes_on_and_arrives_when_it_is_back(page: Page, annotations: Annotations) -> None:
    link = CuttableLink(int(annotations.url.rpartition(":")[2]))
    try:
        cut = Annotations(annotations.folder, f"http://127.0.0.1:{link.port}")
        open_panel(page, cut, "cut", tasks="3")
        link.cut()
        page.keyboard.type("5g")
        page.keyboard.press("Enter")
        # The next record is there already.
        wait_for_task(page, "cut-2")
        page.keyboard.type("6a")
        page.keyboard.press("c")
        page.keyboard.type("typed in the dark")
        expect(page.locator(".connection")).to_have_text(NOT_CONNECTED)
        assert annotations.stored("cut") == []
        link.mend()
        page.wait_for_selector("[data-testid=stApp][data-test-connection-state=CONNECTED]")
        page.evaluate("window.dispatchEvent(new Event('online'))")  # a ward's browser hears so from its network
        wait_until_saved(page)
        expect(page.locator("#comment")).to_have_value("typed in the dark")
        page.keyboard.press("Control+Enter")
        wait_for_task(page, "cut-3")
        wait_until_saved(page)
        entered = [(c["dx"], c["quality"], c["comment"]) for c in annotations.contents("cut")]
        assert entered == [("mel", 5, ""), ("nv", 1, "typed in the dark")]
    finally:
        link.close()


def test_what_was_typed_into_a_killed_server_is_there_after_its_restart(page: Page, tmp_path: Path) -> None:
    port, log, env = free_port(), tmp_path / "server.log", {"DERMDASH_TEST_DIR": str(tmp_path)}
    annotations = Annotations(tmp_path, f"http://127.0.0.1:{port}")
    server = fork_streamlit(APP, port=port, env=env, log=log)
    try:
        wait_until_healthy(server, port, log)
        open_panel(page, annotations, "killed", tasks="2")
        server.kill()
        server.wait()
        page.keyboard.type("7g")
        page.keyboard.press("Enter")
        wait_for_task(page, "killed-2")
        page.keyboard.type("3")
        server = fork_streamlit(APP, port=port, env=env, log=log)
        wait_until_healthy(server, port, log)
        page.reload()
        wait_for_task(page, "killed-2")
        expect(page.get_by_role("radio", name="Benign keratosis")).to_have_attribute("aria-checked", "true")
        wait_until_saved(page)
        assert [(c["dx"], c["quality"]) for c in annotations.contents("killed")] == [("vasc", 5)]
        assert annotations.stored("killed", "draft")[-1]["content"]["dx"] == "bkl"
    finally:
        stop_process(server)
        leave_port(port)


def test_a_refused_annotation_comes_back_with_its_reason_and_all_that_was_entered(
    page: Page, annotations: Annotations
) -> None:
    open_panel(page, annotations, "refused", tasks="3", refuse="1")
    frame = frame_of(1)
    page.keyboard.type("xb")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    drag(page, client(page, frame, 250, 180), client(page, frame, 300, 230))
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.type("to be kept")
    page.keyboard.press("Escape")
    page.keyboard.type("3d")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Not accepted: Somebody else annotated this record")
    wait_for_task(page, "refused-1")
    expect(page.locator("#comment")).to_have_value("to be kept")
    expect(page.locator(".marklist li")).to_have_count(1)
    expect(page.get_by_role("radio", name="Benign keratosis")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Enter")
    wait_for_task(page, "refused-2")
    wait_until_saved(page)
    assert annotations.contents("refused")[0]["comment"] == "to be kept"


def test_what_was_entered_for_a_record_that_is_closed_can_be_read_and_copied_until_it_is_dismissed(
    page: Page, annotations: Annotations
) -> None:
    open_panel(page, annotations, "closed", tasks="3", refuse="closed")
    page.keyboard.press("c")
    page.keyboard.type("not to be lost")
    page.keyboard.press("Escape")
    page.keyboard.type("5g")
    page.keyboard.press("Enter")
    returned = page.get_by_role("region", name="Annotations that were not accepted")
    expect(returned).to_contain_text("Not accepted: This record was closed meanwhile.")
    wait_for_task(page, "closed-2")
    page.reload()
    wait_for_task(page, "closed-2")
    returned.get_by_text("What you entered").click()
    expect(returned).to_contain_text("Diagnosis: Melanoma")
    expect(returned).to_contain_text("Comment: not to be lost")
    returned.get_by_role("button", name="Dismiss").click()
    expect(returned).to_be_hidden()
    page.reload()
    wait_for_task(page, "closed-2")
    expect(returned).to_be_hidden()


def test_while_somebody_types_no_picture_travels(page: Page, annotations: Annotations) -> None:
    received: list[bytes] = []
    page.on(
        "websocket", lambda ws: ws.on("framereceived", lambda f: received.append(f if isinstance(f, bytes) else b""))
    )
    open_panel(page, annotations, "typing", tasks="2")
    assert any(b"data:image/jpeg" in frame for frame in received)
    wait_until_saved(page)
    page.wait_for_timeout(300)
    received.clear()
    page.keyboard.press("c")
    page.keyboard.type("a sentence that is kept while it is typed")
    page.wait_for_selector(".panel[data-connection=saving]")
    wait_until_saved(page)
    assert annotations.stored("typing", "draft")[-1]["content"]["comment"].startswith("a sentence")
    assert received
    assert not any(b"data:image/jpeg" in frame for frame in received)


def touch(page: Page, *points: tuple[float, float]) -> None:
    """Draw with one finger."""
    session = page.context.new_cdp_session(page)

    def send(kind: str, at: list[tuple[float, float]]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in at]})

    send("touchStart", [points[0]])
    for point in points[1:]:
        send("touchMove", [point])
    send("touchEnd", [])


def test_on_a_phone_a_finger_marks_and_fills_the_form(new_page: Callable[..., Page], annotations: Annotations) -> None:
    page = new_page(390, 844, touch=True)
    open_panel(page, annotations, "phone", tasks="1")
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")
    submit = page.locator(".submitbar .submit").bounding_box()
    assert submit is not None
    assert submit["y"] + submit["height"] <= 844
    for target in page.locator(".choice, .level, .chip, .toolbar .tool").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    frame = frame_of(1)
    # Choices are clicked: on a busy machine a tap of Playwright's is slow enough to be a long press, which is no click.
    page.get_by_role("button", name="Line drawn by hand (L)").click()
    around = [client(page, frame, x, y) for x, y in [(250, 180), (350, 180), (350, 280), (250, 280), (252, 182)]]
    touch(page, *around)
    expect(page.locator(".marklist li")).to_have_count(1)
    page.get_by_role("button", name="Blotch", exact=True).click()
    expect(page.locator(".marklist .pick")).to_have_text("1Blotch, freehand")
    for name in ("Melanoma", "4, Good", "IV"):
        choice = page.get_by_role("radio", name=name, exact=True)
        choice.click()
        expect(choice).to_have_attribute("aria-checked", "true")
    page.locator(".submitbar .submit").click()
    expect(page.get_by_role("heading", name="Nothing left to annotate")).to_be_visible()
    (entered,) = annotations.contents("phone")
    assert (entered["dx"], entered["quality"], entered["values"]["fitzpatrick_type"]) == ("mel", 4, "IV")
    (mark,) = entered["marks"]
    assert (mark["structure"], mark["shape"]) == ("blotch", "freehand")
    assert mark["points"][0] == pytest.approx([250, 180], abs=2.5)


def test_a_blind_annotator_sees_neither_label_nor_model_and_a_sighted_one_both(
    new_page: Callable[..., Page], annotations: Annotations
) -> None:
    blind, sighted = new_page(), new_page()
    open_panel(blind, annotations, "blind", tasks="1")
    expect(blind.locator(".shown")).to_be_empty()
    open_panel(sighted, annotations, "sighted", tasks="1", sighted="1")
    expect(sighted.locator(".shown")).to_contain_text("Initial annotation")
    expect(sighted.locator(".shown")).to_contain_text("Melanoma 52 %")


def test_structures_explain_themselves_on_hover_and_focus(page: Page, annotations: Annotations) -> None:
    open_panel(page, annotations, "explained", tasks="1")
    card = page.locator("#structurecard")
    expect(card).to_be_hidden()
    page.get_by_role("button", name="Milia-like cysts").hover()
    expect(card).to_contain_text("white or yellowish spots")
    # The drawing is there: an image that a browser cannot show has no size.
    assert card.locator("img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    page.mouse.move(10, 10)
    expect(card).to_be_hidden()
    page.keyboard.press("x")
    expect(card).to_contain_text("Pigment network")
    page.keyboard.press("ArrowRight")
    expect(card).to_contain_text("Negative network")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


@pytest.mark.parametrize("view", ["panel", "marks"])
def test_axe_finds_no_fault(page: Page, annotations: Annotations, view: str) -> None:
    if view == "marks":
        page.goto(f"{annotations.url}/?view=1")
        page.wait_for_selector(".viewer")
    else:
        open_panel(page, annotations, "axe", tasks="1", sighted="1")
        page.keyboard.type("xa")
        page.keyboard.press("Escape")
    assert axe_faults(page, 0) + axe_faults(page, 3) == []


def test_the_marks_of_several_people_are_shown_by_person_and_structure(page: Page, annotations: Annotations) -> None:
    page.goto(f"{annotations.url}/?view=1")
    marks = page.locator(".marks .mark")
    expect(marks).to_have_count(3)
    page.get_by_role("button", name="Reviewer 1").click()
    expect(marks).to_have_count(1)
    page.get_by_role("button", name="Reviewer 1").click()
    page.get_by_role("button", name="Globules").click()
    expect(marks).to_have_count(1)
    expect(page.get_by_role("button", name="Globules")).to_contain_text("2 of 3")
