"""Accuracy before and after assistance, paired within readers.

Per modality: each reader's proportion correct unaided and aided, the mean difference with the paired two-sided t
test of the Nature Medicine 2020 study, a two-way bootstrap over readers and cases, and Holm's correction over the
modalities.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from dermdash.analysis.distributions import t_quantile, t_two_sided
from dermdash.analysis.drawn_intervals import drawn_interval
from dermdash.analysis.draws import compact, times_drawn
from dermdash.analysis.estimates import check_confidence, equal_clusters_of
from dermdash.analysis.reader_means import FloatArray, ReaderCells, reader_cells, reader_means
from dermdash.errors import InvalidInput, MissingColumns

REQUIRED_COLUMNS = ("reader", "case", "modality", "phase", "correct")


@dataclass(frozen=True, slots=True)
class Interval:
    """Two-sided confidence interval, in the unit of its estimate."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PairedAccuracy:
    """Accuracy of one modality. Proportions are 0..1; ``difference`` is aided minus unaided (higher = gain).

    What cannot be computed is None, and ``reason`` says why. ``readers_left_out`` have no case in one of the strata.
    """

    modality: str
    readers: int
    cases: int
    readings: int  # pairs of answers
    unaided: float
    aided: float
    difference: float
    unaided_interval: Interval | None
    aided_interval: Interval | None
    difference_interval: Interval | None
    bootstrap_interval: Interval | None
    t: float | None
    p_value: float | None
    p_holm: float | None
    reason: str | None
    readers_left_out: int = 0


def pair_readings(readings: pd.DataFrame) -> pd.DataFrame:
    """Join the unaided and aided reading of each reader, case and modality; unpaired ones are left out.

    Parameters
    ----------
    readings
        Columns ``reader``, ``case``, ``modality``, ``phase`` (unaided | aided), ``correct`` (bool).

    Returns
    -------
    DataFrame
        ``modality, reader, case, unaided, aided`` with 0 or 1.

    Raises
    ------
    MissingColumns
        A column is absent.
    InvalidInput
        A reader has two readings of one case, modality and phase.
    """
    if missing := [name for name in REQUIRED_COLUMNS if name not in readings.columns]:
        raise MissingColumns(f"the readings lack {', '.join(missing)}; expected {', '.join(REQUIRED_COLUMNS)}")
    key = ["modality", "reader", "case"]
    twice = readings[readings.duplicated([*key, "phase"])]
    if len(twice):
        first = twice.iloc[0]
        raise InvalidInput(
            f"reader {first['reader']} has two {first['phase']} readings of case {first['case']} "
            f"with {first['modality']}: one was expected"
        )
    halves = {
        phase: readings.loc[readings["phase"] == phase, [*key, "correct"]].rename(columns={"correct": phase})
        for phase in ("unaided", "aided")
    }
    pairs = halves["unaided"].merge(halves["aided"], on=key)
    return pairs.astype({"unaided": float, "aided": float})


def reader_accuracy(readings: pd.DataFrame) -> pd.DataFrame:
    """Each reader's proportions per modality: ``modality, reader, cases, unaided, aided, difference``."""
    return reader_changes(pair_readings(readings))


def reader_changes(pairs: pd.DataFrame) -> pd.DataFrame:
    """Each reader's means per modality, ``modality, reader, cases, unaided, aided, difference``; pairs as for
    `paired_changes`. Readers without a case in one of the strata are left out.
    """
    parts = []
    for modality, part in pairs.groupby("modality"):
        cells = reader_cells(part)
        means = reader_means(cells)
        table = pd.DataFrame(
            {"modality": modality, "reader": cells.readers, "cases": means.cases, "unaided": means.unaided,
             "aided": means.aided}
        )  # fmt: skip
        parts.append(table[means.complete])
    names = ["modality", "reader", "cases", "unaided", "aided"]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)
    return table.assign(difference=table["aided"] - table["unaided"])


def paired_accuracy(
    readings: pd.DataFrame,
    *,
    seed: int,
    modalities: Sequence[str] | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
) -> tuple[PairedAccuracy, ...]:
    """Accuracy change of each modality.

    Parameters
    ----------
    readings
        As for `pair_readings`.
    seed
        Of the bootstrap; equal input and seed give equal intervals, whatever the order of rows.
    modalities
        Order of the result; those without a pair are left out. None: alphabetical.
    confidence
        Level of all intervals, 0..1.
    replicates
        Bootstrap replicates; 0 leaves the bootstrap out.

    Returns
    -------
    tuple of PairedAccuracy
        Each reader weighs the same, however many cases they read (Tschandl et al., Nat Med 2020). Intervals of the
        mean, the difference and the p value come from the t distribution over readers; the bootstrap
        draws readers and cases, so that it also covers the choice of cases.
    """
    return paired_changes(
        pair_readings(readings), seed=seed, modalities=modalities, confidence=confidence, replicates=replicates
    )


def paired_changes(
    pairs: pd.DataFrame,
    *,
    seed: int,
    modalities: Sequence[str] | None = None,
    confidence: float = 0.95,
    replicates: int = 2000,
) -> tuple[PairedAccuracy, ...]:
    """As `paired_accuracy`, for any outcome and with any number of pairs per reader and case.

    Parameters
    ----------
    pairs
        Columns ``modality``, ``reader``, ``case``, ``unaided`` and ``aided`` (0..1), one row per pair of answers.
        Several pairs of one reader, case and modality are averaged first: each case weighs the same within a reader.
        With a column ``stratum`` (a property of the case) a reader's figure is the mean of their means in the strata:
        malignant and benign cases as strata make it the balanced accuracy. Readers who saw no case of one of the
        strata are left out, and a modality that keeps no reader is absent from the result.
    """
    check_confidence(confidence)
    present = sorted(pairs["modality"].unique()) if modalities is None else list(modalities)
    results = []
    for modality in present:
        part = pairs[pairs["modality"] == modality]
        found = paired_change(part, modality, seed=seed, confidence=confidence, replicates=replicates)
        results += [] if found is None else [found]
    corrected = holm([result.p_value for result in results])
    return tuple(replace(result, p_holm=p) for result, p in zip(results, corrected, strict=True))


def paired_change(
    part: pd.DataFrame, modality: str, *, seed: int, confidence: float, replicates: int
) -> PairedAccuracy | None:
    """The change over these pairs, whose modality is given; None where no reader is left."""
    if part.empty:
        return None
    rng = np.random.default_rng([seed, *modality.encode()])
    return _one_modality(part, modality, confidence=confidence, replicates=replicates, rng=rng)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down correction; None stays None and does not count as a comparison (Holm 1979)."""
    known = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, i) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * p))
        corrected[i] = largest
    return corrected


def two_way_bootstrap(
    difference: FloatArray,
    *,
    replicates: int,
    rng: np.random.Generator,
    strata: npt.NDArray[np.int64] | None = None,
    units: npt.NDArray[np.int64] | None = None,
    chunk: int = 500,
) -> FloatArray:
    """Mean over readers of each reader's mean difference, in replicates that redraw readers and cases.

    Parameters
    ----------
    difference
        Readers x cases, aided minus unaided (-1..1); NaN where the reader did not read the case.
    strata
        Stratum of each case; a reader's mean is then the mean of their means in the strata. None: one stratum.
    units
        Number of each case's lesion or patient, which are then drawn. None: cases are drawn.

    Returns
    -------
    array
        One mean per replicate. A drawn reader who read none of the drawn cases (of a stratum) is left out of that
        replicate; a replicate with no reader left is left out altogether.
    """
    n_readers, n_cases = difference.shape
    seen = ~np.isnan(difference)
    filled = np.nan_to_num(difference)
    labels = np.zeros(n_cases, int) if strata is None else strata
    parts = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    tables = [(part, compact(seen[:, part].T), compact(filled[:, part].T)) for part in parts]
    means = []
    n_units = n_cases if units is None else int(units.max()) + 1
    for start in range(0, replicates, chunk):
        size = min(chunk, replicates - start)
        readers, cases = times_drawn(n_readers, size, rng), times_drawn(n_units, size, rng)
        cases = cases if units is None else np.take(cases, units, axis=1)
        weight, change = readers, np.zeros((size, n_readers))
        for part, seen_part, filled_part in tables:
            drawn = cases if len(parts) == 1 else np.take(cases, part, axis=1)
            count = drawn @ seen_part
            weight = weight * (count > 0)
            change += (drawn @ filled_part) / np.maximum(count, 1.0).astype(float) / len(parts)
        total = weight.sum(axis=1)
        sums = np.einsum("ij,ij->i", weight, change)
        means.append(sums[total > 0] / total[total > 0])
    return np.concatenate(means) if means else np.empty(0)


def _one_modality(
    part: pd.DataFrame, modality: str, *, confidence: float, replicates: int, rng: np.random.Generator
) -> PairedAccuracy | None:
    cells = reader_cells(part)
    means = reader_means(cells)
    kept = means.complete
    if not kept.any():
        return None
    if not kept.all():
        part = part[part["reader"].isin(cells.readers[kept])]
        left_out = int((~kept).sum())
        found = _one_modality(part, modality, confidence=confidence, replicates=replicates, rng=rng)
        return None if found is None else replace(found, readers_left_out=left_out)
    unaided, aided = means.unaided, means.aided
    change = aided - unaided
    n_readers, n_cases = len(cells.readers), len(cells.cases)
    interval = t = p = boot = None
    reason = None
    if n_readers < 2:
        reason = "one reader: an interval over readers needs at least two"
    elif np.ptp(change) < 1e-12:
        reason = "every reader changed by the same amount: the t test needs differences between readers"
    else:
        t = float(change.mean() / change.std(ddof=1) * np.sqrt(n_readers))
        p = t_two_sided(t, n_readers - 1)
        interval = _clipped(_t_interval(change, confidence), lowest=-1.0)
    if n_readers >= 2 and n_cases >= 2 and replicates > 0:
        boot = _bootstrap_interval(
            cells, _units(part), float(change.mean()), confidence=confidence, replicates=replicates, rng=rng
        )
    elif n_readers >= 2 and n_cases < 2:
        reason = "; ".join(filter(None, [reason, "one case: the bootstrap needs at least two"]))
    return PairedAccuracy(
        modality=modality,
        readers=n_readers,
        cases=n_cases,
        readings=len(part),
        unaided=float(unaided.mean()),
        aided=float(aided.mean()),
        difference=float(change.mean()),
        unaided_interval=_clipped(_t_interval(unaided, confidence)),
        aided_interval=_clipped(_t_interval(aided, confidence)),
        difference_interval=interval,
        bootstrap_interval=boot,
        t=t,
        p_value=p,
        p_holm=None,
        reason=reason,
    )


def _units(part: pd.DataFrame) -> npt.NDArray[np.int64] | None:
    """Number of the unit of each case, cases sorted; None where every case is one."""
    if "unit" not in part:
        return None
    of_case = part.drop_duplicates("case").sort_values("case")["unit"]
    numbers: npt.NDArray[np.int64] = pd.factorize(of_case, sort=True)[0].astype(np.int64)
    return numbers if len(np.unique(numbers)) < len(numbers) else None


def _bootstrap_interval(
    cells: ReaderCells,
    units: npt.NDArray[np.int64] | None,
    value: float,
    *,
    confidence: float,
    replicates: int,
    rng: np.random.Generator,
) -> Interval | None:
    """Of the t distribution, as percentiles miss too often where readers or cases are few (`drawn_intervals`)."""
    # Readers x cases in sorted order, so that the draw does not depend on the rows' order.
    matrix = np.full((len(cells.readers), len(cells.cases)), np.nan)
    matrix[cells.reader, cells.case] = cells.aided - cells.unaided
    strata = np.zeros(len(cells.cases), np.int64)
    strata[cells.case] = cells.stratum
    means = two_way_bootstrap(matrix, replicates=replicates, rng=rng, strata=strata, units=units)
    of_case = cells.case if units is None else units[cells.case]
    fewest = min(equal_clusters_of(cells.reader), equal_clusters_of(of_case))
    found = drawn_interval(value, means, fewest, confidence=confidence, bounds=(-1.0, 1.0))
    return None if found is None else Interval(found.low, found.high)


def _t_interval(values: FloatArray, confidence: float) -> Interval | None:
    n = len(values)
    if n < 2 or np.ptp(values) < 1e-12:
        return None
    half = float(t_quantile((1 + confidence) / 2, n - 1) * values.std(ddof=1) / np.sqrt(n))
    mean = float(values.mean())
    return Interval(mean - half, mean + half)


def _clipped(interval: Interval | None, *, lowest: float = 0.0) -> Interval | None:
    """A proportion's interval does not leave 0..1, that of a difference not -1..1."""
    return None if interval is None else Interval(max(lowest, interval.low), min(1.0, interval.high))
