"""Whether a split leaks by what is known today, and how alike its parts are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from dermdash.records.split_parts import TEST
from dermdash.storage import findings, models, records, splits
from dermdash.storage.acquisition import rejected_ids
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.identity_groups import IdentityGroups, identity_groups, scoped_names
from dermdash.workflows.dataset.kept_splits import KeptSplit, check_whole, get_split
from dermdash.workflows.dataset.make_split import NO_DIAGNOSIS
from dermdash.workflows.dataset.remembered_lesions import remembered
from dermdash.workflows.page_tasks import Report, no_report

UNDECIDED = (findings.SAME_LESION, findings.NEAR_DUPLICATE)
"""Kinds of findings that say, until somebody decides, that records seem to show one lesion."""


class Tie(StrEnum):
    """What must not stand on two sides."""

    PATIENT = "patient"
    LESION = "lesion"
    FILE = "file"
    PAIR = "pair"
    GROUP = "group"
    CANDIDATE = "candidate"

    @property
    def words(self) -> str:
        """As people read it."""
        return _WORDS[self]

    @property
    def is_sure(self) -> bool:
        """Whether it is known and not only suspected."""
        return self is not Tie.CANDIDATE


_WORDS = {
    Tie.PATIENT: "Patients",
    Tie.LESION: "Lesions",
    Tie.FILE: "Identical files",
    Tie.PAIR: "Confirmed pairs",
    Tie.GROUP: "All of these together",
    Tie.CANDIDATE: "Candidates nobody has decided about",
}


@dataclass(frozen=True, slots=True)
class Leak:
    """Of one kind of tie, how many stand within one part each, and which have records in more than one.

    ``within``: how many by the name of the part. ``across``: for each of the others the record ids, in order.
    """

    tie: Tie
    within: Mapping[str, int]
    across: tuple[tuple[str, ...], ...]

    @property
    def ties(self) -> int:
        """How many there are."""
        return sum(self.within.values()) + len(self.across)

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "tie": self.tie.value,
            "ties": self.ties,
            "across": len(self.across),
            "records": [list(r) for r in self.across],
        }


@dataclass(frozen=True, slots=True)
class SplitCheck:
    """A split as its records are today.

    Attributes
    ----------
    leaks
        One for each kind of tie.
    sides
        The part of each record that stands in one of ``leaks``.
    parts
        One row per part: part, records, groups, patients, lesions.
    classes, stages, qualities
        Records of each class, stage or quality (index; the empty text where it is not known) in each part (columns).
    rejected
        How many of its records the acquisition gate has rejected: who trains and evaluates leaves them out.
    trained
        Models that know records of the test part from their training, or what is tied to them: model, name, part,
        records.
    """

    split: KeptSplit
    leaks: tuple[Leak, ...]
    sides: Mapping[str, str]
    parts: pd.DataFrame
    classes: pd.DataFrame
    stages: pd.DataFrame
    qualities: pd.DataFrame
    rejected: int
    trained: tuple[dict[str, Any], ...]

    @property
    def leaks_nothing(self) -> bool:
        """Whether no known tie stands on two sides."""
        return not any(leak.across for leak in self.leaks if leak.tie.is_sure)

    @property
    def undecided(self) -> int:
        """Candidates across parts that nobody has decided about."""
        return sum(len(leak.across) for leak in self.leaks if not leak.tie.is_sure)

    @property
    def deviations(self) -> pd.DataFrame:
        """Share of each class within each part less its share of the whole, -1..1."""
        return deviations_of(self.classes)

    @property
    def largest_deviation(self) -> float:
        """The largest of them by size, 0..1."""
        return float(np.abs(self.deviations.to_numpy()).max(initial=0.0))

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            **self.split.to_json(),
            "leaks_nothing": self.leaks_nothing,
            "undecided_candidates": self.undecided,
            "leakage": [leak.to_json() for leak in self.leaks],
            "by_part": self.parts.to_dict("records"),
            "classes": _nested(self.classes),
            "stages": _nested(self.stages),
            "qualities": _nested(self.qualities),
            "deviations": {
                str(label or "no diagnosis"): {str(part): float(value) for part, value in row.items()}
                for label, row in self.deviations.to_dict("index").items()
            },
            "largest_deviation": self.largest_deviation,
            "rejected_at_acquisition": self.rejected,
            "models_trained_on_held_out_records": [dict(row) for row in self.trained],
        }


def _nested(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    return {
        str(label or "unknown"): {str(part): int(n) for part, n in row.items()}
        for label, row in table.to_dict("index").items()
    }


def deviations_of(counts: pd.DataFrame) -> pd.DataFrame:
    """From records of each class (index) in each part to the share within the part less that of the whole, -1..1."""
    within = counts / counts.sum().clip(lower=1)
    whole = counts.sum(axis=1) / max(int(counts.to_numpy().sum()), 1)
    return within.sub(whole, axis=0)


def check_split(workspace: Workspace, name: str, *, report: Report = no_report) -> SplitCheck:
    """Look at a split by what is known today: a pair that was confirmed since it was made counts.

    ``report`` hears how far it is, and may raise.

    Raises
    ------
    NotFound
        There is none of that name.
    InvalidInput
        Its row cannot be read.
    """
    split = get_split(workspace, name)
    check_whole(split)
    report("Reading its records", 0, 4)
    rows = splits.records_of_split(workspace.engine, split.id)
    names = [part.name for part in split.parts]
    report("Finding what belongs together", 1, 4)
    together = identity_groups(workspace)
    rows["group"] = together.of(rows["id"].tolist())
    label = rows["dx"].where(rows["dx"].notna(), NO_DIAGNOSIS)
    report("Looking for what stands on two sides", 2, 4)
    leaks = tuple(_leaks(workspace, rows))
    report("Comparing the parts", 3, 4)
    leaking = rows[rows["id"].isin({i for leak in leaks for ids in leak.across for i in ids})]
    return SplitCheck(
        split,
        leaks,
        dict(zip(leaking["id"], leaking["part"], strict=True)),
        _parts(rows, names),
        _by_part(label, rows["part"], names, frequent_first=True),
        _by_part(_texts(rows["verification_stage"]), rows["part"], names),
        _by_part(_texts(rows["quality"]), rows["part"], names),
        int(rows["id"].isin(rejected_ids(workspace.engine)).sum()),
        tuple(_trained(workspace, together, rows)),
    )


def _texts(values: pd.Series) -> pd.Series:
    return values.map(lambda value: "" if pd.isna(value) else str(int(value)))


def _by_part(
    values: pd.Series, parts: pd.Series, names: Sequence[str], *, frequent_first: bool = False
) -> pd.DataFrame:
    table = pd.crosstab(values, parts).reindex(columns=list(names), fill_value=0)
    if not frequent_first:
        return table.sort_index()
    return table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]


def _parts(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    patient = scoped_names(rows["dataset_id"], rows["patient_id"])
    lesion = scoped_names(rows["dataset_id"], rows["lesion_id"])
    counted = (
        rows.assign(patient=patient, lesion=lesion)
        .groupby("part")
        .agg(
            records=("id", "size"), groups=("group", "nunique"), patients=("patient", "nunique"),
            lesions=("lesion", "nunique"),
        )
    )  # fmt: skip
    return counted.reindex(list(names), fill_value=0).reset_index()


def _leaks(workspace: Workspace, rows: pd.DataFrame) -> list[Leak]:
    keys = {
        Tie.PATIENT: scoped_names(rows["dataset_id"], rows["patient_id"]),
        Tie.LESION: scoped_names(rows["dataset_id"], rows["lesion_id"]),
        Tie.FILE: rows["image_sha256"],
        Tie.GROUP: rows["group"],
    }
    found = {tie: _across(rows, tie, values) for tie, values in keys.items()}
    part_of = dict(zip(rows["id"], rows["part"], strict=True))
    found[Tie.PAIR] = _tied(Tie.PAIR, findings.confirmed_pairs(workspace.engine), part_of)
    found[Tie.CANDIDATE] = _tied(Tie.CANDIDATE, findings.undecided_groups(workspace.engine, UNDECIDED), part_of)
    return [found[tie] for tie in Tie]


def _across(rows: pd.DataFrame, tie: Tie, keys: pd.Series) -> Leak:
    known = rows.assign(key=keys)[keys.notna()]
    sides = known.groupby("key")["part"].agg(["nunique", "first"])
    one = sides["nunique"] == 1
    leaking = known[known["key"].isin(sides.index[~one])]
    across = sorted(tuple(sorted(ids)) for ids in leaking.groupby("key")["id"].agg(list))
    return Leak(tie, {str(part): int(n) for part, n in sides["first"][one].value_counts().items()}, tuple(across))


def _tied(tie: Tie, tied: Sequence[tuple[str, ...]], part_of: dict[str, str]) -> Leak:
    inside = [ids for ids in (tuple(i for i in ids if i in part_of) for ids in tied) if len(ids) > 1]
    across = [ids for ids in inside if len({part_of[i] for i in ids}) > 1]
    within = Counter(part_of[ids[0]] for ids in inside if len({part_of[i] for i in ids}) == 1)
    return Leak(tie, dict(within), tuple(across))


def _trained(workspace: Workspace, together: IdentityGroups, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Models here that know lesions of the test part, or what is tied to them: nothing of it is held out for them."""
    test = set(rows["id"][rows["part"] == TEST])
    if not test:
        return []
    every = records.similarity_columns(workspace.engine)
    found = []
    for model in models.list_models(workspace.engine):
        if not model["training_lesions_known"]:
            continue
        trained = remembered(every, models.training_lesion_digests(workspace.engine, model["id"]))
        n = len(together.with_relatives(every["id"][trained]) & test)
        if n:
            found.append({"model": model["id"], "name": model["name"], "part": TEST, "records": n})
    return found
