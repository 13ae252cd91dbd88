"""Drawings as files: what is drawn stands in them, and nothing out of a name comes alive."""

import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from dermdash.charts.bars import Bars, ShareGrid, bars_drawing, bars_figure, grid_drawing, grid_figure, nice_step
from dermdash.charts.drawing import PNG_SCALE, Drawing

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing: Drawing) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(drawing.svg()).iter(f"{SVG}text")]


def pixels(drawing: Drawing) -> np.ndarray:
    image = Image.open(io.BytesIO(drawing.png()))
    assert image.size == (round(drawing.width * PNG_SCALE), round(drawing.height * PNG_SCALE))
    return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("upright", [False, True])
def test_bars_are_as_long_as_their_values(upright: bool) -> None:
    bars = Bars("Sizes", ("a", "b"), (10, 5), ("10", "5"), ("#ff0000", "#00ff00"), upright=upright)
    drawing = bars_drawing(bars)
    assert {"Sizes", "a", "b"} <= set(texts(drawing))
    image = pixels(drawing).astype(int)
    long, short = ((image == color).all(axis=2).sum() for color in ((255, 0, 0), (0, 255, 0)))
    assert long == pytest.approx(2 * short, rel=0.02)


def test_names_are_text_and_nothing_else() -> None:
    name = '<script>alert("x")</script> \N{CYRILLIC CAPITAL LETTER A}\N{NO-BREAK SPACE}%'
    bars = Bars(name, (name,), (1,), (name,))
    drawing = bars_drawing(bars)
    assert b"<script" not in drawing.svg()
    assert any("<script>" in text for text in texts(drawing))
    assert pixels(drawing).size


def test_a_grid_has_a_cell_for_each_share_and_none_where_nothing_is_known() -> None:
    grid = ShareGrid("Missing", ("Age", "Sex"), ("nv", "mel"), ((0.0, 1.0), (0.004, None)), (("", ""), ("", "")))
    found = texts(grid_drawing(grid))
    assert {"0", "100", "<1"} <= set(found)
    assert grid_figure(grid).data[0].z[1][1] is None


def test_nothing_to_draw_is_an_empty_figure_that_says_so() -> None:
    empty = Bars("Sizes", (), (), (), description="No record names its patient.")
    assert "No record names its patient." in bars_figure(empty).layout.annotations[0].text
    for upright in (False, True):
        assert bars_drawing(Bars("Sizes", (), (), (), upright=upright)).svg()
    assert grid_figure(ShareGrid("Missing", (), (), (), ())).layout.annotations
    assert grid_drawing(ShareGrid("Missing", (), (), (), ())).svg()


@pytest.mark.parametrize(("most", "step"), [(1, 1), (4, 1), (9, 2), (47, 10), (733, 200), (4419, 1000)])
def test_lines_of_an_axis_stand_at_round_numbers(most: int, step: int) -> None:
    assert nice_step(most) == step
