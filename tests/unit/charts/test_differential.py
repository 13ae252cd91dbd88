"""The bars of a differential diagnosis say what is over its threshold."""

import pytest

from dermdash.analysis.differential import list_differential
from dermdash.charts.differential import differential_figure, malignancy_figure
from dermdash.charts.palette import INKS, Theme, diagnosis_color
from dermdash.records.taxonomy import HAM7

PROBABILITIES = {"akiec": 0.1, "bcc": 0.25, "bkl": 0.05, "df": 0.02, "mel": 0.38, "nv": 0.2, "vasc": 0.0}
THRESHOLDS = {"akiec": 0.3, "bcc": 0.2, "bkl": 0.2, "df": None, "mel": 0.3, "nv": 0.5, "vasc": 0.1}


@pytest.mark.parametrize("theme", list(Theme))
def test_classes_fall_by_probability_and_those_listed_keep_their_colour(theme: Theme) -> None:
    found = list_differential(PROBABILITIES, THRESHOLDS, taxonomy=HAM7)
    figure = differential_figure(found, theme=theme)
    bars = figure.data[1]
    assert list(bars.x) == pytest.approx([38, 25, 20, 10, 5, 2, 0])
    colors = list(bars.marker.color)
    assert colors[:2] == [diagnosis_color("mel"), diagnosis_color("bcc")]
    assert set(colors[2:]) == {INKS[theme].muted}
    labels = [a.text for a in figure.layout.annotations if a.x == 0]
    assert labels[0] == "<b>Melanoma · malignant</b>"
    assert labels[2] == "Melanocytic nevus"


def test_every_threshold_has_a_mark_at_its_place() -> None:
    found = list_differential(PROBABILITIES, THRESHOLDS, taxonomy=HAM7)
    figure = differential_figure(found)
    assert [shape.x0 for shape in figure.layout.shapes] == pytest.approx([30, 20, 50, 30, 20, 10])
    assert "no threshold" in figure.data[1].hovertext[5]


def test_malignancy_has_a_mark_only_with_a_threshold() -> None:
    assert malignancy_figure(0.4, 0.25).layout.shapes[0].x0 == pytest.approx(25)
    assert len(malignancy_figure(0.4, None).layout.shapes) == 0
