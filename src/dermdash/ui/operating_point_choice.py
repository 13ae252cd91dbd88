"""Choosing an operating point: model, data set and rule, what they give, the curves of several data sets, saving."""

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.analyses.answer import AnswerFigure
from dermdash.analysis.borderline_cases import left_out_words
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.one_vs_rest import OneVsRest
from dermdash.analysis.operating_point import MALIGNANCY, Rule, ThresholdFigures
from dermdash.analysis.threshold_rates import chosen_here
from dermdash.charts.labels import untitled
from dermdash.charts.roc_curves import roc_figure, roc_line
from dermdash.charts.rows import lowered
from dermdash.charts.threshold_by_dataset import threshold_figure
from dermdash.errors import AccessDenied, DermdashError, NotFound
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.analysis.controls import seen_from_start
from dermdash.ui.analysis.section_view import DETAILS, MOST_PX, show_sentence
from dermdash.ui.borderline_choice import borderline_choice, link_to_left_out
from dermdash.ui.choices import choose, choose_several, pick, switch
from dermdash.ui.entries import enter_number
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.messages import as_text, error_words
from dermdash.ui.model_and_images import datasets_with_records, drawn_warning, in_use_caption, pick_model
from dermdash.ui.navigation import switch_page
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import CI, counted_reasons, estimated_number, estimated_percent, level, percent, threshold
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier import operating_points
from dermdash.workflows.classifier.evaluate_model import evaluation_version
from dermdash.workflows.classifier.evaluation_datasets import default_dataset
from dermdash.workflows.classifier.operating_points import OperatingPoint
from dermdash.workflows.dataset.image_kinds import simulated_dataset_ids

_RULES = {
    Rule.YOUDEN: "Youden: greatest sensitivity + specificity",
    Rule.SENSITIVITY: "At least a sensitivity",
    Rule.SPECIFICITY: "At least a specificity",
    Rule.VALUE: "A given threshold",
}
_TARGETS = {Rule.SENSITIVITY: 95.0, Rule.SPECIFICITY: 80.0, Rule.VALUE: 50.0}
_MOST_CURVES = 4
_CHOSEN_IN_DETAILS = frozenset({"class", "compared"})
CHOSEN_HERE = frozenset({"model", "dataset", "rule", "target", "trained"}) | _CHOSEN_IN_DETAILS
"""What an address names that leads to this form."""


def choose_form(workspace: Workspace, models: list[dict[str, Any]]) -> None:
    """Choose thresholds, look at what they give, and save them under a name."""
    first, second, third = st.columns(3)
    by_id = {str(m["id"]): m for m in models}
    with first:
        model = by_id[pick_model(models, key="points.model", width="stretch")]
        in_use_caption(workspace, model)
    names = datasets_with_records(workspace, taxonomy=model["taxonomy"])
    try:
        own = str(default_dataset(workspace, model)["id"])
    except NotFound:
        own = None
    dataset_id = pick(
        "Chosen on", list(names), names.__getitem__, key=f"points.dataset.{model['id']}", name="dataset",
        default=own if own in names else None, place=second, disabled=not names, placeholder="Choose a data set",
    )  # fmt: skip
    rule, target = _rule(third)
    taxonomy = model["taxonomy"]
    borderline = borderline_choice([taxonomy], key=f"points.borderline.{taxonomy}", place=second)
    include = switch(
        "Also records the model trained on",
        key="points.include_trained",
        name="trained",
        help="The figures flatter the model then.",
    )
    if dataset_id is None:
        return
    if dataset_id in simulated_dataset_ids(workspace):
        drawn_warning()
    asked = (model["id"], dataset_id, rule, target, include, borderline, evaluation_version(workspace))
    try:
        point = _preview(workspace, asked)
    except DermdashError as error:
        st.info(error_words(error), icon=":material/info:")
        return
    found = curves_of(workspace, point, [point.dataset_id], MALIGNANCY).get(point.dataset_id)
    _say_found(point, found, names[point.dataset_id])
    _left_out(point)
    drawn, beside = st.columns([3, 2], gap="large")
    with drawn:
        curves = {} if found is None else {names[point.dataset_id]: found}
        show_thresholds(curves, point.figures[MALIGNANCY].threshold, key="points.thresholds")
    with beside:
        _save(workspace, point)
    # Open where the address names something in it.
    asked_for = seen_from_start("points.details_open", asked=bool(_CHOSEN_IN_DETAILS & set(st.query_params)))
    with st.expander(DETAILS, icon=":material/list_alt:", expanded=asked_for):
        _plots(workspace, point, names)
        data_table(figures_table(point.figures), key="points.figures")
        st.caption(
            f"Intervals ({level(0.95)}) count patients or lesions, not images."
            + ("" if point.rule is Rule.VALUE else f" {chosen_here('These thresholds')}")
        )


def _say_found(point: OperatingPoint, found: OneVsRest | None, dataset: str) -> None:
    """What the threshold of malignancy gives where it is chosen."""
    at = point.figures[MALIGNANCY]
    show_sentence(
        f"At a malignancy of {threshold(at.threshold)} the model finds {_share(at.sensitivity)} of the malignant and "
        f"spares {_share(at.specificity)} of the benign records of {dataset}."
    )
    figures = [
        AnswerFigure("Threshold", threshold(at.threshold), "malignancy probability"),
        AnswerFigure.of_estimate("Sensitivity", estimated_percent(at.sensitivity, why=True)),
        AnswerFigure.of_estimate("Specificity", estimated_percent(at.specificity, why=True)),
    ]
    if found is not None:
        figures.append(AnswerFigure.of_estimate("AUC", estimated_number(found.auc.estimate)))
    show_key_figures([KeyFigure(*figure) for figure in figures])


def _share(estimate: Estimate) -> str:
    return "an unknown share" if estimate.value is None else percent(estimate.value, 0)


def show_thresholds(curves: dict[str, OneVsRest], chosen: float | None, *, key: str) -> None:
    """What any threshold would give, by data set, with the chosen one marked."""
    figure = threshold_figure(curves, chosen=chosen, theme=current_theme())
    show_figure(lowered(untitled(figure), MOST_PX), key=key)
    st.caption(
        "What any threshold finds of the malignant (sensitivity) and spares of the benign records (specificity)."
    )


def curves_of(workspace: Workspace, point: OperatingPoint, dataset_ids: list[str], name: str) -> dict[str, OneVsRest]:
    """How an output of the model of a point sorts these data sets, by id; those with nothing to judge are left out."""
    return operating_points.figures_of_datasets(
        workspace, model_id=point.model_id, dataset_ids=dataset_ids, name=name, threshold=point.figures[name].threshold,
        include_trained=not point.held_out, borderline=point.borderline,
    )  # fmt: skip


def _rule(place: Any) -> tuple[Rule, float | None]:
    rule = choose("Rule", list(_RULES), _RULES.__getitem__, key="points.rule", name="rule", place=place)
    if rule not in _TARGETS:
        return rule, None
    title = {Rule.SENSITIVITY: "Sensitivity (%)", Rule.SPECIFICITY: "Specificity (%)", Rule.VALUE: "Threshold (%)"}
    value = enter_number(
        title[rule], 0.1, 100.0, _TARGETS[rule], step=1.0, key=f"points.target.{rule}", name="target", place=place
    )
    return rule, round(value / 100, 6)


def _preview(workspace: Workspace, asked: tuple[Any, ...]) -> OperatingPoint:
    known: tuple[Any, OperatingPoint] | None = st.session_state.get(keys.POINT_PREVIEW)
    if known is None or known[0] != asked:
        model_id, dataset_id, rule, target, include, borderline, _ = asked
        point, _ = operating_points.preview_operating_point(
            workspace, model_id=model_id, dataset_id=dataset_id, rule=rule, target=target, include_trained=include,
            borderline=borderline,
        )  # fmt: skip
        known = (asked, point)
        st.session_state[keys.POINT_PREVIEW] = known
    return known[1]


def _left_out(point: OperatingPoint) -> None:
    left = counted_reasons(point.left_out)
    held_out = "held-out records" if point.held_out else "records, those of the training among them"
    st.markdown(f"**{point.cases:,} {held_out}**" + (f" · left out: {left}" if left else ""))
    if words := left_out_words(point.taxonomy, point.left_out_of_malignancy):
        st.caption(words)
        link_to_left_out([point.dataset_id], point.left_out_of_malignancy)


def _plots(workspace: Workspace, point: OperatingPoint, names: dict[str, str]) -> None:
    left, right = st.columns(2)
    shown = choose(
        "Curves of",
        [MALIGNANCY, *point.taxonomy.codes],
        output_name,
        key="points.curves_of",
        name="class",
        place=left,
    )
    drawn = simulated_dataset_ids(workspace)
    kind = point.dataset_id in drawn
    others = [d for d in names if d != point.dataset_id and (d in drawn) == kind]
    chosen = choose_several(
        "Data sets", list(names), names.__getitem__, key=f"points.compared.{point.dataset_id}", name="compared",
        default=[point.dataset_id, *others][:_MOST_CURVES], most=_MOST_CURVES, place=right,
    )  # fmt: skip
    wanted = list(dict.fromkeys([point.dataset_id, *chosen]))
    figure = point.figures[shown]
    found = curves_of(workspace, point, wanted, shown)
    theme = current_theme()
    own = roc_line(found[point.dataset_id], theme=theme)
    with left:
        title = f"ROC on {names[point.dataset_id]}"
        show_figure(roc_figure([] if own is None else [own], title=title, theme=theme), key="points.roc")
    with right:
        compared = {names[d]: found[d] for d in chosen if d in found}
        show_figure(threshold_figure(compared, chosen=figure.threshold, theme=theme), key="points.compared_thresholds")
        missing = [names[d] for d in chosen if d not in found or found[d].roc is None]
        if missing:
            st.caption(f"Without held-out records of both kinds: {as_text(', '.join(missing))}.")
        else:
            st.caption("Where the curves of two data sets lie apart, one threshold does not serve both.")


def output_name(name: str) -> str:
    """Malignancy, or the class in words."""
    return "Malignancy" if name == MALIGNANCY else diagnosis_name(name)


def figures_table(figures: dict[str, ThresholdFigures]) -> pd.DataFrame:
    """One row per class, malignancy first."""
    order = sorted(figures, key=lambda name: name != MALIGNANCY)
    return pd.DataFrame(
        {
            "Output": [output_name(name) for name in order],
            "Threshold": [threshold(figures[name].threshold) for name in order],
            f"Sensitivity ({CI})": [estimated_percent(figures[name].sensitivity, why=True) for name in order],
            "Cases": [figures[name].sensitivity.total for name in order],
            f"Specificity ({CI})": [estimated_percent(figures[name].specificity, why=True) for name in order],
            "Others": [figures[name].specificity.total for name in order],
        }
    )


def _save(workspace: Workspace, point: OperatingPoint) -> None:
    if not access.may(Right.RUN_MODELS):
        return
    with st.form("points.save", border=False, clear_on_submit=True):
        name = st.text_input("Save it as", key="points.name", max_chars=operating_points.MAX_NAME, width=420)
        if not st.form_submit_button("Save this threshold", type="primary", key="points.submit"):
            return
    try:
        saved = operating_points.choose_operating_point(
            workspace, name=name, model_id=point.model_id, dataset_id=point.dataset_id, rule=point.rule,
            target=point.target, include_trained=not point.held_out, borderline=point.borderline,
            created_by=access.act(Right.RUN_MODELS).id,
        )  # fmt: skip
    except AccessDenied:
        raise
    except DermdashError as error:
        st.error(as_text(error), icon=":material/error:")
        return
    st.toast(f"Saved: {as_text(saved.name)}")
    switch_page("classifier/operating_points", query_params={"use": saved.id})
