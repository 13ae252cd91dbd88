"""How a model or threshold remembers the lesions it has seen: by digests, of which each counts where it can be meant.

A checkpoint that leaves holds digests of lesion ids alone (`lesion_digest`), as nobody elsewhere knows our data sets.
What is registered here holds digests of data set and lesion id together where the data set is known: lesion 1 of
another data set is another lesion. Names that an archive gives out (`is_archive_name`) mean the same lesion everywhere.
A digest of unknown source (a checkpoint from elsewhere, or registered by an earlier version) counts wherever its lesion
id turns up: that can only call too much seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.classifier.checkpoints import lesion_digest
from dermdash.records.archive_names import is_archive_name


def digest_here(dataset_id: str, lesion_id: str) -> str:
    """How this workspace remembers a lesion of one of its data sets: 16 hex digits."""
    return lesion_digest(lesion_id if is_archive_name(lesion_id) else f"{dataset_id}\n{lesion_id}")


def digests_of(dataset_id: str, lesion_id: str) -> tuple[str, str]:
    """The digests by which a lesion of a data set may be remembered: of its id alone, and with its data set."""
    return lesion_digest(lesion_id), digest_here(dataset_id, lesion_id)


def remembered(rows: pd.DataFrame, digests: Collection[str]) -> NDArray[np.bool_]:
    """Mark the records (``dataset_id``, ``lesion_id``) whose lesion is among the digests."""
    if not digests:
        return np.zeros(len(rows), dtype=bool)
    wanted = frozenset(digests)
    pairs = zip(rows["dataset_id"].astype(str), rows["lesion_id"].astype(str), strict=True)
    return np.fromiter((not wanted.isdisjoint(digests_of(*pair)) for pair in pairs), dtype=bool, count=len(rows))


def remembered_here(digests: Iterable[str], lesions: Iterable[tuple[str, str]]) -> set[str]:
    """Digests of a checkpoint as this workspace remembers them, where these (data set, lesion) are what it trained on.

    Those of other lesions stay as they are; one that several of the data sets have is remembered for each.
    """
    known: dict[str, set[str]] = {}
    for dataset, lesion in lesions:
        known.setdefault(lesion_digest(lesion), set()).add(digest_here(dataset, lesion))
    return {here for digest in digests for here in known.get(digest, {digest})}
