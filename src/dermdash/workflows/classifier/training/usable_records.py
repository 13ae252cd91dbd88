"""Which records a training may use: what the filter, locked test parts and a split of a name leave of a data set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.errors import InvalidInput, NotFound
from dermdash.records.chosen_records import kept_in_words, read_kept
from dermdash.records.record_filter import SPLIT
from dermdash.records.split_parts import TEST, TRAIN, VALIDATION, part_option
from dermdash.storage import splits
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, form
from dermdash.workflows.classifier.training.job import Job
from dermdash.workflows.classifier.training.settings import TrainingSettings
from dermdash.workflows.dataset.chosen_records import let_through
from dermdash.workflows.dataset.identity_groups import IdentityGroups
from dermdash.workflows.dataset.kept_splits import KeptSplit, standing_split
from dermdash.workflows.dataset.locked_records import records_behind_locks
from dermdash.workflows.dataset.split_plan import FOLDS

REJECTED, FILTER, LOCK = "rejected", "filter", "lock"
TEST_PART, NO_PART, TIED = "test_part", "no_part", "tied"
"""Why a record is left out: the acquisition gate rejected it; the filter; it belongs to a locked test part; it is in
the test part of the split; it is in no part of it; it shows the lesion or person of another part, as is known since.
"""


@dataclass(frozen=True, eq=False)
class UsableRecords:
    """What may be used of a data set.

    ``kept``: bool, of each record. ``fold``: of each kept one the fold it is held out in (0: always trained on), as a
    split says it; None: nothing says, and it is to be drawn. ``folds``: as many as the split has, 0: it has none.
    ``left_out``: how many by reason; ``locks``: how many by the name of the locked split. ``record_filter``: what was
    used, as it is kept with a model: the filter, and the parts of the split. ``behind_locks``: every record of the
    workspace that belongs to a locked test part.
    """

    kept: NDArray[np.bool_]
    fold: NDArray[np.int64] | None
    folds: int
    left_out: dict[str, int]
    locks: dict[str, int]
    record_filter: dict[str, list[str]]
    behind_locks: frozenset[str]


def usable_records(
    workspace: Workspace, settings: TrainingSettings, every: pd.DataFrame, together: IdentityGroups
) -> UsableRecords:
    """Find what may be trained on and held out, and count what is left out for which reason.

    Parameters
    ----------
    every
        The diagnosed records of the data set, with ``id``.

    Raises
    ------
    NotFound
        The filter, or locked test parts, leave nothing; no such split.
    InvalidInput
        The split does not divide the data set, or the settings ask for other folds.
    """
    ids = every["id"].tolist()
    wanted = read_kept(settings.record_filter)
    kept = let_through(workspace, settings.dataset_id, ids, wanted)
    if not kept.any() and not settings.record_filter:
        raise NotFound(
            f"Every diagnosed record of the data set {settings.dataset_id!r} was rejected for image quality: take "
            "decisions back on the page Image quality."
        )
    if not kept.any():
        raise NotFound(
            f"The filter ({kept_in_words(settings.record_filter)}) lets none of "
            f"{counted(len(every), 'diagnosed record')} of the data set {settings.dataset_id!r} through."
        )
    passing = kept | let_through(workspace, settings.dataset_id, ids, wanted.with_rejected())
    left_out = {REJECTED: int((passing & ~kept).sum()), FILTER: int((~passing).sum())}
    before = int(kept.sum())
    behind = records_behind_locks(workspace)
    locked = frozenset().union(*behind.values())
    kept, locks = _without_locked(behind, settings, every, kept)
    left_out[LOCK] = before - int(kept.sum())
    chosen = {name: list(values) for name, values in settings.record_filter.items()}
    if not settings.split:
        return UsableRecords(kept, None, 0, left_out, locks, chosen, locked)
    split = standing_split(workspace, settings.split)
    part_of = _parts(workspace, settings, split)
    part = np.array([part_of.get(record_id, "") for record_id in ids], dtype=object)
    held_out = np.isin(part, [TEST])
    left_out[TEST_PART] = int((kept & held_out).sum())
    left_out[NO_PART] = int((kept & (part == "")).sum())
    kept &= ~held_out & (part != "")
    tied = kept & _tied(together, ids, part, part_of)
    left_out[TIED] = int(tied.sum())
    kept &= ~tied
    if not kept.any():
        raise NotFound(f"The split {split.name!r} leaves no record of {settings.dataset_id} to train on.")
    used = sorted(part_option(split.name, name) for name in set(part[kept].tolist()))
    return UsableRecords(kept, *_folds(split, part[kept]), left_out, locks, {**chosen, SPLIT: used}, locked)


def _without_locked(
    behind_locks: Mapping[str, frozenset[str]], settings: TrainingSettings, every: pd.DataFrame, kept: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], dict[str, int]]:
    free, locks = kept.copy(), {}
    for name, behind in behind_locks.items():
        locked = kept & every["id"].isin(behind).to_numpy()
        if locked.any():
            locks[name] = int(locked.sum())
        free &= ~locked
    if not free.any():
        n = int(kept.sum())
        raise NotFound(
            f"{counted(n, 'record')} of {settings.dataset_id} {form(n, 'belongs', 'belong')} to locked test parts "
            f"({', '.join(locks)}), or show the same lesions or people: nothing is left to train on."
        )
    return free, locks


def _parts(workspace: Workspace, settings: TrainingSettings, split: KeptSplit) -> dict[str, str]:
    if settings.dataset_id not in split.datasets:
        raise InvalidInput(
            f"The split {split.name!r} divides {', '.join(split.datasets)}, not {settings.dataset_id}: choose another "
            "split or data set."
        )
    if split.kind == FOLDS and settings.folds not in (0, len(split.parts)):
        raise InvalidInput(f"The split {split.name!r} has {counted(len(split.parts), 'fold')}, not {settings.folds}.")
    if split.kind == FOLDS and settings.repeats > 1:
        raise InvalidInput(f"The split {split.name!r} has folds: it is trained once per fold, without repeats.")
    if settings.folds and any(part.name == VALIDATION for part in split.parts):
        raise InvalidInput(f"The split {split.name!r} says what is held out: leave the folds away.")
    return splits.parts_of_records(workspace.engine, split.id)


def _tied(
    together: IdentityGroups, ids: list[str], part: NDArray[np.object_], part_of: Mapping[str, str]
) -> NDArray[np.bool_]:
    """Records that must not be trained on beside what they are tied to: of parts to train, or of several folds.

    The ties are those of the whole split: a test record of another data set is one, too.
    """
    inside = pd.DataFrame({"group": together.of(list(part_of)), "part": list(part_of.values())})
    sides = inside.groupby("group")["part"].nunique()
    straddling = np.isin(together.of(ids), sides.index[sides > 1])
    # What is measured stays; of folds every record is measured once and trained on otherwise, so all of them go.
    return np.asarray(straddling & (part != VALIDATION) & (part != TEST))


def _folds(split: KeptSplit, part: NDArray[np.object_]) -> tuple[NDArray[np.int64] | None, int]:
    if split.kind == FOLDS:
        return part.astype(np.int64), len(split.parts)
    if not any(p.name == VALIDATION for p in split.parts):
        return None, 0
    if not (part == VALIDATION).any() or not (part == TRAIN).any():
        raise InvalidInput(f"The split {split.name!r} leaves nothing to train on, or nothing to measure on.")
    return (part == VALIDATION).astype(np.int64), 0


def check_locks(workspace: Workspace, job: Job) -> None:
    """Look whether a prepared training may still run: a test part may have been locked since.

    Raises
    ------
    InvalidInput
        Its records belong to a locked test part.
    """
    ids = set(job.records()["id"])
    used = {name: len(ids & behind) for name, behind in records_behind_locks(workspace).items()}
    used = {name: n for name, n in used.items() if n}
    if used:
        told = ", ".join(f"{counted(n, 'record')} of {name}" for name, n in used.items())
        raise InvalidInput(
            f"The training {job.id} was prepared before a test part was locked, and uses {told}: delete it and start a "
            "new one, which leaves them out."
        )


def left_out_lines(counts: Mapping[str, Any], split: str) -> list[str]:
    """What a training left out beside what its filter did, as sentences; of a job of an earlier version nothing."""
    by = counts.get("left_out", {})
    said = []
    if by.get(REJECTED):
        said.append(f"Left out: {counted(by[REJECTED], 'record')} rejected for image quality.")
    if by.get(LOCK):
        n, names = by[LOCK], ", ".join(counts.get("locks", {}))
        said.append(
            f"Left out: {counted(n, 'record')} that {form(n, 'belongs', 'belong')} to the locked test part of {names}, "
            "by lesion, patient, file or confirmed pair."
        )
    if n := counts.get("locked_seen_by_initial", 0):
        said.append(
            f"The weights to start from have seen {counted(n, 'record')} of locked test parts: an evaluation leaves "
            "these out for the new model, too."
        )
    if by.get(TEST_PART):
        said.append(f"Left out: {counted(by[TEST_PART], 'record')} of the test part of {split}.")
    if by.get(NO_PART):
        said.append(f"Left out: {counted(by[NO_PART], 'record')} in no part of {split}.")
    if by.get(TIED):
        said.append(
            f"Left out: {counted(by[TIED], 'record')} of {split} that {form(by[TIED], 'shows', 'show')} the lesion or "
            "person of another part, as has become known since."
        )
    return said
