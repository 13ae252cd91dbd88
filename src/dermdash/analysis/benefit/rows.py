"""The change of one measure with one modality, or in one group: three analyses of the same pairs side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analysis.benefit.clustered import ClusteredDifference, clustered_difference, interval_or_none
from dermdash.analysis.benefit.discordant import Discordant, mcnemar
from dermdash.analysis.estimates import json_number
from dermdash.analysis.paired_accuracy import Interval, PairedAccuracy, holm, paired_changes
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.wording import counted

ALL = "all"
"""Stands for a modality where all of them are taken together."""


@dataclass(frozen=True, slots=True)
class BenefitRow:
    """One modality (or ``ALL``), in one group where ``group`` is given.

    ``change``: means of readers, paired t test and two-way bootstrap. ``pooled``: every pair weighs the same,
    two-way cluster-robust. ``discordant``: McNemar; None where the measure is no yes or no of a pair.
    """

    modality: str
    change: PairedAccuracy
    pooled: ClusteredDifference | None = None
    discordant: Discordant | None = None
    group: str | None = None

    @property
    def small(self) -> str | None:
        """Why this row should not be generalised, in words; None where it is large enough."""
        return small_group(self.change.readers, self.change.cases)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: shares 0..1, numbers finite or None."""
        found = self.change
        return {
            "modality": self.modality,
            **({} if self.group is None else {"group": self.group}),
            "accuracy_without": json_number(found.unaided),
            "accuracy_without_ci": _ends(found.unaided_interval),
            "accuracy_with": json_number(found.aided),
            "accuracy_with_ci": _ends(found.aided_interval),
            "difference": json_number(found.difference),
            "ci": _ends(found.difference_interval),
            "t": json_number(found.t),
            "p": json_number(found.p_value),
            "p_holm": json_number(found.p_holm),
            "bootstrap_ci": _ends(found.bootstrap_interval),
            "gee": None if self.pooled is None else self.pooled.as_dict(),
            "mcnemar": None if self.discordant is None else self.discordant.as_dict(),
            "n_readers": found.readers,
            "n_images": found.cases,
            "n_cases": found.cases,
            "n_readings": found.readings,
            "readers_left_out": found.readers_left_out,
            "small": self.small,
            "reason": found.reason,
        }


def small_group(readers: int | None, cases: int) -> str | None:
    """Say that so few readers (None: not known) or cases stand behind a figure that it should not be generalised."""
    few = []
    if readers is not None and readers < SMALL_READERS:
        few.append(counted(readers, "reader"))
    if cases < SMALL_CASES:
        few.append(counted(cases, "case"))
    return f"small group: {' and '.join(few)}" if few else None


def benefit_rows(
    frame: pd.DataFrame,
    *,
    seed: int,
    modalities: Sequence[str],
    confidence: float,
    replicates: int,
    group: str | None = None,
) -> tuple[BenefitRow, ...]:
    """One row per modality that has pairs; p corrected over them by Holm.

    Parameters
    ----------
    frame
        ``modality, reader, case, unaided, aided, stratum``, one row per pair.
    """
    changes = paired_changes(frame, seed=seed, modalities=modalities, confidence=confidence, replicates=replicates)
    rows = []
    for change in changes:
        part = frame[frame["modality"] == change.modality]
        # Numbers: comparing names takes most of the time otherwise.
        clusters = (pd.factorize(part["reader"])[0], pd.factorize(part["case"])[0])
        strata = part["stratum"].to_numpy()
        one_share = len(np.unique(strata)) == 1
        rows.append(
            BenefitRow(
                change.modality,
                change,
                clustered_difference(
                    part["unaided"], part["aided"], clusters=clusters, stratum=strata, confidence=confidence
                ),
                mcnemar(part["unaided"], part["aided"], confidence=confidence) if one_share else None,
                group,
            )
        )
    return tuple(rows)


def with_holm(rows: Sequence[BenefitRow]) -> tuple[BenefitRow, ...]:
    """The rows with p corrected over exactly these."""
    corrected = holm([row.change.p_value for row in rows])
    return tuple(replace(row, change=replace(row.change, p_holm=p)) for row, p in zip(rows, corrected, strict=True))


def overall_row(
    frame: pd.DataFrame, *, seed: int, confidence: float, replicates: int, group: str | None = None
) -> BenefitRow | None:
    """All modalities together; a case that a reader read with several of them is averaged within the reader."""
    rows = benefit_rows(
        frame.assign(modality=ALL),
        seed=seed,
        modalities=(ALL,),
        confidence=confidence,
        replicates=replicates,
        group=group,
    )
    return rows[0] if rows else None


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else interval_or_none(interval.low, interval.high)
