from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dermdash.analyses.benefit.change_figures import accuracy_change_figure, difference_text
from dermdash.analysis.paired_accuracy import paired_accuracy, reader_accuracy
from dermdash.charts.confusion import confusion_counts, confusion_figure
from dermdash.charts.palette import Theme
from dermdash.charts.progress import reader_progress_figure
from dermdash.errors import MissingColumns
from dermdash.readings.modality import Modality, Phase
from dermdash.records.taxonomy import HAM7


def make_readings(readers: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = []
    for modality in ("multiclass_probability", "cbir"):
        for r in range(readers):
            for c in range(10):
                before = rng.random() < 0.6
                rows.append((f"r{r}", f"c{c}", modality, "unaided", before))
                rows.append((f"r{r}", f"c{c}", modality, "aided", before or rng.random() < 0.4))
    return pd.DataFrame(rows, columns=["reader", "case", "modality", "phase", "correct"])


def texts(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def marks(figure: go.Figure) -> list[Any]:
    return [trace for trace in figure.data if trace.mode == "markers" and len(trace.x) == 1]


@pytest.mark.parametrize("theme", list(Theme))
def test_the_change_chart_draws_before_and_after_with_intervals_and_every_reader(theme: Theme) -> None:
    readings = make_readings()
    results = paired_accuracy(readings, seed=1)
    figure = accuracy_change_figure(results, readers=reader_accuracy(readings), theme=theme)
    drawn = [(trace.x[0], trace.error_x.array[0]) for trace in marks(figure)]
    expected = []
    for result in results:
        assert result.unaided_interval is not None
        assert result.aided_interval is not None
        expected.append((100 * result.unaided, 100 * (result.unaided_interval.high - result.unaided)))
        expected.append((100 * result.aided, 100 * (result.aided_interval.high - result.aided)))
    assert np.array(drawn) == pytest.approx(np.array(expected))
    assert sum(len(t.x) for t in figure.data if t.mode == "markers" and len(t.x) > 1) == 4 * 8
    assert [t for t in texts(figure) if t.startswith("<b>")] == [
        f"<b>{Modality(r.modality).label}</b>" for r in results
    ]
    lowest = min(reader_accuracy(readings)["unaided"]) * 100
    assert figure.layout.xaxis.range[0] <= lowest


def test_one_reader_is_drawn_without_intervals() -> None:
    results = paired_accuracy(make_readings(readers=1), seed=1)
    figure = accuracy_change_figure(results)
    assert all(trace.error_x.array is None for trace in marks(figure))
    assert difference_text(results[0]).endswith("points")


def test_a_change_is_written_in_points_with_a_true_minus() -> None:
    readings = make_readings().replace({"phase": {"aided": "unaided", "unaided": "aided"}})
    text = difference_text(paired_accuracy(readings, seed=1)[0])
    assert text.startswith("\N{MINUS SIGN}")
    assert "points (" in text


@pytest.mark.parametrize(
    "figure",
    [
        accuracy_change_figure(()),
        reader_progress_figure(pd.DataFrame(columns=["reader", "cases_done", "cases_total"])),
        confusion_figure(pd.DataFrame(columns=["phase", "truth_dx", "dx"]), taxonomy=HAM7),
    ],
)
def test_an_empty_chart_says_what_is_missing(figure: go.Figure) -> None:
    assert texts(figure)[0].endswith(".")
    assert not figure.data


def test_progress_bars_say_how_many_cases_are_done() -> None:
    table = pd.DataFrame({"reader": ["A", "B", "C"], "cases_done": [3, 28, 0], "cases_total": [28, 28, 0]})
    figure = reader_progress_figure(table)
    assert [t for t in texts(figure) if " of " in t] == [
        "3 of 28 cases",
        "28 of 28 cases, finished",
        "0 of 0 cases",
    ]
    assert list(figure.data[1].x) == pytest.approx([100 * 3 / 28, 100, 0])


def test_confusion_counts_answers_by_truth_in_taxonomy_order() -> None:
    readings = pd.DataFrame(
        [("unaided", "mel", "nv"), ("unaided", "mel", "mel"), ("unaided", "mel", "mel"), ("aided", "mel", "mel")],
        columns=["phase", "truth_dx", "dx"],
    )
    counts = confusion_counts(readings, taxonomy=HAM7, phase=Phase.UNAIDED)
    assert list(counts.index) == list(counts.columns) == list(HAM7.codes)
    assert (counts.loc["mel", "mel"], counts.loc["mel", "nv"], counts.to_numpy().sum()) == (2, 1, 3)
    figure = confusion_figure(readings, taxonomy=HAM7, stacked=True)
    assert figure.data[0].z[4][4] == pytest.approx(200 / 3)
    assert np.isnan(figure.data[0].z[0]).all(), "a diagnosis without answers has no shares"
    assert figure.data[1].z[4][4] == pytest.approx(100)
    with pytest.raises(MissingColumns, match="truth_dx"):
        confusion_counts(readings.drop(columns="truth_dx"), taxonomy=HAM7, phase=Phase.AIDED)
