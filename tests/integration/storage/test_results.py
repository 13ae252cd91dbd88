"""Query results as data frames: what is missing is None in text, and NaN or NaT elsewhere."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from dermdash.storage.results import columns_as_frame, read_columns, read_dicts, read_frame
from dermdash.storage.workspace import Workspace

ROWS = "(VALUES (1, 'melanoma', 0.5, 7), (2, NULL, NULL, NULL), (3, 'nan', 2.5, 9)) AS given (id, dx, share, age)"


def read(workspace: Workspace, which: str) -> pd.DataFrame:
    columns = [
        sa.column("id"),
        sa.column("dx"),
        sa.cast(sa.column("share"), sa.Double).label("share"),
        sa.column("age"),
    ]
    statement = sa.select(*columns).select_from(sa.text(ROWS)).where(sa.text(which)).order_by(sa.column("id"))
    return read_frame(workspace.engine, statement)


def test_missing_text_is_none_and_a_missing_number_is_not_a_number(workspace: Workspace) -> None:
    frame = read(workspace, "true")
    assert frame["dx"].tolist() == ["melanoma", None, "nan"]
    assert frame["dx"].dtype == object
    np.testing.assert_array_equal(frame["share"], [0.5, np.nan, 2.5])
    np.testing.assert_array_equal(frame["age"], [7.0, np.nan, 9.0])
    assert frame["id"].dtype == np.int64


def test_a_column_of_nothing_and_a_table_of_nothing_keep_their_columns(workspace: Workspace) -> None:
    assert read(workspace, "id = 2").to_dict("records")[0]["dx"] is None
    assert read(workspace, "id = 9").columns.tolist() == ["id", "dx", "share", "age"]


def test_columns_keep_their_order_and_kinds_whatever_stands_between_texts(duckdb_workspace: Workspace) -> None:
    given = "(VALUES ('a', 1, 'x', true), (NULL, NULL, 'y', false)) AS given (first, n, last, sure)"
    columns = [sa.column(name) for name in ("first", "n", "last", "sure")]
    frame = read_frame(duckdb_workspace.engine, sa.select(*columns).select_from(sa.text(given)))
    assert frame.columns.tolist() == ["first", "n", "last", "sure"]
    assert [str(kind) for kind in frame.dtypes] == ["object", "float64", "object", "bool"]
    assert frame["first"].tolist() == ["a", None]
    texts = read_frame(duckdb_workspace.engine, sa.select(columns[0], columns[2]).select_from(sa.text(given)))
    assert texts.to_dict("list") == {"first": ["a", None], "last": ["x", "y"]}


GIVEN = "(VALUES ('a', 1, 0.1, true), (NULL, NULL, NULL, NULL), ('', 3, 1e300, false), ('x\n\"y\",z', 4, -2.5, true))"


def columns_of(workspace: Workspace, which: str) -> sa.Select[Any]:
    kinds = {"word": sa.String, "n": sa.Integer, "share": sa.Double, "sure": sa.Boolean}
    columns = [sa.cast(sa.column(name), kind).label(name) for name, kind in kinds.items()]
    given = sa.text(f"{GIVEN} AS given (word, n, share, sure)")
    return sa.select(*columns).select_from(given).where(sa.column("n").is_distinct_from(sa.literal(4)) | sa.text(which))


def test_columns_are_what_rows_are(workspace: Workspace) -> None:
    statement = columns_of(workspace, "true")
    table, rows = read_columns(workspace.engine, statement), read_dicts(workspace.engine, statement)
    assert table.to_pylist() == rows
    assert [row["word"] for row in rows] == ["a", None, "", 'x\n"y",z']
    kinds = [pa.string(), pa.int64(), pa.float64(), pa.bool_()]
    assert table.schema.types == kinds
    assert read_columns(workspace.engine, columns_of(workspace, "true").where(sa.false())).schema.types == kinds
    assert read_columns(workspace.engine, columns_of(workspace, "false")).num_rows == 3


def test_a_frame_of_columns_is_that_of_rows(workspace: Workspace) -> None:
    whole = columns_of(workspace, "true")
    statement = sa.select(*[column for column in whole.subquery().c if column.name != "sure"])
    frame = columns_as_frame(read_columns(workspace.engine, statement))
    pd.testing.assert_frame_equal(frame, read_frame(workspace.engine, statement))
    assert frame["word"].dtype == object
    assert frame["word"].iloc[1] is None
