"""Which records of a data set leave: by filter, stage, quality, split and version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dermdash.errors import InvalidInput, NotFound
from dermdash.records.chosen_records import chooses, filter_in_words, within_dataset
from dermdash.records.record_filter import FACETS, SPLIT, RecordFilter
from dermdash.records.split_parts import part_option
from dermdash.storage import records, splits
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.kept_splits import part_of_split, standing_split
from dermdash.workflows.dataset.tag_version import get_version, manifest_of, version_of

BEST_QUALITY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What was asked for.

    Attributes
    ----------
    stages
        Only these verification stages; empty: any.
    quality
        The lowest score of quality; None: any.
    split, part, version
        By name; empty: none.
    """

    dataset_id: str
    record_filter: RecordFilter = field(default_factory=RecordFilter)
    stages: tuple[int, ...] = ()
    quality: int | None = None
    split: str = ""
    part: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The records of a selection.

    Attributes
    ----------
    record_filter
        A filter of the database.
    words
        What it lets through, in words.
    part_of
        The part of the split that each record is in, by its id.
    version, state
        The version that is written, by name (empty: none), and in words.
    as_of
        Where the data set has changed since that version: what each record was then, by its id. Only these leave.
    until
        When the version was tagged, where ``as_of`` is given.
    """

    record_filter: RecordFilter
    words: str = ""
    part_of: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    state: str = ""
    as_of: Mapping[str, Mapping[str, Any]] | None = None
    until: datetime | None = None


def choose(workspace: Workspace, selection: Selection) -> Chosen:
    """Find out which records are meant.

    Raises
    ------
    InvalidInput
        A filter that chooses the data set, or the same thing twice; a part without its split; a filter of a version
        that the data set is no more.
    NotFound
        A split, a part of it or a version that there is not.
    """
    chosen = selection.record_filter
    if selection.stages:
        chosen = _with(chosen, "verification_stage", [str(stage) for stage in selection.stages], "--stage")
    if selection.quality is not None:
        scores = [str(score) for score in range(selection.quality, BEST_QUALITY + 1)]
        chosen = _with(chosen, "quality", scores, "--quality")
    if selection.part and not selection.split:
        raise InvalidInput("a part is of a split: name the split, too")
    state = version_of(workspace, selection.dataset_id)
    if selection.version and selection.version != state.name:
        return _of_version(workspace, selection, chosen)
    part_of: Mapping[str, str] = {}
    if selection.split:
        split = standing_split(workspace, selection.split)
        if selection.part:
            part_of_split(split, selection.part)
        option = part_option(split.name, selection.part) if selection.part else split.name
        chosen = _with(chosen, SPLIT, [option], "--split")
        part_of = splits.parts_of_records(workspace.engine, split.id)
    words = filter_in_words(chosen)
    return Chosen(within_dataset(chosen, selection.dataset_id), words, part_of, state.name or "", state.words)


def _with(chosen: RecordFilter, name: str, options: list[str], flag: str) -> RecordFilter:
    if chosen.chosen(name):
        raise InvalidInput(f"the filter chooses {FACETS[name].title.lower()} already: leave it or {flag} out")
    return chosen.with_options(name, tuple(options))


def _of_version(workspace: Workspace, selection: Selection, chosen: RecordFilter) -> Chosen:
    """A version that the data set is no more: what its manifest says of each record."""
    dataset_id, name = selection.dataset_id, selection.version
    version = get_version(workspace, dataset_id, name)
    if chooses(chosen):
        raise InvalidInput(
            f"the data set has changed since version {name!r}, and filters look at how it is now: export the version "
            "whole or by a part of its splits, or tag the present state and filter that"
        )
    manifest = manifest_of(workspace, dataset_id, name)
    as_of = {records.record_id(dataset_id, entry["image_id"]): entry for entry in manifest.records()}
    part_of: dict[str, str] = {}
    words = ""
    if selection.split:
        there = manifest.splits()
        if selection.split not in there:
            raise NotFound(f"Version {name!r} has no split {selection.split!r}; it has: {', '.join(there) or 'none'}.")
        parts = there[selection.split]["parts"]
        if selection.part and selection.part not in parts:
            raise NotFound(f"The split {selection.split!r} has no part {selection.part!r}; it has: {', '.join(parts)}.")
        part_of = {
            records.record_id(dataset_id, image): part
            for part, images in parts.items()
            if selection.part in ("", part)
            for image in images
        }
        as_of = {key: entry for key, entry in as_of.items() if key in part_of}
        words = f"Split: {selection.split}" + (f" · {selection.part}" if selection.part else "")
    return Chosen(
        within_dataset(RecordFilter().with_rejected(), dataset_id), words, part_of, name, f"version {name}", as_of,
        version.tagged_at,
    )  # fmt: skip
