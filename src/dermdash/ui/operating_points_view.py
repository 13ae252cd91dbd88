"""Saved operating points: what they are, what they give on another data set, the work list they make."""

import pandas as pd
import streamlit as st

from dermdash.analyses.answer import AnswerFigure
from dermdash.analysis.borderline_cases import left_out_words
from dermdash.analysis.estimates import Estimate
from dermdash.analysis.operating_point import Rule
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.errors import DermdashError
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.analysis.section_view import show_sentence
from dermdash.ui.borderline_choice import link_to_left_out
from dermdash.ui.choices import choose, choose_tab, pick
from dermdash.ui.frontend.exchange.gallery import TilePayload
from dermdash.ui.gallery import gallery
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.messages import as_text, error_words
from dermdash.ui.model_and_images import datasets_with_records, drawn_warning
from dermdash.ui.navigation import RECORD_SCRIPT, switch_page
from dermdash.ui.operating_point_choice import curves_of, output_name, show_thresholds
from dermdash.ui.private_download import private_download
from dermdash.ui.record_tiles import thumbnail_uri, tile_color
from dermdash.ui.tables import data_table
from dermdash.wording import (
    CI,
    counted,
    estimated_percent,
    level,
    moment,
    not_computed,
    percent,
    points,
    threshold,
)
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier import model_registry, operating_points
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.classifier.operating_points import OperatingPoint
from dermdash.workflows.classifier.work_list import Triage, triage, work_list_csv
from dermdash.workflows.dataset.image_kinds import simulated_dataset_ids

_TILES = 6
_TABS = {"triage": "Triage", "elsewhere": "On another data set", "withdraw": "Withdraw"}


def show_points(workspace: Workspace, points: list[OperatingPoint]) -> None:
    """One of them at work, and closed the list of all."""
    if not points:
        return
    predicting = {m["id"] for m in model_registry.list_predicting_models(workspace)}
    # Those that have something to sort here come first; the point that comes with dermdash may have nothing yet.
    by_id = {point.id: point for point in sorted(points, key=lambda p: p.model_id not in predicting)}
    left, right = st.columns(2, vertical_alignment="bottom")
    chosen = by_id[
        choose(
            "Use", list(by_id), lambda i: f"{by_id[i].name} ({i})", key="points.use", name="use", place=left,
            width="stretch",
        )
    ]  # fmt: skip
    model = model_registry.get_model(workspace, chosen.model_id)
    right.caption(
        f"Thresholds of {as_text(model_label(model))}."
        + (f" {chosen.borderline.in_words} in all that follows." if chosen.taxonomy.has_borderline else "")
    )
    kind = bool(model["simulated"])
    names = datasets_with_records(workspace, taxonomy=chosen.taxonomy.name)
    drawn = simulated_dataset_ids(workspace)
    # Those of its own kind first: the other kind is an explicit choice.
    names = dict(sorted(names.items(), key=lambda item: (item[0] in drawn) != kind))
    if chosen.dataset_id in names:
        names = {chosen.dataset_id: names[chosen.dataset_id]} | names
    draw = {"triage": _triage, "elsewhere": _travel, "withdraw": _withdraw}
    tabs = choose_tab(_TABS, key="points.tab")
    for tab_id, tab in tabs.items():
        if tab.open:
            with tab:
                draw[tab_id](workspace, chosen, names)
    labels = {m["id"]: model_label(m) for m in model_registry.list_models(workspace)}
    with st.expander(f"All saved thresholds ({len(points):,})", icon=":material/table_rows:"):
        data_table(_table(points, labels, datasets_with_records(workspace)), key="points.table")


def _table(points: list[OperatingPoint], labels: dict[str, str], names: dict[str, str]) -> pd.DataFrame:
    malignancy = [point.figures[MALIGNANCY] for point in points]
    return pd.DataFrame(
        {
            "Name": [point.name for point in points],
            "Rule": [point.rule_words for point in points],
            "Model": [labels.get(point.model_id, point.model_id) for point in points],
            "Chosen on": [names.get(point.dataset_id, point.dataset_id) for point in points],
            "Records": [point.cases for point in points],
            "Malignancy threshold": [threshold(m.threshold) for m in malignancy],
            f"Sensitivity ({CI})": [estimated_percent(m.sensitivity, why=True) for m in malignancy],
            f"Specificity ({CI})": [estimated_percent(m.specificity, why=True) for m in malignancy],
            **_policies(points),
            "Saved": [moment(point.created_at) if point.created_at else "" for point in points],
        }
    )


def _policies(points: list[OperatingPoint]) -> dict[str, list[str]]:
    """A column of what borderline diagnoses counted as, where that makes a difference to any of them."""
    if not any(point.taxonomy.has_borderline for point in points):
        return {}
    return {"Borderline": [p.borderline.value if p.taxonomy.has_borderline else "" for p in points]}


def _neither(point: OperatingPoint, counts: dict[str, int]) -> str:
    """Who has no side, after another sentence; empty where all have one."""
    words = left_out_words(point.taxonomy, counts)
    return f" {words}" if words else ""


def _triage(workspace: Workspace, point: OperatingPoint, names: dict[str, str]) -> None:
    # Points of other classes have other data sets: what was chosen for one of them is no choice for this one.
    key = f"points.triage_dataset.{point.taxonomy.name}"
    left, right = st.columns(2, vertical_alignment="bottom")
    dataset_id = pick(
        "Data set to sort", list(names), names.__getitem__, key=key, name="sort",
        default=next(iter(names), None), place=left, width="stretch",
    )  # fmt: skip
    if dataset_id is None:
        return
    try:
        found = triage(workspace, point.id, dataset_id=dataset_id)
    except DermdashError as error:
        st.info(error_words(error), icon=":material/info:")
        return
    with right.container(horizontal=True, vertical_alignment="center"):
        private_download(
            "Work list (CSV)", lambda privacy: work_list_csv(workspace, found, privacy=privacy),
            file_name=f"dermdash-work-list-{dataset_id}.csv", key="points.work_list",
        )  # fmt: skip
    if dataset_id in simulated_dataset_ids(workspace):
        drawn_warning()
    _say_sorted(found, names[dataset_id])
    drawn, beside = st.columns([3, 2], gap="large")
    with drawn:
        _other_thresholds(workspace, point, dataset_id, names[dataset_id])
        _say_judged(found)
        link_to_left_out([dataset_id], found.left_out_of_malignancy)
    with beside:
        _first_of_list(workspace, found)


def _say_sorted(found: Triage, dataset: str) -> None:
    listed = len(found.work_list)
    show_sentence(
        f"{listed:,} of {counted(found.records, 'record')} of {dataset} reach the malignancy threshold of "
        f"{threshold(found.threshold)}."
    )
    shares = (("Malignant records in the list", found.seen), ("Benign records spared", found.kept_off))
    figures = [AnswerFigure("To be looked at", percent(listed / found.records, 0), f"{listed:,} of {found.records:,}")]
    figures += [AnswerFigure.of_estimate(name, estimated_percent(share, why=True)) for name, share in shares]
    show_key_figures([KeyFigure(*figure) for figure in figures])


def _say_judged(found: Triage) -> None:
    intervals = f"with {level(0.95)} intervals"
    if found.seen.value is not None and found.seen.interval is None:
        intervals = "without intervals, as the threshold was chosen on some of them"
    st.caption(
        f"Both shares are among the {counted(found.judged, 'record')} with a diagnosis that the model did not "
        f"train on, {intervals}."
        + _neither(found.point, found.left_out_of_malignancy)
        + (f" Not sorted, without a prediction: {counted(found.unpredicted, 'record')}." if found.unpredicted else "")
        + (f" Rejected for image quality, and left out: {counted(found.rejected, 'record')}." if found.rejected else "")
    )


def _other_thresholds(workspace: Workspace, point: OperatingPoint, dataset_id: str, dataset: str) -> None:
    """What other thresholds would give on this data set."""
    found = curves_of(workspace, point, [dataset_id], MALIGNANCY)
    if dataset_id not in found:
        st.caption("No record here has a diagnosis and was held out: what other thresholds would give is not known.")
        return
    show_thresholds({dataset: found[dataset_id]}, point.figures[MALIGNANCY].threshold, key="points.others")


def _first_of_list(workspace: Workspace, found: Triage) -> None:
    """Those to be looked at first; a click opens one."""
    shown = found.work_list.head(_TILES)
    tiles = [
        TilePayload(
            id=row["id"],
            image=thumbnail_uri(workspace, row["image_sha256"]),
            title=diagnosis_name(row["dx"]),
            subtitle=f"malignant {percent(row['malignancy_probability'], 0)}",
            color=tile_color(row["dx"]),
        )
        for _, row in shown.iterrows()
    ]
    opened = gallery(tiles, key=f"points.tiles.{found.point.id}.{found.dataset_id}", tile_px=110, label="Work list")
    if len(found.work_list) > len(tiles):
        st.caption(f"The first {len(tiles)} of {len(found.work_list):,}; the CSV has all of them.")
    if opened in set(shown["id"]):
        switch_page(RECORD_SCRIPT, query_params={"id": str(opened)})


def _travel(workspace: Workspace, point: OperatingPoint, names: dict[str, str]) -> None:
    others = [d for d in names if d != point.dataset_id]
    if not others:
        st.info("There is no other data set with these classes to apply it to.", icon=":material/info:")
        return
    dataset_id = choose("Apply to", others, names.__getitem__, key="points.apply_dataset", name="apply-to", width=420)
    try:
        applied = operating_points.apply_operating_point(
            workspace, point.id, dataset_id=dataset_id, include_trained=not point.held_out
        )
    except DermdashError as error:
        st.info(error_words(error), icon=":material/info:")
        return
    order = sorted(applied.by_name, key=lambda name: name != MALIGNANCY)
    rows = [applied.by_name[name] for name in order]
    st.markdown(f"**{counted(applied.cases, 'held-out record')}** of {as_text(names[dataset_id])}")
    data_table(
        pd.DataFrame(
            {
                "Output": [output_name(name) for name in order],
                "Threshold": [threshold(t.here.threshold) for t in rows],
                "Sensitivity here": [estimated_percent(t.here.sensitivity, why=True) for t in rows],
                "Change": [_change(t.sensitivity_change) for t in rows],
                "Specificity here": [estimated_percent(t.here.specificity, why=True) for t in rows],
                "Change ": [_change(t.specificity_change) for t in rows],
                "The rule would choose": [threshold(t.own_threshold) for t in rows],
            }
        ),
        key="points.travel",
    )
    st.caption(
        f"Changes in percentage points against {as_text(names.get(point.dataset_id, point.dataset_id))}, "
        + (
            f"with {level(0.95)} intervals (Newcombe). An interval without 0 says that the threshold does not travel."
            if point.rule is Rule.VALUE
            else "without intervals, since the figures it was chosen by are too good."
        )
        + _neither(point, applied.left_out_of_malignancy)
    )


def _change(estimate: Estimate) -> str:
    """A change in points with its interval, or why there is none."""
    if estimate.value is None:
        return not_computed(estimate.reason)
    low, high = estimate.interval or (None, None)
    return points(estimate.value, low, high)


def _withdraw(workspace: Workspace, point: OperatingPoint, _names: dict[str, str]) -> None:
    if not access.may(Right.RUN_MODELS):
        st.caption("A curator can withdraw it.")
        return
    st.markdown(
        f"Withdrawing takes *{as_text(point.name)}* out of use and frees its name. It stays readable by its id "
        f"`{point.id}`."
    )
    sure = st.checkbox("I want to withdraw it", key=f"points.sure.{point.id}")
    if st.button("Withdraw", key="points.withdraw", disabled=not sure, icon=":material/block:"):
        withdrawn_by = access.act(Right.RUN_MODELS).id
        operating_points.withdraw_operating_point(workspace, point.id, withdrawn_by=withdrawn_by)
        st.toast(f"Withdrawn: {as_text(point.name)}")
        st.rerun()
