"""Which two to compare: two models, or a model and a file of predictions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dermdash.errors import NotFound
from dermdash.records.table_files import TABLE_ENDINGS
from dermdash.records.taxonomy import BorderlinePolicy
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.borderline_choice import borderline_choice
from dermdash.ui.choices import choose, choose_segment, choose_several, pick, switch
from dermdash.ui.messages import empty_state
from dermdash.ui.model_and_images import in_use_caption, pick_kind, pick_model
from dermdash.ui.navigation import page_link
from dermdash.ui.uploads import CSV_MEGABYTES
from dermdash.workflows.classifier.evaluate_model import evaluable_models
from dermdash.workflows.classifier.evaluation_datasets import default_dataset
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.dataset.image_kinds import datasets_of_kind, kind_words

MODELS, FILE = "models", "file"
KINDS = {MODELS: "Two models", FILE: "A model and a file (CSV)"}


@dataclass(frozen=True, slots=True)
class ComparisonRequest:
    """What to compare; empty text means none. Cached results are keyed on it."""

    kind: str
    model_id: str
    second: str = ""
    file: tuple[str, bytes] | None = None
    dataset_ids: tuple[str, ...] = ()
    include_trained: bool = False
    normalise: bool = False
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN


def comparison_request(workspace: Workspace) -> ComparisonRequest | None:
    """Draw the choice; None (with what to do next on the page) where something is missing."""
    drawn = pick_kind(workspace, key="comparison.images", ready=lambda kind: bool(comparable_models(workspace, kind)))
    models = comparable_models(workspace, drawn)
    if not models:
        empty_state(
            "compare_arrows",
            "No predictions to compare yet",
            "Predict the records of a data set on the **Models** page first.",
        )
        page_link("classifier/models", label="Models", icon=":material/network_node:")
        return None
    kind = choose_segment(
        "What to compare",
        list(KINDS),
        KINDS.__getitem__,
        key="comparison.kind",
        name="compare",
        label_visibility="collapsed",
    )
    with st.container(border=True):
        left, right = st.columns(2)
        with left:
            model_id = pick_model(list(models.values()), key=keys.of_kind("comparison.model", drawn), width="stretch")
            in_use_caption(workspace, models[model_id])
        with right:
            request = (
                _second_model(workspace, models, model_id, left)
                if kind == MODELS
                else _file(workspace, models, model_id)
            )
        if request is not None:
            taxonomy = models[model_id]["taxonomy"]
            borderline = borderline_choice([taxonomy], key=f"comparison.borderline.{taxonomy}", place=left)
            request = replace(request, borderline=borderline)
    return request


def comparable_models(workspace: Workspace, drawn: bool) -> dict[str, dict[str, Any]]:
    """Models of a kind with predictions by id, as evaluation offers them; those that have a second one come first."""
    found = [m for m in evaluable_models(workspace, simulated=drawn) if m["simulated"] == drawn]
    of_classes = Counter(m["taxonomy"] for m in found)
    return {str(m["id"]): m for m in sorted(found, key=lambda m: of_classes[m["taxonomy"]] < 2)}


def _second_model(
    workspace: Workspace, models: dict[str, dict[str, Any]], model_id: str, below_first: Any
) -> ComparisonRequest | None:
    taxonomy = models[model_id]["taxonomy"]
    others = [i for i, m in models.items() if i != model_id and m["taxonomy"] == taxonomy]
    if not others:
        st.info(
            f"There is no second model of {kind_words(models[model_id]['simulated'])} with predictions of these "
            "classes. Train another one, let one that is there predict, or compare with a file.",
            icon=":material/info:",
        )
        with st.container(horizontal=True):
            page_link("classifier/training", label="Train another", icon=":material/model_training:")
            page_link("classifier/models", label="Models and what they predict", icon=":material/network_node:")
        return None
    second = choose(
        "Compared with",
        others,
        lambda i: model_label(models[i]),
        key=f"comparison.second.{model_id}",
        name="second",
    )
    datasets = _datasets(workspace, models[model_id])
    chosen = choose_several(
        "Data sets",
        list(datasets),
        datasets.__getitem__,
        key=f"comparison.datasets.{model_id}",
        name="dataset",
        default=_first_dataset(workspace, models[model_id]),
        help="One to begin with: the one the first model is evaluated on. Two or more are pooled.",
    )
    trained = _trained_toggle("Include records that either model was trained on", place=below_first)
    if not chosen:
        st.info("Choose at least one data set.", icon=":material/info:")
        return None
    return ComparisonRequest(MODELS, model_id, second, dataset_ids=tuple(chosen), include_trained=trained)


def _file(workspace: Workspace, models: dict[str, dict[str, Any]], model_id: str) -> ComparisonRequest | None:
    datasets = _datasets(workspace, models[model_id])
    first = _first_dataset(workspace, models[model_id])
    with st.form("comparison.form", border=False):
        file = st.file_uploader(
            "Predictions (CSV, Excel, Parquet)",
            type=list(TABLE_ENDINGS),
            key="comparison.file",
            max_upload_size=CSV_MEGABYTES,
            help="A column image (or image_id) and one per class. Images that only one of both has are left out.",
        )
        dataset_id = pick(
            "Data set of the images",
            list(datasets),
            datasets.__getitem__,
            key=f"comparison.file_dataset.{model_id}",
            name="dataset",
            default=first[0] if first else None,
        )
        normalise = switch(
            "Divide rows that do not sum to 1 by their sum", key="comparison.normalise", name="normalise"
        )
        trained = _trained_toggle("Include records the model was trained on")
        st.form_submit_button("Compare", type="primary", key="comparison.start", icon=":material/compare_arrows:")
    if file is None or dataset_id is None:
        st.info("Choose a predictions file and press **Compare**. Nothing of it is stored.", icon=":material/info:")
        return None
    return ComparisonRequest(
        FILE,
        model_id,
        file=(file.name, file.getvalue()),
        dataset_ids=(dataset_id,),
        include_trained=trained,
        normalise=normalise,
    )


def _trained_toggle(label: str, *, place: Any = st) -> bool:
    return switch(
        label,
        place=place,
        key="comparison.trained",
        name="trained",
        help="Off: only records whose lesion, patient and file were kept out of training. On: too good.",
    )


def _datasets(workspace: Workspace, model: dict[str, Any]) -> dict[str, str]:
    """Data sets of the kind and the classes of a model, by id with their names."""
    there = datasets_of_kind(workspace, simulated=bool(model["simulated"]), taxonomy=model["taxonomy"])
    return {str(d["id"]): str(d["name"]) for d in there if d["records"]}


def _first_dataset(workspace: Workspace, model: dict[str, Any]) -> list[str]:
    try:
        return [str(default_dataset(workspace, model)["id"])]
    except NotFound:
        return []
