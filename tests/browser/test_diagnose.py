"""The square over the lesion by mouse, finger and keys; an upload from choosing the file to the result."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dermdash.workflows.accounts.access import issue_admin_link
from dermdash.workflows.classifier.model_in_use import choose_model
from tests.browser.served_app import ServedApp, wait_until_idle
from tests.diagnosis_workspace import POINT, TINY, fill_diagnosis
from tests.filled_workspace import draw_jpeg

pytestmark = pytest.mark.browser
APP = Path(__file__).parent / "apps" / "lesion_crop_app.py"


@pytest.fixture(scope="module")
def url(run_app: Callable[..., str]) -> str:
    return run_app(APP)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def says(page: Page, x: float, y: float, share: float) -> None:
    expect(page.get_by_text("Crop:")).to_have_text(f"Crop: {x:.2f} {y:.2f} {share:.2f}", timeout=20_000)


def test_the_square_is_moved_and_sized_by_keys(page: Page, url: str) -> None:
    page.goto(url)
    says(page, 0.5, 0.5, 0.8)
    frame = page.locator(".frame")
    frame.focus()
    for _ in range(4):
        page.keyboard.press("-")
    says(page, 0.5, 0.5, 0.6)
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowDown")
    says(page, 0.4, 0.52, 0.6)
    for _ in range(9):  # no further than the rim
        page.keyboard.press("Shift+ArrowRight")
    says(page, 1 - 0.6 * 450 / 600 / 2, 0.52, 0.6)
    expect(page.locator(".words")).to_have_text("270 × 270 px of 600 × 450")
    page.keyboard.press("0")
    says(page, 0.5, 0.5, 0.8)
    page.get_by_role("button", name="Larger square").click()
    says(page, 0.5, 0.5, 0.85)


def test_the_square_is_dragged_and_stretched_by_mouse(page: Page, url: str) -> None:
    page.goto(url)
    says(page, 0.5, 0.5, 0.8)
    box = page.locator(".frame").bounding_box()
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(600 / 450, rel=0.01)

    def at(x: float, y: float) -> tuple[float, float]:
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    page.mouse.move(*at(0.5, 0.5))
    page.mouse.down()
    page.mouse.move(*at(0.4, 0.55), steps=4)
    page.mouse.up()
    says(page, 0.4, 0.55, 0.8)
    page.mouse.move(*at(0.4 + 0.3, 0.55 + 0.4))  # its lower right corner
    page.mouse.down()
    page.mouse.move(*at(0.4, 0.55), steps=4)
    page.mouse.up()
    says(page, 0.25, 0.35, 0.4)


def test_the_square_fits_a_phone(page: Page, url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(url)
    says(page, 0.5, 0.5, 0.8)
    box = page.locator(".frame").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServedApp, str]]:
    app = ServedApp(tmp_path_factory.mktemp("diagnose"))
    with app.workspace() as workspace:
        fill_diagnosis(workspace)
        choose_model(workspace, TINY)
        link = issue_admin_link(workspace)
    app.start()
    yield app, link
    app.stop()


def test_an_upload_is_judged_and_again_when_the_square_moves(
    page: Page, served: tuple[ServedApp, str], tmp_path: Path
) -> None:
    app, link = served
    image = tmp_path / "lesion.jpg"
    image.write_bytes(draw_jpeg("mel", 950, size=(400, 300)))
    page.goto(link)
    wait_until_idle(page)
    page.goto(f"{app.url}/diagnose")
    page.locator("input[type=file]").set_input_files(image)
    expect(page.get_by_text("Saliency map (Grad-CAM)").or_(page.get_by_text("Nothing in the square"))).to_be_visible(
        timeout=120_000
    )
    expect(page.get_by_text("not a medical device")).to_be_visible()
    expect(page.get_by_text(f"of {POINT}").first).to_be_visible()
    expect(page.locator(".tile")).to_have_count(8)
    words = page.get_by_text("strangeness").inner_text()
    page.locator(".frame").focus()
    for _ in range(6):
        page.keyboard.press("-")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator(".words")).to_have_text("150 × 150 px of 400 × 300")
    # The network is drawn at random and always says the same, but the features of another square are others.
    expect(page.get_by_text("strangeness")).not_to_have_text(words, timeout=60_000)
