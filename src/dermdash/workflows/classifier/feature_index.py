"""The searchable features of one model with the facts of their records that filters and groups need."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.retrieval.nearest_neighbours import Neighbour, NeighbourIndex
from dermdash.workflows.dataset.remembered_lesions import digests_of


@dataclass(frozen=True, slots=True)
class NeighbourFilter:
    """Which records may appear; an empty set does not restrict. ``training_digests``: of lesions; None: all."""

    classes: frozenset[str] = frozenset()
    dataset_ids: frozenset[str] = frozenset()
    stages: frozenset[int] = frozenset()
    training_digests: frozenset[str] | None = None
    excluded_ids: frozenset[str] = frozenset()


class FeatureIndex:
    """Features of records, by record id, ready for search. Only diagnosed records are ever found."""

    def __init__(self, index: NeighbourIndex, facts: pd.DataFrame) -> None:
        self.index = index
        self._dx = pd.Categorical(facts["dx"])
        self._dataset = pd.Categorical(facts["dataset_id"])
        self._stage = pd.to_numeric(facts["verification_stage"]).fillna(0).to_numpy(dtype=np.int8)
        self._lesion = facts["lesion_id"].to_numpy()
        self._image_sha256 = facts["image_sha256"].to_numpy()
        self._diagnosed = self._dx.codes >= 0
        self._digests: NDArray[np.str_] | None = None  # (n, 2): see `digests_of`

    @classmethod
    def build(cls, features: NDArray[np.float32], facts: pd.DataFrame, *, groups: NDArray[np.integer]) -> FeatureIndex:
        """Index features (n, d) of the records in ``facts`` (``storage.records.similarity_columns``), row by row.

        ``groups`` number what belongs together (`identity_groups`). The features are normalised in place.
        """
        identity = {"identity": [str(number) for number in groups]}
        ids = facts["id"].tolist()
        return cls(NeighbourIndex(features, image_ids=ids, groups=identity, copy=False), facts)

    def __len__(self) -> int:
        return len(self.index)

    @property
    def diagnoses(self) -> list[str | None]:
        """The diagnosis of each row, None where there is none."""
        return [None if pd.isna(dx) else str(dx) for dx in self._dx]

    def image_sha256(self, record_id: str) -> str:
        """The image whose features are indexed."""
        return str(self._image_sha256[self.index.position_of(record_id)])

    def neighbours_of(self, record_id: str, *, k: int, wanted: NeighbourFilter) -> list[tuple[str, float]]:
        """Record ids and similarities of the ``k`` nearest; raises NotFound when the record has no features."""
        return _pairs(self.index.neighbours_of(record_id, k=k, allowed=self.allowed(wanted)))

    def search(
        self, vector: NDArray[np.floating], *, k: int, wanted: NeighbourFilter, not_like: Collection[str] = ()
    ) -> list[tuple[str, float]]:
        """Record ids and similarities of the ``k`` nearest to a vector, none of the groups of ``not_like``."""
        excluded = self.index.same_group_as(not_like) if not_like else None
        return _pairs(self.index.search(vector, k=k, excluded=excluded, allowed=self.allowed(wanted)))

    def allowed(self, wanted: NeighbourFilter) -> NDArray[np.bool_]:
        """Mark the rows that a filter lets through."""
        mask = self._diagnosed.copy()
        if wanted.classes:
            mask &= np.isin(self._dx.codes, self._codes(self._dx, wanted.classes))
        if wanted.dataset_ids:
            mask &= np.isin(self._dataset.codes, self._codes(self._dataset, wanted.dataset_ids))
        if wanted.stages:
            mask &= np.isin(self._stage, list(wanted.stages))
        if wanted.training_digests is not None:
            if self._digests is None:
                pairs = zip(self._dataset.astype(str), self._lesion, strict=True)
                self._digests = np.array([digests_of(d, str(lesion)) for d, lesion in pairs], dtype=np.str_).reshape(
                    -1, 2
                )
            mask &= np.isin(self._digests, list(wanted.training_digests)).any(axis=1)
        excluded = [p for p in map(self.index.find_position, wanted.excluded_ids) if p is not None]
        mask[excluded] = False
        return mask

    @staticmethod
    def _codes(categories: pd.Categorical, values: Collection[str]) -> list[int]:
        return [int(code) for code in categories.categories.get_indexer(pd.Index(list(values))) if code >= 0]


def _pairs(found: list[Neighbour]) -> list[tuple[str, float]]:
    return [(n.image_id, n.similarity) for n in found]


class IndexCache:
    """The indices of the two models used last, each until its state is another; safe between threads."""

    def __init__(self, size: int = 2) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[tuple[str, ...], FeatureIndex]] = OrderedDict()

    def get(self, key: tuple[str, str], state: tuple[str, ...], build: Callable[[], FeatureIndex]) -> FeatureIndex:
        """Return the index of this state, built by one thread while the others wait."""
        with self._lock:
            if key in self._kept and self._kept[key][0] == state:
                self._kept.move_to_end(key)
                return self._kept[key][1]
            self._kept.pop(key, None)  # before building: two large matrices at once may be too many
            index = build()
            self._kept[key] = (state, index)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
            return index

    def forget(self, key: tuple[str, str]) -> None:
        """Drop an index that turned out to be outdated."""
        with self._lock:
            self._kept.pop(key, None)
