"""Charts in the colours of the page."""

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dermdash.charts.labels import fitted
from dermdash.charts.links import has_links, without_links
from dermdash.charts.palette import Theme


def current_theme() -> Theme:
    """The theme of this browser."""
    return Theme.DARK if st.context.theme.type == "dark" else Theme.LIGHT


def show_figure(figure: go.Figure, *, key: str, **options: Any) -> Any:
    """Show a figure as its chart module made it; the picture can be downloaded as a vector.

    Returns what Streamlit says of it: with ``on_select`` what was clicked on.
    """
    drawn = fitted(figure).to_dict()
    return st.plotly_chart(
        go.Figure(without_links(drawn)) if has_links(drawn) else figure,
        theme=None,
        key=key,
        config={
            "displaylogo": False,
            "modeBarButtonsToRemove": ["zoom2d", "pan2d", "select2d", "lasso2d", "autoScale2d", "resetScale2d"],
            "toImageButtonOptions": {"format": "svg", "filename": key.replace(".", "-")},
        },
        **options,
    )
