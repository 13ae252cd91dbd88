"""The models page: what each model is, how good it was on lesions it never saw, and how far its predictions go."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.classifier.reference_model import REFERENCE_NAME, model_card
from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_text, empty_state, redraw_saying, show_outcome
from dermdash.ui.tables import data_table
from dermdash.wording import counted, percent, percent_spread
from dermdash.workflows import browse_records, classify
from dermdash.workflows.classify import PredictionProgress
from dermdash.workflows.prediction_export import predictions_csv
from dermdash.workflows.training.control import repeats_of_models


def models_state(models: list[dict[str, Any]]) -> str:
    """How many models there are."""
    return counted(len(models), "model")


def show_models(workspace: Workspace, models: list[dict[str, Any]]) -> None:
    """Table of models, and predictions for the records that lack them."""
    if not models:
        empty_state(
            "network_node",
            "No model yet",
            "One for the seven diagnoses of HAM10000 comes with dermdash. Train your own on the Training page or with "
            "`dermdash train`: whole patients are held out for studies. `dermdash model add FILE` takes a checkpoint.",
        )
        with st.container(horizontal=True):
            if st.button("Use the model that comes with dermdash", type="primary", key="models.reference"):
                classify.add_reference_model(workspace)
                st.rerun()
            st.page_link("pages/classifier/training.py", label="Training", icon=":material/model_training:")
        _model_card()
        return
    data_table(
        pd.DataFrame(
            {
                "Model": [m["name"] for m in models],
                "Id": [m["id"] for m in models],
                "Architecture": [m["architecture"] for m in models],
                "Input": [f"{m['input_size']} px" for m in models],
                "Preprocessing": [m["preprocessing"] or "unknown" for m in models],
                "Checkpoint": [m["checkpoint_sha256"][:16] for m in models],
                "Mean recall": [percent(m["metrics"].get("mean_recall")) for m in models],
                "Accuracy": [percent(m["metrics"].get("accuracy")) for m in models],
                "Held-out images": [m["metrics"].get("held_out_images") for m in models],
                "Held out by": [_grouping(m) for m in models],
                "Records predicted": [m["predictions"] for m in models],
            }
        ),
        key="models.table",
    )
    st.caption(
        "Mean recall and accuracy are on lesions the model never trained on. A study shows predictions of such lesions "
        "only, and says where that is not so."
    )
    _repeats(workspace)
    _predict(workspace, models)
    _download(workspace, models)
    if any(m["name"] == REFERENCE_NAME for m in models):
        _model_card()


def _model_card() -> None:
    with st.expander("Model card of the model that comes with dermdash", icon=":material/description:"):
        # The card has a title of its own; the page's stays the largest.
        st.markdown(model_card().replace("\n## ", "\n### ").replace("# ", "## ", 1))


def _repeats(workspace: Workspace) -> None:
    """Mean and standard deviation of trainings that differ in their seed only."""
    repeats = repeats_of_models(workspace)
    if not repeats:
        return
    st.markdown("**Trained several times, with different seeds on one split** (mean ± SD)")
    rows = [
        {
            "Training": r["name"],
            "Models": len(r["models"]),
            "Mean recall": percent_spread(**r["mean_recall"]),
            "Accuracy": percent_spread(**r["accuracy"]),
            "Held-out images": r["held_out_images"],
        }
        for r in repeats
    ]
    data_table(pd.DataFrame(rows), key="models.repeats")


def _grouping(model: dict[str, Any]) -> str:
    if not model["training_lesions_known"]:
        return "training data unknown"
    return "patient" if model["metrics"].get("grouped_by_patient") else "lesion"


def _predict(workspace: Workspace, models: list[dict[str, Any]]) -> None:
    st.header("Predict records", anchor=False)
    # The widget keeps an id: a model it kept would still tell of the predictions there were when it was chosen.
    by_id = {m["id"]: m for m in models}
    chosen = by_id[
        st.selectbox(
            "Model",
            list(by_id),
            format_func=lambda key: f"{by_id[key]['name']} ({key})",
            key="models.chosen",
            width=480,
        )
    ]
    datasets = browse_records.list_datasets(workspace)
    total = sum(d["records"] for d in datasets if d["taxonomy"] == chosen["taxonomy"])
    if total == 0:
        st.info(
            f"There are no records with {chosen['taxonomy']} diagnoses yet: import a data set first.",
            icon=":material/upload:",
        )
        return
    show_outcome("models.predict")
    missing = max(0, total - chosen["predictions"])
    if missing == 0:
        st.success("Every record has class probabilities and features of this model.", icon=":material/check_circle:")
        return
    st.write(f"Without a prediction of this model: {missing:,} of {counted(total, 'record')}.")
    if st.button("Predict them now", type="primary", key="models.predict"):
        bar = st.progress(0.0, "Loading the model")

        def show(progress: PredictionProgress) -> None:
            share = progress.done / max(1, progress.total)
            bar.progress(share, f"{progress.done:,} of {counted(progress.total, 'record')}")

        done = classify.predict_records(workspace, model_id=chosen["id"], progress=show)
        left = missing - done
        text = f"{counted(done, 'record')} predicted." if done else "No record was predicted."
        if left > 0:
            text += f" Of {counted(left, 'record')} the image cannot be read: restore the files of the workspace."
        redraw_saying("models.predict", text, well=left <= 0)


def _download(workspace: Workspace, models: list[dict[str, Any]]) -> None:
    with_predictions = [m for m in models if m["predictions"]]
    if not with_predictions:
        return
    st.header("Download predictions", anchor=False)
    st.caption(
        "One row per record: class probabilities, and beside them the model, its checkpoint, the preprocessing and the "
        "number of views they were made with. The Evaluation page reads such a file again."
    )
    with st.container(horizontal=True):
        for m in with_predictions:
            st.download_button(
                f"{as_text(m['name'])} (CSV)",
                partial(predictions_csv, workspace, m["id"]),
                file_name=f"predictions-{m['id']}.csv",
                mime="text/csv",
                key=f"models.download.{m['id']}",
                icon=":material/download:",
                on_click="ignore",
            )
