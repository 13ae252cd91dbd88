"""The page of agreement on labels: nothing yet, reviews, the data set in the address."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.ladder_workspace import DATASET
from tests.made_once import MadeOnce
from tests.pages.test_pages import protos, show, text_of
from tests.reviewed_workspace import fill_reviewed

from dermdash.ui.record_strip import RecordBehind
from dermdash.ui.verification import agreement_view

PAGE = "pages/verification/agreement.py"


@pytest.fixture
def reviewed_app(made_once: MadeOnce, tmp_path: Path, request: pytest.FixtureRequest) -> AppTest:
    made_once.copy(fill_reviewed, tmp_path / "workspace")
    app: AppTest = request.getfixturevalue("signed_in_app")
    return app


def test_an_empty_workspace_says_what_to_do(signed_in_app: AppTest) -> None:
    assert "Import a data set" in text_of(show(signed_in_app, PAGE))


def test_records_without_reviews_say_that_somebody_must_review(filled_app: AppTest) -> None:
    text = text_of(show(filled_app, PAGE))
    assert "No reviews yet" in text
    assert "was stated by the source of the data and not reached here" in text


def test_reviews_are_told_with_agreement_and_how_the_labels_came_about(reviewed_app: AppTest) -> None:
    app = show(reviewed_app, PAGE, dataset=DATASET)
    text = text_of(app)
    assert "6 independent reviews" in text
    assert "Agreement of reviewers on the diagnosis" in text
    assert "Each reviewer" in text
    assert "gave the same diagnosis in" in "".join(p.body for p in protos(app, "html"))
    assert {expander.label: expander.proto.expanded for expander in app.expander}["Details"] is False
    assert app.selectbox(key="agreement.dataset").value == DATASET


def test_what_was_said_of_a_record_is_hidden_from_who_has_yet_to_answer_it(
    reviewed_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    split: list[str] = []

    def strip(workspace: object, behind: list[RecordBehind], **how: str) -> None:
        split[:] = [one.record for one in behind]

    monkeypatch.setattr(agreement_view, "record_strip", strip)
    show(reviewed_app, PAGE, dataset=DATASET)
    seen = list(split)
    assert seen
    monkeypatch.setattr(agreement_view, "yet_to_answer", lambda *_: frozenset(seen[:1]))
    show(reviewed_app, PAGE, dataset=DATASET)
    assert split == seen[1:]


def test_agreement_of_chosen_records_says_how_many_are_left_out(reviewed_app: AppTest) -> None:
    app = show(reviewed_app, PAGE, dataset=DATASET)
    app.multiselect(key="agreement.records.agreement").set_value(["all"]).run()
    assert not app.exception
    assert "3 independent reviews" in text_of(app)
    assert "2 others are left out" in text_of(app)
    assert app.query_params["agreement"] in ("all", ["all"])


def test_chosen_records_without_reviews_are_told_from_none_at_all(reviewed_app: AppTest) -> None:
    app = show(reviewed_app, PAGE, dataset=DATASET, reviewers="77")
    assert "No reviews of these records" in text_of(app)


@pytest.mark.parametrize("dataset", ["nowhere", "", "ladder\n"])
def test_a_data_set_that_is_not_there_shows_one_that_is(reviewed_app: AppTest, dataset: str) -> None:
    app = show(reviewed_app, PAGE, dataset=dataset)
    assert app.selectbox(key="agreement.dataset").value == DATASET
