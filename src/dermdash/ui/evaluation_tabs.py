"""The tabs of the evaluation page: curves, thresholds, confusion, calibration, subgroups, decision curve, repeats."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dermdash.analyses.evaluation import tables
from dermdash.analyses.section import ResultTable
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.evaluation import Evaluation
from dermdash.analysis.scaled_calibration import CROSS_FITTED
from dermdash.analysis.subgroups import SUBGROUP_COLUMNS
from dermdash.charts.confusion import model_confusion_figure
from dermdash.charts.decision_curve import decision_curve_figure
from dermdash.charts.precision_recall import precision_recall_figure
from dermdash.charts.reliability import reliability_figure
from dermdash.charts.roc_curves import roc_figure, roc_line
from dermdash.charts.subgroup_forest import MEASURES, subgroup_forest_figure
from dermdash.charts.threshold_by_dataset import threshold_figure
from dermdash.records.taxonomy import get_taxonomy
from dermdash.ui.choices import choose, choose_segment, choose_several, switch
from dermdash.ui.downloads import csv_button
from dermdash.ui.messages import as_text
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import counted, level, number, percent


def _curves(evaluation: Evaluation) -> None:
    scores = {c.code: c for c in tables.every_score(evaluation) if c.roc is not None}
    if not scores:
        st.info("No curve: no class has both positive and other cases.", icon=":material/info:")
        return
    default = [code for code in scores if code in evaluation.malignant_codes] or list(scores)
    chosen = choose_several(
        "Classes",
        list(scores),
        lambda code: scores[code].name,
        key="evaluation.curves.classes",
        name="curves",
        default=default,
        draw="pills",
    )
    shown = [scores[code] for code in scores if code in chosen]
    theme = current_theme()
    lines = [line for found in shown if (line := roc_line(found, theme=theme)) is not None]
    left, right = st.columns(2, gap="medium")
    with left:
        show_figure(roc_figure(lines, theme=theme), key="evaluation.roc")
    with right:
        show_figure(precision_recall_figure(shown, theme=theme), key="evaluation.precision_recall")
    st.caption(
        "Points are the thresholds of the table above with the intervals of sensitivity and specificity. Dotted: "
        "chance, on the right the share of each class among the cases. AP, average precision, holds for this mix only."
    )
    csv_button(
        "Points of all curves (CSV)",
        lambda: tables.curve_points(evaluation),
        name="evaluation-curves",
        key="evaluation.download.curves",
    )


def _thresholds(evaluation: Evaluation) -> None:
    scores = {c.code: c for c in tables.every_score(evaluation) if c.roc is not None}
    if not scores:
        st.info("No threshold: no class has both positive and other cases.", icon=":material/info:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        code = choose(
            "Class", list(scores), lambda c: scores[c].name, key="evaluation.threshold.class", name="class", width=340
        )
        logarithmic = switch("Logarithmic threshold axis", key="evaluation.threshold.log", name="logarithmic")
    by_dataset = tables.scores_of_datasets(evaluation, code)
    chosen = scores[code].threshold
    figure = threshold_figure(by_dataset, chosen=chosen, logarithmic=logarithmic, theme=current_theme())
    show_figure(figure, key="evaluation.thresholds")
    data_table(tables.threshold_table(evaluation, code).shown, key="evaluation.threshold.table")
    st.caption(
        "Solid: sensitivity, dashed: specificity. Where the lines of two data sets part, one threshold does not serve "
        "both: the table shows what the chosen threshold reaches in each, and what its own would."
        if len(by_dataset) > 1
        else "Solid: sensitivity, dashed: specificity. Choose two or more data sets above to see whether one threshold "
        "serves them all."
    )
    csv_button(
        "Every class and data set (CSV)",
        lambda: tables.threshold_table(evaluation).numbers,
        name="evaluation-thresholds",
        key="evaluation.download.thresholds",
    )


def _confusion(evaluation: Evaluation) -> None:
    taxonomy = get_taxonomy(evaluation.taxonomy)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        figure = model_confusion_figure(evaluation.classification.confusion, taxonomy=taxonomy, theme=current_theme())
        show_figure(figure, key="evaluation.confusion")
    with right:
        top = tables.top_table(evaluation)
        data_table(top.shown, key="evaluation.top")
        st.caption(top.note)
    recalls = tables.recall_table(evaluation, taxonomy)
    data_table(recalls.shown, key="evaluation.recalls")
    with st.container(horizontal=True):
        csv_button(
            "Confusion (CSV)",
            lambda: tables.confusion_frame(evaluation),
            name="evaluation-confusion",
            key="evaluation.download.confusion",
        )
        csv_button(
            "Recall, precision, F1 (CSV)",
            lambda: recalls.numbers,
            name="evaluation-recall",
            key="evaluation.download.recall",
        )


def _calibration(evaluation: Evaluation) -> None:
    before, scaled = evaluation.calibration, evaluation.calibration_scaled
    after = tables.scaled_measures(evaluation)
    top, malignant = (None, None) if after is None else (after.top_class, after.malignancy)
    theme = current_theme()
    left, right = st.columns(2, gap="medium")
    with left:
        figure = reliability_figure(before.top_class, top, title="Most probable class", y="Was right, %", theme=theme)
        show_figure(figure, key="evaluation.reliability.top")
    with right:
        figure = reliability_figure(before.malignancy, malignant, title="Malignancy", y="Was malignant, %", theme=theme)
        show_figure(figure, key="evaluation.reliability.malignancy")
    data_table(tables.calibration_table(evaluation).shown, key="evaluation.calibration")
    if scaled is None:
        st.caption("No temperature could be fitted: that needs cases of at least two patients or lesions.")
    else:
        where = (
            f"cross-fitted over {counted(len(scaled.temperatures), 'fold')} of patients, so that no case is judged by "
            "a temperature it helped to fit"
            if scaled.fitted_on == CROSS_FITTED
            else f"fitted on {counted(scaled.fitted_cases, 'case')} of {as_text(scaled.fitted_on)}"
            + (f" ({scaled.left_out:,} left out, their patients are evaluated here)" if scaled.left_out else "")
        )
        sure = "too sure of itself" if scaled.temperature > 1 else "not sure enough"
        st.caption(
            f"Temperature {number(scaled.temperature, 2)}, {where}. It says the model was {sure}; scaling changes no "
            "diagnosis. Points below the diagonal promise more than comes true."
        )
    csv_button(
        "Bins (CSV)",
        lambda: tables.calibration_frame(evaluation),
        name="evaluation-calibration",
        key="evaluation.download.calibration",
    )


def _subgroups(evaluation: Evaluation) -> None:
    if not evaluation.subgroups:
        parted_by = ", ".join(title.lower() for title in SUBGROUP_COLUMNS.values())
        st.info(
            f"No subgroups: {parted_by} are not recorded for these cases, or are the same for all of them.",
            icon=":material/info:",
        )
        return
    available = MEASURES if evaluation.malignancy else {k: v for k, v in MEASURES.items() if "malignan" not in v}
    measure = choose_segment(
        "Figure", list(available), available.__getitem__, key="evaluation.subgroups.measure", name="figure"
    )
    figure = subgroup_forest_figure(
        evaluation.subgroups, measure=measure, overall=_overall(evaluation, measure), theme=current_theme()
    )
    show_figure(figure, key="evaluation.subgroups")
    st.caption(
        "One threshold of malignancy for all parts, that of the table above. Parts differ in their mix of diagnoses "
        "too, and among many comparisons some differ by chance. Open marks: fewer than ten malignant or benign cases."
    )
    for table in evaluation.subgroups:
        with st.expander(f"{table.title}: all figures"):
            made = tables.subgroup_table(table)
            data_table(made.shown, key=f"evaluation.subgroups.{table.column}")
            csv_button(
                f"{table.title} (CSV)",
                partial(_numbers, made),
                name=f"evaluation-by-{table.column}",
                key=f"evaluation.download.{table.column}",
            )


def _overall(evaluation: Evaluation, measure: str) -> Estimate | None:
    whole, scores = evaluation.malignancy, evaluation.classification
    found = {"accuracy": scores.accuracy, "mean_recall": scores.mean_recall}
    if whole is not None:
        found |= {"auc": whole.auc.estimate, "sensitivity": whole.sensitivity, "specificity": whole.specificity}
    return found.get(measure)


def _decision(evaluation: Evaluation) -> None:
    curve = evaluation.decision_curve
    if curve is None:
        st.info("No decision curve: malignant and benign cases are both needed.", icon=":material/info:")
        return
    show_figure(decision_curve_figure(curve, theme=current_theme()), key="evaluation.decision")
    st.caption(
        f"Acting on the model pays at a threshold probability where its line is above both others. At {level(0.1)} a "
        f"person accepts nine needless excisions for one that was needed. {_worth(evaluation)} The share of malignant "
        f"cases here is {percent(curve.prevalence)}; where it is another, so is the curve."
    )
    csv_button(
        "Decision curve (CSV)",
        lambda: tables.decision_frame(curve),
        name="evaluation-decision-curve",
        key="evaluation.download.decision",
    )


def _worth(evaluation: Evaluation) -> str:
    curve = evaluation.decision_curve
    assert curve is not None
    if curve.advantage_low is None:
        return ""
    above = np.flatnonzero(curve.advantage_low > 0)
    if len(above) == 0:
        return "At no threshold is the model better than both beyond chance."
    low, high = curve.thresholds[above[0]], curve.thresholds[above[-1]]
    gaps = "mostly " if len(above) < above[-1] - above[0] + 1 else ""
    return f"Beyond chance it is better than both {gaps}from {percent(low, 0)} to {percent(high, 0)}."


def _repeats(evaluation: Evaluation) -> None:
    if evaluation.repeats is None:
        st.info(
            "One training only. Choose other trainings of the same kind under *Choices* (or several files) to see "
            "mean and standard deviation over them.",
            icon=":material/info:",
        )
        return
    taxonomy = get_taxonomy(evaluation.taxonomy)
    made = tables.repeats_table(evaluation.repeats, taxonomy)
    data_table(made.shown, key="evaluation.repeats.table")
    names = ", ".join(as_text(name) for name in evaluation.repeats.names)
    st.caption(
        f"Mean \N{PLUS-MINUS SIGN} standard deviation over {counted(len(evaluation.repeats.names), 'repeat')}: {names}."
    )
    csv_button(
        "Repeats (CSV)",
        lambda: made.numbers,
        name="evaluation-repeats",
        key="evaluation.download.repeats",
    )


def _numbers(table: ResultTable) -> pd.DataFrame:
    return table.numbers


TABS: dict[str, tuple[str, Callable[[Evaluation], None]]] = {
    "curves": ("Curves", _curves),
    "thresholds": ("Thresholds", _thresholds),
    "confusion": ("Confusion", _confusion),
    "calibration": ("Calibration", _calibration),
    "subgroups": ("Subgroups", _subgroups),
    "decision": ("Decision curve", _decision),
    "repeats": ("Repeats", _repeats),
}
"""Title and content of each, by its id."""
CHOSEN_IN_TABS = frozenset({"tab", "curves", "class", "logarithmic", "figure"})
"""Parameters of the address that the tabs and what is chosen in them have."""
