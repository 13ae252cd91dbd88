"""Query results as plain dicts and as data frames.

Each is of one statement, which sees one moment by itself: there is no transaction around it, whose BEGIN and ROLLBACK
cost as much as a small statement does.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa


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
        result = connection.execute(statement)
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
