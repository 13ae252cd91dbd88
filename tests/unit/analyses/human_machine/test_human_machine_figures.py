"""Figures of a model and readers: what is drawn for whom, and what is said where nothing can be."""

import numpy as np
import pytest
from tests.readings_factory import make_readings
from tests.unit.report.report_factory import HOSTILE, hostile_readings, predictions_for

from dermdash.analyses.human_machine.comparison import HumanMachine
from dermdash.analyses.human_machine.figures import (
    change_beside_curve_figure,
    class_panels_figure,
    distance_figure,
    readers_beside_curve_figure,
)
from dermdash.analyses.human_machine.run import analyse_human_machine
from dermdash.analyses.model_predictions import ModelScores
from dermdash.analyses.model_scores import scores_of_file
from dermdash.charts.palette import Theme


@pytest.fixture(scope="module")
def found() -> HumanMachine:
    table = make_readings(readers=6, cases=28)
    return analyse_human_machine(table, scores_of_file(predictions_for(table), table), replicates=100)


@pytest.fixture(scope="module")
def without() -> HumanMachine:
    """Benign cases alone, read once without assistance."""
    table = make_readings(readers=3, cases=14, modalities=("none",))
    frame = table.frame
    benign = table.subset((frame["truth_malignant"] == False) & (frame["phase"] == "unaided"))  # noqa: E712
    cases = tuple(sorted(benign.frame["case"].unique()))
    return analyse_human_machine(benign, ModelScores(HOSTILE, cases, np.linspace(0, 1, len(cases))), replicates=20)


@pytest.mark.parametrize("theme", list(Theme))
def test_every_reader_his_group_and_the_mean_are_points(found: HumanMachine, theme: Theme) -> None:
    figure = readers_beside_curve_figure(found, "malignancy", group_by="experience_group", theme=theme)
    names = [t.name for t in figure.data]
    assert [n for n in names if n.endswith("(2)")] == ["under 1 year (2)", "3 to 5 years (2)", "over 10 years (2)"]
    assert sum(len(t.x) for t in figure.data if t.name.endswith("(2)")) == 6
    cross = next(t for t in figure.data if t.name == "Mean of 6 readers")
    mean = found.target("malignancy").means[0].mean
    assert mean.sensitivity.value is not None
    assert mean.specificity.value is not None
    assert cross.x[0] == pytest.approx(100 * (1 - mean.specificity.value))
    assert cross.y[0] == pytest.approx(100 * mean.sensitivity.value)
    assert figure.layout.yaxis.scaleanchor == "x"


def test_arrows_lead_from_before_to_after(found: HumanMachine) -> None:
    figure = change_beside_curve_figure(found, "malignancy")
    moved = [r for r in found.target("malignancy").readers if r.before != r.after]
    assert len(figure.layout.annotations) == len(moved) > 0
    first = figure.layout.annotations[0]
    assert moved[0].after is not None
    assert first.y == pytest.approx(100 * (moved[0].after.sensitivity or 0))
    assert "Mean with class probabilities" in [t.name for t in figure.data]


def test_distances_are_sorted_and_their_bars_end_at_the_interval(found: HumanMachine) -> None:
    figure = distance_figure(found, "malignancy")
    ends = {}
    for trace in figure.data:
        for x, y, up, down in zip(trace.x, trace.y, trace.error_x.array, trace.error_x.arrayminus, strict=True):
            ends[y] = (x - down, x, x + up)
    ordered = [ends[y][1] for y in sorted(ends)]
    assert ordered == sorted(ordered, reverse=True)
    readers = found.target("malignancy").readers
    best = min(readers, key=lambda r: r.place.vertical.difference or 0.0).place.vertical
    assert best.low is not None
    assert best.high is not None
    assert ends[max(ends)] == pytest.approx((100 * best.low, 100 * (best.difference or 0.0), 100 * best.high))


def test_each_class_has_a_panel(found: HumanMachine) -> None:
    figure = class_panels_figure(found)
    assert len([t for t in figure.data if t.name == "Model"]) == 7
    assert len([t for t in figure.data if t.name == "Model" and t.showlegend]) == 1


def test_what_cannot_be_drawn_says_why(without: HumanMachine) -> None:
    texts = [
        make.layout.annotations[0].text.replace("<br>", " ")
        for make in (
            readers_beside_curve_figure(without, "malignancy"),
            change_beside_curve_figure(without, "malignancy"),
            distance_figure(without, "malignancy"),
            class_panels_figure(without),
        )
    ]
    assert texts == [
        "No curve: none of the 8 cases is positive.",
        "Nobody has read these cases without and with assistance.",
        "No reader can be placed beside the curve.",
        "No class has both cases of its own and others.",
    ]


def test_names_of_groups_are_no_markup() -> None:
    table = hostile_readings()
    found = analyse_human_machine(table, scores_of_file(predictions_for(table), table), replicates=0)
    figure = readers_beside_curve_figure(found, "malignancy", group_by="profession")
    names = [t.name or "" for t in figure.data]
    assert any("alert(1)" in name for name in names)
    assert not any("<script" in name or "<img" in name for name in names)
