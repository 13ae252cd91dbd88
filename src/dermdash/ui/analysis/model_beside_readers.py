"""A model beside the readers of a study, image by image: paired differences, each reader, where they disagree."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.analyses.comparison import tables
from dermdash.analyses.comparison.paired_cases import reader_disagreements
from dermdash.analyses.comparison.run import compare_model_with_readers
from dermdash.analysis.evaluation import EvaluationOptions
from dermdash.analysis.reader_comparison import ReaderComparison
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.charts.curve_frame import class_color
from dermdash.charts.palette import Theme
from dermdash.charts.roc_curves import ReaderMark, RocLine, roc_figure
from dermdash.errors import DermdashError
from dermdash.records.taxonomy import BorderlinePolicy, diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.model_choice import ModelChoice
from dermdash.ui.choices import choose, switch
from dermdash.ui.disagreements import show_disagreements
from dermdash.ui.downloads import csv_button
from dermdash.ui.messages import as_text, error_words
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import counted
from dermdash.workflows.classifier.evaluate_model import evaluation_version
from dermdash.workflows.reader_study import study_results


def model_beside_readers(workspace: Workspace, choice: ModelChoice, borderline: BorderlinePolicy) -> None:
    """Offer, below the readers and the model of a study, the two case by case; of a log or a file there is none."""
    if choice.study_id is None or choice.file is not None:
        return
    study = study_results.find_study(workspace, choice.study_id)
    model_id = choice.model_id or study["model_id"]
    if not model_id:
        return
    if not switch(
        "Case by case", key="comparison.readers", name="cases",
        help="Paired differences between the model and each reader, and the cases about which they disagree.",
    ):  # fmt: skip
        return
    version = f"{evaluation_version(workspace)} {study['readings']}"
    try:
        with st.spinner(f"Comparing, {counted(EvaluationOptions().bootstrap, 'bootstrap draw')}", show_time=True):
            found, differ = _compared(
                workspace, str(workspace.home), version, str(study["id"]), str(model_id), choice.include_trained,
                borderline,
            )  # fmt: skip
    except DermdashError as error:
        st.info(error_words(error), icon=":material/info:")
        return
    st.markdown(
        f"**{as_text(found.model)} and {counted(len(found.readers), 'reader')} · {counted(found.images, 'image')}, "
        f"{counted(found.answers, 'answer')} without assistance**"
    )
    for warning in found.warnings:
        st.warning(as_text(warning), icon=":material/warning:")
    _show_readers(workspace, found, differ)


@st.cache_data(ttl=3600, max_entries=12, show_spinner=False)
def _compared(
    _workspace: Workspace,
    home: str,
    version: str,
    study_id: str,
    model_id: str,
    include_trained: bool,
    borderline: BorderlinePolicy,
) -> tuple[ReaderComparison, pd.DataFrame]:
    asked: dict[str, Any] = {"model_id": model_id, "include_trained": include_trained}
    found = compare_model_with_readers(_workspace, study_id, **asked, options=EvaluationOptions(borderline=borderline))
    return found, reader_disagreements(_workspace, study_id, **asked)


def _show_readers(workspace: Workspace, found: ReaderComparison, differ: pd.DataFrame) -> None:
    st.subheader("Paired differences", anchor=False)
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
    st.subheader("Where the model and most readers disagree", anchor=False)
    show_disagreements(workspace, differ, first=found.model, second="most readers")


def _reader_overlay(found: ReaderComparison, *, theme: Theme) -> None:
    codes = list(found.curves)
    if not codes:
        st.info("No curve: the cases read so far lack malignant or benign ones.", icon=":material/info:")
        return
    codes.sort(key=lambda code: code != MALIGNANCY)
    names = _class_names(found)
    code = choose("Class", codes, names.__getitem__, key="comparison.roc.class", name="curve", width=340)
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
