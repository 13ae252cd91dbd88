"""The list of the acquisition gate: of every record what is proposed, why, and what a person decided."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dermdash.dataset.acquisition.measurements import MEASUREMENTS, VERSION
from dermdash.dataset.acquisition.proposal import propose
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.acquisition_state import measurements_table


def listed_images(workspace: Workspace, dataset_ids: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Of every record image_id, dataset_id, proposed_score, why (in words), score and decision; None: there is none.

    ``score`` and ``decision`` are a person's at the gate.
    """
    table = measurements_table(workspace, dataset_ids)
    table = table.astype(object).where(table.notna(), None)
    return [_row(row) for row in table.to_dict("records")]


def _row(row: dict[Any, Any]) -> dict[str, Any]:
    proposal = None
    if row["version"] == VERSION:
        proposal = propose({m.key: row[m.key] for m in MEASUREMENTS}, damaged=bool(row["damaged"]))
    return {
        "image_id": row["image_id"], "dataset_id": row["dataset_id"],
        "proposed_score": None if proposal is None else proposal.score,
        "why": [] if proposal is None else proposal.why,
        "score": None if row["score"] is None else int(row["score"]), "decision": row["decision"],
    }  # fmt: skip
