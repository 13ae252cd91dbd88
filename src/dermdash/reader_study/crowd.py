"""The crowd: the pooled unaided readings of earlier readers, as class shares per case."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from dermdash.errors import MissingColumns
from dermdash.readings.assistance.assistance_form import CrowdOpinion
from dermdash.readings.modality import Phase
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import counted

REQUIRED_COLUMNS = ("reader_id", "case_id", "phase", "dx")


def crowd_sha256(opinions: Mapping[str, CrowdOpinion]) -> str:
    """SHA-256 (hex) of shares and numbers of readers by image, as canonical JSON: equal crowds have equal hashes."""
    values = {
        image: [o.readers, {c: round(p, 12) for c, p in o.probabilities.items()}] for image, o in opinions.items()
    }
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def crowd_words(frozen: Mapping[str, Any]) -> str:
    """A crowd frozen with a protocol, in words: whose readings, of how many, and its hash."""
    return (
        f"{frozen['name']} ({counted(frozen['readers'], 'reader')}, {counted(frozen['images'], 'image')}, SHA-256 "
        f"{frozen['sha256']})"
    )


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
        The reader who would see it: nobody is shown an echo of themselves.

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
    counts = pooled.groupby(["case_id", "dx"]).size().rename("n").reset_index()
    return crowd_from_counts(counts, key="case_id", taxonomy=taxonomy, minimum_readers=minimum_readers)


def crowd_from_counts(
    counts: pd.DataFrame, *, key: str, taxonomy: Taxonomy, minimum_readers: int
) -> dict[str, CrowdOpinion]:
    """Class shares from counts already made.

    Parameters
    ----------
    counts
        ``key`` (case or record id), ``dx`` and ``n``, the readers who chose that diagnosis unaided; classes
        outside the taxonomy are left out.

    Returns
    -------
    dict
        Key to opinion; keys with fewer than ``minimum_readers`` are absent.
    """
    if missing := [name for name in (key, "dx", "n") if name not in counts.columns]:
        raise MissingColumns(f"cannot pool counts: {', '.join(missing)} missing; expected {key}, dx, n")
    chosen: dict[str, dict[str, int]] = {}
    for case, dx, n in zip(counts[key], counts["dx"], counts["n"], strict=True):
        if dx in taxonomy:
            chosen.setdefault(str(case), dict.fromkeys(taxonomy.codes, 0))[dx] += int(n)
    opinions: dict[str, CrowdOpinion] = {}
    for case, numbers in chosen.items():
        readers = sum(numbers.values())
        if readers >= max(1, minimum_readers):
            opinions[case] = CrowdOpinion({code: n / readers for code, n in numbers.items()}, readers)
    return opinions
