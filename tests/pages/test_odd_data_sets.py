"""Every page of a data set, on data sets that nobody plans for and with a filter that lets nothing through."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.odd_data_sets import ODD, ODD_DATA_SETS
from tests.pages.designer import begun, open_draft, press
from tests.pages.test_pages import show, text_of

from dermdash.storage import studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.training.job import list_jobs

pytestmark = pytest.mark.slow
PAGES = (
    "records", "statistics", "acquisition", "findings", "lesion_identity", "splits", "documents", "deidentification",
    "overview",
)  # fmt: skip


@pytest.mark.parametrize("kind", ODD_DATA_SETS)
def test_every_page_says_something(kind: str, signed_in_app: AppTest, app_workspace: Workspace) -> None:
    ODD_DATA_SETS[kind](app_workspace)
    for page in PAGES:
        app = show(signed_in_app, f"pages/dataset/{page}.py")
        assert text_of(app).strip(), page
        assert not [e.value for e in app.error], page


def test_a_filter_that_lets_nothing_through_is_said(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    ODD_DATA_SETS["one class"](app_workspace)
    for page in ("records", "statistics", "findings", "acquisition", "documents", "splits"):
        app = show(signed_in_app, f"pages/dataset/{page}.py", dataset_id=ODD, dx="mel")
        assert text_of(app).strip(), page
        assert not [e.value for e in app.error], page


def test_of_no_image_no_page_says_that_it_is_done(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    """Nor that something was left undone: there is nothing to do, and the way out is an import."""
    ODD_DATA_SETS["empty"](app_workspace)
    for page, query, words in (
        ("acquisition", {}, "No image here"),
        ("deidentification", {"tab": "text"}, "No image here"),
        ("deidentification", {"tab": "look"}, "No image here"),
        ("deidentification", {"tab": "sign"}, "There is no image yet"),
        ("splits", {}, "Nothing to divide yet"),
        ("splits", {"tab": "versions"}, "Nothing to tag yet"),
        ("documents", {}, "There is nothing to export: no record is chosen. Import records first."),
    ):
        app = show(signed_in_app, f"pages/dataset/{page}.py", **query)
        assert words in text_of(app), (page, query)
        assert all(button.disabled for button in app.button if button.key in ACTS), (page, query)
        app.query_params.clear()


ACTS = {"documents.build", "splits.store", "versions.tag", "deidentification.search", "acquisition.measure"}
"""Buttons of what cannot be done with nothing."""


def test_what_a_filter_leaves_nothing_of_is_not_exported(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    ODD_DATA_SETS["one class"](app_workspace)
    app = show(signed_in_app, "pages/dataset/documents.py", verification_stage="3")
    assert "no record is chosen. Take a filter away above." in text_of(app)
    assert app.button(key="documents.build").disabled
    app.query_params.clear()
    assert not show(signed_in_app, "pages/dataset/documents.py").button(key="documents.build").disabled


@pytest.mark.parametrize(
    ("kind", "words"),
    [("empty", "has no diagnosed records to train on"), ("one class", "A classifier needs at least two diagnoses")],
)
def test_what_cannot_be_trained_on_is_refused_before_a_training_begins(
    kind: str, words: str, signed_in_app: AppTest, app_workspace: Workspace
) -> None:
    """It would fail once it runs, and stand among the trainings for good."""
    ODD_DATA_SETS[kind](app_workspace)
    app = show(signed_in_app, "pages/classifier/training.py")
    app.button(key="training.start").click().run()
    assert not app.exception
    assert words in text_of(app)
    assert list_jobs(app_workspace.home) == []


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({}, "mel has 0, needs 25"),
        (
            {"class_mix": {"nv": 4}, "record_filter": {"verification_stage": ["3"]}},
            "nv has 0, needs 4. Left out of 6 diagnosed records: 6 by the filter",
        ),
    ],
)
def test_a_study_that_finds_no_cases_says_which_are_missing(
    entries: dict[str, object], words: str, signed_in_app: AppTest, app_workspace: Workspace
) -> None:
    ODD_DATA_SETS["one class"](app_workspace)
    draft = begun(app_workspace, template="han-2018", dataset=ODD, name="Odd", model_id=None, **entries)
    app = press(open_draft(signed_in_app, draft, "review"), "Try as a reader")
    assert words in text_of(app)
    assert studies.list_studies(app_workspace.engine) == []
