"""The work area of the records page: toolbar, gallery or table, pagination, download."""

import zlib
from collections.abc import Sequence
from typing import NoReturn

import streamlit as st

from dermdash.records.fields import LISTED
from dermdash.records.quality_score import REJECTED
from dermdash.records.record_columns import table_head
from dermdash.records.record_filter import ACQUISITION, SORT_KEYS, RecordFilter
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, address, keys
from dermdash.ui.gallery import ActedOn, TileAct, gallery_to_choose_from
from dermdash.ui.messages import empty_state
from dermdash.ui.navigation import RECORD_SCRIPT, page_link, switch_page
from dermdash.ui.private_download import private_download
from dermdash.ui.record_filters import GALLERY, TABLE, TICKED, first_page, query_of, unit_format, write_to_address
from dermdash.ui.record_tiles import record_tile, table_of, tile_addresses
from dermdash.ui.tables import data_table
from dermdash.wording import PERCENT_FORMAT, counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.browse_records import RecordsPage
from dermdash.workflows.dataset.image_kinds import simulated_dataset_ids
from dermdash.workflows.dataset.record_sets import keep_record_set

PER_PAGE = 60


def records_toolbar(workspace: Workspace, record_filter: RecordFilter) -> None:
    """Switch between gallery and table, sort, download."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "View",
            [GALLERY, TABLE],
            key=keys.RECORDS_VIEW,
            format_func=str.capitalize,
            required=True,
            label_visibility="collapsed",
        )
        st.selectbox(
            "Sort by",
            list(SORT_KEYS),
            key=keys.RECORDS_SORT,
            format_func=lambda key: f"Sort by {SORT_KEYS[key].lower()}",
            on_change=first_page,
            label_visibility="collapsed",
            width=220,
        )
        st.toggle("Descending", key=keys.RECORDS_DESCENDING, on_change=first_page)
        st.space("stretch")
        # Read now: the file is written outside the script, where there is no session.
        sort, descending = st.session_state[keys.RECORDS_SORT], st.session_state[keys.RECORDS_DESCENDING]
        private_download(
            "Download CSV",
            lambda privacy: browse_records.records_csv(
                workspace, record_filter, sort=sort, descending=descending, privacy=privacy
            ),
            file_name="dermdash-records.csv",
            key="records.download",
            help="Exactly the records that the filters let through, in this order, every field; with pseudonyms "
            "without further columns of their sources.",
        )


def records_page(workspace: Workspace, record_filter: RecordFilter) -> RecordsPage:
    """Read the page of records that the widgets ask for and put its address into the URL."""
    page = browse_records.page_of_records(
        workspace,
        record_filter,
        sort=st.session_state[keys.RECORDS_SORT],
        descending=st.session_state[keys.RECORDS_DESCENDING],
        page=st.session_state[keys.RECORDS_PAGE],
        per_page=PER_PAGE,
        tiles=st.session_state[keys.RECORDS_VIEW] == GALLERY,
    )
    st.session_state[keys.RECORDS_PAGE] = page.page
    write_to_address(record_filter, page=page.page)
    return page


def left_out_by_the_gate(rejected: int) -> None:
    """How many records the acquisition gate keeps out of sight, and the way to them."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{counted(rejected, 'record')} left out: rejected for image quality.", width="content")
        page_link("dataset/records", label="Show them", query_params={ACQUISITION: REJECTED})


def open_record(record_filter: RecordFilter, record_id: str) -> NoReturn:
    """Go to a record with the filter it was found by, so that it leads on to the next one."""
    query = query_of(
        record_filter, st.session_state[keys.RECORDS_SORT], descending=st.session_state[keys.RECORDS_DESCENDING]
    )
    switch_page(RECORD_SCRIPT, query_params={**query, "id": record_id})


COMPARE, KEEP = "compare", "keep"


def _acts() -> list[TileAct]:
    """What can be done with several records, by who is signed in."""
    acts = [TileAct(COMPARE, "Compare", least=2, most=2)]
    if access.may(Right.KEEP_RECORD_SETS):
        acts.append(TileAct(KEEP, "Show only these"))
    return acts


def _act(workspace: Workspace, act: str, record_ids: Sequence[str]) -> None:
    """Do it; whether the records are open to who asks is asked where they are shown."""
    if act == COMPARE:
        switch_page("dataset/compare", query_params={"id": list(record_ids)})
    key = keep_record_set(workspace, access.act(Right.KEEP_RECORD_SETS), record_ids, how="chosen one by one")
    switch_page("dataset/records", query_params={"record_set": key})


def _offer_acts(workspace: Workspace, record_ids: Sequence[str]) -> None:
    """The same for ticked rows of the table."""
    if not record_ids:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{len(record_ids):,} chosen**", width="content")
        for one in _acts():
            fits = one.least <= len(record_ids) <= one.most
            if st.button(one.label, key=f"records.act.{one.id}", disabled=not fits):
                _act(workspace, one.id, record_ids)


def _tick_as_asked(shown: Sequence[str], key: str) -> None:
    """Tick the rows of the records that the address names, where it decides: after a reload, by a link, by Back."""
    if not address.decides(key):
        return
    asked = set(address.asked(TICKED))
    rows = [row for row, record_id in enumerate(shown) if record_id in asked]
    st.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}


def _turn_page(pager: str) -> None:
    st.session_state[keys.RECORDS_PAGE] = st.session_state[pager]


def show_records(workspace: Workspace, page: RecordsPage, record_filter: RecordFilter) -> None:
    """Draw the page as gallery or table; a click opens the record."""
    if page.rows.empty:
        empty_state(
            "filter_alt_off",
            "No record passes these filters",
            "Take a filter away, or choose **Clear all filters** on the left.",
        )
        return
    source = record_filter.quality_source
    chosen = None
    if st.session_state[keys.RECORDS_VIEW] == GALLERY:
        drawn = simulated_dataset_ids(workspace)
        tiles = [
            record_tile(workspace, row, source, drawn=drawn, flags=page.flags.get(row["id"], ()))
            for row in page.rows.to_dict("records")
        ]
        ahead = tile_addresses(workspace, page.ahead)
        said = gallery_to_choose_from(tiles, _acts(), key="records.gallery", ahead=ahead)
        if isinstance(said, ActedOn):
            _act(workspace, said.act, said.ids)
        else:
            chosen = said
    else:
        shown = [str(record_id) for record_id in page.rows["id"]]
        # Streamlit keeps ticks by the place of a row: other records are another table.
        table = f"records.table.{zlib.crc32(' '.join(shown).encode()):x}"
        _tick_as_asked(shown, table)
        selection = data_table(
            table_of(page.rows, source, browse_records.dataset_names(workspace)),
            key=table,
            on_select="rerun",
            selection_mode=("multi-row", "single-cell"),
            column_config={
                table_head("completeness"): st.column_config.ProgressColumn(
                    format=PERCENT_FORMAT, min_value=0, max_value=100, width="medium"
                ),
                **{
                    spec.table_head: st.column_config.NumberColumn(format=unit_format(spec.unit))
                    for spec in LISTED
                    if spec.is_number and spec.words is None
                },
            },
            height=640,
        )
        ticked = [shown[row] for row in selection["selection"]["rows"] if row < len(shown)]
        address.put(TICKED, ticked)
        _offer_acts(workspace, ticked)
        # A click anywhere in a row opens it.
        if cells := selection["selection"]["cells"]:
            chosen = page.rows["id"].iloc[cells[0][0]]
    if chosen is not None and chosen in set(page.rows["id"]):
        open_record(record_filter, str(chosen))


def records_pager(page: int, pages: int) -> None:
    """Turn to another page, where there are several."""
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            pager = f"{keys.RECORDS_PAGER}.{st.session_state.get(keys.RECORDS_PAGER, 0)}"
            st.pagination(pages, default=min(page, pages), key=pager, on_change=_turn_page, args=(pager,))


def dictionary_download() -> None:
    """Below the records, where it stands in nobody's way: what the columns of the CSV mean."""
    st.download_button(
        "Data dictionary of the CSV",
        data=browse_records.dictionary_csv,
        file_name="dermdash-records-dictionary.csv",
        mime="text/csv",
        key="records.dictionary",
        type="tertiary",
        icon=":material/menu_book:",
        help="What each column means, what may stand in it, and what ISIC and HAM10000 call it.",
        on_click="ignore",
    )
