"""The page of the acquisition gate: measuring, one image after another, what is hidden, what is said afterwards."""

from collections.abc import Callable
from itertools import count

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import fill_records
from tests.pages.test_pages import show, text_of

from dermdash.storage.workspace import Workspace
from dermdash.ui import acquisition_view
from dermdash.ui.frontend.exchange.gate import GateAct, GatePayload
from dermdash.ui.gate_desk import GateAnswer, parse_answer
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.acquisition_agreement import proposal_agreement
from dermdash.workflows.dataset.acquisition_state import gate_counts, queue, queue_table
from dermdash.workflows.dataset.measure_acquisition import measure
from dermdash.workflows.dataset.running_measuring import measuring_of

pytestmark = pytest.mark.slow
PAGE = "pages/dataset/acquisition.py"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[GatePayload]:
    """What the desk was given, which is drawn as a button for each score and act."""
    given: list[GatePayload] = []
    numbers = count(1)

    def desk(data: GatePayload, *, key: str, on_act: Callable[[GateAnswer], None]) -> None:
        given.append(data)

        def do(act: GateAct, score: int) -> None:
            ticked = {"in_focus": "no"} if score else {}
            on_act(GateAnswer(next(numbers), act, data["image_id"], score, ticked, held=data["held"]))

        for score in range(1, 6):
            st.button(str(score), key=f"{key}.{score}", on_click=do, args=(GateAct.SCORE, score))
        for act in GateAct:
            st.button(act.value, key=f"{key}.{act}", on_click=do, args=(act, 0))

    monkeypatch.setattr(acquisition_view, "gate_desk", desk)
    return given


@pytest.fixture
def clinic(signed_in_app: AppTest, app_workspace: Workspace, shown: list[GatePayload]) -> AppTest:
    fill_records(app_workspace)
    return signed_in_app


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_an_empty_workspace_is_sent_to_the_import(signed_in_app: AppTest) -> None:
    assert "This workspace is empty" in text_of(show(signed_in_app, PAGE))


def test_images_are_measured_scored_blind_and_compared(
    clinic: AppTest, app_workspace: Workspace, shown: list[GatePayload]
) -> None:
    app = show(clinic, PAGE)
    press(app, "acquisition.measure")
    running = measuring_of(app_workspace)
    assert running is not None
    assert running.wait(60)
    app.run()
    assert f"{len(queue_table(app_workspace))} images measured" in text_of(app, "success")
    images = queue(queue_table(app_workspace))
    assert shown[-1]["image_id"] == images[0]
    assert (shown[-1]["proposal"], shown[-1]["hidden"]) == (None, True)
    press(app, "acquisition.desk.1")
    assert shown[-1]["image_id"] == images[1]
    assert "rejected with 1. Proposed was" in shown[-1]["last"]
    press(app, "acquisition.desk.next")
    assert shown[-1]["image_id"] == images[2]
    press(app, "acquisition.desk.4")
    assert gate_counts(queue_table(app_workspace)).states["open"] == len(images) - 2
    assert proposal_agreement(app_workspace).answers == 2
    press(app, "acquisition.desk.undo_last")
    assert shown[-1]["image_id"] == images[2]
    press(app, "acquisition.desk.5")
    found = proposal_agreement(app_workspace)
    assert (found.answers, found.counts[3].sum()) == (2, 1), "the first answer counts, not the one after the proposal"
    app.selectbox(key="acquisition.show").set_value("rejected").run()
    assert (shown[-1]["image_id"], shown[-1]["score"], shown[-1]["hidden"]) == (images[0], 1, False)
    assert shown[-1]["ticked"] == [{"item": "in_focus", "answer": "no"}]
    press(app, "acquisition.desk.take_back")
    assert "No image here: rejected" in text_of(app)
    app.session_state["acquisition.tab"] = "Proposal and person"
    app.run()
    assert "2 answers with the proposal hidden" in text_of(app)
    app.session_state["acquisition.tab"] = "What was measured"
    app.run()
    assert not app.exception


def test_a_filter_by_what_is_proposed_shows_the_proposal_and_its_answers_do_not_count(
    clinic: AppTest, app_workspace: Workspace, shown: list[GatePayload]
) -> None:
    measure(app_workspace, OPERATOR, processes=False)
    proposed = int(queue_table(app_workspace)["proposed_score"].iloc[0])
    app = show(clinic, PAGE)
    app.multiselect(key="acquisition.proposed").set_value([str(proposed)]).run()
    assert shown[-1]["proposal"] is not None
    assert shown[-1]["proposal"]["score"] == proposed
    press(app, "acquisition.desk.3")
    assert proposal_agreement(app_workspace).answers == 0
    assert proposal_agreement(app_workspace).seen == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"score": 6}, {"score": True}, {"act": "score", "score": 0}, {"act": "next", "score": 3}, {"image_id": "x"},
        {"ticked": [{"item": "nose", "answer": "yes"}]}, {"ticked": [{"item": "in_focus", "answer": "perhaps"}]},
        {"note": "n" * 501}, {"number": "1"}, {"act": "explode"}, {"held": None},
    ],
)  # fmt: skip
def test_what_no_desk_sends_is_no_answer(wrong: dict[str, object]) -> None:
    sound = {
        "number": 1, "act": "score", "image_id": "a" * 64, "held": "", "score": 3, "note": "",
        "ticked": [{"item": "in_focus", "answer": "yes"}],
    }  # fmt: skip
    assert parse_answer(sound) == GateAnswer(1, GateAct.SCORE, "a" * 64, 3, {"in_focus": "yes"})
    assert parse_answer(sound | wrong) is None
