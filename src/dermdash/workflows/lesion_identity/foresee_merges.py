"""What would follow if pairs were decided to show one lesion: groups, contradictions, and what took them for two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.storage import findings, models, operating_points, records, splits, studies
from dermdash.storage.identity_acts import PairToDecide
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, form
from dermdash.workflows.dataset.identity_groups import ONE_LESION, IdentityGroups, identity_groups
from dermdash.workflows.dataset.kept_splits import list_splits
from dermdash.workflows.dataset.remembered_lesions import remembered
from dermdash.workflows.lesion_identity.lesion_groups import Conflict, conflicts_of


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
class MergeOutlook:
    """What pairs would change once they are decided; nothing is done yet.

    Attributes
    ----------
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

    merged: tuple[tuple[str, ...], ...]
    lesions: tuple[int, int]
    groups: tuple[int, int]
    conflicts: tuple[Conflict, ...]
    affected: tuple[Affected, ...]

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "merged": [list(images) for images in self.merged],
            "lesions_before": self.lesions[0],
            "lesions_after": self.lesions[1],
            "groups_before": self.groups[0],
            "groups_after": self.groups[1],
            "conflicts": [conflict.to_json() for conflict in self.conflicts],
            "affected": [found.to_json() for found in self.affected],
        }


def foresee_merges(workspace: Workspace, pairs: Iterable[PairToDecide]) -> MergeOutlook:
    """Say what those of the pairs would change that are to be decided to show one lesion."""
    new = [pair.records for pair in pairs if pair.decision in findings.CONFIRMING]
    lesions, every = identity_groups(workspace, ONE_LESION), identity_groups(workspace)
    lesions_after, every_after = lesions.merged_with(new), every.merged_with(new)
    merged, conflicts = _merged(workspace, lesions_after, new)
    return MergeOutlook(
        merged, (_count(lesions), _count(lesions_after)), (_count(every), _count(every_after)),
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
    seen = every["id"][remembered(every, wanted)]
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
