"""What the figures of an evaluation show, asserted on their values."""

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from tests.unit.charts.evaluated import make_evaluation

from dermdash.analysis.estimates import Estimate
from dermdash.analysis.evaluation import Evaluation
from dermdash.analysis.one_vs_rest import estimate_auc
from dermdash.charts.confusion import model_confusion_figure
from dermdash.charts.curve_frame import class_dash
from dermdash.charts.decision_curve import decision_curve_figure
from dermdash.charts.palette import INKS, SERIES_COLORS, Theme, diagnosis_color
from dermdash.charts.precision_recall import precision_recall_figure
from dermdash.charts.reliability import reliability_figure
from dermdash.charts.roc_curves import ReaderMark, roc_figure, roc_line
from dermdash.charts.subgroup_forest import subgroup_estimate, subgroup_forest_figure
from dermdash.charts.threshold_by_dataset import threshold_figure
from dermdash.records.taxonomy import ASAN12, HAM7
from dermdash.wording import estimated_percent


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return make_evaluation()


def traces(figure: go.Figure, name: str) -> list[Any]:
    return [trace for trace in figure.data if (trace.name or "").startswith(name)]


def all_figures(found: Evaluation, theme: Theme) -> list[go.Figure]:
    assert found.malignancy is not None
    assert found.calibration_scaled is not None
    assert found.decision_curve is not None
    return [
        roc_figure([line for c in found.classes if (line := roc_line(c, theme=theme))], theme=theme),
        precision_recall_figure([*found.classes, found.malignancy], theme=theme),
        threshold_figure({"all": found.malignancy}, chosen=0.4, theme=theme),
        reliability_figure(
            found.calibration.top_class, found.calibration_scaled.measures.top_class, title="Top class", theme=theme
        ),
        decision_curve_figure(found.decision_curve, theme=theme),
        subgroup_forest_figure(found.subgroups, measure="auc", theme=theme),
    ]


@pytest.mark.parametrize("theme", list(Theme))
def test_every_figure_has_a_title_and_axes_with_units(evaluation: Evaluation, theme: Theme) -> None:
    for figure in all_figures(evaluation, theme):
        assert figure.layout.title.text
        assert figure.layout.meta["description"]
        assert "%" in figure.layout.xaxis.title.text or "AUC" in figure.layout.xaxis.title.text
        if figure.layout.yaxis.visible is not False:
            assert "%" in figure.layout.yaxis.title.text or "per 100 cases" in figure.layout.yaxis.title.text
        assert figure.layout.title.font.color == INKS[theme].text


def test_the_roc_curve_shows_auc_and_the_operating_point_with_its_intervals(evaluation: Evaluation) -> None:
    mel = next(c for c in evaluation.classes if c.code == "mel")
    line = roc_line(mel, theme=Theme.LIGHT)
    assert line is not None
    figure = roc_figure([line])
    (curve,) = traces(figure, "Melanoma")
    assert curve.line.color == diagnosis_color("mel")
    assert curve.name.endswith(f"AUC {mel.auc.estimate.value:.3f}")
    # The area under what is drawn is the area that is reported.
    assert np.trapezoid(curve.y, curve.x) / 10_000 == pytest.approx(mel.auc.estimate.value, abs=1e-9)
    (point,) = [t for t in figure.data if t.mode == "markers"]
    assert mel.sensitivity.value is not None
    assert mel.specificity.value is not None
    assert (point.x[0], point.y[0]) == pytest.approx((100 - 100 * mel.specificity.value, 100 * mel.sensitivity.value))
    # Its own cases chose the threshold: the point is there without intervals.
    assert mel.specificity.interval is None
    assert not any(point.error_x.array or ())
    given = replace(mel, sensitivity=Estimate(0.8, 0.7, 0.88), specificity=Estimate(0.75, 0.6, 0.85))
    line = roc_line(given, theme=Theme.LIGHT)
    assert line is not None
    (point,) = [t for t in roc_figure([line]).data if t.mode == "markers"]
    mel = given
    assert mel.specificity.interval is not None
    assert mel.sensitivity.interval is not None
    # To the right of the point specificity is lower.
    assert point.x[0] + point.error_x.array[0] == pytest.approx(100 - 100 * mel.specificity.interval[0])
    assert point.y[0] + point.error_y.array[0] == pytest.approx(100 * mel.sensitivity.interval[1])
    assert estimated_percent(mel.sensitivity) in point.hovertext[0]


def test_readers_stand_beside_the_curve_with_their_mean(evaluation: Evaluation) -> None:
    assert evaluation.malignancy is not None
    line = roc_line(evaluation.malignancy, theme=Theme.DARK)
    assert line is not None
    marks = [ReaderMark("A", 0.8, 0.7), ReaderMark("B", 0.6, 0.9)]
    figure = roc_figure([line], readers=marks, mean=ReaderMark("Mean of 2 readers", 0.7, 0.8), theme=Theme.DARK)
    (readers,) = traces(figure, "Readers")
    assert list(readers.x) == pytest.approx([30, 10])
    assert list(readers.y) == pytest.approx([80, 60])
    (mean,) = traces(figure, "Mean of 2 readers")
    assert (mean.x[0], mean.y[0]) == pytest.approx((20, 70))
    assert (
        mean.hovertext[0]
        == "Mean of 2 readers<br>sensitivity 70.0\N{NO-BREAK SPACE}%, specificity 80.0\N{NO-BREAK SPACE}%"
    )


def test_precision_recall_shows_the_share_of_the_class_as_the_level_of_chance(evaluation: Evaluation) -> None:
    nv = next(c for c in evaluation.classes if c.code == "nv")
    figure = precision_recall_figure([nv])
    chance, curve = figure.data
    assert list(chance.y) == pytest.approx([100 / 7] * 2)
    assert curve.name.endswith(f"AP {nv.average_precision.value:.3f}")
    assert curve.x[-1] == pytest.approx(100)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_each_data_set_has_its_two_lines_against_the_threshold(evaluation: Evaluation, logarithmic: bool) -> None:
    by_dataset = {d.dataset: d.malignancy for d in evaluation.datasets if d.malignancy is not None}
    figure = threshold_figure(by_dataset, chosen=0.25, logarithmic=logarithmic)
    assert [t.name for t in figure.data] == [
        "away: sensitivity", "away: specificity", "home: sensitivity", "home: specificity",
    ]  # fmt: skip
    assert [t.line.color for t in figure.data] == [SERIES_COLORS[0]] * 2 + [SERIES_COLORS[1]] * 2
    assert all(np.all(np.diff(t.y) <= 1e-9) for t in figure.data[::2])
    assert all(np.all(np.diff(t.y) >= -1e-9) for t in figure.data[1::2])
    assert figure.layout.shapes[0].x0 == 25
    assert figure.layout.annotations[0].text == "chosen 25.00\N{NO-BREAK SPACE}%"
    assert (figure.layout.xaxis.type == "log") == logarithmic
    assert min(figure.data[0].x) == pytest.approx(0.01 if logarithmic else 0)


def test_reliability_draws_bins_before_and_after_with_their_counts(evaluation: Evaluation) -> None:
    scaled = evaluation.calibration_scaled
    assert scaled is not None
    before, after = evaluation.calibration.top_class, scaled.measures.top_class
    figure = reliability_figure(before, after, title="Top class")
    (stated,) = traces(figure, "As stated by the model")
    assert list(stated.x) == pytest.approx([100 * b.stated for b in before.bins])
    assert list(stated.y) == pytest.approx([100 * b.observed for b in before.bins])
    assert stated.hovertext[0].endswith(f"{before.bins[0].count} cases")
    assert f"calibration error {100 * before.expected_error:.1f}\N{NO-BREAK SPACE}%" in stated.name
    (again,) = traces(figure, "After temperature scaling")
    assert f"calibration error {100 * after.expected_error:.1f}\N{NO-BREAK SPACE}%" in again.name


def test_the_decision_curve_draws_the_model_between_all_and_none(evaluation: Evaluation) -> None:
    found = evaluation.decision_curve
    assert found is not None
    figure = decision_curve_figure(found)
    (model,) = traces(figure, "Model")
    assert list(model.y) == pytest.approx(list(100 * found.model))
    assert list(traces(figure, "Treat all")[0].y) == pytest.approx(list(100 * found.treat_all))
    assert set(traces(figure, "Treat none")[0].y) == {0}
    assert len(traces(figure, "95\N{NO-BREAK SPACE}% band")[0].x) == 2 * len(found.thresholds)
    assert figure.layout.yaxis.range[0] < 0 < 100 * found.prevalence <= figure.layout.yaxis.range[1]


def test_subgroups_are_rows_with_intervals_and_small_ones_are_open(evaluation: Evaluation) -> None:
    assert evaluation.malignancy is not None
    figure = subgroup_forest_figure(evaluation.subgroups, measure="auc", overall=evaluation.malignancy.auc.estimate)
    texts = [a.text for a in figure.layout.annotations]
    assert texts[:1] == ["<b>Sex</b>"]
    assert next(t for t in texts if t.startswith("female")).startswith("female \N{MIDDLE DOT} ")
    parts = [part for table in evaluation.subgroups for part in table.rows]
    assert list(np.concatenate([t.x for t in figure.data])) == pytest.approx(
        [p.auc.estimate.value for p in parts if p.auc.estimate.value is not None]
    )
    for trace, part in zip(figure.data, parts, strict=True):
        assert (trace.marker.symbol == "circle-open") == (part.note is not None)
        assert (part.note or "") in trace.hovertext[0]
    assert figure.layout.shapes[0].x0 == pytest.approx(evaluation.malignancy.auc.estimate.value)


def test_shares_of_subgroups_are_in_percent(evaluation: Evaluation) -> None:
    figure = subgroup_forest_figure(evaluation.subgroups, measure="accuracy")
    first = evaluation.subgroups[0].rows[0].accuracy
    assert first.value is not None
    assert first.interval is not None
    assert figure.data[0].x[0] == pytest.approx(100 * first.value)
    assert figure.data[0].error_x.array[0] == pytest.approx(100 * (first.interval[1] - first.value))
    assert figure.layout.xaxis.title.text.startswith("Top-1 accuracy, %")


def test_the_confusion_of_a_model_is_in_percent_of_the_truth(evaluation: Evaluation) -> None:
    counts = evaluation.classification.confusion
    (heat,) = model_confusion_figure(counts, taxonomy=HAM7).data
    assert np.allclose(heat.z, 100 * counts / counts.sum(axis=1, keepdims=True))
    assert heat.hovertext[4][5] == f"{counts[4, 5]} of 30 images<br>truth Melanoma<br>called Melanocytic nevus"


def test_twelve_classes_are_told_apart_by_colour_or_dash() -> None:
    looks = {(diagnosis_color(code), class_dash(code)) for code in ASAN12.codes}
    assert len(looks) == len(ASAN12.codes)


def test_figures_without_curves_say_what_is_missing() -> None:
    for figure in (
        roc_figure([]),
        precision_recall_figure([]),
        threshold_figure({}),
        subgroup_forest_figure((), measure="auc"),
    ):
        assert figure.layout.annotations[0].text.endswith(".")
        assert not figure.data
    assert not reliability_figure(None, None, title="x").data


def test_an_area_without_variance_between_patients_is_drawn_without_an_interval(evaluation: Evaluation) -> None:
    table = evaluation.subgroups[0]
    # Patients that are copies of each other.
    copies = estimate_auc(np.tile([True, False, False], 10), np.tile([0.5, 0.4, 0.6], 10), np.repeat(np.arange(10), 3))
    part = replace(table.rows[0], auc=copies)
    assert subgroup_estimate(part, "auc").value == part.auc.estimate.value
    assert subgroup_estimate(part, "auc").interval is None
    figure = subgroup_forest_figure([replace(table, rows=(part,))], measure="auc")
    assert [trace.error_x.array for trace in figure.data] == [None]
