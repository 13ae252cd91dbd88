"""What the faithfulness figures show of the numbers behind them."""

import numpy as np
import pandas as pd
import pytest

from dermdash.analysis.faithfulness_summary import FIGURES, summarise, summarise_curves
from dermdash.charts.faithfulness import curves_figure, faithfulness_figure
from dermdash.charts.palette import Theme, diagnosis_color
from dermdash.records.taxonomy import HAM7


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "group": [f"g{i}" for i in range(40)],
            "dx": ["mel", "nv"] * 20,
            "correct": [True, True, True, False] * 10,
        }
    )
    for figure in FIGURES:
        frame[figure], frame[f"{figure}_chance"], frame[f"{figure}_centre"] = rng.random(40), 0.25, 0.5
    return frame


@pytest.mark.parametrize("theme", list(Theme))
def test_each_part_is_a_row_with_its_mean_interval_chance_and_centre(table: pd.DataFrame, theme: Theme) -> None:
    rows = summarise(table, codes=HAM7.codes)
    figure = faithfulness_figure(rows, table, figure="share", taxonomy=HAM7, theme=theme)
    labels = [a.text for a in figure.layout.annotations][::2]
    assert labels == [
        "<b>All records</b> · 40", "<b>Classified correctly</b> · 30", "<b>Classified wrongly</b> · 10",
        "<b>Melanoma</b> · 20", "<b>Melanocytic nevus</b> · 20",
    ]  # fmt: skip
    means = [t for t in figure.data if t.marker.symbol == "circle"]
    assert [t.x[0] for t in means] == pytest.approx([100 * r.estimate.value for r in rows if r.figure == "share"])
    assert all(t.error_x.array[0] > 0 for t in means)
    assert means[3].marker.color == diagnosis_color("mel")
    assert {t.x[0] for t in figure.data if t.marker.symbol == "line-ns-open"} == {25.0}
    assert {t.x[0] for t in figure.data if t.marker.symbol == "diamond-open"} == {50.0}
    points = [t for t in figure.data if t.marker.size == 4]
    assert [len(t.x) for t in points] == [40, 30, 10, 20, 20]


def test_hits_and_misses_are_not_drawn_one_by_one(table: pd.DataFrame) -> None:
    rows = summarise(table, codes=HAM7.codes)
    figure = faithfulness_figure(rows, table, figure="pointing", taxonomy=HAM7, theme=Theme.LIGHT)
    assert not [t for t in figure.data if t.marker.size == 4]


def test_without_records_the_figure_says_so() -> None:
    empty = faithfulness_figure([], pd.DataFrame(), figure="share", taxonomy=HAM7, theme=Theme.LIGHT)
    assert "No explained record" in empty.layout.annotations[0].text
    assert "No curve" in curves_figure([], direction="deletion", theme=Theme.LIGHT).layout.annotations[0].text


def test_curves_have_a_band_and_name_their_area() -> None:
    rng = np.random.default_rng(1)
    curves = [
        {
            name: {"deletion": np.linspace(1, 0, 5) + rng.normal(0, 0.05, 5), "insertion": np.linspace(0, 1, 5)}
            for name in ("gradcam", "centre", "random")
        }
        for _ in range(12)
    ]
    summary = summarise_curves(curves, [str(i) for i in range(12)])
    figure = curves_figure(summary, direction="deletion", theme=Theme.LIGHT)
    names = [t.name for t in figure.data if t.showlegend is not False]
    assert [name.split(" · ")[0] for name in names] == ["Grad-CAM", "Centred map", "Random map"]
    assert "area 0.5" in names[0] or "area 0.4" in names[0]
    band = next(t for t in figure.data if t.showlegend is False)
    line = next(t for t in figure.data if t.name == names[0])
    assert (np.array(band.y[:5]) >= np.array(line.y)).all()
    assert (np.array(band.y[5:])[::-1] <= np.array(line.y)).all()
    assert "removed" in figure.layout.xaxis.title.text
    assert "shown" in curves_figure(summary, direction="insertion", theme=Theme.DARK).layout.xaxis.title.text
