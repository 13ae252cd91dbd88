"""What differs between two states of a data set: records, images, labels, fields, splits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.manifest import Manifest
from dermdash.workflows.dataset.private_export import AS_IT_IS, DATES, NAMED, HiddenNames, Privacy

NO_LABEL = None
_LISTED_SPLIT = ("split", "parts")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value of a record that differs; None: there is none."""

    image_id: str
    field: str
    old: Any
    new: Any

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {"image_id": self.image_id, "field": self.field, "old": self.old, "new": self.new}


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """What a later state has that an earlier one has not.

    Attributes
    ----------
    added, removed
        Image ids of records that only the later or the earlier one has.
    images, masks
        Image ids of records whose image or mask is another file.
    labels, fields
        Values that differ: of the label with its verification, and of all other fields.
    splits_added, splits_removed
        Names of splits that only one of both has.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    images: tuple[str, ...]
    masks: tuple[str, ...]
    labels: tuple[FieldChange, ...]
    fields: tuple[FieldChange, ...]
    splits_added: tuple[str, ...]
    splits_removed: tuple[str, ...]
    dataset: tuple[FieldChange, ...] = ()

    @property
    def records(self) -> int:
        """How many records were added, removed or changed."""
        changed = {c.image_id for c in (*self.labels, *self.fields)} | {*self.images, *self.masks}
        return len(self.added) + len(self.removed) + len(changed)

    @property
    def none(self) -> bool:
        """Whether both states are the same."""
        return not (self.records or self.splits_added or self.splits_removed or self.dataset)

    @property
    def diagnoses(self) -> dict[tuple[str | None, str | None], int]:
        """How many records went from which class to which, most frequent first; None: no diagnosis."""
        counts = Counter((change.old, change.new) for change in self.labels if change.field == "dx")
        return dict(counts.most_common())

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "changed_records": self.records,
            "records_added": list(self.added),
            "records_removed": list(self.removed),
            "images_changed": list(self.images),
            "masks_changed": list(self.masks),
            "diagnoses_changed": [{"old": old, "new": new, "records": n} for (old, new), n in self.diagnoses.items()],
            "labels_changed": [change.to_json() for change in self.labels],
            "fields_changed": [change.to_json() for change in self.fields],
            "splits_added": list(self.splits_added),
            "splits_removed": list(self.splits_removed),
            "dataset_changed": [change.to_json() for change in self.dataset],
        }


def compare_manifests(old: Manifest, new: Manifest) -> VersionChanges:
    """What differs from an earlier to a later state of one data set."""
    # Most lines are the same in both: only those that are not are read.
    was, now = set(old.record_lines), set(new.record_lines)
    before = {entry["image_id"]: entry for entry in map(json.loads, (x for x in old.record_lines if x not in now))}
    after = {entry["image_id"]: entry for entry in map(json.loads, (x for x in new.record_lines if x not in was))}
    both = sorted(before.keys() & after.keys())
    splits_before, splits_after = old.splits(), new.splits()
    return VersionChanges(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        images=tuple(i for i in both if before[i]["image_sha256"] != after[i]["image_sha256"]),
        masks=tuple(i for i in both if before[i].get("mask_sha256") != after[i].get("mask_sha256")),
        labels=tuple(c for i in both for c in _changes(i, before[i]["label"], after[i]["label"])),
        fields=tuple(c for i in both for c in _changes(i, before[i]["fields"], after[i]["fields"])),
        splits_added=tuple(sorted(splits_after.keys() - splits_before.keys())),
        splits_removed=tuple(sorted(splits_before.keys() - splits_after.keys())),
        dataset=tuple(_changes("", json.loads(old.header)["dataset"], json.loads(new.header)["dataset"])),
    )


def changes_table(changes: VersionChanges) -> pd.DataFrame:
    """Every difference as a row: change, image_id, field, old, new."""
    whole = [
        (words, image_id, "", "", "")
        for words, ids in (
            ("record added", changes.added), ("record removed", changes.removed), ("other image", changes.images),
            ("other mask", changes.masks),
        )
        for image_id in ids
    ]  # fmt: skip
    values = [
        (words, change.image_id, change.field, *map(_cell, (change.old, change.new)))
        for words, changed in (("label", changes.labels), ("field", changes.fields), ("data set", changes.dataset))
        for change in changed
    ]
    return pd.DataFrame([*whole, *values], columns=["change", "image_id", "field", "old", "new"])


def changes_csv(
    workspace: Workspace, dataset_id: str, changes: VersionChanges, *, privacy: Privacy = AS_IT_IS
) -> bytes:
    """Every difference as CSV; with names hidden, ids have pseudonyms, and dates only say that they differ."""
    table = changes_table(changes)
    if privacy.names:
        names = HiddenNames.of(workspace, privacy)

        def shown(field: str, value: str) -> str | None:
            if value and field in NAMED:
                return names.name(field, value, dataset_id)
            return "hidden" if value and field in DATES else value

        for column in ("old", "new"):
            table[column] = [shown(f, v) for f, v in zip(table["field"], table[column], strict=True)]
    return to_safe_csv(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _changes(image_id: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldChange]:
    return [
        FieldChange(image_id, name, old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
