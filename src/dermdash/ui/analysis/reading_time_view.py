"""The page about reading times."""

import streamlit as st

from dermdash.analyses.reading_time.run import TimeOptions, TimeResult, analyse_reading_time
from dermdash.analyses.reading_time.section import reading_time_section
from dermdash.readings.readings_table import ReadingsTable
from dermdash.ui.analysis.section_view import show_section
from dermdash.ui.entries import enter_number, slide_number
from dermdash.ui.messages import empty_state
from dermdash.ui.source_choice import shown_source, which_readings


def show_reading_time(table: ReadingsTable, home: str) -> None:
    """Options, then the section."""
    if not table.has("client_ms"):
        empty_state(
            "timer_off", "No times are recorded here", "Choose readings of a study run here, or of another log."
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shortest = enter_number(
            "Implausible below, s", 0.0, 10.0, 0.2, step=0.1, key="reading_time.shortest", name="shortest", width=180,
            help="Shorter times are counted, and left out of the sensitivity analysis.",
        )  # fmt: skip
        longest = enter_number(
            "Implausible above, s", 20.0, 7200.0, 600.0, step=60.0, format="%.0f", key="reading_time.longest",
            name="longest", width=180,
            help="Longer times are counted, and left out of the sensitivity analysis.",
        )  # fmt: skip
        parts = slide_number("Parts of the curves", 3, 10, 5, step=1, key="reading_time.parts", name="parts", width=220)
    result = _result(table, _identity(table, home), 1000 * shortest, 1000 * longest, parts)
    show_section(reading_time_section(result, table))


def _identity(table: ReadingsTable, home: str) -> tuple[str | int | None, ...]:
    return home, shown_source(), table.source, table.protocol_sha256, which_readings(table)


@st.cache_data(ttl=3600, max_entries=20, show_spinner="Measuring times")
def _result(
    _table: ReadingsTable, identity: tuple[str | int | None, ...], shortest_ms: float, longest_ms: float, parts: int
) -> TimeResult:
    return analyse_reading_time(_table, options=TimeOptions(shortest_ms, longest_ms, parts))
