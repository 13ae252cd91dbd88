"""What an export did, in words and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dermdash.wording import counted, why_left_out


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What an export did.

    Attributes
    ----------
    records, of
        Records that were written, and how many were chosen.
    files, size
        Files that were written, and bytes of them all.
    left_out
        Chosen records that were not written, by reason; each is listed in ``left_out.csv``.
    withheld
        Records whose history of labels leaves without what others said, as who exports has yet to say something.
    version, state
        The tagged version that was written, by name; and in words, also where the data set is none.
    notes
        What was written as something else, or left empty.
    statement
        What may be said of names in the files and of the images.
    """

    format: str
    dataset: str
    out: Path
    records: int
    of: int
    files: int
    size: int
    left_out: Mapping[str, int]
    version: str
    state: str
    split: str
    part: str
    only: str
    hidden: Mapping[str, Any]
    withheld: int
    notes: tuple[str, ...]
    statement: str
    taxonomy: str
    simulated: bool
    images: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "format": self.format, "dataset": self.dataset, "out": str(self.out), "records": self.records,
            "of": self.of, "files": self.files, "bytes": self.size, "left_out": dict(self.left_out),
            "version": self.version or None, "state": self.state, "split": self.split or None,
            "part": self.part or None, "only": self.only, "hidden": dict(self.hidden), "withheld": self.withheld,
            "notes": list(self.notes), "taxonomy": self.taxonomy, "simulated": self.simulated,
            "images": dict(self.images),
        }  # fmt: skip


def left_out_words(report: ExportReport) -> str:
    """How many records were left out and why, in words; empty where none was."""
    if not report.left_out:
        return ""
    reasons = "; ".join(f"{why_left_out(reason)}: {n:,}" for reason, n in report.left_out.items())
    return f"{counted(sum(report.left_out.values()), 'record')} left out ({reasons})."
