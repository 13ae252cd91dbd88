"""Which images belong together and so may never retrieve each other: same lesion, patient, file, confirmed pair."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dermdash.errors import InvalidInput
from dermdash.wording import counted


def connected_groups(
    count: int,
    belongings: Mapping[str, Sequence[str | None]],
    pairs: Sequence[tuple[int, int]] = (),
) -> NDArray[np.int32]:
    """Number the groups of images that are linked directly or through others.

    Belonging is transitive: when A and B are one file, and B and C one lesion, then A shows C's lesion too.

    Parameters
    ----------
    count
        Number of images n.
    belongings
        For each kind (lesion, patient, file) what every image belongs to; None where it is not known.
    pairs
        Positions of images found to belong together.

    Returns
    -------
    numpy.ndarray
        int32 (n,): two images share a number when they are linked.

    Raises
    ------
    InvalidInput
        On a kind with another number of values, or a position outside 0..n-1.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    images: list[NDArray[np.int64]] = []
    others: list[NDArray[np.int64]] = []
    nodes = count  # each lesion, patient or file is a node beside the images, linked to those that belong to it
    for kind, values in belongings.items():
        if len(values) != count:
            raise InvalidInput(f"{counted(len(values), 'value')} of {kind} for {counted(count, 'image')}")
        code_of: dict[str, int] = {}
        codes = np.fromiter(
            (-1 if value is None else code_of.setdefault(value, len(code_of)) for value in values),
            dtype=np.int64,
            count=count,
        )
        known = np.flatnonzero(codes >= 0)
        images.append(known)
        others.append(codes[known] + nodes)
        nodes += len(code_of)
    linked = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    if linked.size and not 0 <= linked.min() <= linked.max() < count:
        raise InvalidInput(f"a pair names a position outside 0..{count - 1}")
    start = np.concatenate([*images, linked[:, 0]])
    end = np.concatenate([*others, linked[:, 1]])
    links = coo_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(nodes, nodes))
    _, labels = connected_components(links, directed=False)
    return np.asarray(labels[:count], dtype=np.int32)
