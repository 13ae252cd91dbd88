import streamlit as st

from dermdash.ui.messages import empty_state, errors_shown, page_head
from dermdash.ui.navigation import open_page, page_link
from dermdash.ui.record_filters import filter_words, filters_before_counts
from dermdash.ui.records_view import (
    PER_PAGE,
    dictionary_download,
    left_out_by_the_gate,
    records_page,
    records_pager,
    records_toolbar,
    show_records,
)
from dermdash.ui.unknown_classes import say_unknown_classes
from dermdash.wording import counted, form
from dermdash.workflows.dataset import browse_records

with errors_shown():
    workspace = open_page("dataset/records")
    if not browse_records.list_datasets(workspace):
        page_head("Records", "Browse and filter the records of every data set.", "No records yet")
        empty_state("upload", "This workspace is empty", "Import a data set to see its records here.")
        page_link("dataset/import_images", label="Import images", icon=":material/upload:")
        st.stop()
    record_filter, draw_facets = filters_before_counts(workspace)
    # To count may take longer than to read a page: the gallery is drawn before, and the head into its place after it.
    head = st.container()
    page = records_page(workspace, record_filter)
    records_toolbar(workspace, record_filter)
    show_records(workspace, page, record_filter)
    numbers = browse_records.record_numbers(workspace, record_filter, per_page=PER_PAGE)
    records_pager(page.page, numbers.pages)
    dictionary_download()
    with head:
        page_head(
            "Records",
            "Browse, filter and download the records of every data set.",
            f"{numbers.matching:,} of {counted(numbers.total, 'record')}"
            + (
                f" · {numbers.drawn:,} {form(numbers.drawn, 'is', 'are')} drawn, not photographs"
                if numbers.drawn
                else ""
            ),
        )
        say_unknown_classes(workspace)
        if record_filter.settled:
            st.caption(
                "You review: shown are the records whose label came about here by consensus or histology, without "
                "those of lesions that you have work on. The others may yet be asked of you."
            )
        if numbers.rejected:
            left_out_by_the_gate(numbers.rejected)
        if words := filter_words(workspace, record_filter):
            st.caption(words)
    draw_facets()
