"""The change for other readers and other cases, beside the paired t test, which speaks of these cases alone.

Obuchowski and Rockette's analysis (Commun Stat Simul 1995; Hillis, Stat Med 2014) of two modalities, unaided and aided,
with any share of answers as figure of merit. Of two modalities everything is said by the readers' changes d: with r
readers, S2 the variance of d between them and C the mean covariance that two readers' d have through common cases,

- other readers and cases: Var = S2 / r + max(C, 0), which is 2 D / r of the usual notation, C being 2 (Cov2 - Cov3);
- these readers, other cases: Var = V / r + (r - 1) / r max(C, 0), V the mean variance of one reader's d over cases.

C counts 0 for readers without a case in common, so that the same holds where readers read different cases, and where
none is shared it is the paired t test, which then speaks of other cases as well (cases nested in readers).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dermdash.analysis.arrays import FloatArray
from dermdash.analysis.estimates import json_number
from dermdash.analysis.mrmc.covariance.unbiased import covariance_of_means
from dermdash.analysis.mrmc.design import Design
from dermdash.analysis.mrmc.effect import NO_VARIANCE, EffectTest, Inference, difference_test, no_effect
from dermdash.analysis.paired_accuracy import holm
from dermdash.analysis.reader_means import ReaderCells, reader_cells, reader_means
from dermdash.wording import counted

MINIMUM_READERS, MINIMUM_CASES = 5, 10
"""Fewer readers, or cases (as equal ones), and the test does not hold its level: tests/benchmarks/error_rates.py."""
MOST_READERS = 2_500
_BLOCK = 500


@dataclass(frozen=True, slots=True)
class PopulationTests:
    """The change for other readers and cases (RRRC) and for other cases alone (FRRC).

    ``design`` says who read what; ``units`` are the cases, or the lesions or patients where cases share them.
    ``case_covariance`` is C as estimated: below 0 it was taken as 0, so that cases add nothing to what readers show.
    """

    tests: Mapping[Inference, EffectTest]
    design: Design
    units: int
    case_covariance: float | None = None

    @property
    def both(self) -> EffectTest:
        """For other readers and other cases."""
        return self.tests[Inference.RRRC]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: ``population`` says of whom each speaks."""
        return {
            **{kind.value: {"population": kind.population, **test.as_dict()} for kind, test in self.tests.items()},
            "design": self.design.value,
            "n_units": self.units,
            "case_covariance": json_number(self.case_covariance),
        }


def population_tests(part: pd.DataFrame, *, confidence: float = 0.95) -> PopulationTests | None:
    """Test the change of these pairs of answers for other readers and cases.

    Parameters
    ----------
    part
        ``reader, case, unaided, aided``, one row per pair, perhaps ``stratum`` and ``unit`` of the case, as for
        `dermdash.analysis.paired_accuracy.paired_changes`; every reader counts the same, as there.
    confidence
        Level of the intervals, 0..1.

    Returns
    -------
    PopulationTests or None
        None where no reader has a case in every stratum. Tests that cannot be had say why.

    Notes
    -----
    Degrees of freedom are Satterthwaite's of both parts: r - 1 for the readers' as of Hillis (2007), and the number of
    units - 1 for the cases', which they take as known; never more than units - 1. With many readers of few cases their
    rejected in 7 % of null studies. Where readers read different cases they are at most r - 1: with 5 to 10 readers of
    a quarter of the cases each the sum rejected in 5.6 to 5.9 %. Units that weigh unequally count for the number of
    equal ones, 1 / sum(weight^2).
    """
    cells = reader_cells(part)
    means = reader_means(cells)
    if not means.complete.any():
        return None
    if not means.complete.all():
        return population_tests(part[part["reader"].isin(cells.readers[means.complete])], confidence=confidence)
    change = means.aided - means.unaided
    unit = _unit_of_case(part, cells)
    of_unit = _in_units(cells, unit)
    units = int(unit.max()) + 1
    design = _design(cells)
    difference = float(change.mean())
    if reason := _too_few(cells, of_unit):
        return PopulationTests(dict.fromkeys(_KINDS, no_effect(reason, difference)), design, units)
    own, shared = _covariances(of_unit)
    equal = _equal_units(of_unit)
    tests = {
        Inference.RRRC: _for_both(change, shared, equal, design, confidence),
        Inference.FRRC: _for_cases(change, own, shared, equal, confidence),
    }
    return PopulationTests(tests, design, units, shared)


def with_holm(found: list[PopulationTests | None]) -> list[PopulationTests | None]:
    """The same with p corrected over exactly these, each population for itself."""
    corrected = {kind: holm([None if f is None else f.tests[kind].p for f in found]) for kind in _KINDS}
    return [
        None if f is None else replace(f, tests={k: f.tests[k].with_holm(corrected[k][i]) for k in _KINDS})
        for i, f in enumerate(found)
    ]


_KINDS = (Inference.RRRC, Inference.FRRC)
_Units = tuple[tuple[FloatArray, FloatArray], ...]
"""Of each stratum (readers, units): sum of the changes, and number of cells."""


def _for_both(change: FloatArray, shared: float, units: float, design: Design, confidence: float) -> EffectTest:
    difference, readers = float(change.mean()), len(change)
    if np.ptp(change) < 1e-12:
        why = "every reader changed by the same amount: how much readers differ cannot be seen"
        return no_effect(why, difference)
    of_readers = float(change.var(ddof=1)) / readers
    of_cases = max(shared, 0.0)
    total = of_readers + of_cases
    both_parts = total**2 / (of_readers**2 / (readers - 1) + of_cases**2 / (units - 1))
    # Two parts that are both known well add up to more than cases there are.
    df = min(both_parts, units - 1, readers - 1 if design is Design.INCOMPLETE else units - 1)
    return _limited(difference_test(difference, total, df, confidence=confidence))


def _for_cases(change: FloatArray, own: float, shared: float, units: float, confidence: float) -> EffectTest:
    difference, readers = float(change.mean()), len(change)
    variance = own / readers + (readers - 1) / readers * max(shared, 0.0)
    if not np.isfinite(variance):
        return no_effect(
            "a reader read one case alone: how much the cases of a reader differ cannot be seen", difference
        )
    if variance <= NO_VARIANCE:
        return no_effect("no variation between cases can be seen", difference)
    return _limited(difference_test(difference, variance, units - 1, confidence=confidence))


def _limited(test: EffectTest) -> EffectTest:
    """A difference of shares does not leave -1..1."""
    if test.low is None or test.high is None:
        return test
    return replace(test, low=max(-1.0, test.low), high=min(1.0, test.high))


def _too_few(cells: ReaderCells, of_unit: _Units) -> str | None:
    readers = len(cells.readers)
    if readers < MINIMUM_READERS:
        return (
            f"{counted(readers, 'reader')}: what holds for other readers and other cases is not tested with fewer than "
            f"{MINIMUM_READERS}"
        )
    if readers > MOST_READERS:
        return f"more than {MOST_READERS:,} readers: the estimating equations speak of other readers and cases"
    least = min(_equal_units((one,)) for one in of_unit)
    if least < MINIMUM_CASES - 1e-9:
        return (
            f"cases that count for {least:.3g} equal ones: what holds for other cases is not tested with fewer than "
            f"{MINIMUM_CASES}"
        )
    return None


def _unit_of_case(part: pd.DataFrame, cells: ReaderCells) -> npt.NDArray[np.int64]:
    """Number of the unit of each case of the cells."""
    if "unit" not in part:
        return np.arange(len(cells.cases))
    of_case = part.drop_duplicates("case").set_index("case")["unit"].reindex(cells.cases)
    found: npt.NDArray[np.int64] = pd.factorize(of_case.to_numpy())[0].astype(np.int64)
    return found


def _in_units(cells: ReaderCells, unit: npt.NDArray[np.int64]) -> _Units:
    shape = len(cells.readers), int(unit.max()) + 1
    change = cells.aided - cells.unaided
    found: list[tuple[FloatArray, FloatArray]] = []
    for label in np.unique(cells.stratum):
        inside = cells.stratum == label
        place = cells.reader[inside] * shape[1] + unit[cells.case[inside]]
        sums = np.bincount(place, weights=change[inside], minlength=shape[0] * shape[1]).astype(float)
        counts = np.bincount(place, minlength=shape[0] * shape[1]).astype(float)
        found.append((np.reshape(sums, shape), np.reshape(counts, shape)))
    return tuple(found)


def _covariances(of_unit: _Units) -> tuple[float, float]:
    """Mean variance of one reader's change over cases, and mean covariance of two readers' changes."""
    readers = len(of_unit[0][0])
    own, total, known = np.zeros(readers), 0.0, 0
    for start in range(0, readers, _BLOCK):
        rows = slice(start, start + _BLOCK)
        block = np.zeros((len(of_unit[0][0][rows]), readers))
        for sums, counts in of_unit:
            for other_sums, other_counts in of_unit:
                block += covariance_of_means(sums[rows], counts[rows], other_sums, other_counts) / len(of_unit) ** 2
        here = np.arange(len(block))
        own[rows] = block[here, start + here]
        block[here, start + here] = np.nan
        total += float(np.nansum(block))
        known += int(np.isfinite(block).sum())
    return float(own.mean()), total / max(known, 1)


def _equal_units(of_unit: _Units) -> float:
    """How many units of equal weight these count for: every reader weighs the same, and so does a stratum."""
    weight = np.zeros(of_unit[0][1].shape[1])
    for _, counts in of_unit:
        weight += (counts / counts.sum(axis=1, keepdims=True)).mean(axis=0) / len(of_unit)
    return float(1 / (weight**2).sum())


def _design(cells: ReaderCells) -> Design:
    pairs = len(cells.reader)
    if pairs == len(cells.readers) * len(cells.cases):
        return Design.FACTORIAL
    return Design.CASES_IN_READER if pairs == len(cells.cases) else Design.INCOMPLETE
