"""The order of what is only ever appended: a number beside each moment, since a clock can be set back."""

import sqlalchemy as sa

from dermdash.storage import tables as t

_OF_A_SESSION = (t.reading, t.session_event, t.step_sent)


def next_number(connection: sa.Connection, *tables: sa.Table) -> int:
    """The number that follows all of these tables', to be given in the same transaction; from 1.

    Two transactions that do not see one another may give the same: they have no order.
    """
    last = [sa.func.coalesce(sa.select(sa.func.max(table.c.sequence)).scalar_subquery(), 0) for table in tables]
    highest = last[0] if len(last) == 1 else sa.func.greatest(*last)
    return int(connection.execute(sa.select(highest)).scalar_one()) + 1


def next_of_session(connection: sa.Connection) -> int:
    """The number of the next answer, event or sending: they are counted together, of all readers."""
    return next_number(connection, *_OF_A_SESSION)
