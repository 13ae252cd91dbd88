"""What somebody who annotates does: the next task, drafts, and deliveries that are confirmed once they are on disk.

What a task says of a record is what its purpose and the rule of the data set allow. Nothing of what others answered is
in it, nor the record's label, file name or ids.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dermdash.errors import DatabaseBusy, InvalidInput
from dermdash.picture_frame import PictureFrame
from dermdash.records.acts import Act
from dermdash.records.fields import CONTEXT
from dermdash.storage import annotation_rows, change_log, record_rows, tasks
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.ladder_rows import Source
from dermdash.storage.workspace import Workspace
from dermdash.verification.annotation import Annotation, parse_annotation, parse_draft
from dermdash.verification.annotation_outbox import AnnotationItem, AnnotationSubmission, DraftSave
from dermdash.verification.assignment import drawn
from dermdash.verification.review_rule import ReviewRule
from dermdash.verification.standing import why_closed
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.accounts.rights import SEES_LABELS
from dermdash.workflows.verification.people import active_accounts
from dermdash.workflows.verification.record_state import RecordState, load_state, rule_of
from dermdash.workflows.verification.submit_annotation import store_annotation

NOT_YOURS = "This record is not among your tasks: it was given to somebody else, or withdrawn. Open your work again."
TAKEN = (
    "The time for which this record was kept for you is over, and somebody else has it now. What you entered is kept "
    "among your refused answers."
)
HELD = "Somebody else has this record open at the moment. Open your work again: there is more to do."
KEPT = " What you entered is kept among your refused answers (My work)."


_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """A task as the person who does it may know it; for the server, which makes pictures and payloads of it.

    Attributes
    ----------
    id
        Opaque; the only name of the record that leaves for a browser.
    stage
        1 initial annotation, 2 review; a hidden repeat is a review like any other.
    image_sha256, width, height
        Of the stored image: the picture is made from it, and the hash stays on the server.
    picture_key
        Secret of the data set with which the picture is made; it stays on the server as well.
    taxonomy
        Whose classes can be chosen.
    context
        What was known of patient and lesion when the record came, by field; nothing that anybody here entered.
    sites
        Anatomical sites that records of the data set came with.
    draft, draft_saved_at
        What this person has typed so far, and when by their browser's clock.
    answer, answered_at
        What this person submitted for it, where they come back to change it, and when by their browser's clock.
    done, remaining
        Tasks that they have answered, and that they could do now, this one included.
    initial, model
        The initial annotation and the probabilities of a classifier, where the rule shows them, else None.
    """

    id: str
    stage: int
    image_sha256: str
    width: int
    height: int
    picture_key: str
    taxonomy: str
    context: Mapping[str, Any]
    sites: tuple[str, ...] = ()
    draft: Mapping[str, Any] | None
    draft_saved_at: datetime | None = None
    answer: Mapping[str, Any] | None = None
    answered_at: datetime | None = None
    done: int
    remaining: int
    due_at: datetime | None
    lease_until: datetime
    initial: Mapping[str, Any] | None
    model: Mapping[str, float] | None

    @property
    def position(self) -> int:
        """Which one this is of all that the person has, from 1."""
        return self.done + (self.answer is None)

    @property
    def total(self) -> int:
        """How many these are."""
        return self.done + self.remaining


@dataclass(frozen=True, slots=True)
class AnnotationReceipt:
    """What became of a delivery: ids that are on disk, and ids that are refused with the reason in words."""

    acknowledged: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


FrameOf = Callable[[str, str], PictureFrame | None]
"""Where a stored image (its hash) lies in the picture that is made of it with a data set's secret."""


def open_task(workspace: Workspace, actor: Account, task_id: str | None = None) -> OpenTask | None:
    """Return what this person does next, and keep it for them; None where there is nothing. See `open_tasks`."""
    require(actor, Role.REVIEWER)
    return in_one_act(workspace.engine, actor.id, lambda act: _next(act, actor, task_id), alone=False)


def open_tasks(
    workspace: Workspace, actor: Account, task_id: str | None = None
) -> tuple[OpenTask | None, OpenTask | None]:
    """Return what this person does next and what comes after it, and keep both for them; None where there is nothing.

    The same person gets the same tasks in every browser until they are done or their time is over. The second is shown
    the moment the first one is submitted.

    Parameters
    ----------
    task_id
        A task of theirs to come back to, to change an answer that still counts for nothing.

    Raises
    ------
    AccessDenied
        They are no reviewer.
    InvalidInput
        The named task is not theirs, takes no answer any more, or somebody else has it open.
    """
    require(actor, Role.REVIEWER)

    def work(act: ActTransaction) -> tuple[OpenTask | None, OpenTask | None]:
        opened = _next(act, actor, task_id)
        return opened, None if opened is None else _following(act, actor, opened)

    return in_one_act(workspace.engine, actor.id, work, alone=False)


def _next(act: ActTransaction, actor: Account, task_id: str | None) -> OpenTask | None:
    done = annotation_rows.count_of_account(act, actor.id)
    if task_id is None:
        return _take_next(act, actor, done)
    task, state, refusal = _task_of(act, actor, task_id)
    if task is None or state is None or refusal:
        raise InvalidInput(refusal or NOT_YOURS)
    _, rule = rule_of(act, task["dataset_id"], task["rule_version"])
    lease = tasks.take_lease(act, f"task:{task_id}", minutes=rule.lease_minutes)
    if lease["account_id"] != actor.id:
        raise InvalidInput(HELD)
    return _opened(act, actor, task, state, rule, lease, done)


def _following(act: ActTransaction, actor: Account, opened: OpenTask) -> OpenTask | None:
    """What comes once that one is answered."""
    changes = opened.answer is not None
    shown = _take_next(act, actor, opened.done + (not changes), but=opened.id)
    return shown if shown is None or changes else replace(shown, remaining=shown.remaining - 1)


def _take_next(act: ActTransaction, actor: Account, done: int, *, but: str = "") -> OpenTask | None:
    """Hold the next task; where somebody else was faster, the one after it."""
    for _ in range(_TRIES):
        task = tasks.next_task(act, actor.id, moment=act.moment, annotations_made=done, but=but)
        if task is None:
            return None
        _, rule = rule_of(act, task["dataset_id"], task["rule_version"])
        lease = tasks.take_lease(act, f"task:{task['id']}", minutes=rule.lease_minutes)
        if lease["account_id"] == actor.id:
            return _opened(act, actor, task, load_state(act, task["record_id"]), rule, lease, done)
    raise DatabaseBusy("Others take the same records all the time: open your work again.")


def _opened(
    act: ActTransaction,
    actor: Account,
    task: Mapping[str, Any],
    state: RecordState,
    rule: ReviewRule,
    lease: Mapping[str, Any],
    done: int,
) -> OpenTask:
    record = state.record
    names = [spec.name for spec in CONTEXT]
    # What somebody entered here is theirs to say: each annotator gets what the record came with.
    entered = record_rows.first_values(act, state.id, names)
    context = {name: json.loads(entered[name]) if name in entered else record[name] for name in names}
    draft = annotation_rows.draft_of(act, task["id"], actor.id)
    mine = annotation_rows.latest_of_task(act, task["id"]) if task["answered"] else None
    if mine is not None and mine["account_id"] != actor.id:
        mine = None
    initial = model = None
    if task["purpose"] != tasks.INITIAL:
        initial = None if rule.blind_to_initial else _initial_of(act, state)
        prediction = None if rule.blind_to_model else record_rows.latest_prediction(act, state.id)
        model = None if prediction is None else prediction["probabilities"]
    return OpenTask(
        id=task["id"],
        stage=task["stage"],
        image_sha256=record["image_sha256"],
        width=record["width"],
        height=record["height"],
        picture_key=record_rows.picture_key(act, task["dataset_id"]),
        taxonomy=record["taxonomy"],
        context={name: value for name, value in context.items() if value is not None},
        sites=tuple(record_rows.sites_of(act, task["dataset_id"])),
        draft=None if draft is None else draft["content"],
        draft_saved_at=None if draft is None else draft["saved_at"],
        answer=None if mine is None else mine["content"],
        answered_at=None if mine is None else mine["submitted_at"],
        done=done,
        remaining=tasks.open_to(act, actor.id, moment=act.moment, annotations_made=done),
        due_at=task["due_at"],
        lease_until=lease["expires_at"],
        initial=initial,
        model=model,
    )


def _initial_of(act: ActTransaction, state: RecordState) -> dict[str, Any] | None:
    made = [row for row in annotation_rows.annotations_of_record(act, state.id) if row["purpose"] == tasks.INITIAL]
    if made:
        return dict(made[-1]["content"])
    dx = _label_before_consensus(act, state)
    return None if dx is None else {"dx": dx}


def _label_before_consensus(act: ActTransaction, state: RecordState) -> str | None:
    """The label that the reviews of this cycle began with, also where the record has another one since."""
    before: list[Any] = []
    for entry in change_log.entries(act, record_id=state.id):
        if entry.act == Act.REOPENING:
            before.clear()
        elif entry.field == "dx" and entry.act in (Act.CONSENSUS, Act.HISTOLOGY):
            before.append(entry.old)
    label: str | None = before[0] if before else state.record["dx"]
    return label


def save_draft(
    workspace: Workspace, actor: Account, task_id: str, content: Mapping[str, Any], saved_at: datetime
) -> None:
    """Keep what somebody has typed so far, and their hold on the record.

    Raises
    ------
    InvalidInput
        The task is not theirs or takes no answer any more, or this is no draft.
    """
    require(actor, Role.REVIEWER)

    def work(act: ActTransaction) -> None:
        if refusal := _keep_draft(act, actor, task_id, content, saved_at):
            raise InvalidInput(refusal)

    in_one_act(workspace.engine, actor.id, work)


def receive(
    workspace: Workspace, actor: Account, items: Sequence[AnnotationItem], *, frame_of: FrameOf | None = None
) -> AnnotationReceipt:
    """Store a delivery of a browser in one transaction and say what became of each item.

    An id is acknowledged only after its commit is on disk; with an annotation go the record's label, the entries of the
    change log, what the rule says of the answers, and the tasks that come next. An item that was stored before is
    acknowledged again. What is refused is kept for its author (`my_tasks.refused_answers`), unless it was none.

    Raises
    ------
    AccessDenied
        They are no reviewer.
    OutOfReach
        The database cannot be written to at the moment; nothing of the delivery is acknowledged.
    """
    require(actor, Role.REVIEWER)
    people = active_accounts(workspace)

    def work(act: ActTransaction) -> AnnotationReceipt:
        acknowledged: list[str] = []
        refused: dict[str, str] = {}
        for item in items:
            if isinstance(item, DraftSave):
                refusal = _keep_draft(act, actor, item.task, item.annotation, item.saved_at)
            else:
                refusal = _submit(act, people, actor, item, frame_of)
            if refusal is None:
                acknowledged.append(str(item.id))
            else:
                refused[str(item.id)] = refusal
        return AnnotationReceipt(tuple(acknowledged), refused)

    return in_one_act(workspace.engine, actor.id, work)


def why_not_open(source: Source, actor: Account, task_id: str) -> str | None:
    """Why a task takes no answer of this person any more, in a sentence; None while it does."""
    return _task_of(source, actor, task_id)[2]


def _task_of(act: Source, actor: Account, task_id: str) -> tuple[dict[str, Any] | None, RecordState | None, str | None]:
    """A task that this person may answer, where its record stands, and why it takes no answer, if so."""
    task = tasks.get_task(act, task_id)
    if task is None or task["account_id"] not in (None, actor.id):
        return None, None, NOT_YOURS
    state = load_state(act, task["record_id"])
    if task["account_id"] is None and task["answered"]:
        answer = annotation_rows.latest_of_task(act, task_id)
        if answer is not None and answer["account_id"] != actor.id:
            return task, state, "Somebody else has annotated this record meanwhile."
    withdrawn = tasks.last_change(act, task_id) if task["withdrawn"] else None
    refusal = why_closed(
        state.facts,
        purpose=task["purpose"],
        task_cycle=task["cycle"],
        withdrawn_reason=None if withdrawn is None else withdrawn["reason"],
        answered=bool(task["answered"]),
    )
    return task, state, refusal


def _held_by_another(act: ActTransaction, actor: Account, task_id: str) -> bool:
    lease = tasks.lease_of(act, f"task:{task_id}")
    return lease is not None and lease["account_id"] != actor.id and bool(lease["expires_at"] > act.moment)


def _keep_draft(
    act: ActTransaction, actor: Account, task_id: str, content: Mapping[str, Any], saved_at: datetime
) -> str | None:
    task, _, refusal = _task_of(act, actor, task_id)
    if task is None or refusal is not None:
        return refusal or NOT_YOURS
    if _held_by_another(act, actor, task_id):
        return TAKEN
    try:
        draft = parse_draft(content)
    except InvalidInput as error:
        return str(error)
    _, rule = rule_of(act, task["dataset_id"], task["rule_version"])
    tasks.take_lease(act, f"task:{task_id}", minutes=rule.lease_minutes)
    last = annotation_rows.latest_of_task(act, task_id)
    # A draft that is delivered after the answer it became is none any more.
    if last is None or last["submitted_at"] is None or saved_at > last["submitted_at"]:
        annotation_rows.save_draft(act, task_id=task_id, content=draft, saved_at=saved_at)
    return None


def _submit(
    act: ActTransaction,
    people: Mapping[str, Account],
    actor: Account,
    item: AnnotationSubmission,
    frame_of: FrameOf | None,
) -> str | None:
    """Store one annotation with all that follows; the reason where it is refused."""
    item_id = str(item.id)
    if (stored := annotation_rows.get_annotation(act, item_id)) is not None:
        mine = stored["account_id"] == actor.id and stored["task_id"] == item.task
        return None if mine else "This answer has the number of another one: submit it again."
    if (before := annotation_rows.get_refused(act, item_id)) is not None and before["account_id"] == actor.id:
        return str(before["reason"])
    task, state, refusal = _task_of(act, actor, item.task)
    if refusal is None and _held_by_another(act, actor, item.task):
        refusal = TAKEN
    if task is None or state is None or refusal is not None:
        return _refuse(act, item, refusal or NOT_YOURS)
    frame = None
    if frame_of is not None:
        frame = frame_of(state.record["image_sha256"], record_rows.picture_key(act, task["dataset_id"]))
    # A photograph may be stored on its side: the picture that was sent, and so its frame, is upright.
    size = (state.record["width"], state.record["height"]) if frame is None else (frame.width, frame.height)
    try:
        annotation = parse_annotation(
            item.annotation, taxonomy=state.taxonomy, width=size[0], height=size[1], frame=frame
        )
    except InvalidInput as error:
        return str(error)  # the browser still has it, to be put right
    _store(act, people, actor, task, state, item, annotation)
    return None


def _refuse(act: ActTransaction, item: AnnotationSubmission, reason: str) -> str:
    said = reason if reason == TAKEN else reason + KEPT
    try:
        content = parse_draft(item.annotation)
    except InvalidInput:
        return reason  # no annotation at all
    annotation_rows.keep_refused(act, annotation_id=str(item.id), task_id=item.task, content=content, reason=said)
    return said


def _store(
    act: ActTransaction,
    people: Mapping[str, Account],
    actor: Account,
    task: Mapping[str, Any],
    state: RecordState,
    item: AnnotationSubmission,
    annotation: Annotation,
) -> None:
    _, rule = rule_of(act, task["dataset_id"], task["rule_version"])
    initial = task["purpose"] == tasks.INITIAL
    blind = not actor.has(*SEES_LABELS)
    store_annotation(
        act,
        people,
        task,
        state,
        annotation,
        {
            "id": str(item.id),
            "blind_to_initial": blind and (initial or rule.blind_to_initial),
            "blind_to_model": blind and (initial or rule.blind_to_model),
            "client_ms": item.client_ms,
            "shown_at": item.shown_at,
            "submitted_at": item.submitted_at,
        },
    )
    annotation_rows.drop_draft(act, task["id"])
    tasks.end_lease(act, f"task:{task['id']}")
    if task["purpose"] == tasks.REVIEW and not task["answered"] and drawn(task["id"], rule.repeat_share):
        made = annotation_rows.count_of_account(act, actor.id)
        tasks.add_tasks(
            act,
            [
                {
                    "record_id": state.id, "dataset_id": task["dataset_id"], "stage": 2, "cycle": task["cycle"],
                    "purpose": tasks.REPEAT, "place": task["place"], "account_id": actor.id,
                    "rule_version": task["rule_version"], "due_at": task["due_at"],
                    "not_before": made + rule.repeat_gap,
                }
            ],
        )  # fmt: skip
