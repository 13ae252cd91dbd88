import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from tests.unit.dataset.image_factories import draw_lesion, encode

from dermdash.dataset.burned_in_text import TextRegion, find_text
from dermdash.dataset.covered_image import GREY, cover
from dermdash.dataset.image_decoding import decode
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.dataset.image_resizing import turn_upright
from dermdash.errors import InvalidInput

LIMITS = ImageLimits()
MOST = LIMITS.max_pixels


def lesion(width: int = 224, height: int = 224, seed: int = 0) -> NDArray[np.uint8]:
    return draw_lesion(width, height, seed=seed, texture=2.0)


def written(
    pixels: NDArray[np.uint8], text: str, at: tuple[int, int], colour: str, size: int
) -> tuple[NDArray[np.uint8], tuple[int, int, int, int]]:
    """The picture with a text, and left, top, right and bottom of it."""
    drawn = Image.fromarray(pixels)
    draw, font = ImageDraw.Draw(drawn), ImageFont.load_default(size)
    draw.text(at, text, colour, font)
    box = draw.textbbox(at, text, font)
    return np.asarray(drawn), (round(box[0]), round(box[1]), round(box[2]), round(box[3]))


@pytest.mark.parametrize("colour", ["white", "black", "yellow", "lime", "red", "navy"])
@pytest.mark.parametrize(("text", "size"), [("MUELLER, Hans", 12), ("12.03.1961", 16)])
def test_a_name_and_a_date_are_proposed_in_every_colour(colour: str, text: str, size: int) -> None:
    pixels, (left, top, right, bottom) = written(lesion(), text, (20, 200), colour, size)
    found = find_text(pixels)
    assert found
    best = found[0]
    assert 0.2 <= best.score <= 1
    assert best.x <= left + 12
    assert best.x + best.width >= right - 12
    assert best.y <= top + 4
    assert best.y + best.height >= bottom - 4


def test_writing_from_top_to_bottom_is_proposed_where_it_stands() -> None:
    pixels, (left, top, right, bottom) = written(lesion(), "Anna Muster", (30, 190), "white", 16)
    turned = np.ascontiguousarray(np.rot90(pixels))
    best = find_text(turned)[0]
    assert best.height > 2 * best.width
    assert best.x <= top + 3
    assert best.x + best.width >= bottom - 3
    assert best.y + best.height >= 224 - left - 8
    assert best.y <= 224 - right + 8


def test_the_size_of_the_picture_changes_nothing() -> None:
    pixels, (left, _, right, _) = written(lesion(1800, 1400), "MUELLER, Hans", (200, 1250), "white", 80)
    best = find_text(pixels)[0]
    assert best.x <= left + 20
    assert best.x + best.width >= right - 20


def test_nothing_is_proposed_where_nothing_is_written() -> None:
    assert [find_text(lesion(seed=seed)) for seed in range(5)] == [()] * 5
    assert find_text(np.full((40, 60, 3), 200, np.uint8)) == ()


@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 5, 6, 7, 8])
def test_what_is_covered_is_what_was_seen_however_the_image_is_stored(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(lesion(60, 40), "PNG", exif=exif)
    before = np.array(turn_upright(decode(data, max_pixels=MOST)[1], orientation))
    region = TextRegion(3, 5, 20, 10, 0.5)
    made = cover(data, [region], limits=LIMITS)
    stripped, stored = decode(made.data, max_pixels=MOST)
    assert stripped.orientation == orientation
    before[5:15, 3:23] = GREY
    assert np.array_equal(turn_upright(stored, orientation), before)


def test_a_region_is_cut_at_the_edge_and_refused_beyond_it() -> None:
    data = encode(lesion(60, 40), "PNG")
    made = decode(cover(data, [TextRegion(50, 30, 100, 100, 0.0)], limits=LIMITS).data, max_pixels=MOST)[1]
    assert (made[30:, 50:] == GREY).all()
    for region in (TextRegion(60, 0, 5, 5, 0.0), TextRegion(-9, 0, 5, 5, 0.0)):
        with pytest.raises(InvalidInput, match="60 x 40"):
            cover(data, [region], limits=LIMITS)
    with pytest.raises(InvalidInput, match="which region"):
        cover(data, [], limits=LIMITS)
