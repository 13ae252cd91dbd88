"""Search a workspace for lesions that were photographed twice and filed under different ids.

Candidates come from five sources: votes of local descriptors, records that agree in sex, age and site, neighbours by a
classifier's features where a model has them, perceptual hashes, and files that two data sets share. Each candidate is
then confirmed or dropped by geometry (`dataset/same_lesion.py`). What was searched is remembered: the next run
describes and compares only new images.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from dermdash.dataset.agreeing_facts import likely_pairs
from dermdash.dataset.image_pairs import Pairs, joined, pairs_of, without
from dermdash.dataset.local_descriptors import DESCRIPTORS
from dermdash.dataset.same_lesion import (
    CERTAIN,
    METHOD_VERSION,
    THRESHOLD,
    implied_pairs,
    nearest_by_features,
)
from dermdash.storage import findings
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.chunk_workers import ChunkWorkers, chunk_workers, chunks_of
from dermdash.workflows.classifier import embeddings
from dermdash.workflows.classifier.model_in_use import offered
from dermdash.workflows.classifier.model_registry import list_models
from dermdash.workflows.dataset.image_kinds import datasets_of_kind, default_kind, kind_of_datasets
from dermdash.workflows.lesion_identity.candidate_pairs import by_hash, by_structure_and_facts
from dermdash.workflows.lesion_identity.descriptor_cache import stored_projection
from dermdash.workflows.lesion_identity.kept_search import KeptSearch, KeptVotes
from dermdash.workflows.lesion_identity.same_lesion_worker import (
    IMAGES_AT_HAND,
    compare_chunk,
    describe_chunk,
)
from dermdash.workflows.page_tasks import TaskProgress
from dermdash.workflows.worker_pool import worth_processes

PER_IMAGE_BY_FEATURES = 12

_IMAGES_AT_ONCE = 32
_PAIRS_AT_ONCE = 2000
_SECONDS_BETWEEN_NOTES = 30.0
_EVERYWHERE = "*"
_OF_A_RECORD = (
    "id", "image_sha256", "phash", "dataset_id", "lesion_id", "patient_id", "sex", "age_at_exam", "anatomical_site",
)  # fmt: skip
"""What candidates follow from: where any of it is another, a search that was stopped begins anew."""
_Pair = tuple[int, int]
_Weighed = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SearchReport:
    """What a search did.

    Attributes
    ----------
    images, new
        Images in all, and those that had not been searched before.
    described
        Images whose descriptors were computed in this run.
    compared
        Pairs of images that were compared.
    found
        New findings.
    unreadable
        Images that were left out, by hash, with the reason.
    seconds
        How long it took.
    """

    images: int
    new: int
    described: int
    compared: int
    found: int
    unreadable: dict[str, str]
    seconds: float


def count_unsearched(workspace: Workspace, *, simulated: bool | None = None) -> int:
    """How many photographs (or drawn images) have not been compared with all others of their kind yet.

    ``simulated`` None: photographs, drawn images only where there are no others.
    """
    kind = default_kind(workspace) if simulated is None else simulated
    datasets = datasets_of_kind(workspace, simulated=kind)
    searched = findings.count_searched(
        workspace.engine, findings.SAME_LESION, _source(_EVERYWHERE), dataset_ids=[d["id"] for d in datasets]
    )
    return int(sum(d["records"] for d in datasets)) - searched


def _source(scope: str) -> str:
    return f"{METHOD_VERSION} in {scope}"


def find_same_lesions(
    workspace: Workspace,
    actor: Account | None,
    *,
    dataset_id: str | None = None,
    simulated: bool | None = None,
    likely_only: bool = False,
    processes: bool | None = True,
    progress: Callable[[TaskProgress], None] = lambda _: None,
) -> SearchReport:
    """Search for pairs of records that show one lesion under different lesion ids, and store them as findings.

    Parameters
    ----------
    dataset_id
        Only within this data set; None: over all of a kind, also across.
    simulated
        That kind: drawn images (True) or photographs (False); None: photographs, drawn images only where there are no
        others. A photograph is never compared with a drawn image.
    likely_only
        Compare only records that agree in all that is known of person and place: seconds instead of minutes. They count
        as not searched, so that a later search compares them with all others.
    processes
        Use worker processes, or threads (False); None: processes where there is much to do (inside the app).
    progress
        Called as the search goes on.

    Raises
    ------
    AccessDenied
        Whoever asks may not decide about findings.
    WorkspaceFull
        The disk is full. What was described is kept; the next run goes on there.
    DermdashError
        As `chunk_workers`.
    """
    require_right(actor, Right.DECIDE_FINDINGS)
    started = time.monotonic()
    if dataset_id is not None:
        kind = kind_of_datasets(workspace, [dataset_id])
    else:
        kind = default_kind(workspace) if simulated is None else simulated
    search = _Search(workspace, dataset_id, kind, progress)
    if not search.asking.any() and search.model_id is None:
        return SearchReport(len(search.hashes), 0, 0, 0, 0, {}, time.monotonic() - started)
    with chunk_workers(workspace, processes=worth_processes(processes, len(search.hashes))) as workers:
        if likely_only:
            search.compare_likely(workers)
        else:
            search.describe(workers, search.hashes)
            kept = search.kept()
            search.compare(workers, kept.pairs, kept)
            search.compare(workers, search.implied())
    found = search.save(searched=not likely_only)
    if not likely_only:
        kept.forget()
    return SearchReport(
        len(search.hashes), int(search.asking.sum()), search.described, search.compared, found, search.unreadable,
        time.monotonic() - started,
    )  # fmt: skip


class _Search:
    """One search under way. Images are numbered by position in `hashes`; several records may share one."""

    def __init__(
        self,
        workspace: Workspace,
        dataset_id: str | None,
        simulated: bool,
        progress: Callable[[TaskProgress], None],
    ) -> None:
        self.workspace = workspace
        self.progress = progress
        self.simulated = simulated
        of_kind = {str(d["id"]) for d in datasets_of_kind(workspace, simulated=simulated)}
        every = findings.searchable_records(workspace.engine)
        every = every[every["dataset_id"].isin(of_kind)].reset_index(drop=True)
        only = dataset_id is None or every["dataset_id"].eq(dataset_id).all()
        # A search within one data set says nothing about pairs across: it is remembered under another name.
        self.scope = _EVERYWHERE if only else str(dataset_id)
        self.records = every if only else every[every["dataset_id"] == dataset_id].reset_index(drop=True)
        self.hashes: list[str] = sorted(set(self.records["image_sha256"]))
        position = {sha256: i for i, sha256 in enumerate(self.hashes)}
        self.image_of = self.records["image_sha256"].map(position).to_numpy(dtype=np.int64)
        self.records_of: list[list[int]] = [[] for _ in self.hashes]
        for row, image in enumerate(self.image_of):
            self.records_of[image].append(row)
        self.source = _source(self.scope)
        self.asking = self._asking(self.source)
        self.model_id = self._model_to_ask()
        self.weighed: dict[_Pair, _Weighed] = {}
        self.seen = pairs_of([], [])
        self.unreadable: dict[str, str] = {}
        self.described = 0
        self.compared = 0

    def _asking(self, source: str) -> np.ndarray:
        """Which images have a record that this source has not searched yet."""
        searched = findings.searched_record_ids(self.workspace.engine, findings.SAME_LESION, source)
        asking = np.zeros(len(self.hashes), dtype=np.bool_)
        asking[self.image_of[~self.records["id"].isin(searched).to_numpy(dtype=np.bool_)]] = True
        return asking

    def _model_source(self, model_id: str) -> str:
        return f"{METHOD_VERSION} by model {model_id} in {self.scope}"

    def _model_to_ask(self) -> str | None:
        """The model in use, else the first other with features, if some are of records it was not asked about yet."""
        for model in offered(self.workspace, list_models(self.workspace), simulated=self.simulated):
            known = embeddings.record_ids(self.workspace, model["id"]) & set(self.records["id"])
            if known:
                done = findings.searched_record_ids(
                    self.workspace.engine, findings.SAME_LESION, self._model_source(model["id"])
                )
                return str(model["id"]) if known - done else None
        return None

    def compare_likely(self, workers: ChunkWorkers) -> None:
        """Compare the few pairs that agree in all that is known of person and place, and describe no other image."""
        first = self.records.drop_duplicates("image_sha256").sort_values("image_sha256")
        pairs = self._of_different_lesions(likely_pairs(first))
        self.describe(workers, [self.hashes[i] for i in np.unique(pairs)])
        self.compare(workers, pairs)

    def describe(self, workers: ChunkWorkers, hashes: Sequence[str]) -> None:
        """Describe those images that have no descriptors yet."""
        files = self.workspace.files
        missing = [h for h in hashes if not files.holds(DESCRIPTORS, h)]
        pixels = self.workspace.settings.max_image_pixels
        work = partial(describe_chunk, files=files, max_pixels=pixels)
        for chunk, problems in workers.in_order(work, chunks_of(missing, _IMAGES_AT_ONCE)):
            self.unreadable |= problems
            self.described += len(chunk) - len(problems)
            self.progress(TaskProgress("Describing images", self.described + len(self.unreadable), len(missing)))

    def kept(self) -> KeptSearch:
        """The pairs to compare, and what a search that was stopped has compared of them."""
        facts = self.records[[name for name in _OF_A_RECORD if name in self.records]].to_csv(index=False)
        about = "\n".join([METHOD_VERSION, self.scope, str(self.model_id), self.asking.tobytes().hex(), facts]).encode()
        kept = KeptSearch.of(self.workspace, about)
        if kept is None:
            pairs = self._of_different_lesions(self.candidates(about))
            kept = KeptSearch.begun(self.workspace, about, self._near_together(pairs))
        return kept

    def candidates(self, about: bytes) -> Pairs:
        """Pairs of images worth comparing, from every source; ``about``: what all of them follow from."""
        found = self._by_features()
        if self.asking.any():
            first = self.records.drop_duplicates("image_sha256").sort_values("image_sha256")
            stage = "Finding candidates"
            self.progress(TaskProgress(stage, 0, 1))
            structure = by_structure_and_facts(
                self.workspace, self.hashes, first, self.asking,
                kept=lambda described: KeptVotes.of(self.workspace, about + described).round,
                progress=lambda share: self.progress(TaskProgress(stage, share, 1)),
            )  # fmt: skip
            hashes = by_hash(
                first["phash"].tolist(), self.asking, progress=lambda: self.progress(TaskProgress(stage, 1, 1))
            )  # fmt: skip
            found = joined(found, hashes, structure)
        return found

    def _near_together(self, pairs: Pairs) -> Pairs:
        """The pairs in an order in which the same images come again soon: each is loaded for several pairs."""
        first = self.records.drop_duplicates("image_sha256").sort_values("image_sha256").reset_index(drop=True)
        place = np.empty(len(first), np.int64)
        place[first.sort_values(["sex", "anatomical_site", "age_at_exam"]).index] = np.arange(len(first))
        one, other = (place[pairs[:, column]] // (IMAGES_AT_HAND // 2) for column in (0, 1))
        return pairs[np.lexsort((pairs[:, 1], pairs[:, 0], np.maximum(one, other), np.minimum(one, other)))]

    def _by_features(self) -> Pairs:
        if self.model_id is None:
            return pairs_of([], [])
        ids, features = embeddings.stored_features(self.workspace, self.model_id)
        image_of = dict(zip(self.records["id"], self.image_of.tolist(), strict=True))
        rows = [i for i, record_id in enumerate(ids) if record_id in image_of]
        images = np.array([image_of[ids[i]] for i in rows], np.int64)
        fresh = self._asking(self._model_source(self.model_id))[images]
        nearest = nearest_by_features(
            features[rows], fresh, PER_IMAGE_BY_FEATURES,
            progress=lambda done, total: self.progress(TaskProgress("Comparing features", done, total)),
        )  # fmt: skip
        return pairs_of(images[nearest[:, 0]], images[nearest[:, 1]])

    def implied(self) -> Pairs:
        """Pairs that follow from what was found."""
        sure = [pair for pair, weighed in self.weighed.items() if weighed["score"] >= CERTAIN]
        follow = np.array(implied_pairs(sorted(sure), len(self.hashes)), np.int64).reshape(-1, 2)
        return self._of_different_lesions(without(follow, self.seen))

    def compare(self, workers: ChunkWorkers, pairs: Pairs, kept: KeptSearch | None = None) -> None:
        """Compare pairs of images; with ``kept`` those that it has not compared yet, noting there how far this is."""
        before = kept.done if kept is not None else 0
        self.seen = joined(self.seen, pairs)
        if kept is not None:
            self.weighed.update(kept.found)
        files = self.workspace.files
        pixels = self.workspace.settings.max_image_pixels
        done, noted = before, time.monotonic()
        work = partial(compare_chunk, files=files, max_pixels=pixels, axes=stored_projection(self.workspace))
        position = {sha256: i for i, sha256 in enumerate(self.hashes)}
        if before:
            self.progress(TaskProgress("Comparing pairs", done, len(pairs)))
        try:
            for chunk, found in workers.in_order(work, self._named_chunks(pairs[before:])):
                for (one, other), weighed in found.items():
                    self.weighed[position[one], position[other]] = weighed
                    if kept is not None:
                        kept.found[position[one], position[other]] = weighed
                done += len(chunk)
                if kept is not None:
                    kept.done = done
                    if time.monotonic() - noted > _SECONDS_BETWEEN_NOTES:
                        kept.write()
                        noted = time.monotonic()
                self.progress(TaskProgress("Comparing pairs", done, len(pairs)))
        except BaseException:
            if kept is not None:
                kept.write()
            raise
        self.compared += done - before

    def _named_chunks(self, pairs: Pairs) -> Iterable[list[tuple[str, str]]]:
        for start in range(0, len(pairs), _PAIRS_AT_ONCE):
            yield [(self.hashes[i], self.hashes[j]) for i, j in pairs[start : start + _PAIRS_AT_ONCE].tolist()]

    def _lesion(self, row: int) -> tuple[str, str]:
        return str(self.records.at[row, "dataset_id"]), str(self.records.at[row, "lesion_id"])

    def _of_different_lesions(self, pairs: Pairs) -> Pairs:
        """Those pairs of images that have records of different lesions."""
        names = self.records["dataset_id"].astype(str) + "\n" + self.records["lesion_id"].astype(str)
        lesions, _ = pd.factorize(names)
        lowest, highest = np.full(len(self.hashes), len(lesions)), np.full(len(self.hashes), -1)
        np.minimum.at(lowest, self.image_of, lesions)
        np.maximum.at(highest, self.image_of, lesions)
        one, other = pairs[:, 0], pairs[:, 1]
        return pairs[np.minimum(lowest[one], lowest[other]) < np.maximum(highest[one], highest[other])]

    def save(self, *, searched: bool) -> int:
        """Store what was found and, if ``searched``, what was compared with all; return how many findings are new."""
        rows = [
            _finding(self.records, a, b, weighed, self.model_id)
            for (i, j), weighed in sorted(self.weighed.items())
            for a in self.records_of[i]
            for b in self.records_of[j]
            if self._lesion(a) != self._lesion(b)
        ]
        rows += self._shared_files()
        readable = ~self.records["image_sha256"].isin(list(self.unreadable)).to_numpy(dtype=np.bool_)
        by = {self.source: self.records.loc[readable, "id"].tolist()} if searched else {}
        if searched and self.model_id is not None:
            known = embeddings.record_ids(self.workspace, self.model_id) & set(self.records["id"])
            by[self._model_source(self.model_id)] = sorted(known)
        return findings.save_findings(self.workspace.engine, findings.SAME_LESION, rows, searched=by)

    def _shared_files(self) -> list[dict[str, Any]]:
        """Records of one file under different lesions: nothing has to be measured."""
        return [
            {
                "records": [str(self.records.at[a, "id"]), str(self.records.at[b, "id"])],
                "score": 1.0, "threshold": THRESHOLD, "verdict": "same_image", "details": {"identical_file": True},
                "method_version": METHOD_VERSION, "model_id": None,
            }
            for image in np.flatnonzero(self.asking)
            for a, b in combinations(self.records_of[image], 2)
            # A data set imported twice under two names keeps its lesion names: that is no finding.
            if self._lesion(a)[1] != self._lesion(b)[1]
        ]  # fmt: skip


def _finding(records: pd.DataFrame, a: int, b: int, weighed: _Weighed, model_id: str | None) -> dict[str, Any]:
    return {
        "records": [str(records.at[a, "id"]), str(records.at[b, "id"])],
        "threshold": THRESHOLD,
        "method_version": METHOD_VERSION,
        "model_id": model_id,
        **weighed,
    }
