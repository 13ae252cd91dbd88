"""The style guide shows every picture that is taken for it, and no other."""

import re
from pathlib import Path

from tests.browser.style_pictures import FOLDER, SHOTS

PAGE = Path(__file__).parents[2] / "docs" / "style-guide.md"


def test_the_page_shows_the_pictures_that_its_script_takes() -> None:
    taken = {f"{part}-{width}-{scheme}.png" for part, width, scheme in SHOTS}
    shown = set(re.findall(r"\(images/style/([\w-]+\.png)\)", PAGE.read_text("utf-8")))
    assert shown == taken == {path.name for path in FOLDER.glob("*.png")}
