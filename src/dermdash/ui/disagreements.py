"""Cases that two judges call differently, as thumbnails that lead to the record and as a table."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dermdash.analyses.comparison.paired_cases import BOTH_WRONG, ONLY_FIRST, ONLY_SECOND, thumbnails_of
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui.choices import choose_segment
from dermdash.ui.downloads import csv_button
from dermdash.ui.frontend.exchange.gallery import TilePayload
from dermdash.ui.gallery import gallery
from dermdash.ui.messages import as_text
from dermdash.ui.navigation import RECORD_SCRIPT, switch_page
from dermdash.ui.record_tiles import thumbnail_uri, tile_color
from dermdash.wording import counted, percent

SHOWN = 24


def show_disagreements(workspace: Workspace, differ: pd.DataFrame, *, first: str, second: str) -> None:
    """Let the visitor choose who was right, and show these cases, the surest disagreements first."""
    if differ.empty:
        st.info("They name the same diagnosis for every case.", icon=":material/info:")
        return
    counts = differ["who"].value_counts()
    labels = {
        ONLY_FIRST: f"Right: only {as_text(first)}",
        ONLY_SECOND: f"Right: only {as_text(second)}",
        BOTH_WRONG: "Different, both wrong",
    }
    present = [who for who in labels if who in counts]
    chosen = choose_segment(
        "Who was right",
        present,
        labels.__getitem__,
        key="comparison.who",
        name="right",
        label_visibility="collapsed",
    )
    # The labels hold no count: it is another for each pair, and the label is what the browser sends.
    st.markdown(f"**{counted(int(counts[chosen]), 'case')}** of {int(counts.sum()):,} that they name differently")
    part = differ[differ["who"] == chosen].head(SHOWN)
    known = thumbnails_of(workspace, list(part["record"]))
    tiles = [
        TilePayload(
            id=row["record"],
            image=thumbnail_uri(workspace, known[row["record"]][1]),
            title=f"Truth: {diagnosis_name(row['truth'])}",
            subtitle=f"1: {row['first']} {percent(row['first_probability'], 0)} · "
            f"2: {row['second']} {percent(row['second_probability'], 0)}",
            color=tile_color(row["truth"]),
        )
        for _, row in part.iterrows()
        if row["record"] in known
    ]
    opened = gallery(tiles, key=f"comparison.gallery.{chosen}", tile_px=170, label="Cases they disagree about")
    more = f" The {SHOWN} surest of {counts[chosen]:,} are shown; the file has all." if counts[chosen] > SHOWN else ""
    # Names of files come from outside: they are data, not Markdown.
    st.caption(f"1: {as_text(first)}, 2: {as_text(second)}, each with its class. A click opens the record.{more}")
    csv_button("Disagreements (CSV)", lambda: differ, name="disagreements", key="comparison.disagreements.csv")
    if opened in set(part["record"]):
        switch_page(RECORD_SCRIPT, query_params={"id": str(opened)})
