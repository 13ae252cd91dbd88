"""Where the label of a record comes from: the highest stage, who gave it, when, blind to what, and what others said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dermdash.records.acts import Act
from dermdash.storage import annotation_rows, change_log, decisions, tasks
from dermdash.storage.workspace import Workspace
from dermdash.verification.standing import Provenance, Step
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.verification.record_state import RecordState, load_state

_HEIGHT = {str(act): height for height, act in enumerate((Act.INITIAL_ANNOTATION, Act.CONSENSUS, Act.HISTOLOGY))}
_SEES_ALL = (Role.CURATOR, Role.STATISTICIAN)


def label_provenance(workspace: Workspace, actor: Account, record_id: str) -> Provenance:
    """Return where the label of a record comes from.

    What others said is in it for curators and statisticians who have no open task for the record, and for reviewers
    once the record is settled.

    Raises
    ------
    AccessDenied
        Whoever asks has no role.
    NotFound
        There is no such record.
    """
    require(actor, *Role)
    engine = workspace.engine
    state = load_state(engine, record_id)
    consensus, histology = decisions.consensus_of(engine, record_id), decisions.histology_of(engine, record_id)
    initial = [
        row for row in annotation_rows.annotations_of_record(engine, record_id) if row["purpose"] == tasks.INITIAL
    ]
    record = state.record
    stage, claimed = record["verification_stage"], bool(record["stage_claimed"])
    given = _given(stage, claimed, consensus, histology, initial)
    if given is None and stage is not None:
        entry = next(change_log.entries(engine, after=(record["import_entry"] or 1) - 1, limit=1), None)
        given = {"act": Act.IMPORT, "by": (entry.account_id,) if entry and entry.account_id else (), "at": None}
        given["at"] = record["imported_at"]
    reviews = state.reviews
    blinded = None
    if given is not None and given["act"] == Act.CONSENSUS and given["annotations"]:
        every = annotation_rows.annotations_of_record(engine, record_id)
        blinded = _blinded([row for row in every if row["id"] in given["annotations"]])
    elif given is not None and given["act"] == Act.INITIAL_ANNOTATION:
        blinded = _blinded(initial[-1:])
    may_know = _may_know(workspace, actor, state)
    return Provenance(
        record_id=record_id,
        dx=record["dx"],
        stage=stage,
        claimed=claimed,
        act=None if given is None else str(given["act"]),
        by=() if given is None or not may_know else tuple(given["by"]),
        at=None if given is None else given["at"],
        blinded=blinded,
        reason="" if given is None or not may_know else given.get("reason", ""),
        agreement=record["agreement"] if may_know else None,
        n_reviewers=record["n_reviewers"] or len(reviews),
        others=_others(workspace, record_id) if may_know else None,
        earlier=tuple(_earlier(consensus, histology, initial, given)) if may_know else (),
    )


def _given(
    stage: int | None,
    claimed: bool,
    consensus: list[dict[str, Any]],
    histology: list[dict[str, Any]],
    initial: list[dict[str, Any]],
) -> dict[str, Any] | None:
    """The act here that gave the present label, None where none did."""
    if stage is None or claimed:
        return None
    if stage == 3 and histology:
        row = histology[-1]
        report = f"report {row['report_number']}" if row["report_number"] else ""
        return {"act": Act.HISTOLOGY, "by": (row["account_id"],), "at": row["recorded_at"], "reason": report}
    if stage == 2 and consensus:
        row = consensus[-1]
        return {
            "act": Act.CONSENSUS, "by": tuple(row["participants"]), "at": row["decided_at"], "reason": row["reason"],
            "annotations": set(row["annotations"]),
        }  # fmt: skip
    if initial:
        row = initial[-1]
        return {"act": Act.INITIAL_ANNOTATION, "by": (row["account_id"],), "at": row["recorded_at"]}
    return None


def _blinded(rows: list[dict[str, Any]]) -> Mapping[str, bool]:
    """To what all who gave the answers were blind; to one another they always are."""
    return {
        "others": True,
        "initial": all(row["blind_to_initial"] for row in rows),
        "model": all(row["blind_to_model"] for row in rows),
    }


def _may_know(workspace: Workspace, actor: Account, state: RecordState) -> bool:
    """Whether somebody may know what others said: never while they have something to say of the record themselves."""
    mine = [task for task in tasks.open_tasks(workspace.engine, actor.id) if task["record_id"] == state.id]
    if mine:
        return False
    if actor.has(*_SEES_ALL):
        return True
    return state.facts.step in (Step.CONSENSUS, Step.HISTOLOGY)


def _others(workspace: Workspace, record_id: str) -> tuple[Mapping[str, Any], ...]:
    """Every answer about a record in order, with whether it is the one that counts of its task."""
    rows = annotation_rows.annotations_of_record(workspace.engine, record_id)
    last = {row["task_id"]: row["id"] for row in rows}
    return tuple(
        {
            "account_id": row["account_id"], "purpose": row["purpose"], "cycle": row["cycle"], "dx": row["dx"],
            "unsure": bool(row["unsure"]), "comment": row["content"].get("comment", ""), "content": row["content"],
            "counts": last[row["task_id"]] == row["id"], "recorded_at": row["recorded_at"],
            "blind_to_initial": bool(row["blind_to_initial"]), "blind_to_model": bool(row["blind_to_model"]),
        }
        for row in rows
    )  # fmt: skip


def _earlier(
    consensus: list[dict[str, Any]],
    histology: list[dict[str, Any]],
    initial: list[dict[str, Any]],
    given: Mapping[str, Any] | None,
) -> list[Mapping[str, Any]]:
    """Labels of lower stages and earlier cycles, the latest first."""
    found = [
        *({"act": str(Act.HISTOLOGY), "dx": r["dx"], "cycle": r["cycle"], "at": r["recorded_at"]} for r in histology),
        *({"act": str(Act.CONSENSUS), "dx": r["dx"], "cycle": r["cycle"], "at": r["decided_at"]} for r in consensus),
        *(
            {"act": str(Act.INITIAL_ANNOTATION), "dx": r["dx"], "cycle": r["cycle"], "at": r["recorded_at"]}
            for r in initial
        ),
    ]
    if given is not None:
        found = [row for row in found if (row["act"], row["at"]) != (str(given["act"]), given["at"])]
    # By what they are and not by their moments: a clock may have been set back.
    found.reverse()
    return sorted(found, key=lambda row: (-row["cycle"], -_HEIGHT[row["act"]]))
