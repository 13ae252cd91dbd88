"""What the figures of reliance and reading time draw, and what they say where there is nothing to draw."""

from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from tests.readings_factory import make_readings

from dermdash.analyses.reading_time.figures import (
    reader_speed_figure,
    session_accuracy_figure,
    session_time_figure,
    speed_accuracy_figure,
    time_ratio_figure,
    time_rows_figure,
)
from dermdash.analyses.reading_time.run import TimeOptions, analyse_reading_time
from dermdash.analyses.reading_time.study import ReadingTime
from dermdash.analyses.reliance.dependence_figures import dependence_figure
from dermdash.analyses.reliance.flow_figures import class_flow_figure, transition_figure
from dermdash.analyses.reliance.forest_figures import reliance_plane_figure, switch_forest_figure
from dermdash.analyses.reliance.run import RelianceOptions, analyse_reliance
from dermdash.analyses.reliance.study import Reliance
from dermdash.analyses.reliance.transitions import AnswerFlow
from dermdash.charts.palette import MODALITY_COLORS, Theme
from dermdash.readings.modality import Modality


@pytest.fixture(scope="module")
def found() -> Reliance:
    return analyse_reliance(make_readings(readers=8, cases=28), options=RelianceOptions(replicates=0)).reliance


@pytest.fixture(scope="module")
def times() -> ReadingTime:
    return analyse_reading_time(make_readings(readers=8, cases=28), options=TimeOptions(replicates=0)).time


def texts(figure: go.Figure) -> str:
    return " | ".join(a.text for a in figure.layout.annotations)


def test_the_forest_has_a_row_for_every_modality_and_group(found: Reliance) -> None:
    figure = switch_forest_figure(found.rates, found.groups)
    marks = [t for t in figure.data if t.mode == "markers"]
    assert [t.x[0] for t in marks] == pytest.approx([100 * r.switch.value for r in (*found.rates, *found.groups)])
    assert marks[0].marker.color == MODALITY_COLORS[Modality.MALIGNANCY_PROBABILITY]
    assert marks[0].x[0] + marks[0].error_x.array[0] == pytest.approx(100 * found.rates[0].switch.high)
    # Groups of two or three readers have an open mark.
    assert marks[len(found.rates)].marker.symbol == "circle-open"


def test_the_plane_has_modalities_with_intervals_and_readers(found: Reliance) -> None:
    figure = reliance_plane_figure(found.rates, found.by_reader)
    by_name = {t.name: t for t in figure.data}
    overall = by_name["All modalities"]
    assert (overall.x[0], overall.y[0]) == pytest.approx(
        (100 * found.rates[-1].rair.value, 100 * found.rates[-1].rsr.value)
    )
    placed = [r for r in found.by_reader if r.rair is not None and r.rsr is not None]
    assert len(by_name["Readers (larger: more such cases)"].x) == len(placed)
    assert "appropriate" in texts(figure)


@pytest.mark.parametrize("theme", list(Theme))
def test_what_flows_into_a_node_flows_out_of_it(found: Reliance, theme: Theme) -> None:
    for figure in (transition_figure(found.transitions, theme=theme), class_flow_figure(found.flows, theme=theme)):
        (sankey,) = figure.data
        values = np.array(sankey.link.value)
        for node in range(len(sankey.node.label)):
            into = values[np.array(sankey.link.target) == node].sum()
            out = values[np.array(sankey.link.source) == node].sum()
            assert into == out or 0 in (into, out)
        first = [v for s, v in zip(sankey.link.source, values, strict=True) if sankey.node.x[s] < 0.1]
        assert sum(first) == found.pairs
        assert "Before | Advice | After" in texts(figure)


def test_a_class_is_named_where_it_first_occurs() -> None:
    (sankey,) = class_flow_figure(
        [AnswerFlow("cbir", "nv", "mel", "mel", "mel", 3), AnswerFlow("cbir", "nv", "nv", "nv", "nv", 1)]
    ).data
    assert list(sankey.node.label) == [
        "Melanocytic nevus 100\N{NO-BREAK SPACE}%",
        "Melanoma 75\N{NO-BREAK SPACE}%",
        "25\N{NO-BREAK SPACE}%",
        "75\N{NO-BREAK SPACE}%",
        "25\N{NO-BREAK SPACE}%",
    ]


def test_one_modality_alone_can_be_drawn(found: Reliance) -> None:
    cells = [t for t in found.transitions if t.modality == "multiclass_probability"]
    figure = transition_figure(found.transitions, modality="multiclass_probability")
    assert sum(figure.data[0].link.value) == 2 * sum(t.count for t in cells)


def test_dependence_is_drawn_with_bands_of_the_intervals(found: Reliance) -> None:
    curve = next(c for c in found.dependence if c.key == "position")
    figure = dependence_figure(curve)
    line = next(t for t in figure.data if t.name == "Changed to the advice")
    assert list(line.y) == pytest.approx([100 * b.switch.value for b in curve.bins])
    band = next(t for t in figure.data if t.fill == "toself")
    assert max(band.y) == pytest.approx(100 * max(b.switch.high for b in curve.bins))
    missing = next(c for c in found.dependence if c.key == "advice_confidence")
    assert "not recorded" in texts(dependence_figure(missing))


def test_times_are_drawn_in_seconds(times: ReadingTime) -> None:
    figure = time_rows_figure(times.summaries)
    marks = sorted(t.x[0] for t in figure.data if t.mode == "markers")
    assert marks == pytest.approx(sorted(s.median / 1000 for s in times.summaries if not s.group))
    assert figure.layout.xaxis.type == "log"


def test_ratios_are_drawn_with_a_line_at_one(times: ReadingTime) -> None:
    figure = time_ratio_figure(times.ratios)
    assert [t.x[0] for t in figure.data] == pytest.approx([r.ratio for r in times.ratios])
    assert figure.layout.shapes[0].x0 == 1
    low, high = figure.layout.xaxis.range
    assert low < 0 < high


def test_the_session_and_speed_are_drawn_for_both_phases(times: ReadingTime) -> None:
    for figure in (
        session_time_figure(times.learning),
        session_accuracy_figure(times.learning),
        speed_accuracy_figure(times.speed_accuracy),
        reader_speed_figure(times.speed_accuracy),
    ):
        assert {t.name for t in figure.data if t.name} == {"Before assistance", "After assistance"}
    speed = speed_accuracy_figure(times.speed_accuracy)
    line = next(t for t in speed.data if t.name == "After assistance")
    assert list(line.x) == sorted(line.x)


def test_empty_results_say_so_instead_of_drawing(found: Reliance, times: ReadingTime) -> None:
    assert "No answer differed" in texts(switch_forest_figure([]))
    assert "not known" in texts(reliance_plane_figure([], []))
    assert "not known" in texts(transition_figure([]))
    assert "does not say" in texts(class_flow_figure([]))
    assert "No pair" in texts(time_ratio_figure([]))
    assert "No time" in texts(time_rows_figure([]))
    empty = replace(times.learning, parts=(), reason="the position in the session is not recorded")
    assert "not recorded" in texts(session_time_figure(empty))
    assert "not recorded" in texts(session_accuracy_figure(empty))
    assert "no answer" in texts(
        speed_accuracy_figure(replace(times.speed_accuracy, curve=(), reason="no answer is known"))
    )


def test_names_from_files_stay_text() -> None:
    table = make_readings(readers=3, cases=14, modalities=("<b>x</b>",))
    reliance = analyse_reliance(table, options=RelianceOptions(replicates=0)).reliance
    assert "&lt;b&gt;x&lt;/b&gt;" in texts(switch_forest_figure(reliance.rates))
    time = analyse_reading_time(table, options=TimeOptions(replicates=0)).time
    assert "<b>x</b>" not in texts(time_ratio_figure(time.ratios)).replace("<b>&lt;", "")


def test_a_constant_time_is_drawn() -> None:
    table = make_readings(readers=3, cases=14)
    table = replace(table, frame=table.frame.assign(client_ms=pd.array([5000.0] * len(table.frame), dtype="Float64")))
    time = analyse_reading_time(table, options=TimeOptions(replicates=0)).time
    for figure in (
        time_rows_figure(time.summaries),
        time_ratio_figure(time.ratios),
        reader_speed_figure(time.speed_accuracy),
    ):
        low, high = figure.layout.xaxis.range
        assert low < high
