"""A published list applied: what its pairs would merge, before anybody decides, and the decisions, in one act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dermdash.dataset.identity_ledger import PairDecision
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import findings, identity_acts
from dermdash.storage.identity_acts import PairToDecide
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.lesion_identity.foresee_merges import MergeOutlook, foresee_merges
from dermdash.workflows.lesion_identity.ledger_files import LedgerImport, LedgerPlan, carry_out, plan_pairs


@dataclass(frozen=True, slots=True)
class AppliedList:
    """A list that lies in the workspace: its pairs, and how many of them somebody has decided about."""

    source: str
    pairs: int
    decided: int


@dataclass(frozen=True, slots=True)
class ListPreview:
    """What applying a list would do; nothing is done yet.

    ``decision``: what its pairs would be decided to be. ``plan``: which of them nobody has decided about, and those
    decided otherwise, which stay as they are. ``outlook``: what would follow.
    """

    source: str
    decision: str
    plan: LedgerPlan
    outlook: MergeOutlook

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {"decision": self.decision} | self.outlook.to_json() | self.plan.to_json()


def lists_here(workspace: Workspace) -> list[AppliedList]:
    """The published lists whose pairs lie among the findings, by name."""
    found: dict[str, list[bool]] = {}
    for row in findings.list_findings(workspace.engine, findings.SAME_LESION):
        for source in row["details"].get(findings.LISTED, ()):
            found.setdefault(source, []).append(row["decision"] is not None)
    return [AppliedList(source, len(decided), sum(decided)) for source, decided in sorted(found.items())]


def preview_list(workspace: Workspace, source: str, *, decision: str = PairDecision.SAME_LESION) -> ListPreview:
    """Say what deciding all pairs of a list alike would change.

    Raises
    ------
    NotFound
        There is no such list.
    InvalidInput
        The decision confirms nothing.
    """
    if decision not in findings.CONFIRMING:
        raise InvalidInput(f"a list is applied as {' or '.join(findings.CONFIRMING)}, not as {decision!r}")
    named = [
        row
        for row in findings.list_findings(workspace.engine, findings.SAME_LESION)
        if source in row["details"].get(findings.LISTED, ()) and len(row["records"]) == 2
    ]
    if not named:
        there = ", ".join(found.source for found in lists_here(workspace)) or "none"
        raise NotFound(f"There is no list {source!r} in the workspace; there are: {there}. Import one first.")
    pairs = [
        PairToDecide((row["records"][0], row["records"][1]), decision, f"listed in {source}")
        for row in sorted(named, key=lambda row: row["records"])
    ]
    plan = plan_pairs(workspace, pairs, source=source)
    return ListPreview(source, decision, plan, foresee_merges(workspace, plan.to_decide))


def apply_list(
    workspace: Workspace, actor: Account, source: str, *, decision: str = PairDecision.SAME_LESION, note: str = ""
) -> LedgerImport:
    """Decide all open pairs of a list alike, with the list as evidence, in one act that can be undone as one.

    Pairs that somebody has decided about keep that decision.

    Raises
    ------
    AccessDenied
        Whoever applies it is no curator.
    NotFound, InvalidInput
        As `preview_list`.
    """
    require_right(actor, Right.DECIDE_FINDINGS)
    plan = preview_list(workspace, source, decision=decision).plan
    detail = {"decision": decision, "note": note.strip()}
    return carry_out(workspace, actor, plan, kind=identity_acts.LIST, detail=detail, overrule=False)
