"""What one reviewer has to do, did lately, and had refused: their own page, in calls that ask for the role first.

A hidden repeat is a review like any other here, and one that is not offered yet is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from dermdash.errors import InvalidInput, NotFound
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage import annotation_rows, tasks
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.dataset.browse_records import dataset_names
from dermdash.workflows.verification.annotate import save_draft, why_not_open


class WorkKind(StrEnum):
    """What a person is asked to do."""

    ANNOTATE = "annotate"
    REVIEW = "review"

    @property
    def label(self) -> str:
        """Of a group of tasks."""
        return {WorkKind.ANNOTATE: "To annotate", WorkKind.REVIEW: "To review"}[self]

    @property
    def word(self) -> str:
        """Of one that is done."""
        return {WorkKind.ANNOTATE: "Annotation", WorkKind.REVIEW: "Review"}[self]


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Open tasks of one kind in one data set; ``for_anybody``: those of a queue that others take from, too."""

    dataset: str
    kind: WorkKind
    open: int
    for_anybody: int
    overdue: int
    due_next: datetime | None


@dataclass(frozen=True, slots=True)
class LatelyDone:
    """An answer; ``closed``: why it does not change any more, None while it may be changed."""

    task_id: str
    dataset: str
    kind: WorkKind
    said: str
    at: datetime
    closed: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """What was not accepted; ``closed``: why it cannot be used again, None where it can."""

    id: str
    task_id: str
    said: str
    marks: int
    comment: str
    reason: str
    at: datetime
    closed: str | None


def offered_work(workspace: Workspace, actor: Account) -> list[OpenWork]:
    """What this person could do now, by data set and kind."""
    require(actor, Role.REVIEWER)
    engine, moment = workspace.engine, now()
    done = annotation_rows.count_of_account(engine, actor.id)
    groups: dict[tuple[str, WorkKind], list[Mapping[str, Any]]] = {}
    for task in tasks.offered_to(engine, actor.id, annotations_made=done, moment=moment):
        groups.setdefault((task["dataset_id"], _kind(task)), []).append(task)
    names = dataset_names(workspace)
    return [
        _group(names.get(dataset, dataset), kind, found, moment) for (dataset, kind), found in sorted(groups.items())
    ]


def _group(dataset: str, kind: WorkKind, found: list[Mapping[str, Any]], moment: datetime) -> OpenWork:
    due = [task["due_at"] for task in found if task["due_at"] is not None]
    anybodys = sum(task["account_id"] is None for task in found)
    return OpenWork(dataset, kind, len(found), anybodys, sum(day < moment for day in due), min(due, default=None))


def lately_done(workspace: Workspace, actor: Account, *, most: int = 10) -> list[LatelyDone]:
    """The latest answers of this person, the latest first."""
    require(actor, Role.REVIEWER)
    engine, names = workspace.engine, dataset_names(workspace)
    found = []
    for row in annotation_rows.latest_of_account(engine, actor.id, most=most):
        closed = why_not_open(engine, actor, row["task_id"])
        name = names.get(row["dataset_id"], row["dataset_id"])
        found.append(LatelyDone(row["task_id"], name, _kind(row), _said(row["content"]), row["recorded_at"], closed))
    return found


def refused_answers(workspace: Workspace, actor: Account) -> list[Refused]:
    """What was not accepted of this person and has not been answered since, the latest first."""
    require(actor, Role.REVIEWER)
    engine, found = workspace.engine, []
    for row in annotation_rows.refused_of(engine, actor.id):
        last = annotation_rows.latest_of_task(engine, row["task_id"])
        if last is not None and last["account_id"] == actor.id and last["recorded_at"] > row["refused_at"]:
            continue
        content = row["content"]
        found.append(
            Refused(
                row["id"], row["task_id"], _said(content), len(_list(content.get("marks"))),
                str(content.get("comment") or ""), row["reason"], row["refused_at"],
                why_not_open(engine, actor, row["task_id"]),
            )
        )  # fmt: skip
    return found


def use_again(workspace: Workspace, actor: Account, refused_id: str) -> str:
    """Make what was refused the draft of its task, and return the task's id.

    Raises
    ------
    NotFound
        Nothing of this person was refused under that id.
    InvalidInput
        The task takes no answer any more.
    """
    require(actor, Role.REVIEWER)
    row = annotation_rows.get_refused(workspace.engine, refused_id)
    if row is None or row["account_id"] != actor.id:
        raise NotFound("There is no such refused answer of yours; reload the page to see those there are.")
    if closed := why_not_open(workspace.engine, actor, row["task_id"]):
        raise InvalidInput(closed)
    save_draft(workspace, actor, row["task_id"], row["content"], now())
    return str(row["task_id"])


def _kind(task: Mapping[str, Any]) -> WorkKind:
    return WorkKind.ANNOTATE if task["purpose"] == tasks.INITIAL else WorkKind.REVIEW


def _said(content: Mapping[str, Any]) -> str:
    """An answer in a few words: "Melanoma, unsure"."""
    dx = content.get("dx")
    said = diagnosis_name(dx) if isinstance(dx, str) and dx else "No diagnosis"
    marks = len(_list(content.get("marks")))
    return (
        said + (", unsure" if content.get("unsure") is True else "") + (f", {counted(marks, 'mark')}" if marks else "")
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
