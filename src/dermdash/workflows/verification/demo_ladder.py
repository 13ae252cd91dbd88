"""The ladder of the demo workspace, in progress: queues, disagreements on the board, histology outstanding, a log.

All of it goes through the same acts as real work. The people are invented and called so; they have no password, and an
admin who wants to see the demo with their eyes makes a link for them on the page Accounts.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np

from dermdash.records.fields import is_filled
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import record_rows
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.verification.annotation import ENTERABLE
from dermdash.verification.annotation_outbox import AnnotationSubmission
from dermdash.verification.marks import Mark, MarkShape
from dermdash.verification.review_rule import ReviewRule
from dermdash.workflows.accounts.access import OPERATOR, Account, Expertise, Role
from dermdash.workflows.accounts.people import invite_person, list_people
from dermdash.workflows.verification.annotate import open_task, receive
from dermdash.workflows.verification.assign_reviews import assign_work
from dermdash.workflows.verification.board import comment, formulate, list_cases
from dermdash.workflows.verification.histology import enter_histology, list_outstanding
from dermdash.workflows.verification.reopen import correct_field, reopen
from dermdash.workflows.verification.review_rules import set_rule

REVIEWERS = (
    ("Ada Demo (invented)", Expertise.EXPERT, 0.9),
    ("Ben Demo (invented)", Expertise.SPECIALIST, 0.8),
    ("Cem Demo (invented)", Expertise.RESIDENT, 0.68),
)
"""Name, expertise, and how often the invented person is right."""
CURATOR = "Cora Demo (invented)"
_ANSWERED = (0.8, 0.72, 0.62)
"""Which share of their reviews each has answered."""
_UNSURE = 0.06
_STRUCTURE_SEEN, _STRUCTURE_INVENTED = 0.75, 0.04


def fill_demo_ladder(
    workspace: Workspace,
    dataset_id: str,
    *,
    records: int = 24,
    seed: int = 2020,
    keep_out: Sequence[str] = (),
    progress: Callable[[str, float], None] | None = None,
) -> None:
    """Bring some records of a data set that is simulated on their way up; nothing where people are there already.

    Parameters
    ----------
    records
        How many of those whose label nobody has confirmed.
    keep_out
        Records to leave alone, as the cases of a study.
    progress
        Called with what is done and the share (0..1).
    """
    known = {person.account.name for person in list_people(workspace, OPERATOR)}
    if CURATOR in known:
        return
    told = progress or (lambda message, share: None)
    rng = np.random.default_rng(seed)
    dataset = record_rows.dataset_row(workspace.engine, dataset_id)
    if dataset is None or not dataset["simulated"]:
        return
    told("Inventing reviewers", 0.0)
    people = [_invite(workspace, name, Role.REVIEWER, expertise) for name, expertise, _ in REVIEWERS]
    cora = _invite(workspace, CURATOR, Role.CURATOR, Expertise.EXPERT)
    set_rule(workspace, cora, dataset_id, ReviewRule(due_days=21), reason="The rule of the demo.")
    chosen = _unconfirmed(workspace, dataset_id, records, keep_out)
    if not chosen:
        return
    truth = {row["image_sha256"]: row for row in chosen}
    first = [row["id"] for row in chosen[: len(chosen) // 4]]
    rest = [row["id"] for row in chosen[len(first) :]]
    # A quarter is annotated from the beginning; of the others the label of the source is the initial annotation.
    assign_work(workspace, cora, record_ids=first, claimed=True, initial=True)
    assign_work(workspace, cora, record_ids=rest, claimed=True)
    classes = get_taxonomy(dataset["taxonomy"]).codes
    for place, (person, (_, _, right)) in enumerate(zip(people, REVIEWERS, strict=True)):
        told("Reviewing records", 0.2 + 0.5 * place / len(people))
        share = _ANSWERED[place]
        for n in range(math.ceil(share * len(chosen))):
            task = open_task(workspace, person)
            if task is None or task.image_sha256 not in truth:
                break
            row = truth[task.image_sha256]
            said = _answer(rng, row, classes, right, (task.width, task.height))
            item = AnnotationSubmission(
                id=_uuid(seed, place, n), task=task.id, annotation=said, client_ms=float(rng.integers(6_000, 40_000)),
                shown_at=now(), submitted_at=now(),
            )  # fmt: skip
            receive(workspace, person, [item])
    told("Deciding on the board", 0.75)
    _decide(workspace, cora, people, dataset_id)
    told("Entering histology", 0.9)
    _enter_histology(workspace, cora, {row["id"] for row in chosen}, dataset_id)
    told("The ladder of the demo is ready", 1.0)


def _invite(workspace: Workspace, name: str, role: Role, expertise: Expertise) -> Account:
    invite_person(workspace, OPERATOR, name=name, roles=[role], expertise=expertise)
    return next(person.account for person in list_people(workspace, OPERATOR) if person.account.name == name)


def _unconfirmed(workspace: Workspace, dataset_id: str, records: int, keep_out: Sequence[str]) -> list[dict[str, Any]]:
    """Records whose label nobody has confirmed, in an order that tells nothing."""
    out = set(keep_out)
    rows = record_rows.filtered_rows(
        workspace.engine, RecordFilter(dataset_id=(dataset_id,), verification_stage=("1",))
    )
    free = [row for row in rows if row["id"] not in out and row["dx"] is not None]
    seen: set[str] = set()
    different = [row for row in free if not (row["image_sha256"] in seen or seen.add(row["image_sha256"]))]  # type: ignore[func-returns-value]
    return sorted(different, key=lambda row: hashlib.sha256(row["id"].encode()).hexdigest())[:records]


def _answer(
    rng: np.random.Generator,
    row: Mapping[str, Any],
    classes: Sequence[str],
    right: float,
    size: tuple[int, int],
) -> dict[str, Any]:
    """What an invented person says of a record: mostly what it is, sometimes what it resembles."""
    others = [code for code in classes if code != row["dx"]]
    dx = row["dx"] if rng.random() < right else str(rng.choice(others))
    values = {spec.name: row[spec.name] for spec in ENTERABLE if is_filled(row[spec.name])}
    seen = [
        name
        for spec in ENTERABLE
        if spec.name == "dermoscopic_structures"
        for name in spec.choices
        if rng.random() < (_STRUCTURE_SEEN if name in (row[spec.name] or ()) else _STRUCTURE_INVENTED)
    ]
    values["dermoscopic_structures"] = seen
    if not seen:
        del values["dermoscopic_structures"]
    width, height = size
    marks = [_mark(rng, name, width, height) for name in seen[:2]]
    unsure = bool(rng.random() < _UNSURE)
    return {
        "dx": dx, "values": values, "marks": [mark.as_json() for mark in marks], "unsure": unsure,
        "comment": "I should like to see this one in person." if unsure else "",
        "quality": int(np.clip(round(float(row["image_quality_score"] or 4) + rng.normal(0, 0.6)), 1, 5)),
    }  # fmt: skip


def _mark(rng: np.random.Generator, structure: str, width: int, height: int) -> Mark:
    """A region somewhere in the middle, where the painted lesions are, drawn by an unsteady hand."""
    middle = np.array([width, height]) * (0.5 + rng.normal(0, 0.05, 2))
    angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
    reach = min(width, height) * rng.uniform(0.1, 0.18) * rng.uniform(0.85, 1.15, len(angles))
    points = middle + np.column_stack([np.cos(angles), np.sin(angles)]) * reach[:, None]
    inside = np.clip(points, 1, [width - 1, height - 1])
    return Mark(structure, MarkShape.FREEHAND, tuple((float(x), float(y)) for x, y in inside.round(1)))


def _decide(workspace: Workspace, cora: Account, people: Sequence[Account], dataset_id: str) -> None:
    """Of what waits on the board half is decided; of the rest one case is talked about."""
    waiting = list_cases(workspace, cora, dataset_id)
    for case in waiting[: len(waiting) // 2]:
        label = record_rows.record_rows(workspace.engine, [case["record_id"]])[case["record_id"]]["dx"]
        formulate(
            workspace, cora, case["record_id"], dx=label, participants=[person.id for person in people[:2]],
            reason="Looked at together at a larger zoom; the pattern decides.",
        )  # fmt: skip
    for case in waiting[len(waiting) // 2 :][:1]:
        comment(workspace, cora, case["record_id"], "Please look at the lower edge again before we decide.")


def _enter_histology(workspace: Workspace, cora: Account, record_ids: set[str], dataset_id: str) -> None:
    """Half of what is outstanding here gets a result, the last of them another than the consensus; one is reopened."""
    outstanding = [found for found in list_outstanding(workspace, cora, dataset_id) if found.record_id in record_ids]
    entered = outstanding[: (len(outstanding) + 1) // 2]
    for place, found in enumerate(entered):
        enter_histology(
            workspace, cora, found.record_id, dx=found.dx if place or len(entered) == 1 else "nv",
            text="Invented report of the demo.", report_number=f"DEMO-{place + 1:03d}", report_date=date(2026, 3, 2),
        )  # fmt: skip
    settled = [
        row
        for row in record_rows.record_rows(workspace.engine, record_ids).values()
        if row["verification_stage"] == 2 and not row["stage_claimed"]
    ]
    if len(settled) > 1:
        field = "elevation"
        correct_field(
            workspace, cora, settled[0]["id"], field, "palpable" if settled[0][field] != "palpable" else "flat",
            reason="The photograph from the side shows it.",
        )  # fmt: skip
        reopen(workspace, cora, settled[1]["id"], reason="A second photograph came in that changes the picture.")


def _uuid(*parts: int) -> UUID:
    return UUID(bytes=hashlib.sha256(repr(parts).encode()).digest()[:16], version=4)
