"""Tables as people read them: without an index, and with nothing where nothing is known."""

from typing import Any

import pandas as pd
import streamlit as st


def data_table(frame: pd.DataFrame, *, key: str, **options: Any) -> Any:
    """Show a table; a cell without a value is empty, never "None". ``options`` go to Streamlit's dataframe."""
    return st.dataframe(frame, key=key, hide_index=True, placeholder="", **options)
