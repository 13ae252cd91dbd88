"""What every step of a reader, every run of a page and every picture asks: from memory while nothing was written that
could change it.

DuckDB lets one process have its file, and every write of that process is committed by an engine of
`dermdash.storage.connections`, which says so here once the commit is on disk: what another tab or the study team did is
seen at the next step. On a server other processes write, too: there everything is asked each time, but for what goes
through whole tables (``scans``). The server says which transactions a statement would see; as long as these are the
same, whatever process they are of, it would find what it found.

A write is taken to be about everything, unless its transaction says that it is about one reader alone (`about_reader`).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from dermdash.storage.results import read_rows

Found = TypeVar("Found")
_ABOUT = "dermdash_about_reader"
_SEEN = sa.select(sa.cast(sa.func.pg_current_snapshot(), sa.String))
MOST_READERS, MOST_OTHERS = 400, 4000
"""How many readers, and how many things beside them, are remembered: those asked for last."""


class _Memory:
    """What is known of one database file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writes = 0
        self._writes_about: dict[str, int] = {}
        # Of each reader ("" is everything else); what is known of one is never changed, but replaced.
        self._known: OrderedDict[str, dict[Hashable, Any]] = OrderedDict()
        self._others: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, read: Callable[[], Found], reader_id: str) -> Found:
        with self._lock:
            known = self._known.get(reader_id, {}) if reader_id else self._others
            if key in known:
                found: Found = known[key]
                return found
            before = self._written_so_far(reader_id)
        found = read()
        with self._lock:
            # What was written meanwhile may or may not be in what was read.
            if self._written_so_far(reader_id) == before:
                self._remember(key, found, reader_id)
        return found

    def known_of(self, reader_id: str) -> dict[Hashable, Any] | None:
        with self._lock:
            return self._known.get(reader_id)

    def written(self) -> None:
        with self._lock:
            self._writes += 1
            self._writes_about.clear()
            self._known.clear()
            self._others.clear()

    def written_about(
        self, reader_id: str, before: dict[Hashable, Any] | None, then: Callable[[Any], Any] | None
    ) -> None:
        with self._lock:
            self._writes_about[reader_id] = self._writes_about.get(reader_id, 0) + 1
            known = self._known.pop(reader_id, None)
            # Neither read nor written since the transaction looked: what it wrote is all that is missing.
            if then is not None and known is not None and known is before:
                self._known[reader_id] = {key: then(found) for key, found in known.items()}

    def _remember(self, key: Hashable, found: object, reader_id: str) -> None:
        if not reader_id:
            self._others[key] = found
            while len(self._others) > MOST_OTHERS:
                self._others.popitem(last=False)
            return
        self._known[reader_id] = {**self._known.get(reader_id, {}), key: found}
        self._known.move_to_end(reader_id)
        while len(self._known) > MOST_READERS:
            self._known.popitem(last=False)

    def _written_so_far(self, reader_id: str) -> tuple[int, int]:
        return self._writes, self._writes_about.get(reader_id, 0)


class _SeenOnServer:
    """What was found in a database of a server, and which transactions could be seen then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sees = ""
        self._known: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, engine: sa.Engine, key: Hashable, read: Callable[[], Found]) -> Found:
        before = _seen_now(engine)
        with self._lock:
            if before == self._sees and key in self._known:
                found: Found = self._known[key]
                return found
        found = read()
        # What was committed meanwhile may or may not be in what was read.
        if _seen_now(engine) == before:
            self._remember(before, key, found)
        return found

    def _remember(self, sees: str, key: Hashable, found: object) -> None:
        with self._lock:
            if sees != self._sees:
                self._sees = sees
                self._known.clear()
            self._known[key] = found
            while len(self._known) > MOST_OTHERS:
                self._known.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._sees = ""
            self._known.clear()


def _seen_now(engine: sa.Engine) -> str:
    """Which transactions a statement sees now: it changes with every one that writes, of whatever process."""
    return str(read_rows(engine, _SEEN)[0][0])


@cache
def _memory(_database: str) -> _Memory:
    """By the file: several engines of this process may have it open."""
    return _Memory()


def while_unchanged(
    engine: sa.Engine, key: Hashable, read: Callable[[], Found], *, about_reader: str = "", scans: bool = False
) -> Found:
    """What ``read`` returns, from memory while nothing was written that it could depend on; nobody may change it.

    Parameters
    ----------
    key
        What it is, in this database.
    about_reader
        It depends, beside what is not about any reader alone, on what is about this one.
    scans
        It takes a server long enough that to ask whether anything was written is worth it.
    """
    if engine.dialect.name != "duckdb":
        seen = _on_server.get(engine) if scans else None
        return read() if seen is None else seen.get(engine, key, read)
    return _memory(str(engine.url.database)).get(key, read, about_reader)


_on_server: WeakKeyDictionary[sa.Engine, _SeenOnServer] = WeakKeyDictionary()


def see_what_server_commits(engine: sa.Engine) -> None:
    """Let what scans tables of a server be remembered; called where engines are made."""
    seen = _on_server[engine] = _SeenOnServer()
    # Behind a new connection there may be another server, which counts its transactions anew.
    sa.event.listen(engine, "connect", lambda *_: seen.forget())


def note_about_reader(connection: sa.Connection, reader_id: str, then: Callable[[Any], Any] | None = None) -> None:
    """Say that the transaction of a connection writes about one reader and nothing else.

    ``then`` makes of what is remembered about them what will hold after its commit; without it that is asked again.
    """
    if connection.dialect.name == "duckdb":
        known = _memory(str(connection.engine.url.database)).known_of(reader_id)
        connection.info[_ABOUT] = (reader_id, known, then)


def forget_at_commit(engine: sa.Engine) -> None:
    """Let every commit of an engine on DuckDB say what it wrote about; called where engines are made."""
    dialect, memory = engine.dialect, _memory(str(engine.url.database))
    commit = dialect.do_commit

    def give_up(connection: sa.Connection) -> None:
        connection.info.pop(_ABOUT, None)

    # SQLAlchemy tells of a commit before it happens: what is read in between would be remembered as if it came after.
    def do_commit(connection: Any) -> None:
        try:
            commit(connection)
        except BaseException:
            memory.written()
            raise
        about = connection.info.pop(_ABOUT, None)
        if about is None:
            memory.written()
        else:
            memory.written_about(*about)

    dialect.do_commit = do_commit  # type: ignore[method-assign,assignment]
    sa.event.listen(engine, "rollback", give_up)
    # Who opens the file anew may find in it what another process has written meanwhile.
    memory.written()
    sa.event.listen(engine, "engine_disposed", lambda _engine: memory.written())
