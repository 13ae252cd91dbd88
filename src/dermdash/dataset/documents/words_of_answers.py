"""Pieces of sentences that the answers of documents share: counts in order, shares, spreads."""

from __future__ import annotations

from collections.abc import Mapping

from dermdash.dataset.documents.dataset_facts import DatasetFacts
from dermdash.records.dataset_statistics import Distribution
from dermdash.records.details import DETAILS
from dermdash.records.field_values import value_in_words
from dermdash.records.fields import FIELDS
from dermdash.wording import number, percent

FEW = 0.02
"""A share below which a group is called few."""
LISTED = 12
"""So many values are named one by one."""
SPECS = {spec.name: spec for spec in (*FIELDS, *DETAILS)}
"""Fields and details by name."""
TITLES = {name: spec.title for name, spec in SPECS.items()}


def spread(d: Distribution) -> str:
    """Smallest, largest, mean and median in words."""
    if not d.n:
        return "none"
    return (
        f"{d.minimum} to {d.maximum}, mean {number(d.mean or 0, 2)}, median {number(d.median or 0, 1)}"
        if d.minimum != d.maximum
        else f"{d.minimum} each"
    )


def of_field(f: DatasetFacts, name: str) -> str:
    """The values of a field or detail in words, with counts."""
    spec = SPECS[name]
    return listed_words({value_in_words(spec, value): n for value, n in f.values.get(name, {}).items()})


def listed_words(values: Mapping[str, int]) -> str:
    """Values with their counts, the most frequent first."""
    ordered = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
    said = ", ".join(f"{name} {n:,}" for name, n in ordered[:LISTED])
    return f"{said} and {len(ordered) - LISTED} more" if ordered[LISTED:] else said


def share(f: DatasetFacts, n: int) -> str:
    """So many records as a share of all."""
    return percent(n / f.statistics.records) if f.statistics.records else percent(0.0)
