"""Answers counted per image and modality, without saying whose they are: the form of the Nature Medicine 2020 file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from dermdash.records.alike_names import AlikeNames
from dermdash.records.taxonomy import BorderlinePolicy, Taxonomy, get_taxonomy


@dataclass(frozen=True)
class AggregateTable:
    """Numbers of participants per diagnosis, before and after assistance.

    Attributes
    ----------
    frame : DataFrame
        One row per image and modality: ``case``, ``modality`` (our code where there is one), ``unaided_<class>`` and
        ``aided_<class>`` (whole numbers) for every class of the taxonomy, ``model_<class>`` and ``crowd_<class>``
        (probabilities or empty), ``truth_dx`` (class or None).
    source, format, taxonomy, excluded, notes, alike, warnings, borderline
        As of `dermdash.readings.readings_table.ReadingsTable`.
    lesions
        The lesion (or patient) of each image, where it is known.
    """

    frame: pd.DataFrame
    source: str
    format: str
    taxonomy: str
    excluded: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    seed: int = 2020
    alike: tuple[AlikeNames, ...] = ()
    warnings: tuple[str, ...] = ()
    lesions: Mapping[str, str] | None = None
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN
    planned_borderline: BorderlinePolicy = BorderlinePolicy.BENIGN

    @property
    def classes(self) -> Taxonomy:
        """The taxonomy of the counts; its borderline classes count as they do here."""
        return get_taxonomy(self.taxonomy).counting_borderline_as(self.borderline)
