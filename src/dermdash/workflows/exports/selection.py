"""Which records of a data set leave: by filter, stage, quality, split and version."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dermdash.errors import InvalidInput, NotFound
from dermdash.records.chosen_records import filter_in_words, within_dataset
from dermdash.records.filter_of_values import FilterOfValues, check_filter_of
from dermdash.records.record_filter import ACQUISITION, FACETS, SPLIT, UNKNOWN, RecordFilter
from dermdash.records.split_parts import part_option, split_of_option
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import record_sets, records, splits
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.chosen_records import check_splits_of
from dermdash.workflows.dataset.kept_splits import part_of_split, standing_split
from dermdash.workflows.dataset.manifest import FIELDS, LABEL, Manifest
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
    rejected_too
        Of such a version: records that the acquisition gate had rejected leave, too.
    """

    record_filter: RecordFilter
    words: str = ""
    part_of: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    state: str = ""
    as_of: Mapping[str, Mapping[str, Any]] | None = None
    until: datetime | None = None
    rejected_too: bool = False


def choose(workspace: Workspace, selection: Selection) -> Chosen:
    """Find out which records are meant.

    Raises
    ------
    InvalidInput
        A filter that chooses the data set, or the same thing twice; a part without its split; a filter of a version
        that the data set is no more by what its manifest does not keep.
    NotFound
        A split, a part of it or a version that there is not.
    FileMissing, NotAsStored
        The manifest of the version is missing or damaged, or the split is not what was stored.
    """
    chosen = selection.record_filter
    if selection.stages:
        chosen = _with(chosen, "verification_stage", [str(stage) for stage in selection.stages], "--stage")
    if selection.quality is not None:
        scores = [str(score) for score in range(selection.quality, BEST_QUALITY + 1)]
        chosen = _with(chosen, "quality", scores, "--quality")
    if selection.part and not selection.split:
        raise InvalidInput("a part is of a split: name the split, too")
    # Read also where the data set is in that state still: what nobody can verify is not handed out by its name.
    manifest = manifest_of(workspace, selection.dataset_id, selection.version) if selection.version else None
    state = version_of(workspace, selection.dataset_id)
    if manifest is not None and selection.version != state.name:
        return _of_version(workspace, selection, chosen, manifest)
    check_splits_of(workspace, chosen)
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


def _of_version(workspace: Workspace, selection: Selection, chosen: RecordFilter, manifest: Manifest) -> Chosen:
    """A version that the data set is no more: what its manifest says of each record."""
    dataset_id, name = selection.dataset_id, selection.version
    version = get_version(workspace, dataset_id, name)
    check_filter_of(chosen, ("image_id", *LABEL, *FIELDS), f"version {name!r}")
    passing = _filter_of_version(workspace, manifest, chosen)
    every = {records.record_id(dataset_id, entry["image_id"]): entry for entry in manifest.records()}
    rejected_too = replace(passing, record_filter=chosen.with_rejected())  # what the gate rejected is counted apart
    as_of = {
        key: entry for key, entry in every.items()
        if rejected_too.lets_through(key, {"image_id": entry["image_id"], **entry["label"], **entry["fields"]})
    }  # fmt: skip
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
    words = " · ".join(part for part in (filter_in_words(chosen), words) if part)
    return Chosen(
        within_dataset(RecordFilter().with_rejected(), dataset_id), words, part_of, name, f"version {name}", as_of,
        version.tagged_at, bool(chosen.chosen(ACQUISITION)),
    )  # fmt: skip


def _filter_of_version(workspace: Workspace, manifest: Manifest, chosen: RecordFilter) -> FilterOfValues:
    """The filter for the records of a manifest: splits are those that it names."""
    in_split = {
        (name, part): frozenset(records.record_id(manifest.dataset_id, image) for image in images)
        for name, entry in manifest.splits().items()
        for part, images in entry["parts"].items()
    }

    def belongs(_: str, options: Sequence[str], record_id: str) -> bool:
        inside = {option for option, members in in_split.items() if record_id in members}
        if not inside:
            return UNKNOWN in options
        wanted = [split_of_option(option) for option in options]
        return any(name == split and part in ("", there) for name, part in wanted for split, there in inside)

    ids = record_sets.members(workspace.engine, chosen.record_set) if chosen.record_set else None
    taxonomy = get_taxonomy(json.loads(manifest.header)["dataset"]["taxonomy"])
    return FilterOfValues(chosen, taxonomy, belongs, ids)
