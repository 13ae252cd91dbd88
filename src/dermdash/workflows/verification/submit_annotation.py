"""An annotation with all that belongs to it: its row, the record's label, the log, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dermdash.records.acts import Act
from dermdash.records.change_chain import digest
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import annotation_rows, tasks
from dermdash.storage.act_transaction import ActTransaction
from dermdash.verification.annotation import Annotation
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.verification.assign_reviews import fill_places
from dermdash.workflows.verification.give_label import give_label
from dermdash.workflows.verification.record_state import RecordState
from dermdash.workflows.verification.settle_reviews import settle_reviews


def store_annotation(
    act: ActTransaction,
    people: Mapping[str, Account],
    task: Mapping[str, Any],
    state: RecordState,
    annotation: Annotation,
    sent: Mapping[str, Any],
) -> dict[str, Any]:
    """Store what somebody said of a record and do what follows; return the row.

    Parameters
    ----------
    sent
        id, blind_to_initial, blind_to_model, client_ms, shown_at and submitted_at.
    """
    content = annotation.as_json()
    earlier = annotation_rows.latest_of_task(act, task["id"])
    row = annotation_rows.add_annotation(
        act,
        {
            **sent, "task_id": task["id"], "record_id": state.id, "dataset_id": task["dataset_id"],
            "account_id": act.account_id, "stage": task["stage"], "cycle": task["cycle"], "purpose": task["purpose"],
            "dx": annotation.dx, "unsure": annotation.unsure, "quality": annotation.quality, "content": content,
        },
    )  # fmt: skip
    tasks.set_state(act, task["id"], tasks.ANSWERED)
    initial = task["purpose"] == tasks.INITIAL
    # The log shows that something was said and what it was the digest of; what was said is seen where one may see it.
    act.log(
        Act.INITIAL_ANNOTATION if initial else Act.REVIEW,
        dataset_id=task["dataset_id"],
        record_id=state.id,
        old=None if earlier is None else {"annotation": earlier["id"], "digest": digest(earlier["content"])},
        new={"annotation": row["id"], "digest": digest(content), "cycle": task["cycle"]},
    )
    if initial:
        fields = {**annotation.values, "examiner_id": act.account_id}
        if annotation.dx is not None:
            fields["clinical_diagnosis"] = annotation.dx
        if annotation.quality is not None:
            fields["image_quality_score"] = annotation.quality
        give_label(
            act, state, Act.INITIAL_ANNOTATION, stage=VerificationStage.INITIAL_ANNOTATION, dx=annotation.dx,
            dx_type=None, values=fields,
        )  # fmt: skip
        fill_places(act, people, [state.with_answer(row)])
    elif task["purpose"] == tasks.REVIEW:
        settle_reviews(act, people, state.with_answer(row))
    return row
