"""What records belong to beside their columns, as conditions and counts: parts of splits, open findings, flags."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from dermdash.records.record_filter import FINDING, FLAG, SPLIT, UNKNOWN
from dermdash.records.split_parts import PART_OF, split_of_option
from dermdash.storage import tables as t
from dermdash.storage.flags import Flags
from dermdash.storage.open_findings import in_open_findings
from dermdash.storage.unchanged import while_unchanged


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

    of_number = False

    def counts(
        self, connection: sa.Connection, conditions: Sequence[sa.ColumnElement[bool]], _every: int
    ) -> dict[str, int]:
        """Number of records of each option under conditions on the record table, those of no split not counted."""
        s = t.split_record.c
        chosen = sa.select(t.record.c.id).where(*conditions)
        option = (t.split.c.name + PART_OF + s.part).label("option")
        counted = (
            _standing(option, sa.func.count())
            .join(t.split, t.split.c.id == s.split_id)
            .where(s.record_id.in_(chosen))
            .group_by(t.split.c.name, s.part)
        )
        return {str(row[0]): int(row[1]) for row in connection.execute(counted).all()}


def _standing(*columns: Any) -> sa.Select[Any]:
    s = t.split_record.c
    gone = sa.select(t.split_withdrawal.c.split_id)
    return sa.select(*columns).select_from(t.split_record).where(s.split_id.not_in(gone))


class _OpenFindings:
    """Kinds of findings that nobody has decided about and that are still found; unknown: in none.

    What concerns many records, as a field that is missing in a third of them, says nothing of one: such are left aside.
    """

    def holds(self, wanted: Sequence[str]) -> sa.ColumnElement[bool]:
        """Condition on the record table: an open finding of one of these kinds concerns it."""
        kinds = [kind for kind in wanted if kind != UNKNOWN]
        alternatives: list[sa.ColumnElement[bool]] = []
        if kinds:
            concerned = in_open_findings(t.finding_record.c.record_id).where(t.finding.c.kind.in_(kinds))
            alternatives.append(t.record.c.id.in_(concerned))
        if UNKNOWN in wanted:
            alternatives.append(t.record.c.id.not_in(in_open_findings(t.finding_record.c.record_id)))
        return sa.or_(*alternatives)

    of_number = True

    def counts(
        self, connection: sa.Connection, conditions: Sequence[sa.ColumnElement[bool]], every: int
    ) -> dict[str, int]:
        """Number of records of each kind that an open finding concerns; unknown: those in none, if any is in one.

        ``every``: how many records there are under the conditions.
        """
        concerned = in_open_findings(t.finding.c.kind, t.finding_record.c.record_id).distinct().subquery()
        if connection.execute(sa.select(concerned.c.kind).limit(1)).first() is None:
            return {}
        joined = t.record.join(concerned, concerned.c.record_id == t.record.c.id)
        # Grouped by kind, and once more in one group, as a record may be concerned by several.
        counted = (
            sa.select(concerned.c.kind, sa.func.count(sa.distinct(concerned.c.record_id)))
            .select_from(joined)
            .where(*conditions)
            .group_by(sa.func.grouping_sets(sa.tuple_(concerned.c.kind), sa.tuple_()))
        )
        kinds = {row[0]: int(row[1]) for row in connection.execute(counted).all()}
        kinds[UNKNOWN] = every - kinds.pop(None, 0)
        return {str(kind): n for kind, n in kinds.items() if n}


def memberships_version(engine: sa.Engine) -> str:
    """A value that changes whenever what records belong to does."""
    return while_unchanged(engine, "memberships version", lambda: _version_now(engine), scans=True)


def _version_now(engine: sa.Engine) -> str:
    counted = (t.split_record, t.split_withdrawal, t.finding, t.finding_decision, t.prediction, t.model_choice)
    parts = [sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in counted]
    parts.append(sa.select(sa.func.count(t.finding.c.gone_at)).scalar_subquery())
    parts.append(sa.select(sa.func.max(t.prediction.c.created_at)).scalar_subquery())
    with engine.connect() as connection:
        return ":".join(str(value) for value in connection.execute(sa.select(*parts)).one())


MEMBERSHIPS: dict[str, _PartsOfSplits | _OpenFindings | Flags] = {
    SPLIT: _PartsOfSplits(),
    FINDING: _OpenFindings(),
    FLAG: Flags(),
}
"""By the name of the filter that says ``membership``; ``of_number``: its counts need the number of all records."""
