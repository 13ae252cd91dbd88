"""The page of item response: which answers, which model, what was found, and the cases to look at."""

from typing import cast

import streamlit as st

from dermdash.analyses.item_response.case_records import records_of_cases
from dermdash.analyses.item_response.model import CaseEstimate, Model
from dermdash.analyses.item_response.run import ItemResponseResult, analyse_item_response
from dermdash.analyses.item_response.section import item_response_section
from dermdash.readings.modality import Phase
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.section_view import show_section
from dermdash.ui.choices import choose, choose_segment
from dermdash.ui.frontend.exchange import TilePayload
from dermdash.ui.gallery import gallery
from dermdash.ui.messages import as_text
from dermdash.ui.record_tiles import thumbnail_uri, tile_color
from dermdash.ui.source_choice import shown_source, which_readings
from dermdash.wording import number, percent

RECORD_PAGE = "pages/dataset/record.py"
PHASES = {Phase.UNAIDED: "Without assistance", Phase.AIDED: "With assistance"}
MODELS = {"auto": "By the number of answers", "one": "One for all cases", "two": "One for each case"}
HARDEST, DISCRIMINATING = "hardest", "discriminating"
LISTS = {HARDEST: "Hardest", DISCRIMINATING: "Most discriminating"}


def readers_and_cases_view(workspace: Workspace, table: ReadingsTable) -> None:
    """Ask what the model is of, show it, and the cases it points to."""
    if not table.has("correct"):
        st.info(
            f"{as_text(table.source)} does not say which answers are right. Import the log again with the true "
            "diagnoses.",
            icon=":material/info:",
        )
        return
    phases = [phase for phase in PHASES if (table.frame["phase"] == phase).any()]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        phase = choose("Answers", phases, PHASES.__getitem__, key="item-response.phase", name="phase", width=220)
        model = choose(
            "Discrimination",
            list(MODELS),
            MODELS.__getitem__,
            key="item-response.model",
            name="discrimination",
            width=260,
            help="How steeply the chance of a right answer rises with ability. One for each case takes many answers.",
        )
    identity = (shown_source(), table.source, table.protocol_sha256, which_readings(table))
    result = _result(table, identity, str(phase), str(model))
    show_section(item_response_section(result))
    _cases(workspace, result)


def _cases(workspace: Workspace, result: ItemResponseResult) -> None:
    known = records_of_cases(workspace, shown_source())
    lists = {HARDEST: result.hardest, DISCRIMINATING: result.most_discriminating}
    found = {name: [c for c in cases if c.case in known] for name, cases in lists.items()}
    present = [name for name, cases in found.items() if cases]
    if not present:
        return
    st.header("Cases to look at", anchor=False)
    chosen = present[0]
    if len(present) > 1:
        chosen = choose_segment(
            "Cases", present, LISTS.__getitem__, key="item-response.cases", name="cases", label_visibility="collapsed"
        )
    cases = found[chosen]
    tiles = [_tile(workspace, case, result.truth.get(case.case), *known[case.case]) for case in cases]
    opened = gallery(tiles, key=f"item-response.gallery.{chosen}", tile_px=170, label=f"{LISTS[chosen]} cases")
    st.caption("A click opens the record.")
    if opened is not None:
        st.switch_page(RECORD_PAGE, query_params={"id": opened})


def _tile(workspace: Workspace, case: CaseEstimate, truth: str | None, record: str, sha: str) -> TilePayload:
    return TilePayload(
        id=record,
        image=thumbnail_uri(workspace, sha),
        title=diagnosis_name(truth) if truth else case.case,
        subtitle=f"difficulty {number(case.difficulty, 2)} · right {percent(case.share_right, 0)}",
        color=tile_color(truth),
    )


@st.cache_data(ttl=3600, max_entries=20, show_spinner="Fitting the model")
def _result(
    _table: ReadingsTable, identity: tuple[str, str, str | None, int], phase: str, model: str
) -> ItemResponseResult:
    return analyse_item_response(_table, phase=phase, model=cast(Model, model))
