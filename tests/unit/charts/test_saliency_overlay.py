"""What a saliency map looks like over its image."""

import io

import numpy as np
import pytest
from PIL import Image

from dermdash.charts.saliency_overlay import heat_layer, overlay, png, scale_css
from dermdash.classifier.saliency_map import GRID, PREDICTED, SaliencyMap
from dermdash.errors import InvalidInput, UnreadableImage


def spot_map(row: int = 4, column: int = 20) -> SaliencyMap:
    """All evidence in one cell."""
    values = np.zeros((GRID, GRID), np.uint8)
    values[row, column] = 255
    return SaliencyMap(values, PREDICTED, "mel", 0.9, 224)


def photograph(width: int = 600, height: int = 450) -> Image.Image:
    noise = np.random.default_rng(1).integers(90, 200, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(noise)


def test_the_image_stays_as_it_is_where_there_is_no_evidence_and_outside_what_the_network_saw() -> None:
    image = photograph()
    shown = np.asarray(overlay(image, spot_map(), 1.0)).astype(int)
    changed = np.abs(shown - np.asarray(image)).max(axis=2) > 0
    rows, columns = np.nonzero(changed)
    # The crop is the middle 360 px of 600 x 450, a cell of it 12.86 px; colour reaches one cell around its centre.
    cell = 360 / GRID
    assert rows.min() >= 45 + (4 - 0.5) * cell - 1
    assert rows.max() <= 45 + (4 + 1.5) * cell + 1
    assert columns.min() >= 120 + (20 - 0.5) * cell - 1
    assert columns.max() <= 120 + (20 + 1.5) * cell + 1
    assert (rows.mean(), columns.mean()) == pytest.approx((45 + 4.5 * cell, 120 + 20.5 * cell), abs=1)


def test_no_opacity_is_the_image_itself_and_more_changes_it_more() -> None:
    image = photograph(120, 90)
    differences = [
        np.abs(np.asarray(overlay(image, spot_map(), opacity)).astype(int) - np.asarray(image)).sum()
        for opacity in (0.0, 0.3, 0.6, 1.0)
    ]
    assert differences[0] == 0
    assert differences == sorted(differences)
    with pytest.raises(InvalidInput, match=r"1\.5"):
        overlay(image, spot_map(), 1.5)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photograph_on_its_side_is_shown_upright_with_the_map_upright(orientation: int) -> None:
    image = photograph(120, 90)
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    image.save(buffer, "PNG", exif=exif)
    upright = image.rotate({1: 0, 3: 180, 6: -90, 8: 90}[orientation], expand=True)
    expected = overlay(upright, spot_map(), 0.7)
    np.testing.assert_array_equal(np.asarray(overlay(buffer.getvalue(), spot_map(), 0.7)), np.asarray(expected))


def test_the_layer_for_a_browser_has_the_proportions_of_the_image_and_is_clear_outside_the_map() -> None:
    layer = heat_layer(spot_map(), 600, 450)
    assert layer.mode == "RGBA"
    assert layer.size == (320, 240)
    alpha = np.asarray(layer)[..., 3]
    rows, columns = np.nonzero(alpha)
    assert (rows.mean() / 240, columns.mean() / 320) == pytest.approx(
        ((45 + 360 * 4.5 / GRID) / 450, (120 + 360 * 20.5 / GRID) / 600), abs=0.006
    )
    assert alpha.max() > 200
    assert heat_layer(spot_map(), 48, 36).size == (48, 36)
    assert png(layer).startswith(b"\x89PNG")


def test_the_scale_rises_in_lightness_so_that_it_reads_without_colour() -> None:
    ramp = np.tile(np.linspace(0, 255, GRID).round().astype(np.uint8), (GRID, 1))
    layer = np.asarray(heat_layer(SaliencyMap(ramp, PREDICTED, "mel", 0.5, 224), 100, 100), float)
    light = layer[50, 12:88, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) > -1.5).all()
    assert light[-1] - light[0] > 120
    assert scale_css().startswith("linear-gradient(90deg, rgba(")


def test_a_damaged_image_is_named_as_such() -> None:
    with pytest.raises(UnreadableImage, match="cannot be decoded"):
        overlay(b"damaged", spot_map())
