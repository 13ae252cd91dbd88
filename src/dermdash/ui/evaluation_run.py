"""Runs what was chosen, once per model, data and settings."""

from __future__ import annotations

import json

import streamlit as st

from dermdash.analyses.evaluation.section import evaluation_json
from dermdash.analysis.evaluation import Evaluation, EvaluationOptions
from dermdash.storage.workspace import Workspace
from dermdash.ui.evaluation_choice import FileRequest, ModelRequest
from dermdash.wording import counted
from dermdash.workflows.classifier import operating_points
from dermdash.workflows.classifier.evaluate_model import (
    PredictionFile,
    evaluate_model,
    evaluate_predictions,
    evaluate_predictions_on_dataset,
    evaluation_version,
)


def run_evaluation(workspace: Workspace, request: ModelRequest | FileRequest) -> Evaluation:
    """Evaluate, or take the result from memory where model, data and settings are the same.

    Raises
    ------
    DermdashError
        As the workflow says; nothing is kept then.
    """
    draws = f", {counted(request.bootstrap, 'bootstrap draw')}" if request.bootstrap else ""
    with st.spinner(f"Evaluating{draws}", show_time=True):
        return _evaluated(workspace, str(workspace.home), evaluation_version(workspace), request)


def json_file(evaluation: Evaluation) -> bytes:
    """The same bytes as ``dermdash evaluate --json`` prints."""
    return (json.dumps(evaluation_json(evaluation), default=str) + "\n").encode()


@st.cache_data(ttl=3600, max_entries=16, show_spinner=False)
def _evaluated(_workspace: Workspace, home: str, version: str, request: ModelRequest | FileRequest) -> Evaluation:
    if isinstance(request, FileRequest):
        return _evaluate_files(_workspace, request)
    thresholds: dict[str, float] = {}
    called, made_under = None, None
    if request.operating_point:
        point = operating_points.get_operating_point(_workspace, request.operating_point)
        thresholds = {code: value for code, value in point.thresholds.items() if value is not None}
        called, made_under = point.name, point.borderline
    return evaluate_model(
        _workspace,
        model_id=request.model_id,
        dataset_ids=request.dataset_ids,
        include_trained=request.include_trained,
        options=EvaluationOptions(
            bootstrap=request.bootstrap,
            thresholds=thresholds,
            threshold_source=called,
            thresholds_made_under=made_under,
            borderline=request.borderline,
        ),
        temperature_from=request.temperature_from or None,
        repeat_model_ids=request.repeats,
        record_filter=request.records,
    )


def _evaluate_files(workspace: Workspace, request: FileRequest) -> Evaluation:
    files = [PredictionFile(name, data) for name, data in request.files]
    options = EvaluationOptions(bootstrap=request.bootstrap, borderline=request.borderline)
    if request.truth is not None:
        return evaluate_predictions(
            files,
            PredictionFile(*request.truth),
            taxonomy=request.taxonomy,
            normalise=request.normalise,
            common_only=request.common_only,
            options=options,
        )
    return evaluate_predictions_on_dataset(
        workspace,
        files,
        dataset_id=request.dataset_id,
        normalise=request.normalise,
        common_only=request.common_only,
        options=options,
    )
