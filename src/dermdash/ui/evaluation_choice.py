"""What to evaluate: a model of the workspace, or a file of predictions made elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from dermdash.errors import NotFound
from dermdash.records.record_filter import RecordFilter
from dermdash.records.table_files import TABLE_ENDINGS
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, TAXONOMIES, BorderlinePolicy
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.analysis.controls import choices
from dermdash.ui.borderline_choice import borderline_choice
from dermdash.ui.choices import choose, choose_segment, choose_several, switch
from dermdash.ui.evaluation_tabs import CHOSEN_IN_TABS
from dermdash.ui.messages import empty_state
from dermdash.ui.model_and_images import datasets_with_records, in_use_caption, pick_kind, pick_model
from dermdash.ui.navigation import page_link
from dermdash.ui.record_choice import choose_records
from dermdash.ui.uploads import CSV_MEGABYTES
from dermdash.workflows.classifier import operating_points
from dermdash.workflows.classifier.evaluate_model import evaluable_models
from dermdash.workflows.classifier.evaluation_datasets import default_dataset
from dermdash.workflows.classifier.model_registry import model_label

SOURCES = {"model": "A model of this workspace", "file": "A predictions file (CSV)"}
DRAWS = (2000, 10_000, 500, 0)
_SEEN = ("evaluate", "images", "model", "dataset", *CHOSEN_IN_TABS)
"""Parameters of the address whose choices stand outside the closed ones."""
_OWN_TRUTH = "file"
_HERE = ""
"""Thresholds or temperature of the cases themselves."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """Evaluate stored predictions; ids, empty text means none. Cached results are keyed on it."""

    model_id: str
    dataset_ids: tuple[str, ...]
    include_trained: bool = False
    operating_point: str = ""
    temperature_from: str = ""
    repeats: tuple[str, ...] = ()
    bootstrap: int = DRAWS[0]
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN
    records: RecordFilter = field(default_factory=RecordFilter)


@dataclass(frozen=True, slots=True)
class FileRequest:
    """Evaluate uploaded files (name, bytes) against a data set, or against an uploaded truth."""

    files: tuple[tuple[str, bytes], ...]
    dataset_id: str = ""
    truth: tuple[str, bytes] | None = None
    taxonomy: str = DEFAULT_TAXONOMY
    normalise: bool = False
    common_only: bool = False
    bootstrap: int = DRAWS[0]
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN


def evaluation_request(workspace: Workspace) -> ModelRequest | FileRequest | None:
    """Draw the choice; None (with what to do next on the page) where there is nothing to evaluate yet."""
    source = choose_segment(
        "What to evaluate",
        list(SOURCES),
        SOURCES.__getitem__,
        key="evaluation.source",
        name="evaluate",
        label_visibility="collapsed",
    )
    return _model_request(workspace) if source == "model" else _file_request(workspace)


def _model_request(workspace: Workspace) -> ModelRequest | None:
    drawn = pick_kind(
        workspace, key="evaluation.images",
        ready=lambda kind: any(m["simulated"] == kind for m in evaluable_models(workspace, simulated=kind)),
    )  # fmt: skip
    models = {str(m["id"]): m for m in evaluable_models(workspace, simulated=drawn)}
    if not models:
        empty_state(
            "query_stats",
            "No predictions to evaluate yet",
            "Predict the records of a data set on the **Models** page, or choose a predictions file above.",
        )
        page_link("classifier/models", label="Models", icon=":material/network_node:")
        return None
    with st.container(border=True):
        left, right = st.columns(2)
        with left:
            model_id = pick_model(list(models.values()), key=keys.of_kind("evaluation.model", drawn), width="stretch")
            in_use_caption(workspace, models[model_id])
        datasets = datasets_with_records(workspace, taxonomy=models[model_id]["taxonomy"])
        chosen = choose_several(
            "Data sets",
            list(datasets),
            datasets.__getitem__,
            key=keys.of_kind(f"evaluation.datasets.{model_id}", drawn),
            name="dataset",
            default=_first_dataset(workspace, models[model_id], drawn),
            place=right,
            help="One to begin with: the one the model was trained on, else the largest of its kind. Two or more are "
            "pooled, and drawn against each other, to see whether one threshold serves all of them.",
        )
        with choices("evaluation", where=_SEEN):
            request = _settings(workspace, models, model_id, datasets, tuple(chosen))
            st.markdown("**Which records**")
            request = replace(request, records=choose_records(workspace, key="evaluation.records", named=True))
    if not chosen:
        st.info("Choose at least one data set.", icon=":material/info:")
        return None
    return request


def _first_dataset(workspace: Workspace, model: dict[str, Any], drawn: bool) -> list[str]:
    """The one data set that a model is evaluated on where none is named; none where there is none of that kind."""
    try:
        return [str(default_dataset(workspace, model, simulated=drawn)["id"])]
    except NotFound:
        return []


def _settings(
    workspace: Workspace,
    models: dict[str, dict[str, Any]],
    model_id: str,
    datasets: dict[str, str],
    chosen: tuple[str, ...],
) -> ModelRequest:
    points = {p.id: p for p in operating_points.list_operating_points(workspace, model_id=model_id)}
    left, right = st.columns(2)
    point = choose(
        "Thresholds",
        [_HERE, *points],
        lambda i: f"{points[i].name} ({points[i].rule_words})" if i else "Youden's, chosen on these cases",
        key=f"evaluation.point.{model_id}",
        name="thresholds",
        place=left,
        help="A saved operating point is applied as it is: its figures here are not flattered by choosing it here.",
    )
    temperature = choose(
        "Temperature fitted on",
        [_HERE, *[d for d in datasets if (d,) != chosen]],
        lambda d: datasets[d] if d else "these cases, cross-fitted over patients",
        key=f"evaluation.temperature.{model_id}",
        name="temperature",
        place=right,
    )
    repeats = choose_several(
        "Repeats of this model (other seeds)",
        [
            i
            for i, m in models.items()
            if i != model_id
            and (m["taxonomy"], m["simulated"]) == (models[model_id]["taxonomy"], models[model_id]["simulated"])
        ],
        lambda i: model_label(models[i]),
        key=f"evaluation.repeats.{model_id}",
        name="repeats",
        place=left,
        help="Mean and standard deviation over the repeats, on the images that all of them predicted.",
    )
    bootstrap = choose("Bootstrap draws", DRAWS, _draws_text, key="evaluation.draws", name="draws", place=right)
    trained = switch(
        "Include records the model was trained on",
        key=f"evaluation.trained.{model_id}",
        name="trained",
        help="Off: only records whose lesion, patient and file were kept out of training. On: figures are too good.",
    )
    taxonomy = models[model_id]["taxonomy"]
    borderline = borderline_choice([taxonomy], key=f"evaluation.borderline.{taxonomy}", place=right)
    return ModelRequest(model_id, chosen, trained, point, temperature, tuple(repeats), bootstrap, borderline)


def _file_request(workspace: Workspace) -> FileRequest | None:
    datasets = datasets_with_records(workspace)
    with st.form("evaluation.form", border=True):
        left, right = st.columns(2)
        files = left.file_uploader(
            "Predictions (CSV, Excel, Parquet)",
            type=list(TABLE_ENDINGS),
            accept_multiple_files=True,
            key="evaluation.files",
            max_upload_size=CSV_MEGABYTES,
            help="A column image (or image_id) and one per class; several files are repeats: mean and SD.",
        )
        truth = right.file_uploader(
            "Truth (CSV, Excel, Parquet; optional)",
            type=list(TABLE_ENDINGS),
            key="evaluation.truth",
            max_upload_size=CSV_MEGABYTES,
            help="One-hot (image, MEL, NV, ...) or with a column dx; lesion_id, patient_id, sex and age are used.",
        )
        truth_of = choose(
            "Truth from the data set",
            [*datasets, _OWN_TRUTH],
            lambda d: datasets.get(d, "none: use the truth file"),
            key="evaluation.file_dataset",
            name="truth",
            place=left,
        )
        dataset_id = "" if truth_of == _OWN_TRUTH else truth_of
        taxonomy = choose(
            "Classes of the truth file",
            list(TAXONOMIES),
            lambda name: TAXONOMIES[name].title,
            key="evaluation.taxonomy",
            name="classes",
            place=right,
        )
        common = switch(
            "Only the images that predictions and truth share", key="evaluation.common", name="common", place=left
        )
        normalise = switch(
            "Divide rows that do not sum to 1 by their sum", key="evaluation.normalise", name="normalise", place=right
        )
        bootstrap = choose("Bootstrap draws", DRAWS, _draws_text, key="evaluation.file_draws", name="draws", place=left)
        borderline = borderline_choice(TAXONOMIES, key="evaluation.file_borderline", place=right)
        st.form_submit_button("Evaluate", type="primary", key="evaluation.start", icon=":material/query_stats:")
    if not files:
        st.info(
            "Choose a predictions file and press **Evaluate**. Nothing of it is stored. The Models page downloads the "
            "predictions of a model in this form.",
            icon=":material/info:",
        )
        return None
    if truth is None and not dataset_id:
        st.error("There is no truth: choose a data set, or give a truth file.", icon=":material/error:")
        return None
    return FileRequest(
        files=tuple((f.name, f.getvalue()) for f in files),
        # A truth file that was given is meant: the data set is only what the form starts with.
        dataset_id="" if truth is not None else dataset_id,
        truth=None if truth is None else (truth.name, truth.getvalue()),
        taxonomy=taxonomy,
        normalise=normalise,
        common_only=common,
        bootstrap=bootstrap,
        borderline=borderline,
    )


def _draws_text(draws: int) -> str:
    return f"{draws:,}" if draws else "none: analytic intervals only"
