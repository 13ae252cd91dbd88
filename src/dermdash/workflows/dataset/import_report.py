"""What an import did, and what it would do: counts that add up, and everything that it left out or found changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dermdash.dataset.source_records import Exclusion

if TYPE_CHECKING:
    from dermdash.workflows.dataset.source_summary import FilledRows


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How many of the images to import, and to compare with those that are there, are done."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What a row that came again says of a field, and what its record came with.

    ``outcome`` is one of ``told``, ``updated`` and ``kept`` (`dermdash.storage.import_runs`).
    """

    record_id: str
    image_id: str
    field: str
    old: Any
    new: Any
    outcome: str

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "image_id": self.image_id, "field": self.field, "old": self.old, "new": self.new, "outcome": self.outcome,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Each row of the table is one of ``imported``, ``already_present`` (and says the same), ``changed`` (its record is
    there and the row says otherwise) and ``excluded``: these four add up to ``rows``.

    Attributes
    ----------
    updated
        Of the changed rows, those whose record now says what the row says.
    excluded, files_left_out
        Rows, and files that are of no row or no use, by reason.
    exclusions
        Each row left out, then each file.
    files
        How many of ``exclusions``, from the end, are files.
    changes
        Each field of which a changed row says otherwise.
    restored
        Stored files that were missing or damaged and are whole again.
    scored_lower
        Of the excluded rows, those of records that are there, which their rows now score 1 or 2: the records stay as
        they are, also with an update, until somebody scores them at the acquisition gate.
    contradictions
        Open findings of the data set by kind, as they are after the import.
    dry_run
        Nothing was stored: ``imported`` are the rows that have an image file, none of which was read.
    filled
        What these rows say; of a dry run of a table that is named apart.
    """

    dataset: str
    rows: int
    imported: int
    already_present: int
    masks: int
    excluded: dict[str, int]
    seconds: float
    run_id: str = ""
    exclusions: tuple[Exclusion, ...] = field(default=(), repr=False)
    notes: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    changed: int = 0
    updated: int = 0
    restored: int = 0
    scored_lower: int = 0
    files_left_out: dict[str, int] = field(default_factory=dict)
    files: int = 0
    changes: tuple[Difference, ...] = field(default=(), repr=False)
    contradictions: dict[str, int] = field(default_factory=dict)
    dry_run: bool = False
    filled: FilledRows | None = field(default=None, repr=False)

    @property
    def rows_left_out(self) -> tuple[Exclusion, ...]:
        """Those of the exclusions that are rows."""
        return self.exclusions[: len(self.exclusions) - self.files]

    @property
    def left_out(self) -> dict[str, int]:
        """Rows and files left out by reason, most frequent first."""
        both = Counter(self.excluded)
        both.update(self.files_left_out)
        return dict(both.most_common())

    def to_json(self) -> dict[str, Any]:
        """The report for machines: counts, and the changes one by one; what was left out has a list of its own."""
        names = (
            "dataset", "rows", "imported", "already_present", "changed", "updated", "excluded", "files_left_out",
            "masks", "restored", "scored_lower", "contradictions", "seconds", "run_id", "dry_run",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names} | {"changes": [c.to_json() for c in self.changes]}


def count_rows(differences: Iterable[Difference]) -> int:
    """How many records the differences are of."""
    return len({difference.record_id for difference in differences})
