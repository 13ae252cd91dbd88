"""The check for leaks: records that belong together on both sides of a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dermdash.storage import findings, records
from dermdash.wording import counted
from dermdash.workflows.findings.check import Found, Scope, finding

VERSION = "1"
SOURCE_SPLIT = "the source's split"
_BELONGINGS = (
    ("image_sha256", "same_file", 1.0), ("lesion_id", "same_lesion", 0.9), ("patient_id", "same_patient", 0.8),
)  # fmt: skip
"""Column, verdict and score: what tells most first, so that a group of records is named once, by its closest tie."""


def split_leaks(scope: Scope) -> Found:
    """Groups of records that stand on both sides of a split, of every split that the data sets have."""
    found = Found({"split_leakage": []})
    splits = 0
    for dataset_id in scope.dataset_ids:
        frame = records.records_of_dataset(scope.workspace.engine, dataset_id)
        for name, side_of in splits_of(frame).items():
            splits += 1
            found.rows["split_leakage"] += _leaks(scope, dataset_id, frame, name, side_of)
    if not splits:
        found.could_not = True
        found.notes.append(
            "No data set says what is for training and what for tests: import a split with the table (column "
            "source_split), or make one."
        )
    return found


def splits_of(frame: pd.DataFrame) -> dict[str, dict[str, str]]:
    """The splits of a data set's records: name to side by record id."""
    source = frame[frame["source_split"].notna()]
    sides = dict(zip(source["id"], source["source_split"].astype(str), strict=True))
    return {SOURCE_SPLIT: sides} if len(set(sides.values())) > 1 else {}


def _leaks(
    scope: Scope, dataset_id: str, frame: pd.DataFrame, name: str, side_of: Mapping[str, str]
) -> list[dict[str, Any]]:
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
                about=f"{dataset_id} {name} {verdict} {what}", datasets=[dataset_id],
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
    return rows


def _by_column(frame: pd.DataFrame, column: str, verdict: str, score: float, add: Any) -> None:
    known = frame[frame[column].notna()]
    for value, group in known.groupby(column, sort=True):
        if len(group) > 1:
            add(group["id"].tolist(), verdict, score, str(value))


def leak_words(details: Mapping[str, Any]) -> str:
    """A leak in words: how many records on which side."""
    sides = [f"{counted(n, 'record')} in {side}" for side, n in details["sides"].items()]
    return f"{details['split']}: {' and '.join(sides)}"
