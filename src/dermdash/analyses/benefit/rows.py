"""The change of one measure with one modality, or in one group: three analyses of the same pairs side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.benefit.discordant import Discordant, mcnemar
from dermdash.analyses.benefit.populations import PopulationTests, population_tests
from dermdash.analyses.benefit.populations import with_holm as populations_with_holm
from dermdash.analysis.clustered_pairs import ClusteredDifference, clustered_difference, interval_or_none
from dermdash.analysis.clusters import clustering
from dermdash.analysis.estimates import json_number
from dermdash.analysis.mrmc.effect import Inference
from dermdash.analysis.paired_accuracy import Interval, PairedAccuracy, holm, paired_change
from dermdash.readings.modality import ALL_MODALITIES
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.wording import counted


@dataclass(frozen=True, slots=True)
class BenefitRow:
    """One modality (or ``ALL_MODALITIES``), in one group where ``group`` is given.

    ``change``: means of readers, paired t test and two-way bootstrap. ``pooled``: every pair weighs the same,
    two-way cluster-robust. ``discordant``: gains against losses, clustered likewise; None where the measure is no yes
    or no of a pair. ``populations``: for other readers and other cases; None in a group.
    """

    modality: str
    change: PairedAccuracy
    pooled: ClusteredDifference | None = None
    discordant: Discordant | None = None
    group: str | None = None
    populations: PopulationTests | None = None

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
            "population": Inference.RRFC.population,
            "bootstrap_ci": _ends(found.bootstrap_interval),
            **({} if self.populations is None else {"populations": self.populations.as_dict()}),
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
    parts = ((modality, frame[frame["modality"] == modality]) for modality in modalities)
    rows = [
        benefit_row(part, modality, seed=seed, confidence=confidence, replicates=replicates, group=group)
        for modality, part in parts
    ]
    return with_holm([row for row in rows if row is not None])


def benefit_row(
    part: pd.DataFrame, modality: str, *, seed: int, confidence: float, replicates: int, group: str | None = None
) -> BenefitRow | None:
    """The row of these pairs, whose modality is given; None where no reader is left. Columns as for `benefit_rows`."""
    change = paired_change(part, modality, seed=seed, confidence=confidence, replicates=replicates)
    if change is None:
        return None
    # Numbers: comparing names takes most of the time otherwise.
    unit = "unit" if "unit" in part else "case"
    clusters = clustering(*(pd.factorize(part[name].to_numpy())[0] for name in ("reader", unit)))
    before, after, strata = (part[name].to_numpy() for name in ("unaided", "aided", "stratum"))
    one_share = len(np.unique(strata)) == 1
    return BenefitRow(
        modality,
        change,
        clustered_difference(before, after, clusters=clusters, stratum=strata, confidence=confidence),
        mcnemar(before, after, clusters=clusters, confidence=confidence) if one_share else None,
        group,
        population_tests(part, confidence=confidence) if group is None else None,
    )


def with_holm(rows: Sequence[BenefitRow]) -> tuple[BenefitRow, ...]:
    """The rows with p corrected over exactly these."""
    corrected = holm([row.change.p_value for row in rows])
    populations = populations_with_holm([row.populations for row in rows])
    return tuple(
        replace(row, change=replace(row.change, p_holm=p), populations=found)
        for row, p, found in zip(rows, corrected, populations, strict=True)
    )


def overall_row(
    frame: pd.DataFrame, *, seed: int, confidence: float, replicates: int, group: str | None = None
) -> BenefitRow | None:
    """All modalities together; a case that a reader read with several of them is averaged within the reader."""
    row = benefit_row(frame, ALL_MODALITIES, seed=seed, confidence=confidence, replicates=replicates, group=group)
    return None if row is None else with_holm([row])[0]


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else interval_or_none(interval.low, interval.high)
