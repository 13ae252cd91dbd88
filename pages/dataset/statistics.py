import streamlit as st

from dermdash.ui.choices import choose_tab
from dermdash.ui.dataset_comparison_view import show_comparison
from dermdash.ui.map_view import show_map
from dermdash.ui.messages import empty_state, errors_shown, page_head
from dermdash.ui.navigation import open_page, page_link
from dermdash.ui.record_filters import filter_words, keep_in_address, record_filters
from dermdash.ui.statistics_view import described_now, show_statistics, statistics_state
from dermdash.ui.unknown_classes import say_unknown_classes
from dermdash.workflows.dataset import browse_records

TITLE = "Statistics"
PURPOSE = (
    "A data set in the tables and figures of a paper, data sets held against one another, and all records on a map."
)

with errors_shown():
    workspace = open_page("dataset/statistics")
    if not any(d["records"] for d in browse_records.list_datasets(workspace)):
        page_head(TITLE, PURPOSE, "No records yet")
        empty_state("upload", "This workspace is empty", "Import a data set to see what it consists of.")
        page_link("dataset/import_images", label="Import images", icon=":material/upload:")
        st.stop()
    record_filter = record_filters(workspace, only_by_link=True)
    keep_in_address(record_filter)
    say_unknown_classes(workspace)
    found = described_now(workspace, record_filter)
    page_head(TITLE, PURPOSE, statistics_state(found))
    if words := filter_words(workspace, record_filter):
        st.caption(words)
    tabs = choose_tab({"statistics": "Statistics", "comparison": "Comparison", "map": "Map"}, key="statistics.tab")
    if tabs["statistics"].open:
        with tabs["statistics"]:
            show_statistics(workspace, record_filter, found)
    elif tabs["comparison"].open:
        with tabs["comparison"]:
            show_comparison(workspace, record_filter)
    else:
        with tabs["map"]:
            show_map(workspace, record_filter)
