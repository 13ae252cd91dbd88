"""The reader's screen in a real Chromium: keys, outbox, reload, pause."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dermdash.records.taxonomy import HAM7
from tests.browser.ports import free_port, leave_port
from tests.browser.streamlit_server import fork_streamlit, stop_process, wait_until_healthy

pytestmark = pytest.mark.browser
APP = Path(__file__).parent / "apps" / "reading_app.py"
READY = ".panel[data-state=ready]"


class Readings:
    """What the test app stored, and the switch that makes it store nothing."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.try_ = folder, url, 0

    def stored(self, reader: str) -> list[dict[str, Any]]:
        log = self.folder / "log.jsonl"
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return [line for line in lines if line["reader"] == reader]

    def answers(self, reader: str) -> list[tuple[str, str, str, int]]:
        rows = [r for r in self.stored(reader) if "dx" in r]
        return [(r["step_key"].removeprefix(f"{reader}-"), r["phase"], r["dx"], r["confidence"]) for r in rows]

    def events(self, reader: str) -> list[str]:
        return [r["event"] for r in self.stored(reader) if "event" in r]

    def wait_for_events(self, reader: str, wanted: list[str]) -> None:
        """Wait until of these kinds of events exactly these are stored: an event is sent when nothing waits for it."""
        end = time.monotonic() + 30
        while (found := [e for e in self.events(reader) if e in wanted]) != wanted and time.monotonic() < end:
            time.sleep(0.05)
        assert found == wanted

    def forget(self) -> None:
        """Let every reader begin anew: a test that is tried again has the same ones."""
        self.try_ += 1
        for name in ("hold", "covered", "log.jsonl"):
            (self.folder / name).unlink(missing_ok=True)

    def hold(self, on: bool) -> None:
        (self.folder / "hold").touch() if on else (self.folder / "hold").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def readings(run_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Readings:
    folder = tmp_path_factory.mktemp("readings")
    return Readings(folder, run_app(APP, {"DERMDASH_TEST_DIR": str(folder)}))


@pytest.fixture(autouse=True)
def nothing_of_an_earlier_try(readings: Readings) -> None:
    readings.forget()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def open_reading(page: Page, readings: Readings, reader: str, **query: str) -> None:
    address = "&".join(f"{k}={v}" for k, v in {"reader": reader, "try": str(readings.try_), **query}.items())
    page.goto(f"{readings.url}/?{address}")
    page.wait_for_selector(".panel")


def wait_for_step(page: Page, key: str, phase: str) -> None:
    page.wait_for_selector(f"{READY}[data-step='{key}'][data-phase={phase}]")


def type_fast(page: Page, keys: str) -> None:
    """Send the keys 2 ms apart from inside the page, faster than any hand."""
    page.evaluate(
        """async (keys) => {
          for (const k of keys) {
            const key = k === "\\n" ? "Enter" : k;
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, composed: true}));
            await new Promise((done) => setTimeout(done, 2));
          }
        }""",
        keys,
    )


def test_thirty_key_presses_2_ms_apart_become_exactly_the_ten_answers_typed(page: Page, readings: Readings) -> None:
    open_reading(page, readings, "fast", cases="5")
    typed = []
    for case in range(1, 6):
        for phase in ("unaided", "aided"):
            number, level = (case + (phase == "aided")) % 7 + 1, "asdfg"[case % 5]
            wait_for_step(page, f"fast-{case}", phase)
            type_fast(page, f"{number}{level}\n")
            typed.append((str(case), phase, HAM7.codes[number - 1], "asdfg".index(level) + 1))
    page.wait_for_selector(".panel[data-state=finished][data-connection=saved]")
    expect(page.get_by_role("heading", name="All cases are done")).to_be_visible()
    assert readings.answers("fast") == typed


def test_a_case_whose_image_was_covered_meanwhile_is_shown_covered_from_its_next_step_on(
    page: Page, readings: Readings
) -> None:
    open_reading(page, readings, "covered", cases="2")
    wait_for_step(page, "covered-1", "unaided")
    image = page.get_by_alt_text("Dermatoscopic image of the lesion to assess")
    before = image.get_attribute("src")
    (readings.folder / "covered").touch()
    try:
        type_fast(page, "3d\n")
        wait_for_step(page, "covered-1", "aided")
        assert image.get_attribute("src") not in (None, "", before)
    finally:
        (readings.folder / "covered").unlink()
    expect(image).to_be_visible()


def test_keys_typed_blindly_never_answer_a_case_not_yet_seen(page: Page, readings: Readings) -> None:
    open_reading(page, readings, "blind", cases="5")
    wait_for_step(page, "blind-1", "unaided")
    # Held, or a server that answers within the burst would show the next step, and the rest of the keys be its answer.
    readings.hold(True)
    type_fast(page, "3d\n\n5a\n\n7g\n" * 4)
    readings.hold(False)
    wait_for_step(page, "blind-1", "aided")
    page.wait_for_selector(".panel[data-connection=saved]")
    assert readings.answers("blind") == [("1", "unaided", "bkl", 3)]


def test_a_reload_with_an_unacknowledged_answer_delivers_it_once_and_goes_on(page: Page, readings: Readings) -> None:
    open_reading(page, readings, "reload", cases="2")
    wait_for_step(page, "reload-1", "unaided")
    readings.hold(True)
    type_fast(page, "6s\n")
    page.wait_for_selector(".panel[data-state=waiting]")
    page.reload()
    # Still not acknowledged: the locked case is not asked a second time.
    page.wait_for_selector(".panel[data-state=waiting][data-step='reload-1']")
    type_fast(page, "1g\n")
    expect(page.locator(".connection")).to_have_text("Saving…")
    assert readings.answers("reload") == []
    readings.hold(False)
    wait_for_step(page, "reload-1", "aided")
    assert readings.answers("reload") == [("1", "unaided", "nv", 2)]
    readings.wait_for_events("reload", ["reload"])
    assert page.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('dermdash-outbox')).length") == 0


def test_without_acknowledgement_the_screen_says_that_answers_are_kept_here(page: Page, readings: Readings) -> None:
    open_reading(page, readings, "cut", cases="1")
    wait_for_step(page, "cut-1", "unaided")
    page.context.set_offline(True)
    page.keyboard.type("5f")
    page.keyboard.press("Enter")
    expect(page.locator(".connection")).to_have_text("Not connected: your answers are kept on this device")
    page.context.set_offline(False)
    wait_for_step(page, "cut-1", "aided")
    expect(page.locator(".connection")).to_have_text("Saved")


def test_an_answer_given_while_the_server_is_dead_arrives_after_its_restart(page: Page, tmp_path: Path) -> None:
    port, log, env = free_port(), tmp_path / "server.log", {"DERMDASH_TEST_DIR": str(tmp_path)}
    readings = Readings(tmp_path, f"http://127.0.0.1:{port}")
    server = fork_streamlit(APP, port=port, env=env, log=log)
    try:
        wait_until_healthy(server, port, log)
        open_reading(page, readings, "killed", cases="2")
        wait_for_step(page, "killed-1", "unaided")
        server.kill()
        server.wait()
        page.keyboard.type("7g")
        page.keyboard.press("Enter")
        expect(page.locator(".connection")).to_contain_text("Not connected")
        server = fork_streamlit(APP, port=port, env=env, log=log)
        wait_until_healthy(server, port, log)
        wait_for_step(page, "killed-1", "aided")
        assert readings.answers("killed") == [("1", "unaided", "vasc", 5)]
    finally:
        stop_process(server)
        leave_port(port)


def test_enter_without_a_choice_says_what_is_missing_and_locks_nothing(page: Page, readings: Readings) -> None:
    open_reading(page, readings, "incomplete", cases="1")
    wait_for_step(page, "incomplete-1", "unaided")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose a diagnosis first")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Say how sure you are first")
    assert readings.answers("incomplete") == []


def test_with_assistance_enter_keeps_and_another_choice_changes(page: Page, readings: Readings) -> None:
    open_reading(page, readings, "aided", cases="2")
    submit = page.locator(".submitbar .submit")
    wait_for_step(page, "aided-1", "unaided")
    page.get_by_role("radio", name="Melanoma").click()
    page.get_by_role("radio", name="Fairly sure").click()
    submit.dblclick()
    wait_for_step(page, "aided-1", "aided")
    expect(submit).to_contain_text("Keep: Melanoma")
    expect(page.get_by_role("radio", name="Melanoma")).to_contain_text("52 %")
    page.keyboard.press("Enter")
    wait_for_step(page, "aided-2", "unaided")
    page.keyboard.type("1a")
    page.keyboard.press("Enter")
    wait_for_step(page, "aided-2", "aided")
    page.keyboard.press("2")
    expect(submit).to_contain_text("Change to Basal cell carcinoma")
    submit.click()
    page.wait_for_selector(".panel[data-state=finished][data-connection=saved]")
    assert readings.answers("aided") == [
        ("1", "unaided", "mel", 3),
        ("1", "aided", "mel", 3),
        ("2", "unaided", "akiec", 1),
        ("2", "aided", "bcc", 1),
    ]


def test_answers_arrive_without_randomuuid_as_over_plain_http_in_a_local_network(
    page: Page, readings: Readings
) -> None:
    page.add_init_script("delete Crypto.prototype.randomUUID")
    open_reading(page, readings, "plain", cases="1")
    wait_for_step(page, "plain-1", "unaided")
    type_fast(page, "1a\n")
    wait_for_step(page, "plain-1", "aided")
    assert readings.answers("plain") == [("1", "unaided", "akiec", 1)]


def test_client_time_is_measured_from_the_painted_image(page: Page, readings: Readings) -> None:
    opened = time.monotonic()
    open_reading(page, readings, "timed", cases="1")
    wait_for_step(page, "timed-1", "unaided")
    page.wait_for_timeout(800)
    type_fast(page, "4g\n")
    wait_for_step(page, "timed-1", "aided")
    (answer,) = [r for r in readings.stored("timed") if "dx" in r]
    assert 800 <= answer["client_ms"] < 1000 * (time.monotonic() - opened)


def test_pause_hides_the_case_and_resume_brings_the_same_one_back(page: Page, readings: Readings) -> None:
    open_reading(page, readings, "paused", cases="1")
    wait_for_step(page, "paused-1", "unaided")
    page.keyboard.press("Escape")  # leaves an enlarged image, and pauses nothing
    wait_for_step(page, "paused-1", "unaided")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    expect(page.get_by_alt_text("Dermatoscopic image of the lesion to assess")).to_be_hidden()
    type_fast(page, "3d\n")
    page.wait_for_selector(".panel[data-connection=saved]")
    page.reload()
    page.get_by_role("button", name="Continue reading").focus()
    page.keyboard.press("Enter")
    wait_for_step(page, "paused-1", "unaided")
    expect(page.get_by_alt_text("Dermatoscopic image of the lesion to assess")).to_be_visible()
    page.wait_for_selector(".panel[data-connection=saved]")
    assert readings.answers("paused") == []
    readings.wait_for_events("paused", ["pause", "resume"])


def test_practice_shows_feedback_before_the_next_case(page: Page, readings: Readings) -> None:
    open_reading(page, readings, "practice", cases="2", practice="1")
    wait_for_step(page, "practice-1", "unaided")
    type_fast(page, "6d\n")
    wait_for_step(page, "practice-1", "aided")
    type_fast(page, "\n")
    expect(page.locator(".feedback")).to_contain_text("Not correct The diagnosis is: Melanoma.")
    page.keyboard.press("Enter")
    wait_for_step(page, "practice-2", "unaided")


def test_help_opens_by_key_and_swallows_answers(page: Page, readings: Readings) -> None:
    open_reading(page, readings, "help", cases="1")
    wait_for_step(page, "help-1", "unaided")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("3")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".choice[aria-checked=true]")).to_have_count(0)


@pytest.mark.parametrize("modality", ["malignancy_probability", "multiclass_probability", "cbir", "crowd_probability"])
def test_every_modality_fits_wide_and_narrow_windows(page: Page, readings: Readings, modality: str) -> None:
    open_reading(page, readings, f"fit-{modality}", modality=modality)
    wait_for_step(page, f"fit-{modality}-1", "unaided")
    type_fast(page, "5d\n")
    wait_for_step(page, f"fit-{modality}-1", "aided")
    main = "document.querySelector('[data-testid=stMain]')"
    for width, height in [(1440, 900), (1024, 768), (390, 844)]:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(150)
        assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth"), width
        if width > 900:
            assert page.evaluate(f"{main}.scrollHeight <= {main}.clientHeight"), width
        box = page.locator(".submitbar .submit").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height, width
        assert box["height"] >= 44
        for choice in (*page.locator(".choice").all(), *page.locator(".level").all()):
            touch = choice.bounding_box()
            assert touch is not None
            assert touch["height"] >= (44 if width < 900 else 24), width


SCROLLED = """() => {
  const root = document.querySelector("[data-testid=stBidiComponentIsolated]").shadowRoot;
  const parts = [".body", ".answer"].map((n) => root.querySelector(n));
  return Math.max(...parts.map((e) => e.scrollHeight - e.clientHeight));
}"""


@pytest.mark.parametrize("beside", ["0", "1"])
@pytest.mark.parametrize("modality", ["malignancy_probability", "multiclass_probability", "cbir"])
def test_with_rating_and_management_nothing_has_to_be_scrolled(
    page: Page, readings: Readings, modality: str, beside: str
) -> None:
    reader = f"further-{modality}-{beside}"
    open_reading(page, readings, reader, modality=modality, further="1", beside=beside)
    sizes = [(1366, 768), (768, 1024), (390, 844)]
    wait_for_step(page, f"{reader}-1", "unaided")
    scrolled = {("unaided", *size): scrolled_at(page, *size) for size in sizes}
    page.set_viewport_size({"width": 768, "height": 1400})
    page.locator(".choice").first.click()
    page.locator(".levels:not(.managements) .level").first.click()
    page.locator(".rating").click()
    page.locator(".managements .level").first.click()
    page.locator(".submitbar .submit").click()
    wait_for_step(page, f"{reader}-1", "aided")
    scrolled |= {("aided", *size): scrolled_at(page, *size) for size in sizes}
    assert {size: pixels for size, pixels in scrolled.items() if pixels > 3} == {}


def scrolled_at(page: Page, width: int, height: int) -> int:
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(250)
    for choice in (*page.locator(".choice").all(), *page.locator(".level").all()):
        touch = choice.bounding_box()
        assert touch is not None
        assert touch["height"] >= (44 if width < 900 else 32), width
    return int(page.evaluate(SCROLLED))
