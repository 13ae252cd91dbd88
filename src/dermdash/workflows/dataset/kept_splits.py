"""The splits that are kept: list them, find one by its name, lock its test part, take one out of use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BaseModel, Field, ValidationError

from dermdash.errors import InvalidInput, NotAsStored, NotFound
from dermdash.records.chosen_records import kept_in_words
from dermdash.records.record_filter import SPLIT
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.split_parts import TEST, split_digest, split_of_option
from dermdash.storage import findings, models, splits, studies
from dermdash.storage.unchanged import while_unchanged
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, percent
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.private_export import AS_IT_IS, Privacy, hidden
from dermdash.workflows.dataset.split_plan import FOLDS


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A part of a split: its name (of a fold its number), its share as asked (0..1) and its number of records."""

    name: str
    share: float
    records: int


@dataclass(frozen=True, slots=True)
class KeptSplit:
    """A stored split.

    ``grouping``: by what so many records could be kept together when it was made. ``locked_at`` and ``withdrawn_at``
    are None where it is not. ``broken`` says why nothing uses it: its row cannot be read (its parts are then none), or
    its records are not those that were stored.
    """

    id: str
    name: str
    kind: str
    parts: tuple[KeptPart, ...]
    seed: int
    datasets: tuple[str, ...]
    record_filter: Mapping[str, list[str]]
    grouping: Mapping[str, int]
    digest: str
    created_by: str
    created_at: datetime
    locked_by: str | None
    locked_at: datetime | None
    lock_note: str | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawal_reason: str | None
    broken: str = ""

    @property
    def records(self) -> int:
        """How many records it divides."""
        return sum(part.records for part in self.parts)

    @property
    def has_test(self) -> bool:
        """Whether it has a part that can be frozen."""
        return any(part.name == TEST for part in self.parts)

    @property
    def state(self) -> str:
        """``locked``, ``withdrawn`` or ``open``."""
        return "withdrawn" if self.withdrawn_at else "locked" if self.locked_at else "open"

    @property
    def parts_in_words(self) -> str:
        """As "train 70%, validation 15%, test 15%", or "5 folds"."""
        if self.kind == FOLDS:
            return counted(len(self.parts), "fold")
        return ", ".join(f"{part.name} {percent(part.share, 0)}" for part in self.parts)

    @property
    def filter_in_words(self) -> str:
        """What the filter let through; empty where it let everything through."""
        return kept_in_words(self.record_filter)

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "name": self.name,
            "kind": self.kind,
            "parts": [{"part": p.name, "share": p.share, "records": p.records} for p in self.parts],
            "records": self.records,
            "seed": self.seed,
            "datasets": list(self.datasets),
            "record_filter": dict(self.record_filter),
            "grouping": dict(self.grouping),
            "digest": self.digest,
            "state": self.state,
            "created_by": self.created_by,
            "created_at": self.created_at.isoformat(),
            "locked_by": self.locked_by,
            "locked_at": self.locked_at.isoformat() if self.locked_at else None,
            "lock_note": self.lock_note,
            "withdrawn_by": self.withdrawn_by,
            "withdrawn_at": self.withdrawn_at.isoformat() if self.withdrawn_at else None,
            "broken": self.broken,
        }


class _Grouping(BaseModel):
    patient: int
    lesion: int
    twin: int
    alone: int
    groups: int


class _Row(BaseModel, extra="ignore"):
    """What the JSON of a stored row has to hold."""

    kind: Literal["parts", "folds"]
    parts: Annotated[tuple[KeptPart, ...], Field(min_length=1)]
    datasets: Annotated[tuple[str, ...], Field(min_length=1)]
    record_filter: dict[str, list[str]]
    grouping: _Grouping


def kept_split(row: Mapping[str, Any]) -> KeptSplit:
    """A stored row as a split, which says what is wrong where the row is no split (one that was edited by hand)."""
    told: dict[str, Any] = {"parts": (), "datasets": (), "record_filter": {}, "grouping": {}}
    own = {name: value for name, value in row.items() if name not in told and name != "sequence"}
    try:
        read = _Row.model_validate(row)
    except ValidationError as error:
        fault = error.errors()[0]
        return KeptSplit(**own, **told, broken=f"{'.'.join(map(str, fault['loc']))} is {fault['input']!r}")
    return KeptSplit(**own, **{name: getattr(read, name) for name in told} | {"grouping": read.grouping.model_dump()})


def list_splits(workspace: Workspace, *, withdrawn: bool = False) -> list[KeptSplit]:
    """The splits that stand, latest first; ``withdrawn``: with those that were taken out of use.

    One whose row cannot be read is among them, and says why. Records are looked at where one is used (`get_split`).
    """
    every = [kept_split(row) for row in splits.list_splits(workspace.engine)]
    return [split for split in every if withdrawn or split.withdrawn_at is None]


def get_split(workspace: Workspace, name: str) -> KeptSplit:
    """The split of a name, withdrawn ones too; ``broken`` where its records are not those that were stored.

    Raises
    ------
    NotFound
        There is none.
    """
    row = splits.split_by_name(workspace.engine, name)
    if row is None:
        there = ", ".join(split.name for split in list_splits(workspace)) or "none yet"
        raise NotFound(f"There is no split {name!r}; there are: {there}.")
    return _with_its_records(workspace, kept_split(row))


def _with_its_records(workspace: Workspace, split: KeptSplit) -> KeptSplit:
    if split.broken or _digest_now(workspace, split.id) == split.digest:
        return split
    return replace(split, broken="its records are not those that were stored, their digest differs")


def _digest_now(workspace: Workspace, split_id: str) -> str:
    """Of the records that stand in the split; a page may ask for each of its models."""
    return while_unchanged(
        workspace.engine, ("split digest", split_id),
        lambda: split_digest(splits.parts_of_records(workspace.engine, split_id)), scans=True,
    )  # fmt: skip


def standing_split(workspace: Workspace, name: str) -> KeptSplit:
    """The same of one to use.

    Raises
    ------
    NotFound
        There is none, or it was withdrawn.
    NotAsStored
        Its row cannot be read, or its records are not those that were stored.
    """
    split = _not_withdrawn(workspace, name)
    check_whole(split)
    return split


def check_locks(workspace: Workspace) -> None:
    """Raise NotAsStored where the records of a split with a locked test part are not those that were stored: nobody can
    say any more what must not be trained on."""
    for row in splits.list_splits(workspace.engine):
        if row["locked_at"] is not None:
            check_whole(_with_its_records(workspace, kept_split(row)))


def _not_withdrawn(workspace: Workspace, name: str) -> KeptSplit:
    split = get_split(workspace, name)
    if split.withdrawn_at is not None:
        raise NotFound(f"The split {name!r} was withdrawn: {split.withdrawal_reason or 'choose another one'}.")
    return split


def check_whole(split: KeptSplit) -> None:
    """Raise NotAsStored where a split is ``broken``: what it divides is not known any more."""
    if split.broken:
        locked = "as its test part is locked, nothing can be trained until then"
        raise NotAsStored(
            f"The split {split.name!r} cannot be read ({split.broken}): somebody changed it in the database. Restore "
            f"it from a backup (`dermdash restore`), {locked if split.locked_at else 'or make another one'}."
        )


def part_of_split(split: KeptSplit, part: str) -> KeptPart:
    """A part by its name.

    Raises
    ------
    NotFound
        The split has none of that name.
    """
    found = next((p for p in split.parts if p.name == part), None)
    if found is None:
        raise NotFound(
            f"The split {split.name!r} has no part {part!r}; it has: {', '.join(p.name for p in split.parts)}."
        )
    return found


def lock_split(workspace: Workspace, account: Account | None, name: str, *, note: str = "") -> bool:
    """Freeze the test part of a split for good; False where it was frozen already.

    From then on no training in this workspace uses its records, nor others of their lesions, patients, files or
    confirmed pairs, in whatever data set.

    Raises
    ------
    AccessDenied
        The account may not.
    NotFound
        There is none of that name, or it was withdrawn.
    InvalidInput
        It has no test part, or its row cannot be read.
    """
    account = require_right(account, Right.KEEP_VERSIONS)
    split = standing_split(workspace, name)
    if not split.has_test:
        raise InvalidInput(
            f"The split {name!r} has no test part to lock: every fold is trained on. Make one with parts as 70/15/15."
        )
    return splits.save_lock(workspace.engine, account.id, name, note)


def withdraw_split(workspace: Workspace, account: Account | None, name: str, *, reason: str = "") -> None:
    """Take a split out of use, also one that cannot be read; it stays in the history, and its name stays taken.

    Raises
    ------
    AccessDenied
        The account may not.
    NotFound
        There is none of that name, or it was withdrawn before.
    InvalidInput
        It is locked, or a model or study was made with it.
    """
    account = require_right(account, Right.KEEP_VERSIONS)
    split = _not_withdrawn(workspace, name)
    if users := uses_of_split(workspace, split):
        raise InvalidInput(f"The split {name!r} cannot be withdrawn: {', '.join(users)} used it.")
    splits.save_withdrawal(workspace.engine, account.id, name, reason)


def uses_of_split(workspace: Workspace, split: KeptSplit) -> list[str]:
    """Which models and studies were made with it, in words."""
    trained = [
        f"model {m['name']} ({m['id']})"
        for m in models.list_models(workspace.engine)
        if _names(m["metrics"].get("record_filter"), split.name)
    ]
    read = [
        f"study {s['name']}"
        for s in studies.list_studies(workspace.engine)
        if _names(json.loads(s["protocol"]).get("record_filter"), split.name)
    ]
    return [*trained, *read]


def _names(kept: Mapping[str, list[str]] | None, name: str) -> bool:
    return any(split_of_option(option)[0] == name for option in (kept or {}).get(SPLIT, ()))


def knowledge_version(workspace: Workspace) -> str:
    """A value that changes with what is known of splits beside their records: candidates, and what models have seen."""
    known = ",".join(str(model["id"]) for model in models.list_models(workspace.engine))
    return f"{findings.findings_version(workspace.engine)}:{known}"


def split_csv(workspace: Workspace, name: str, *, privacy: Privacy = AS_IT_IS) -> bytes:
    """Every record of a split with its part, as CSV ordered by data set and image; names hidden as chosen."""
    frame = splits.records_of_split(workspace.engine, get_split(workspace, name).id)
    columns = ["dataset_id", "image_id", "part", "lesion_id", "patient_id", "dx", "image_sha256"]
    ordered = pd.DataFrame(frame[columns]).sort_values(["dataset_id", "image_id"])
    return to_safe_csv(hidden(workspace, ordered, privacy))
