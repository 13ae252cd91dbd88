"""Checks of images: one file in several records, near duplicates, poor images, images of another kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.analysis.robust_outliers import as_score, robust_distance
from dermdash.dataset import image_looks, near_duplicates, off_topic
from dermdash.dataset.acquisition.measurements import MEASUREMENTS, Measurement
from dermdash.dataset.image_quality import DAMAGE
from dermdash.dataset.near_duplicates import DuplicateCandidate, NearDuplicate, align, find_candidates
from dermdash.dataset.quality_thresholds import EXPOSURE_THRESHOLDS, GLARE_THRESHOLDS, SHARPNESS_THRESHOLDS
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import findings
from dermdash.storage.finding_list import acquisition_measures, images_to_check, left_out_of_imports
from dermdash.storage.object_store import ObjectStore
from dermdash.storage.records import record_id
from dermdash.wording import counted
from dermdash.workflows.chunk_workers import chunk_workers, chunks_of
from dermdash.workflows.findings.check import Found, Scope, finding
from dermdash.workflows.findings.looks import looks_of, thumbnail_pixels
from dermdash.workflows.worker_pool import worth_processes

NEAR_DUPLICATE = "near_duplicate"
_EXACT_VERSION = "1"
_QUALITY_VERSION = "1"
_SAME_CONTENT = "same content as "
_PAIRS_AT_ONCE = 200
_IMAGES_PER_BLOCK = 2000
_LIMITS = {"sharpness": SHARPNESS_THRESHOLDS, "exposure": EXPOSURE_THRESHOLDS, "glare": GLARE_THRESHOLDS}
_SIMPLE = tuple(replace(m, limits=_LIMITS[m.key]) for m in MEASUREMENTS if m.key in _LIMITS)
"""What every import measures in the middle of an image; its glare is a share, not percent."""
_NOISE = {m.key: 0.05 * abs((m.limits[3] or 0) - (m.limits[1] or 0)) for m in MEASUREMENTS} | {"glare": 0.002}
"""Standard deviations below which differences are noise: a twentieth of the way from a poor image to a good one."""
_STILL_POOR = 2
_LEAST_MEASURED = 0.5
_MOST_OUTLIERS = 1000


def exact_duplicates(scope: Scope) -> Found:
    """One stored file in several records of the data sets, and rows that their imports left out for it."""
    frame = images_to_check(scope.workspace.engine, scope.dataset_ids)
    of_file = {str(sha): list(group["id"]) for sha, group in frame.groupby("image_sha256", sort=True) if len(group) > 1}
    file_of = dict(zip(frame["id"], frame["image_sha256"], strict=True))
    left_out: dict[str, list[str]] = {}
    for dataset_id in scope.dataset_ids:
        for row in left_out_of_imports(scope.workspace.engine, dataset_id):
            if row["reason"] != "duplicate_content" or not str(row["detail"]).startswith(_SAME_CONTENT):
                continue
            first = record_id(dataset_id, row["detail"].removeprefix(_SAME_CONTENT))
            names = left_out.setdefault(file_of.get(first, ""), [])
            if first in file_of and row["image_id"] not in names:
                names.append(row["image_id"])
    rows = []
    first_of = frame.drop_duplicates("image_sha256").set_index("image_sha256")["id"].to_dict()
    for sha256 in sorted({*of_file, *(key for key in left_out if key)}):
        records = of_file.get(sha256) or [first_of[sha256]]
        names = sorted(left_out.get(sha256, ()))
        verdict = "same_bytes" if sha256 in of_file else "left_out"
        details = {"sha256": sha256, "left_out": names[:100], "n_left_out": len(names)}
        rows.append(
            finding(
                "exact_duplicate", records, score=1.0, verdict=verdict, details=details, version=_EXACT_VERSION,
                about=sha256,
            )
        )  # fmt: skip
    return Found({"exact_duplicate": rows})


def near_duplicate_pairs(scope: Scope) -> Found:
    """Pairs of files that are one photograph; images that were compared before are not compared again."""
    frame = images_to_check(scope.workspace.engine, scope.dataset_ids)
    hashes = sorted(set(frame["image_sha256"]))
    looks = looks_of(scope.workspace, hashes, processes=scope.processes, report=scope.report)
    where = "*" if scope.everything else " ".join(scope.dataset_ids)
    source = f"{near_duplicates.METHOD_VERSION}/looks {image_looks.VERSION} in {where}"
    engine = scope.workspace.engine
    searched = findings.searched_record_ids(engine, NEAR_DUPLICATE, source)
    lesion_of = dict(zip(frame["id"], frame["dataset_id"] + " " + frame["lesion_id"], strict=True))
    records_of: dict[str, list[str]] = {}
    for record, sha256 in zip(frame["id"], frame["image_sha256"], strict=True):
        records_of.setdefault(sha256, []).append(record)
    asking = np.array([any(r not in searched for r in records_of[sha256]) for sha256 in looks.hashes], dtype=bool)
    found = Found(stored={NEAR_DUPLICATE: 0}, notes=_unreadable(looks.unreadable))
    if not asking.any():
        return found
    candidates = find_candidates(
        looks.forms, looks.parts, asking=asking, progress=lambda share: scope.report("Finding candidates", share, 1)
    )
    if candidates.crowded:
        found.notes.append(
            f"{candidates.crowded:,} of {candidates.lookups:,} look-ups were left out: too many pictures share that "
            "part of their hash, as those without structure do."
        )
    # A pair belongs to the later of its images that ask: when all pairs of an image are done, it is searched.
    owner = [max(i for i in (c.first, c.second) if asking[i]) for c in candidates.pairs]
    order = np.argsort(owner, kind="stable") if owner else np.zeros(0, np.intp)
    owners = np.array(owner, dtype=np.int64)[order]
    pairs = [candidates.pairs[i] for i in order]
    total, done, new = len(pairs), 0, 0
    asked = np.flatnonzero(asking)
    for block in [asked[i : i + _IMAGES_PER_BLOCK] for i in range(0, len(asked), _IMAGES_PER_BLOCK)]:
        stop = int(np.searchsorted(owners, block[-1], side="right"))
        rows = []
        for candidate, match in _aligned(scope, pairs[done:stop], looks.hashes, before=done, total=total):
            one, other = (records_of[looks.hashes[i]][0] for i in (candidate.first, candidate.second))
            rows.append(_pair_row(one, other, candidate, match, one_lesion=lesion_of[one] == lesion_of[other]))
        done = stop
        ids = [r for i in block for r in records_of[looks.hashes[i]]]
        new += findings.save_findings(engine, NEAR_DUPLICATE, rows, searched={source: ids})
    found.notes.append(f"{counted(total, 'candidate')} of {counted(len(looks.hashes), 'image')} aligned.")
    found.stored = {NEAR_DUPLICATE: new}
    return found


def _pair_row(
    one: str, other: str, candidate: DuplicateCandidate, match: NearDuplicate, *, one_lesion: bool
) -> dict[str, Any]:
    details = match.details() | {"hash_distance": candidate.distance, "one_lesion": one_lesion}
    row = finding(
        NEAR_DUPLICATE, [one, other], score=max(0.0, match.score), verdict=match.verdict, details=details,
        version=near_duplicates.METHOD_VERSION,
    )  # fmt: skip
    return {name: value for name, value in row.items() if name != "about"}


def _aligned(
    scope: Scope, pairs: Sequence[DuplicateCandidate], hashes: Sequence[str], *, before: int, total: int
) -> Iterator[tuple[DuplicateCandidate, NearDuplicate]]:
    stage = "Laying images over one another"
    if not pairs:
        return
    workspace, done = scope.workspace, before
    named = [(c, hashes[c.first], hashes[c.second]) for c in pairs]
    work = partial(
        _align_chunk, files=workspace.files, max_pixels=workspace.settings.max_image_pixels
    )  # fmt: skip
    scope.report(stage, done, total)
    beside = scope.processes is not False and worth_processes(None, len(pairs))
    with chunk_workers(workspace, processes=beside) as workers:
        for chunk, kept in workers.in_order(work, chunks_of(named, _PAIRS_AT_ONCE)):
            yield from kept
            done += len(chunk)
            scope.report(stage, done, total)


def _align_chunk(
    pairs: Sequence[tuple[DuplicateCandidate, str, str]], *, files: ObjectStore, max_pixels: int
) -> list[tuple[DuplicateCandidate, NearDuplicate]]:
    """Align candidates, each with the hashes of its images; those that may be duplicates."""
    cv2.setNumThreads(1)
    read = lru_cache(maxsize=256)(lambda sha256: thumbnail_pixels(files, sha256, max_pixels))
    kept = []
    for candidate, one, other in pairs:
        try:
            match = align(read(one), read(other), candidate)
        except (NotFound, InvalidInput):  # looked at once, gone since: `dermdash check` says so
            continue
        if match is not None and match.score >= near_duplicates.UNSURE_FROM:
            kept.append((candidate, match))
    return kept


def quality_outliers(scope: Scope) -> Found:
    """Images of which a technical measurement lies far outside what is usual in their data set."""
    found = Found({"quality_outlier": []})
    frame = scope.kept(images_to_check(scope.workspace.engine, scope.dataset_ids))
    gate = acquisition_measures(scope.workspace.engine, scope.dataset_ids)
    for dataset_id, of_dataset in frame.groupby("dataset_id", sort=True):
        measured = gate[gate["record_id"].isin(of_dataset["id"])]
        if len(measured) < _LEAST_MEASURED * len(of_dataset):
            damaged = (of_dataset["quality_driver"] == DAMAGE).to_numpy()
            _outliers(found, of_dataset["id"].tolist(), of_dataset, damaged, str(dataset_id), _SIMPLE)
            found.notes.append(
                f"{dataset_id}: by sharpness, exposure and glare of the middle alone; measured on the page Image "
                "quality it is by all that is measured there, inside the lesion."
            )
        else:
            damaged = measured["damaged"].to_numpy(dtype=bool)
            _outliers(found, measured["record_id"].tolist(), measured, damaged, str(dataset_id), MEASUREMENTS)
    return found


def _outliers(
    found: Found,
    ids: list[str],
    frame: pd.DataFrame,
    damaged: NDArray[np.bool_],
    dataset_id: str,
    measures: Sequence[Measurement],
) -> None:
    values = np.stack([pd.to_numeric(frame[m.key]).to_numpy(np.float64) for m in measures])
    distances = np.stack(
        [
            robust_distance(row, side="low" if m.higher_is_better else "high", least_scale=_NOISE[m.key])
            for row, m in zip(values, measures, strict=True)
        ]
    )
    for place, m in enumerate(measures):
        # Far from the others and still fit for diagnosis is no fault.
        fine = np.array([not np.isfinite(v) or m.score_of(float(v)) > _STILL_POOR for v in values[place]])
        distances[place, fine] = 0
    worst, scores = distances.argmax(axis=0), as_score(distances.max(axis=0))
    scores[damaged] = 1.0
    places = np.flatnonzero(scores >= 0.5)
    places = places[np.argsort(-scores[places], kind="stable")]
    if len(places) > _MOST_OUTLIERS:
        found.notes.append(f"{dataset_id}: {len(places):,} outliers, the {_MOST_OUTLIERS:,} farthest are kept.")
    median = {m.key: round(float(np.nanmedian(row)), 4) for m, row in zip(measures, values, strict=True)}
    for i in places[:_MOST_OUTLIERS].tolist():
        measure = measures[worst[i]]
        details = {
            "measure": DAMAGE if damaged[i] else measure.key, "title": measure.title, "unit": measure.unit,
            "value": _number(values[worst[i], i]), "usual": median[measure.key],
            "measures": {m.key: _number(v) for m, v in zip(measures, values[:, i], strict=True)},
            "distance": {m.key: round(float(d), 2) for m, d in zip(measures, distances[:, i], strict=True) if d},
        }  # fmt: skip
        found.rows["quality_outlier"].append(
            finding(
                "quality_outlier", [ids[i]], score=scores[i], details=details, version=_QUALITY_VERSION,
                verdict=DAMAGE if damaged[i] else measure.key,
            )
        )  # fmt: skip


def off_topic_images(scope: Scope) -> Found:
    """Images that look unlike the others of their data set."""
    frame = scope.kept(images_to_check(scope.workspace.engine, scope.dataset_ids))
    hashes = sorted(set(frame["image_sha256"]))
    looks = looks_of(scope.workspace, hashes, processes=scope.processes, report=scope.report)
    place = {sha256: i for i, sha256 in enumerate(looks.hashes)}
    rows, notes = [], _unreadable(looks.unreadable)
    for dataset_id, every in frame.groupby("dataset_id", sort=True):
        of_dataset = every[every["image_sha256"].isin(place)]
        cues = looks.cues[[place[sha256] for sha256 in of_dataset["image_sha256"]]]
        result = off_topic.unlike_the_others(cues)
        if result is None:
            notes.append(f"{dataset_id}: {counted(len(of_dataset), 'image')}, too few to tell what is usual.")
            continue
        for i in np.flatnonzero(result.score >= 0.5):
            cue = {name: round(float(v), 3) for name, v in zip(image_looks.CUES, cues[i], strict=True)}
            rows.append(
                finding(
                    "off_topic", [of_dataset["id"].iloc[int(i)]], score=result.score[i],
                    verdict=off_topic.looks_like(cue), version=off_topic.METHOD_VERSION,
                    details={
                        "cues": cue, "reasons": result.reasons[i], "distance": round(float(result.distance[i]), 2),
                    },
                )
            )  # fmt: skip
    return Found({"off_topic": rows}, notes)


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else round(float(value), 4)


def _unreadable(problems: dict[str, str]) -> list[str]:
    if not problems:
        return []
    return [f"{counted(len(problems), 'image')} cannot be read: `dermdash check` names them."]
