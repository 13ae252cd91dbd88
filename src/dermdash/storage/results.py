"""Query results as plain dicts and as data frames."""

from typing import Any

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
        return missing_text_as_none(pd.DataFrame.from_records([tuple(row) for row in result.all()], columns=columns))


def missing_text_as_none(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn pandas' own text columns into plain ones: their missing value is NaN, which is true and reads "nan"."""
    names: list[str] = list(frame.select_dtypes("str").columns)
    for name in names:
        texts = frame[name].astype(object)
        frame[name] = texts.where(texts.notna(), None)
    return frame
