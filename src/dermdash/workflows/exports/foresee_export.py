"""What an export would leave out, counted without reading an image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dermdash.dataset.exports.class_words import NO_CLASS, ClassWords
from dermdash.dataset.exports.export_format import DatasetExport, LeftOutOfFormat
from dermdash.records.quality_score import REJECTED
from dermdash.records.record_filter import ACQUISITION
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import record_rows, records
from dermdash.storage import statistics_counts as counts
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.chosen_records import count_rejected
from dermdash.workflows.exports.selection import Chosen, Selection, choose

_NEEDS_A_CLASS = frozenset({"folder-per-class"})


@dataclass(frozen=True, slots=True)
class ForeseenExport:
    """How many records are chosen, how many of them the format cannot hold, by reason, and what is said of it."""

    chosen: int
    left_out: dict[str, int]
    notes: tuple[str, ...]
    state: str
    words: str = ""
    """What the filter lets through; empty: everything."""

    @property
    def written(self) -> int:
        """Records that would be written, if all of their images are there."""
        return self.chosen - sum(self.left_out.values())


def foresee_export(workspace: Workspace, form: DatasetExport, selection: Selection) -> ForeseenExport:
    """Count what an export would write.

    Raises
    ------
    InvalidInput, NotFound
        As `selection.choose` says.
    """
    dataset = record_rows.dataset_row(workspace.engine, selection.dataset_id)
    chosen = choose(workspace, selection)
    if dataset is None or chosen.as_of is not None:
        return _of_version(form, dataset, chosen)
    left_out: Counter[str] = Counter()
    rejected = count_rejected(workspace, chosen.record_filter)
    if rejected:
        left_out["rejected_at_acquisition"] = rejected
    total = records.count_records(workspace.engine, chosen.record_filter) + rejected
    notes: list[str] = []
    if form.taxonomy or form.key in _NEEDS_A_CLASS:
        own = get_taxonomy(dataset["taxonomy"])
        words = ClassWords(own, get_taxonomy(form.taxonomy) if form.taxonomy else own)
        for row in counts.class_counts(workspace.engine, chosen.record_filter):
            try:
                words.code_of(row, n=int(row["n"]))
            except LeftOutOfFormat as problem:
                left_out[problem.reason if row["dx"] else NO_CLASS] += int(row["n"])
                continue
            if form.key == "ham10000" and (row["verification_stage"] or 0) < 2:
                left_out["not_confirmed"] += int(row["n"])
        notes = words.notes()
    return ForeseenExport(total, dict(left_out.most_common()), tuple(notes), chosen.state, chosen.words)


def _of_version(form: DatasetExport, dataset: Mapping[str, Any] | None, chosen: Chosen) -> ForeseenExport:
    """The same of a version that the data set is no more, from its manifest."""
    entries = chosen.as_of or {}
    left_out: Counter[str] = Counter()
    notes: list[str] = []
    needed = dataset is not None and (form.taxonomy or form.key in _NEEDS_A_CLASS)
    own = get_taxonomy(dataset["taxonomy"]) if dataset is not None else None
    words = ClassWords(own, get_taxonomy(form.taxonomy) if form.taxonomy else own) if own is not None else None
    for entry in entries.values():
        if entry["fields"].get(ACQUISITION) == REJECTED and not chosen.rejected_too:
            left_out["rejected_at_acquisition"] += 1
        elif needed and words is not None:
            try:
                words.code_of(entry["label"])
            except LeftOutOfFormat as problem:
                left_out[problem.reason] += 1
                continue
            if form.key == "ham10000" and (entry["label"].get("verification_stage") or 0) < 2:
                left_out["not_confirmed"] += 1
    if needed and words is not None:
        notes = words.notes()
    return ForeseenExport(len(entries), dict(left_out.most_common()), tuple(notes), chosen.state, chosen.words)
