"""Which images are held out, once or in folds: whole lesions, stratified by diagnosis, by a seed.

Two images of one lesion in both parts would let a network recognise the lesion instead of the disease, and
would make every figure on the held-out part too good.
"""

from collections.abc import Collection, Sequence

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

    Lesions (or whatever groups are given) are dealt out one by one, those that hold most of a rare class first,
    each to the fold that has least of its classes so far; so every fold has about its share of every class.

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
    if len(labels) != len(lesion_ids):
        raise InvalidInput(f"{counted(len(labels), 'label')} but {len(lesion_ids)} lesion ids")
    if folds < 2:
        raise InvalidInput(f"{counted(folds, 'fold')}: cross-validation needs at least 2")
    classes, label_at = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    groups, group_at = np.unique(np.asarray(lesion_ids, dtype=str), return_inverse=True)
    if len(groups) < folds:
        raise InvalidInput(f"{counted(folds, 'fold')} need as many lesions; there are {len(groups)}")
    counts = np.zeros((len(groups), len(classes)))
    np.add.at(counts, (group_at, label_at), 1)
    share = counts / counts.sum(axis=0)  # of each class, the part that this lesion holds
    order = np.random.default_rng(seed).permutation(len(groups))
    order = order[np.argsort(-share[order].max(axis=1), kind="stable")]
    load = np.zeros((folds, len(classes)))
    images = np.zeros(folds)
    fold_of = np.zeros(len(groups), dtype=np.int64)
    for group in order:
        # The increase of the sum of squared shares: least where the classes of this lesion are rarest.
        fullness = load @ share[group]
        fold = int(np.lexsort((images, np.round(fullness, 12)))[0])
        fold_of[group] = fold
        load[fold] += share[group]
        images[fold] += counts[group].sum()
    return fold_of[group_at] + 1


def mark_lesions(lesion_ids: Sequence[str], held_out: Collection[str]) -> NDArray[np.bool_]:
    """Return True for every image whose lesion is among ``held_out``."""
    wanted = set(held_out)
    return np.fromiter((lesion in wanted for lesion in lesion_ids), dtype=np.bool_, count=len(lesion_ids))
