"""Which model readers are compared with: the study's own, another one, what was shown, or a file."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dermdash.analyses.model_scores import SHOWN
from dermdash.records.table_files import TABLE_ENDINGS
from dermdash.storage.workspace import Workspace
from dermdash.ui.choices import choose, switch
from dermdash.ui.uploads import CSV_MEGABYTES
from dermdash.workflows.classifier.evaluate_model import evaluable_models
from dermdash.workflows.classifier.evaluation_cases import PredictionFile
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.dataset.image_kinds import kind_of_datasets
from dermdash.workflows.reader_study.study_results import find_study

_OWN, _FILE, _SHOWN = "own", "file", "shown"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What to ask `model_scores.scores_in` for; results are cached on it.

    ``study_id`` is None where the study's own model is not wanted. ``awaits_file``: a file was chosen and is not there.
    """

    study_id: str | None
    model_id: str | None
    file: tuple[str, bytes] | None
    include_trained: bool
    awaits_file: bool = False

    @property
    def predictions(self) -> PredictionFile | None:
        """The file, as the workflows want it."""
        return None if self.file is None else PredictionFile(*self.file)


def model_choice(workspace: Workspace, study_id: str | None, *, page: str, shown: bool = True) -> ModelChoice:
    """Draw the choice; ``page`` begins the keys of its widgets, ``shown`` offers what readers were shown."""
    drawn = study_id is not None and _drawn(workspace, study_id)
    models = {
        m["id"]: m
        for m in evaluable_models(workspace, simulated=drawn)
        if study_id is None or bool(m["simulated"]) == drawn
    }
    options = {_OWN: "The study's own model"} if study_id else {}
    options |= {i: model_label(m) for i, m in models.items()}
    options |= ({_SHOWN: SHOWN} if shown or not study_id else {}) | {_FILE: "A file (CSV)"}
    trained = False
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = choose(
            "Model",
            list(options),
            options.__getitem__,
            key=f"{page}.model",
            name="model",
            default=_OWN if study_id else _SHOWN,
            always=True,
            width=420,
        )
        if choice == _OWN or choice in models:
            trained = switch(
                "Include cases the model was trained on",
                key=f"{page}.trained",
                name="trained",
                help="Off: only cases whose lesion, patient and file were kept out of training. On: too good.",
            )
    file = None
    if choice == _FILE:
        given = st.file_uploader(
            "Predictions (CSV, Excel, Parquet)",
            type=list(TABLE_ENDINGS),
            key=f"{page}.file",
            max_upload_size=CSV_MEGABYTES,
            help="A column image (or image_id) and one per class; or image and malignancy_probability.",
        )
        file = None if given is None else (given.name, given.getvalue())
    return ModelChoice(
        None if choice == _SHOWN else study_id,
        choice if choice in models else None,
        file,
        trained,
        awaits_file=choice == _FILE and file is None,
    )


def _drawn(workspace: Workspace, study_id: str) -> bool:
    """Whether the images of a study are drawn: then models of photographs are not offered, and the other way round."""
    return kind_of_datasets(workspace, [str(find_study(workspace, study_id)["dataset_id"])])
