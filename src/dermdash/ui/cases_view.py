"""The gallery of the cases of readings, and one case in full: who said what before and after assistance."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.model_opinions import opinions_in
from dermdash.analyses.model_predictions import ModelOpinions
from dermdash.readings.case_votes import CaseSort, CaseVotes, answer_name, in_order, orders_of
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.ui import address
from dermdash.ui.case_tiles import CASE, SORT, Pictures, case_tile, cases_query, figure_of, votes_of
from dermdash.ui.choices import choose, choose_segment
from dermdash.ui.gallery import gallery
from dermdash.ui.image_viewer import image_viewer
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.navigation import RECORD_SCRIPT, STUDY_SCRIPT, page_link, switch_page
from dermdash.ui.source_choice import shown_source, which_readings
from dermdash.ui.stored_picture import original_uri
from dermdash.ui.tables import data_table
from dermdash.wording import counted, percent
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.reader_study.case_records import records_of_cases
from dermdash.workflows.reader_study.readings_source import study_of

PAGE = 12
LIKELY = 0.05
"""Classes that no reader named are listed where the model gives them as much."""


def cases_view(workspace: Workspace, table: ReadingsTable) -> None:
    """One case where the address names it, else the gallery in an order that the address names."""
    source = shown_source()
    same = (str(workspace.home), source, which_readings(table))
    cases = votes_of(workspace, source, table)
    orders = orders_of(cases)
    if not orders:
        empty_state(
            "photo_library",
            "Nothing to sort by",
            "These readings hold neither answers that are right or wrong nor times.",
        )
        return
    named = {c.case: c for c in cases}
    pictures = records_of_cases(workspace, source, list(named))
    model = _model(same, browse_records.data_version(workspace), workspace, table, study_of(source))
    case = named.get(address.given(CASE) or "")
    # A line of its own: beside others its last option is cut off on a phone.
    order = choose_segment(
        "Sorted by", list(orders), lambda one: one.head, key="cases.sort", name=SORT, label_visibility="collapsed"
    )
    listed = in_order(cases, order)
    if case is not None:
        _one_case(workspace, case, listed, pictures, model, order)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        page = _page(len(listed))
        st.caption(f"{order.meaning} first. {counted(len(listed), 'case')}; a tile opens one.")
    tiles = [case_tile(workspace, c, pictures, order, model) for c in listed[page : page + PAGE]]
    opened = gallery(tiles, key=f"cases.gallery.{order}.{page}", tile_px=200, label="Cases")
    st.caption("Underlined in a bar: the true diagnosis. Hover over a part for what it is.")
    if opened is not None:
        _go_to(opened, order)


def _page(cases: int) -> int:
    """Let the visitor choose which of so many cases are shown; return the place of the first."""
    if cases <= PAGE:
        return 0
    return choose(
        "Cases", list(range(0, cases, PAGE)), lambda i: f"{i + 1} to {min(i + PAGE, cases)} of {cases:,}",
        key="cases.page", name="page", width=260, label_visibility="collapsed",
    )  # fmt: skip


def _one_case(
    workspace: Workspace,
    case: CaseVotes,
    listed: tuple[CaseVotes, ...],
    pictures: Pictures,
    model: ModelOpinions | None,
    order: CaseSort,
) -> None:
    names = [c.case for c in listed]
    at = names.index(case.case) if case.case in names else None
    with st.container(horizontal=True, vertical_alignment="center"):
        page_link(STUDY_SCRIPT, label="All cases", icon=":material/arrow_back:", query_params=_address(None, order))
        for step, label, icon in ((-1, "Previous", "chevron_left"), (1, "Next", "chevron_right")):
            if at is not None and 0 <= at + step < len(names):
                query = _address(names[at + step], order)
                page_link(STUDY_SCRIPT, label=label, icon=f":material/{icon}:", query_params=query)
        if case.case in pictures:
            record = {"id": pictures[case.case][0]}
            page_link(RECORD_SCRIPT, label="Open the record", icon=":material/image_search:", query_params=record)
    truth = answer_name(case.truth) if case.truth else "Truth not known"
    st.header(f"{as_text(truth)} \N{MIDDLE DOT} {as_text(case.case)}", anchor=False)
    place = "" if at is None else f"{order.head}: {at + 1} of {len(names):,} \N{MIDDLE DOT} "
    st.caption(place + figure_of(case, order))
    picture, votes = st.columns([3, 2], gap="large")
    with picture:
        if case.case in pictures:
            image = original_uri(workspace, pictures[case.case][1])
            if image is not None:
                image_viewer(image, key=f"cases.image.{case.case}", height=460, label=f"Case {case.case}")
        else:
            empty_state("hide_image", "No picture here", "No image of this workspace bears the name of this case.")
    with votes:
        _answers(case, model)


def _answers(case: CaseVotes, model: ModelOpinions | None) -> None:
    before, after = sum(case.before.values()), sum(case.after.values())
    probabilities = {} if model is None else model.probabilities.get(case.case, {})
    codes = sorted(
        {
            *case.before,
            *case.after,
            *([case.truth] if case.truth else []),
            *(c for c, p in probabilities.items() if p >= LIKELY),
        },
        key=lambda code: (code != case.truth, -case.before.get(code, 0), code),
    )
    rows: list[dict[str, Any]] = []
    for code in codes:
        row: dict[str, Any] = {"Answer": answer_name(code) + (" (true)" if code == case.truth else "")}
        if before:
            row["Before"] = f"{case.before.get(code, 0)} of {before}"
        if after:
            row["After"] = f"{case.after.get(code, 0)} of {after}"
        if probabilities:
            row["Model"] = percent(probabilities.get(code, 0.0), 0)
        rows.append(row)
    data_table(pd.DataFrame(rows), key=f"cases.answers.{case.case}")
    if case.pairs:
        st.markdown(
            f"Assistance rescued {case.rescued} and misled {case.misled} of {counted(case.pairs, 'pair')} of answers."
        )
    if model is not None and case.case in model.malignancy:
        st.markdown(f"{as_text(model.name)}: {percent(model.malignancy[case.case], 0)} malignant.")


def _go_to(case: str, order: CaseSort) -> None:
    switch_page(STUDY_SCRIPT, query_params=_address(case, order))


def _address(case: str | None, order: CaseSort) -> dict[str, str]:
    return cases_query(shown_source(), order, case)


@st.cache_data(ttl=3600, max_entries=10, show_spinner="Asking the model")
def _model(
    same: tuple[Any, ...], version: str, _workspace: Workspace, _table: ReadingsTable, study_id: str | None
) -> ModelOpinions | None:
    found = opinions_in(AnalysisContext(_workspace, study_id), _table)
    return found if found.diagnosis or found.malignancy else None
