"""Two reviewers beside one another: what both said of records in common, and how far their regions overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.label_agreement.results import (
    ReviewerPair,
    StructureOverlap,
)
from dermdash.analysis.agreement.cohen import cohen_kappa, pair_table
from dermdash.analysis.agreement.ratings import Ratings
from dermdash.analysis.arrays import IntArray
from dermdash.analysis.bootstrap import GroupedBootstrap
from dermdash.analysis.drawn_intervals import drawn_interval
from dermdash.analysis.drawn_intervals import too_few as too_few_units
from dermdash.analysis.estimates import Estimate, clustered_proportion, equal_clusters_of
from dermdash.verification.annotated_records import AnnotatedRecords


def reviewer_pairs(
    ratings: Ratings, reviewers: Sequence[str], units: IntArray, confidence: float
) -> Iterable[ReviewerPair]:
    """Every two reviewers with records in common."""
    n = len(ratings.categories)
    for i in range(len(reviewers)):
        for j in range(i + 1, len(reviewers)):
            both = (ratings.codes[i] >= 0) & (ratings.codes[j] >= 0)
            if not both.any():
                continue
            first, second = ratings.codes[i, both], ratings.codes[j, both]
            yield ReviewerPair(
                reviewers[i],
                reviewers[j],
                int(both.sum()),
                clustered_proportion(first == second, units[both], confidence=confidence),
                cohen_kappa(pair_table(first, second, n)),
            )


def confusion_of(ratings: Ratings) -> IntArray:
    """How often one reviewer said the row and another the column of one record; every pair counts both ways."""
    n = len(ratings.categories)
    of_records = ratings.counts
    both = of_records.T @ of_records
    both[np.diag_indices(n)] -= of_records.sum(axis=0)
    return both.astype(np.int64)


def structure_overlaps(annotated: AnnotatedRecords, replicates: int, confidence: float) -> Iterable[StructureOverlap]:
    """Of each structure that both of two reviewers marked, how far their regions overlap."""
    for structure, rows in annotated.overlaps.groupby("structure", sort=True):
        both = rows[rows["iou"] > 0]
        means = both.groupby(["record", "unit"], sort=True)[["iou", "dice"]].mean().reset_index()
        units = np.asarray(pd.factorize(means["unit"])[0], np.int64)
        bootstrap = GroupedBootstrap(units, replicates if len(means) > 1 else 0, annotated.seed, confidence)
        yield StructureOverlap(
            str(structure),
            rows["record"].nunique(),
            len(rows),
            len(both),
            *(_mean(means[name].to_numpy(float), units, bootstrap) for name in ("iou", "dice")),
        )


def _mean(values: np.ndarray[Any, Any], units: IntArray, bootstrap: GroupedBootstrap) -> Estimate:
    """Mean over records with the interval of redrawn units."""
    if not len(values):
        return Estimate(None, total=0, reason="no two reviewers marked it in one record")
    value = float(values.mean())
    n = len(np.unique(units))
    if reason := too_few_units(n, "record"):
        return Estimate(value, total=len(values), reason=reason)
    sums = bootstrap.sums(np.column_stack([values, np.ones(len(values))]))
    found = None
    if len(sums):
        found = drawn_interval(
            value,
            sums[:, 0] / sums[:, 1],
            equal_clusters_of(units),
            confidence=bootstrap.confidence,
            bounds=(0.0, 1.0),
            log_odds=True,
        )
    if found is None:
        return Estimate(value, total=len(values), reason="no interval: the draws do not differ, or none were asked for")
    return Estimate(value, found.low, found.high, total=len(values))
