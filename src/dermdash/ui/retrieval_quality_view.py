"""How good the similar images of a model are: figures with intervals, precision at k, per class."""

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.analysis.retrieval_quality import RetrievalFigure
from dermdash.charts.retrieval_quality import precision_at_k_figure
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import counted, level, percent_interval
from dermdash.workflows.classifier import find_similar
from dermdash.workflows.classifier.measure_retrieval import RetrievalQuality, measure_retrieval, quality_table
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.dataset.image_kinds import kind_words

CURVE_K = 20
_KEPT = 8


@st.cache_resource(show_spinner=False)
def _measured(home: str) -> dict[tuple[str, ...], RetrievalQuality]:
    """What was measured in this process, by model and state of its features; the oldest go first."""
    return {}


def show_quality(workspace: Workspace, model: dict[str, Any], drawn: bool) -> None:
    """A model's figures among photographs or drawn images, measured when asked for and kept until these change."""
    kept = _measured(str(workspace.home))
    state = (model["id"], kind_words(drawn), *find_similar.index_state(workspace, model["id"]))
    quality = kept.get(state)
    if quality is None:
        empty_state(
            "monitoring",
            "Not measured yet for these features",
            "Every diagnosed record is asked in turn; its own lesion, patient and file are left out. "
            "This takes some seconds for 10,000 records.",
        )
        if not st.button("Measure retrieval quality", type="primary", key="similar.measure"):
            return
        bar = st.progress(0.0, "Comparing all records")

        def show(done: int, total: int) -> None:
            bar.progress(done / total, f"{done:,} of {counted(total, 'query', 'queries')}")

        quality = measure_retrieval(workspace, model["id"], k=CURVE_K, simulated=drawn, progress=show)
        bar.empty()
        kept[state] = quality
        while len(kept) > _KEPT:
            kept.pop(next(iter(kept)))
        st.rerun()
    _show(quality, model)


def _show(quality: RetrievalQuality, model: dict[str, Any]) -> None:
    scores = quality.scores
    among = f"{scores.candidates:,} diagnosed {kind_words(quality.simulated)}"
    asked = counted(scores.queries, "query", "queries")
    st.markdown(
        f"{as_text(model_label(model))} · {asked} against {among}; none of the same lesion, patient "
        "or file, also through others."
    )
    parts = [("All images", scores.overall), ("Mean over classes", scores.macro)]
    parts += [(diagnosis_name(code), found) for code, found in scores.by_class.items()]
    data_table(
        pd.DataFrame(
            {
                "Images": [name for name, _ in parts],
                "Queries": [found["precision_at_1"].queries for _, found in parts],
                "Precision@1": [_written(found["precision_at_1"]) for _, found in parts],
                "Precision@8": [_written(found["precision_at_8"]) for _, found in parts],
                f"Majority vote of {scores.k}": [_written(found["majority_vote"]) for _, found in parts],
                "Average precision": [_written(found["average_precision"]) for _, found in parts],
            }
        ),
        key="similar.quality",
    )
    st.caption(
        f"{level(0.95)} intervals by bootstrap over whole patients and lesions, by Wilson's formula on their number "
        "where the bootstrap cannot vary. Precision@k: share of the k most similar images with the same diagnosis. "
        "Majority vote: accuracy of the most frequent diagnosis among them, ties by the sum of similarities. Average "
        "precision over the whole ranking; its mean over all images is mAP."
        + (
            f" Without another lesion of the same diagnosis, so without average precision: "
            f"{counted(scores.without_relevant, 'image')}."
            if scores.without_relevant
            else ""
        )
    )
    show_figure(precision_at_k_figure(scores, theme=current_theme()), key="similar.precision")
    st.download_button(
        "Figures (CSV)",
        data=to_safe_csv(quality_table(quality)),
        file_name=f"retrieval-{quality.model_id}.csv",
        mime="text/csv",
        key="similar.quality.csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _written(estimate: RetrievalFigure) -> str:
    return percent_interval(estimate.value, estimate.low, estimate.high)
