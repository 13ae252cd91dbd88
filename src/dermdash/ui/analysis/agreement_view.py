"""The page of agreement: which answer, how many draws, and what was found."""

import streamlit as st

from dermdash.analyses.agreement.rated_readings import RATINGS
from dermdash.analyses.agreement.run import AgreementResult, analyse_agreement
from dermdash.analyses.agreement.section import agreement_section
from dermdash.readings.readings_table import ReadingsTable
from dermdash.ui.analysis.section_view import show_section
from dermdash.ui.choices import choose
from dermdash.ui.messages import as_text
from dermdash.ui.source_choice import shown_source, which_readings

DRAWS = (500, 2000, 5000)


def agreement_view(table: ReadingsTable) -> None:
    """Ask what agreement is about, and show it."""
    recorded = [name for name in RATINGS if table.has(name)]
    if not recorded:
        st.info(f"{as_text(table.source)} records no answer that agreement can be measured on.", icon=":material/info:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rating = choose(
            "Agreement on",
            recorded,
            lambda name: RATINGS[name].capitalize(),
            key="agreement.rating",
            name="rating",
            width=260,
        )
        replicates = choose(
            "Draws for intervals",
            DRAWS,
            lambda n: f"{n:,}",
            key="agreement.replicates",
            name="draws",
            default=DRAWS[1],
            width=180,
            help="Cases are drawn again so many times. More draws, steadier intervals.",
        )
    show_section(agreement_section(_result(table, _identity(table), rating, replicates)))


def _identity(table: ReadingsTable) -> tuple[str, str, str | None, int]:
    return shown_source(), table.source, table.protocol_sha256, which_readings(table)


@st.cache_data(ttl=3600, max_entries=20, show_spinner="Measuring agreement")
def _result(
    _table: ReadingsTable, identity: tuple[str, str, str | None, int], rating: str, replicates: int
) -> AgreementResult:
    return analyse_agreement(_table, rating=rating, replicates=replicates)
