"""Readings with the time they took, and the rule for times that nobody needs to read an image.

Times are those of the reader's browser, from painting the image (or the assistance) to the answer. A time that is
missing or below a millisecond, or that the server's clock contradicts, cannot be used. A time that is implausibly
short (a key pressed by mistake) or long (a pause) stays in the main analysis, is counted, and is left out of the
sensitivity analysis; a log keeps both from ruling.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.modality import Modality, Phase
from dermdash.readings.pairs import PAIR_KEY

TIME_HOLDS = "plausible"
"""What the source says of a time it checked and found possible (``time_check``); nothing, where it did not look."""
LEAST_MS = 1.0
"""What is below is no time of a person: anybody can send the smallest number there is, whose ratios have no end."""
SHORTEST_MS, LONGEST_MS = 200.0, 600_000.0


@dataclass(frozen=True, slots=True)
class TimeRule:
    """Plausible times in ms, both ends included."""

    shortest_ms: float = SHORTEST_MS
    longest_ms: float = LONGEST_MS

    def __post_init__(self) -> None:
        if not 0 <= self.shortest_ms < self.longest_ms:
            raise InvalidInput(
                f"plausible times of {self.shortest_ms:g} to {self.longest_ms:g} ms: expected 0 or more, and the "
                "longest above the shortest"
            )


@dataclass(frozen=True, slots=True)
class TimeCounts:
    """Readings by what their time says."""

    readings: int
    usable: int
    missing: int
    below_least: int
    contradicted: int
    too_short: int
    too_long: int

    @property
    def implausible(self) -> int:
        """Left out of the sensitivity analysis."""
        return self.too_short + self.too_long


@dataclass(frozen=True, slots=True)
class TimedReadings:
    """Readings with a usable time.

    Attributes
    ----------
    frame : DataFrame
        One row per reading: the columns of the readings table, ``ms``, ``log_ms`` (natural logarithm), ``right`` (1, 0
        or NaN), ``changed`` (whether the pair's answer changed: 1, 0 or NaN, on both rows) and ``plausible``.
    counts : TimeCounts
        What was left out and what is doubtful.
    """

    frame: pd.DataFrame
    counts: TimeCounts

    @property
    def units(self) -> "pd.Series[Any]":
        """What counts as one case in every variance: its lesion or patient where that is known."""
        return self.frame["unit" if "unit" in self.frame else "case"]

    def plausible(self) -> "TimedReadings":
        """Only readings whose time is plausible."""
        return TimedReadings(self.frame[self.frame["plausible"]].reset_index(drop=True), self.counts)


def timed_readings(frame: pd.DataFrame, *, rule: TimeRule | None = None) -> TimedReadings:
    """Readings of a table's frame with a usable time.

    Parameters
    ----------
    frame
        ``ReadingsTable.frame``, perhaps with ``unit``, the lesion or patient of the case.
    """
    rule = rule or TimeRule()
    ms = frame["client_ms"].to_numpy(float, na_value=np.nan)
    missing, known = np.isnan(ms), np.isfinite(ms)
    real = known & (ms >= LEAST_MS)
    contradicted = real & (frame["time_check"].fillna(TIME_HOLDS) != TIME_HOLDS).to_numpy(bool)
    usable = real & ~contradicted
    made = frame.assign(
        ms=ms,
        right=frame["correct"].astype("Float64").to_numpy(float, na_value=np.nan),
        changed=_changed(frame),
        plausible=usable & (ms >= rule.shortest_ms) & (ms <= rule.longest_ms),
    )[usable].reset_index(drop=True)
    counts = TimeCounts(
        readings=len(frame),
        usable=int(usable.sum()),
        missing=int(missing.sum()),
        below_least=int((~missing & ~real).sum()),
        contradicted=int(contradicted.sum()),
        too_short=int((usable & (ms < rule.shortest_ms)).sum()),
        too_long=int((usable & (ms > rule.longest_ms)).sum()),
    )
    return TimedReadings(made.assign(log_ms=np.log(made["ms"].to_numpy(float))), counts)


def time_pairs(timed: TimedReadings) -> pd.DataFrame:
    """Pairs of a reader and case with a usable time before and after assistance.

    Returns
    -------
    DataFrame
        The columns of the aided reading; ``ms_unaided``, ``ms_aided``, ``log_ratio`` (log of aided / unaided),
        ``log_total`` (log of (unaided + aided) / unaided) and ``right_unaided``. In the order of the key.
    """
    frame = timed.frame
    key = list(PAIR_KEY)
    before = frame.loc[frame["phase"] == Phase.UNAIDED, [*key, "ms", "right"]]
    after = frame[frame["phase"] == Phase.AIDED]
    pairs = after.merge(before, on=key, suffixes=("_aided", "_unaided"), validate="one_to_one")
    aided, unaided = pairs["ms_aided"].to_numpy(float), pairs["ms_unaided"].to_numpy(float)
    pairs = pairs.assign(log_ratio=np.log(aided / unaided), log_total=np.log((aided + unaided) / unaided))
    return pairs.sort_values(key, kind="stable").reset_index(drop=True)


def unpaired_times(timed: TimedReadings) -> int:
    """Usable times whose other half is missing or unusable, where assistance was to be shown."""
    wanted = timed.frame[timed.frame["modality"] != Modality.NONE]
    return int((wanted.groupby(list(PAIR_KEY))["phase"].transform("size") == 1).sum()) if len(wanted) else 0


def _changed(frame: pd.DataFrame) -> "np.ndarray[Any, np.dtype[np.float64]]":
    answer = "dx" if frame["dx"].notna().any() else "malignant_answer"
    given = frame[answer].notna()
    text = frame[answer].astype(object).where(given, None).map(str, na_action="ignore")
    key = [frame[name] for name in PAIR_KEY]
    both = given.groupby(key).transform("sum") == 2
    different = text.groupby(key).transform("nunique") == 2
    return np.where(both, different.astype(float), np.nan)
