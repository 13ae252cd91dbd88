"""The change over images: answers summed, lesions drawn with replacement."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.benefit.rows import small_group
from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.bootstrap import NO_DRAWS, GroupedBootstrap
from dermdash.analysis.clustered_pairs import ClusteredDifference, clustered_difference, interval_or_none
from dermdash.analysis.drawn_intervals import MANY, ends_of, too_few
from dermdash.analysis.estimates import equal_clusters, json_number
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.paired_accuracy import Interval, holm


@dataclass(frozen=True, slots=True)
class BootstrapSettings:
    """Level of the intervals, draws and their seed."""

    confidence: float
    replicates: int
    seed: int


@dataclass(frozen=True, slots=True)
class AggregateRow:
    """One modality (or ``ALL``) over images.

    ``interval`` and ``p_value`` come from the same bootstrap over lesions (else images): p is twice the smaller share
    of draws on one side of zero, with one draw added to each. ``pooled`` is the same difference with a lesion-robust t
    test, which gives both below `MANY` lesions (``reason`` says so); below `LEAST_CLUSTERS` there is no interval. The
    shares before and after have the intervals of `drawn_intervals`. ``answers`` are pairs; where a row counts
    unequal numbers before and after, the smaller.
    """

    modality: str
    images: int
    lesions: int
    answers: int
    unaided: float
    aided: float
    difference: float
    unaided_interval: Interval | None
    aided_interval: Interval | None
    interval: Interval | None
    p_value: float | None
    pooled: ClusteredDifference
    reason: str | None
    group: str | None = None
    p_holm: float | None = None

    @property
    def difference_interval(self) -> Interval | None:
        """The interval of the difference, under the name that charts know."""
        return self.interval

    @property
    def small(self) -> str | None:
        """Why this row should not be generalised, in words."""
        return small_group(None, self.lesions)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: shares 0..1, numbers finite or None."""

        def ends(interval: Interval | None) -> list[float] | None:
            return None if interval is None else interval_or_none(interval.low, interval.high)

        return {
            "modality": self.modality,
            **({} if self.group is None else {"group": self.group}),
            "accuracy_without": json_number(self.unaided),
            "accuracy_without_ci": ends(self.unaided_interval),
            "accuracy_with": json_number(self.aided),
            "accuracy_with_ci": ends(self.aided_interval),
            "difference": json_number(self.difference),
            "ci": ends(self.interval),
            "p": json_number(self.p_value),
            "p_holm": json_number(self.p_holm),
            "population": Inference.FRRC.population,
            "t_test": self.pooled.as_dict(),
            "n_images": self.images,
            "n_lesions": self.lesions,
            "n_readings": self.answers,
            "n_readers": None,
            "small": self.small,
            "reason": self.reason,
        }


def aggregate_row(
    part: pd.DataFrame, modality: str, settings: BootstrapSettings, *, group: str | None = None
) -> AggregateRow:
    """The change of the rows of `image_counts.outcome_counts` (with ``lesion``), which must not be empty."""
    lesions, index = np.unique(part["lesion"].to_numpy(str), return_inverse=True)
    strata = part["stratum"].to_numpy()
    pooled = clustered_difference(
        part["before"],
        part["after"],
        clusters=(index,),
        n_unaided=part["n_before"],
        n_aided=part["n_after"],
        stratum=strata,
        confidence=settings.confidence,
    )
    draws = np.empty((0, 2))
    groups = index.astype(np.int64)
    boot = GroupedBootstrap(groups, settings.replicates, settings.seed, settings.confidence)
    if len(lesions) > 1 and settings.replicates:
        draws = _draws(part, strata, boot)
    equal = equal_clusters(np.bincount(groups, weights=(part["n_before"] + part["n_after"]).to_numpy(float)))
    few = too_few(len(lesions), "image (or lesion)", plural="images (or lesions)")
    interval = None if few else boot.interval(draws[:, 1] - draws[:, 0])
    p = None if interval is None else bootstrap_p(draws[:, 1] - draws[:, 0])
    reason = None
    if few:
        reason = few
    elif not settings.replicates:
        reason = NO_DRAWS
    elif interval is None:
        reason = "the draws do not vary: no interval can be seen"
    elif len(lesions) < MANY and pooled.low is not None and pooled.high is not None:
        interval, p = (pooled.low, pooled.high), pooled.p_value
        reason = f"fewer than {MANY} images (or lesions): interval and p of the t test instead of the bootstrap"

    def level(value: float, drawn: FloatArray) -> Interval | None:
        return None if few else _interval(
            ends_of(value, drawn, equal, confidence=settings.confidence, level=True)
        )  # fmt: skip

    return AggregateRow(
        modality=modality,
        images=int(part["case"].nunique()),
        lesions=len(lesions),
        answers=int(np.minimum(part["n_before"], part["n_after"]).sum()),
        unaided=pooled.unaided,
        aided=pooled.aided,
        difference=pooled.difference,
        unaided_interval=level(pooled.unaided, draws[:, 0]),
        aided_interval=level(pooled.aided, draws[:, 1]),
        interval=_interval(interval),
        p_value=p,
        pooled=pooled,
        reason=reason,
        group=group,
    )


def _draws(part: pd.DataFrame, strata: Any, bootstrap: GroupedBootstrap) -> FloatArray:
    """Share before and after in every draw, (draws, 2); NaN where a stratum was not drawn."""
    columns = part[["before", "n_before", "after", "n_after"]].to_numpy(float)
    labels = np.unique(strata)
    shares = np.zeros((bootstrap.replicates, 2))
    for label in labels:
        sums = bootstrap.sums(columns * (strata == label)[:, None])
        with np.errstate(invalid="ignore", divide="ignore"):
            shares += np.column_stack([sums[:, 0] / sums[:, 1], sums[:, 2] / sums[:, 3]]) / len(labels)
    return shares


def bootstrap_p(differences: FloatArray) -> float:
    """Two-sided p that agrees with the percentile interval: twice the smaller share of draws beyond zero.

    One draw is added to each side (Davison and Hinkley 1997, ch. 4), so that it is never 0.
    """
    usable = differences[np.isfinite(differences)]
    below, above = int((usable <= 0).sum()), int((usable >= 0).sum())
    return min(1.0, 2 * (1 + min(below, above)) / (1 + len(usable)))


def with_holm(rows: Sequence[AggregateRow]) -> tuple[AggregateRow, ...]:
    """The rows with p corrected over exactly these."""
    return tuple(replace(r, p_holm=p) for r, p in zip(rows, holm([r.p_value for r in rows]), strict=True))


def _interval(ends: tuple[float, float] | None) -> Interval | None:
    return None if ends is None or math.isclose(*ends, abs_tol=1e-12) else Interval(*ends)
