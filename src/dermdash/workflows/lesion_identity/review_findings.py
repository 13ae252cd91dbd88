"""Findings as people review them: the list, a pair in full, decisions and taking them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dermdash.dataset.identity_ledger import PairDecision as PairDecision
from dermdash.dataset.same_lesion import review_budget
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage import findings, identity_acts, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.image_kinds import datasets_of_kind, default_kind
from dermdash.workflows.dataset.private_export import AS_IT_IS, Privacy, hidden
from dermdash.workflows.lesion_identity.listed_duplicates import listed_records

KINDS = (findings.SAME_LESION,)


@dataclass(frozen=True, slots=True)
class ReviewedPair:
    """A finding with its two records as they are now.

    Attributes
    ----------
    id
        Of the finding.
    score, verdict
        What the measurement said.
    details
        Figures, transform and points, see `dataset/same_lesion.PairEvidence.details`.
    records
        The rows of both records.
    decision, decided_by, note
        The decision that counts, None while open.
    listed_alone
        For each record what the published lists are called that call it a duplicate without saying of what.
    """

    id: str
    kind: str
    score: float
    verdict: str
    details: dict[str, Any]
    records: tuple[dict[str, Any], dict[str, Any]]
    decision: str | None
    decided_by: str | None
    note: str | None
    listed_alone: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def listed(self) -> tuple[str, ...]:
        """What the published lists are called that name this pair: evidence, whatever was measured."""
        return tuple(self.details.get(findings.LISTED, ()))

    @property
    def is_measured(self) -> bool:
        """Whether anything but a list or a person speaks for it."""
        return self.verdict not in (findings.LISTED, identity_acts.ENTERED)

    @property
    def diagnoses_differ(self) -> bool:
        """Whether one lesion would have two diagnoses."""
        return bool(self.records[0]["dx"] != self.records[1]["dx"])

    def to_json(self) -> dict[str, Any]:
        """The finding for machines."""
        image_ids = [str(record["image_id"]) for record in self.records]
        said = {
            "kind": self.kind, "records": image_ids, "score": self.score, "verdict": self.verdict,
            "decision": self.decision,
        }  # fmt: skip
        return said | ({"listed": list(self.listed)} if self.listed else {})


def list_pairs(
    workspace: Workspace,
    kind: str = findings.SAME_LESION,
    *,
    dataset_id: str | None = None,
    simulated: bool | None = None,
    limit: int | None = None,
) -> list[ReviewedPair]:
    """Return the findings of a kind, best first.

    Parameters
    ----------
    dataset_id
        Only pairs within this data set.
    simulated
        Pairs of drawn images (True) or of photographs (False); None: photographs, drawn images only where there are no
        others. Pairs within a data set that is named are listed whatever it holds.
    limit
        At most so many; None: one pair for every twenty records, at least fifty.

    Raises
    ------
    InvalidInput
        An unknown kind.
    """
    if kind not in KINDS:
        raise InvalidInput(f"there is no kind of finding {kind!r}: choose {', '.join(KINDS)}")
    if dataset_id is not None:
        wanted = {dataset_id}
    else:
        images = default_kind(workspace) if simulated is None else simulated
        wanted = {str(d["id"]) for d in datasets_of_kind(workspace, simulated=images)}
    found = findings.list_findings(workspace.engine, kind)
    concerned = sorted({record_id for finding in found for record_id in finding["records"]})
    rows = records.records_by_id(workspace.engine, concerned).to_dict("records") if concerned else []
    by_id: dict[str, dict[str, Any]] = {str(row["id"]): {str(k): v for k, v in row.items()} for row in rows}
    alone = listed_records(workspace)
    pairs = []
    for finding in found:
        both = [by_id[record_id] for record_id in finding["records"] if record_id in by_id]
        # A pair that was only ever entered by hand, and taken back, has nothing left that speaks for it.
        withdrawn = finding["verdict"] == identity_acts.ENTERED and finding["decision"] is None
        if len(both) == 2 and not withdrawn and all(row["dataset_id"] in wanted for row in both):
            pairs.append(
                ReviewedPair(
                    finding["id"], finding["kind"], float(finding["score"]), finding["verdict"], finding["details"],
                    (both[0], both[1]), finding["decision"], finding["decided_by"], finding["note"],
                    (alone.get(str(both[0]["id"]), ()), alone.get(str(both[1]["id"]), ())),
                )
            )  # fmt: skip
    if limit is None:
        sizes = records.list_datasets(workspace.engine)
        limit = review_budget(sum(d["records"] for d in sizes if d["id"] in wanted))
    return pairs[:limit]


def decide(workspace: Workspace, finding_id: str, decision: str, *, account_id: str, note: str = "") -> None:
    """Record what a person decided; an earlier decision stays in the history and no longer counts.

    Raises
    ------
    InvalidInput
        No such decision.
    NotFound
        No such finding.
    """
    if decision not in list(PairDecision):
        raise InvalidInput(f"{decision!r} is no decision: choose {', '.join(PairDecision)}")
    if all(f["id"] != finding_id for kind in KINDS for f in findings.list_findings(workspace.engine, kind)):
        raise NotFound(f"There is no finding {finding_id!r}; reload the page to see those there are.")
    findings.add_decision(
        workspace.engine, finding_id=finding_id, decision=decision, account_id=account_id, note=note.strip()[:2000]
    )


def last_decision(workspace: Workspace, account_id: str) -> dict[str, Any] | None:
    """The decision of this account that `undo` would take back."""
    latest = findings.latest_decisions(workspace.engine).values()
    mine = [row for row in latest if row["account_id"] == account_id and row["decision"] != findings.OPEN]
    return max(mine, key=lambda row: row["sequence"], default=None)


def undo(workspace: Workspace, *, account_id: str) -> str | None:
    """Take back the account's last decision by a new row; return the finding that is open again, None for none."""
    last = last_decision(workspace, account_id)
    if last is None:
        return None
    findings.add_decision(
        workspace.engine, finding_id=last["finding_id"], decision=findings.OPEN, account_id=account_id, undone=True
    )
    return str(last["finding_id"])


def decisions_csv(workspace: Workspace, pairs: Sequence[ReviewedPair], *, privacy: Privacy = AS_IT_IS) -> bytes:
    """Return pairs with measurement and decision as CSV, best first; open ones have an empty decision."""
    rows = [
        {
            "finding_id": pair.id,
            "kind": pair.kind,
            "image_id_1": pair.records[0]["image_id"],
            "image_id_2": pair.records[1]["image_id"],
            "lesion_id_1": pair.records[0]["lesion_id"],
            "lesion_id_2": pair.records[1]["lesion_id"],
            "dataset_id_1": pair.records[0]["dataset_id"],
            "dataset_id_2": pair.records[1]["dataset_id"],
            "dx_1": pair.records[0]["dx"],
            "dx_2": pair.records[1]["dx"],
            "score": pair.score,
            "verdict": pair.verdict,
            "listed_in": list(pair.listed),
            "decision": pair.decision,
            "decided_by": pair.decided_by,
            "note": pair.note,
        }
        for pair in pairs
    ]
    columns = list(rows[0]) if rows else ["finding_id"]
    return to_safe_csv(hidden(workspace, pd.DataFrame(rows, columns=columns), privacy))
