"""From a record filter to conditions in SQL."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from dermdash.records.record_filter import COMPLETENESS_BANDS, FACETS, UNKNOWN, QualitySource, RecordFilter
from dermdash.storage import tables as t


def quality_column(source: QualitySource) -> sa.ColumnElement[int]:
    """The quality a filter, a sort or a tile speaks of."""
    c = t.record.c
    if source is QualitySource.HUMAN:
        return c.image_quality_score
    if source is QualitySource.ESTIMATED:
        return c.technical_quality
    return sa.func.coalesce(c.image_quality_score, c.technical_quality)


def _completeness_band() -> sa.ColumnElement[str]:
    c = t.record.c.completeness
    return sa.case(*[(c >= low, name) for name, (low, _) in COMPLETENESS_BANDS.items()], else_=UNKNOWN)


def facet_column(facet: str, source: QualitySource) -> sa.ColumnElement[Any]:
    """What a facet's options are values of."""
    if facet == "quality":
        return quality_column(source)
    if facet == "completeness":
        return _completeness_band()
    return t.record.c[facet]


def conditions_of(record_filter: RecordFilter) -> list[sa.ColumnElement[bool]]:
    """Conditions on the record table: all of them together are the filter."""
    columns = {facet: facet_column(facet, record_filter.quality_source) for facet in FACETS}
    return facet_conditions(record_filter, columns) + range_and_text_conditions(record_filter)


def facet_conditions(
    record_filter: RecordFilter, columns: Mapping[str, sa.ColumnElement[Any]]
) -> list[sa.ColumnElement[bool]]:
    """The part of the filter that chooses options, as conditions on the given column of each facet."""
    conditions: list[sa.ColumnElement[bool]] = []
    for facet in FACETS:
        wanted = getattr(record_filter, facet)
        if not wanted:
            continue
        known: list[Any] = [value for value in wanted if value != UNKNOWN]
        if facet in ("verification_stage", "quality"):
            known = [int(value) for value in known if value.isdecimal() and len(value) < 4]
        alternatives = [columns[facet].in_(known)] if known else []
        if UNKNOWN in wanted:
            alternatives.append(columns[facet].is_(None))
        conditions.append(sa.or_(*alternatives) if alternatives else sa.false())
    return conditions


def range_and_text_conditions(record_filter: RecordFilter) -> list[sa.ColumnElement[bool]]:
    """The rest of the filter: age range and text in an id."""
    conditions: list[sa.ColumnElement[bool]] = []
    age = t.record.c.age_at_exam
    if record_filter.age_min is not None:
        conditions.append(age >= record_filter.age_min)
    if record_filter.age_max is not None:
        conditions.append(age <= record_filter.age_max)
    if text := record_filter.text.strip().lower():
        columns = (t.record.c.image_id, t.record.c.lesion_id, t.record.c.patient_id)
        # Not LIKE: nothing to escape, and with ESCAPE DuckDB leaves its fast search for a pattern match.
        conditions.append(sa.or_(*[sa.func.strpos(sa.func.lower(c), text) > 0 for c in columns]))
    return conditions
