"""Choices and entries: what an address may hold, options and bounds that change, a widget that comes back."""

import inspect
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dermdash.ui import address


def page() -> None:
    import streamlit as st

    from dermdash.ui import address, choices, entries

    wanted = st.session_state
    address.enter(wanted.get("page", "one"))
    options = wanted.get("options", ["mel", "nv", "bcc"])
    if wanted.get("list", True):
        said = {
            "list": choices.choose("List", options, key="w.list", name="list"),
            "segment": choices.choose_segment("Segment", ["a", "b"], key="w.segment", name="segment"),
            "picked": choices.pick("Picked", options, key="w.picked", name="picked"),
            "begun": choices.pick("Begun", options, key="w.begun", name="begun", default=options[0]),
            "several": choices.choose_several(
                "Several", options, key="w.several", name="several", default=options[:1], most=2
            ),
            "on": choices.switch("On", key="w.on", name="on"),
            "form": choices.choose("Form", options, key="w.form"),
        }
    else:
        said = {}
    top = wanted.get("top", 10)
    said |= {
        "whole": entries.enter_number("Whole", 1, top, 5, key="w.whole", name="whole"),
        "real": entries.enter_number("Real", 0.0, 1.0, 0.5, step=0.1, key="w.real", name="real"),
        "free": entries.enter_number("Free", None, None, 0.5, key="w.free", name="free"),
        "empty": entries.enter_number_or_none("Empty", 1, 9, key="w.empty", name="empty"),
        "slid": entries.slide_number("Slid", 0, 100, 60, step=5, key="w.slid", name="slid"),
        "range": entries.slide_range("Range", 0.0, 1.0, (0.8, 1.0), step=0.05, key="w.range", name="range"),
        "text": entries.enter_text("Text", key="w.text", name="text", max_chars=5),
        "turned": entries.turned_to(3, key="w.turned", name="turned"),
    }
    st.pagination(3, key="w.turned")
    address.leave()
    wanted["said"] = said


DEFAULTS = {
    "list": "mel", "segment": "a", "picked": None, "begun": "mel", "several": ["mel"], "on": False, "form": "mel",
    "whole": 5, "real": 0.5, "free": 0.5, "empty": None, "slid": 60, "range": (0.8, 1.0), "text": "", "turned": 1,
}  # fmt: skip


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_string(inspect.getsource(page) + "\npage()\n")


def said(app: AppTest) -> dict[str, object]:
    assert not app.exception, app.exception[0].value
    return dict(app.session_state["said"])


def open_link(app: AppTest, **query: str | list[str]) -> AppTest:
    """What the browser sends after a link, Back or Forward."""
    app.query_params.clear()
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def in_address(app: AppTest) -> dict[str, list[str]]:
    return {name: [value] if isinstance(value, str) else list(value) for name, value in app.query_params.items()}


def test_defaults_are_shown_and_left_out_of_the_address(app: AppTest) -> None:
    assert said(app.run()) == DEFAULTS
    assert in_address(app) == {}


GOOD: dict[str, tuple[list[str], object]] = {
    "list": (["nv"], "nv"), "segment": (["b"], "b"), "picked": (["bcc"], "bcc"), "begun": (["none"], None),
    "several": (["nv", "bcc"], ["nv", "bcc"]), "on": (["on"], True), "whole": (["7"], 7), "real": (["0.25"], 0.25),
    "free": (["-3.5"], -3.5), "empty": (["4"], 4), "slid": (["15"], 15), "range": (["0.05", "0.5"], (0.05, 0.5)),
    "text": (["a b"], "a b"), "turned": (["2"], 2),
}  # fmt: skip


def test_what_a_link_says_is_shown_and_stays_in_the_address(app: AppTest) -> None:
    open_link(app, **{name: words for name, (words, _) in GOOD.items()})
    assert said(app) == DEFAULTS | {name: value for name, (_, value) in GOOD.items()}
    assert in_address(app) == {name: words for name, (words, _) in GOOD.items()}


def test_several_may_be_none(app: AppTest) -> None:
    assert said(open_link(app, several="none"))["several"] == []
    assert in_address(app) == {"several": ["none"]}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("list", "other"), ("list", ""), ("segment", "c"), ("picked", "other"), ("begun", "other"), ("on", "yes"),
        ("several", "other"), ("whole", "0"), ("whole", "11"), ("whole", "2.5"), ("whole", "nan"), ("whole", "9" * 40),
        ("whole", "\N{ARABIC-INDIC DIGIT THREE}"), ("whole", ["2", "3"]), ("real", "1.01"), ("real", "nan"),
        ("real", "inf"), ("real", "much"), ("real", "1_0"), ("free", "nan"), ("free", "-inf"), ("empty", "x"),
        ("empty", "10"), ("slid", "7"), ("slid", "101"), ("range", "0.5"), ("range", ["0.9", "0.2"]),
        ("range", ["0.1", "0.2", "0.3"]), ("range", ["0", "nan"]), ("range", ["0.01", "0.5"]), ("text", " "),
        ("turned", "4"), ("turned", "0"), ("turned", "two"),
    ],
)  # fmt: skip
def test_what_no_widget_can_say_counts_as_not_said_and_leaves_the_address(
    app: AppTest, name: str, words: str | list[str]
) -> None:
    assert said(open_link(app, **{name: words})) == DEFAULTS
    assert in_address(app) == {}


def test_too_many_of_several_are_cut_and_repeats_count_once(app: AppTest) -> None:
    assert said(open_link(app, several=["bcc", "bcc", "nv", "mel"]))["several"] == ["bcc", "nv"]
    assert said(open_link(app, several=["nv"] * 1000))["several"] == ["nv"]


def test_a_long_text_is_cut(app: AppTest) -> None:
    assert said(open_link(app, text="abcdefgh"))["text"] == "abcde"


def test_parameters_that_no_widget_has_leave_the_address(app: AppTest) -> None:
    open_link(app, list="nv", other="1")
    assert in_address(app) == {"list": ["nv"]}


def test_a_form_s_choice_is_not_in_the_address(app: AppTest) -> None:
    app.run()
    app.selectbox(key="w.form").set_value("nv").run()
    assert said(app)["form"] == "nv"
    assert in_address(app) == {}


def test_what_is_chosen_goes_into_the_address_and_the_default_out_again(app: AppTest) -> None:
    app.run()
    app.selectbox(key="w.list").set_value("nv").run()
    app.number_input(key="w.whole").set_value(6).run()
    app.slider(key="w.range").set_range(0.1, 0.3).run()
    assert in_address(app) == {"list": ["nv"], "whole": ["6"], "range": ["0.1", "0.3"]}
    app.selectbox(key="w.list").set_value("mel").run()
    assert in_address(app) == {"whole": ["6"], "range": ["0.1", "0.3"]}


def test_an_option_that_is_gone_gives_way_to_the_default(app: AppTest) -> None:
    open_link(app, list="nv", several=["nv", "bcc"], whole="9")
    app.session_state["options"], app.session_state["top"] = ["mel", "bcc"], 6
    app.run()
    assert (said(app)["list"], said(app)["several"], said(app)["whole"]) == ("mel", ["mel"], 5)
    assert in_address(app) == {}


def test_a_widget_that_comes_back_says_what_it_said(app: AppTest) -> None:
    open_link(app, list="nv", on="on")
    app.session_state["list"] = False
    assert "list" not in said(app.run())
    assert in_address(app) == {}
    app.session_state["list"] = True
    assert (said(app.run())["list"], said(app)["on"]) == ("nv", True)
    assert in_address(app) == {"list": ["nv"], "on": ["on"]}


def test_another_visit_of_a_page_begins_with_the_defaults(app: AppTest) -> None:
    open_link(app, list="nv")
    app.session_state["page"] = "two"
    assert said(open_link(app)) == DEFAULTS


def test_back_brings_every_choice_back_to_what_the_address_said(app: AppTest) -> None:
    open_link(app, list="nv")
    app.selectbox(key="w.list").set_value("bcc").run()
    app.number_input(key="w.empty").set_value(3).run()
    assert said(open_link(app, list="nv", went="back")) == DEFAULTS | {"list": "nv"}
    assert said(open_link(app, list="bcc", empty="3")) == DEFAULTS | {"list": "bcc", "empty": 3}


def two_of_one_name() -> None:
    import streamlit as st

    from dermdash.ui import address, choices

    address.enter("one")
    choices.choose("One", ["a"], key="w.one", name="same")
    try:
        choices.choose("Other", ["a"], key="w.other", name="same")
    except ValueError as error:
        st.text(str(error))


def options_of_one_title() -> None:
    import streamlit as st

    from dermdash.ui import address, choices

    address.enter("one")
    st.text(choices.choose("Name", ["s1", "s2"], lambda _: "Same", key="w.same", name="same"))


def run(function: Callable[[], None]) -> AppTest:
    return AppTest.from_string(f"{inspect.getsource(function)}\n{function.__name__}()\n").run()


def test_two_widgets_of_a_page_cannot_share_a_parameter() -> None:
    assert "both have the parameter same" in run(two_of_one_name).text[0].value


def test_options_of_one_title_are_told_apart_by_their_ids() -> None:
    app = run(options_of_one_title)
    assert app.selectbox(key="w.same").options == ["Same (s1)", "Same (s2)"]
    app.selectbox(key="w.same").set_value("s2").run()
    assert app.text[0].value == "s2"


def broken_off() -> None:
    import streamlit as st

    from dermdash.ui import address, entries

    address.enter("one")
    st.text(str(entries.enter_number("Number", -50, 50, 10, key="w.number", name="number")))
    if not st.session_state.get("broken_off", False):
        address.leave()


def test_a_widget_is_told_again_what_a_run_that_was_broken_off_told_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser may have got nothing of that run, and would draw the field with its lower bound."""
    app = AppTest.from_string(f"{inspect.getsource(broken_off)}\nbroken_off()\n")
    app.session_state["broken_off"] = True
    app.run()
    app.session_state["broken_off"] = False
    assert app.run().number_input(key="w.number").proto.set_value
    monkeypatch.setattr(address, "_HEARD_S", 0.0, raising=False)
    app.run()
    assert app.text[0].value == "10"
    assert not app.number_input(key="w.number").proto.set_value
