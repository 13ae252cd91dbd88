"""A table or a figure of a data set with its files below it: CSV, LaTeX, SVG, PNG."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.analyses.dataset_statistics.figures import DrawnFigure
from dermdash.analyses.section import ResultTable
from dermdash.charts.labels import untitled
from dermdash.records.safe_csv import to_safe_csv
from dermdash.report.latex_table import latex_table
from dermdash.ui.messages import as_text
from dermdash.ui.tables import data_table, height_of
from dermdash.ui.theme import current_theme, show_figure

_MIME = {"csv": "text/csv", "tex": "application/x-tex", "svg": "image/svg+xml", "png": "image/png"}
_WORDS = {"csv": "CSV", "tex": "LaTeX", "svg": "SVG", "png": "PNG"}
_TALLEST, _LINE_PX = 640, 33


def show_result_table(table: ResultTable, *, key: str, lines: int = 1, turned: bool = False) -> None:
    """Show a table, and offer it as CSV and LaTeX; ``lines``: how many its cells need.

    ``turned``: few rows with much in them stand side by side, each as a column.
    """
    st.header(as_text(table.title), anchor=False)
    if turned:
        st.markdown(_turned(table.shown))
    else:
        tall: dict[str, Any] = {"height": height_of(len(table.shown), most=_TALLEST)}
        if lines > 1:
            tall = {"row_height": _LINE_PX * lines, "height": "content"}
        data_table(table.shown, key=f"{key}.{table.name}", **tall)
    if table.note:
        st.caption(as_text(table.note))
    _offer({"csv": lambda: to_safe_csv(table.numbers), "tex": lambda: latex_table(table)}, table.name, table.title, key)


def _turned(shown: pd.DataFrame) -> str:
    """The rows side by side as Markdown, whose lines are as high as what stands in them."""

    def line(cells: Iterable[object]) -> str:
        return "| " + " | ".join(as_text(cell).replace("|", "\\|") for cell in cells) + " |"

    heads = [shown.columns[0], *shown.iloc[:, 0]]
    rows = [line([name, *shown[name]]) for name in shown.columns[1:]]
    return "\n".join([line(heads), "| --- " * len(heads) + "|", *rows])


def show_drawn_figure(drawn: DrawnFigure, *, key: str) -> None:
    """Show a figure, and offer it as CSV, SVG and PNG."""
    figure = drawn.figure
    st.header(as_text(figure.title), anchor=False)
    show_figure(untitled(figure.make(current_theme())), key=f"{key}.{figure.name}")
    if figure.description and len(drawn.numbers):  # an empty figure says it itself
        st.caption(as_text(figure.description))
    _offer(
        {"csv": lambda: to_safe_csv(drawn.numbers), "svg": drawn.drawing.svg, "png": drawn.drawing.png},
        figure.name, figure.title, key,
    )  # fmt: skip


def _offer(files: Mapping[str, Callable[[], bytes]], name: str, title: str, key: str) -> None:
    with st.container(horizontal=True, gap="small"):
        for kind, make in files.items():
            st.download_button(
                _WORDS[kind], make, f"{name}.{kind}", _MIME[kind], key=f"{key}.{name}.{kind}", type="tertiary",
                icon=":material/download:", on_click="ignore", help=f"{title} as {_WORDS[kind]}",
            )  # fmt: skip
