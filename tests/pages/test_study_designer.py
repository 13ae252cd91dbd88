"""The page of a new study: where it begins, its sections, drafts that are kept, and the freeze."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled
from tests.pages.designer import PAGE, begun, entry, open_draft, to_section
from tests.pages.test_pages import protos, show, text_of

from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import study_drafts, study_results

SECTIONS = ("cases", "arms", "asked", "assistance", "checks", "conduct", "pages", "analyses", "review")


def draft_of(app: AppTest) -> str:
    """The draft that the address names."""
    value: Any = app.query_params["draft"]
    return str(value if isinstance(value, str) else value[-1])


@pytest.mark.slow
def test_a_study_is_previewed_frozen_and_shown(filled_app: AppTest, app_workspace: Workspace) -> None:
    draft_id = begun(app_workspace, cases_per_round=7, seed=5)
    app = open_draft(filled_app, draft_id, "review")
    assert "name is empty" in text_of(app, "warning")
    to_section(app, "analyses")
    entry(app, "prespecified_analyses").set_value(["benefit", "agreement"]).run()
    to_section(app, "cases")
    entry(app, "name").set_value("Frozen here").run()
    to_section(app, "review", part="freeze")
    assert "7 cases and 3 for practice" in text_of(app)
    assert "Every case is of a lesion the model did not train on." in app.success[0].value
    app.button(key="new.freeze").click().run()
    assert not app.exception
    newest = study_results.list_studies(app_workspace)[0]
    assert newest["name"] == "Frozen here"
    assert len(study_results.study_cases(app_workspace, newest["id"])) == 10
    assert study_results.study_protocol(app_workspace, newest["id"]).prespecified_analyses == ("benefit", "agreement")
    assert "Decided on beforehand\\: Benefit of assistance; Agreement" in text_of(app)
    # The draft is no draft any more, and says what became of it.
    assert study_drafts.list_drafts(app_workspace) == []
    app = open_draft(app, draft_id)
    assert "froze this draft as a study" in text_of(app, "success")
    assert "new.freeze" not in [button.key for button in app.button]


@pytest.mark.slow
def test_the_crowd_of_a_new_study_can_be_that_of_an_earlier_one(
    filled_app: AppTest, filled: Filled, app_workspace: Workspace
) -> None:
    app = open_draft(filled_app, begun(app_workspace, cases_per_round=7, practice_cases=0), "assistance")
    assert entry(app, "crowd_source").value == "growing"
    entry(app, "crowd_source").set_value(f"study:{filled.study_id}").run()
    assert "Seven cases is no crowd for this data set" in app.error[0].value
    to_section(app, "cases")
    entry(app, "name").set_value("Crowd frozen").run()
    assert "new.freeze" not in [button.key for button in to_section(app, "review", part="freeze").button]
    to_section(app, "assistance")
    entry(app, "minimum_crowd_readers").set_value(1).run()
    assert "Seven cases (1 reader, 7 images, SHA-256 " in text_of(app, "caption")
    to_section(app, "review", part="freeze").button(key="new.freeze").click().run()
    assert not app.exception
    frozen = study_results.study_protocol(app_workspace, study_results.list_studies(app_workspace)[0]["id"])
    assert frozen.frozen_crowd is not None
    assert frozen.frozen_crowd["source"] == f"study:{filled.study_id}"


def test_a_new_study_draws_from_the_records_that_are_chosen_and_says_so(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    kept = {"verification_stage": ["2", "9"]}
    app = open_draft(filled_app, begun(app_workspace, name="Histology only", cases_per_round=7, record_filter=kept))
    chosen = entry(app, "records.verification_stage")
    # A stage that no record has stays chosen: a draft must not quietly draw from more than it says.
    assert chosen.value == ["2", "9"]
    chosen.set_value(["3"])
    entry(app, "own_mix").set_value(True).run()
    assert "Left out of 42 diagnosed records: 36 by the filter" in to_section(app, "review", part="cases").error[0].value
    to_section(app, "cases")
    entry(app, "records.verification_stage").set_value(["2", "3"]).run()
    to_section(app, "review", part="cases")
    assert "The filter lets 42 of 42 diagnosed records through (Verification stage: 2" in text_of(app)
    to_section(app, "review", part="freeze").button(key="new.freeze").click().run()
    assert not app.exception
    newest = study_results.list_studies(app_workspace)[0]
    assert study_results.study_protocol(app_workspace, newest["id"]).record_filter == {"verification_stage": ["2", "3"]}
    assert "Drawn only from records with Verification stage\\: 2" in text_of(app)


def test_cases_that_cannot_be_drawn_are_named_and_cannot_be_frozen(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    app = open_draft(filled_app, begun(app_workspace, name="Too large", cases_per_round=70), "review", part="freeze")
    assert "too few lesions" in app.error[0].value
    assert "new.freeze" not in [button.key for button in app.button]


def test_the_review_warns_of_lesions_the_model_has_seen(filled_app: AppTest, app_workspace: Workspace) -> None:
    draft_id = begun(app_workspace, name="Everything", practice_cases=0, cases_per_round=35)
    app = open_draft(filled_app, draft_id, "review", part="cases")
    assert "For 2 of 35 cases the model trained on the lesion" in app.warning[0].value


def test_a_page_without_drafts_offers_every_template(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE)
    linked = {link.query_string for link in protos(app, "page_link")}
    assert {f"template={key}" for key in STUDY_TEMPLATES} <= linked


@pytest.mark.parametrize("template", list(STUDY_TEMPLATES))
def test_a_draft_begins_with_a_template_and_every_section_shows_it(
    filled_app: AppTest, app_workspace: Workspace, template: str
) -> None:
    app = show(filled_app, PAGE, template=template)
    app.button(key="new.begin").click().run()
    assert not app.exception
    begun_with = study_drafts.get_draft(app_workspace, draft_of(app)).entries
    for section in SECTIONS:
        to_section(app, section)
        assert not app.error, section
    # Looking changes nothing.
    assert study_drafts.get_draft(app_workspace, draft_of(app)).entries == begun_with
    assert study_drafts.get_draft(app_workspace, draft_of(app)).number == 1
