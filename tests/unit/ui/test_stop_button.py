"""Whoever stops a work sees at once that they were heard, and may only where they may."""

from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from dermdash.ui.work_beside import stop_button
    from dermdash.workflows.beside_pages import BesidePages

    work = st.session_state.setdefault("work", BesidePages())
    stop_button(work, "Stop the checks", key="stop")


def test_a_stop_says_that_it_was_heard_in_the_very_run_of_the_click() -> None:
    app = AppTest.from_function(script).run()
    assert (app.button(key="stop").label, app.button(key="stop").disabled) == ("Stop the checks", False)
    app.button(key="stop").click().run()
    assert app.session_state["work"].stopping
    assert (app.button(key="stop").label, app.button(key="stop").disabled) == ("Stopping ...", True)
