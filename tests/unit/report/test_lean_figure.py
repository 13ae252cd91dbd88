"""Figures of the report: what is rounded, and that nothing that a screen shows moves."""

import base64
import json

import numpy as np
import plotly.graph_objects as go
import pytest

from dermdash.report.lean_figure import STEPS, lean


def drawn(figure: go.Figure) -> dict:
    return json.loads(figure.to_json())


def test_coordinates_move_by_less_than_a_screen_can_show_and_are_shorter() -> None:
    rng = np.random.default_rng(1)
    x, z = 2020 + rng.random(500), rng.random((20, 30))
    figure = drawn(go.Figure([go.Scatter(x=x, y=rng.random(500).tolist()), go.Heatmap(z=z)]))
    found = lean(figure)
    assert np.abs(np.array(found["data"][0]["x"]) - x).max() <= np.ptp(x) / STEPS
    assert np.abs(np.array(found["data"][1]["z"]) - z).max() <= np.ptp(z) / STEPS
    assert len(json.dumps(found["data"])) < 0.75 * len(json.dumps(figure["data"]))


def test_large_small_missing_and_equal_numbers_keep_what_they_say() -> None:
    found = lean({"a": [1e-9, 3e-9, None], "b": [1234567.0, 1234567.0], "c": [0.5, float("nan"), 2.0], "d": [True, 1]})
    assert found["a"] == [1e-9, 3e-9, None]
    assert found["b"] == [1234567, 1234567]
    assert found["c"] == [0.5, None, 2]
    assert found["d"] == [True, 1]


@pytest.mark.parametrize("dtype", ["i1", "u2", "i4", "f4", "f8"])
def test_numbers_in_base64_of_every_kind_are_read(dtype: str) -> None:
    values = np.array([[1, 2, 3], [4, 5, 6]], dtype=dtype)
    packed = {"dtype": dtype, "bdata": base64.b64encode(values.tobytes()).decode(), "shape": "2, 3"}
    assert lean({"z": packed})["z"] == [[1, 2, 3], [4, 5, 6]]
