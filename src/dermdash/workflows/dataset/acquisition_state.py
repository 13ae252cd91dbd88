"""Where images stand at the acquisition gate: measured, proposed, decided, and by whom. Nothing here decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import pandas as pd

from dermdash.dataset.acquisition.measurements import MEASUREMENTS, VERSION
from dermdash.dataset.acquisition.proposal import Proposal, propose
from dermdash.dataset.source_records import ExclusionReason
from dermdash.errors import NotFound
from dermdash.records.quality_score import ACCEPTED, LOWEST_ACCEPTED, REJECTED
from dermdash.storage import acquisition as store
from dermdash.storage import import_runs, records, splits
from dermdash.storage.workspace import Workspace

_APART = 2
"""Scores that lie so far apart disagree, also where both accept or reject."""


class GateState(StrEnum):
    """Which images a queue shows."""

    OPEN = "open"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    DISAGREEMENT = "disagreement"
    """Person and proposal are on two sides of the bound, or two and more scores apart."""
    SCORED_LOWER = "scored_lower"
    """Accepted at the gate, and scored 1 or 2 by somebody since."""
    ALL = "all"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            "open": "Open", "rejected": "Rejected", "accepted": "Accepted", "disagreement": "Disagreement",
            "scored_lower": "Scored lower since", "all": "All",
        }[self.value]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImageAtGate:
    """One image: the records that show it, what is proposed (None: not measured), and what a person decided last.

    ``score`` is the person's at the gate, ``record_score`` what the record has now; ``undecided``: so many of the
    records came in after the decision, which is not about them; ``answer_id`` of the answer that holds, "" of none;
    ``locked_in``: names of the splits whose locked test part holds one of the records.
    """

    image_sha256: str
    records: tuple[dict[str, Any], ...]
    proposal: Proposal | None
    measures: Mapping[str, float | None]
    decision: str | None = None
    score: int | None = None
    record_score: int | None = None
    checklist: Mapping[str, str] = field(default_factory=dict)
    account_id: str | None = None
    assessed_at: datetime | None = None
    note: str = ""
    undecided: int = 0
    answer_id: str = ""
    locked_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GateCounts:
    """How many images there are, how many are measured by this version, and in which state how many are."""

    images: int
    measured: int
    states: Mapping[GateState, int]

    def to_json(self) -> dict[str, Any]:
        """For the command."""
        return {
            "images": self.images, "measured": self.measured,
            "states": {str(state): n for state, n in self.states.items()},
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class RejectedAtGate:
    """How many images the image quality score kept out: records rejected here, and rows that no import let in."""

    here: int
    at_import: int

    @property
    def total(self) -> int:
        """S4's "excluded at SOP stage by image_quality_score"."""
        return self.here + self.at_import


def datasets_of(workspace: Workspace, dataset_ids: Collection[str] | None) -> list[str]:
    """Ids of the data sets that there are of these; None: of all."""
    known = [str(d["id"]) for d in records.list_datasets(workspace.engine)]
    return [d for d in known if dataset_ids is None or d in dataset_ids]


def image_at_gate(workspace: Workspace, image_sha256: str) -> ImageAtGate:
    """One image with all that is known of it at the gate.

    Raises
    ------
    NotFound
        No record shows it.
    """
    rows = store.image_rows(workspace.engine, image_sha256)
    if not rows:
        raise NotFound(f"No record of this workspace shows the image {image_sha256[:12]}….")
    measured = next((row for row in rows if row["measured_version"] == VERSION), None)
    measures = {m.key: None if measured is None else measured[f"measured_{m.key}"] for m in MEASUREMENTS}
    shown = tuple({name: row[name] for name in ("id", "dataset_id", "image_id")} for row in rows)
    proposal = None if measured is None else propose(measures, damaged=measured["measured_damaged"])
    found = [held_assessment(workspace, str(row["id"])) for row in rows]
    held = next((one for one in found if one is not None), None)
    ids = {row["id"] for row in rows}
    locked = tuple(name for name, part in splits.locked_records(workspace.engine).items() if ids & set(part))
    score = rows[0]["image_quality_score"]
    if held is None:
        return ImageAtGate(image_sha256, shown, proposal, measures, record_score=score, locked_in=locked)
    return ImageAtGate(
        image_sha256, shown, proposal, measures, decision=held["decision"], score=held["score"], record_score=score,
        checklist=held["checklist"], account_id=held["account_id"], assessed_at=held["assessed_at"], note=held["note"],
        undecided=sum(one is None for one in found), answer_id=held["answer_id"],
        locked_in=locked,
    )  # fmt: skip


def held_assessment(workspace: Workspace, record_id: str) -> dict[str, Any] | None:
    """The assessment of a record that holds; None where there is none, or each was taken back."""
    rows = store.history(workspace.engine, record_id)
    gone = {row["takes_back"] for row in rows}
    return next((row for row in reversed(rows) if row["takes_back"] is None and row["id"] not in gone), None)


def queue_table(workspace: Workspace, dataset_ids: Collection[str] | None = None) -> pd.DataFrame:
    """Every image once, by hash: record_id, proposed_score, weakest, decision, score, record_score, state columns.

    A boolean column for each `GateState` says whether the image is in it.
    """
    table = store.queue_rows(workspace.engine, datasets_of(workspace, dataset_ids), VERSION)
    decision, score, proposed = table["decision"], table["score"], table["proposed_score"]
    both = score.notna() & proposed.notna()
    gap = (score.astype(float) - proposed.astype(float)).abs()
    sides = (score.astype(float) >= LOWEST_ACCEPTED) != (proposed.astype(float) >= LOWEST_ACCEPTED)
    states = {
        GateState.OPEN: decision.isna(),
        GateState.REJECTED: decision == REJECTED,
        GateState.ACCEPTED: decision == ACCEPTED,
        GateState.DISAGREEMENT: both & (sides | (gap >= _APART)),
        GateState.SCORED_LOWER: (decision == ACCEPTED) & (table["record_score"].astype(float) < LOWEST_ACCEPTED),
        GateState.ALL: pd.Series(True, index=table.index),
    }
    return table.assign(**{str(state): said for state, said in states.items()})


def gate_version(workspace: Workspace) -> str:
    """A value that changes whenever a `queue_table` may; caches are keyed on it."""
    return f"{records.data_version(workspace.engine)}:{store.version_of_measurements(workspace.engine)}"


def queue(
    table: pd.DataFrame, *, state: GateState = GateState.OPEN, proposed: Sequence[int] = (), weakest: str = ""
) -> list[str]:
    """Hashes of the images of a `queue_table` in a state, with a proposed score and a deciding measurement, in order.

    The order is that of the hashes: it says nothing about the image, and stays.
    """
    chosen = table[table[state]]
    if proposed:
        chosen = chosen[chosen["proposed_score"].isin(list(proposed))]
    if weakest:
        chosen = chosen[chosen["weakest"] == weakest]
    return [str(sha256) for sha256 in chosen["image_sha256"]]


def gate_counts(table: pd.DataFrame) -> GateCounts:
    """How many images of a `queue_table` are measured, and in which state."""
    states = {state: int(table[state].sum()) for state in GateState}
    return GateCounts(len(table), int(table["proposed_score"].notna().sum()), states)


def measurements_table(workspace: Workspace, dataset_ids: Collection[str] | None = None) -> pd.DataFrame:
    """What was measured, a row per record, for whoever looks for outliers.

    Columns record_id, dataset_id, image_id, image_sha256, image_quality_score (a person's), version (null: not
    measured yet), by_mask, damaged, the keys of `MEASUREMENTS` (in their units; null: no lesion was found),
    proposed_score, weakest, and of the gate decision, score, account_id and assessed_at.
    """
    return store.assessed_records(workspace.engine, datasets_of(workspace, dataset_ids))


def rejected_at_acquisition(
    workspace: Workspace, dataset_ids: Collection[str] | None = None
) -> dict[str, RejectedAtGate]:
    """How many images of each data set the image quality score kept out, at the gate and at import: the one home."""
    chosen = datasets_of(workspace, dataset_ids)
    here = store.count_decisions(workspace.engine, chosen)
    out = import_runs.left_out_images(workspace.engine, chosen, str(ExclusionReason.LOW_QUALITY_SCORE))
    return {d: RejectedAtGate(here.get(d, {}).get(REJECTED, 0), out.get(d, 0)) for d in chosen}
