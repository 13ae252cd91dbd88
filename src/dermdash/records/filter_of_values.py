"""A record filter applied to values that stand in no table: to a record as it was in an earlier version.

`storage/record_conditions.py` says the same in SQL about records as they are; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.records.quality_score import REJECTED
from dermdash.records.record_columns import QUALITY
from dermdash.records.record_filter import ACQUISITION, FACETS, RANGES, UNKNOWN, FilterSpec, QualitySource, RecordFilter
from dermdash.records.taxonomy import Taxonomy

_IDS = ("image_id", "lesion_id", "patient_id")


@dataclass(frozen=True, slots=True)
class FilterOfValues:
    """A filter for records given as values by column.

    Attributes
    ----------
    taxonomy
        In which their diagnoses stand.
    belongs
        Whether a record (its id) belongs to one of the options of a membership, such as a split.
    chosen_ids
        The records of the set that the filter names; None where it names none.
    """

    record_filter: RecordFilter
    taxonomy: Taxonomy
    belongs: Callable[[str, Sequence[str], str], bool]
    chosen_ids: Collection[str] | None = None

    def lets_through(self, record_id: str, row: Mapping[str, Any]) -> bool:
        """Whether a record passes; ``row`` has no key for what is not known of it."""
        wanted = self.record_filter
        if wanted.hides_rejected and row.get(ACQUISITION) == REJECTED:
            return False
        if self.chosen_ids is not None and record_id not in self.chosen_ids:
            return False
        text = wanted.text.strip().lower()
        if text and not any(text in str(row.get(name) or "").lower() for name in _IDS):
            return False
        return all(self._passes(name, options, record_id, row) for name, options in wanted.options) and all(
            self._within(spec, row) for spec in RANGES.values()
        )

    def _passes(self, name: str, options: Sequence[str], record_id: str, row: Mapping[str, Any]) -> bool:
        spec = FACETS[name]
        if spec.membership:
            return self.belongs(name, options, record_id)
        value = self._value(spec, row)
        if value is None:
            return UNKNOWN in options
        return value in [known for known in (spec.value_of(o) for o in options if o != UNKNOWN) if known is not None]

    def _within(self, spec: FilterSpec, row: Mapping[str, Any]) -> bool:
        low, high = self.record_filter.bound(spec.low), self.record_filter.bound(spec.high)
        if low is None and high is None:
            return True
        value = self._value(spec, row)
        return value is not None and (low is None or value >= low) and (high is None or value <= high)

    def _value(self, spec: FilterSpec, row: Mapping[str, Any]) -> Any:
        column = "image_quality_score" if spec.column == QUALITY.name else spec.column
        value = row.get(column)
        if value is None:
            return None
        if spec.of_class is not None:
            return spec.of_class(self.taxonomy[value]) if value in self.taxonomy else None
        if spec.first_characters:
            return str(value)[: spec.first_characters]
        if spec.bands is None:
            return value
        bands = sorted(spec.bands.items(), key=lambda band: -band[1][0])
        return next((name for name, (low, _) in bands if value >= low), None)


def check_filter_of(record_filter: RecordFilter, known: Collection[str], of: str) -> None:
    """Raise InvalidInput where a filter asks for what these values do not say, with what can be asked.

    Parameters
    ----------
    known
        Columns that the values have.
    of
        Whose values they are, as in "version 'v1'".
    """
    asked = [FACETS[name] for name, _ in record_filter.options]
    asked += [s for s in RANGES.values() if {s.low, s.high} & {name for name, _ in record_filter.bounds}]
    columns = {spec.title: spec.column for spec in asked if not spec.membership}
    quality = QUALITY.name in columns.values()
    if quality and record_filter.quality_source is not QualitySource.HUMAN:
        raise InvalidInput(
            f"{of} keeps the score that a person gave, and no estimate of quality: choose quality_source=human beside "
            "the quality"
        )
    missing = [title for title, column in columns.items() if column not in (*known, QUALITY.name, "dataset_id")]
    if missing:
        raise InvalidInput(
            f"{of} keeps no {' and no '.join(title.lower() for title in missing)} of its records: filter by label, "
            "stage, fields and details, or tag the present state and filter that"
        )
