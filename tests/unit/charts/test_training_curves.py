import pytest

from dermdash.charts.palette import Theme
from dermdash.charts.training_curves import loss_figure, measured_figure


@pytest.mark.parametrize("theme", list(Theme))
def test_the_curves_hold_the_points_given(theme: Theme) -> None:
    loss = loss_figure([(20, 1.5), (40, 0.75)], steps=200, theme=theme)
    assert list(loss.data[0].x) == [20, 40]
    assert list(loss.data[0].y) == [1.5, 0.75]
    measured = measured_figure([(4, 0.25, 0.5), (8, 0.5, 0.625)], epochs=24, theme=theme)
    assert {trace.name: list(trace.y) for trace in measured.data} == {
        "Mean recall": [25.0, 50.0],
        "Accuracy": [50.0, 62.5],
    }
    assert measured.layout.xaxis.range[1] > 24
    assert loss.layout.xaxis.range[1] > 200
    assert measured.data[0].line.dash != measured.data[1].line.dash


def test_before_the_first_point_the_figures_say_so() -> None:
    assert "first steps" in loss_figure([], steps=1).layout.annotations[0].text
    assert "Not measured" in measured_figure([], epochs=3).layout.annotations[0].text
