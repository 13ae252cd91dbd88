"""The cases that an item response model points to, with their pictures: the hardest, the most discriminating."""

import streamlit as st

from dermdash.analyses.item_response.model import CaseEstimate
from dermdash.analyses.item_response.run import ItemResponseResult
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui.choices import choose_segment
from dermdash.ui.frontend.exchange.gallery import TilePayload
from dermdash.ui.gallery import gallery
from dermdash.ui.navigation import RECORD_SCRIPT, switch_page
from dermdash.ui.record_tiles import thumbnail_uri, tile_color
from dermdash.ui.source_choice import shown_source
from dermdash.wording import number, percent
from dermdash.workflows.reader_study.case_records import records_of_cases

HARDEST, DISCRIMINATING = "hardest", "discriminating"
LISTS = {HARDEST: "Hardest", DISCRIMINATING: "Most discriminating"}


def cases_to_look_at(workspace: Workspace, result: ItemResponseResult) -> None:
    """Show those whose records are in the workspace; a click opens one."""
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
        switch_page(RECORD_SCRIPT, query_params={"id": opened})


def _tile(workspace: Workspace, case: CaseEstimate, truth: str | None, record: str, sha: str) -> TilePayload:
    return {
        "id": record,
        "image": thumbnail_uri(workspace, sha),
        "title": diagnosis_name(truth) if truth else case.case,
        "subtitle": f"difficulty {number(case.difficulty, 2)} · right {percent(case.share_right, 0)}",
        "color": tile_color(truth),
    }
