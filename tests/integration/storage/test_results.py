"""Query results as data frames: what is missing is None in text, and NaN or NaT elsewhere."""

import numpy as np
import pandas as pd
import sqlalchemy as sa

from dermdash.storage.results import read_frame
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
