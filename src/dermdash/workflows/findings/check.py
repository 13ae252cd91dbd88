"""What a check is given, what it gives back, and how a finding is put: the words that all checks share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from dermdash.dataset.finding_kinds import KINDS
from dermdash.storage import records
from dermdash.storage.acquisition import rejected_ids
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account

MOST_RECORDS = 200
"""Records that a finding about a field names; how many it concerns stands beside them."""


@dataclass(frozen=True, slots=True)
class CheckProgress:
    """Which check runs, at what, and how much of that is done."""

    check: str
    stage: str
    done: float
    total: float

    @property
    def share(self) -> float:
        """How much of this part is done (0 to 1)."""
        return min(1.0, self.done / self.total) if self.total else 1.0


@dataclass(frozen=True)
class Scope:
    """What a check looks through: data sets of one kind, photographs or drawn images.

    ``actor``: who asks for it. ``everything``: these are all data sets of the kind. ``report`` is called with a stage,
    what is done and of how much; it may raise to stop the check. ``processes``: as in
    `find_same_lesions`.
    """

    workspace: Workspace
    actor: Account
    datasets: tuple[Mapping[str, Any], ...]
    everything: bool
    simulated: bool
    processes: bool | None
    report: Callable[[str, float, float], None] = field(compare=False)

    @property
    def dataset_ids(self) -> list[str]:
        """Ids of the data sets, in order."""
        return [str(d["id"]) for d in self.datasets]

    @cached_property
    def rejected(self) -> frozenset[str]:
        """Ids of the records that the acquisition gate rejected: no figure counts them, and no check looks for more."""
        return frozenset(rejected_ids(self.workspace.engine, self.dataset_ids))

    def records_in(self, dataset_id: str) -> pd.DataFrame:
        """The records of one of the data sets, ordered by id, without those that the gate rejected."""
        return self.kept(records.records_of_dataset(self.workspace.engine, dataset_id))

    def kept(self, frame: pd.DataFrame, column: str = "id") -> pd.DataFrame:
        """Those rows whose record was not rejected."""
        return frame[~frame[column].isin(self.rejected)].reset_index(drop=True) if self.rejected else frame

    @property
    def records(self) -> int:
        """Records in all of them."""
        return sum(int(d["records"]) for d in self.datasets)


@dataclass(slots=True)
class Found:
    """What a check found: rows by kind, and what people should know of how it was done or why it could not be.

    ``stored``: the check keeps its findings itself (it goes on where it was), and these are their numbers by kind.
    ``could_not``: something that it needs is not there; what was found earlier stays.
    """

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    stored: dict[str, int] | None = None
    could_not: bool = False


def finding(
    kind: str,
    records: Sequence[str],
    *,
    score: float,
    verdict: str,
    details: Mapping[str, Any],
    version: str,
    about: str | None = None,
    datasets: Sequence[str] | None = None,
    model_id: str | None = None,
) -> dict[str, Any]:
    """A row as `storage.findings` keeps it; of more than `MOST_RECORDS` records the first are named.

    ``about`` names a finding whose records may change from run to run: a field, a file, a group.
    """
    named = list(records[:MOST_RECORDS])
    of = sorted(set(datasets) if datasets is not None else {dataset_of(record) for record in records})
    return {
        "records": named, "about": about, "score": round(float(score), 4), "threshold": KINDS[kind].threshold,
        "verdict": verdict, "details": {**details, "datasets": of, "n_records": len(records)},
        "method_version": version, "model_id": model_id,
    }  # fmt: skip


def dataset_of(record_id: str) -> str:
    """The data set of a record."""
    return record_id.partition(":")[0]
