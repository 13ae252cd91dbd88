"""How long the statements of an engine take, told to whoever wants to count them."""

import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

_BEGAN = "dermdash_statement_began"


def watch_statements(engine: sa.Engine, seen: Callable[[float], None]) -> None:
    """Call ``seen`` with the seconds of every statement that succeeds, from now on; it must be quick."""

    def before(connection: sa.Connection, *_: Any) -> None:
        connection.info[_BEGAN] = time.perf_counter()

    def after(connection: sa.Connection, *_: Any) -> None:
        began = connection.info.pop(_BEGAN, None)
        if began is not None:
            seen(time.perf_counter() - began)

    sa.event.listen(engine, "before_cursor_execute", before)
    sa.event.listen(engine, "after_cursor_execute", after)
