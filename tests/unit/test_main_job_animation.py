"""The animation of the README is there, small, and made of pictures that the tutorial has."""

from PIL import Image
from tests.browser.main_job_animation import MOST_BYTES, STEPS, TARGET
from tests.browser.screenshots import ROOT


def test_the_readme_shows_an_animation_that_it_can_afford() -> None:
    assert str(TARGET.relative_to(ROOT)) in (ROOT / "README.md").read_text("utf-8")
    assert TARGET.stat().st_size < MOST_BYTES
    with Image.open(TARGET) as animation:
        assert animation.n_frames == len(STEPS)  # type: ignore[attr-defined]


def test_each_step_is_a_picture_of_the_tutorial() -> None:
    pictures = {path.stem for path in (ROOT / "docs" / "tutorial" / "images").glob("*.webp")}
    assert {name for name, _ in STEPS} <= pictures
