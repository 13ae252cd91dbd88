"""The check for leaks: records that belong together on both sides of a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dermdash.storage import findings, splits
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.dataset.kept_splits import list_splits
from dermdash.workflows.findings.check import Found, Scope, finding

VERSION = "1"
_COLUMNS = ["id", "dataset_id", "image_id", "lesion_id", "patient_id", "image_sha256", "source_split"]
SOURCE_SPLIT = "the source's split"
_BELONGINGS = (
    ("image_sha256", "same_file", 1.0), ("lesion_id", "same_lesion", 0.9), ("patient_id", "same_patient", 0.8),
)  # fmt: skip
"""Column, verdict and score: what tells most first, so that a group of records is named once, by its closest tie."""


def split_leaks(scope: Scope) -> Found:
    """Groups of records that stand on both sides of a split, of every split that the data sets have."""
    found = Found({"split_leakage": []})
    frames = [scope.records_in(name) for name in scope.dataset_ids]
    every = pd.concat([frame[_COLUMNS] for frame in frames], ignore_index=True) if frames else pd.DataFrame()
    sides_of = _splits_of(scope, every)
    for place, (name, side_of) in enumerate(sides_of.items()):
        scope.report("Comparing the sides of splits", place, len(sides_of))
        found.rows["split_leakage"] += _leaks(scope, every, name, side_of)
    if not sides_of:
        found.could_not = True
        found.notes.append(
            "No data set says what is for training and what for tests: make a split on the page of splits, or import "
            "one with the table (column source_split)."
        )
    return found


def _splits_of(scope: Scope, every: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Side by record id of each split: the one that came with each data set, and those that were made here."""
    found = {}
    for dataset_id, frame in every.groupby("dataset_id", sort=True):
        source = frame[frame["source_split"].notna()]
        sides = dict(zip(source["id"], source["source_split"].astype(str), strict=True))
        if len(set(sides.values())) > 1:
            found[f"{SOURCE_SPLIT} of {dataset_id}"] = sides
    for split in list_splits(scope.workspace):
        if set(split.datasets) & set(scope.dataset_ids):
            found[split.name] = splits.parts_of_records(scope.workspace.engine, split.id)
    return found


def _leaks(scope: Scope, frame: pd.DataFrame, name: str, side_of: Mapping[str, str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    told: set[tuple[str, ...]] = set()

    def add(members: Sequence[str], verdict: str, score: float, what: str) -> None:
        sides: dict[str, list[str]] = {}
        for record in members:
            if record in side_of:
                sides.setdefault(side_of[record], []).append(record)
        key = tuple(sorted(r for of_side in sides.values() for r in of_side))
        if len(sides) < 2 or key in told:
            return
        told.add(key)
        details = {"split": name, "sides": {side: len(of) for side, of in sorted(sides.items())}, "what": what}
        # Records of both sides first, so that they are seen side by side.
        shown = [record for pair in zip(*(sorted(of) for of in sides.values()), strict=False) for record in pair]
        ordered = list(dict.fromkeys([*shown, *key]))
        rows.append(
            finding(
                "split_leakage", ordered, score=score, verdict=verdict, details=details, version=VERSION,
                about=f"{name} {verdict} {what}",
            )
        )  # fmt: skip

    there = frame[frame["id"].isin(side_of.keys())]
    for column, verdict, score in _BELONGINGS[:1]:
        _by_column(there, column, verdict, score, add)
    for one, other in findings.confirmed_pairs(scope.workspace.engine):
        add([one, other], "confirmed_pair", 1.0, f"{one} {other}")
    for column, verdict, score in _BELONGINGS[1:]:
        _by_column(there, column, verdict, score, add)
    for row in findings.list_findings(scope.workspace.engine, "near_duplicate"):
        if row["verdict"] != "unsure" and row["decision"] is None:
            add(row["records"], "near_duplicate", 0.6, " ".join(row["records"]))
    # Through records of no side, or of another data set: A with B, B with C, and A and C stand apart.
    groups = identity_groups(scope.workspace)
    known = sorted(side_of)
    for _, group in pd.Series(known, dtype=object).groupby(groups.of(known)):
        members = group.tolist()
        if len(members) > 1 and not any(set(key) <= set(members) for key in told):
            add(members, "group", 0.8, f"group of {min(members)}")
    return rows


def _by_column(frame: pd.DataFrame, column: str, verdict: str, score: float, add: Any) -> None:
    known = frame[frame[column].notna() & frame[column].duplicated(keep=False)]
    # A lesion's or a patient's id counts within its data set.
    keys = [column] if column == "image_sha256" else ["dataset_id", column]
    for value, group in known.groupby(keys, sort=True):
        if len(group) > 1:
            add(group["id"].tolist(), verdict, score, " ".join(map(str, value)))
