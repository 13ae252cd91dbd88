"""Everything that the database says of a data set and that documents tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dermdash.records.completeness import Completeness
from dermdash.records.dataset_statistics import DatasetStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFacts:
    """A data set in numbers.

    Attributes
    ----------
    statistics, completeness
        Counts, and how far fields are filled.
    classes
        Every class of the taxonomy, code to name.
    values
        Column of a record to its values with their counts; what is not recorded is absent.
    lesions
        How many there are.
    period
        First and last acquisition date, as far as they are known; None: none is.
    formats, smallest, largest, masks
        Formats of the image files with counts; width and height of the images with fewest and most pixels; masks.
    imports
        What was imported, a sentence each.
    labels
        How the labels came about, a paragraph each.
    reviews_per_record
        Number of people to number of records that so many annotated or reviewed here.
    people, specialists
        Who annotated or reviewed here, and how many of them are specialists or experts.
    blind
        How many reviews were given blind to the initial label and to the model, and how many there are.
    agreement
        How far reviewers agree, a sentence each; empty: nothing to compare.
    images
        What may be said of the de-identification of the images.
    splits
        Named splits, a sentence each.
    version
        Which version the present state is.
    repeated
        Findings that people confirmed: images of one lesion under two ids, and the like, a sentence each.
    """

    dataset_id: str
    name: str
    source: str
    licence: str
    taxonomy: str
    simulated: bool
    statistics: DatasetStatistics
    completeness: Completeness
    classes: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    lesions: int = 0
    period: tuple[str, str] | None = None
    formats: Mapping[str, int] = field(default_factory=dict)
    smallest: tuple[int, int] | None = None
    largest: tuple[int, int] | None = None
    masks: int = 0
    imports: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    reviews_per_record: Mapping[int, int] = field(default_factory=dict)
    people: int = 0
    specialists: int = 0
    blind: tuple[int, int, int] = (0, 0, 0)
    agreement: tuple[str, ...] = ()
    images: str = ""
    splits: tuple[str, ...] = ()
    version: str = ""
    repeated: tuple[str, ...] = ()
