"""`make main-job-animation`: the main job of the README as one animated picture, out of the pictures of the tutorial.

So it shows what the tutorial's steps have shown; `make tutorial-pictures` takes those anew.
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.browser.screenshots import README_IMAGES, ROOT

STEPS = (
    ("records", "Browse the data set, filter it, find what is wrong with it"),
    ("templates", "Begin a reader study with the protocol of a paper"),
    ("drawn-cases", "Look at the lesions that were drawn, exchange any"),
    ("invite", "Freeze the protocol, and send each reader a link"),
    ("unaided", "A reader answers from the image alone ..."),
    ("aided", "... then sees one form of assistance, and may change the answer"),
    ("results", "Results: the answer in a sentence, with the lesions behind it"),
    ("study-cases", "Case by case: what was misread, rescued, misled"),
)
"""Pictures of the tutorial in the order of the job, each with what is done there."""
SIZE = (960, 600)
CAPTION_PX, TEXT_PX = 44, 21
SHOWN_MS = 2400
MOST_BYTES = 1_500_000
"""What a README can afford."""
TARGET = README_IMAGES / "main-job.webp"
_INK, _PAPER = (11, 20, 26), (255, 255, 255)


def frame(picture: Path, caption: str, place: int) -> Image.Image:
    """A step: its caption with its number, and below it the window."""
    drawn = Image.new("RGB", (SIZE[0], SIZE[1] + CAPTION_PX), _INK)
    with Image.open(picture) as shot:
        drawn.paste(shot.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS), (0, CAPTION_PX))
    text = f"{place} of {len(STEPS)}   {caption}"
    font = ImageFont.load_default(TEXT_PX)
    ImageDraw.Draw(drawn).text((16, CAPTION_PX // 2), text, fill=_PAPER, font=font, anchor="lm")
    return drawn


def animate(pictures: Path, target: Path) -> int:
    """Write the animation, and return its bytes.

    Raises
    ------
    FileNotFoundError
        A picture of the tutorial is not there.
    """
    frames = [frame(pictures / f"{name}.webp", caption, place) for place, (name, caption) in enumerate(STEPS, start=1)]
    frames[0].save(
        target, save_all=True, append_images=frames[1:], duration=SHOWN_MS, loop=0, quality=70, method=6
    )  # fmt: skip
    return target.stat().st_size


def main() -> None:
    """Make it out of what lies in the repository."""
    made = animate(ROOT / "docs" / "tutorial" / "images", TARGET)
    print(f"{TARGET}: {made / 1000:,.0f} kB")


if __name__ == "__main__":
    main()
