"""What follows from the reviews of a record once all who were asked have answered: consensus, one more, the board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dermdash.records.acts import Act
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import decisions, work
from dermdash.storage.act_transaction import ActTransaction
from dermdash.verification.merged_values import merged_values, middle_quality
from dermdash.verification.outcome import Answer, OutcomeKind, outcome_of
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.verification.assign_reviews import fill_places
from dermdash.workflows.verification.give_label import give_label
from dermdash.workflows.verification.people import curators
from dermdash.workflows.verification.record_state import RecordState, rule_of_cycle

DIRECT, BOARD = "direct", "board"
BOARD_CASE = "board_case"
"""Kind of the notice that a record waits for the board."""


def settle_reviews(act: ActTransaction, people: Mapping[str, Account], state: RecordState) -> OutcomeKind:
    """Look at the reviews of a record after one came in or a task was withdrawn, and do what the rule says."""
    version, rule = rule_of_cycle(act, state)
    rows = state.reviews
    answers = [Answer(row["account_id"], row["dx"], bool(row["unsure"])) for row in rows]
    outcome = outcome_of(answers, rule, asked=state.facts.asked)
    kind = outcome.kind
    if kind is OutcomeKind.MORE_REVIEWERS and not fill_places(act, people, [state], extra=1).pairs:
        kind = OutcomeKind.BOARD  # nobody is left to ask
    record_figures(act, state.id, agreement=outcome.agreement if rows else None, n_reviewers=len(rows))
    if kind is OutcomeKind.WAITING:
        return kind
    counted = [row["id"] for row in rows]
    decisions.add_outcome(
        act,
        {
            "record_id": state.id, "cycle": state.facts.cycle, "dataset_id": state.record["dataset_id"],
            "kind": str(kind), "why": str(outcome.why), "dx": outcome.dx, "agreement": outcome.agreement,
            "n_reviewers": outcome.given, "rule_version": version, "annotations": counted,
        },
    )  # fmt: skip
    if kind is OutcomeKind.AGREED and outcome.dx is not None:
        content = merged_values([row["content"].get("values", {}) for row in rows], rule)
        quality = middle_quality([row["quality"] for row in rows])
        accept_consensus(
            act, state, kind=DIRECT, dx=outcome.dx, values=content, quality=quality,
            participants=[row["account_id"] for row in rows], reason="", rule_version=version,
        )  # fmt: skip
    elif kind is OutcomeKind.BOARD:
        detail = {"record": state.id, "why": str(outcome.why)}
        work.add_notices(act, [(account_id, BOARD_CASE, detail) for account_id in curators(people)])
    return kind


def record_figures(act: ActTransaction, record_id: str, *, agreement: float | None, n_reviewers: int) -> None:
    """Keep beside a record how many reviewed it and how far they agree."""
    act.set_figures(record_id, {"agreement": agreement, "n_reviewers": n_reviewers})


def accept_consensus(
    act: ActTransaction,
    state: RecordState,
    *,
    kind: str,
    dx: str,
    values: Mapping[str, Any],
    quality: int | None,
    participants: list[str],
    reason: str,
    rule_version: int,
) -> dict[str, Any]:
    """Store the consensus of a record's cycle, and give the record its label; return its row."""
    rows = state.reviews
    votes = sum(row["dx"] == dx and not row["unsure"] for row in rows)
    agreement = votes / len(rows) if rows else 0.0
    content = {"dx": dx, "values": dict(values), "quality": quality}
    made = decisions.add_consensus(
        act,
        {
            "record_id": state.id, "cycle": state.facts.cycle, "dataset_id": state.record["dataset_id"], "kind": kind,
            "dx": dx, "content": content, "participants": participants, "reason": reason, "agreement": agreement,
            "n_reviewers": len(rows), "annotations": [row["id"] for row in rows], "rule_version": rule_version,
        },
    )  # fmt: skip
    act.log(
        Act.CONSENSUS, dataset_id=state.record["dataset_id"], record_id=state.id,
        new={"kind": kind, "cycle": state.facts.cycle, **content, "participants": participants}, reason=reason,
    )  # fmt: skip
    fields = {**values, "clinical_diagnosis": dx}
    if quality is not None:
        fields["image_quality_score"] = quality
    give_label(
        act, state, Act.CONSENSUS, stage=VerificationStage.CONSENSUS, dx=dx, dx_type="consensus", values=fields,
        reason=reason,
    )  # fmt: skip
    record_figures(act, state.id, agreement=agreement, n_reviewers=len(rows))
    return made
