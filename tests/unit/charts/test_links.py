"""A name out of a file must not become a link in a figure, on a page or in a report."""

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from dermdash.charts.links import has_links, without_links

LINK = '<a href="https://example.org">reader 1</a>'


def test_a_link_is_shown_as_text_wherever_it_stands() -> None:
    figure = go.Figure(
        go.Scatter(x=[1, 2], y=np.array([1.5, 2.5]), name=LINK, text=np.array([LINK, "a < b"], dtype=object)),
        {"xaxis": {"ticktext": [f"<b>{LINK}</b>", "< A href='x'>"]}, "annotations": [{"text": LINK}]},
    )
    safe = go.Figure(without_links(figure.to_dict()))
    text = json.dumps(json.loads(safe.to_json()))
    assert "<a" not in text.lower().replace(" ", "")
    assert "</a" not in text
    assert text.count("&lt;a href") == 5
    assert safe.layout.xaxis.ticktext[0].startswith("<b>")
    assert list(safe.data[0].text)[1] == "a < b"
    assert json.loads(safe.to_json())["data"][0]["y"] == json.loads(figure.to_json())["data"][0]["y"]


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ({"x": [1.0, 2.0], "name": "reader <b>1</b>"}, False),
        ({"y": np.array([1.0]), "text": np.array(["a < b"], dtype=object)}, False),
        ({"text": np.array(["a", LINK], dtype=object)}, True),
        ({"layout": {"annotations": ({"text": "</A>"},)}}, True),
    ],
)
def test_a_figure_has_links_when_making_it_safe_would_change_it(drawn: dict[str, Any], expected: bool) -> None:
    assert has_links(drawn) is expected
    changed = json.dumps(without_links(drawn), default=list) != json.dumps(drawn, default=list)
    assert changed is expected
