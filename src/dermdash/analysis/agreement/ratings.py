"""Ratings of the same items by several raters, as every coefficient of agreement wants them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from dermdash.analysis.arrays import FloatArray, IntArray
from dermdash.errors import InvalidInput
from dermdash.wording import counted

MAXIMUM_CATEGORIES = 101
"""A scale from 0 to 100: finer ones are measurements, not categories."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """Categories given by raters to items.

    Attributes
    ----------
    codes : array
        int (raters, items), place in ``categories``; -1 where the rater did not rate the item.
    categories : tuple
        The scale, in its order where it has one; also the categories nobody used.
    """

    codes: IntArray
    categories: tuple[object, ...]

    @property
    def counts(self) -> FloatArray:
        """How many raters gave each item each category: (items, categories)."""
        return np.stack([(self.codes == k).sum(axis=0) for k in range(len(self.categories))], axis=1).astype(float)

    @property
    def raters(self) -> int:
        """Raters with at least one rating."""
        return int((self.codes >= 0).any(axis=1).sum())

    @property
    def items(self) -> int:
        """Items with at least one rating."""
        return int((self.codes >= 0).any(axis=0).sum())

    @property
    def given(self) -> int:
        """Number of ratings."""
        return int((self.codes >= 0).sum())

    @property
    def values(self) -> FloatArray | None:
        """The categories as numbers; None where they are words."""
        try:
            numbers = np.array([float(c) for c in self.categories])  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return None
        return numbers if np.isfinite(numbers).all() else None


def make_ratings(ratings: ArrayLike, categories: Sequence[object] | None = None) -> Ratings:
    """Bring ratings into the one form.

    Parameters
    ----------
    ratings
        (raters, items): category of each, NaN or None where it is missing.
    categories
        The whole scale in its order; None: the categories that occur, sorted.

    Raises
    ------
    InvalidInput
        Not a table, a category outside the scale (rater, item and value are named), or more than
        `MAXIMUM_CATEGORIES`.
    """
    table = np.asarray(ratings, dtype=object)
    if table.ndim != 2:
        raise InvalidInput(f"ratings have {table.ndim} dimensions: expected raters x items")
    missing = pd.isna(table)
    found = set(table[~missing].tolist())
    try:
        scale = tuple(sorted(found)) if categories is None else tuple(categories)
    except TypeError:
        raise InvalidInput("ratings mix words and numbers: expected one kind") from None
    if len(scale) > MAXIMUM_CATEGORIES:
        raise InvalidInput(
            f"the ratings have {counted(len(scale), 'different value')}, and agreement is measured on at most "
            f"{MAXIMUM_CATEGORIES}: round them to a coarser scale"
        )
    place = {category: k for k, category in enumerate(scale)}
    if unknown := found - place.keys():
        rater, item = next((int(r), int(i)) for r, i in np.argwhere(~missing) if table[r, i] in unknown)
        raise InvalidInput(
            f"rater {rater + 1} gave item {item + 1} {table[rater, item]!r}: expected one of "
            f"{', '.join(str(c) for c in scale)}"
        )
    codes = np.full(table.shape, -1)
    codes[~missing] = [place[value] for value in table[~missing]]
    return Ratings(codes, scale)


def agreement_weights(scheme: str, categories: int) -> FloatArray:
    """How much two categories agree, 1 on the diagonal.

    ``unweighted``: only equal ones; ``linear`` and ``quadratic``: one minus their distance in steps of the scale (or
    its square) over the greatest (Cohen 1968).
    """
    if scheme == "unweighted" or categories < 2:
        return np.eye(categories)
    distance = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories))) / (categories - 1)
    if scheme == "linear":
        return 1 - distance
    if scheme == "quadratic":
        return 1 - distance**2
    raise InvalidInput(f"weights {scheme!r}: expected unweighted, linear or quadratic")
