"""The rubric of managements, as a table to edit."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dermdash.analyses.benefit.rubric import DEFAULT_RUBRIC, Judgement, make_rubric

Rows = tuple[tuple[tuple[str, str], str], ...]


def rubric_rows(title: str, *, key: str) -> Rows:
    """Let the visitor change the default rubric; a link does not carry what they change."""
    with st.expander(title):
        st.markdown(
            "A row for a class comes before the row for *malignant* or *benign*. Managements without a row are left "
            "out and counted. Changes hold for this page until it is closed, and a link does not carry them."
        )
        edited: pd.DataFrame = st.data_editor(
            DEFAULT_RUBRIC.frame,
            num_rows="dynamic",
            hide_index=True,
            key=key,
            column_config={
                "truth": st.column_config.TextColumn("Truth", help="malignant, benign, or the code of a class"),
                "management": st.column_config.TextColumn("Management"),
                "judgement": st.column_config.SelectboxColumn("Counts as", options=[str(j) for j in Judgement]),
            },
        )
    rows = [{str(name): value for name, value in row.items()} for row in edited.dropna(how="all").to_dict("records")]
    return tuple((place, str(judgement)) for place, judgement in make_rubric(rows, source="The rubric").rows.items())
