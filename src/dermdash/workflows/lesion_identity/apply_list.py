"""A published list applied: what its pairs would merge, before anybody decides, and the decisions, in one act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.classifier.checkpoints import lesion_digest
from dermdash.dataset.identity_ledger import PairDecision
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import findings, identity_acts, models, operating_points, records, splits, studies
from dermdash.storage.identity_acts import PairToDecide
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, form
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.identity_groups import ONE_LESION, IdentityGroups, identity_groups
from dermdash.workflows.dataset.kept_splits import list_splits
from dermdash.workflows.lesion_identity.ledger_files import LedgerImport, LedgerPlan, carry_out, plan_pairs
from dermdash.workflows.lesion_identity.lesion_groups import Conflict, conflicts_of


@dataclass(frozen=True, slots=True)
class AppliedList:
    """A list that lies in the workspace: its pairs, and how many of them somebody has decided about."""

    source: str
    pairs: int
    decided: int


@dataclass(frozen=True, slots=True)
class Affected:
    """Something that took two records for independent that a list makes one lesion.

    ``kind`` is ``split``, ``study``, ``model`` or ``operating point``; ``text`` says what changes for it.
    """

    kind: str
    name: str
    text: str

    def to_json(self) -> dict[str, str]:
        """For machines."""
        return {"kind": self.kind, "name": self.name, "text": self.text}


@dataclass(frozen=True, slots=True)
class ListPreview:
    """What applying a list would do; nothing is done yet.

    Attributes
    ----------
    decision
        What its pairs would be decided to be.
    plan
        Which of them nobody has decided about, and those decided otherwise, which stay as they are.
    merged
        Image ids of each group that would come to be or grow.
    lesions, groups
        Lesions (records of one lesion id, file or confirmed pair count once) and independent groups (patients, too)
        before and after.
    conflicts
        What would contradict within the merged groups.
    affected
        Splits, studies, models and operating points that take such records for independent.
    """

    source: str
    decision: str
    plan: LedgerPlan
    merged: tuple[tuple[str, ...], ...]
    lesions: tuple[int, int]
    groups: tuple[int, int]
    conflicts: tuple[Conflict, ...]
    affected: tuple[Affected, ...]

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "decision": self.decision,
            "merged": [list(images) for images in self.merged],
            "lesions_before": self.lesions[0],
            "lesions_after": self.lesions[1],
            "groups_before": self.groups[0],
            "groups_after": self.groups[1],
            "conflicts": [conflict.to_json() for conflict in self.conflicts],
            "affected": [found.to_json() for found in self.affected],
        } | self.plan.to_json()


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
    new = [pair.records for pair in plan.to_decide]
    lesions, every = identity_groups(workspace, ONE_LESION), identity_groups(workspace)
    lesions_after, every_after = lesions.merged_with(new), every.merged_with(new)
    merged, conflicts = _merged(workspace, lesions_after, new)
    return ListPreview(
        source, decision, plan, merged, (_count(lesions), _count(lesions_after)), (_count(every), _count(every_after)),
        conflicts, tuple(_affected(workspace, every, every_after)) if new else (),
    )  # fmt: skip


def _count(groups: IdentityGroups) -> int:
    return len(np.unique(groups.numbers))


def _merged(
    workspace: Workspace, after: IdentityGroups, new: Sequence[tuple[str, str]]
) -> tuple[tuple[tuple[str, ...], ...], tuple[Conflict, ...]]:
    """Images of each group that the pairs make, and what contradicts within."""
    concerned = sorted(after.with_relatives([record for pair in new for record in pair]))
    if not concerned:
        return (), ()
    frame = records.records_by_id(workspace.engine, concerned).set_index("id", drop=False)
    by_group: dict[int, list[str]] = {}
    for record, number in zip(concerned, after.of(concerned).tolist(), strict=True):
        by_group.setdefault(number, []).append(record)
    rows = [
        [{str(k): v for k, v in row.items()} for row in frame.loc[ids].to_dict("records")] for ids in by_group.values()
    ]
    conflicts = [conflict for of_group in rows for conflict in conflicts_of(of_group, ())]
    return tuple(tuple(str(row["image_id"]) for row in of_group) for of_group in rows), tuple(conflicts)


def _affected(workspace: Workspace, before: IdentityGroups, after: IdentityGroups) -> Iterable[Affected]:
    yield from _affected_splits(workspace, before, after)
    yield from _affected_studies(workspace, before, after)
    every = records.similarity_columns(workspace.engine)
    for model in models.list_models(workspace.engine):
        known = models.training_lesion_digests(workspace.engine, str(model["id"]))
        if n := _newly_seen(every, known, before, after):
            what = f"{counted(n, 'record')} that counted as held out {form(n, 'belongs', 'belong')} to its training"
            yield Affected("model", str(model["name"]), f"{what}: its figures change.")
    for point in operating_points.list_operating_points(workspace.engine):
        known = set(point["figures"].get("lesions", ()))
        if n := _newly_seen(every, known, before, after):
            what = f"{counted(n, 'record')} more {form(n, 'belongs', 'belong')} to what it was chosen on"
            yield Affected("operating point", str(point["name"]), f"{what}.")


def _newly_seen(every: pd.DataFrame, digests: Iterable[str], before: IdentityGroups, after: IdentityGroups) -> int:
    """How many records belong to lesions with these digests only by the pairs."""
    wanted = set(digests)
    if not wanted:
        return 0
    seen = every["id"][[lesion_digest(str(lesion)) in wanted for lesion in every["lesion_id"]]]
    return len(after.with_relatives(seen)) - len(before.with_relatives(seen))


def _affected_splits(workspace: Workspace, before: IdentityGroups, after: IdentityGroups) -> Iterable[Affected]:
    for split in list_splits(workspace):
        part_of = splits.parts_of_records(workspace.engine, split.id)
        if n := _across(part_of, after) - _across(part_of, before):
            yield Affected(
                "split", split.name, f"{counted(n, 'group')} would lie in more than one part: it would leak."
            )


def _across(part_of: Mapping[str, str], groups: IdentityGroups) -> int:
    """How many groups have records in more than one part."""
    ids = list(part_of)
    if not ids:
        return 0
    parts = pd.DataFrame({"group": groups.of(ids), "part": [part_of[record] for record in ids]})
    return int((parts.groupby("group")["part"].nunique() > 1).sum())


def _affected_studies(workspace: Workspace, before: IdentityGroups, after: IdentityGroups) -> Iterable[Affected]:
    for study in studies.list_studies(workspace.engine):
        ids = studies.cases_of_study(workspace.engine, str(study["id"]))["record_id"].tolist()
        units = [len(np.unique(groups.of(ids))) if ids else 0 for groups in (before, after)]
        if n := units[0] - units[1]:
            yield Affected(
                "study", str(study["name"]),
                f"its {counted(len(ids), 'case')} are {n:,} independent {form(n, 'unit', 'units')} fewer; what its "
                "readers answered stays, and its intervals follow.",
            )  # fmt: skip


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
