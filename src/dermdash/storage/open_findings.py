"""Which records findings concern that are still found and that nobody has decided about."""

from typing import Any

import sqlalchemy as sa

from dermdash.storage import tables as t

OPEN = "open"
"""As a decision: it takes the one before back."""
_MOST_RECORDS = 10


def in_open_findings(*columns: Any) -> sa.Select[Any]:
    """Columns of open findings and their records; what concerns many records says nothing of one, and is left aside."""
    d = t.finding_decision.c
    place = sa.func.row_number().over(partition_by=d.finding_id, order_by=(d.sequence.desc(), d.id.desc()))
    ranked = sa.select(d.finding_id, d.decision, place.label("place")).subquery()
    decided = sa.select(ranked.c.finding_id).where(ranked.c.place == 1, ranked.c.decision != OPEN)
    member = t.finding_record.c
    few = sa.select(member.finding_id).group_by(member.finding_id).having(sa.func.count() <= _MOST_RECORDS)
    joined = t.finding_record.join(t.finding, t.finding.c.id == t.finding_record.c.finding_id)
    standing = (t.finding.c.gone_at.is_(None), t.finding.c.id.not_in(decided), t.finding.c.id.in_(few))
    return sa.select(*columns).select_from(joined).where(*standing)
