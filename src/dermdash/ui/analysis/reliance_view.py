"""The page about reliance on advice."""

import streamlit as st

from dermdash.analyses.reliance.run import RelianceOptions, RelianceResult, analyse_reliance
from dermdash.analyses.reliance.section import reliance_section
from dermdash.readings.readings_table import ReadingsTable
from dermdash.ui.analysis.section_view import show_section
from dermdash.ui.choices import choose_segment
from dermdash.ui.entries import slide_number
from dermdash.ui.messages import empty_state
from dermdash.ui.source_choice import shown_source, which_readings

_NAMED, _MALIGNANCY = "named", "malignancy"
_LEVELS = {_NAMED: "what the advice names", _MALIGNANCY: "malignant or not"}


def show_reliance(table: ReadingsTable, home: str) -> None:
    """Options, then the section."""
    if not any(table.has(c) for c in ("advice_dx", "advice_malignant", "advice_correct")):
        empty_state(
            "psychology_alt",
            "No advice is recorded here",
            "Reliance needs to know what was advised. Run a study with assistance, or choose other readings.",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        level = choose_segment(
            "Answers and advice are compared by",
            list(_LEVELS),
            _LEVELS.__getitem__,
            key="reliance.on_malignancy",
            name="compared",
            help="By malignancy all modalities can be compared with each other.",
        )
        bins = slide_number("Bins of the curves", 3, 10, 5, step=1, key="reliance.bins", name="bins", width=220)
    result = _result(table, _identity(table, home), level == _MALIGNANCY, bins)
    show_section(reliance_section(result, table))


def _identity(table: ReadingsTable, home: str) -> tuple[str | int | None, ...]:
    return home, shown_source(), table.source, table.protocol_sha256, which_readings(table)


@st.cache_data(ttl=3600, max_entries=20, show_spinner="Measuring reliance")
def _result(
    _table: ReadingsTable, identity: tuple[str | int | None, ...], on_malignancy: bool, bins: int
) -> RelianceResult:
    return analyse_reliance(_table, options=RelianceOptions(on_malignancy=on_malignancy, bins=bins))
