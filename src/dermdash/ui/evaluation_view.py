"""The evaluation page: state, key figures, the table per class, and tabs with everything else."""

from __future__ import annotations

import streamlit as st

from dermdash.analyses.evaluation.tables import class_table
from dermdash.analysis.auc_intervals import RULE as AREA_RULE
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.evaluation import Evaluation
from dermdash.records.chosen_records import kept_in_words
from dermdash.storage.workspace import Workspace
from dermdash.ui.borderline_choice import link_to_left_out
from dermdash.ui.choices import choose_tab
from dermdash.ui.downloads import csv_button
from dermdash.ui.evaluation_choice import FileRequest, ModelRequest, evaluation_request
from dermdash.ui.evaluation_run import evaluation_json, run_evaluation
from dermdash.ui.evaluation_tabs import TABS
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.messages import as_text
from dermdash.ui.model_and_images import datasets_with_records
from dermdash.ui.tables import data_table
from dermdash.wording import bounds, counted, level, number, percent
from dermdash.workflows.classifier.model_registry import model_label

_MELANOMA = ("mel", "melanoma")
_LEFT_OUT = {
    "trained_on": "left out as trained on",
    "no_prediction": "without a prediction",
    "filtered_out": "left out by the filter",
    "rejected_at_acquisition": "rejected at acquisition",
    "no_diagnosis": "without a diagnosis",
    "no_truth": "predicted but not in the truth",
    "not_evaluable_in_every_repeat": "not in every repeat",
}


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
    left_out = [f"{n:,} {_LEFT_OUT.get(key, key.replace('_', ' '))}" for key, n in evaluation.left_out.items() if n]
    parts = [f"{what} on {where}", f"{counted(evaluation.images, 'image')} of {' and '.join(groups)}"]
    return " \N{MIDDLE DOT} ".join([*parts, *left_out])


def show_evaluation(request: ModelRequest | FileRequest, evaluation: Evaluation) -> None:
    """Everything measured, from the few figures down to every table."""
    for warning in evaluation.warnings:
        st.warning(as_text(warning), icon=":material/warning:")
    if evaluation.source["datasets"]:
        link_to_left_out(evaluation.source["datasets"], evaluation.left_out_of_malignancy)
    show_key_figures(key_figures(evaluation))
    _class_table(evaluation)
    tabs = choose_tab({tab_id: title for tab_id, (title, _) in TABS.items()}, key="evaluation.tab")
    for tab_id, tab in tabs.items():
        if tab.open:  # only the open one is computed
            with tab:
                TABS[tab_id][1](evaluation)
    st.divider()
    st.download_button(
        "Complete evaluation (JSON)",
        lambda: evaluation_json(evaluation),
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


def key_figures(evaluation: Evaluation) -> list[KeyFigure]:
    """Mean recall, top-1, AUC of malignancy and melanoma, calibration error."""
    scores = evaluation.classification
    figures = [
        KeyFigure(name, percent(e.value), _below(e))
        for name, e in (("Mean recall", scores.mean_recall), ("Top-1 accuracy", scores.accuracy))
    ]
    melanoma = next((c for c in evaluation.classes if c.code in _MELANOMA), None)
    for name, found in (("AUC, malignant", evaluation.malignancy), ("AUC, melanoma", melanoma)):
        if found is not None:
            auc = found.auc.estimate
            figures.append(KeyFigure(name, number(auc.value), _below(auc, decimals=3, scale=1)))
    scaled = evaluation.calibration_scaled
    after = "" if scaled is None else f"{percent(scaled.measures.top_class.expected_error)} with temperature"
    figures.append(KeyFigure("Calibration error", percent(evaluation.calibration.top_class.expected_error), after))
    return figures


def _below(estimate: Estimate, *, decimals: int = 1, scale: float = 100) -> str:
    """What stands below a figure: its interval, or why there is no figure."""
    if estimate.value is None:
        return estimate.reason or ""
    return "" if estimate.interval is None else bounds(*estimate.interval, decimals, scale=scale)


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
