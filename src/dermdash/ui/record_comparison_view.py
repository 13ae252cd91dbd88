"""Two records side by side: their images zoom and move as one, and what their fields say differently is marked."""

import streamlit as st

from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import address
from dermdash.ui.image_viewer import image_viewer
from dermdash.ui.messages import as_text, empty_state, page_head
from dermdash.ui.navigation import RECORD_SCRIPT, page_link, switch_page
from dermdash.ui.pair_view import facts_of_two
from dermdash.ui.record_filters import sees_all_of
from dermdash.ui.stored_picture import mask_uri, original_uri
from dermdash.workflows.dataset import browse_records

COMPARE_PAGE = "dataset/compare"
PARAMETER = "id"


def show_two_records(workspace: Workspace) -> None:
    """The two records that the address names; the first ones there are where it names fewer."""
    ids = [*dict.fromkeys(address.asked(PARAMETER))][:2]
    page_head("Two records", "Zoom or move one picture, and the other follows.")
    if len(ids) < 2:
        empty_state("compare", "Choose two records", "Tick two of them on the Records page, and press **Compare**.")
        page_link("dataset/records", label="Go to the records", icon=":material/grid_view:")
        return
    address.put(PARAMETER, ids)
    for record_id in ids:
        sees_all_of(workspace, record_id)
    details = [browse_records.record_detail(workspace, record_id) for record_id in ids]
    if st.button("Change sides", key="compare.swap", icon=":material/swap_horiz:"):
        switch_page(COMPARE_PAGE, query_params={PARAMETER: ids[::-1]})
    for column, detail in zip(st.columns(2), details, strict=True):
        record = detail.record
        with column:
            st.header(diagnosis_name(record["dx"]), anchor=False)
            page_link(
                RECORD_SCRIPT, label=as_text(record["image_id"]), icon=":material/image_search:",
                query_params={"id": record["id"]},
            )  # fmt: skip
            image = original_uri(workspace, record["image_sha256"])
            if image is not None:
                image_viewer(
                    image,
                    mask_uri(workspace, record["mask_sha256"]),
                    key=f"compare.image.{record['id']}",
                    height=440,
                    label=f"Image {record['image_id']}",
                    together="compare",
                )
    facts_of_two(workspace, details[0].record, details[1].record)
