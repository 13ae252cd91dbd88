"""The page of two models: its answer, and closed below it figures, curves on one plot, and where both disagree."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dermdash.analyses.answer import AnalysisAnswer
from dermdash.analyses.comparison import tables
from dermdash.analyses.comparison.paired_cases import (
    PairedModels,
    model_disagreements,
    pair_model_with_file,
    pair_models,
)
from dermdash.analyses.comparison.section import comparison_section, only_one_right
from dermdash.analysis.arrays import BoolArray, FloatArray
from dermdash.analysis.evaluation import EvaluationOptions
from dermdash.analysis.roc import missing_side, roc_curve
from dermdash.analysis.scored_cases import MALIGNANCY, ScoredCases
from dermdash.charts.curve_frame import series_color
from dermdash.charts.roc_curves import RocLine, roc_figure
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import address
from dermdash.ui.analysis.controls import seen_from_start
from dermdash.ui.analysis.section_view import DETAILS, show_answer, show_method
from dermdash.ui.case_tiles import STRIP
from dermdash.ui.choices import choose
from dermdash.ui.comparison_choice import FILE, ComparisonRequest, comparison_request
from dermdash.ui.disagreements import show_disagreements
from dermdash.ui.downloads import csv_button
from dermdash.ui.messages import as_text
from dermdash.ui.navigation import STUDY_SCRIPT, may_open, switch_page
from dermdash.ui.record_strip import RecordBehind, record_strip
from dermdash.ui.source_choice import link_to_study
from dermdash.ui.study_tabs import analysis_query
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import counted, number
from dermdash.workflows.classifier.evaluate_model import evaluation_version
from dermdash.workflows.classifier.evaluation_cases import PredictionFile

_CHOSEN_IN_DETAILS = frozenset({"class", "right"})
"""Parameters of the address that what is chosen in the details has."""


def lead_to_readers() -> None:
    """Lead an address that asks for a model and the readers of a study to where these are: on the page of the study."""
    if address.asked("compare") != ["readers"] or not may_open(STUDY_SCRIPT):
        return
    query = analysis_query("human-machine") | {"cases": "on"}
    if study := address.asked("study"):
        query |= link_to_study(study[0])
    if model := address.asked("model"):
        query["model"] = model[0]
    switch_page(STUDY_SCRIPT, query_params=query)


def comparison_page(workspace: Workspace) -> PairedModels | None:
    """The choice and its result; None (with what to do next on the page) where nothing is compared.

    Raises
    ------
    DermdashError
        The two cannot be compared; the message says what would help.
    """
    request = comparison_request(workspace)
    if request is None:
        return None
    with st.spinner(f"Comparing, {counted(EvaluationOptions().bootstrap, 'bootstrap draw')}", show_time=True):
        return _compared(workspace, str(workspace.home), evaluation_version(workspace), request)


@st.cache_data(ttl=3600, max_entries=12, show_spinner=False)
def _compared(_workspace: Workspace, home: str, version: str, request: ComparisonRequest) -> PairedModels:
    options = EvaluationOptions(borderline=request.borderline)
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


def comparison_state(result: PairedModels) -> str:
    """What is compared with what on how many images."""
    found = result.comparison
    left_out = result.left_out["only_one_can_be_evaluated"]
    return (
        f"{as_text(found.first)} and {as_text(found.second)} · {counted(found.images, 'image')} in "
        f"{counted(found.groups, 'group')} of patients or lesions"
        + (f" · {left_out:,} left out, which only one of both can be judged on" if left_out else "")
    )


def show_comparison(workspace: Workspace, pair: PairedModels) -> None:
    """The answer with images that both name differently; the rest under Details, the method below."""
    found, taxonomy = pair.comparison, pair.first.taxonomy
    section = comparison_section(found, taxonomy, simulated=pair.simulated)
    differ = model_disagreements(pair)

    def strip(answer: AnalysisAnswer) -> None:
        _named_differently(workspace, differ)

    show_answer(section, strip if len(differ) else None)
    asked = seen_from_start("comparison.details_open", asked=bool(_CHOSEN_IN_DETAILS & set(st.query_params)))
    with st.expander(DETAILS, icon=":material/list_alt:", expanded=asked):
        _details(workspace, pair, differ)
    show_method(section)


def _named_differently(workspace: Workspace, differ: pd.DataFrame) -> None:
    behind = [
        RecordBehind(
            row["record"],
            row["truth"],
            diagnosis_name(row["truth"]),
            f"1: {diagnosis_name(row['first'])}, 2: {diagnosis_name(row['second'])}",
        )
        for _, row in differ.head(2 * STRIP).iterrows()
    ]
    record_strip(workspace, behind, order="named differently, the surest first", key="comparison")


def _details(workspace: Workspace, pair: PairedModels, differ: pd.DataFrame) -> None:
    found, taxonomy = pair.comparison, pair.first.taxonomy
    for warning in found.warnings:
        st.warning(as_text(warning), icon=":material/warning:")
    st.header("Paired differences", anchor=False)
    data_table(tables.metric_table(found).shown, key="comparison.metrics")
    data_table(tables.class_difference_table(found, taxonomy).shown, key="comparison.classes")
    csv_button(
        "Differences (CSV)", lambda: tables.comparison_frame(found, taxonomy), name="comparison", key="comparison.csv"
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        _overlay(pair)
    with right:
        _mcnemar(pair)
    st.header("Where they disagree", anchor=False)
    show_disagreements(workspace, differ, first=found.first, second=found.second)


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
