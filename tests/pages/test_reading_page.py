"""The reader's page: an invitation in the address is all that admits, and it is asked again in every run."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled, begin, invite, make_protocol, read_cases

from dermdash.storage import readings, studies
from dermdash.storage.workspace import Workspace
from dermdash.ui import joining_view, keys
from dermdash.ui.messages import as_text
from dermdash.workflows.reader_study import create_study, invitations, join_study, reading_standing, recruitment


@pytest.fixture
def reader_app(filled: Filled, request: pytest.FixtureRequest) -> AppTest:
    app: AppTest = request.getfixturevalue("visitor_app")
    return app


def follow(app: AppTest, token: str) -> AppTest:
    app.query_params["invitation"] = token
    app.run()
    assert not app.exception
    return app


def in_address(app: AppTest) -> str:
    token = app.query_params["invitation"]
    return token if isinstance(token, str) else token[0]


def panel(app: AppTest) -> dict[str, Any] | None:
    """What the reading panel was given."""
    for element in app.get("bidi_component"):
        proto = element.proto  # type: ignore[attr-defined]
        if proto.component_name == "dermdash_reading_panel":
            data: dict[str, Any] = json.loads(proto.json)
            return data
    return None


def test_a_new_reader_consents_gives_a_profile_and_sees_the_first_case(
    reader_app: AppTest, filled: Filled, app_workspace: Workspace
) -> None:
    app = follow(reader_app, filled.tokens[2])
    assert app.title[0].value == "Reader study"
    assert "7 cases with dermatoscopic images after 2 for practice: 14 answers, about" in app.markdown[0].value
    assert app.button(key="consent.start").disabled
    app.checkbox(key="consent.agreed").check().run()
    app.button(key="consent.start").click().run()
    assert app.title[0].value == "About you"
    app.button(key="profile.continue").click().run()
    assert "Please answer every question" in app.error[0].value
    for key, value in (("profession", "nurse"), ("age_group", "25_34"), ("gender", "female"), ("country", "AT")):
        app.selectbox(key=f"profile.{key}").set_value(value)
    app.button(key="profile.continue").click().run()
    assert not app.exception
    shown = panel(app)
    assert shown is not None
    assert (shown["step"]["practice"], shown["step"]["position"], shown["step"]["phase"]) == (True, 1, "unaided")
    reader_id = join_study.open_invitation(app_workspace, filled.tokens[2]).reader_id
    assert reader_id is not None
    profile = studies.get_profile(app_workspace.engine, reader_id)
    assert profile is not None
    assert (profile["profession"], profile["years_experience"]) == ("nurse", None)


def test_the_name_of_a_study_is_text_to_its_readers(reader_app: AppTest, app_workspace: Workspace) -> None:
    protocol = make_protocol(name="Moles [win](http://evil.example) www.evil.example")
    study_id = create_study.create_study(app_workspace, protocol)
    app = follow(reader_app, invite(app_workspace, study_id, "Eve")[0])
    assert app.header[0].value == as_text(protocol.name)


def test_a_reader_comes_back_to_the_open_answer(reader_app: AppTest, filled: Filled, app_workspace: Workspace) -> None:
    invited = join_study.open_invitation(app_workspace, filled.tokens[1])
    assert invited.reader_id is not None
    session = reading_standing.load_session(app_workspace, invited.study_id, invited.reader_id)
    shown = panel(follow(reader_app, filled.tokens[1]))
    assert shown is not None
    assert session.step.assignment is not None
    assert (shown["step"]["key"], shown["step"]["phase"]) == (session.step.assignment.id, "aided")
    assert shown["step"]["position"] == 2
    assert not shown["finished"]
    # Nothing of the app around it: no navigation, no other page.
    assert not reader_app.title
    assert not reader_app.sidebar


def test_a_reader_who_has_finished_sees_that(reader_app: AppTest, filled: Filled) -> None:
    shown = panel(follow(reader_app, filled.tokens[0]))
    assert shown is not None
    assert shown["finished"]
    assert shown["step"] is None


@pytest.mark.parametrize("token", ["", "guess", "x" * 5000, "' OR 1=1 --", "![](http://example.org)"])
def test_a_wrong_link_shows_why_and_nothing_else(reader_app: AppTest, token: str) -> None:
    app = follow(reader_app, token)
    assert "not valid" in app.error[0].value
    assert panel(app) is None
    assert not app.title


def test_a_withdrawn_link_closes_an_open_page(reader_app: AppTest, filled: Filled, app_workspace: Workspace) -> None:
    app = follow(reader_app, filled.tokens[1])
    assert panel(app) is not None
    invited = join_study.open_invitation(app_workspace, filled.tokens[1])
    invitations.withdraw_invitation(app_workspace, invited.invitation_id)
    app.run()
    assert "withdrawn" in app.error[0].value
    assert panel(app) is None
    assert invited.reader_id is not None
    assert len(readings.readings_of_reader(app_workspace.engine, invited.reader_id)) == 3


def test_an_invitation_shows_the_study_even_to_the_admin(filled_app: AppTest, filled: Filled) -> None:
    assert filled_app.session_state[keys.SESSION_TOKEN]
    shown = panel(follow(filled_app, filled.tokens[1]))
    assert shown is not None


def test_the_page_shows_the_case_as_it_stands_after_further_answers(
    reader_app: AppTest, filled: Filled, app_workspace: Workspace
) -> None:
    app = follow(reader_app, filled.tokens[1])
    before = panel(app)
    invited = join_study.open_invitation(app_workspace, filled.tokens[1])
    assert invited.reader_id is not None
    read_cases(app_workspace, invited.study_id, invited.reader_id)
    app.run()
    after = panel(app)
    assert before is not None
    assert after is not None
    assert not before["finished"]
    assert after["finished"]


def test_who_comes_when_enough_have_completed_a_study_is_thanked(reader_app: AppTest, app_workspace: Workspace) -> None:
    protocol = make_protocol(name="One reader", conduct={"target_readers": 1})
    study_id = create_study.create_study(app_workspace, protocol)
    first, late = invite(app_workspace, study_id, "First", "Late")
    assert follow(reader_app, late).checkbox
    read_cases(app_workspace, *begin(app_workspace, first))
    app = follow(reader_app, late)
    assert app.title[0].value == "Thank you for your interest"
    assert "as this study needs" in app.info[0].value
    assert not app.checkbox


def test_where_diagnoses_are_told_at_once_a_browser_goes_on_and_nobody_else_begins_in_it(
    reader_app: AppTest, app_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling = make_protocol(name="Telling", pages={"feedback": "at_once"})
    study_id = create_study.create_study(app_workspace, telling)
    group = invitations.invite_group(app_workspace, study_id, "Ward")
    (by_name,) = invite(app_workspace, study_id, "Ada")
    kept = [by_name]
    monkeypatch.setattr(joining_view, "joined_here", lambda study: tuple(kept))
    app = follow(reader_app, group.token)
    assert app.button(key="join.begin")
    read_cases(app_workspace, *begin(app_workspace, by_name), answers=6)
    app = follow(reader_app, group.token)
    assert "Nobody else can begin here" in app.info[0].value
    assert not [button.key for button in app.button if str(button.key).startswith("join.")]
    door = join_study.open_invitation(app_workspace, group.token)
    kept.insert(0, recruitment.take_own_link(app_workspace, door, address="").token)
    app = follow(reader_app, group.token)
    assert [b.key for b in app.button if str(b.key).startswith("join.")] == ["join.go_on.0"]
    assert "Nobody else can begin here" in " ".join(str(each.value) for each in app.caption)


def test_who_comes_again_by_a_groups_link_goes_on_and_somebody_else_begins(
    reader_app: AppTest, filled: Filled, app_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = invitations.invite_group(app_workspace, filled.study_id, "Ward")
    kept: list[str] = []
    monkeypatch.setattr(joining_view, "joined_here", lambda study: tuple(kept))
    app = follow(reader_app, group.token)
    app.button(key="join.begin").click().run()
    assert not app.exception
    own = in_address(app)
    begin(app_workspace, own)
    kept.append(own)
    app = follow(reader_app, group.token)
    said = " ".join(str(each.value) for each in app.markdown)
    assert "This study was begun in this browser" in said
    assert "0 of 7 cases" in said
    assert "join.begin" not in [button.key for button in app.button]
    app.button(key="join.somebody_else").click().run()
    assert not app.exception
    app.button(key="join.begin").click().run()
    assert in_address(app) != own
    del app.session_state[keys.SOMEBODY_ELSE]
    app = follow(reader_app, group.token)
    app.button(key="join.go_on.0").click().run()
    assert in_address(app) == own
    assert panel(app) is not None
