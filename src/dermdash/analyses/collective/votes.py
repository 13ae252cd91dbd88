"""Votes: who gave which answer to which case, as a table of readers x cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dermdash.analyses.collective.vote_bootstrap import REPLICATES, VoteBootstrap
from dermdash.analysis.arrays import BoolArray, IntArray
from dermdash.errors import InvalidInput

ONE_STRATUM = "all"


@dataclass(frozen=True, slots=True)
class Votes:
    """One vote per reader and case.

    Attributes
    ----------
    chosen : array
        int (readers, cases): index of the class, -1 where the reader did not read the case.
    truth : array
        int (cases,): index of the true class.
    classes : tuple of str
        What can be voted for.
    strata, stratum : tuple of str, array
        Names of the strata that panels are composed from, and the stratum of each reader.
    units : array or None
        int (cases,): number of each case's lesion or patient; None: no two cases share one.
    """

    readers: tuple[str, ...]
    cases: tuple[str, ...]
    chosen: IntArray
    truth: IntArray
    classes: tuple[str, ...]
    strata: tuple[str, ...]
    stratum: IntArray
    units: IntArray | None = None

    @property
    def counts(self) -> IntArray:
        """Votes by case, stratum and class: int (cases, strata, classes)."""
        shape = len(self.cases), len(self.strata), len(self.classes)
        reader, case = np.nonzero(self.chosen >= 0)
        cell = (case * shape[1] + self.stratum[reader]) * shape[2] + self.chosen[reader, case]
        return np.bincount(cell, minlength=shape[0] * shape[1] * shape[2]).reshape(shape)

    @property
    def readers_per_case(self) -> IntArray:
        """Votes that each case has, by stratum: int (cases, strata)."""
        return self.counts.sum(axis=2)

    @property
    def total(self) -> int:
        """Number of votes."""
        return int((self.chosen >= 0).sum())

    def of_cases(self, keep: BoolArray) -> Votes:
        """The same readers on some of the cases; readers who read none of these are left out."""
        chosen = self.chosen[:, keep]
        there = (chosen >= 0).any(axis=1)
        return replace(
            self,
            readers=tuple(np.array(self.readers, object)[there]),
            cases=tuple(np.array(self.cases, object)[keep]),
            chosen=chosen[there],
            truth=self.truth[keep],
            stratum=self.stratum[there],
            units=None if self.units is None else self.units[keep],
        )

    @property
    def case_units(self) -> IntArray:
        """Number of the unit of each case, for what is counted over cases alone."""
        return np.arange(len(self.cases)) if self.units is None else self.units

    def bootstrap(self, seed: int, replicates: int = REPLICATES) -> VoteBootstrap:
        """The draws of readers and cases for intervals."""
        return VoteBootstrap(
            self.chosen, self.stratum, len(self.strata), len(self.classes), replicates, seed, units=self.units
        )


def votes_of(
    frame: pd.DataFrame,
    *,
    answer: str,
    truth: str,
    classes: Sequence[str],
    strata: Sequence[str] = (),
    by: str | None = None,
) -> Votes:
    """Bring answers into a table; of several answers of one reader to one case the first row counts.

    Parameters
    ----------
    frame
        Columns ``reader``, ``case``, the answer, the truth, and ``by``; perhaps ``unit``, the number of the case's
        lesion or patient. Rows without answer or truth are left out.
    answer, truth
        Names of the columns with the class that was given and the true one.
    classes
        Every class that occurs, in order.
    strata, by
        Column to compose panels by, and those of its values to use; readers with others are left out. None: one
        stratum of everybody.

    Raises
    ------
    InvalidInput
        An answer or a truth that is no class, or a reader of two strata.
    """
    kept = frame[frame[answer].notna() & frame[truth].notna()]
    if by is not None:
        kept = kept[kept[by].isin(list(strata))]
    kept = kept.drop_duplicates(["reader", "case"])
    given, true_class = (_places(kept[column], classes, column) for column in (answer, truth))
    reader, readers = pd.factorize(kept["reader"], sort=True)
    case, cases = pd.factorize(kept["case"], sort=True)
    chosen = np.full((len(readers), len(cases)), -1, dtype=np.int64)
    chosen[reader, case] = given
    true = np.zeros(len(cases), dtype=np.int64)
    true[case] = true_class
    stratum = np.zeros(len(readers), dtype=np.int64)
    if by is not None:
        group = _places(kept[by], strata, by)
        stratum[reader] = group
        if (twice := stratum[reader] != group).any():
            raise InvalidInput(f"reader {readers[reader[twice].min()]} has more than one {by}: expected one")
    names = tuple(strata) if by is not None else (ONE_STRATUM,)
    units = None
    if "unit" in kept:
        units = np.zeros(len(cases), dtype=np.int64)
        units[case] = kept["unit"].to_numpy(int)
    return Votes(tuple(map(str, readers)), tuple(map(str, cases)), chosen, true, tuple(classes), names, stratum, units)


def _places(values: pd.Series[Any], names: Sequence[str], column: str) -> IntArray:
    """The place of each value among the names."""
    codes, found = pd.factorize(values)
    place = {name: i for i, name in enumerate(names)}
    if unknown := sorted({str(v) for v in found} - place.keys()):
        raise InvalidInput(f"{column} is {unknown[0]!r}: expected one of {', '.join(names)}")
    places: IntArray = np.array([place[str(v)] for v in found], dtype=np.int64)[codes]
    return places


def largest_panel(readers_per_case: IntArray, limit: int) -> int:
    """Size of the largest panel that at least half of the cases can seat, at most ``limit``; 0 without cases."""
    if len(readers_per_case) == 0:
        return 0
    half = np.sort(readers_per_case)[::-1][(len(readers_per_case) - 1) // 2]
    return int(min(limit, half))
