"""What reviewers said of the records of a data set, in one table: what agreement on labels is measured on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from dermdash.records.taxonomy import Taxonomy

COLUMNS = (
    "record", "unit", "reviewer", "purpose", "cycle", "dx", "values", "quality", "month", "consensus", "histology",
)  # fmt: skip
"""Columns of `AnnotatedRecords.answers`."""
OVERLAP_COLUMNS = ("record", "unit", "structure", "first", "second", "iou", "dice")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedRecords:
    """The answers that count, one per person, record, cycle and purpose.

    Attributes
    ----------
    source
        Name of the data set.
    answers
        `COLUMNS`: record id; ``unit``, whatever several records share (a patient, else a lesion); reviewer; `Purpose`;
        cycle; class code or None; dict of the other fields by name; quality score or None; month ("2026-11") of the
        answer; what consensus and what histology say of the record, None where they do not yet.
    overlaps
        `OVERLAP_COLUMNS`: for each structure of a record that two reviewers marked (or one alone: then 0 and 0), how
        far their regions overlap, 0..1.
    taxonomy
        Of the labels.
    names
        Reviewers by id, as people read them.
    excluded
        How many answers were left out, by reason.
    """

    source: str
    answers: pd.DataFrame
    overlaps: pd.DataFrame
    taxonomy: Taxonomy
    names: Mapping[str, str] = field(default_factory=dict)
    simulated: bool = False
    excluded: Mapping[str, int] = field(default_factory=dict)
    seed: int = 2020
