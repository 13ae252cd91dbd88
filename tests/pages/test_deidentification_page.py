"""The page of de-identification: searching, deciding, covering, what was removed, the sign-off and the export."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from tests.clinic_workspace import fill_clinic
from tests.made_once import MadeOnce
from tests.pages.test_pages import show, text_of

from dermdash.dataset.burned_in_text import TextRegion
from dermdash.storage.workspace import Workspace
from dermdash.ui import deidentification_queues
from dermdash.ui.frontend.exchange.judging import JudgementAct, JudgingPayload
from dermdash.ui.judging_desk import ImageJudgement, parse_judgement
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset import browse_records, search_for_text
from dermdash.workflows.dataset.deidentification_state import (
    list_proposals,
    looked_at_by_image,
    text_state,
)
from dermdash.workflows.dataset.judge_images import mask_regions

pytestmark = pytest.mark.slow
PAGE = "pages/dataset/deidentification.py"


DRAWN = TextRegion(10, 20, 30, 40, 0.0)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[JudgingPayload]:
    """What the desk was given, which is drawn as a button for each thing that can be done there."""
    given: list[JudgingPayload] = []
    numbers = count(1)

    def desk(data: JudgingPayload, *, key: str, on_act: Callable[[ImageJudgement], None]) -> None:
        given.append(data)
        regions = tuple(TextRegion(**r, score=0.0) for r in data["proposals"]) or (DRAWN,)

        def do(act: JudgementAct) -> None:
            on_act(ImageJudgement(next(numbers), act, data["image_id"], regions if act == JudgementAct.COVER else ()))

        for act in JudgementAct:
            st.button(act.value, key=f"{key}.{act}", on_click=do, args=(act,))

    monkeypatch.setattr(deidentification_queues, "judging_desk", desk)
    return given


@pytest.fixture
def clinic_home(made_once: MadeOnce, tmp_path: Path) -> None:
    made_once.copy(fill_clinic, tmp_path / "workspace")


@pytest.fixture
def clinic(clinic_home: None, signed_in_app: AppTest, shown: list[JudgingPayload]) -> AppTest:
    return signed_in_app


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def to_tab(app: AppTest, title: str) -> AppTest:
    app.session_state["deidentification.tab"] = title
    app.run()
    assert not app.exception
    return app


def test_an_empty_workspace_is_sent_to_the_import(signed_in_app: AppTest) -> None:
    assert "This workspace is empty" in text_of(show(signed_in_app, PAGE))


def test_a_name_on_a_picture_is_found_covered_and_signed_for(clinic: AppTest, app_workspace: Workspace) -> None:
    app = show(clinic, PAGE)
    assert "0 of 3 images searched" in text_of(app)
    assert "3 images were not searched" in text_of(app, "info")
    press(app, "deidentification.search")
    assert "writing proposed in 1" in text_of(app, "success")
    assert "1 proposal waits" in text_of(app)
    before = list_proposals(app_workspace)[0].image_sha256
    press(app, "deidentification.desk.cover")
    assert "1 region covered in 1 record" in text_of(app, "success")
    assert not app_workspace.files.path("originals", before).exists()
    to_tab(app, "Sign-off")
    assert "A person has looked at 1 of 3 images one by one; 2 only the search has seen." in text_of(app, "caption")
    assert "Nobody has signed yet" in text_of(app)
    press(app, "deidentification.sign.clinic")
    assert "1 of 1 data set signed" in text_of(app)
    assert "Admin signed that none of the 3 images shows who somebody is. A person" in text_of(app)


def test_writing_that_names_nobody_is_decided_and_taken_back(
    clinic: AppTest, app_workspace: Workspace, shown: list[JudgingPayload]
) -> None:
    search_for_text.screen(app_workspace, processes=False)
    app = show(clinic, PAGE)
    press(app, "deidentification.desk.clear")
    assert "Nothing waits for a decision" in text_of(app)
    app.button_group(key="deidentification.show").set_value("decided").run()
    assert shown[-1]["said"].startswith("Shows nobody, says Admin")
    press(app, "deidentification.desk.open")
    assert text_state(app_workspace).open == 1


def test_something_that_no_search_finds_is_drawn_over_on_any_image(clinic: AppTest, app_workspace: Workspace) -> None:
    app = show(clinic, PAGE)
    app.text_input(key="deidentification.record").set_value("clean").run()
    sha256 = str(browse_records.record_detail(app_workspace, "clinic:clean").record["image_sha256"])
    press(app, "deidentification.desk.cover")
    now = str(browse_records.record_detail(app_workspace, "clinic:clean").record["image_sha256"])
    assert now != sha256
    assert "1 region covered in 1 record" in text_of(app, "success")


def test_somebody_goes_through_all_images_and_what_they_looked_at_is_kept(
    clinic: AppTest, app_workspace: Workspace, shown: list[JudgingPayload]
) -> None:
    app = to_tab(show(clinic, PAGE), "Look at every image")
    seen = []
    for _ in range(3):
        seen.append(shown[-1]["image_id"])
        press(app, "deidentification.desk.clear")
    assert len(set(seen)) == 3
    assert text_state(app_workspace).looked_at == 3
    assert "A person has looked at every image" in text_of(app, "success")
    press(app, "deidentification.desk.open")
    assert text_state(app_workspace).looked_at == 2
    press(app, "deidentification.desk.next")
    assert shown[-1]["image_id"] != shown[-2]["image_id"]


def test_an_image_whose_file_is_missing_or_damaged_keeps_nobody_from_the_others(
    clinic: AppTest, app_workspace: Workspace, shown: list[JudgingPayload]
) -> None:
    first, second, third = sorted(looked_at_by_image(app_workspace))
    app_workspace.files.path("originals", first).unlink()
    app_workspace.files.replace("originals", second, b"no picture")
    app = to_tab(show(clinic, PAGE), "Look at every image")
    for sha256 in (first, second):
        assert sha256[:12] in text_of(app, "error")
        press(app, "deidentification.next")
    assert [payload["image_id"] for payload in shown] == [third]
    press(app, "deidentification.desk.clear")
    press(app, "deidentification.next")
    press(app, "deidentification.previous")
    assert text_state(app_workspace).looked_at == 1


def test_what_another_curator_covered_meanwhile_is_said_and_nothing_is_decided_about_it(
    clinic: AppTest, app_workspace: Workspace, shown: list[JudgingPayload]
) -> None:
    app = to_tab(show(clinic, PAGE), "Look at every image")
    mask_regions(app_workspace, OPERATOR, shown[-1]["image_id"], [DRAWN])
    press(app, "deidentification.desk.clear")
    assert "Somebody has covered or cleaned this image meanwhile" in text_of(app, "warning")
    assert text_state(app_workspace).looked_at == 1


def test_a_message_of_another_form_is_none() -> None:
    region = {"x": 1, "y": 2, "width": 3, "height": 4}
    message = {"number": 5, "act": "cover", "image_id": "a" * 64, "regions": [region], "note": "n"}
    said = parse_judgement(message)
    assert said is not None
    assert said.regions == (TextRegion(1, 2, 3, 4, 0.0),)
    for wrong in (
        {"act": "delete"}, {"number": float("nan")}, {"image_id": "a"}, {"note": "n" * 501}, {"regions": "all"},
        {"regions": [{**region, "x": -1}]}, {"regions": [{**region, "width": 0}]}, {"regions": [region] * 201},
        {"regions": [{**region, "x": float("inf")}]}, {"regions": [{"x": 1}]},
    ):  # fmt: skip
        assert parse_judgement({**message, **wrong}) is None
    assert parse_judgement(None) is None


def test_the_page_lists_what_was_found_in_files_and_not_what_stood_there(clinic: AppTest) -> None:
    app = to_tab(show(clinic, PAGE), "Found and removed")
    table = app.dataframe[0].value
    assert table["Images"].tolist() == [1, 1]
    assert "**1 file** held nothing but pixels" in text_of(app)
    assert "Erika" not in str(table)


def test_the_export_says_what_may_be_said(clinic: AppTest, app_workspace: Workspace) -> None:
    app = to_tab(show(clinic, PAGE), "Export")
    assert "no more than that is de\\-identified" in text_of(app) or "no more than that is de-identified" in text_of(
        app
    )
    sha256 = str(browse_records.record_detail(app_workspace, "clinic:clean").record["image_sha256"])
    mask_regions(app_workspace, OPERATOR, sha256, [TextRegion(0, 0, 9, 9, 0.0)])
    app.run()
    assert not app.exception
