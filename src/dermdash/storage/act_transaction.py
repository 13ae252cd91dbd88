"""One act at a time: the transaction that changes records or decides about them, with its entries in the change log.

All that belongs to an act is stored by it or nothing of it: the person's row, what follows for the record, the entries
of the log, the tasks that come next. Acts come one after another, because each is tied to the one before it: a lock
keeps them from getting in one another's way, and the keys of the log decide where it does not reach.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from dermdash.records.acts import Act
from dermdash.records.change_chain import GENESIS, canonical, entry_hash
from dermdash.storage import tables as t
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import now, retry_on_conflict

_T = TypeVar("_T")
_ACTS_LOCK = 7_236_116
_locks: WeakKeyDictionary[sa.Engine, threading.RLock] = WeakKeyDictionary()
_making = threading.Lock()
_FEW = 4
_TRIES = 40


class ActTransaction:
    """The open transaction of one act: its connection, its moment, and the entries it will leave in the log."""

    def __init__(self, connection: sa.Connection, account_id: str) -> None:
        self.connection = connection
        self.account_id = account_id
        self.moment = now()
        c = t.change_log.c
        # Read before anything else: what is read after it is as new as this entry, and if it is still the last one
        # when ours are stored, nothing has changed in between.
        last = connection.execute(sa.select(c.sequence, c.hash).order_by(c.sequence.desc()).limit(1)).first()
        self._sequence: int = 0 if last is None else last.sequence
        self._hash: str = GENESIS if last is None else last.hash
        self._entries: list[dict[str, Any]] = []

    @property
    def next_sequence(self) -> int:
        """The number that the next entry gets."""
        return self._sequence + 1

    def log(
        self,
        act: Act,
        *,
        dataset_id: str | None,
        record_id: str | None = None,
        field: str | None = None,
        old: Any = None,
        new: Any = None,
        reason: str = "",
        account_id: str | None = None,
    ) -> int:
        """Add an entry to the log and return its number; it is stored with the rest of the act.

        Parameters
        ----------
        old, new
            What JSON knows.
        account_id
            Who, where it is not the one who acts.
        """
        entry: dict[str, Any] = {
            "sequence": self.next_sequence,
            "at": self.moment.astimezone(UTC).isoformat(timespec="microseconds"),
            "account_id": self.account_id if account_id is None else account_id,
            "act": str(act),
            "dataset_id": dataset_id,
            "record_id": record_id,
            "field": field,
            "old": old,
            "new": new,
            "reason": reason,
            "previous": self._hash,
        }
        self._sequence, self._hash = entry["sequence"], entry_hash(entry)
        self._entries.append(entry | {"hash": self._hash, "old": canonical(old), "new": canonical(new)})
        return self._sequence

    def change_record(
        self, act: Act, record: Mapping[str, Any], values: Mapping[str, Any], *, reason: str = "", derived: Any = ()
    ) -> dict[str, Any]:
        """Change fields of a record, with an entry for each that has another value than before; return what changed.

        Parameters
        ----------
        record
            Its row as read within this transaction.
        derived
            Of ``values``, the names of columns that only follow from others and are not logged.
        """
        changed = {name: value for name, value in values.items() if record[name] != value}
        for name, value in changed.items():
            if name not in derived:
                self.log(
                    act, dataset_id=record["dataset_id"], record_id=record["id"], field=name, old=record[name],
                    new=value, reason=reason,
                )  # fmt: skip
        if changed:
            self.connection.execute(t.record.update().where(t.record.c.id == record["id"]).values(**changed))
        return changed

    def set_figures(self, record_id: str, values: Mapping[str, Any]) -> None:
        """Keep beside a record what follows from acts that are stored elsewhere: nothing of it is logged."""
        self.connection.execute(t.record.update().where(t.record.c.id == record_id).values(**values))

    def insert(self, table: sa.Table, *rows: Mapping[str, Any]) -> None:
        """Insert rows; a key that is there already fails the transaction, which is then run again."""
        if len(rows) > _FEW:
            insert_missing(self.connection, table, rows)
            return
        for row in rows:
            self.connection.execute(table.insert().values(**row))

    def read(self, statement: sa.Select[Any]) -> list[dict[str, Any]]:
        """Rows of a query as this transaction sees them."""
        return [dict(row) for row in self.connection.execute(statement).mappings().all()]

    def store_entries(self) -> None:
        """Write the entries: the last thing before the commit."""
        entries, self._entries = self._entries, []
        if len(entries) <= _FEW or self.connection.dialect.name != "duckdb":
            for entry in entries:
                self.connection.execute(t.change_log.insert().values(**entry))
        else:
            # As one table; a number that is taken must fail and not be left out.
            before = self._count_from(entries[0]["sequence"])
            insert_missing(self.connection, t.change_log, entries)
            if before or self._count_from(entries[0]["sequence"]) != len(entries):
                raise sa.exc.IntegrityError("change_log", None, Exception("conflict: the log went on meanwhile"))

    def _count_from(self, sequence: int) -> int:
        statement = sa.select(sa.func.count()).where(t.change_log.c.sequence >= sequence)
        return int(self.connection.execute(statement).scalar_one())


def in_one_act(engine: sa.Engine, account_id: str, work: Callable[[ActTransaction], _T], *, alone: bool = True) -> _T:
    """Run ``work`` in a transaction of its own, all of it or nothing, one act after another.

    Where another process was faster after all, it is run again from its beginning: it must change nothing else.
    ``alone``: False for what changes nothing that another act could miss (a record is opened): it waits for nobody.
    """

    def attempt() -> _T:
        with engine.begin() as connection:
            if alone:
                _take_turn(connection)
            act = ActTransaction(connection, account_id)
            result = work(act)
            act.store_entries()
        return result

    if not alone:
        return retry_on_conflict(attempt, attempts=_TRIES)
    # One process has a DuckDB file; its transactions would only be undone by one another.
    with _lock_of(engine):
        return retry_on_conflict(attempt)


def in_turn(engine: sa.Engine, work: Callable[[sa.Connection], _T]) -> _T:
    """Run what writes beside records, and leaves no entry in the log, in a transaction between two acts."""

    def attempt() -> _T:
        with engine.begin() as connection:
            _take_turn(connection)
            return work(connection)

    with _lock_of(engine):
        return retry_on_conflict(attempt)


def without_trace(engine: sa.Engine, account_id: str, work: Callable[[ActTransaction], _T]) -> _T:
    """Run what reads for an act in a transaction that leaves nothing, to say what the act would do."""
    with engine.connect() as connection, connection.begin() as transaction:
        result = work(ActTransaction(connection, account_id))
        transaction.rollback()
    return result


def _take_turn(connection: sa.Connection) -> None:
    """Wait until no other process is in an act (PostgreSQL; it ends with the transaction)."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ACTS_LOCK})


def _lock_of(engine: sa.Engine) -> threading.RLock:
    with _making:
        return _locks.setdefault(engine, threading.RLock())
