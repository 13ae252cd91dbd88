"""What asks for a look at a record: the model in use names another diagnosis, a rule is broken, histology is missing.

Each flag is one condition on the record table, from which filter, counts, tiles and the overview are made: they cannot
differ. What the first two rest on is kept beside the record (`kept_flags`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from dermdash.records.record_flags import RecordFlag
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import tables as t
from dermdash.storage.class_said import classes_that


def _lacks_histology() -> sa.ColumnElement[bool]:
    c = t.record.c
    needed = classes_that(lambda one: one.needs_histology, c.dx, c.dataset_id)
    return sa.and_(sa.func.coalesce(c.verification_stage, 0) < int(VerificationStage.HISTOLOGY), needed)


def _conditions() -> dict[RecordFlag, sa.ColumnElement[bool]]:
    c = t.record.c
    return {
        RecordFlag.MODEL_DIFFERS: c.model_dx != c.dx,
        RecordFlag.BREAKS_RULE: c.breaks_rule.is_(True),
        RecordFlag.LACKS_HISTOLOGY: _lacks_histology(),
    }


class Flags:
    """The flags as a filter; unknown, as an option, is a record without any."""

    def holds(self, wanted: Sequence[str]) -> sa.ColumnElement[bool]:
        """Condition on the record table: it has one of these flags."""
        alternatives = [condition for flag, condition in _conditions().items() if flag in wanted]
        return sa.or_(*alternatives) if alternatives else sa.false()

    of_number = False

    def counts(
        self, connection: sa.Connection, conditions: Sequence[sa.ColumnElement[bool]], _every: int
    ) -> dict[str, int]:
        """Number of records of each flag under conditions on the record table, read once for all flags."""
        each = {str(flag): _how_many(condition) for flag, condition in _conditions().items()}
        row = connection.execute(sa.select(*each.values()).select_from(t.record).where(*conditions)).one()
        return {flag: int(n) for flag, n in zip(each, row, strict=True) if n}


def _how_many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def flag_columns() -> list[sa.Label[bool]]:
    """Of a record, whether it has each flag: columns of the flags' names."""
    return [sa.func.coalesce(condition, sa.false()).label(flag) for flag, condition in _conditions().items()]


def flags_of(engine: sa.Engine, record_ids: Iterable[str]) -> dict[str, list[RecordFlag]]:
    """The flags of each of these records that has any, in their order."""
    ids = list(record_ids)
    if not ids:
        return {}
    flags = flag_columns()
    with engine.connect() as connection:
        any_of = sa.or_(*[flag.element for flag in flags])
        rows = connection.execute(sa.select(t.record.c.id, *flags).where(t.record.c.id.in_(ids), any_of)).mappings()
        return {str(row["id"]): flags_in(dict(row)) for row in rows}


def flags_in(row: Mapping[Any, Any]) -> list[RecordFlag]:
    """The flags that a row with `flag_columns` says, in their order."""
    return [flag for flag in RecordFlag if row[flag]]
