"""Going back: reopening a record, correcting a field, and taking a change back; each a logged act with its reason."""

from __future__ import annotations

import json
from typing import Any

from dermdash.errors import InvalidInput, NotFound
from dermdash.records.acts import Act
from dermdash.records.change_chain import LogEntry
from dermdash.records.details import DETAIL_NAMES, FURTHER, detail
from dermdash.records.field_values import UnusableValue, parse_field
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import annotation_rows, change_log, decisions, record_rows, tasks, work
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.workspace import Workspace
from dermdash.verification.annotation import parse_values
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.verification.assign_reviews import NEW_REVIEWS, fill_places, queue_record
from dermdash.workflows.verification.board import checked_text
from dermdash.workflows.verification.give_label import change_record
from dermdash.workflows.verification.people import active_accounts
from dermdash.workflows.verification.record_state import RecordState, load_state
from dermdash.workflows.verification.settle_reviews import record_figures

LABEL = ("dx", "dx_type", "verification_stage", "histopathology_result", "clinical_diagnosis")
"""What only acts of the ladder change: it is reopened, not corrected."""
QUALITY = "image_quality_score"
_AT_THE_TOP = "This record is verified by histology and does not change: reopen it first, with a reason."
_LATER = "{field} was changed again since entry {sequence}: take the later change back first."


def reopen(
    workspace: Workspace, actor: Account, record_id: str, *, reason: str, to_stage: VerificationStage | None = None
) -> int:
    """Lower a record, to be done again from there, and return the number of the cycle that begins.

    Parameters
    ----------
    to_stage
        Which stage stays: 2 takes back the histology alone, 1 the consensus as well (new reviews are asked for),
        None the initial annotation, too. What was done stays in the history.

    Raises
    ------
    AccessDenied
        Whoever reopens is no curator.
    InvalidInput
        No reason, or the record does not stand that high.
    NotFound
        There is no such record.
    """
    require(actor, Role.CURATOR)
    why = checked_text(reason, "reason")
    people = active_accounts(workspace)

    def work_(act: ActTransaction) -> int:
        state = load_state(act, record_id)
        _refuse_reopening(act, state, to_stage)
        for task in state.tasks:
            if not task["withdrawn"] and task["id"] not in state.answers:
                tasks.change_task(act, task["id"], kind=tasks.WITHDRAWN, reason=f"the record was reopened: {why}")
        before, cycle = state.facts.stage, state.facts.cycle + 1
        decisions.add_reopening(
            act,
            {
                "record_id": record_id, "cycle": cycle, "dataset_id": state.record["dataset_id"], "from_stage": before,
                "to_stage": None if to_stage is None else int(to_stage), "reason": why,
            },
        )  # fmt: skip
        act.log(
            Act.REOPENING, dataset_id=state.record["dataset_id"], record_id=record_id, old={"stage": before},
            new={"stage": None if to_stage is None else int(to_stage), "cycle": cycle}, reason=why,
        )  # fmt: skip
        values, claimed = _label_at(act, state, to_stage)
        change_record(act, state, Act.REOPENING, values, claimed=claimed, reason=why)
        if to_stage != VerificationStage.CONSENSUS:
            record_figures(act, record_id, agreement=None, n_reviewers=0)
        again = load_state(act, record_id)
        if to_stage is None:
            queue_record(act, again)
        elif to_stage == VerificationStage.INITIAL_ANNOTATION:
            asked = fill_places(act, people, [again]).pairs
            work.add_notices(act, [(account_id, NEW_REVIEWS, {"n": 1}) for _, account_id in asked])
        return cycle

    return in_one_act(workspace.engine, actor.id, work_)


def _refuse_reopening(act: ActTransaction, state: RecordState, to_stage: VerificationStage | None) -> None:
    stage = state.facts.stage
    begun = stage is not None or state.answers or state.facts.consensus or state.facts.histology
    if not begun:
        raise InvalidInput("Nothing was done for this record yet: there is nothing to reopen.")
    if to_stage is not None and (stage is None or to_stage > stage):
        raise InvalidInput(f"This record {_stands_at(stage)}: it cannot be reopened down to stage {int(to_stage)}.")
    if to_stage == VerificationStage.HISTOLOGY:
        raise InvalidInput("Histology is the highest stage: choose which stage below it stays.")
    if to_stage == VerificationStage.CONSENSUS and not (stage == 3 and decisions.consensus_of(act, state.id)):
        raise InvalidInput(
            "Stage 2 can stay only where histology stands above a consensus that was reached here: reopen down to "
            "stage 1."
        )


def _stands_at(stage: int | None) -> str:
    return "has no stage" if stage is None else f"stands at stage {stage}"


def _label_at(
    act: ActTransaction, state: RecordState, to_stage: VerificationStage | None
) -> tuple[dict[str, Any], bool | None]:
    """The label that a record has when only a lower stage of it stays, and whether that is only claimed."""
    if to_stage is None:
        return dict.fromkeys(LABEL), None
    values: dict[str, Any] = {"verification_stage": int(to_stage), "histopathology_result": None, "dx_type": None}
    if to_stage == VerificationStage.CONSENSUS:
        dx = decisions.consensus_of(act, state.id)[-1]["dx"]
        return {**values, "dx": dx, "dx_type": "consensus"}, False
    made = [
        row
        for row in annotation_rows.annotations_of_record(act, state.id)
        if row["purpose"] == tasks.INITIAL and row["dx"] is not None
    ]
    if made:
        dx = made[-1]["dx"]
        return {**values, "dx": dx, "clinical_diagnosis": dx}, False
    # Only the source has said something: what the examiner said before any histology, where it is a class. A consensus
    # or histology of here has written its own class over both since.
    names = ("clinical_diagnosis", "dx")
    changed = record_rows.first_values(act, state.id, names)
    examiner, label = (json.loads(changed[name]) if name in changed else state.record[name] for name in names)
    return {**values, "dx": examiner if examiner in state.taxonomy else label, "clinical_diagnosis": examiner}, True


def correct_field(workspace: Workspace, actor: Account, record_id: str, field: str, value: Any, *, reason: str) -> bool:
    """Correct a field of a record; False where it has that value already.

    Parameters
    ----------
    field, value
        As an annotation has it (`parse_annotation`), `image_quality_score` or a detail; None empties the field.

    Raises
    ------
    AccessDenied
        Whoever corrects is no curator.
    InvalidInput
        No reason, a value that cannot be, a part of the label, or a record at stage 3.
    NotFound
        There is no such record.
    """
    require(actor, Role.CURATOR)
    why = checked_text(reason, "reason")
    if field in LABEL:
        raise InvalidInput(
            "Label and stage of a record change by annotation, consensus and histology: reopen it to change them."
        )
    if field == QUALITY:
        if value is not None and (isinstance(value, bool) or value not in range(1, 6)):
            raise InvalidInput("The image quality is no whole number from 1 to 5: choose it again.")
        checked = value
    elif field in DETAIL_NAMES:
        checked = _checked_detail(field, value)
    else:
        checked = parse_values({field: value}).get(field)

    def work_(act: ActTransaction) -> bool:
        state = load_state(act, record_id)
        _refuse_at_the_top(state)
        changed = change_record(
            act, state, Act.CORRECTION, {field: checked}, claimed=state.record["stage_claimed"], reason=why
        )
        return field in changed

    return in_one_act(workspace.engine, actor.id, work_)


def _checked_detail(name: str, value: Any) -> Any:
    spec = detail(name)
    try:
        return None if value is None else parse_field(spec, str(value))
    except UnusableValue as problem:
        raise InvalidInput(f"{spec.title}: {str(value)[:80]!r} {problem}.") from None


def _refuse_at_the_top(state: RecordState) -> None:
    if state.facts.stage == VerificationStage.HISTOLOGY:
        raise InvalidInput(_AT_THE_TOP)


def undo(workspace: Workspace, actor: Account, sequence: int, *, reason: str) -> None:
    """Take the change of one entry of the log back, by a new entry.

    Raises
    ------
    AccessDenied
        Whoever does it is no curator.
    InvalidInput
        No reason; the entry changed no field by itself, or the field was changed again since.
    NotFound
        There is no such entry.
    """
    require(actor, Role.CURATOR)
    why = checked_text(reason, "reason")
    entry = change_log.entry(workspace.engine, sequence)
    if entry is None or entry.sequence != sequence:
        raise NotFound(f"The change log has no entry {sequence}.")
    record_id, field = entry.record_id, entry.field
    if (refusal := why_not_undone(workspace, entry)) is not None or record_id is None or field is None:
        raise InvalidInput(refusal or f"Entry {sequence} changed no field.")

    def work_(act: ActTransaction) -> None:
        state = load_state(act, record_id)
        _refuse_at_the_top(state)
        if state.record[field] != entry.new:
            raise InvalidInput(_LATER.format(field=field, sequence=sequence))
        change_record(
            act, state, Act.UNDO, {field: entry.old}, claimed=state.record["stage_claimed"],
            reason=f"entry {sequence} taken back: {why}",
        )  # fmt: skip

    in_one_act(workspace.engine, actor.id, work_)


def why_not_undone(workspace: Workspace, entry: LogEntry) -> str | None:
    """Why the change of an entry cannot be taken back now, in a sentence; None where it can."""
    record_id, field = entry.record_id, entry.field
    if field == FURTHER:
        return "Further columns are what the source of the record says: correct them there, and import it again."
    if record_id is None or field is None or field in LABEL:
        return (
            f"Entry {entry.sequence} is not a change of a field alone: a label is taken back by reopening the record, "
            "a decision about a finding on the page of findings."
        )
    if entry.act == Act.MASKING:
        return f"Entry {entry.sequence} covered a part of the image that shows who somebody is: it stays covered."
    if entry.act == Act.CLEANING:
        return f"Entry {entry.sequence} took out of a file what it held beside its pixels: it stays out."
    if entry.act == Act.ACQUISITION:
        return f"Entry {entry.sequence} is a decision on image quality: take it back on the page Image quality."
    record = record_rows.record_row(workspace.engine, record_id)
    if record is None or field not in record:
        return f"Entry {entry.sequence} is about a record or field that is not here any more."
    if record["verification_stage"] == VerificationStage.HISTOLOGY:
        return _AT_THE_TOP
    if record[field] != entry.new:
        return _LATER.format(field=field, sequence=entry.sequence)
    return None
