"""Query results as plain dicts and as data frames.

Each is of one statement, which sees one moment by itself: there is no transaction around it, whose BEGIN and ROLLBACK
cost as much as a small statement does.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa
from pyarrow import csv

_KINDS: dict[type[sa.types.TypeEngine[Any]], pa.DataType] = {
    sa.String: pa.string(), sa.Boolean: pa.bool_(), sa.Integer: pa.int64(), sa.Float: pa.float64(),
}  # fmt: skip


def alone(engine: sa.Engine) -> sa.Connection:
    """A connection for one statement that only reads."""
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def among(column: sa.ColumnElement[str], names: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a column has one of these names, a text as `names_text` makes it: IN, for the few rows that another
    condition chooses.

    DuckDB plans IN as a join with a table of the names, which takes longer than reading such rows.
    """
    space = sa.literal_column("' '", sa.String())
    return sa.func.strpos(names, space + column + space) > sa.literal_column("0")


def names_text(names: Iterable[str]) -> str:
    """Names without spaces as one text, for `among`."""
    return f" {' '.join(names)} "


def read_rows(
    engine: sa.Engine, statement: sa.Executable, parameters: Mapping[str, Any] | None = None
) -> Sequence[sa.Row[Any]]:
    """Run a query and return its rows."""
    with alone(engine) as connection:
        return connection.execute(statement, parameters).all()


def read_dicts(engine: sa.Engine, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    """Run a query and return its rows as dicts."""
    with alone(engine) as connection:
        return [dict(row) for row in connection.execute(statement).mappings().all()]


def read_frame(engine: sa.Engine, statement: sa.Select[Any]) -> pd.DataFrame:
    """Run a query and return its rows as a data frame with the column names of the query.

    Missing text is None, as in `read_dicts`; missing numbers and times are NaN and NaT.
    """
    with alone(engine) as connection:
        return frame_of(connection.execute(statement))


def frame_of(result: sa.CursorResult[Any]) -> pd.DataFrame:
    """What a query found as `read_frame` returns it."""
    columns = list(result.keys())
    rows = [tuple(row) for row in result.all()]
    given = list(zip(*rows, strict=True))
    of_text = [place for place, values in enumerate(given) if any(isinstance(value, str) for value in values)]
    if not of_text:
        return pd.DataFrame.from_records(rows, columns=columns)
    # pandas' own text columns say NaN for missing, which is true and reads "nan". What the database gave is taken as it
    # is, and all of it as one block: making such columns and turning them back takes twice as long.
    texts = np.empty((len(rows), len(of_text)), dtype=object)
    for i, place in enumerate(of_text):
        texts[:, i] = given[place]
    others = [place for place in range(len(columns)) if place not in of_text]
    parts = [pd.DataFrame(texts, columns=[columns[place] for place in of_text], dtype=object)]
    if others:
        values = list(zip(*(given[place] for place in others), strict=True))
        parts.append(pd.DataFrame.from_records(values, columns=[columns[place] for place in others]))
    return pd.concat(parts, axis=1)[columns]


def read_columns(engine: sa.Engine, statement: sa.Select[Any]) -> pa.Table:
    """Run a query and return it column by column: nothing is made of a single row, which takes most of a million.

    Texts, numbers and truth values only. PostgreSQL gives its rows as one CSV, which is read as columns.
    """
    with alone(engine) as connection:
        if connection.dialect.name == "duckdb":
            result = connection.execute(statement)
            given = result.cursor.to_arrow_table().rename_columns(list(result.keys()))
        else:
            given = _copied(connection, statement)
    wanted = {column.name: _kind(column.type) for column in statement.selected_columns}
    return given.cast(pa.schema([(name, wanted[name] or given.schema.field(name).type) for name in given.column_names]))


def columns_as_frame(table: pa.Table) -> pd.DataFrame:
    """The frame that `read_frame` returns: missing text is None, a missing number NaN."""
    columns = {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}
    return pd.DataFrame({name: pd.Series(values, dtype=values.dtype) for name, values in columns.items()})


def _copied(connection: sa.Connection, statement: sa.Select[Any]) -> pa.Table:
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    names = [column.name for column in statement.selected_columns]
    cursor = connection.connection.cursor()
    try:
        # Else a large table is read from where another statement is: in the same order, whose rows are whose is known.
        cursor.execute("SET synchronize_seqscans TO off")
        with cursor.copy(f"COPY ({compiled}) TO STDOUT (FORMAT csv)", compiled.params) as rows:
            text = b"".join(rows)
    finally:
        cursor.close()
    kinds = {column.name: _kind(column.type) or pa.string() for column in statement.selected_columns}
    if not text:
        return pa.table({name: pa.array([], kinds[name]) for name in names})
    # What is missing is empty; an empty text stands in quotes.
    missing = csv.ConvertOptions(
        column_types=kinds, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
        true_values=["t"], false_values=["f"],
    )  # fmt: skip
    return csv.read_csv(
        pa.py_buffer(text),
        read_options=csv.ReadOptions(column_names=names, use_threads=False),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=missing,
    )


def _kind(declared: sa.types.TypeEngine[Any]) -> pa.DataType | None:
    """What Arrow calls it; None where the query does not say."""
    for known, kind in _KINDS.items():
        if isinstance(declared, known):
            return kind
    return None
