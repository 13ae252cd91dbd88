"""From a record filter to conditions in SQL."""

from typing import Any

import sqlalchemy as sa

from dermdash.records.archive_names import ARCHIVE_NAME
from dermdash.records.quality_score import REJECTED
from dermdash.records.record_columns import QUALITY
from dermdash.records.record_filter import FACETS, RANGES, UNKNOWN, FilterSpec, QualitySource, RecordFilter
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import tables as t
from dermdash.storage.class_said import class_said, classes_that
from dermdash.storage.findings import CONFIRMING
from dermdash.storage.memberships import MEMBERSHIPS
from dermdash.storage.tasks import OPEN


def quality_column(source: QualitySource) -> sa.ColumnElement[int]:
    """The quality a filter, a sort or a tile speaks of."""
    c = t.record.c
    if source is QualitySource.HUMAN:
        return c.image_quality_score
    if source is QualitySource.ESTIMATED:
        return c.technical_quality
    return sa.func.coalesce(c.image_quality_score, c.technical_quality)


def filter_column(spec: FilterSpec, source: QualitySource) -> sa.ColumnElement[Any]:
    """What the options or bounds of a filter are values of."""
    return option_of(spec, stored_column(spec, source), t.record.c.dataset_id)


def stored_column(spec: FilterSpec, source: QualitySource) -> sa.ColumnElement[Any]:
    """The column of the record that a filter asks, as it is stored."""
    return quality_column(source) if spec.column == QUALITY.name else t.record.c[spec.column]


def option_of(
    spec: FilterSpec, column: sa.ColumnElement[Any], dataset_id: sa.ColumnElement[str]
) -> sa.ColumnElement[Any]:
    """From what is stored to what the options or bounds of a filter are values of."""
    if spec.of_class is not None:
        return class_said(spec.of_class, column, dataset_id)
    if spec.first_characters:
        return sa.func.substr(column, 1, spec.first_characters)
    if spec.bands is None:
        return column
    bands = sorted(spec.bands.items(), key=lambda band: -band[1][0])
    return sa.case(*[(column >= low, name) for name, (low, _) in bands], else_=None)


def not_rejected() -> sa.ColumnElement[bool]:
    """No record that the acquisition gate rejected."""
    return sa.func.coalesce(t.record.c.acquisition, "") != REJECTED


def conditions_of(record_filter: RecordFilter) -> list[sa.ColumnElement[bool]]:
    """Conditions on the record table: all of them together are the filter."""
    return facet_conditions(record_filter) + range_and_text_conditions(record_filter)


def facet_conditions(record_filter: RecordFilter) -> list[sa.ColumnElement[bool]]:
    """The part of the filter that chooses options of columns."""
    conditions: list[sa.ColumnElement[bool]] = []
    for facet, wanted in record_filter.options:
        spec = FACETS[facet]
        if spec.membership:
            continue
        column = filter_column(spec, record_filter.quality_source)
        known = [value for option in wanted if option != UNKNOWN and (value := spec.value_of(option)) is not None]
        alternatives = [_is_one_of(spec, column, known)] if known else []
        if UNKNOWN in wanted:
            alternatives.append(column.is_(None))
        conditions.append(sa.or_(*alternatives) if alternatives else sa.false())
    return conditions


def _is_one_of(spec: FilterSpec, column: sa.ColumnElement[Any], values: list[Any]) -> sa.ColumnElement[bool]:
    if (said := spec.of_class) is None:
        return column.in_(values)
    c = t.record.c
    return classes_that(lambda one: said(one) in values, c[spec.column], c.dataset_id)


def _without_open_work(account_id: str) -> sa.ColumnElement[bool]:
    """No record of a lesion of which this account, or whoever comes first, is still to say something.

    A hidden repeat is such work on a record that is settled. The lesion is the whole group of what shows it, directly
    or through others: by a lesion id, a file, or a pair that people confirmed (`identity_groups`, links `ONE_LESION`).
    The label of any of them would tell.
    """
    c, task, asked = t.record.c, t.verification_task.c, t.record.alias("asked")
    waiting = (
        sa.select(_scope(asked.c).label("scope"), asked.c.lesion_id.label("lesion"))
        .select_from(t.verification_task.join(asked, asked.c.id == task.record_id))
        .where(task.state == OPEN, sa.or_(task.account_id == account_id, task.account_id.is_(None)))
        .cte("awaited_lesion", recursive=True)
    )
    bridges = _bridges()
    reached = waiting.union(
        sa.select(bridges.c.to_scope, bridges.c.to_lesion).join(
            waiting, sa.and_(bridges.c.from_scope == waiting.c.scope, bridges.c.from_lesion == waiting.c.lesion)
        )
    )
    inside = sa.and_(reached.c.scope == _scope(c), reached.c.lesion == c.lesion_id)
    return ~sa.exists(sa.select(sa.literal(1)).select_from(reached).where(inside)).correlate(t.record)


def _scope(record: Any) -> sa.ColumnElement[str]:
    """Where an id of a lesion counts: within its data set, or everywhere if an archive gave it out."""
    return sa.case((record.lesion_id.regexp_match(ARCHIVE_NAME), ""), else_=record.dataset_id)


def _bridges() -> sa.CTE:
    """Lesions of two ids that are one, both ways: they share a file, or people confirmed a pair of their images."""
    one, other = t.record.alias("one"), t.record.alias("other")
    ends = (
        _scope(one.c).label("from_scope"), one.c.lesion_id.label("from_lesion"),
        _scope(other.c).label("to_scope"), other.c.lesion_id.label("to_lesion"),
    )  # fmt: skip
    differ = sa.or_(ends[0] != ends[2], ends[1] != ends[3])
    several = sa.select(t.record.c.image_sha256).group_by(t.record.c.image_sha256).having(sa.func.count() > 1)
    of_one_file = sa.select(*ends).where(
        one.c.image_sha256 == other.c.image_sha256, one.c.image_sha256.in_(several), differ
    )
    d = t.finding_decision.c
    here, there = t.finding_record.alias("here"), t.finding_record.alias("there")
    place = sa.func.row_number().over(partition_by=d.finding_id, order_by=(d.sequence.desc(), d.id.desc()))
    latest = sa.select(d.finding_id, d.decision, place.label("place")).subquery()
    confirmed = sa.select(latest.c.finding_id).where(latest.c.place == 1, latest.c.decision.in_(CONFIRMING))
    of_one_pair = (
        sa.select(*ends)
        .select_from(here.join(there, there.c.finding_id == here.c.finding_id))
        .join(one, one.c.id == here.c.record_id)
        .join(other, other.c.id == there.c.record_id)
        .where(here.c.finding_id.in_(confirmed), here.c.position != there.c.position)
    )
    return of_one_file.union(of_one_pair).cte("bridge")


def range_and_text_conditions(record_filter: RecordFilter) -> list[sa.ColumnElement[bool]]:
    """The rest of the filter: what is hidden, what records belong to, ranges of numbers and text in an id."""
    conditions = [MEMBERSHIPS[name].holds(wanted) for name, wanted in record_filter.options if name in MEMBERSHIPS]
    if record_filter.hides_rejected:
        conditions.append(not_rejected())
    if record_filter.settled:
        c = t.record.c
        reached_here = sa.not_(sa.func.coalesce(c.stage_claimed, sa.true()))
        conditions.append(sa.and_(c.verification_stage >= int(VerificationStage.CONSENSUS), reached_here))
    if record_filter.unseen_by:
        conditions.append(_without_open_work(record_filter.unseen_by))
    if record_filter.record_set:
        member = t.record_set_member.c
        conditions.append(
            t.record.c.id.in_(sa.select(member.record_id).where(member.set_id == record_filter.record_set))
        )
    for spec in RANGES.values():
        column = filter_column(spec, record_filter.quality_source)
        if (low := record_filter.bound(spec.low)) is not None:
            conditions.append(column >= low)
        if (high := record_filter.bound(spec.high)) is not None:
            conditions.append(column <= high)
    if text := record_filter.text.strip().lower():
        columns = (t.record.c.image_id, t.record.c.lesion_id, t.record.c.patient_id)
        # Not LIKE: nothing to escape, and with ESCAPE DuckDB leaves its fast search for a pattern match.
        conditions.append(sa.or_(*[sa.func.strpos(sa.func.lower(c), text) > 0 for c in columns]))
    return conditions
