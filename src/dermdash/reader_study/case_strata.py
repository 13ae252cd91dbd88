"""Easy and hard cases in equal shares: the lesions of a class in strata of difficulty, and how many are drawn of each.

A study that compares rounds, arms or readers compares what was shown in them too. With strata each round gets as many
easy cases of a class as hard ones, to within one case, whatever the draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd


def entropy(probabilities: Mapping[str, float]) -> float:
    """How undecided a distribution is, in bits: 0 where one class has all, log2 of their number where all are alike."""
    values = np.array([p for p in probabilities.values() if p > 0], dtype=float)
    values = values / values.sum()
    return float(max(0.0, -(values * np.log2(values)).sum()))


def disagreement(shares: Mapping[str, float]) -> float:
    """The share of a crowd that did not choose its most frequent answer (0..1), whatever the truth is."""
    return 1.0 - max(shares.values())


def strata_of(pool: pd.DataFrame, count: int) -> pd.Series:
    """The stratum of each row within its class: 1 for the easiest of its lesions, ``count`` for the hardest.

    ``pool`` has ``dx`` and ``difficulty``; rows of equal difficulty go in the order of the rows, which is a random one.
    """
    rank = pool.groupby("dx")["difficulty"].rank(method="first")
    size = pool.groupby("dx")["difficulty"].transform("size")
    return ((rank - 1) * count // size + 1).astype(int)


def quotas(class_mix: Mapping[str, int], *, rounds: int, count: int) -> list[dict[str, list[int]]]:
    """Cases of each class and stratum in each round.

    A class has the same share of each stratum, and one more of some where it cannot be divided: of which goes round, so
    that in a round the strata have the same number of cases to within one, and over the rounds of a class as well.
    """
    rounds_of: list[dict[str, list[int]]] = []
    for number in range(rounds):
        place = number
        wanted: dict[str, list[int]] = {}
        for code, n in class_mix.items():
            share, rest = divmod(n, count)
            extra = {(place + i) % count for i in range(rest)}
            wanted[code] = [share + (stratum in extra) for stratum in range(count)]
            place += rest
        rounds_of.append(wanted)
    return rounds_of


def shortages(pool: pd.DataFrame, wanted: Sequence[Mapping[str, Sequence[int]]], words: Sequence[str]) -> list[str]:
    """Where a class, or a stratum of it, has fewer lesions than all rounds together want; in words with the numbers."""
    there = pool.groupby(["dx", "stratum"]).size().to_dict()
    found = []
    for code in wanted[0] if wanted else ():
        for stratum in range(len(words)):
            needed = sum(quota[code][stratum] for quota in wanted)
            has = int(there.get((code, stratum + 1), 0))
            if has < needed:
                name = code if len(words) == 1 else f"{code} ({words[stratum]})"
                found.append(f"{name} has {has}, needs {needed}")
    return found


def stratum_words(count: int) -> list[str]:
    """What strata are called, the easiest first; a single one needs no name."""
    if count == 1:
        return [""]
    middle = ["middle"] if count == 3 else [f"{i} of {count}" for i in range(2, count)]
    return ["easiest", *middle, "hardest"]
