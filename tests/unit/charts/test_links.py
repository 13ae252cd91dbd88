"""A name out of a file must not become a link in a figure, on a page or in a report."""

import json

import numpy as np
import plotly.graph_objects as go

from dermdash.charts.links import without_links

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
