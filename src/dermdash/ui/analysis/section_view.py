"""Shows a section of results: findings, figures, tables with downloads, warnings, and how it was done."""

import streamlit as st

from dermdash.analyses.section import ResultTable, Section
from dermdash.records.safe_csv import to_safe_csv
from dermdash.ui.messages import as_text
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure

EXPLORATORY = "Exploratory: no frozen protocol names this analysis."


def show_section(section: Section, *, heading: bool = False) -> None:
    """Show one analysis as the report will print it."""
    if heading:
        st.header(as_text(section.title), anchor=section.key)
    for sentence in section.summary:
        st.markdown(as_text(sentence))
    if section.own_warnings:
        several = len(section.own_warnings) > 1
        said = [f"- {as_text(text)}" if several else as_text(text) for text in section.own_warnings]
        st.warning("\n".join(said), icon=":material/info:")
    for figure in section.figures:
        _part_title(figure.title, below_heading=heading)
        show_figure(figure.make(current_theme()), key=f"{section.key}.{figure.name}")
        if figure.description:
            st.caption(as_text(figure.description))
    for table in section.tables:
        show_table(table, key=f"{section.key}.{table.name}", below_heading=heading)
    with st.expander("How this was done"):
        st.markdown("\n\n".join(as_text(text) for text in section.methods))
        if section.references:
            st.markdown("\n".join(f"- {as_text(text)}" for text in section.references))
    if section.exploratory:
        st.caption(EXPLORATORY)


def _part_title(title: str, *, below_heading: bool) -> None:
    # A level lower where the section has a heading of its own: levels are what a screen reader walks by.
    (st.subheader if below_heading else st.header)(as_text(title), anchor=False)


def show_table(table: ResultTable, *, key: str, below_heading: bool = False) -> None:
    """Show a table for people and offer its numbers as CSV."""
    _part_title(table.title, below_heading=below_heading)
    data_table(table.shown, key=key)
    if table.note:
        st.caption(as_text(table.note))
    st.download_button(
        "Numbers (CSV)",
        lambda: to_safe_csv(table.numbers),
        file_name=f"{table.name}.csv",
        mime="text/csv",
        key=f"{key}.csv",
        icon=":material/download:",
        on_click="ignore",
    )
