"""Whether slower answers are better: within readers, and between them.

The conditional accuracy function is the accuracy in each part of a reader's own distribution of times, so that a slow
reader's quick answers are called quick.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.reading_time.summary import geometric, time_draws
from dermdash.analyses.reading_time.timed_readings import TimedReadings
from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.as_json import to_json
from dermdash.analysis.distributions import normal_quantile, spearman
from dermdash.analysis.estimates import json_number
from dermdash.analysis.reader_slopes import Slope, holm_slopes, slope
from dermdash.analysis.two_way import Rate
from dermdash.readings.modality import Phase
from dermdash.wording import counted

NO_TRUTH = "no answer is known to be right or wrong"
MINIMUM_READERS = 4


@dataclass(frozen=True, slots=True)
class AccuracyAtSpeed:
    """Accuracy in one part (1: quickest) of each reader's times of a phase; ``time`` is their geometric mean, ms."""

    phase: str
    part: int
    readings: int
    time: float | None
    accuracy: Rate


@dataclass(frozen=True, slots=True)
class ReaderSpeed:
    """One reader's geometric mean time (ms) and accuracy in a phase."""

    phase: str
    reader: str
    readings: int
    time: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Correlation:
    """Spearman's correlation of time and accuracy over readers, with the interval of Bonett and Wright (2000)."""

    phase: str
    readers: int
    value: float | None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "phase": self.phase,
            "n_readers": self.readers,
            "rho": json_number(self.value),
            "ci": None if self.low is None or self.high is None else [self.low, self.high],
            "p": json_number(self.p_value),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class SpeedAccuracy:
    """The conditional accuracy function, its slopes per doubling of time, and the readers' correlation.

    ``too_few`` readers had fewer readings in a phase than there are parts, and are in no part.
    """

    curve: tuple[AccuracyAtSpeed, ...]
    slopes: tuple[Slope, ...]
    readers: tuple[ReaderSpeed, ...]
    correlations: tuple[Correlation, ...]
    too_few: int
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "curve": to_json(self.curve),
            "slopes": to_json(self.slopes),
            "readers": to_json(self.readers),
            "correlations": to_json(self.correlations),
            "n_readers_with_too_few": self.too_few,
            "reason": self.reason,
        }


def speed_accuracy(timed: TimedReadings, *, parts: int, confidence: float) -> SpeedAccuracy:
    """Accuracy against time within and between readers, for each phase; Holm over the slopes of the phases."""
    frame = timed.frame
    judged = frame["right"].notna().to_numpy()
    if not judged.any():
        return SpeedAccuracy((), (), (), (), 0, NO_TRUTH)
    draws = time_draws(timed, replicates=0, seed=0, confidence=confidence)
    right = np.nan_to_num(frame["right"].to_numpy(float))
    log_ms = frame["log_ms"].to_numpy(float)
    curve, slopes, speeds, correlations = [], [], [], []
    lacking: set[str] = set()
    for half in (Phase.UNAIDED.value, Phase.AIDED.value):
        here = judged & (frame["phase"] == half).to_numpy()
        if not here.any():
            continue
        part, few = _parts_of_readers(frame[here], parts)
        lacking |= few
        for k in range(1, parts + 1):
            member = np.zeros(len(frame), bool)
            member[np.flatnonzero(here)[part == k]] = True
            if member.any():
                time = geometric(draws.rate(log_ms, member, share=False))[0]
                curve.append(AccuracyAtSpeed(half, k, int(member.sum()), time, draws.rate(right, member)))
        names = frame["reader"].to_numpy()[here]
        centred = log_ms[here] - frame[here].groupby("reader")["log_ms"].transform("mean").to_numpy(float)
        slopes.append(
            slope(
                right[here],
                centred,
                reader=names,
                case=timed.units.to_numpy()[here],
                stratum=frame["modality"].to_numpy()[here] if half == Phase.AIDED.value else None,
                family="binomial",
                names=(f"accuracy {half}", "time", "doubling of the reader's usual time"),
                per=float(np.log(2)),
                confidence=confidence,
            )
        )
        own = [
            ReaderSpeed(half, str(name), len(g), float(np.exp(g["log_ms"].mean())), float(g["right"].mean()))
            for name, g in frame[here].groupby("reader")
        ]
        speeds += own
        correlations.append(
            correlation(half, np.array([s.time for s in own]), np.array([s.accuracy for s in own]), confidence)
        )
    return SpeedAccuracy(tuple(curve), holm_slopes(slopes), tuple(speeds), tuple(correlations), len(lacking))


def correlation(phase: str, time: FloatArray, accuracy: FloatArray, confidence: float) -> Correlation:
    """Spearman's rho with interval: tanh(atanh(rho) -+ z sqrt((1 + rho^2 / 2) / (n - 3)))."""
    n = len(time)
    if n < MINIMUM_READERS:
        return Correlation(
            phase, n, None, reason=f"{counted(n, 'reader')}: a correlation needs at least {MINIMUM_READERS}"
        )
    if np.ptp(time) < 1e-12 or np.ptp(accuracy) < 1e-12:
        return Correlation(phase, n, None, reason="all readers have the same time or accuracy")
    rho, p_value = spearman(time, accuracy)
    if abs(rho) > 1 - 1e-9:
        return Correlation(phase, n, rho, reason="the ranks agree completely: no interval and no p value can be given")
    half = normal_quantile((1 + confidence) / 2) * np.sqrt((1 + rho**2 / 2) / (n - 3))
    centre = np.arctanh(rho)
    return Correlation(phase, n, rho, float(np.tanh(centre - half)), float(np.tanh(centre + half)), p_value)


def _parts_of_readers(frame: pd.DataFrame, parts: int) -> tuple["np.ndarray[Any, Any]", set[str]]:
    """Part 1 (quickest) to ``parts`` of each reading among its reader's, 0 where the reader has too few."""
    grouped = frame.groupby("reader")["log_ms"]
    size = grouped.transform("size").to_numpy()
    # Equal times share their mean rank, so that the order of rows decides nothing.
    rank = grouped.rank(method="average").to_numpy(float)
    part = np.minimum(np.ceil(rank / size * parts - 1e-9).astype(int), parts)
    few = size < parts
    return np.where(few, 0, part), set(frame.loc[few, "reader"].astype(str))
