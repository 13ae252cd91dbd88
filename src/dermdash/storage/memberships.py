"""What records belong to beside their columns, as conditions and counts: the parts of splits that stand."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from dermdash.records.record_filter import SPLIT, UNKNOWN
from dermdash.records.split_parts import PART_OF, split_of_option
from dermdash.storage import tables as t


class _PartsOfSplits:
    """Parts of splits that stand: an option is ``NAME:PART``, or ``NAME`` for every part; unknown: in no split."""

    def holds(self, wanted: Sequence[str]) -> sa.ColumnElement[bool]:
        """Condition on the record table: it belongs to one of these."""
        s = t.split_record.c
        joined = _standing(s.record_id).join(t.split, t.split.c.id == s.split_id)
        alternatives: list[sa.ColumnElement[bool]] = []
        for option in wanted:
            name, part = split_of_option(option)
            which = [t.split.c.name == name, *([s.part == part] if part else [])]
            alternatives.append(t.record.c.id.in_(joined.where(*which)))
        if UNKNOWN in wanted:
            alternatives.append(t.record.c.id.not_in(_standing(s.record_id)))
        return sa.or_(*alternatives)

    def counted(self, conditions: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
        """Option and number of records of it under conditions on the record table, those of no split not counted."""
        s = t.split_record.c
        chosen = sa.select(t.record.c.id).where(*conditions)
        option = (t.split.c.name + PART_OF + s.part).label("option")
        return (
            _standing(option, sa.func.count())
            .join(t.split, t.split.c.id == s.split_id)
            .where(s.record_id.in_(chosen))
            .group_by(t.split.c.name, s.part)
        )


def _standing(*columns: Any) -> sa.Select[Any]:
    s = t.split_record.c
    gone = sa.select(t.split_withdrawal.c.split_id)
    return sa.select(*columns).select_from(t.split_record).where(s.split_id.not_in(gone))


MEMBERSHIPS = {SPLIT: _PartsOfSplits()}
"""By the name of the filter that says ``membership``."""
