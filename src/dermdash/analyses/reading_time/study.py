"""Everything about reading times in one study, from one call."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from dermdash.analyses.reading_time.learning import Learning, learning
from dermdash.analyses.reading_time.ratios import (
    TOTAL_TO_UNAIDED,
    TimeRatio,
    paired_ratios,
    within_reader_ratios,
)
from dermdash.analyses.reading_time.speed_accuracy import SpeedAccuracy, speed_accuracy
from dermdash.analyses.reading_time.summary import TimeSummary, summaries
from dermdash.analyses.reading_time.timed_readings import (
    TimeCounts,
    TimeRule,
    time_pairs,
    timed_readings,
    unpaired_times,
)
from dermdash.analysis.as_json import to_json


@dataclass(frozen=True, slots=True)
class ReadingTime:
    """Reading times of a study.

    ``ratios`` are aided against unaided, ``total_ratios`` both answers together against the unaided one,
    ``sensitivity`` the ``ratios`` without implausible times (empty where there are none), ``within`` ratios of right,
    wrong, changed and kept answers within readers.
    """

    readers: int
    cases: int
    pairs: int
    unpaired: int
    rule: TimeRule
    counts: TimeCounts
    seed: int
    replicates: int
    confidence: float
    summaries: tuple[TimeSummary, ...]
    ratios: tuple[TimeRatio, ...]
    total_ratios: tuple[TimeRatio, ...]
    sensitivity: tuple[TimeRatio, ...]
    within: tuple[TimeRatio, ...]
    learning: Learning
    speed_accuracy: SpeedAccuracy

    def as_dict(self) -> dict[str, Any]:
        """For JSON: numbers finite or None."""
        return {
            "n_readers": self.readers,
            "n_cases": self.cases,
            "n_pairs": self.pairs,
            "n_unpaired": self.unpaired,
            "settings": {"seed": self.seed, "replicates": self.replicates, "confidence": self.confidence}
            | {"shortest_ms": self.rule.shortest_ms, "longest_ms": self.rule.longest_ms},
            "counts": to_json(self.counts) | {"implausible": self.counts.implausible},
            "summaries": to_json(self.summaries),
            "ratios": to_json(self.ratios),
            "total_ratios": to_json(self.total_ratios),
            "sensitivity": to_json(self.sensitivity),
            "within_readers": to_json(self.within),
            "learning": to_json(self.learning),
            "speed_accuracy": self.speed_accuracy.as_dict(),
        }


def reading_time(
    frame: pd.DataFrame,
    *,
    modalities: Sequence[str],
    seed: int,
    rule: TimeRule | None = None,
    replicates: int = 2000,
    confidence: float = 0.95,
    bins: int = 5,
) -> ReadingTime | None:
    """Everything about times; None where no reading has a usable one.

    Parameters
    ----------
    frame
        ``ReadingsTable.frame``.
    modalities
        In the order to show.
    bins
        Parts of the session, and of each reader's times.
    """
    rule = rule or TimeRule()
    timed = timed_readings(frame, rule=rule)
    if timed.frame.empty:
        return None
    pairs = time_pairs(timed)
    sensible = timed.plausible()
    ratios = partial(paired_ratios, replicates=replicates, seed=seed, confidence=confidence)
    return ReadingTime(
        readers=int(timed.frame["reader"].nunique()),
        cases=int(timed.frame["case"].nunique()),
        pairs=len(pairs),
        unpaired=unpaired_times(timed),
        rule=rule,
        counts=timed.counts,
        seed=seed,
        replicates=replicates,
        confidence=confidence,
        summaries=summaries(timed, modalities, confidence=confidence),
        ratios=ratios(pairs, modalities),
        total_ratios=ratios(pairs, modalities, column="log_total", name=TOTAL_TO_UNAIDED),
        sensitivity=ratios(time_pairs(sensible), modalities) if timed.counts.implausible else (),
        within=within_reader_ratios(timed, confidence=confidence),
        learning=learning(timed, bins=bins, confidence=confidence),
        speed_accuracy=speed_accuracy(timed, parts=bins, confidence=confidence),
    )
