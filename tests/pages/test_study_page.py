"""The page of a study: its tabs by source and by role, and what stands in its address."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled, make_protocol
from tests.pages.open_page import to_page
from tests.pages.test_pages import REPOSITORY, asked, show, source_of, text_of
from tests.reading_log_files import nature_medicine, phase_study
from tests.signed_in import session_with

from dermdash.storage import tables as t
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.workflows.accounts.access import Role
from dermdash.workflows.reader_study import create_study
from dermdash.workflows.readings.import_reading_log import import_reading_log

STUDY = "pages/reader_study/study.py"


def tabs(app: AppTest) -> list[str]:
    return [tab.label for tab in app.tabs]


def test_the_only_study_is_shown_with_its_results_and_the_address_says_so(filled: Filled, filled_app: AppTest) -> None:
    app = show(filled_app, STUDY)
    assert app.title[0].value == "Seven cases"
    assert tabs(app) == ["Protocol", "Readers", "Results", "Cases", "Details", "Report"]
    assert (source_of(app), asked(app, "tab")) == (f"study:{filled.study_id}", "results")
    assert any(box.label.startswith("Participants: ") for box in app.expander)


def test_a_study_that_nobody_has_read_begins_with_its_protocol_and_shows_what_was_drawn(
    filled: Filled, app_workspace: Workspace, filled_app: AppTest
) -> None:
    newer = create_study.create_study(app_workspace, make_protocol(name="Begins tomorrow"))
    app = show(filled_app, STUDY)
    assert app.title[0].value == "Begins tomorrow"
    assert "the latest" in text_of(app, "caption")
    assert asked(app, "tab") == "protocol"
    app = show(filled_app, "cases", source=f"study:{newer}")
    assert "7 cases, as they were drawn" in text_of(app, "markdown")


def test_a_log_has_the_tabs_that_need_readings_alone_and_says_what_it_lacks(
    app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    log, _ = import_reading_log(app_workspace, nature_medicine().encode(), name="Public counts")
    app = show(signed_in_app, "monitoring", source=log.key)
    assert tabs(app) == ["Results", "Cases", "Details", "Report"]
    assert "“Public counts” is an imported log, and has no readers here" in text_of(app, "warning")


def test_a_log_begins_with_the_answer_of_the_first_analysis_that_its_readings_allow(
    app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    log, _ = import_reading_log(app_workspace, phase_study(2).encode(), name="readers_phase2.csv")
    app = to_page(signed_in_app, STUDY)
    app.query_params["source"] = log.key
    app.run()
    assert not app.exception
    assert asked(app, "tab") == "results"
    assert 'class="dd-answer"' in text_of(app, "html")
    assert "More of: " in " ".join(link.label for link in app.get("page_link"))


@pytest.mark.parametrize(("role", "invites"), [(Role.COORDINATOR, True), (Role.STATISTICIAN, False)])
def test_links_of_readers_are_for_who_runs_studies(
    filled: Filled, app_workspace: Workspace, role: Role, invites: bool
) -> None:
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
    app.session_state[keys.SESSION_TOKEN] = session_with(app_workspace, role)
    show(app, "invitations", source=f"study:{filled.study_id}")
    assert ("study.make_links" in [b.key for b in app.button]) is invites
    assert bool([t for t in app.text_area if t.key == "study.labels"]) is invites


def test_an_address_that_says_nonsense_shows_what_there_is(filled_app: AppTest) -> None:
    to_page(filled_app, STUDY)
    for name, value in {"tab": "nonsense", "analysis": "nonsense", "readers": "nonsense"}.items():
        filled_app.query_params[name] = value
    filled_app.run()
    assert not filled_app.exception
    assert asked(filled_app, "tab") == "results"


def test_a_study_whose_protocol_was_changed_by_hand_shows_no_result(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace
) -> None:
    with app_workspace.engine.begin() as connection:
        connection.execute(t.study.update().values(protocol=t.study.c.protocol + " "))
    for tab in ("protocol", "results"):
        told = text_of(show(filled_app, STUDY, source=f"study:{filled.study_id}", tab=tab))
        assert "is not the one that was frozen, its sha256 differs" in told, tab
        assert "from a backup" in told, tab
    told = text_of(show(filled_app, "pages/reader_study/studies.py"))
    assert "Its protocol cannot be read" in told
