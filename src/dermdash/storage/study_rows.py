"""The rows that belong to one study, out of a workspace and into another: every table whose rows point to it.

Which tables those are follows from their columns (`OF_A_STUDY`), so that a table that is added later comes along.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dermdash.errors import InvalidInput
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import in_turn
from dermdash.storage.bulk import insert_missing
from dermdash.storage.findings import PAIR_KINDS
from dermdash.storage.kept_flags import keep_broken_rules, keep_model_answers
from dermdash.storage.order import numbers_up_to
from dermdash.storage.results import read_dicts

_STUDY, _READER, _INVITATION, _CASE, _ASSIGNMENT = "study_id", "reader_id", "invitation_id", "case_id", "assignment_id"
_WAYS = (_STUDY, _READER, _INVITATION, _ASSIGNMENT, _CASE)
"""Columns by which a row belongs to a study, the nearest first."""
STAYS = ("invitation_address", "mail", "player_name", "study_draft")
"""Tables of a study of which nothing ever leaves: who is behind an invitation, under which name readers play, and how
the protocol came to be before its freeze."""
OF_A_STUDY: tuple[sa.Table, ...] = (
    t.study,
    *(
        table
        for table in t.metadata.tables.values()
        if table is not t.study and table.name not in STAYS and any(way in table.c for way in _WAYS)
    ),
)
BESIDE: tuple[sa.Table, ...] = (
    t.dataset, t.record, t.model, t.model_choice, t.model_training_lesion, t.prediction, t.operating_point,
    t.operating_point_withdrawal,
)  # fmt: skip
"""What a study rests on and does not own: its records as far as needed, and the model that answers for them."""
PAIRS = "confirmed_pair"
"""Pairs of records that people decided to show one lesion: as pairs, not as the rows of whoever decided."""
_AT_ONCE = 1000
Row = dict[str, Any]


def rows_of_study(engine: sa.Engine, study_id: str) -> dict[str, list[Row]]:
    """Every row of the study, by name of the table, each table in the order of its key."""
    with engine.connect() as connection:
        return {table.name: list(_rows(connection, table, study_id)) for table in OF_A_STUDY}


def _rows(connection: sa.Connection, table: sa.Table, study_id: str) -> Iterator[Row]:
    statement = sa.select(table).where(_belongs(table, study_id)).order_by(*table.primary_key.columns)
    for row in connection.execute(statement).mappings():
        yield dict(row)


def _belongs(table: sa.Table, study_id: str) -> sa.ColumnElement[bool]:
    if table is t.study:
        return t.study.c.id == study_id
    way = next(way for way in _WAYS if way in table.c)
    if way == _STUDY:
        return table.c[way] == study_id
    owner = {_READER: t.reader, _INVITATION: t.invitation, _CASE: t.study_case, _ASSIGNMENT: t.assignment}[way]
    return table.c[way].in_(sa.select(owner.c.id).where(_belongs(owner, study_id)))


def rows_with(engine: sa.Engine, table: sa.Table, column: str, values: Sequence[str]) -> list[Row]:
    """Rows of a table that have one of these values, in the order of its key."""
    found: list[Row] = []
    wanted = sorted(set(values))
    for start in range(0, len(wanted), _AT_ONCE):
        statement = sa.select(table).where(table.c[column].in_(wanted[start : start + _AT_ONCE]))
        found += read_dicts(engine, statement.order_by(*table.primary_key.columns))
    return found


def insert_rows(engine: sa.Engine, rows: Mapping[str, Sequence[Row]]) -> None:
    """Insert rows by name of their table in one transaction; a row whose key is there stays as it is there.

    Numbers of the order of recording are kept, and those given from now on follow them.
    """
    names = [table.name for table in (*BESIDE, *OF_A_STUDY)]

    def work(connection: sa.Connection) -> None:
        for name in names:
            if rows.get(name):
                insert_missing(connection, t.metadata.tables[name], rows[name])
        _insert_pairs(connection, rows.get(PAIRS, ()))
        keep_model_answers(connection)
        keep_broken_rules(connection)
        numbers_up_to(connection)

    in_turn(engine, work)


def _insert_pairs(connection: sa.Connection, pairs: Sequence[Row]) -> None:
    """As decided findings: only a workspace that is thrown away again gets them without an act of somebody."""
    for number, pair in enumerate(pairs, start=1):
        key, moment = f"pair-{number}", datetime.fromisoformat("2000-01-01T00:00:00+00:00")
        connection.execute(
            t.finding.insert().values(
                id=key, kind=sorted(PAIR_KINDS)[0], score=1.0, threshold=1.0, verdict="same", details={},
                method_version="archive", created_at=moment,
            )
        )  # fmt: skip
        members = [{"finding_id": key, "position": i, "record_id": pair[f"record_{i}"]} for i in (1, 2)]
        insert_missing(connection, t.finding_record, members)
        connection.execute(
            t.finding_decision.insert().values(
                id=key, finding_id=key, decision=pair["decision"], account_id="archive", note="", created_at=moment,
                sequence=number,
            )
        )  # fmt: skip


def as_line(row: Row) -> str:
    """A row as one line of JSON, the same text for the same row; what a payload says keeps its order."""
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False, default=_plain, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} stands in no row of a study")


def row_of(table: sa.Table, said: Any, where: str) -> Row:
    """A row as it is stored, of what a line says.

    Raises
    ------
    InvalidInput
        It is no row of this table: a column that there is not, a value of another type, or nothing where something
        has to stand.
    """
    if not isinstance(said, dict):
        raise InvalidInput(f"{where} is no row of {table.name}")
    if unknown := sorted(said.keys() - table.c.keys()):
        raise InvalidInput(f"{where} has the column {unknown[0][:80]!r}, which {table.name} has not in this version")
    row: Row = {}
    for column in table.c:
        value = said.get(column.name)
        if value is None:
            if not column.nullable:
                raise InvalidInput(f"{where} lacks {column.name}")
            row[column.name] = None
            continue
        try:
            row[column.name] = _reader(column)(value)
        except (TypeError, ValueError):
            raise InvalidInput(f"{where}: {column.name} is {str(value)[:80]!r}, which cannot stand there") from None
    return row


def _reader(column: sa.Column[Any]) -> Callable[[Any], Any]:
    kind = column.type
    if isinstance(kind, sa.JSON):
        return lambda value: value
    if isinstance(kind, sa.DateTime):
        return _moment
    if isinstance(kind, sa.Boolean):
        return lambda value: _of_type(value, bool)
    if isinstance(kind, sa.Integer):
        return _whole
    if isinstance(kind, sa.Float):
        return _number
    if isinstance(kind, sa.LargeBinary):
        return bytes.fromhex
    return lambda value: _text(value)


def _moment(value: Any) -> datetime:
    found = datetime.fromisoformat(_of_type(value, str))
    if found.tzinfo is None or not 1970 <= found.year <= 9000:
        raise ValueError
    return found


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 1 << 62:
        raise ValueError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _text(value: Any) -> str:
    if "\x00" in (text := _of_type(value, str)):  # which PostgreSQL holds in no text
        raise ValueError
    return text


def _of_type(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError
    return value
