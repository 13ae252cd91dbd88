"""Query results as plain dicts and as data frames."""

from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa


def read_dicts(engine: sa.Engine, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    """Run a query and return its rows as dicts."""
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(statement).mappings().all()]


def read_frame(engine: sa.Engine, statement: sa.Select[Any]) -> pd.DataFrame:
    """Run a query and return its rows as a data frame with the column names of the query.

    Missing text is None, as in `read_dicts`; missing numbers and times are NaN and NaT.
    """
    with engine.connect() as connection:
        result = connection.execute(statement)
        columns = list(result.keys())
        rows = [tuple(row) for row in result.all()]
    frame = pd.DataFrame.from_records(rows, columns=columns)
    names: list[str] = list(frame.select_dtypes("str").columns)
    for name in names:
        # pandas' own text columns say NaN for missing, which is true and reads "nan". What the database gave is taken
        # as it is: turning such a column back takes three times as long.
        place = columns.index(name)
        texts = np.empty(len(rows), dtype=object)
        texts[:] = [row[place] for row in rows]
        frame[name] = pd.Series(texts, dtype=object)
    return frame
