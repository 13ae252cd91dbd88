"""The models page: what each model is, how good it was on lesions it never saw, and how far its predictions go."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.classifier.reference_model import model_card
from dermdash.errors import NotAsStored, NotFound
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.borderline_choice import borderline_choice
from dermdash.ui.choices import choose
from dermdash.ui.messages import as_message, as_text, error_words, redraw_saying, show_outcome
from dermdash.ui.model_and_images import drawn_warning, pick_kind, pick_model
from dermdash.ui.tables import data_table
from dermdash.wording import counted, moment, percent, percent_spread
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier import classify
from dermdash.workflows.classifier.classify import PredictionProgress
from dermdash.workflows.classifier.held_out import locked_records_known_to, locked_test_words
from dermdash.workflows.classifier.model_headline import at_training, model_headline
from dermdash.workflows.classifier.model_in_use import (
    ModelInUse,
    choose_model,
    find_model_in_use,
    list_choices,
    models_in_use,
    offered,
)
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.classifier.prediction_export import predictions_csv
from dermdash.workflows.classifier.training.control import repeats_of_models
from dermdash.workflows.dataset.image_kinds import DRAWN_MODEL, kind_words


def models_state(models: list[dict[str, Any]]) -> str:
    """How many models there are."""
    return counted(len(models), "model")


def show_models(workspace: Workspace, models: list[dict[str, Any]]) -> None:
    """Table of models, which of them answers where none is named, and predictions for the records that lack them."""
    used = {m.id: m for m in models_in_use(workspace)}
    _table(workspace, models, used)
    _repeats(workspace)
    _in_use(workspace, models, used)
    _predict(workspace, models)
    _download(workspace, models)
    _model_card()


def _table(workspace: Workspace, models: list[dict[str, Any]], used: dict[str, ModelInUse]) -> None:
    measured = [model_headline(workspace, m["id"]) for m in models]
    data_table(
        pd.DataFrame(
            {
                "Model": [m["name"] for m in models],
                "Id": [m["id"] for m in models],
                "Of": [kind_words(bool(m["simulated"])) for m in models],
                "In use": ["where none is named" if m["id"] in used else "" for m in models],
                "Mean recall": [percent(h.mean_recall) for h in measured],
                "Accuracy": [percent(h.accuracy) for h in measured],
                "Measured on": [h.where if h.mean_recall is not None else "" for h in measured],
                "Also": [at_training(workspace, m) for m in models],
                "Architecture": [m["architecture"] for m in models],
                "Input": [f"{m['input_size']} px" for m in models],
                "Preprocessing": [m["preprocessing"] or "unknown" for m in models],
                "Checkpoint": [m["checkpoint_sha256"][:16] for m in models],
                "Held out by": [_grouping(m) for m in models],
                "Records predicted": [m["predictions"] for m in models],
            }
        ),
        key="models.table",
    )
    st.caption(
        "Mean recall and accuracy are measured now, on stored predictions of records of one data set that the model "
        "never trained on: its own where it is here, else the largest of its kind. The Evaluation page and "
        "`dermdash evaluate` start with the same. A study shows predictions of such "
        "records only, and says where that is not so."
    )
    known_locked: dict[str, dict[str, int]] = {}
    try:
        known_locked = {m["id"]: locked_records_known_to(workspace, m["id"]) for m in models}
    except NotAsStored as error:  # a lock that is not what was stored hides no model
        st.warning(error_words(error), icon=":material/warning:")
    for model, headline in zip(models, measured, strict=True):
        if headline.missing:
            st.caption(f"{as_text(model_label(model))}: not measured here. {as_message(headline.missing)}")
        if known := locked_test_words(known_locked.get(model["id"], {})):
            st.caption(
                f":material/lock_open: {as_text(model_label(model))}: {as_text(known)} They were locked when its "
                "training ran or was over, or its weights came from elsewhere: no figure of it counts them as held out."
            )


def _in_use(workspace: Workspace, models: list[dict[str, Any]], used: dict[str, ModelInUse]) -> None:
    """Which model answers where none is named, and the act of choosing another."""
    st.header("In use where no model is named", anchor=False)
    for one in used.values():
        of = kind_words(bool(one.model["simulated"]))
        st.markdown(f"- For **{of}**: {as_text(model_label(one.model))}, {as_text(one.why)}.")
    others = {str(m["id"]): m for m in models if m["id"] not in used}
    if others and access.may(Right.RUN_MODELS):
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        chosen = choose("Another model", list(others), lambda i: model_label(others[i]), key="models.use", place=left)
        model = others[chosen]
        before = find_model_in_use(workspace, simulated=bool(model["simulated"]), taxonomy=model["taxonomy"])
        if right.button("Use this model where none is named", key="models.use_it", icon=":material/swap_horiz:"):
            choose_model(workspace, model["id"], chosen_by=access.act(Right.RUN_MODELS).id)
            st.rerun()
        instead = "" if before is None else f", instead of {as_text(model_label(before.model))}"
        st.caption(
            f"It would answer for {kind_words(bool(model['simulated']))}{instead}. A model that is trained or added "
            "answers only where it is named, until it is chosen here or with `dermdash model use`."
        )
    choices = list_choices(workspace)
    if choices:
        labels = {str(m["id"]): model_label(m) for m in models}
        people = names_of(workspace)
        with st.expander("Who chose which model, and when"):
            data_table(
                pd.DataFrame(
                    {
                        "Model": [labels.get(c["model_id"], c["model_id"]) for c in choices],
                        "For": [kind_words(bool(c["simulated"])) for c in choices],
                        "Instead of": [labels.get(c["replaced_model_id"], "") for c in choices],
                        "Chosen by": [people.get(c["chosen_by"], c["chosen_by"]) for c in choices],
                        "Time": [moment(c["chosen_at"]) for c in choices],
                    }
                ),
                key="models.choices",
            )


def _model_card() -> None:
    with st.expander("Model card of the model that comes with dermdash", icon=":material/description:"):
        # The card has a title of its own; the page's stays the largest.
        st.markdown(model_card().replace("\n## ", "\n### ").replace("# ", "## ", 1))


def _repeats(workspace: Workspace) -> None:
    """Mean and standard deviation, at training, of trainings that differ in their seed only."""
    repeats = repeats_of_models(workspace)
    if not repeats:
        return
    st.markdown("**Trained several times, with different seeds on one split** (mean ± SD, measured at training)")
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
    drawn = pick_kind(workspace, key="models.images")
    by_id = {str(m["id"]): m for m in offered(workspace, models, simulated=drawn)}
    chosen = by_id[pick_model(list(by_id.values()), key=keys.of_kind("models.chosen", drawn))]
    if bool(chosen["simulated"]) and not drawn:
        st.warning(DRAWN_MODEL, icon=":material/science:")
    elif drawn and not chosen["simulated"]:
        drawn_warning()
    show_outcome("models.predict")
    try:
        every = classify.predictable_records(workspace, chosen, simulated=drawn)
    except NotFound as error:
        st.info(error_words(error), icon=":material/upload:")
        return
    total, missing = len(every), len(classify.without_prediction(workspace, chosen, every))
    if total == 0:
        st.info(f"There are no {kind_words(drawn)} yet: import a data set first.", icon=":material/upload:")
        return
    if missing == 0:
        st.success(
            f"Class probabilities and features of this model are there for all {total:,} {kind_words(drawn, total)}.",
            icon=":material/check_circle:",
        )
        return
    st.write(f"Without a prediction of this model: {missing:,} of {total:,} {kind_words(drawn, total)}.")
    if access.may(Right.RUN_MODELS) and st.button("Predict them now", type="primary", key="models.predict"):
        bar = st.progress(0.0, "Loading the model")

        def show(progress: PredictionProgress) -> None:
            share = progress.done / max(1, progress.total)
            bar.progress(share, f"{progress.done:,} of {counted(progress.total, 'record')}")

        access.act(Right.RUN_MODELS)
        done = classify.predict_records(workspace, model_id=chosen["id"], simulated=drawn, progress=show)
        left = missing - done
        by = as_text(model_label(chosen))
        text = f"{counted(done, 'record')} predicted by {by}." if done else f"No record was predicted by {by}."
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
    borderline = borderline_choice([m["taxonomy"] for m in with_predictions], key="models.borderline")
    with st.container(horizontal=True):
        for m in with_predictions:
            st.download_button(
                f"{as_text(model_label(m))} (CSV)",
                partial(predictions_csv, workspace, m["id"], borderline),
                file_name=f"predictions-{m['id']}.csv",
                mime="text/csv",
                key=f"models.download.{m['id']}",
                icon=":material/download:",
                on_click="ignore",
            )
