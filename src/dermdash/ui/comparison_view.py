"""The comparison page: paired figures, curves on one plot, and the cases where both disagree."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dermdash.analyses.comparison import tables
from dermdash.analyses.comparison.paired_cases import (
    PairedModels,
    model_disagreements,
    pair_model_with_file,
    pair_models,
    reader_disagreements,
)
from dermdash.analyses.comparison.run import compare_model_with_readers
from dermdash.analyses.comparison.section import only_one_right
from dermdash.analysis.estimates import BoolArray, FloatArray
from dermdash.analysis.evaluation import EvaluationOptions
from dermdash.analysis.reader_comparison import ReaderComparison
from dermdash.analysis.roc import missing_side, roc_curve
from dermdash.analysis.scored_cases import MALIGNANCY, ScoredCases
from dermdash.charts.curve_frame import class_color, series_color
from dermdash.charts.palette import Theme
from dermdash.charts.roc_curves import ReaderMark, RocLine, roc_figure
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui.choices import choose
from dermdash.ui.comparison_choice import FILE, READERS, ComparisonRequest, comparison_request
from dermdash.ui.disagreements import show_disagreements
from dermdash.ui.downloads import csv_button
from dermdash.ui.messages import as_text
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import counted, number
from dermdash.workflows.classifier.evaluate_model import evaluation_version
from dermdash.workflows.classifier.evaluation_cases import PredictionFile
from dermdash.workflows.reader_study import study_results

Result = PairedModels | tuple[ReaderComparison, pd.DataFrame]


def comparison_page(workspace: Workspace) -> Result | None:
    """The choice and its result; None (with what to do next on the page) where nothing is compared.

    Raises
    ------
    DermdashError
        The two cannot be compared; the message says what would help.
    """
    request = comparison_request(workspace)
    if request is None:
        return None
    with st.spinner("Comparing, 2,000 bootstrap draws", show_time=True):
        return _compared(workspace, str(workspace.home), _version(workspace), request)


def _version(workspace: Workspace) -> str:
    readings = [(s["id"], s["readings"]) for s in study_results.list_studies(workspace)]
    return f"{evaluation_version(workspace)} {readings}"


@st.cache_data(ttl=3600, max_entries=12, show_spinner=False)
def _compared(_workspace: Workspace, home: str, version: str, request: ComparisonRequest) -> Result:
    options = EvaluationOptions(borderline=request.borderline)
    if request.kind == READERS:
        found = compare_model_with_readers(
            _workspace,
            request.study_id,
            model_id=request.model_id,
            include_trained=request.include_trained,
            options=options,
        )
        differ = reader_disagreements(
            _workspace, request.study_id, model_id=request.model_id, include_trained=request.include_trained
        )
        return found, differ
    if request.kind == FILE:
        assert request.file is not None
        return pair_model_with_file(
            _workspace,
            request.model_id,
            PredictionFile(*request.file),
            dataset_id=request.dataset_ids[0],
            include_trained=request.include_trained,
            normalise=request.normalise,
            options=options,
        )
    return pair_models(
        _workspace,
        request.model_id,
        request.second,
        dataset_ids=request.dataset_ids,
        include_trained=request.include_trained,
        options=options,
    )


def comparison_state(result: Result) -> str:
    """Who is compared with whom on how many images."""
    if isinstance(result, PairedModels):
        found = result.comparison
        left_out = result.left_out["only_one_can_be_evaluated"]
        return (
            f"{as_text(found.first)} and {as_text(found.second)} · {counted(found.images, 'image')} in "
            f"{counted(found.groups, 'group')} of patients or lesions"
            + (f" · {left_out:,} left out, which only one of both can be judged on" if left_out else "")
        )
    readers = result[0]
    return (
        f"{as_text(readers.model)} and {counted(len(readers.readers), 'reader')} · "
        f"{counted(readers.images, 'image')}, {counted(readers.answers, 'answer')} "
        "without assistance"
    )


def show_comparison(workspace: Workspace, result: Result) -> None:
    """Everything about two models, or about a model and readers."""
    found = result.comparison if isinstance(result, PairedModels) else result[0]
    for warning in found.warnings:
        st.warning(as_text(warning), icon=":material/warning:")
    if isinstance(result, PairedModels):
        _show_models(workspace, result)
    else:
        _show_readers(workspace, *result)


def _show_models(workspace: Workspace, pair: PairedModels) -> None:
    found = pair.comparison
    st.header("Paired differences", anchor=False)
    data_table(tables.metric_table(found).shown, key="comparison.metrics")
    taxonomy = pair.first.taxonomy
    data_table(tables.class_difference_table(found, taxonomy).shown, key="comparison.classes")
    st.caption(
        "First minus second on the same images. Intervals of the upper table redraw patients (lesions, where no "
        "patient is known) 2,000 times, for both alike. Areas by class: DeLong's paired test with the variance between "
        "patients; p (Holm) is corrected over the classes."
    )
    csv_button(
        "Differences (CSV)", lambda: tables.comparison_frame(found, taxonomy), name="comparison", key="comparison.csv"
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        _overlay(pair)
    with right:
        _mcnemar(pair)
    st.header("Where they disagree", anchor=False)
    show_disagreements(workspace, model_disagreements(pair), first=found.first, second=found.second)


def _overlay(pair: PairedModels) -> None:
    names = {MALIGNANCY: "Malignant"} | {c.code: c.name for c in pair.first.taxonomy.classes}
    drawn = [code for code in names if missing_side(_target(pair.first, code)[0]) is None]
    if not drawn:
        st.info("No curve: no class has both positive and other cases.", icon=":material/info:")
        return
    code = choose("Class", drawn, names.__getitem__, key="comparison.roc.class", name="class", width=340)
    areas = {c.code: c for c in (*pair.comparison.classes, pair.comparison.malignancy) if c is not None}
    lines = []
    for i, (cases, name) in enumerate(((pair.first, pair.comparison.first), (pair.second, pair.comparison.second))):
        test = areas[code].grouped
        auc = "" if test is None else f" \N{MIDDLE DOT} AUC {number(test.first if i == 0 else test.second)}"
        curve = roc_curve(*_target(cases, code))
        lines.append(RocLine(f"{name}{auc}", curve, series_color(i), "dash" if i else "solid"))
    figure = roc_figure(lines, title=f"{names[code]}: both on the same images", theme=current_theme())
    show_figure(figure, key="comparison.roc")


def _target(cases: ScoredCases, code: str) -> tuple[BoolArray, FloatArray]:
    if code == MALIGNANCY:
        return cases.sided.malignant, cases.sided.malignancy
    index = cases.taxonomy.codes.index(code)
    return cases.truth == index, cases.probabilities[:, index]


def _mcnemar(pair: PairedModels) -> None:
    table = tables.mcnemar_table(pair.comparison)
    st.markdown(f"**{table.title}**")
    data_table(table.shown, key="comparison.mcnemar")
    st.caption(only_one_right(pair.comparison))


def _show_readers(workspace: Workspace, found: ReaderComparison, differ: pd.DataFrame) -> None:
    if found.simulated:
        st.warning(
            "The readers of this study are **simulated** by a program. Nothing here was answered by a person.",
            icon=":material/science:",
        )
    st.header("Paired differences", anchor=False)
    data_table(tables.reader_metric_table(found).shown, key="comparison.reader_metrics")
    above = (
        f" The model's curve for malignancy passes above {found.readers_below_curve} of "
        f"{counted(found.readers_placed, 'reader')}."
        if found.readers_placed
        else ""
    )
    reasons = dict.fromkeys(d.reason for d in found.differences if d.reason)
    without = f" Not computed: {'; '.join(reasons)}." if reasons else ""
    st.caption(
        "Model minus mean of readers on the cases each reader read, answers without assistance. Sensitivity and "
        "specificity are those for malignancy, the model at the readers' mean of the other. Intervals redraw "
        f"readers and patients, so they hold for other readers and patients of the same kind.{above}{without}"
    )
    csv_button(
        "Readers and differences (CSV)", lambda: tables.reader_frame(found), name="comparison", key="comparison.csv"
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        _reader_overlay(found, theme=current_theme())
    with right:
        st.markdown("**Each reader and the model**")
        data_table(tables.reader_table(found).shown, key="comparison.readers")
    st.header("Where the model and most readers disagree", anchor=False)
    show_disagreements(workspace, differ, first=found.model, second="most readers")


def _reader_overlay(found: ReaderComparison, *, theme: Theme) -> None:
    codes = list(found.curves)
    if not codes:
        st.info("No curve: the cases read so far lack malignant or benign ones.", icon=":material/info:")
        return
    codes.sort(key=lambda code: code != MALIGNANCY)
    names = _class_names(found)
    code = choose("Class", codes, names.__getitem__, key="comparison.roc.class", name="class", width=340)
    marks = [
        ReaderMark(reader.reader, p.sensitivity, p.specificity)
        for reader in found.readers
        if (p := reader.points[code]).sensitivity is not None and p.specificity is not None
    ]
    middle = found.mean_points[code]
    mean = None
    if len(marks) > 1 and middle.sensitivity is not None and middle.specificity is not None:
        mean = ReaderMark(f"Mean of {counted(len(marks), 'reader')}", middle.sensitivity, middle.specificity)
    line = RocLine(found.model, found.curves[code], class_color(code, theme=theme))
    figure = roc_figure([line], readers=marks, mean=mean, title=f"{names[code]}: model and readers", theme=theme)
    show_figure(figure, key="comparison.roc")


def _class_names(found: ReaderComparison) -> dict[str, str]:
    codes = [code for code in found.mean_points if code != MALIGNANCY]
    return {MALIGNANCY: "Malignant"} | {code: diagnosis_name(code) for code in codes}
