"""Images whose records agree in sex, age and site, or name one patient: few enough to be compared one by one.

Votes of local descriptors find a pair among six hundred images and may miss it among six thousand: the more images
there are, the more of them have a structure that a blurred or much magnified one resembles by chance. Two photographs
of one lesion are of one person and one place on the skin, whatever their ids say, and their records mostly say so. What
agrees is no evidence that enters a score: it only says where to look closely.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.dataset.image_pairs import Pairs, pairs_of

FACTS = ("sex", "age_at_exam", "anatomical_site")
YEARS = 5
"""Ages agree within steps of so many years: many sources round to them."""
LARGEST_BLOCK = 160
"""Up to so many images agree and are all compared with one another (12,720 pairs); of more, votes among them choose."""
_WHOLE = 0.5


def agreeing_blocks(rows: pd.DataFrame) -> list[NDArray[np.int64]]:
    """Positions of rows that agree in all of `FACTS`, and of rows of one patient; blocks of two and more.

    A fact that is missing agrees with one that is missing: records of one source lack the same. Rows that lack all of
    them, and blocks of more than half of all rows, say nothing and are left out.

    Parameters
    ----------
    rows
        One row per image with `FACTS`, ``dataset_id`` and ``patient_id``.
    """
    facts = pd.DataFrame(
        {
            "sex": rows["sex"].astype(object).where(rows["sex"].notna(), ""),
            "age": (pd.to_numeric(rows["age_at_exam"]).astype(float) / YEARS).round().fillna(-1),
            "site": rows["anatomical_site"].astype(object).where(rows["anatomical_site"].notna(), ""),
        }
    ).reset_index(drop=True)
    known = rows[list(FACTS)].notna().any(axis=1).to_numpy()
    largest = max(2.0, _WHOLE * len(rows)) if len(rows) > LARGEST_BLOCK else len(rows)
    blocks = list(facts[known].groupby(["sex", "age", "site"], sort=True).indices.values())
    at = np.flatnonzero(known)
    found = [np.sort(at[block]) for block in blocks if 2 <= len(block) <= largest]
    named = rows["patient_id"].notna().to_numpy()
    patients = (rows["dataset_id"].astype(str) + "\n" + rows["patient_id"].astype(str)).reset_index(drop=True)
    at = np.flatnonzero(named)
    of_patients = patients[named].reset_index(drop=True).groupby(patients[named].to_numpy(), sort=True).indices.values()
    found += [np.sort(at[block]) for block in of_patients if 2 <= len(block) <= LARGEST_BLOCK]
    return found


def pairs_within(blocks: Iterable[Sequence[int] | NDArray[np.int64]], asking: NDArray[np.bool_]) -> Pairs:
    """All pairs within blocks of up to `LARGEST_BLOCK` in which at least one asks."""
    first, second = [], []
    for block in blocks:
        if len(block) <= LARGEST_BLOCK:
            members = np.asarray(block, np.int64)
            one, other = np.triu_indices(len(members), 1)
            asked = asking[members[one]] | asking[members[other]]
            first.append(members[one[asked]])
            second.append(members[other[asked]])
    return pairs_of(np.concatenate([[], *first]), np.concatenate([[], *second]))


def likely_pairs(rows: pd.DataFrame) -> Pairs:
    """All pairs of one data set, patient and site; of rows without a patient, those that agree.

    Few hundred among thousands, and nearly all true pairs of a data set that names its patients: where to look when
    there are seconds and not minutes. Without a site a pair of one patient counts, too.

    Parameters
    ----------
    rows
        As of `agreeing_blocks`.
    """
    named = rows["patient_id"].notna().to_numpy()
    place = rows["anatomical_site"].astype(object).where(rows["anatomical_site"].notna(), "")
    keys = (rows["dataset_id"].astype(str) + "\n" + rows["patient_id"].astype(str) + "\n" + place).to_numpy()
    at = np.flatnonzero(named)
    of_patients = pd.Series(at).groupby(keys[named], sort=True).agg(list).tolist()
    alone = np.flatnonzero(~named)
    of_facts = [alone[block] for block in agreeing_blocks(rows.iloc[alone])] if len(alone) else []
    return pairs_within([*of_patients, *of_facts], np.ones(len(rows), dtype=np.bool_))


def larger_blocks(blocks: Iterable[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """Blocks of which not all pairs are compared."""
    return [block for block in blocks if len(block) > LARGEST_BLOCK]
