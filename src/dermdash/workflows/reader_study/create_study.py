"""Freeze a protocol: draw its cases, fix what each modality will show, make invitation links."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import numpy as np
import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.reader_study.arm_draw import seeded
from dermdash.reader_study.assistance import build_assistance
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.case_selection import CaseSelection, SelectedCase, select_cases
from dermdash.reader_study.protocol import Protocol
from dermdash.readings.assistance.assistance_form import CrowdOpinion
from dermdash.records.chosen_records import read_kept
from dermdash.records.taxonomy import Taxonomy
from dermdash.storage import models, records, studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT, hash_token, new_token
from dermdash.workflows.classifier import classify, find_similar
from dermdash.workflows.classifier.held_out import held_out_records
from dermdash.workflows.classifier.model_registry import get_model, model_label
from dermdash.workflows.dataset.chosen_records import let_through
from dermdash.workflows.dataset.identity_groups import ONE_LESION, identity_groups
from dermdash.workflows.dataset.image_kinds import kind_of_datasets, kind_words
from dermdash.workflows.reader_study.frozen_crowd import crowd_of_protocol

MAX_INVITATIONS = 1000
MAX_LABEL = 100


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link for one reader. The token is known only now: the workspace keeps its hash."""

    id: str
    label: str
    link: str


def draw_cases(workspace: Workspace, protocol: Protocol) -> CaseSelection:
    """Draw the cases a protocol would have, without storing anything: the preview before freezing.

    It says how many records the filter of the protocol leaves out.

    Raises
    ------
    InvalidInput
        A class has too few lesions, the model knows the other kind of images, or this version does not know the filter
        of the protocol.
    NotFound
        The model does not exist.
    """
    return _select(_candidates(workspace, protocol), protocol, crowd_of_protocol(workspace, protocol))


def _select(candidates: pd.DataFrame, protocol: Protocol, crowd: Mapping[str, CrowdOpinion]) -> CaseSelection:
    """Draw the cases; with a frozen crowd among the images it has shares of, as kinds would not be balanced else."""
    protocol.check_before_freezing()
    if protocol.frozen_crowd is None:
        return select_cases(candidates, protocol=protocol)
    rows = candidates[candidates["image_id"].astype(str).isin(set(crowd))]
    if rows.empty:
        raise InvalidInput(f"{protocol.frozen_crowd['name']} has no crowd for an image of this data set")
    return select_cases(rows, protocol=protocol)


def _candidates(workspace: Workspace, protocol: Protocol) -> pd.DataFrame:
    rows = records.records_of_dataset(workspace.engine, protocol.dataset_id)
    if rows.empty:
        raise InvalidInput(f"The data set {protocol.dataset_id!r} has no records to draw cases from.")
    _check_same_kind(workspace, protocol)
    rows = rows[rows["dx"].notna()]
    # Without a model nothing has been trained on any lesion.
    held_out = (
        held_out_records(workspace, protocol.model_id, rows) if protocol.model_id else np.ones(len(rows), dtype=bool)
    )
    # Those left out stay among the candidates: the study must not show another image of one of its lesions as similar.
    passing = let_through(workspace, protocol.dataset_id, list(rows["id"]), read_kept(protocol.record_filter))
    ids = rows["id"].tolist()
    return rows.assign(
        held_out=held_out,
        let_through=passing,
        one_lesion=identity_groups(workspace, ONE_LESION).of(ids),
        identity=identity_groups(workspace).of(ids),
    ).rename(columns={"id": "record_id"})


def _check_same_kind(workspace: Workspace, protocol: Protocol) -> None:
    """Raise InvalidInput where a model of drawn images would advise on photographs, or the other way round."""
    if protocol.model_id is None:
        return
    model = get_model(workspace, protocol.model_id)
    drawn = kind_of_datasets(workspace, [protocol.dataset_id])
    if bool(model["simulated"]) != drawn:
        raise InvalidInput(
            f"The model {model_label(model)} knows {kind_words(not drawn)}, and {protocol.dataset_id} holds "
            f"{kind_words(drawn)}: choose a model of {kind_words(drawn)}, or none."
        )


def create_study(
    workspace: Workspace,
    protocol: Protocol,
    *,
    simulated: bool = False,
    frozen_at: datetime | None = None,
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
    progress
        Called with what is being done and the share done (0..1).

    Raises
    ------
    InvalidInput
        The cases cannot be drawn.
    NotFound
        The data set or the model does not exist.
    """
    report = progress or (lambda message, share: None)
    report("Drawing cases", 0.0)
    candidates = _candidates(workspace, protocol)
    crowd = crowd_of_protocol(workspace, protocol)
    selection = _select(candidates, protocol, crowd)
    if protocol.model_id and any(m.needs_model for m in protocol.every_modality):
        classify.predict_records(
            workspace,
            model_id=protocol.model_id,
            dataset_ids=[protocol.dataset_id],
            progress=lambda p: report("Predicting records", 0.9 * p.done / max(1, p.total)),
        )
    report("Preparing assistance", 0.9)
    study_id = f"{_slug(protocol.name)}-{uuid4().hex[:6]}"
    rows = _case_rows(workspace, protocol, selection, candidates, crowd, study_id)
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
    taxonomy = protocol.classes
    banned = identity_groups(workspace).with_relatives(case.record_id for case in selection.cases)
    probabilities = _probabilities(workspace, protocol, selection)
    images = dict(zip(candidates["record_id"], candidates["image_id"].astype(str), strict=True))
    return [
        {
            "id": uuid4().hex,
            "study_id": study_id,
            "record_id": case.record_id,
            "round": case.round,
            "position": case.position,
            "practice": case.practice,
            "part": str(case.part),
            "expected": _expected(protocol, case),
            "truth_dx": case.truth_dx,
            "held_out": case.held_out,
            "assistance": _assistance(
                workspace, protocol, case, taxonomy, probabilities, banned, crowd.get(images[case.record_id])
            ),
        }
        for case in selection.cases
    ]


def _expected(protocol: Protocol, case: SelectedCase) -> dict[str, Any] | None:
    """What an attention check tells the reader to answer: drawn, and not what the image shows."""
    if case.part is not CasePart.CHECK:
        return None
    rng = seeded(protocol.seed, f"check {case.round}.{case.position}")
    others = [code for code in protocol.classes.codes if code != case.truth_dx]
    return {"dx": str(rng.choice(others)), "confidence": int(rng.integers(1, len(protocol.confidence_levels) + 1))}


def _probabilities(workspace: Workspace, protocol: Protocol, selection: CaseSelection) -> dict[str, dict[str, float]]:
    if protocol.model_id is None:
        return {}
    ids = [case.record_id for case in selection.cases]
    found = models.predictions_of_model(workspace.engine, protocol.model_id, ids)
    return dict(zip(found["record_id"], found["probabilities"], strict=True))


def _assistance(
    workspace: Workspace,
    protocol: Protocol,
    case: SelectedCase,
    taxonomy: Taxonomy,
    probabilities: dict[str, dict[str, float]],
    banned: set[str],
    crowd: CrowdOpinion | None,
) -> dict[str, Any]:
    neighbours: list[tuple[str, str, float]] = []
    if protocol.model_id and any(m.form.needs_neighbours for m in protocol.every_modality):
        similar = find_similar.similar_records(
            workspace,
            case.record_id,
            model_id=protocol.model_id,
            k=protocol.cbir_k,
            dataset_ids=[protocol.dataset_id],
            excluded_ids=banned,
        )
        neighbours = [(s.record_id, s.dx, s.similarity) for s in similar]
    built = build_assistance(
        taxonomy=taxonomy,
        probabilities=probabilities.get(case.record_id),
        neighbours=neighbours,
        crowd=crowd,
        modalities=protocol.every_modality,
    )
    return {str(modality): payload for modality, payload in built.items()}


def invite_readers(workspace: Workspace, study_id: str, labels: Sequence[str]) -> list[Invitation]:
    """Make one invitation link per label (a name or a number for the coordinator's own use).

    Raises
    ------
    NotFound
        There is no such study.
    InvalidInput
        No label, an empty one, or more than 1,000.
    """
    studies.get_study(workspace.engine, study_id)
    cleaned = [label.strip() for label in labels]
    if not cleaned or not all(cleaned) or len(cleaned) > MAX_INVITATIONS:
        raise InvalidInput(f"give 1 to {MAX_INVITATIONS} invitations a name each")
    if long := [label for label in cleaned if len(label) > MAX_LABEL]:
        raise InvalidInput(f"a name has at most {MAX_LABEL} characters; {long[0][:20]!r}... has {len(long[0])}")
    tokens = [new_token() for _ in cleaned]
    made = [
        Invitation(uuid4().hex, label, _link(workspace, token)) for label, token in zip(cleaned, tokens, strict=True)
    ]
    rows = [
        {"id": i.id, "study_id": study_id, "token_hash": hash_token(token), "label": i.label}
        for i, token in zip(made, tokens, strict=True)
    ]
    studies.save_invitations(workspace.engine, rows)
    return made


def _link(workspace: Workspace, token: str) -> str:
    return f"{workspace.settings.public_url.rstrip('/')}/?{urlencode({'invitation': token})}"


def renew_invitation(workspace: Workspace, invitation_id: str, *, renewed_by: str = ADMIN_ACCOUNT) -> Invitation:
    """Make another link for an invitation, also for one that was withdrawn; the link before it stops working.

    The reader stays the same one and goes on where they were.

    Raises
    ------
    NotFound
        There is no such invitation.
    """
    invitation = studies.get_invitation(workspace.engine, invitation_id)
    token = new_token()
    studies.save_invitation_change(
        workspace.engine, invitation_id, studies.RENEWED, token_hash=hash_token(token), changed_by=renewed_by
    )
    return Invitation(invitation_id, invitation["label"], _link(workspace, token))


def withdraw_invitation(workspace: Workspace, invitation_id: str, *, withdrawn_by: str = ADMIN_ACCOUNT) -> None:
    """Close an invitation, whatever link it has now; what its reader answered stays.

    Raises
    ------
    NotFound
        There is no such invitation.
    """
    studies.get_invitation(workspace.engine, invitation_id)
    studies.save_invitation_change(workspace.engine, invitation_id, studies.WITHDRAWN, changed_by=withdrawn_by)
