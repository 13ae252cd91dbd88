"""By what the points of a map may be coloured: fields and details of records, their quality, what the model says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdash.records.details import DETAILS
from dermdash.records.field_values import value_in_words
from dermdash.records.fields import FIELDS, FieldSpec, Filter, Kind
from dermdash.records.record_columns import QUALITY, column_title
from dermdash.records.taxonomy import CLINICAL_GROUPS, Taxonomy, diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.record_map import RecordMap
from dermdash.workflows.dataset.browse_records import classes_of_datasets, dataset_names

UNIQUENESS, MALIGNANCY, PROBABILITY = "uniqueness", "malignancy", "malignancy_probability"
_FIELDS: dict[str, FieldSpec] = {
    spec.name: spec
    for spec in (*FIELDS, *DETAILS)
    if spec.kind is not Kind.LIST and (spec.filter is not None or spec.subgroup) and spec.filter is not Filter.YEARS
}
COLOURS: dict[str, str] = {
    "dx": column_title("dx"),
    MALIGNANCY: "Malignant or benign",
    "verification_stage": _FIELDS["verification_stage"].title,
    "dataset_id": column_title("dataset_id"),
    UNIQUENESS: "How unlike its nearest others",
    PROBABILITY: "The model's probability of malignancy",
    "quality": QUALITY.title,
    "completeness": column_title("completeness"),
    "dx_type": column_title("dx_type"),
    **{name: spec.title for name, spec in _FIELDS.items() if name != "verification_stage"},
}
"""What one can choose, with its title."""


@dataclass(frozen=True, slots=True)
class MapColour:
    """What each record of a map is coloured by: numbers (NaN where none is known), or else the place of a word.

    ``codes``: the place of each record's word among ``words``, of which some may be the same; "": nothing is known.
    ``diagnoses``: word to the code of the diagnosis that it stands for.
    """

    key: str
    title: str
    numbers: NDArray[np.float64] | None = None
    codes: NDArray[np.unsignedinteger[Any]] = field(default_factory=lambda: np.zeros(0, np.uint8))
    words: tuple[str, ...] = ()
    diagnoses: dict[str, str] = field(default_factory=dict)


def map_colour(workspace: Workspace, found: RecordMap, colour: str) -> MapColour:
    """The values of one of `COLOURS` for the records of a map, row by row."""
    title = COLOURS[colour]
    if colour == UNIQUENESS:
        return MapColour(colour, title, np.array(found.uniqueness, dtype=np.float64))
    if colour == PROBABILITY:
        return MapColour(colour, title, found.columns.probabilities())
    if colour == MALIGNANCY:
        return _malignancy(workspace, found)
    column = found.columns.coded(colour)
    spec = _FIELDS.get(colour)
    if colour in ("quality", "completeness") or (spec is not None and spec.is_number and spec.words is None):
        return MapColour(colour, title, column.numbers())
    words = _in_words(column.values, _words_of(workspace, colour, spec))
    known = sorted(value for value in column.values if value) if colour == "dx" else []
    return MapColour(
        colour, title, codes=column.codes, words=words, diagnoses={diagnosis_name(code): code for code in known}
    )


def _malignancy(workspace: Workspace, found: RecordMap) -> MapColour:
    """A code may be of another group in another data set: both say the word."""
    taxonomies = classes_of_datasets(workspace)
    datasets, classes = found.columns.coded("dataset_id"), found.columns.coded("dx")
    pairs = [(dataset, dx) for dataset in datasets.values for dx in classes.values]
    codes = datasets.codes.astype(np.min_scalar_type(len(pairs))) * len(classes.values) + classes.codes
    there = np.bincount(codes, minlength=len(pairs)) > 0
    words = tuple(
        _group(taxonomies[dataset], dx) if occurs else ""
        for (dataset, dx), occurs in zip(pairs, there.tolist(), strict=True)
    )
    return MapColour(MALIGNANCY, COLOURS[MALIGNANCY], codes=codes, words=words)


def _group(classes: Taxonomy | None, dx: str | None) -> str:
    """Malignant or benign; nothing where there is no diagnosis, or its classes are not known."""
    return "" if classes is None or dx is None else CLINICAL_GROUPS[classes[dx].clinical_group]


def _words_of(workspace: Workspace, colour: str, spec: FieldSpec | None) -> Callable[[Any], str]:
    if colour == "dx":
        return diagnosis_name
    if colour == "dataset_id":
        names = dataset_names(workspace)
        return lambda key: names.get(key, key)
    return str if spec is None else lambda value: value_in_words(spec, value)


def _in_words(values: Iterable[Any], words: Callable[[Any], str]) -> tuple[str, ...]:
    return tuple("" if value is None or value == "" else words(value) for value in values)
