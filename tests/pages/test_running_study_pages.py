"""The pages of a running study: invitations, monitoring, and results that are kept until it is closed."""

import base64
import re

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled, begin, invite, make_protocol, read_cases
from tests.pages.open_page import to_page
from tests.qr_reader import read_code

from dermdash.analyses.registry import ANALYSES
from dermdash.storage.workspace import Workspace
from dermdash.ui.source_choice import link_to_study
from dermdash.workflows.reader_study import blinding, conduct, create_study, study_results
from dermdash.workflows.reader_study.conduct import acts_of_study, conduct_of
from dermdash.workflows.reader_study.monitor_study import monitor_study

STUDY, MONITORING = "invitations", "monitoring"


def show(app: AppTest, page: str, study_id: str) -> AppTest:
    to_page(app, page)
    for name, value in link_to_study(study_id).items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def words(app: AppTest) -> str:
    parts = [*app.markdown, *app.error, *app.warning, *app.success, *app.info, *app.caption]
    return "\n".join(str(each.value) for each in parts)


def codes_read(app: AppTest) -> list[str]:
    """What the QR codes on a page say."""
    pictures = [found for each in app.get("html") for found in re.findall(r"base64,([^\"]+)\" width", each.proto.body)]
    return [read_code(base64.b64decode(data)) for data in pictures]


def test_the_code_of_one_of_several_links_is_chosen_and_nothing_of_it_is_logged(
    filled: Filled, filled_app: AppTest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    app = show(filled_app, STUDY, filled.study_id)
    app.text_area(key="study.labels").set_value("Dora\nEmil")
    app.button(key="study.make_links").click().run()
    links = [code.value for code in app.code if "invitation=" in code.value]
    assert len(links) == 2
    assert not codes_read(app)
    app.selectbox(key="study.qr_of").set_value("1").run()
    assert not app.exception
    assert codes_read(app) == [links[1]]
    assert not [link for link in links if link.rpartition("=")[2] in caplog.text]


def test_the_link_of_a_group_is_made_shown_once_and_put_away(filled: Filled, filled_app: AppTest) -> None:
    app = show(filled_app, STUDY, filled.study_id)
    app.text_input(key="study.group").set_value("Ward 3")
    app.number_input(key="study.group_places").set_value(4)
    app.button(key="study.make_group").click().run()
    assert not app.exception
    (link,) = [code.value for code in app.code if "invitation=" in code.value]
    assert codes_read(app) == [link]
    app.button(key="study.links_copied").click().run()
    assert not any("invitation=" in code.value for code in app.code)
    assert not codes_read(app)
    table = app.dataframe[0].value
    assert "0 readers came of 4 places" in set(table["State"])


def test_what_is_decided_on_the_page_is_kept_with_its_reason(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace
) -> None:
    app = show(filled_app, MONITORING, filled.study_id)
    assert "Running" in words(app)
    app.button(key="conduct.pause").click().run()
    assert "the reason is empty" in words(app)
    app.text_input(key="conduct.reason").set_value("a broken image")
    app.button(key="conduct.pause").click().run()
    assert not app.exception
    assert "a broken image" in words(app)
    (act,) = acts_of_study(app_workspace, filled.study_id)
    assert (act.kind, act.account_id, act.reason) == ("pause", "admin", "a broken image")
    app.button(key="conduct.resume").click().run()
    assert conduct_of(app_workspace, filled.study_id).paused is None
    reader = monitor_study(app_workspace, filled.study_id).readers[0].reader_id
    app.selectbox(key="conduct.mark_whom").set_value(reader)
    app.text_input(key="conduct.mark_why").set_value("asked a neighbour")
    app.button(key="conduct.set_mark").click().run()
    assert not app.exception
    (watched, *_) = monitor_study(app_workspace, filled.study_id).readers
    assert watched.suspicious


def test_a_marked_reader_is_named_on_every_result_and_can_be_left_out(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace
) -> None:
    reader = monitor_study(app_workspace, filled.study_id).readers[0].reader_id
    conduct.mark_reader(app_workspace, filled.study_id, reader, "suspicious", by="admin", reason="x")  # type: ignore[arg-type]
    app = show(filled_app, "reading-time", filled.study_id)
    assert reader in words(app)
    app.toggle(key="source.marked").set_value(True).run()
    assert not app.exception
    assert "nobody is left to analyse" in words(app) or "marked as suspicious, with" in words(app)
    assert "on" in app.query_params["without-marked"]


@pytest.mark.parametrize("page", ["results", "cases", *(a.key for a in ANALYSES if a.page)])
def test_no_page_tells_a_result_that_the_protocol_keeps(
    page: str, filled: Filled, filled_app: AppTest, app_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blinding, "protocol_blinds", lambda protocol: True)
    assert study_results.list_studies(app_workspace)
    app = show(filled_app, page, filled.study_id)
    assert "keeps its results from everybody" in words(app)
    assert not app.dataframe
    assert not app.get("plotly_chart")
    assert not app.get("download_button")


def test_monitoring_shows_neither_truth_nor_anything_by_modality_but_counts(
    filled: Filled, filled_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blinding, "protocol_blinds", lambda protocol: True)
    app = show(filled_app, MONITORING, filled.study_id)
    assert "Results are kept from everybody" in words(app)
    (balance,) = [each.value for each in app.dataframe if "Modality" in each.value.columns]
    assert list(balance.columns) == ["Modality", "Assigned", "Completed", "Per case"]
    assert not any("orrect" in str(column) or "ccuracy" in str(column) for f in app.dataframe for column in f.value)


def test_both_pages_say_how_many_readers_are_still_wanted(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace
) -> None:
    protocol = make_protocol(name="Two readers", conduct={"target_readers": 1})
    study_id = create_study.create_study(app_workspace, protocol)
    for page in (STUDY, MONITORING):
        assert "0 of 1 complete reader" in words(show(filled_app, page, study_id))
    (first,) = invite(app_workspace, study_id, "First")
    read_cases(app_workspace, *begin(app_workspace, first))
    for page in (STUDY, MONITORING):
        assert "1 of 1 complete reader: nobody else can begin" in words(show(filled_app, page, study_id))
