"""Of how many records each field and detail is filled."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from dermdash.records.completeness import NOT_EXPECTED
from dermdash.records.details import DETAILS
from dermdash.records.fields import FIELDS, FieldSpec, Kind
from dermdash.records.record_filter import RecordFilter
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import tables as t
from dermdash.storage.record_conditions import conditions_of
from dermdash.storage.results import read_dicts

RECORDS, FURTHER_COLUMNS = "records", "further_columns"
_GROUP = "group_of_records"
"""No column is called so: what parts the records may be one of those that are counted."""


def filled_counts(
    engine: sa.Engine,
    record_filter: RecordFilter,
    *,
    malignant: Mapping[str, Sequence[str] | None],
    by: str = "dataset_id",
) -> dict[str | None, dict[str, int]]:
    """By data set, or another column, how many of the records that pass hold something of each field and detail.

    And under ``not_expected`` how many have no histopathology result where none is expected, as
    `records.fields.completeness` has it; ``records``: how many there are; ``further_columns``: how many have any.

    Parameters
    ----------
    malignant
        Data set id to the classes of its taxonomy that are malignant; None where they are not known: then a result is
        expected of every record, so that nothing passes as complete that may not be.
    by
        The column; records in which it is empty are the group None.
    """
    c = t.record.c
    filled = {spec.name: _is_filled(spec) for spec in (*FIELDS, *DETAILS)}
    of_malignant = [
        c.dataset_id == key if codes is None else sa.and_(c.dataset_id == key, c.dx.in_(list(codes)))
        for key, codes in malignant.items()
        if codes is None or codes
    ]
    expected = sa.or_(
        c.verification_stage.is_(None), c.verification_stage >= int(VerificationStage.HISTOLOGY), *of_malignant
    )
    waived = sa.and_(sa.not_(filled["histopathology_result"]), sa.not_(sa.func.coalesce(expected, sa.false())))
    further = sa.exists(sa.select(sa.literal(1)).where(t.record_further.c.record_id == c.id))
    counted = filled | {NOT_EXPECTED: waived, FURTHER_COLUMNS: further.correlate(t.record)}
    statement = (
        sa.select(
            c[by].label(_GROUP),
            sa.func.count().label(RECORDS),
            *[_how_many(condition).label(name) for name, condition in counted.items()],
        )
        .where(*conditions_of(record_filter))
        .group_by(c[by])
    )
    found = ((row.pop(_GROUP), row) for row in read_dicts(engine, statement))
    return {None if group is None else str(group): row for group, row in found}


def _how_many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0), sa.BigInteger)


def _is_filled(spec: FieldSpec) -> sa.ColumnElement[bool]:
    """As `records.fields.is_filled`, never null."""
    column: sa.Column[Any] = t.record.c[spec.name]
    if spec.kind is Kind.LIST:
        return sa.and_(column.is_not(None), sa.cast(column, sa.String).not_in(["[]", "null"]))
    if spec.kind in (Kind.TEXT, Kind.DATE):
        return sa.and_(column.is_not(None), column != "")
    return column.is_not(None)
