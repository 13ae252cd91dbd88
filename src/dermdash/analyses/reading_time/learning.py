"""Whether readers become faster or better in the course of a session."""

from dataclasses import dataclass

import numpy as np

from dermdash.analyses.reading_time.summary import geometric, time_draws
from dermdash.analyses.reading_time.timed_readings import TimedReadings
from dermdash.analysis.bins import equal_bins
from dermdash.analysis.reader_slopes import Slope, holm_slopes, slope
from dermdash.analysis.two_way import Rate
from dermdash.readings.modality import Phase

NO_POSITION = "the position in the session is not recorded"
CASES_PER_UNIT = 10


@dataclass(frozen=True, slots=True)
class SessionPart:
    """Readings of one phase at positions ``first`` to ``last``; times in ms."""

    phase: str
    first: float
    last: float
    mean_position: float
    readings: int
    time: float | None
    time_low: float | None
    time_high: float | None
    accuracy: Rate


@dataclass(frozen=True, slots=True)
class Learning:
    """Times and accuracy along the session, with slopes per 10 cases; ``reason`` where there is nothing to show."""

    parts: tuple[SessionPart, ...]
    slopes: tuple[Slope, ...]
    reason: str | None = None


def learning(timed: TimedReadings, *, bins: int, confidence: float) -> Learning:
    """Log time and accuracy against the position, before and after assistance, Holm over the four slopes.

    Slopes are adjusted for the modality where it was on the screen, after assistance.
    """
    frame = timed.frame
    position = frame["position"].to_numpy(float, na_value=np.nan)
    if not np.isfinite(position).any():
        return Learning((), (), NO_POSITION)
    draws = time_draws(timed, replicates=0, seed=0, confidence=confidence)
    phase, right, log_ms = (frame[c].to_numpy() for c in ("phase", "right", "log_ms"))
    slopes, parts = [], []
    for half in (Phase.UNAIDED.value, Phase.AIDED.value):
        here = phase == half
        if not here.any():
            continue
        for outcome, values, family in (("time", log_ms, "gaussian"), ("accuracy", right, "binomial")):
            slopes.append(
                slope(
                    values[here].astype(float),
                    position[here],
                    reader=frame["reader"].to_numpy()[here],
                    case=timed.units.to_numpy()[here],
                    stratum=frame["modality"].to_numpy()[here] if half == Phase.AIDED.value else None,
                    family="gaussian" if family == "gaussian" else "binomial",
                    names=(f"{outcome} {half}", "position", f"{CASES_PER_UNIT} cases"),
                    per=CASES_PER_UNIT,
                    confidence=confidence,
                )
            )
        for member in equal_bins(np.where(here, position, np.nan), bins):
            time, low, high = geometric(draws.rate(log_ms, member, share=False))
            judged = member & np.isfinite(right.astype(float))
            inside = position[member]
            parts.append(
                SessionPart(
                    half, float(inside.min()), float(inside.max()), float(inside.mean()), int(member.sum()),
                    time, low, high, draws.rate(np.nan_to_num(right.astype(float)), judged),
                )
            )  # fmt: skip
    return Learning(tuple(parts), holm_slopes(slopes))
