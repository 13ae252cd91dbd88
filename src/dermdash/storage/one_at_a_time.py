"""What reads and then stores something that follows from it: one after another, in this process and in all others."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import sqlalchemy as sa

_TURNS = 7_236_117
"""Beside the locks of migrations and acts, which are keys of one number."""
_locks: WeakKeyDictionary[sa.Engine, threading.RLock] = WeakKeyDictionary()
_making = threading.Lock()


@contextmanager
def one_at_a_time(engine: sa.Engine, about: str) -> Iterator[None]:
    """Hold off whoever does the same about this (the id of a study): what is stored within, the next one reads.

    One process has a DuckDB file, and a lock of it is enough; PostgreSQL has a lock for all processes, which ends with
    its connection, whatever becomes of the process.
    """
    # Of this process one at a time whatever it is about: each waits with a connection, and needs another one then.
    with _lock_of(engine):
        if engine.dialect.name != "postgresql":
            yield
            return
        with engine.begin() as connection:
            key = int.from_bytes(hashlib.sha256(about.encode()).digest()[:4], signed=True)
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:turns, :key)"), {"turns": _TURNS, "key": key})
            yield


def _lock_of(engine: sa.Engine) -> threading.RLock:
    with _making:
        return _locks.setdefault(engine, threading.RLock())
