"""Data sets held against one another: what each documents, and which images two of them share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.near_duplicates import THRESHOLD, DuplicateCandidate, align
from dermdash.dataset.perceptual_hash import hamming_distances, hash_values
from dermdash.errors import InvalidInput, NotFound, OutOfReach
from dermdash.progress import CountProgress
from dermdash.records.dataset_comparison import ComparedDataset, SharedImages
from dermdash.records.fields import FIELD_NAMES
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import findings, records
from dermdash.storage import statistics_counts as counts
from dermdash.storage.object_store import THUMBNAILS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.browse_records import dataset_names
from dermdash.workflows.dataset.completeness import completeness_of_datasets
from dermdash.workflows.dataset.dataset_answers import dataset_facts
from dermdash.workflows.dataset.image_kinds import kind_of_datasets
from dermdash.workflows.dataset.statistics import described_records

NEAR_BITS = 6
"""Of 64 in which perceptual hashes of a candidate may differ: round lesions in the middle are alike to them, so that
each is then laid over the other."""
_ACQUISITION = ("image_type", "polarisation", "contact", "acquisition_source")
_CELLS_AT_ONCE = 2_000_000
"""16 MB of numbers."""


def compared_datasets(workspace: Workspace, record_filter: RecordFilter | None = None) -> tuple[ComparedDataset, ...]:
    """What each data set holds of the records that a filter lets through, in the order of their import.

    Raises
    ------
    InvalidInput
        The filter names data sets of photographs and of drawn images.
    """
    described = described_records(workspace, record_filter or RecordFilter())
    wanted, engine = described.record_filter, workspace.engine
    complete = completeness_of_datasets(workspace, wanted).datasets
    classes = _classes(counts.class_counts(engine, wanted))
    years = counts.years_of(engine, wanted)
    values = {
        column: counts.value_counts(engine, wanted, column)
        for column in (*_ACQUISITION, "dx_type", "verification_stage", "fitzpatrick_type")
    }
    facts = counts.patients_and_lesions(engine, wanted)
    found, names = [], dataset_names(workspace)
    for dataset in records.list_datasets(engine):
        key = str(dataset["id"])
        if key not in complete or bool(dataset["simulated"]) != described.simulated:
            continue
        fields = {f.field.name: f for block in complete[key].blocks for f in block.fields}
        said = dataset_facts(workspace, key)
        found.append(
            ComparedDataset(
                id=key,
                name=names[key],
                simulated=bool(dataset["simulated"]),
                taxonomy=str(dataset["taxonomy"]),
                years=years.get(key),
                images=complete[key].records,
                patients=facts[key]["patients"] or None,
                lesions=facts[key]["lesions"],
                classes=classes.get(key, {}),
                acquisition={column: _known(values[column].get(key, {})) for column in _ACQUISITION},
                filled_fields={name: fields[name].filled for name in FIELD_NAMES if fields[name].filled},
                completeness=complete[key].share,
                confirmed_by=_known(values["dx_type"].get(key, {})),
                stages=_stages(values["verification_stage"].get(key, {})),
                phototypes=_known(values["fitzpatrick_type"].get(key, {})),
                source=str(dataset["source"] or ""),
                licence=str(dataset["licence"] or ""),
                said_year=said.get("year", ""),
                said_acquisition=said.get("acquisition", ""),
                sop=said.get("sop", ""),
            )
        )
    return tuple(found)


def shared_images(
    workspace: Workspace, record_filter: RecordFilter | None = None, *, progress: CountProgress | None = None
) -> tuple[SharedImages, ...]:
    """For each two data sets which images they share: the same file, nearly the same picture, confirmed by people.

    Every image of the one is held against every image of the other, 64 bits each: 100,000 times 100,000 take more than
    a minute (`comparisons` says how many pairs there are).
    """
    described = described_records(workspace, record_filter or RecordFilter())
    files = counts.image_files(workspace.engine, described.record_filter)
    confirmed = findings.confirmed_pairs(workspace.engine)
    pairs = list(combinations(files, 2))
    work = sum(len(files[a]) for a, _ in pairs)
    found, done = [], 0
    for first, second in pairs:

        def advance(rows: int, before: int = done) -> None:
            if progress is not None:
                progress(before + rows, work)

        shared = _shared(first, second, files[first], files[second], confirmed, advance)
        found.append(_laid_over(workspace, shared, dict(_hashes_of(files[first])) | dict(_hashes_of(files[second]))))
        done += len(files[first])
    return tuple(found)


def comparisons(datasets: Sequence[ComparedDataset]) -> int:
    """How many pairs of pictures `shared_images` looks at."""
    return sum(a.images * b.images for a, b in combinations(datasets, 2))


def check_two(workspace: Workspace, first: str, second: str) -> None:
    """Hold two data sets to being different, there, and of one kind of images.

    Raises
    ------
    InvalidInput
        They are one data set, or of different kinds.
    NotFound
        One is not there or has no record.
    """
    if first == second:
        raise InvalidInput(f"{first} is one data set: name two to compare")
    kind_of_datasets(workspace, [first, second])
    sizes = {str(d["id"]): d["records"] for d in records.list_datasets(workspace.engine)}
    if empty := [key for key in (first, second) if not sizes[key]]:
        raise NotFound(f"The data set {empty[0]} has no records: there is nothing to compare.")


def _classes(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for row in rows:
        if row["dx"] is not None:
            found.setdefault(str(row["dataset_id"]), Counter())[row["dx"]] += row["n"]
    return {key: dict(of.most_common()) for key, of in found.items()}


def _stages(values: Mapping[Any, int]) -> dict[int | None, int]:
    return dict(sorted(values.items(), key=lambda stage: (stage[0] is None, stage[0] or 0)))


def _known(values: Mapping[Any, int]) -> dict[str, int]:
    return dict(sorted(((str(v), n) for v, n in values.items() if v not in (None, "")), key=lambda item: -item[1]))


def _shared(
    first: str,
    second: str,
    one: Sequence[tuple[str, str, str]],
    other: Sequence[tuple[str, str, str]],
    confirmed: Collection[tuple[str, str]],
    progress: Callable[[int], None],
) -> SharedImages:
    by_file: dict[str, list[str]] = {}
    for key, sha256, _ in other:
        by_file.setdefault(sha256, []).append(key)
    same = [(key, twin) for key, sha256, _ in one for twin in by_file.get(sha256, ())]
    mine, theirs = {key for key, _, _ in one}, {key for key, _, _ in other}
    said = [pair for a, b in confirmed for pair in ((a, b), (b, a)) if pair[0] in mine and pair[1] in theirs]
    near = _near([p for _, _, p in one], [p for _, _, p in other], progress)
    nearly = [(one[i][0], other[j][0], bits) for i, j, bits in near if one[i][1] != other[j][1]]
    return SharedImages(first, second, tuple(same), tuple(nearly), tuple(said))


def _hashes_of(files: Sequence[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    return ((key, sha256) for key, sha256, _ in files)


def _laid_over(workspace: Workspace, shared: SharedImages, sha256_of: Mapping[str, str]) -> SharedImages:
    """Of the pictures whose hashes are near only those whose fine structure is the same once one lies over the other.

    What cannot be looked at, as a file is missing, stays: `dermdash check` names it.
    """

    def pixels(record_id: str) -> NDArray[np.uint8]:
        data = np.frombuffer(workspace.files.get(THUMBNAILS, sha256_of[record_id]), np.uint8)
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
        if picture is None:
            raise NotFound(f"The thumbnail of {record_id} is no picture.")
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)

    kept = []
    for one, other, bits in shared.near:
        try:
            match = align(pixels(one), pixels(other), DuplicateCandidate(0, 1, form=0, part=0, distance=bits))
        except (OutOfReach, NotFound):
            kept.append((one, other, bits))
            continue
        if match is not None and match.score >= THRESHOLD:
            kept.append((one, other, bits))
    return replace(shared, near=tuple(kept))


def _near(one: Sequence[str], other: Sequence[str], progress: Callable[[int], None]) -> list[tuple[int, int, int]]:
    """For each picture of the one its nearest of the other where that is near: places of both, bits that differ."""
    if not other:
        return []
    mine, theirs = hash_values(one), hash_values(other)
    found = []
    rows = max(1, _CELLS_AT_ONCE // len(theirs))
    for start in range(0, len(mine), rows):
        bits: NDArray[np.uint8] = hamming_distances(mine[start : start + rows, None], theirs)
        nearest = bits.argmin(axis=1)
        least = bits[np.arange(len(bits)), nearest]
        found += [(start + int(i), int(nearest[i]), int(least[i])) for i in np.flatnonzero(least <= NEAR_BITS)]
        progress(start + len(bits))
    return found
