"""The saliency map on the record page: shown where it is stored, computed at once where it is not."""

from typing import Any

import streamlit as st

from dermdash.charts import saliency_overlay
from dermdash.classifier.saliency_map import MALIGNANT, SaliencyMap
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.image_viewer import Heat
from dermdash.ui.messages import as_text
from dermdash.ui.record_tiles import data_uri
from dermdash.wording import percent
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier import explain_predictions
from dermdash.workflows.dataset.browse_records import RecordDetail


def stored_saliency(
    workspace: Workspace, detail: RecordDetail, prediction: dict[str, Any] | None
) -> SaliencyMap | None:
    """The map of the prediction shown on the page, when there is one."""
    if prediction is None:
        return None
    record_id, model_id = detail.record["id"], prediction["model_id"]
    return explain_predictions.saliency_of_records(workspace, [record_id], model_id=model_id).get(record_id)


def heat_of(workspace: Workspace, record: dict[str, Any], found: SaliencyMap | None) -> Heat | None:
    """What the image viewer needs to lay the map over the image."""
    if found is None or found.is_empty:
        return None
    width, height = explain_predictions.upright_size(workspace, record["image_sha256"])
    # In the proportions of the thumbnail, but not as small: the viewer enlarges it.
    scale = 320 / max(width, height)
    layer = saliency_overlay.heat_layer(found, round(width * scale), round(height * scale))
    just_made = st.session_state.pop(keys.JUST_EXPLAINED, None) == record["id"]
    return Heat(
        data_uri(saliency_overlay.png(layer), "image/png"),
        saliency_overlay.scale_css(),
        saliency_overlay.OPACITY,
        shown=just_made,
    )


def offer_explaining(workspace: Workspace, record_id: str, model_id: str) -> None:
    """A button that computes the map, for whoever may run models."""
    if access.may(Right.RUN_MODELS) and st.button(
        "Explain this prediction",
        key="record.explain",
        icon=":material/center_focus_strong:",
        type="tertiary",
        help="Compute where the evidence for the most probable class lies (Grad-CAM); takes some seconds.",
    ):
        access.act(Right.RUN_MODELS)
        with st.spinner("Looking for the evidence"):
            explain_predictions.explain_record(workspace, record_id, model_id=model_id)
        st.session_state[keys.JUST_EXPLAINED] = record_id
        st.rerun()


def show_saliency_words(prediction: dict[str, Any], found: SaliencyMap) -> None:
    """What the map explains."""
    who = as_text(f"{prediction['model_name']} ({prediction['model_id']})")
    name = explained_name(found.explained)
    if found.is_empty:
        st.caption(f"Saliency: nothing in the image spoke for {name} in {who}.")
        return
    st.caption(
        f"Saliency map: where {who} found evidence for {name} ({percent(found.probability, 0)}). "
        "It says where the network looked, not whether it was right, and covers the middle of the image, all it saw."
    )


def explained_name(explained: str) -> str:
    """What a map explains, in words."""
    return "malignancy" if explained == MALIGNANT else diagnosis_name(explained)
