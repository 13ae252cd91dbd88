"""The cases of a study as pictures: what each is, and the way to its record."""

from typing import Any

import streamlit as st

from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui.entries import turned_to
from dermdash.ui.frontend.exchange.gallery import TilePayload
from dermdash.ui.gallery import gallery
from dermdash.ui.navigation import RECORD_SCRIPT, switch_page
from dermdash.ui.record_tiles import thumbnail_uri, tile_color
from dermdash.wording import counted
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.reader_study import study_results

_PER_PAGE = 60


def show_cases(workspace: Workspace, study: dict[str, Any]) -> None:
    """Every case of the study, sixty a page; a click opens the record."""
    cases = study_results.study_cases(workspace, study["id"])
    read = cases[~cases["practice"].astype(bool)]
    st.markdown(f"{counted(len(read), 'case')}, as they were drawn. A click opens the record of a case.")
    pages = max(1, -(-len(read) // _PER_PAGE))
    pager = f"study.cases.page.{pages}"
    page = turned_to(pages, key=pager, name="page")
    shown = read.iloc[(page - 1) * _PER_PAGE : page * _PER_PAGE]
    images = browse_records.images_of(workspace, shown["record_id"].astype(str).tolist())
    tiles = [
        TilePayload(
            id=str(case["record_id"]),
            image=thumbnail_uri(workspace, images[str(case["record_id"])]),
            title=diagnosis_name(case["truth_dx"]),
            color=tile_color(case["truth_dx"]),
        )
        for case in shown.to_dict("records")
        if str(case["record_id"]) in images
    ]
    chosen = gallery(tiles, key="study.cases", label="Cases")
    if chosen is not None:
        switch_page(RECORD_SCRIPT, query_params={"id": chosen})
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.pagination(pages, key=pager)
