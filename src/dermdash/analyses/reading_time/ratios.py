"""Time after assistance against time before, paired within readers, and other ratios of times within readers.

Times are skewed: their logarithms are averaged per reader, and the reader means are compared with the paired t test.
Back-transformed, a mean difference of logarithms is a ratio of geometric means.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.reading_time.summary import GROUPS
from dermdash.analyses.reading_time.timed_readings import TimedReadings
from dermdash.analysis.arrays import BoolArray, FloatArray
from dermdash.analysis.distributions import t_quantile, t_two_sided
from dermdash.analysis.drawn_intervals import drawn_interval
from dermdash.analysis.estimates import equal_clusters_of, json_number
from dermdash.analysis.paired_accuracy import holm, two_way_bootstrap
from dermdash.readings.modality import ALL_MODALITIES, Phase
from dermdash.readings.small_groups import is_small


@dataclass(frozen=True, slots=True)
class TimeRatio:
    """A ratio of geometric mean times; above 1: the first of ``name`` takes longer.

    Every reader weighs the same. ``low``, ``high``, ``t`` and ``p_value`` are those of the paired t test over readers
    on the log scale, ``bootstrap_low`` and ``bootstrap_high`` of the two-way bootstrap over readers and cases (lesions,
    patients where the pairs have a ``unit``). What
    cannot be computed is None, with a ``reason``.
    """

    name: str
    modality: str
    group: str
    pairs: int
    readers: int
    cases: int
    ratio: float | None
    low: float | None = None
    high: float | None = None
    t: float | None = None
    p_value: float | None = None
    p_holm: float | None = None
    bootstrap_low: float | None = None
    bootstrap_high: float | None = None
    reason: str | None = None

    @property
    def small(self) -> bool:
        """Whether so few readers or cases stand behind it that it should not be generalised."""
        return is_small(self.readers, self.cases)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: numbers finite or None."""
        return {
            "name": self.name,
            "modality": self.modality,
            "group": self.group,
            "n_pairs": self.pairs,
            "n_readers": self.readers,
            "n_cases": self.cases,
            "ratio": json_number(self.ratio),
            "ci": None if self.low is None or self.high is None else [self.low, self.high],
            "ci_bootstrap": None
            if self.bootstrap_low is None or self.bootstrap_high is None
            else [self.bootstrap_low, self.bootstrap_high],
            "t": json_number(self.t),
            "p": json_number(self.p_value),
            "p_holm": json_number(self.p_holm),
            "small": self.small,
            "reason": self.reason,
        }


AIDED_TO_UNAIDED = "aided / unaided"
TOTAL_TO_UNAIDED = "both answers / unaided"


def paired_ratios(
    pairs: pd.DataFrame,
    modalities: Sequence[str],
    *,
    column: str = "log_ratio",
    name: str = AIDED_TO_UNAIDED,
    replicates: int,
    seed: int,
    confidence: float,
) -> tuple[TimeRatio, ...]:
    """The ratio in each modality (Holm over them), in all, and in all by right, wrong, changed and kept answers.

    Parameters
    ----------
    pairs
        From `time_pairs`.
    column
        ``log_ratio`` or ``log_total``.
    """
    modality = pairs["modality"].to_numpy()
    present = [m for m in modalities if (modality == m).any()]

    def one(among: BoolArray, code: str, group: str = "") -> TimeRatio:
        part = pairs.loc[among, [c for c in ("reader", "case", "unit", column) if c in pairs]]
        return _over_readers(
            part, part[column].to_numpy(float), TimeRatio(name, code, group, 0, 0, 0, None),
            replicates=replicates, seed=seed, confidence=confidence,
        )  # fmt: skip

    rows = [one(modality == m, m) for m in present]
    corrected = holm([r.p_value for r in rows])
    rows = [replace(r, p_holm=p) for r, p in zip(rows, corrected, strict=True)]
    if len(present) > 1:
        rows.append(one(np.ones(len(pairs), bool), ALL_MODALITIES))
    if column == "log_total":
        # Two answers take longer than one by their nature: that needs no test.
        rows = [replace(r, t=None, p_value=None, p_holm=None) for r in rows]
    if column == "log_ratio":
        names = {"right": "right_unaided", "changed": "changed"}
        words = {"right answers": "right before", "wrong answers": "wrong before"}
        rows += [
            one(pairs[names[c]].to_numpy(float) == v, ALL_MODALITIES, words.get(group, group))
            for c, group, v in GROUPS
            if (pairs[names[c]].to_numpy(float) == v).any()
        ]
    return tuple(rows)


def within_reader_ratios(timed: TimedReadings, *, confidence: float) -> tuple[TimeRatio, ...]:
    """Wrong against right, and changed against kept answers, of the same readers in the same phase; Holm over all.

    Each reader with answers of both kinds gives the difference of the mean logarithms; there is no pairing of cases.
    """
    frame = timed.frame
    rows = []
    for phase, column, name in (
        (Phase.UNAIDED, "right", "wrong / right answers"),
        (Phase.AIDED, "right", "wrong / right answers"),
        (Phase.UNAIDED, "changed", "later changed / kept answers"),
        (Phase.AIDED, "changed", "changed / kept answers"),
    ):
        part = frame[(frame["phase"] == phase.value) & frame[column].notna()]
        kind = part[column].to_numpy(float) == (0.0 if column == "right" else 1.0)
        means = part.assign(kind=kind).groupby(["reader", "kind"])["log_ms"].mean().unstack()
        both = means.dropna() if means.shape[1] == 2 else means.iloc[:0]
        difference = both[True].to_numpy(float) - both[False].to_numpy(float) if len(both) else np.empty(0)
        used = part[part["reader"].isin(both.index)]
        empty = TimeRatio(
            name,
            ALL_MODALITIES,
            phase.value,
            len(used),
            int(used["reader"].nunique()),
            int(used["case"].nunique()),
            None,
        )
        rows.append(_t_ratio(empty, difference, confidence, nobody="no reader has answers of both kinds"))
    corrected = holm([r.p_value for r in rows])
    return tuple(replace(r, p_holm=p) for r, p in zip(rows, corrected, strict=True))


def _over_readers(
    part: pd.DataFrame, logs: FloatArray, empty: TimeRatio, *, replicates: int, seed: int, confidence: float
) -> TimeRatio:
    named = replace(empty, pairs=len(part), readers=int(part["reader"].nunique()), cases=int(part["case"].nunique()))
    values = part[["reader", "case"]].assign(log=logs)
    # A reader's mean is over their pairs; a case that they read twice counts twice.
    means = values.groupby("reader")["log"].mean().to_numpy(float)
    found = _t_ratio(named, means, confidence, nobody="no pair of times")
    if replicates == 0 or named.readers < 2 or named.cases < 2:
        return found
    matrix = values.pivot_table(index="reader", columns="case", values="log", aggfunc="mean").to_numpy(float)
    units = None
    if "unit" in part:
        units = pd.factorize(part.drop_duplicates("case").sort_values("case")["unit"], sort=True)[0].astype(np.int64)
    drawn = two_way_bootstrap(
        matrix, replicates=replicates, rng=np.random.default_rng([seed, *named.modality.encode()]), units=units
    )
    fewest = min(equal_clusters_of(part[kind].to_numpy()) for kind in ("reader", "case" if units is None else "unit"))
    interval = drawn_interval(float(means.mean()), drawn, fewest, confidence=confidence)
    if interval is None:
        return found
    low, high = (json_number(float(np.exp(min(end, 700.0)))) for end in (interval.low, interval.high))
    return replace(found, bootstrap_low=low, bootstrap_high=high)


def _t_ratio(empty: TimeRatio, differences: FloatArray, confidence: float, *, nobody: str) -> TimeRatio:
    n = len(differences)
    if n == 0:
        return replace(empty, reason=nobody)
    ratio = float(np.exp(differences.mean()))
    if n < 2:
        return replace(empty, ratio=ratio, reason="one reader: an interval over readers needs at least two")
    if np.ptp(differences) < 1e-12:
        return replace(empty, ratio=ratio, reason="every reader has the same ratio: the t test needs differences")
    error = float(differences.std(ddof=1) / np.sqrt(n))
    half = t_quantile((1 + confidence) / 2, n - 1) * error
    t = float(differences.mean() / error)
    return replace(
        empty,
        ratio=ratio,
        low=float(np.exp(differences.mean() - half)),
        high=json_number(float(np.exp(min(differences.mean() + half, 700.0)))),
        t=t,
        p_value=t_two_sided(t, n - 1),
    )
