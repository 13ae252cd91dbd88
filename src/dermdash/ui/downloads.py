"""Download buttons of tables: made when pressed, in the form that no spreadsheet executes."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dermdash.records.safe_csv import to_safe_csv


def csv_button(label: str, make: Callable[[], pd.DataFrame], *, name: str, key: str) -> None:
    """Offer a table as ``name.csv``."""
    st.download_button(
        label,
        lambda: to_safe_csv(make()),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=key,
        icon=":material/download:",
        on_click="ignore",
    )
