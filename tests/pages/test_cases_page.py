"""The gallery of cases: its order and its case stand in the address, its tiles say who was right."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled
from tests.pages.test_pages import show, text_of
from tests.readings_factory import make_readings

from dermdash.readings.case_votes import CaseSort, case_votes, in_order
from dermdash.storage.workspace import Workspace
from dermdash.ui import cases_view
from dermdash.workflows.reader_study import readings_source

PAGE = "cases"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[list[dict[str, Any]]]:
    """The tiles of each gallery that is drawn."""
    drawn: list[list[dict[str, Any]]] = []
    monkeypatch.setattr(cases_view, "gallery", lambda tiles, **_: drawn.append(list(tiles)))
    return drawn


def test_without_readings_the_page_says_what_to_do(signed_in_app: AppTest) -> None:
    assert "No study yet" in text_of(show(signed_in_app, PAGE))


def test_the_address_says_the_order_and_each_tile_who_was_right(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace, shown: list[list[dict[str, Any]]]
) -> None:
    source = f"study:{filled.study_id}"
    votes = case_votes(readings_source.load_readings(app_workspace, source))
    app = show(filled_app, PAGE, source=source, sort="slow")
    assert app.query_params["sort"] in ("slow", ["slow"])
    expected = in_order(votes, CaseSort.SLOW)[: cases_view.PAGE]
    assert [tile["id"] for tile in shown[-1]] == [c.case for c in expected]
    first, tile = expected[0], shown[-1][0]
    assert tile["image"].startswith("data:image/jpeg;base64,")
    before = tile["bars"][0]
    total = sum(first.before.values())
    assert before["text"] == f"{round((first.right_before or 0) * total)} of {total} right"
    assert sum(part["share"] for part in before["parts"]) == pytest.approx(1)


def test_a_case_opens_by_the_address_with_every_answer(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace, shown: list[list[dict[str, Any]]]
) -> None:
    source = f"study:{filled.study_id}"
    case = case_votes(readings_source.load_readings(app_workspace, source))[0]
    app = show(filled_app, PAGE, source=source, case=case.case)
    assert not shown
    (answers,) = [frame.value for frame in app.dataframe]
    said = {str(row["Answer"]).removesuffix(" (true)"): row["Before"] for _, row in answers.iterrows()}
    assert len(said) >= len(case.before)
    assert f"{max(case.before.values())} of {sum(case.before.values())}" in said.values()
    assert sum(str(name).endswith(" (true)") for name in answers["Answer"]) == 1


def test_a_case_that_is_not_there_leaves_the_gallery(
    filled: Filled, filled_app: AppTest, shown: list[list[dict[str, Any]]]
) -> None:
    show(filled_app, PAGE, source=f"study:{filled.study_id}", case="there-is-none")
    assert shown[-1]


def test_cases_of_other_images_have_no_picture_and_say_so(
    filled: Filled, filled_app: AppTest, monkeypatch: pytest.MonkeyPatch, shown: list[list[dict[str, Any]]]
) -> None:
    monkeypatch.setattr(readings_source, "load_readings", lambda *_, **__: make_readings(readers=4, cases=7))
    show(filled_app, PAGE, source=f"study:{filled.study_id}")
    assert {tile["image"] for tile in shown[-1]} == {""}
