"""Charts made of labelled rows."""

from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest

from dermdash.charts import rows
from dermdash.charts.bars import Bars, bars_figure
from dermdash.charts.palette import Theme
from dermdash.charts.progress import reader_progress_figure
from dermdash.charts.rows import ROW_HEIGHT, lowered, row_figure, row_y
from dermdash.charts.split_parts import sides_figure
from dermdash.charts.trial_run import readers_figure


def test_every_row_has_its_label_and_its_value() -> None:
    figure = row_figure(["first", "second"], values=["1", "2"], theme=Theme.LIGHT)
    shown = {note.text: note for note in figure.layout.annotations}
    for text, side, row in (("first", "left", 0), ("1", "right", 0), ("second", "left", 1), ("2", "right", 1)):
        note = shown[text]
        assert (note.xanchor, note.y, note.yanchor) == (side, row_y(row, 2), "bottom")
        assert 0 < note.yshift < ROW_HEIGHT / 2


@pytest.mark.parametrize("value", ["", "+25.0 points (-3.4 to 53.4)"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_label_of_the_first_row_is_within_the_figure(count: int, value: str) -> None:
    figure = row_figure(
        ["<b>Class probabilities</b>"] * count, values=[value] * count, theme=Theme.LIGHT, row_height=96
    )
    low, high = figure.layout.yaxis.range
    over = figure.layout.margin.t if figure.layout.margin.t is not None else 8
    row = (figure.layout.height - over - 56) / (high - low)  # an axis with its title takes 56 pixels below the plot
    reach = max(note.yshift for note in figure.layout.annotations) + 18
    assert row * (high - (count - 1)) + over >= reach


def test_fifty_rows_cost_fifty_times_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the square of it: plotly checks all annotations of a figure again for each that is added to it."""
    made = []
    first = go.layout.Annotation.__init__
    monkeypatch.setattr(go.layout.Annotation, "__init__", lambda *a, **k: (made.append(1), first(*a, **k))[1])
    row_figure(["label"], values=["value"], theme=Theme.DARK)
    one = len(made)
    row_figure(["label"] * 50, values=["value"] * 50, theme=Theme.DARK)
    assert len(made) - one <= 50 * one


def test_a_name_that_turns_the_reading_direction_is_written_out_wherever_a_figure_shows_it() -> None:
    readers = pd.DataFrame({"reader": ["ann\u202egpj <b>"], "cases_done": [1], "cases_total": [2]})
    shown = str(reader_progress_figure(readers).to_dict())
    assert "\u202e" not in shown
    assert shown.count("ann⟨U+202E⟩gpj &lt;b&gt;") == 2  # label and hover text


def test_every_figure_names_people_and_files_through_one_function() -> None:
    charts = Path(rows.__file__).parent
    assert [p.name for p in charts.glob("*.py") if "import escape" in p.read_text() and p.name != "rows.py"] == []


def test_a_figure_is_lowered_only_as_far_as_its_labels_keep_off_the_marks_above_them() -> None:
    few = row_figure(["one", "two"], values=["", ""], theme=Theme.LIGHT, row_height=96)
    assert lowered(few, 150).layout.height >= 150
    many = row_figure([f"row {i}" for i in range(9)], values=[""] * 9, theme=Theme.LIGHT, row_height=96)
    made = many.layout.height
    low = lowered(many, 330)
    span = low.layout.yaxis.range[1] - low.layout.yaxis.range[0]
    row = (low.layout.height - low.layout.margin.t - 56) / span
    label = many.layout.annotations[0].yshift + 18
    assert 330 < low.layout.height < made
    assert row - label >= 0.2 * row + 8
    assert lowered(go.Figure(layout={"height": 700}), 330).layout.height == 330


BARS = {
    "bars": lambda: bars_figure(Bars("", ("one", "two"), (3.0, 1.0), ("3", "1"))),
    "sides of a split": lambda: sides_figure([("one", {"train": 3}, 0), ("two", {"train": 3}, 0)], ["train"]),
    "progress": lambda: reader_progress_figure(
        pd.DataFrame({"reader": ["one", "two"], "cases_done": [1, 2], "cases_total": [2, 2]})
    ),
    "readers of a trial": lambda: readers_figure([("one", 3, 2), ("two", 3, 1)]),
}


@pytest.mark.parametrize("name", BARS)
def test_a_bar_stands_nearer_to_its_own_label_than_to_the_next_one(name: str) -> None:
    """Else it is read as the bar of the label below it."""
    figure = BARS[name]()
    low, high = figure.layout.yaxis.range
    legend = 44 if figure.layout.showlegend else 0
    row = (figure.layout.height - 16 - legend) / (high - low)
    labels, bar = figure.layout.annotations, figure.data[0]
    top = labels[0].y - bar.y[0] - bar.width / 2  # rows below the centre that the label hangs on
    own = min(label.yshift for label in labels) + row * top
    reach = max(label.yshift + 18 * (1 + label.text.count("<br>")) for label in labels)
    following = row - reach - row * (top + bar.width)
    assert 2 <= own < following / 1.5
