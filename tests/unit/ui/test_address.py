"""When the address decides what a page shows, and when the page decides what stands in the address."""

import itertools

import pytest
from streamlit.testing.v1 import AppTest

from dermdash.ui import address


def page() -> None:
    import streamlit as st

    from dermdash.ui import address

    address.enter(st.session_state.get("page", "records"))
    if address.read_again():
        st.session_state["choice"] = address.asked("dx") or ["none"]
    st.segmented_control("Diagnosis", ["none", "mel", "nv"], key="button", on_change=choose)
    address.put("dx", [dx for dx in st.session_state["choice"] if dx != "none"])
    if st.session_state.get("broken_off"):
        st.stop()
    st.text(" ".join(st.session_state["choice"]))
    address.leave()


def choose() -> None:
    import streamlit as st

    st.session_state["choice"] = [st.session_state["button"]]


@pytest.fixture
def app() -> AppTest:
    import inspect

    source = inspect.getsource(choose) + inspect.getsource(page) + "\npage()\n"
    return AppTest.from_string(source)


def shown(app: AppTest) -> str:
    assert not app.exception
    return str(app.text[0].value)


def go_to(app: AppTest, **query: str) -> AppTest:
    """What the browser sends after Back, Forward or a link."""
    app.query_params.clear()
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def choose_in(app: AppTest, value: str) -> AppTest:
    return app.segmented_control(key="button").set_value(value).run()


def test_a_page_opened_by_a_link_shows_what_the_link_says(app: AppTest) -> None:
    assert shown(go_to(app, dx="mel")) == "mel"


def test_what_no_database_can_look_up_is_left_out_of_an_address(app: AppTest) -> None:
    assert shown(go_to(app, dx="m\0el")) == "mel"


def test_a_choice_on_the_page_stands_in_the_address(app: AppTest) -> None:
    choose_in(app.run(), "nv")
    assert shown(app) == "nv"
    assert app.query_params["dx"] in ("nv", ["nv"])
    choose_in(app, "none")
    assert "dx" not in app.query_params


def test_an_address_from_before_the_choice_is_taken_for_late_and_not_for_back(app: AppTest) -> None:
    choose_in(go_to(app, dx="mel"), "nv")
    assert shown(go_to(app, dx="mel")) == "nv"


def test_going_back_is_taken_for_back_however_soon(app: AppTest) -> None:
    choose_in(go_to(app, dx="mel"), "nv")
    assert shown(go_to(app, dx="mel", went="back")) == "mel"
    assert address.WENT not in app.query_params
    # And forward again, to an address that bears no word.
    assert shown(go_to(app, dx="nv")) == "nv"


def test_an_old_address_counts_once_the_browser_must_have_heard_of_the_new_one(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_in(go_to(app, dx="mel"), "nv")
    monkeypatch.setattr(address, "_IN_FLIGHT_S", 0.0)
    assert shown(go_to(app, dx="mel")) == "mel"


def test_an_address_of_which_broken_off_runs_told_nothing_does_not_grow_old(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody clicks on for ten seconds, each click breaks off the run of the one before."""
    now = 100.0
    monkeypatch.setattr(address.time, "monotonic", lambda: now)
    go_to(app, dx="mel")
    app.session_state["broken_off"] = True
    for value in ("nv", "none", "nv", "none", "nv"):
        now += 2
        app.query_params["dx"] = "mel"
        choose_in(app, value)
    now += 2
    app.session_state["broken_off"] = False
    assert shown(go_to(app, dx="mel")) == "nv"
    # A run came to its end: the browser has heard, and what it says then is a link.
    now += address._IN_FLIGHT_S + 1
    assert shown(go_to(app, dx="mel")) == "mel"


def test_an_address_replaced_at_the_beginning_of_a_long_run_is_late_until_well_after_its_end(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_to(app, dx="mel")
    clock = itertools.count(100, address._IN_FLIGHT_S / 3.5)
    monkeypatch.setattr(address.time, "monotonic", lambda: next(clock))
    choose_in(app, "nv")
    assert shown(go_to(app, dx="mel")) == "nv"


def test_another_page_reads_its_own_address(app: AppTest) -> None:
    go_to(app, dx="mel")
    app.session_state["page"] = "evaluation"
    assert shown(go_to(app)) == "none"


def part_drawn_again() -> None:
    from dermdash.ui import address

    address.enter("study")
    address.put("step", ["end"], key="preview.step")
    address.leave()
    # A part of the page that is drawn by itself runs after the end of the page, and without its beginning.
    address.put("step", ["case"], key="preview.step")


def test_a_part_that_is_drawn_again_by_itself_writes_what_it_wrote_before() -> None:
    app = AppTest.from_function(part_drawn_again).run()
    assert not app.exception
    assert app.query_params["step"] == "case"
