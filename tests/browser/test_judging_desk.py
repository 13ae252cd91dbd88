"""Regions to cover are drawn by mouse and by keys, undone, confirmed, and only then sent, once."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
APP = Path(__file__).parent / "apps" / "judging_app.py"
REGION = r"\((\d+), (\d+), (\d+), (\d+)\)"


@pytest.fixture(scope="module")
def url(run_app: Callable[..., str]) -> str:
    return run_app(APP)


@pytest.fixture
def page(chromium: Browser, url: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    expect(page.locator(".progresstext")).to_have_text("1 of 3 · 0 looked at", timeout=20_000)
    yield page
    context.close()
    assert errors == []


def said(page: Page, words: str) -> re.Match[str]:
    expect(page.get_by_text("Said:")).to_have_text(re.compile(words), timeout=20_000)
    found = re.search(words, page.get_by_text("Said:").inner_text())
    assert found is not None
    return found


def test_what_the_mouse_draws_is_covered_with_the_proposals_after_a_confirmation(page: Page) -> None:
    page.keyboard.press("r")
    box = page.locator(".desk .lesion").bounding_box()
    assert box is not None
    scale = min(box["width"] / 600, box["height"] / 450)
    left = box["x"] + (box["width"] - 600 * scale) / 2
    page.mouse.move(left + 300 * scale, box["y"] + 100 * scale)
    page.mouse.down()
    page.mouse.move(left + 400 * scale, box["y"] + 160 * scale, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Cover 2 regions").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("2 regions of this image become grey in 1 record, for good")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    proposed, drawn = re.findall(REGION, said(page, r"cover a \[.*\]").group())
    assert proposed == ("20", "400", "100", "30")
    assert [int(v) for v in drawn] == pytest.approx([300, 100, 100, 60], abs=2)
    expect(page.locator(".progresstext")).to_have_text("2 of 3 · 1 looked at")


def test_the_keyboard_draws_moves_deletes_and_undoes(page: Page) -> None:
    for key in ("r", "Space", *["ArrowRight"] * 5, *["ArrowDown"] * 4, "Enter", "v", "m", "Delete"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Cover 1 region")).to_be_visible()
    for key in ("z", "m", "m", "ArrowUp", "p"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Cover 2 regions")).to_be_visible()
    expect(page.locator(".mark.covered")).to_have_count(2)
    page.keyboard.press("1")
    said(page, r"clear a \[\]$")
    page.get_by_role("button", name="Next").click()
    said(page, r"clear a \[\] \| next b \[\]$")
