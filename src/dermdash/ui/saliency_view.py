"""The saliency page: how many predictions are explained, how faithful the maps are, and the maps themselves."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dermdash.analysis.faithfulness_summary import FaithfulnessRow
from dermdash.charts.faithfulness import curves_figure, faithfulness_figure
from dermdash.charts.rows import lowered
from dermdash.classifier.saliency_map import MALIGNANT, PREDICTED
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.analysis.section_view import DETAILS, MOST_PX, show_sentence
from dermdash.ui.choices import choose, choose_segment, choose_tab
from dermdash.ui.messages import as_text, empty_state, redraw_saying, show_outcome
from dermdash.ui.model_and_images import drawn_warning, in_use_caption, pick_kind, pick_model
from dermdash.ui.saliency_gallery import show_gallery
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import CI, counted, difference, level, percent, percent_range, points
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier import explain_predictions, model_registry
from dermdash.workflows.classifier.explain_predictions import CURVE_RECORDS, ExplainProgress
from dermdash.workflows.classifier.faithfulness_report import (
    FIGURE_TITLES,
    FaithfulnessReport,
    answer_words,
    faithfulness_report,
    figures_csv,
    report_version,
    summary_csv,
)
from dermdash.workflows.classifier.model_in_use import offered
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.classifier.saliency_regions import LESION, region_words
from dermdash.workflows.dataset.image_kinds import kind_words

TARGETS = {PREDICTED: "Predicted class", MALIGNANT: "Malignancy"}
AT_ONCE = 12
"""So many are explained unasked where there is no map yet: they take seconds, and a page without one shows nothing."""
_TABS = {"maps": "Maps", "faithfulness": "Faithfulness", "curves": "Insertion and deletion"}
_PARTS = {"all": "All records", "correct": "Classified correctly", "wrong": "Classified wrongly"}


def show_choice(workspace: Workspace) -> tuple[dict[str, Any], str, bool]:
    """Let the visitor choose a model, what of it is explained, and whether of drawn images."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        drawn = pick_kind(workspace, key=keys.SALIENCY_IMAGES)
        models = _models(workspace, drawn)
        model = models[pick_model(list(models.values()), key=keys.of_kind("saliency.model", drawn), width=560)]
        target = choose_segment(
            "What is explained",
            list(TARGETS),
            TARGETS.__getitem__,
            key=keys.SALIENCY_TARGET,
            name="explained",
            default=PREDICTED,
        )
        in_use_caption(workspace, model)
    return model, target, drawn


def _models(workspace: Workspace, drawn: bool) -> dict[str, dict[str, Any]]:
    return {str(m["id"]): m for m in offered(workspace, model_registry.list_models(workspace), simulated=drawn)}


def saliency_state(workspace: Workspace, model: dict[str, Any], target: str, drawn: bool) -> str:
    """How many records the chosen model has explained."""
    explained, total = explain_predictions.coverage(workspace, model_id=model["id"], target=target, simulated=drawn)
    return f"{explained:,} of {total:,} {kind_words(drawn, total)} explained by {as_text(model_label(model))}"


def show_saliency(workspace: Workspace, model: dict[str, Any], target: str, drawn: bool) -> None:
    """Everything below the choice: the missing maps, faithfulness, the gallery."""
    explained, total = explain_predictions.coverage(workspace, model_id=model["id"], target=target, simulated=drawn)
    if total == 0:
        empty_state("upload", "No records yet", "Import a data set; then its predictions can be explained here.")
        return
    show_outcome("saliency.explain")
    if explained == 0 and access.may(Right.RUN_MODELS) and _explain(workspace, model, target, drawn, most=AT_ONCE):
        st.rerun()
    if explained < total:
        _offer_explaining(workspace, model, target, drawn, missing=total - explained)
    if explained == 0:
        return
    report = _report(
        workspace, str(workspace.home), report_version(workspace, model["id"]), model["id"], target, drawn, LESION
    )
    if sentence := answer_words(report):
        show_sentence(sentence)
    elif drawn:  # else the sentence says it
        drawn_warning()
    tabs = choose_tab(_TABS, key="saliency.tabs")
    with tabs["maps"]:
        show_gallery(workspace, report, taxonomy=get_taxonomy(model["taxonomy"]))
    with tabs["faithfulness"]:
        _offer_measuring(workspace, model, target)
        _show_faithfulness(_against(workspace, report), model)
    with tabs["curves"]:
        _show_curves(workspace, report)


@st.cache_data(max_entries=8, show_spinner=False)
def _report(
    _workspace: Workspace, home: str, version: str, model_id: str, target: str, drawn: bool, region: str
) -> FaithfulnessReport:
    return faithfulness_report(_workspace, model_id=model_id, target=target, simulated=drawn, region=region)


def _against(workspace: Workspace, report: FaithfulnessReport) -> FaithfulnessReport:
    """The report on the region that the visitor chooses, where people marked more than the lesion."""
    if set(report.regions) <= {LESION}:
        return report
    region = choose(
        "Held against",
        [LESION, *(name for name in report.regions if name != LESION)],
        region_words,
        key="saliency.region",
        name="region",
        width=320,
        help="The mask of the lesion, or a structure as at least half of the reviewers of a record marked it.",
    )
    version = report_version(workspace, report.model_id)
    return _report(workspace, str(workspace.home), version, report.model_id, report.target, report.simulated, region)


def _offer_measuring(workspace: Workspace, model: dict[str, Any], target: str) -> None:
    due = explain_predictions.count_unmeasured(workspace, model_id=model["id"], target=target)
    if not due:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{counted(due, 'region was', 'regions were')} marked since these maps were compared last.", width="content"
        )
        asked = st.button("Compare with them now", key="saliency.measure")
    if asked:
        bar = st.progress(0.0, "Comparing")

        def show(progress: ExplainProgress) -> None:
            bar.progress(progress.done / max(1, progress.total), f"{progress.done:,} of {progress.total:,} compared")

        explain_predictions.measure_regions(workspace, model_id=model["id"], target=target, progress=show)
        st.rerun()


def _offer_explaining(workspace: Workspace, model: dict[str, Any], target: str, drawn: bool, *, missing: int) -> None:
    without = f"{counted(missing, 'record has', 'records have')} no map of this model and target yet."
    if not access.may(Right.RUN_MODELS):
        st.write(f"{without} A curator can make them here.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(without, width="content")
        asked = st.button("Explain them now", key="saliency.explain")
    if not asked:
        return
    made = _explain(workspace, model, target, drawn)
    if made < missing:
        text = f"{counted(made, 'record')} explained. Of {counted(missing - made, 'record')} the image cannot be read."
        redraw_saying("saliency.explain", text, well=False)
    st.rerun()


def _explain(workspace: Workspace, model: dict[str, Any], target: str, drawn: bool, *, most: int | None = None) -> int:
    """Make the maps that lack, at most so many, and show how far that is; return how many were made."""
    access.act(Right.RUN_MODELS)
    bar = st.progress(0.0, "Loading the model")

    def show(progress: ExplainProgress) -> None:
        what = "maps compared with masks" if progress.measuring else "records explained"
        bar.progress(progress.done / max(1, progress.total), f"{progress.done:,} of {progress.total:,} {what}")

    return explain_predictions.explain_records(
        workspace, model_id=model["id"], target=target, simulated=drawn, most=most, progress=show
    )


def _show_faithfulness(report: FaithfulnessReport, model: dict[str, Any]) -> None:
    if report.table.empty:
        empty_state(
            "ink_selection",
            "No masks to compare with",
            "Import lesion masks with the images (`dermdash import … --masks FOLDER`); nothing is computed again.",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        figure_name = choose(
            "Figure", list(FIGURE_TITLES), FIGURE_TITLES.__getitem__, key="saliency.figure", name="figure", width=320
        )
        st.download_button(
            "Download summary (CSV)", lambda: summary_csv(report), "dermdash-faithfulness-summary.csv", "text/csv",
            key="saliency.summary_csv", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Download every record (CSV)", lambda: figures_csv(report), "dermdash-faithfulness.csv", "text/csv",
            key="saliency.figures_csv", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    taxonomy, theme = get_taxonomy(model["taxonomy"]), current_theme()

    def drawn(rows: list[FaithfulnessRow]) -> go.Figure:
        return faithfulness_figure(rows, report.table, figure=figure_name, taxonomy=taxonomy, theme=theme)

    show_figure(
        lowered(drawn([row for row in report.rows if row.part in _PARTS]), MOST_PX), key="saliency.faithfulness"
    )
    with st.expander(DETAILS, icon=":material/list_alt:"):
        st.markdown(
            "How much of the evidence lies on the lesion as its mask marks it, or on a structure as people marked it. "
            "Read every figure beside its chance level: lesions are photographed in the middle, so a map that knows "
            "nothing but that (*centred map*) does well too."
        )
        for reason, count in report.left_out.items():
            st.caption(f"{counted(count, 'record')} not compared: {as_text(reason)}.")
        table = summary_table(report)
        data_table(table, height=38 + 35 * len(table), key="saliency.summary")
        for figure, found in report.correct_minus_wrong.items():
            if figure == "share" and found.value is not None and found.interval is not None:
                changed = points(found.value, *found.interval)
                st.caption(
                    f"Share inside, correct minus wrong: {changed}, with the {level(0.95)} interval. Intervals draw "
                    "whole patients."
                )
        st.markdown("**By diagnosis**")
        show_figure(drawn([row for row in report.rows if row.part not in _PARTS]), key="saliency.by_diagnosis")


def summary_table(report: FaithfulnessReport) -> pd.DataFrame:
    """The figures over all, correct and wrong records in words."""
    rows = [row for row in report.rows if row.part in _PARTS and row.estimate.value is not None]
    return pd.DataFrame(
        {
            "Figure": [FIGURE_TITLES[row.figure] for row in rows],
            "Records": [_PARTS[row.part] for row in rows],
            "n": [row.records for row in rows],
            "Mean": [percent(row.estimate.value) for row in rows],
            CI: [percent_range(*(row.estimate.interval or (None, None))) for row in rows],
            "Chance": [percent(row.chance) for row in rows],
            "Centred map": [percent(row.centre) for row in rows],
            "Above chance": [points(row.above_chance.value) for row in rows],
        }
    )


def _show_curves(workspace: Workspace, report: FaithfulnessReport) -> None:
    st.markdown(
        "How fast the probability falls when the most salient pixels are taken away first (*deletion*), and rises when "
        "they are shown first (*insertion*). No mask is needed. A map that found what the network uses lies below the "
        "random one in deletion and above it in insertion."
    )
    if report.curve_records:
        columns = st.columns(2, gap="large")
        for column, direction in zip(columns, ("deletion", "insertion"), strict=True):
            with column:
                st.header(f"{direction.capitalize()}", anchor=False)
                figure = curves_figure(report.curves, direction=direction, theme=current_theme())
                show_figure(figure, key=f"saliency.{direction}")
                st.caption(_gain(report, direction))
        st.caption(
            f"Means over {counted(report.curve_records, 'record')}, band: {level(0.95)} interval. The upright view "
            "alone; pixels are replaced by the mean colour, and shown in place of a blurred image."
        )
    wanted = min(report.explained, report.curve_records + CURVE_RECORDS)
    if wanted <= report.curve_records:
        return
    more = wanted - report.curve_records
    further = "more " if report.curve_records else ""
    if st.button(f"Make curves for {counted(more, f'{further}record', f'{further}records')}", key="saliency.curves"):
        bar = st.progress(0.0, "Loading the model")

        def show(progress: ExplainProgress) -> None:
            bar.progress(
                progress.done / max(1, progress.total), f"{progress.done:,} of {counted(progress.total, 'record')}"
            )

        explain_predictions.measure_curves(
            workspace,
            model_id=report.model_id,
            target=report.target,
            count=wanted,
            simulated=report.simulated,
            progress=show,
        )
        st.rerun()


def _gain(report: FaithfulnessReport, direction: str) -> str:
    own = next(c for c in report.curves if c.direction == direction and c.order == explain_predictions.OWN_MAP)
    gain = own.area_above_random
    if gain.value is None or gain.interval is None:
        return "Too few records to say how the area differs from that of a random map."
    better = "lower" if direction == "deletion" else "higher"
    return (
        f"Area against a random map, with its {level(0.95)} interval: {difference(gain.value, *gain.interval)}; "
        f"{better} is better."
    )
