"""Freeze a protocol: draw its cases, fix what each modality will show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import pandas as pd

from dermdash.reader_study.drawn_cases import CaseSelection
from dermdash.reader_study.protocol import Protocol
from dermdash.readings.assistance.assistance_form import CrowdOpinion, SaliencyInput
from dermdash.storage import case_exchanges, models, studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import classify, explain_predictions
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.reader_study.case_assistance import assistance_of, expected_of, similar_to_cases
from dermdash.workflows.reader_study.case_surroundings import cases_with_surroundings
from dermdash.workflows.reader_study.draw_cases import draw_cases as draw_cases
from dermdash.workflows.reader_study.draw_cases import drawn
from dermdash.workflows.reader_study.review_cases import check_list_seen


def create_study(
    workspace: Workspace,
    protocol: Protocol,
    *,
    simulated: bool = False,
    frozen_at: datetime | None = None,
    list_seen: str | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> str:
    """Freeze `protocol` as a study and return its id.

    What the model-based modalities show is computed here and stored with the cases: a later model cannot change a
    running study. Similar images never come from a lesion or patient of the study itself, whose diagnoses they
    would give away.

    Parameters
    ----------
    simulated, frozen_at
        Marks a study of simulated readers, which may say that it was frozen before they "read". A study for people
        is frozen now.
    list_seen
        Digest of the list of cases that somebody looked at (`CaseSelection.digest`): no other one is frozen.
    progress
        Called with what is being done and the share done (0..1).

    Raises
    ------
    InvalidInput
        The cases cannot be drawn, or are others than those that were looked at.
    NotFound
        The data set or the model does not exist.
    """
    report = progress or (lambda message, share: None)
    report("Drawing cases", 0.0)
    chosen = drawn(workspace, protocol)
    selection = chosen.selection
    if list_seen is not None:
        check_list_seen(chosen, list_seen)
    if protocol.model_id and any(m.needs_model for m in protocol.every_modality):
        classify.predict_records(
            workspace,
            model_id=protocol.model_id,
            dataset_ids=[protocol.dataset_id],
            progress=lambda p: report("Predicting records", 0.9 * p.done / max(1, p.total)),
        )
    report("Preparing assistance", 0.9)
    study_id = f"{_slug(protocol.name)}-{uuid4().hex[:6]}"
    rows = _case_rows(workspace, protocol, selection, chosen.candidates, chosen.crowd, study_id)
    studies.save_study(
        workspace.engine,
        values={
            "id": study_id,
            "name": protocol.name,
            "dataset_id": protocol.dataset_id,
            "model_id": protocol.model_id,
            "protocol": protocol.to_json(),
            "protocol_sha256": protocol.sha256,
            "simulated": simulated,
            **({"frozen_at": frozen_at} if simulated and frozen_at else {}),
        },
        cases=rows,
        exchanges=case_exchanges.of_study(study_id, chosen.exchanges),
    )
    report("Done", 1.0)
    return study_id


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "study"


def _case_rows(
    workspace: Workspace,
    protocol: Protocol,
    selection: CaseSelection,
    candidates: pd.DataFrame,
    crowd: Mapping[str, CrowdOpinion],
    study_id: str,
) -> list[dict[str, Any]]:
    banned = identity_groups(workspace).with_relatives(case.record_id for case in selection.cases)
    similar = similar_to_cases(workspace, protocol, [case.record_id for case in selection.cases], banned=banned)
    probabilities = _probabilities(workspace, protocol, selection)
    images = dict(zip(candidates["record_id"], candidates["image_id"].astype(str), strict=True))
    maps = _saliency(workspace, protocol, selection)
    beside = cases_with_surroundings(workspace, protocol, selection)
    return [
        {
            "id": uuid4().hex,
            "study_id": study_id,
            "record_id": case.record_id,
            "round": case.round,
            "position": case.position,
            "practice": case.practice,
            "part": str(case.part),
            "expected": expected_of(protocol, case),
            "truth_dx": case.truth_dx,
            "held_out": case.held_out,
            "stratum": case.stratum,
            "difficulty": case.difficulty,
            "assistance": assistance_of(
                protocol,
                case,
                probabilities=probabilities.get(case.record_id),
                similar=similar.get(case.record_id, ()),
                crowd=crowd.get(images[case.record_id]),
                saliency=maps.get(case.record_id),
            ),
            "beside": beside[case.record_id].as_json() if case.record_id in beside else None,
        }
        for case in selection.cases
    ]


def _probabilities(workspace: Workspace, protocol: Protocol, selection: CaseSelection) -> dict[str, dict[str, float]]:
    if protocol.model_id is None:
        return {}
    ids = [case.record_id for case in selection.cases]
    found = models.predictions_of_model(workspace.engine, protocol.model_id, ids)
    return dict(zip(found["record_id"], found["probabilities"], strict=True))


def _saliency(workspace: Workspace, protocol: Protocol, selection: CaseSelection) -> dict[str, SaliencyInput]:
    """Where the model looked in each case, made now where there is no map yet."""
    if not protocol.model_id or not any(m.form.needs_saliency for m in protocol.every_modality):
        return {}
    ids = [case.record_id for case in selection.cases]
    return explain_predictions.maps_to_show(workspace, ids, model_id=protocol.model_id)
