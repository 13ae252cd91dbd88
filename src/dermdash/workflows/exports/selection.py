"""Which records of a data set leave: by filter, stage, quality, split and version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dermdash.errors import InvalidInput
from dermdash.records.chosen_records import filter_in_words, within_dataset
from dermdash.records.record_filter import FACETS, RecordFilter
from dermdash.storage.workspace import Workspace

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
    """The records of a selection: a filter of the database, and where a split or a version chose them, their ids.

    ``part_of``: the part of the split that each record is in, by its id.
    """

    record_filter: RecordFilter
    record_ids: frozenset[str] | None = None
    part_of: Mapping[str, str] = field(default_factory=dict)
    words: str = ""


def choose(workspace: Workspace, selection: Selection) -> Chosen:
    """Find out which records are meant.

    Raises
    ------
    InvalidInput
        A stage or a score that there is not; a filter that chooses the data set, or the same thing twice.
    NotFound
        A split, a part of it or a version that the data set has not.
    """
    chosen = selection.record_filter
    if selection.stages:
        chosen = _with(chosen, "verification_stage", [str(stage) for stage in selection.stages], "--stage")
    if selection.quality is not None:
        scores = [str(score) for score in range(selection.quality, BEST_QUALITY + 1)]
        chosen = _with(chosen, "quality", scores, "--quality")
    if selection.part and not selection.split:
        raise InvalidInput("a part is of a split: name the split, too")
    words = filter_in_words(chosen)
    return Chosen(within_dataset(chosen, selection.dataset_id), *_of_split(workspace, selection), words)


def _with(chosen: RecordFilter, name: str, options: list[str], flag: str) -> RecordFilter:
    if chosen.chosen(name):
        raise InvalidInput(f"the filter chooses {FACETS[name].title.lower()} already: leave it or {flag} out")
    return chosen.with_options(name, tuple(options))


def _of_split(workspace: Workspace, selection: Selection) -> tuple[frozenset[str] | None, dict[str, str]]:
    """Where splits and versions choose: their ids, and the part of each."""
    del workspace
    for name, kind in ((selection.split, "split"), (selection.version, "version")):
        if name:
            raise InvalidInput(f"this version of dermdash keeps no {kind}s: leave {name!r} out")
    return None, {}
