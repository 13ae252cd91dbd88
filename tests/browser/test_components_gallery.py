"""Gallery and image viewer in a real Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
APP = Path(__file__).parent / "apps" / "components_app.py"


@pytest.fixture(scope="module")
def url(run_app: Callable[..., str]) -> str:
    return run_app(APP)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def test_arrow_keys_move_through_the_gallery_and_enter_opens(page: Page, url: str) -> None:
    page.goto(f"{url}/?show=gallery")
    page.locator(".tile").first.focus()
    tops = [tile.bounding_box() for tile in page.locator(".tile").all()[:12]]
    columns = sum(box["y"] == tops[0]["y"] for box in tops if box and tops[0])
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text("Opened:")).to_have_text(f"Opened: record-{columns + 1}")
    page.locator(".tile").nth(3).click()
    expect(page.get_by_text("Opened:")).to_have_text(f"Opened: record-{columns + 1}, record-3")


def test_tiles_that_say_the_same_stay_as_they_are_over_another_run(page: Page, url: str) -> None:
    page.goto(f"{url}/?show=gallery")
    tiles = page.locator(".tile")
    expect(tiles.first).to_be_visible()
    tiles.evaluate_all("(all) => all.forEach((one) => { one.kept = true; })")
    tiles.nth(3).click()
    expect(page.get_by_text("Opened:")).to_have_text("Opened: record-3")
    assert tiles.evaluate_all("(all) => all.every((one) => one.kept)")
    assert tiles.evaluate_all("(all) => all.filter((one) => one.tabIndex === 0).length") == 1


def test_a_tile_says_stage_and_where_its_quality_comes_from(page: Page, url: str) -> None:
    page.goto(f"{url}/?show=gallery")
    tile = page.get_by_role("button", name="Melanoma").first
    expect(tile).to_contain_text("Consensus of three")
    expect(tile).to_contain_text("Quality 5 of 5, estimated")
    expect(tile).to_have_attribute("aria-current", "true")


def test_a_hundred_and_twenty_tiles_stand_in_two_columns_on_a_phone(page: Page, url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{url}/?show=gallery&tiles=120")
    expect(page.locator(".tile")).to_have_count(120)
    first, second = page.locator(".tile").nth(0).bounding_box(), page.locator(".tile").nth(1).bounding_box()
    assert first is not None
    assert second is not None
    assert first["y"] == second["y"]
    assert second["x"] + second["width"] <= 390


@pytest.mark.parametrize("width", [390, 768, 1280])
@pytest.mark.parametrize("tile_px", [130, 190])
def test_no_text_of_a_tile_is_cut(page: Page, url: str, width: int, tile_px: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{url}/?show=gallery&tiles=14&px={tile_px}")
    expect(page.locator(".tile")).to_have_count(14)
    cut = page.locator(".tile .caption, .tile .caption :not(.sr)").evaluate_all(
        """(parts) => parts.filter((e) => e.scrollWidth > e.clientWidth && getComputedStyle(e).display !== 'inline')
             .map((e) => e.textContent.trim()).filter(Boolean)"""
    )
    assert cut == []
    assert page.locator(".tile .subtitle").evaluate_all("(s) => s.every((e) => e.scrollHeight <= e.clientHeight)")


def test_the_viewer_zooms_by_keys_and_shows_the_size_in_pixels(page: Page, url: str) -> None:
    page.goto(f"{url}/?show=viewer")
    expect(page.get_by_text("600 × 450 px")).to_be_visible()
    page.locator(".mat").focus()
    page.keyboard.press("+")
    expect(page.locator(".zoomtext")).to_have_text("150 %")
    page.keyboard.press("0")
    expect(page.locator(".zoomtext")).to_have_text("100 %")
    page.locator(".mat").dblclick(position={"x": 300, "y": 200})
    expect(page.locator(".zoomtext")).to_have_text("250 %")


def test_the_mask_can_be_outline_fill_or_off(page: Page, url: str) -> None:
    canvas = page.locator("canvas")
    painted = """(canvas) => {
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      let n = 0;
      for (let i = 3; i < data.length; i += 4) n += data[i] > 0;
      return n / (canvas.width * canvas.height);
    }"""
    page.goto(f"{url}/?show=viewer")
    page.get_by_role("button", name="Fill").click()
    assert canvas.evaluate(painted) == pytest.approx(3.14159 * 0.25 * 0.3, rel=0.02)
    page.get_by_role("button", name="Outline").click()
    assert 0 < canvas.evaluate(painted) < 0.05
    page.get_by_role("button", name="No mask").click()
    assert canvas.evaluate(painted) == 0
