"""Median, quartiles and geometric mean of times, by phase and modality, right and wrong, changed and kept answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dermdash.analyses.reading_time.timed_readings import TimedReadings
from dermdash.analysis.estimates import json_number
from dermdash.analysis.two_way import Rate, ReaderCaseInference
from dermdash.readings.modality import ALL_MODALITIES, Modality, Phase

GROUPS: tuple[tuple[str, str, float], ...] = (
    ("right", "right answers", 1.0),
    ("right", "wrong answers", 0.0),
    ("changed", "changed answers", 1.0),
    ("changed", "kept answers", 0.0),
)


@dataclass(frozen=True, slots=True)
class TimeSummary:
    """Times of a group of readings in ms; ``group`` is empty for all of a modality and phase.

    ``geometric_mean`` has the cluster-robust interval of the mean logarithm.
    """

    phase: str
    modality: str
    group: str
    readings: int
    readers: int
    cases: int
    median: float
    first_quartile: float
    third_quartile: float
    geometric_mean: float
    low: float | None
    high: float | None
    reason: str | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "phase": self.phase,
            "modality": self.modality,
            "group": self.group,
            "n_readings": self.readings,
            "n_readers": self.readers,
            "n_cases": self.cases,
            "median_ms": json_number(self.median),
            "iqr_ms": [json_number(self.first_quartile), json_number(self.third_quartile)],
            "geometric_mean_ms": json_number(self.geometric_mean),
            "ci_ms": None if self.low is None or self.high is None else [self.low, self.high],
            "reason": self.reason,
        }


def time_draws(timed: TimedReadings, *, replicates: int, seed: int, confidence: float) -> ReaderCaseInference:
    """Readers and cases (lesions, patients) of these readings."""
    frame = timed.frame
    return ReaderCaseInference(
        frame["reader"].to_numpy(), timed.units.to_numpy(), replicates=replicates, seed=seed, confidence=confidence
    )


def summaries(timed: TimedReadings, modalities: Sequence[str], *, confidence: float) -> tuple[TimeSummary, ...]:
    """Every phase and modality; for all modalities together also right, wrong, changed and kept answers."""
    frame, draws = timed.frame, time_draws(timed, replicates=0, seed=0, confidence=confidence)
    phase, modality = frame["phase"].to_numpy(), frame["modality"].to_numpy()
    present = [m for m in modalities if (modality == m).any()]
    bare = [Modality.NONE.value] if (modality == Modality.NONE.value).any() else []
    rows = []
    for half in (Phase.UNAIDED.value, Phase.AIDED.value):
        for name in [*bare, *present, ALL_MODALITIES]:
            among = (phase == half) & ((modality == name) | (name == ALL_MODALITIES))
            if name != ALL_MODALITIES or len(present) + len(bare) != 1:
                rows.append(_summary(timed, draws, among, half, name, ""))
        for column, group, value in GROUPS:
            among = (phase == half) & (frame[column].to_numpy(float) == value)
            rows.append(_summary(timed, draws, among, half, ALL_MODALITIES, group))
    return tuple(row for row in rows if row is not None)


def geometric(rate: Rate) -> tuple[float | None, float | None, float | None]:
    """Value and interval of a mean logarithm as geometric mean."""
    back = [None if v is None else float(np.exp(v)) for v in (rate.value, rate.low, rate.high)]
    return back[0], back[1], back[2]


def _summary(
    timed: TimedReadings,
    draws: ReaderCaseInference,
    among: "np.ndarray[Any, Any]",
    phase: str,
    modality: str,
    group: str,
) -> TimeSummary | None:
    if not among.any():
        return None
    ms = timed.frame["ms"].to_numpy(float)[among]
    rate = draws.rate(timed.frame["log_ms"].to_numpy(float), among, share=False)
    value, low, high = geometric(rate)
    assert value is not None  # something is marked
    first, median, third = (float(q) for q in np.quantile(ms, [0.25, 0.5, 0.75]))
    cases = int(timed.frame["case"][among].nunique())
    return TimeSummary(
        phase, modality, group, len(ms), rate.readers, cases, median, first, third, value, low, high, rate.reason
    )
