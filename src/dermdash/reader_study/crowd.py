"""The crowd: the pooled unaided readings of earlier readers, as class shares per case."""

from dataclasses import dataclass

import pandas as pd

from dermdash.errors import MissingColumns
from dermdash.reader_study.protocol import Phase
from dermdash.records.taxonomy import Taxonomy

REQUIRED_COLUMNS = ("reader_id", "case_id", "phase", "dx")


@dataclass(frozen=True, slots=True)
class CrowdOpinion:
    """Shares per class (0..1, summing to 1, in taxonomy order) and the readers they come from."""

    probabilities: dict[str, float]
    readers: int


def pool_crowd(
    readings: pd.DataFrame,
    *,
    taxonomy: Taxonomy,
    minimum_readers: int,
    exclude_reader: str | None = None,
) -> dict[str, CrowdOpinion]:
    """Class shares of each case that enough other readers have read.

    Parameters
    ----------
    readings
        Stored (hence locked) readings with ``reader_id``, ``case_id``, ``phase``, ``dx``; a ``practice``
        column excludes practice where present. A reader counts once per case.
    minimum_readers
        Cases with fewer readers have no crowd.
    exclude_reader
        The reader who would see it: nobody is shown an echo of himself.

    Returns
    -------
    dict
        Case id to opinion; cases without enough readers are absent.
    """
    if missing := [name for name in REQUIRED_COLUMNS if name not in readings.columns]:
        raise MissingColumns(f"cannot pool readings: {', '.join(missing)} missing; expected {REQUIRED_COLUMNS}")
    pooled = readings[(readings["phase"] == Phase.UNAIDED) & readings["dx"].isin(taxonomy.codes)]
    if exclude_reader is not None:
        pooled = pooled[pooled["reader_id"] != exclude_reader]
    if "practice" in pooled.columns:
        pooled = pooled[~pooled["practice"].astype(bool)]
    pooled = pooled.drop_duplicates(["reader_id", "case_id"])
    counts = pd.crosstab(pooled["case_id"], pooled["dx"]).reindex(columns=list(taxonomy.codes), fill_value=0)
    opinions: dict[str, CrowdOpinion] = {}
    for case_id, row in zip(counts.index, counts.to_numpy(), strict=True):
        readers = int(row.sum())
        if readers >= minimum_readers:
            shares = {code: float(n) / readers for code, n in zip(taxonomy.codes, row, strict=True)}
            opinions[str(case_id)] = CrowdOpinion(shares, readers)
    return opinions
