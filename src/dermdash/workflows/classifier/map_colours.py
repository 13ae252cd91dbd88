"""By what the points of a map may be coloured: fields and details of records, their quality, what the model says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdash.records.details import DETAILS
from dermdash.records.field_values import value_in_words
from dermdash.records.fields import FIELDS, FieldSpec, Filter, Kind
from dermdash.records.record_columns import QUALITY, column_title
from dermdash.records.taxonomy import CLINICAL_GROUPS, diagnosis_name
from dermdash.storage import statistics_counts
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
    """What each record of a map is coloured by: numbers (NaN where none is known), or else words ("" where none)."""

    key: str
    title: str
    numbers: NDArray[np.float64] | None
    words: NDArray[Any]
    codes: dict[str, str] = field(default_factory=dict)
    """Word to the code of the diagnosis that it stands for."""


def map_colour(workspace: Workspace, found: RecordMap, colour: str) -> MapColour:
    """The values of one of `COLOURS` for the records of a map, row by row."""
    title, nothing = COLOURS[colour], np.array([], dtype=object)
    if colour == UNIQUENESS:
        return MapColour(colour, title, np.array(found.uniqueness, dtype=np.float64), nothing)
    ids = found.facts["id"]
    if colour == PROBABILITY:
        known = statistics_counts.malignancy_probabilities(workspace.engine, found.model_id)
        return MapColour(colour, title, np.array(ids.map(known), dtype=np.float64), nothing)
    if colour in ("dx", MALIGNANCY):
        return _of_class(workspace, found, colour)
    values = ids.map(statistics_counts.column_values(workspace.engine, colour))
    spec = _FIELDS.get(colour)
    if colour in ("quality", "completeness") or (spec is not None and spec.is_number and spec.words is None):
        return MapColour(colour, title, np.array(values, dtype=np.float64), nothing)
    return MapColour(colour, title, None, _in_words(values, _words_of(workspace, colour, spec)))


def _of_class(workspace: Workspace, found: RecordMap, colour: str) -> MapColour:
    taxonomies = classes_of_datasets(workspace)
    dx = found.facts["dx"]
    if colour == "dx":
        codes = {diagnosis_name(code): code for code in dx.dropna().unique()}
        return MapColour(colour, COLOURS[colour], None, _in_words(dx, diagnosis_name), codes)
    groups = [
        ""
        if code is None or (classes := taxonomies[dataset]) is None
        else CLINICAL_GROUPS[classes[code].clinical_group]
        for dataset, code in zip(found.facts["dataset_id"], dx, strict=True)
    ]
    return MapColour(colour, COLOURS[colour], None, np.array(groups, dtype=object))


def _words_of(workspace: Workspace, colour: str, spec: FieldSpec | None) -> Callable[[Any], str]:
    if colour == "dataset_id":
        names = dataset_names(workspace)
        return lambda key: names.get(key, key)
    return str if spec is None else lambda value: value_in_words(spec, value)


def _in_words(values: Any, words: Callable[[Any], str]) -> NDArray[Any]:
    known = {value: words(value) for value in values.dropna().unique() if value != ""}
    return np.array([known.get(value, "") for value in values], dtype=object)
