"""Outcomes before and after assistance by reader and case, and each reader's means."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dermdash.analysis.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class ReaderCells:
    """Outcome before and after, one entry per reader and case; several pairs of answers are averaged.

    ``reader`` and ``case`` are places in ``readers`` and ``cases``, which are sorted; ``stratum`` is a number.
    """

    readers: npt.NDArray[np.object_]
    cases: npt.NDArray[np.object_]
    reader: IntArray
    case: IntArray
    unaided: FloatArray
    aided: FloatArray
    stratum: IntArray


@dataclass(frozen=True, slots=True)
class ReaderMeans:
    """Means of each reader, 0..1: over their cases, and over the strata of these where there are several.

    ``complete`` marks readers who have cases in every stratum; the means of the others are not to be used.
    """

    complete: npt.NDArray[np.bool_]
    cases: IntArray
    unaided: FloatArray
    aided: FloatArray


def reader_cells(pairs: pd.DataFrame) -> ReaderCells:
    """Average pairs with ``reader, case, unaided, aided`` and perhaps ``stratum``, a property of the case."""
    # Numbers instead of pandas' groups: a breakdown asks this a hundred times.
    reader, readers = _places(pairs["reader"])
    case, cases = _places(pairs["case"])
    strata = np.zeros(len(pairs), int) if "stratum" not in pairs.columns else _places(pairs["stratum"])[0]
    cell, first, index, size = np.unique(
        reader * len(cases) + case, return_index=True, return_inverse=True, return_counts=True
    )

    def mean(name: str) -> FloatArray:
        found: FloatArray = np.bincount(index, weights=pairs[name].to_numpy(float)) / size
        return found

    return ReaderCells(
        np.asarray(readers, object),
        np.asarray(cases, object),
        cell // len(cases),
        cell % len(cases),
        mean("unaided"),
        mean("aided"),
        strata[first].astype(np.int64),
    )


def _places(names: "pd.Series[Any]") -> tuple[IntArray, npt.NDArray[Any]]:
    """The place of each name among the sorted names, and these. Whole numbers are names, too, and the faster ones."""
    if isinstance(names.dtype, np.dtype) and names.dtype.kind == "i":
        different, places = np.unique(names.to_numpy(), return_inverse=True)
        return places, different
    places, found = pd.factorize(names, sort=True)
    return places, np.asarray(found, object)


def reader_means(cells: ReaderCells) -> ReaderMeans:
    """Means of every reader of the cells."""
    n, strata = len(cells.readers), np.unique(cells.stratum)
    complete = np.ones(n, bool)
    counts, unaided, aided = np.zeros(n, np.int64), np.zeros(n), np.zeros(n)
    for label in strata:
        inside = cells.stratum == label
        count = np.bincount(cells.reader[inside], minlength=n)
        complete &= count > 0
        counts += count
        for total, values in ((unaided, cells.unaided), (aided, cells.aided)):
            sums = np.bincount(cells.reader[inside], weights=values[inside], minlength=n)
            total += sums / np.maximum(count, 1) / len(strata)
    return ReaderMeans(complete, counts, unaided, aided)
