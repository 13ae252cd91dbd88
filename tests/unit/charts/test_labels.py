"""Labels wrap at words, leave nothing out and keep apart."""

import plotly.graph_objects as go
import pytest

from dermdash.charts.labels import LINE, apart_on_log_axis, fitted, line_count, text_width, untitled, wrapped

LONG = "Share of readings in which the reader and the model agree on the diagnosis of the lesion"


@pytest.mark.parametrize("width", [60, 120, 330])
def test_a_wrapped_label_keeps_every_word_and_fits(width: float) -> None:
    text = wrapped(LONG, width)
    assert text.replace("<br>", " ") == LONG
    assert all(text_width(line) <= width or " " not in line for line in text.split("<br>"))


def test_no_word_is_left_alone_on_the_last_line() -> None:
    text = "one two three four five six"
    lines = wrapped(text, text_width(text) - 1).split("<br>")
    assert len(lines) == 2
    assert text_width(lines[1]) > 0.6 * text_width(lines[0])


def test_a_label_that_fits_stays_as_it_is() -> None:
    assert wrapped("Accuracy") == "Accuracy"
    assert wrapped("Accuracy<br>of readers") == "Accuracy<br>of readers"
    assert line_count("Accuracy<br>of readers") == 2


def test_tags_take_no_room_and_bold_takes_some() -> None:
    assert text_width("<i>dx</i>") == text_width("dx")
    assert text_width("a &lt; b") == text_width("a < b")
    assert text_width("<b>dx</b>") > text_width("dx")


def test_ticks_of_a_log_axis_that_would_touch_are_left_out() -> None:
    ticks = [1, 100, 150, 200, 1000, 5000]
    kept = apart_on_log_axis(ticks, [f"{tick:,}" for tick in ticks], low=10, high=1000, width=200)
    assert kept == [(100, "100"), (1000, "1,000")]
    assert len(apart_on_log_axis(ticks, [str(t) for t in ticks], low=1, high=5000, width=2000)) == len(ticks)


def test_a_figure_grows_by_the_lines_that_its_labels_gain() -> None:
    assert fitted(_figure("Short")).layout.height == 300
    grown = fitted(_figure(LONG))
    more = line_count(grown.layout.title.text) - 1
    assert more > 0
    assert grown.layout.margin.t == 40 + 20 * more
    assert grown.layout.height == 300 + 20 * more + LINE * (line_count(grown.layout.xaxis.title.text) - 1)


def test_a_figure_that_is_drawn_twice_grows_once() -> None:
    figure = _figure(LONG)
    once = fitted(figure).to_json()
    assert figure.layout.meta["description"] == "Said to who cannot see it"
    assert fitted(figure).to_json() == once


def test_what_a_heading_says_the_figure_does_not_say_again() -> None:
    figure = untitled(_figure("Short"))
    assert figure.layout.title.text is None
    assert (figure.layout.margin.t, figure.layout.height) == (12, 272)
    assert untitled(figure).layout.height == 272


def _figure(label: str) -> go.Figure:
    figure = go.Figure(go.Scatter(x=[1], y=[1]))
    figure.update_layout(height=300, title_text=label, margin_t=40)
    figure.update_xaxes(title_text=label)
    figure.update_layout(meta={"description": "Said to who cannot see it"})
    return figure
