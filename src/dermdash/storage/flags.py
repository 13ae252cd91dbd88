"""What asks for a look at a record: the model in use names another diagnosis, a rule is broken, histology is missing.

Each flag is one condition on the record table, from which filter, counts, tiles and the overview are made: they cannot
differ. What the first two rest on is kept beside the record (`kept_flags`).
"""

from collections.abc import Iterable, Sequence

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


def flags_of(engine: sa.Engine, record_ids: Iterable[str]) -> dict[str, list[RecordFlag]]:
    """The flags of each of these records that has any, in their order."""
    ids = list(record_ids)
    if not ids:
        return {}
    flags = _conditions()
    any_of = [sa.func.coalesce(condition, sa.false()) for condition in flags.values()]
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(t.record.c.id, *any_of).where(t.record.c.id.in_(ids), sa.or_(*any_of))
        ).all()
    return {str(row[0]): [flag for flag, there in zip(flags, row[1:], strict=True) if there] for row in rows}
