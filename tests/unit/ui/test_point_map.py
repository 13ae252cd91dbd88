"""What the browser says of chosen points is taken as hostile; places travel as bytes, the map upright."""

import base64

import numpy as np
import pytest
from numpy.typing import NDArray

from dermdash.charts.point_colours import OTHERS, UNKNOWN_VALUE, of_categories, of_numbers
from dermdash.ui.point_map import _shares, chosen_rows


def bits(*rows: int, n: int) -> str:
    marked = np.zeros(n, np.uint8)
    marked[list(rows)] = 1
    return base64.b64encode(np.packbits(marked, bitorder="little").tobytes()).decode()


def coded(values: list[str]) -> tuple[NDArray[np.uint8], list[str]]:
    words = sorted(set(values))
    return np.array([words.index(value) for value in values], np.uint8), words


def test_the_rows_of_the_bits_are_chosen() -> None:
    assert chosen_rows({"of": "m", "chosen": bits(0, 9, 17, n=20)}, of="m", n=20).tolist() == [0, 9, 17]
    assert chosen_rows({"of": "m", "chosen": ""}, of="m", n=20).tolist() == []


@pytest.mark.parametrize(
    "value",
    [
        None, 7, "x", [], {"of": "m"}, {"of": "m", "chosen": None}, {"of": "m", "chosen": [1]},
        {"of": "other", "chosen": bits(1, n=20)}, {"of": "m", "chosen": "not base64!"},
        {"of": "m", "chosen": "A" * 10_000}, {"of": "m", "chosen": "\N{SNOWMAN}"},
    ],
)  # fmt: skip
def test_what_is_no_choice_among_these_points_chooses_none(value: object) -> None:
    assert chosen_rows(value, of="m", n=20).tolist() == []


def test_no_row_beyond_the_last_is_chosen() -> None:
    assert chosen_rows({"of": "m", "chosen": bits(3, 23, n=24)}, of="m", n=21).tolist() == [3]


def test_both_axes_have_one_scale_and_up_is_up() -> None:
    shares = _shares(np.array([[0, 0], [10, 0], [5, 5]], np.float32))
    assert shares[:, 0].tolist() == [0, 65535, 32768]
    assert shares[2, 1] < shares[0, 1]
    assert int(shares[0, 1]) - int(shares[2, 1]) == pytest.approx(65535 / 2, abs=1)
    assert _shares(np.zeros((0, 2), np.float32)).shape == (0, 2)
    assert (_shares(np.ones((3, 2), np.float32)) == 32768).all()


def test_the_most_frequent_categories_have_colours_and_the_rest_is_others() -> None:
    values = ["a"] * 5 + [f"c{i:02}" for i in range(14)] + [""]
    made = of_categories(*coded(values), {"a": "#123456"})
    texts = [text for text, _ in made.legend]
    assert texts[0] == "a (5)"
    assert texts[-2:] == [f"{OTHERS} (3)", f"{UNKNOWN_VALUE} (1)"]
    assert made.palette[made.groups[0]] == "#123456"
    assert len(set(made.palette)) == len(made.palette)
    assert of_categories(*coded([]), {}).groups.size == 0


def test_codes_of_one_word_are_one_category_and_words_of_no_point_none() -> None:
    made = of_categories(np.array([0, 1, 2, 2, 1], np.uint8), ["good", "bad", "good", "nobody"], {})
    assert [text for text, _ in made.legend] == ["good (3)", "bad (2)"]
    assert made.groups.tolist() == [0, 1, 0, 0, 1]


def test_numbers_run_from_dark_to_light_and_unknown_ones_are_grey() -> None:
    made = of_numbers(np.array([0.0, 50.0, 100.0, np.nan]))
    assert made.groups[0] == 0
    assert made.groups[2] == 31
    assert made.palette[made.groups[3]] == made.legend[-1][1]
    assert [text for text, _ in of_numbers(np.array([4.0, 4.0])).legend] == ["4"]
    assert of_numbers(np.array([np.nan])).legend[0][0] == f"{UNKNOWN_VALUE} (1)"
