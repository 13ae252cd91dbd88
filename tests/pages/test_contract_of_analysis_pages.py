"""What holds for the page of every analysis of the registry: empty, filled, and with an address that says nonsense."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled, make_protocol
from tests.pages.open_page import to_page
from tests.pages.test_pages import show, text_of

from dermdash.analyses.declaration import Analysis
from dermdash.analyses.registry import ANALYSES
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import create_study

pytestmark = pytest.mark.slow
PAGES = [a for a in ANALYSES if a.page]

OF_OTHER_DESIGNS = {"arms": "**Benefit of assistance**"}
"""Pages that a study of one arm has nothing for, and where they send whoever opens them."""


def test_without_a_study_or_log_the_page_says_what_to_do(signed_in_app: AppTest) -> None:
    to_page(signed_in_app, PAGES[0].key).run()
    assert not signed_in_app.exception
    assert "No study yet" in text_of(signed_in_app)


def test_without_readings_every_analysis_says_so(filled: Filled, app_workspace: Workspace, filled_app: AppTest) -> None:
    empty = create_study.create_study(app_workspace, make_protocol(name="Begins tomorrow"))
    for analysis in PAGES:
        show(filled_app, analysis.key, source=f"study:{empty}")
        assert filled_app.header[0].value == analysis.title
        assert "No readings yet" in text_of(filled_app), analysis.key


@pytest.mark.parametrize("analysis", PAGES, ids=lambda a: a.key)
def test_a_page_shows_a_section_or_says_why_not_whatever_its_address_says(
    filled: Filled, filled_app: AppTest, analysis: Analysis
) -> None:
    nonsense = {
        control.address: "nonsense"
        for model in (analysis.options, analysis.views)
        for _, control in model.controls().values()
        if control.address
    }
    app = show(filled_app, analysis.key, source=f"study:{filled.study_id}", **nonsense)
    assert app.header[0].value == analysis.title
    assert analysis.purpose in text_of(app, "markdown")
    if analysis.key in OF_OTHER_DESIGNS:
        assert OF_OTHER_DESIGNS[analysis.key] in text_of(app, "markdown")
        return
    sections = [e for e in app.expander if e.label == "Method"]
    assert len(sections) == 1, text_of(app)
