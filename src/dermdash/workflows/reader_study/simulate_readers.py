"""Let simulated readers take part in a study: invited, scheduled and stored like real ones, and marked as simulated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np

from dermdash.errors import InvalidInput
from dermdash.reader_study.outbox import EventKind
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reading_session import Assignment
from dermdash.reader_study.simulation import (
    SimulatedCase,
    SimulatedReader,
    draw_case,
    draw_readers,
    simulate_session,
)
from dermdash.storage import readings, studies
from dermdash.storage.engine import now
from dermdash.storage.invitations import list_invitations
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import join_study, reading_standing
from dermdash.workflows.reader_study.invitations import invite_readers
from dermdash.workflows.reader_study.protocol_of_study import protocol_of

_READER_LABEL = "Simulated reader"


def simulate_readers(
    workspace: Workspace,
    study_id: str,
    *,
    count: int,
    seed: int,
    progress: Callable[[str, float], None] | None = None,
) -> None:
    """Let ``count`` simulated readers answer all cases of a simulated study.

    They come one after the other, so that later ones find a crowd by the same rule as real ones do. An interrupted
    call is completed by the next one: who has answered is left as they are.

    Raises
    ------
    NotFound
        There is no such study.
    InvalidInput
        The study is not marked as simulated: invented answers never mix with those of people.
    """
    report = progress or (lambda message, share: None)
    if not studies.get_study(workspace.engine, study_id)["simulated"]:
        raise InvalidInput(f"The study {study_id!r} is for people: simulated readers may not take part in it.")
    protocol = protocol_of(workspace, study_id)
    people = draw_readers(count, rng=np.random.default_rng([seed, 10]))
    labels = [f"{_READER_LABEL} {number:02d}" for number in range(1, count + 1)]
    invitations = _invitations(workspace, study_id, labels)
    cases = _cases(workspace, study_id, protocol, seed)
    # One reader per afternoon, the last one yesterday.
    today = now().replace(hour=14, minute=0, second=0, microsecond=0)
    for number, (label, reader) in enumerate(zip(labels, people, strict=True)):
        report("Simulating readers", number / count)
        rng = np.random.default_rng([seed, 11, number])
        starts_at = today - timedelta(days=count - number) + timedelta(minutes=float(rng.uniform(0, 240)))
        _let_reader_answer(workspace, invitations[label], reader, protocol, cases, starts_at, rng)


def _invitations(workspace: Workspace, study_id: str, labels: list[str]) -> dict[str, join_study.Invited]:
    invited = list_invitations(workspace.engine, study_id)
    if missing := [label for label in labels if label not in set(invited["label"])]:
        invite_readers(workspace, study_id, missing)
        invited = list_invitations(workspace.engine, study_id)
    return {
        row["label"]: join_study.Invited(
            row["id"], study_id, row["label"], row["reader_id"] if isinstance(row["reader_id"], str) else None
        )
        for row in invited.to_dict("records")
    }


def _cases(workspace: Workspace, study_id: str, protocol: Protocol, seed: int) -> dict[str, SimulatedCase]:
    taxonomy = protocol.classes
    found = {}
    for position, row in enumerate(studies.cases_of_study(workspace.engine, study_id).to_dict("records")):
        probabilities = row["assistance"].get("multiclass_probability", {}).get("probabilities", {})
        found[str(row["id"])] = draw_case(
            row["truth_dx"],
            taxonomy=taxonomy,
            rng=np.random.default_rng([seed, 12, position]),
            model_share=probabilities.get(row["truth_dx"]),
        )
    return found


def _let_reader_answer(
    workspace: Workspace,
    invitation: join_study.Invited,
    reader: SimulatedReader,
    protocol: Protocol,
    cases: dict[str, SimulatedCase],
    starts_at: datetime,
    rng: np.random.Generator,
) -> None:
    reader_id = join_study.start_reader(workspace, invitation, simulated=True, consented_at=starts_at)
    join_study.save_profile(workspace, reader_id, reader.profile)
    session = reading_standing.load_session(workspace, invitation.study_id, reader_id)
    if session.answered:  # all of a reader's answers are stored at once
        return
    answers = simulate_session(
        reader,
        assignments=session.assignments,
        cases=cases,
        assistance={key: row["assistance"] for key, row in session.rows.items()},
        taxonomy=protocol.classes,
        confidence_levels=len(protocol.confidence_levels),
        starts_at=starts_at,
        rng=rng,
        asked=protocol.asked,
    )
    by_id = {assignment.id: assignment for assignment in session.assignments}
    rows = [
        {
            "id": str(uuid4()),
            "study_id": invitation.study_id,
            "reader_id": reader_id,
            "assignment_id": answer.assignment_id,
            **_case_columns(by_id[answer.assignment_id]),
            "phase": str(answer.phase),
            "dx": answer.dx,
            "confidence": answer.confidence,
            "malignancy_rating": answer.malignancy_rating,
            "management": answer.management,
            "assistance": session.rows[answer.assignment_id]["assistance"] if answer.phase == "aided" else None,
            "client_ms": answer.client_ms,
            "shown_at": answer.shown_at,
            "submitted_at": answer.submitted_at,
            "recorded_at": answer.submitted_at + timedelta(milliseconds=40),
        }
        for answer in answers
    ]
    last_of_told = {a.case_id: a.id for a in session.assignments if session.is_told(a)}.values()
    for answer in answers:
        assignment = by_id[answer.assignment_id]
        if assignment.id in last_of_told and answer.phase == assignment.phases[-1]:
            _leave_feedback(workspace, reader_id, assignment.id, answer.submitted_at)
    readings.save_simulated_readings(workspace.engine, rows)


def _leave_feedback(workspace: Workspace, reader_id: str, assignment_id: str, answered_at: datetime) -> None:
    """Log that the reader went on after the feedback of a case; without it the session waits there."""
    values = {
        "id": f"{EventKind.CONTINUE}-{assignment_id}",
        "reader_id": reader_id,
        "assignment_id": assignment_id,
        "kind": str(EventKind.CONTINUE),
        "client_at": answered_at,
    }
    readings.save_delivery(workspace.engine, answers=[], events=[values])


def _case_columns(assignment: Assignment) -> dict[str, Any]:
    return {
        "case_id": assignment.case_id,
        "practice": assignment.practice,
        "modality": str(assignment.modality),
    }
