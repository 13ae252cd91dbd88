"""Which images are held out, once, in parts or in folds: whole groups, stratified by diagnosis, by a seed.

Two images of one lesion in both parts would let a network recognise the lesion instead of the disease, and
would make every figure on the held-out part too good.
"""

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dermdash.errors import InvalidInput
from dermdash.wording import counted


def split_by_lesion(
    *, labels: Sequence[str], lesion_ids: Sequence[str], held_out_fraction: float, seed: int
) -> NDArray[np.bool_]:
    """Mark the images whose lesions are held out.

    Lesions are drawn per diagnosis (a lesion with two labels counts under the first in the alphabet), so that
    rare classes are held out in proportion; a class of two or more lesions keeps at least one on each side.

    Parameters
    ----------
    labels, lesion_ids
        Diagnosis and lesion (or patient, for grouping by patient) of each image, same length.
    held_out_fraction
        Share of each class's lesions to hold out, 0..1 exclusive.
    seed
        The same seed and the same set of lesions give the same split in whatever order the images come.

    Returns
    -------
    numpy.ndarray
        bool, one per image: True where held out.

    Raises
    ------
    InvalidInput
        On lengths that differ or a fraction outside 0..1.
    """
    if len(labels) != len(lesion_ids):
        raise InvalidInput(f"{counted(len(labels), 'label')} but {len(lesion_ids)} lesion ids")
    if not 0 < held_out_fraction < 1:
        raise InvalidInput(f"the held-out fraction must lie between 0 and 1, not {held_out_fraction}")
    lesions_of: dict[str, list[str]] = {}
    seen: set[str] = set()
    for label, lesion in sorted(zip(labels, lesion_ids, strict=True)):
        if lesion not in seen:
            seen.add(lesion)
            lesions_of.setdefault(label, []).append(lesion)
    generator = np.random.default_rng(seed)
    held_out: set[str] = set()
    for label in sorted(lesions_of):
        lesions = lesions_of[label]
        if len(lesions) > 1:
            count = min(max(round(held_out_fraction * len(lesions)), 1), len(lesions) - 1)
            held_out.update(lesions[i] for i in generator.permutation(len(lesions))[:count])
    return mark_lesions(lesion_ids, held_out)


def folds_by_lesion(*, labels: Sequence[str], lesion_ids: Sequence[str], folds: int, seed: int) -> NDArray[np.int64]:
    """Number the fold in which each image is predicted by a network that saw neither it nor its lesion.

    Every fold has about its share of every class (`parts_by_group`).

    Parameters
    ----------
    labels, lesion_ids
        Diagnosis and lesion (or patient, or wider group) of each image, same length.
    folds
        How many, 2 or more.
    seed
        The same seed and the same images give the same folds in whatever order the images come.

    Returns
    -------
    numpy.ndarray
        int64, one per image: its fold, 1..folds.

    Raises
    ------
    InvalidInput
        On lengths that differ, fewer than two folds, or fewer lesions than folds.
    """
    if folds < 2:
        raise InvalidInput(f"{counted(folds, 'fold')}: cross-validation needs at least 2")
    there_are = len(set(lesion_ids))
    if there_are < folds and len(labels) == len(lesion_ids):
        raise InvalidInput(f"{counted(folds, 'fold')} need as many lesions; there are {there_are}")
    return parts_by_group(labels=labels, groups=lesion_ids, shares=[1 / folds] * folds, seed=seed) + 1


def parts_by_group(
    *, labels: Sequence[str], groups: Sequence[str], shares: Sequence[float], seed: int
) -> NDArray[np.int64]:
    """Number the part of each image: whole groups, each part with about its share of every class.

    Groups that hold several classes are dealt out one by one, those that hold most of a rare class first, each to the
    part that is furthest from its share of these classes; groups of one class then fill what is missing, the largest
    first. Which of the groups that are alike goes where is drawn. A class of as many groups as there are parts is in
    each of them, where that takes no other class away; no part is empty.

    Parameters
    ----------
    labels, groups
        Diagnosis of each image and what it belongs to (patient, lesion, or wider group), same length.
    shares
        Of each part, above 0; they sum to 1.
    seed
        The same seed and the same images give the same parts in whatever order the images come.

    Returns
    -------
    numpy.ndarray
        int64, one per image: its part, 0..number of parts - 1.

    Raises
    ------
    InvalidInput
        On lengths that differ, shares that are none, or fewer groups than parts.
    """
    if len(labels) != len(groups):
        raise InvalidInput(f"{counted(len(labels), 'label')} but {len(groups)} lesion ids")
    if len(shares) < 2 or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-9:
        raise InvalidInput(f"shares of at least two parts, each above 0, must sum to 1, not {list(shares)}")
    classes, label_at = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    names, group_at = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    if len(names) < len(shares):
        raise InvalidInput(f"{counted(len(shares), 'part')} need as many groups; there are {len(names)}")
    dealer = _Dealer(group_at * len(classes) + label_at, len(names), len(classes), np.asarray(shares, float))
    dealer.deal(np.random.default_rng(seed).permutation(len(names)))
    return dealer.part_of[group_at]


class _Dealer:
    """Groups and their classes, and how far the parts are filled while they are dealt out."""

    def __init__(self, cells: NDArray[np.int64], groups: int, classes: int, shares: NDArray[np.float64]) -> None:
        """``cells``: of each image, group times number of classes plus class."""
        occupied, n = np.unique(cells, return_counts=True)
        # One row per class within a group, in the order of the groups.
        self.group, self.label, self.n = occupied // classes, occupied % classes, n
        self.first = np.searchsorted(self.group, np.arange(groups + 1))
        self.shares = shares
        self.total = np.bincount(self.label, weights=n, minlength=classes)
        self.target = np.outer(shares, self.total)
        self.load = np.zeros_like(self.target)
        self.part_of = np.full(groups, -1, dtype=np.int64)

    def deal(self, order: NDArray[np.int64]) -> None:
        """Give every group its part; groups that are alike in this order."""
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        kinds = np.diff(self.first)
        self._deal_mixed(order[kinds[order] > 1])
        self._deal_pure(order[kinds[order] == 1])
        self._reach_every_part(rank)
        self._leave_none_empty(rank)

    def _deal_mixed(self, order: NDArray[np.int64]) -> None:
        weight = np.maximum.reduceat(self.n / self.total[self.label], self.first[:-1])
        for group in order[np.argsort(-weight[order], kind="stable")]:
            at = slice(self.first[group], self.first[group + 1])
            labels, n = self.label[at], self.n[at]
            # The increase of the sum over classes and parts of (images - target)^2 / (share x images of the class^2).
            off = self.load[:, labels] - self.target[:, labels]
            increase = ((2 * off * n + n**2) / self.total[labels] ** 2).sum(axis=1) / self.shares
            self._put(np.array([group]), int(np.lexsort((self._fullness(), np.round(increase, 12)))[0]))

    def _deal_pure(self, order: NDArray[np.int64]) -> None:
        label, size = self.label[self.first[order]], self.n[self.first[order]]
        rarest_first = self.total[label]
        sorting = np.lexsort((-size, label, rarest_first))
        order, label, size = order[sorting], label[sorting], size[sorting]
        # Runs of groups that are alike: one class, one size.
        new = (np.diff(label, prepend=-1) != 0) | (np.diff(size, prepend=-1) != 0)
        bounds = [*np.flatnonzero(new).tolist(), len(order)]
        for start, end in pairwise(bounds):
            alike = order[start:end]
            counts = self._counts(int(label[start]), int(size[start]), len(alike))
            for part, chosen in enumerate(np.split(alike, np.cumsum(counts)[:-1])):
                self._put(chosen, part)

    def _counts(self, label: int, size: int, groups: int) -> NDArray[np.int64]:
        """How many of so many groups of one class and size each part gets: what it lacks, in proportion."""
        lacking = np.maximum(self.target[:, label] - self.load[:, label], 0)
        if not lacking.any():
            lacking = self.shares
        counts = np.floor(groups * lacking / lacking.sum() + 1e-9).astype(np.int64)
        while counts.sum() < groups:
            still = self.target[:, label] - self.load[:, label] - counts * size
            counts[int(np.lexsort((self._fullness(), np.round(-still, 9)))[0])] += 1
        return counts

    def _fullness(self) -> NDArray[np.float64]:
        return np.asarray(self.load.sum(axis=1) / self.shares)

    def _put(self, groups: NDArray[np.int64], part: int) -> None:
        for group in groups if len(groups) < 2 else ():
            at = slice(self.first[group], self.first[group + 1])
            self.load[part, self.label[at]] += self.n[at]
        if len(groups) > 1:  # all of one class and size
            at = self.first[groups[0]]
            self.load[part, self.label[at]] += self.n[at] * len(groups)
        self.part_of[groups] = part

    def _move(self, group: int, part: int) -> None:
        at = slice(self.first[group], self.first[group + 1])
        self.load[self.part_of[group], self.label[at]] -= self.n[at]
        self._put(np.array([group]), part)

    def _reach_every_part(self, rank: NDArray[np.int64]) -> None:
        """Move groups so that a class of enough groups is in every part, unless that takes another class away."""
        parts = len(self.shares)
        holders = np.zeros(self.load.shape, dtype=np.int64)
        np.add.at(holders, (self.part_of[self.group], self.label), 1)
        for label in np.flatnonzero((holders.sum(axis=0) >= parts) & (holders == 0).any(axis=0)):
            groups = self.group[self.label == label]
            size = np.add.reduceat(self.n, self.first[:-1])[groups]
            groups = groups[np.lexsort((rank[groups], size, np.diff(self.first)[groups]))]
            for part in np.flatnonzero(holders[:, label] == 0):
                for group in sorted(groups, key=lambda g: -holders[self.part_of[g], label]):
                    labels = self.label[self.first[group] : self.first[group + 1]]
                    if (holders[self.part_of[group], labels] > 1).all():
                        holders[self.part_of[group], labels] -= 1
                        holders[part, labels] += 1
                        self._move(int(group), int(part))
                        break

    def _leave_none_empty(self, rank: NDArray[np.int64]) -> None:
        size = np.add.reduceat(self.n, self.first[:-1])
        for part in np.flatnonzero(np.bincount(self.part_of, minlength=len(self.shares)) == 0):
            held = np.bincount(self.part_of, minlength=len(self.shares))
            donors = np.flatnonzero(held[self.part_of] > 1)
            best = donors[np.lexsort((rank[donors], size[donors], -held[self.part_of[donors]]))[0]]
            self._move(int(best), int(part))


def mark_lesions(lesion_ids: Sequence[str], held_out: Collection[str]) -> NDArray[np.bool_]:
    """Return True for every image whose lesion is among ``held_out``."""
    wanted = set(held_out)
    return np.fromiter((lesion in wanted for lesion in lesion_ids), dtype=np.bool_, count=len(lesion_ids))
