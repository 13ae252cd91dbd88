"""The evaluation page: its answer, and closed below it the table per class and tabs with everything else."""

from __future__ import annotations

import streamlit as st

from dermdash.analyses.answer import AnalysisAnswer
from dermdash.analyses.evaluation.section import evaluation_section
from dermdash.analyses.evaluation.tables import class_table
from dermdash.analysis.auc_intervals import RULE as AREA_RULE
from dermdash.analysis.evaluation import Evaluation
from dermdash.records.chosen_records import kept_in_words
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.controls import seen_from_start
from dermdash.ui.analysis.section_view import DETAILS, show_answer, show_method
from dermdash.ui.borderline_choice import link_to_left_out
from dermdash.ui.choices import choose_tab
from dermdash.ui.downloads import csv_button
from dermdash.ui.evaluation_choice import FileRequest, ModelRequest, evaluation_request
from dermdash.ui.evaluation_run import json_file, run_evaluation
from dermdash.ui.evaluation_tabs import CHOSEN_IN_TABS, TABS
from dermdash.ui.messages import as_text
from dermdash.ui.model_and_images import datasets_with_records
from dermdash.ui.record_strip import RecordBehind, record_strip
from dermdash.ui.tables import data_table
from dermdash.wording import counted, counted_reasons, level, percent
from dermdash.workflows.classifier.evaluate_model import record_of_case
from dermdash.workflows.classifier.model_registry import model_label


def evaluation_page(workspace: Workspace) -> tuple[ModelRequest | FileRequest, Evaluation] | None:
    """The choice and its result; None (with what to do next on the page) where nothing is evaluated.

    Raises
    ------
    DermdashError
        The files or the data cannot be evaluated; the message says what would help.
    """
    request = evaluation_request(workspace)
    if request is None:
        return None
    return request, run_evaluation(workspace, request)


def evaluation_state(workspace: Workspace, evaluation: Evaluation) -> str:
    """What was evaluated, on how many images of how many people, and what was left out."""
    source = evaluation.source
    names = datasets_with_records(workspace)
    called = dict(zip(source["datasets"], source["dataset_names"], strict=True))
    datasets = " and ".join(as_text(names.get(d, called[d])) for d in source["datasets"])
    if len(source["datasets"]) > 1:
        datasets += " (pooled)"
    if source["kind"] == "model":
        what, where = as_text(model_label(source["model"])), datasets
        if kept := source.get("record_filter"):
            where += f" (only {kept_in_words(kept, escaped=as_text)})"
    else:
        what = ", ".join(as_text(name) for name in source["predictions"])
        where = as_text(source["truth"]) if source["truth"] else datasets
    kinds = {"patient": "patients", "lesion": "lesions", "image": "single images"}
    grouping = evaluation.grouping
    groups = [counted(n, kind if kind != "image" else "single image", kinds[kind]) for kind, n in grouping.items() if n]
    left_out = counted_reasons(evaluation.left_out)
    parts = [f"{what} on {where}", f"{counted(evaluation.images, 'image')} of {' and '.join(groups)}"]
    return " \N{MIDDLE DOT} ".join([*parts, *([f"left out: {left_out}"] if left_out else [])])


def show_evaluation(workspace: Workspace, request: ModelRequest | FileRequest, evaluation: Evaluation) -> None:
    """The answer with the images that were misread worst; everything measured under Details, the method below."""
    section = evaluation_section(evaluation)

    def strip(answer: AnalysisAnswer) -> None:
        _misread(workspace, evaluation)

    show_answer(section, strip if evaluation.source["datasets"] else None)
    # Open where the address names something in it.
    asked = seen_from_start("evaluation.details_open", asked=bool(CHOSEN_IN_TABS & set(st.query_params)))
    with st.expander(DETAILS, icon=":material/list_alt:", expanded=asked):
        _details(request, evaluation)
    show_method(section)


def _misread(workspace: Workspace, evaluation: Evaluation) -> None:
    behind = [
        RecordBehind(
            record,
            one.truth,
            diagnosis_name(one.truth),
            f"named {diagnosis_name(one.named)} \N{MIDDLE DOT} {percent(one.probability, 0)} sure",
        )
        for one in evaluation.misread_cases
        if (record := record_of_case(evaluation, one.case)) is not None
    ]
    record_strip(workspace, behind, order="named wrong, the surest first", key="evaluation")


def _details(request: ModelRequest | FileRequest, evaluation: Evaluation) -> None:
    for warning in evaluation.warnings:
        st.warning(as_text(warning), icon=":material/warning:")
    if evaluation.source["datasets"]:
        link_to_left_out(evaluation.source["datasets"], evaluation.left_out_of_malignancy)
    _class_table(evaluation)
    tabs = choose_tab({tab_id: title for tab_id, (title, _) in TABS.items()}, key="evaluation.tab")
    for tab_id, tab in tabs.items():
        if tab.open:  # only the open one is computed
            with tab:
                TABS[tab_id][1](evaluation)
    st.divider()
    st.download_button(
        "Complete evaluation (JSON)",
        lambda: json_file(evaluation),
        file_name=f"evaluation-{file_stem(request)}.json",
        mime="application/json",
        key="evaluation.download.json",
        icon=":material/data_object:",
        on_click="ignore",
    )
    st.caption("The same as `dermdash evaluate --json` prints; docs/evaluation.md explains every key.")


def file_stem(request: ModelRequest | FileRequest) -> str:
    """Name of downloads: the model, or the first file."""
    return request.model_id if isinstance(request, ModelRequest) else request.files[0][0].rsplit(".", 1)[0]


def _class_table(evaluation: Evaluation) -> None:
    st.header("Each class against the rest", anchor=False)
    table = class_table(evaluation)
    data_table(
        table.shown,
        key="evaluation.classes",
        column_config={
            "Class": st.column_config.TextColumn(pinned=True),
            "Cases": st.column_config.NumberColumn(format="localized"),
        },
    )
    options = evaluation.options
    rule = (
        f"Thresholds are those of the operating point {as_text(options.threshold_source or 'given')}; a class it does "
        "not name keeps Youden's, chosen on these same images."
        if options.thresholds
        else "Thresholds maximise sensitivity + specificity (Youden) on these same images: see the warning above."
    )
    intervals = f"{level(options.confidence)} intervals"
    how = (
        f"{intervals} from {counted(options.bootstrap, 'bootstrap draw')} of whole patients (lesions, where no patient "
        "is known)."
        if options.bootstrap
        else f"{intervals}: DeLong's on the log odds for areas, Wilson's for shares; no bootstrap draws were requested."
    )
    st.caption(
        f"{rule} Specificity (malignant) is the share of rejected cases among the malignant cases of other classes, "
        f"specificity (benign) among the benign ones: a wrong cancer is told apart from a false alarm. {how} "
        f"{AREA_RULE}"
    )
    csv_button("Table (CSV)", lambda: table.numbers, name="evaluation-classes", key="evaluation.download.classes")
