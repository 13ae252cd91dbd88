"""What an act makes of a record: label, stage and fields, each change with its entry in the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dermdash.records.acts import Act
from dermdash.records.fields import FIELD_NAMES, completeness
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage.act_transaction import ActTransaction
from dermdash.verification.standing import stage_rises
from dermdash.workflows.verification.record_state import RecordState

DERIVED = ("completeness", "stage_claimed", "agreement", "n_reviewers")
"""Columns that follow from the others and from the acts: they are kept beside them and not logged."""


def give_label(
    act: ActTransaction,
    state: RecordState,
    by: Act,
    *,
    stage: VerificationStage,
    dx: str | None,
    dx_type: str | None,
    values: Mapping[str, Any],
    reason: str = "",
) -> dict[str, Any]:
    """Give a record the label of an act, if the act reaches as high as the record stands; return what changed.

    Parameters
    ----------
    dx
        None: the act says none (somebody was unsure), and the one before stays.
    values
        Other fields by name; what is not named stays.
    """
    if not stage_rises(state.facts, stage):
        return {}
    label: dict[str, Any] = {"verification_stage": int(stage)}
    if dx is not None:
        label |= {"dx": dx, "dx_type": dx_type}
    return change_record(act, state, by, {**values, **label}, claimed=False, reason=reason)


def change_record(
    act: ActTransaction,
    state: RecordState,
    by: Act,
    values: Mapping[str, Any],
    *,
    claimed: bool | None,
    reason: str = "",
) -> dict[str, Any]:
    """Change fields of a record and what follows from them."""
    after = {**state.record, **values}
    malignant = (
        after["dx"] is not None and after["dx"] in state.taxonomy and state.taxonomy[after["dx"]].needs_histology
    )
    derived = {
        "completeness": completeness({name: after[name] for name in FIELD_NAMES}, malignant=malignant),
        "stage_claimed": claimed,
    }
    return act.change_record(by, state.record, {**values, **derived}, reason=reason, derived=DERIVED)
