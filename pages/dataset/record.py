import streamlit as st

from dermdash.ui import address
from dermdash.ui import record_view as view
from dermdash.ui.messages import empty_state, errors_shown, page_head
from dermdash.ui.navigation import open_page, page_link
from dermdash.ui.provenance_view import show_ladder_of
from dermdash.ui.record_beside import show_beside
from dermdash.ui.record_fields import show_fields
from dermdash.ui.record_filters import filter_of_address, query_of, sees_all_of
from dermdash.ui.record_neighbours import show_way
from dermdash.wording import percent
from dermdash.workflows.dataset import browse_records

with errors_shown():
    workspace = open_page("dataset/record")
    record_filter, sort, descending = filter_of_address()
    record_id = address.given("id") or browse_records.first_record(
        workspace, record_filter, sort=sort, descending=descending
    )
    if record_id is None:
        page_head("Record", "One record in full: image, fields, what a model says, similar images, history.")
        empty_state("image_search", "No record to show", "Import a data set, or take a filter away.")
        page_link("dataset/records", label="Go to the records", icon=":material/grid_view:")
        st.stop()
    address.put("id", record_id)
    # First, so that the way back also stands beside the message that there is no such record.
    way = st.empty()
    with way:
        page_link("dataset/records", label="Back to the records", icon=":material/arrow_back:")
    detail = browse_records.record_detail(workspace, record_id)
    record = detail.record
    sees_all = sees_all_of(workspace, record_id)
    dataset = browse_records.dataset_name(workspace, record["dataset_id"])
    with way.container():
        around = show_way(workspace, record, record_filter, sort, descending=descending)
    page_head(
        view.record_title(record),
        view.record_in_words(record, dataset),
        f"{percent(record['completeness'], 0)} of the fields are filled",
    )
    view.show_flags(workspace, detail, sees_all=sees_all)
    for gap in detail.verification_gaps:
        st.warning(gap, icon=":material/verified_user:")
    picture, facts = st.columns(2, gap="large")
    prediction = None
    with facts:
        show_ladder_of(workspace, record)
        show_fields(detail)
        if sees_all:  # whoever reviews sees nothing of models
            prediction = view.show_prediction(workspace, detail)
    with picture:
        view.show_image(workspace, detail, prediction)
    query = query_of(record_filter, sort, descending=descending)
    show_beside(workspace, detail, prediction, around, query, sees_all=sees_all)
    view.show_more(detail, dataset, prediction, sees_all=sees_all)
