"""When the address decides what the filters of the records say, and when a click does."""

import inspect

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from dermdash.ui import address, keys, record_filters

    address.enter("records")
    record_filters.restore_from_address()
    st.button("Choose", key="choose", on_click=record_filters._choose, args=({"dx": ("nv",)},))
    st.text_input("Find", key=keys.filter_widget("text"))
    if st.session_state.get("broken_off"):
        st.stop()
    address.put("dx", st.session_state[keys.filter_choice("dx")])
    address.put("text", st.session_state[keys.filter_widget("text")])
    st.text(" ".join(st.session_state[keys.filter_choice("dx")]))
    address.leave()


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_string(inspect.getsource(page) + "\npage()\n")


def test_a_page_opened_by_a_link_is_filtered_as_the_link_says(app: AppTest) -> None:
    app.query_params["dx"] = "mel"
    assert app.run().text[0].value == "mel"


def test_a_click_counts_before_the_page_is_whole(app: AppTest) -> None:
    app.query_params["dx"] = "mel"
    app.query_params["text"] = "IMG"
    app.session_state["broken_off"] = True
    app.run()
    app.session_state["broken_off"] = False
    app.query_params["dx"] = "mel"
    app.button(key="choose").click().run()
    assert not app.exception
    assert app.text[0].value == "nv"
    assert app.text_input[0].value == "IMG"
