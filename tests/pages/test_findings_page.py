"""The findings page: empty, searching, deciding, taking back."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import DATASET
from tests.pages.test_pages import show, text_of

from dermdash.dataset.duplicate_lists import KnownPairs
from dermdash.storage import findings
from dermdash.storage.records import record_id
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.workflows.accounts import people
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT, OPERATOR, Role
from dermdash.workflows.findings.check import finding
from dermdash.workflows.findings.list_findings import ListedFinding, ranked_findings
from dermdash.workflows.lesion_identity import review_findings
from dermdash.workflows.lesion_identity.listed_duplicates import keep_listed

pytestmark = pytest.mark.slow

PAGE = "pages/dataset/findings.py"
DETAILS = {
    "matches": 20, "inliers": 12, "supported": 18, "alignment": 0.8, "overlap": 0.9, "zoom": 1.2, "rotation": 30.0,
    "transform": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], "points": [[[0.5, 0.5], [0.2, 0.3]], [[0.5, 0.5], [0.2, 0.3]]],
}  # fmt: skip


def plant(workspace: Workspace) -> None:
    """Two findings among the drawn records; the better one joins two diagnoses."""
    rows = [
        {
            "records": [record_id(DATASET, one), record_id(DATASET, other)], "score": score, "threshold": 0.25,
            "verdict": verdict, "details": DETAILS, "method_version": "1", "model_id": None,
        }
        for one, other, score, verdict in [
            ("NV_0", "MEL_1", 0.99, "same_lesion"),
            ("NV_1", "NV_2", 0.4, "unsure"),
        ]
    ]  # fmt: skip
    findings.save_findings(workspace.engine, findings.SAME_LESION, rows, searched={})


def review(workspace: Workspace, **how: Any) -> list[ListedFinding]:
    return ranked_findings(workspace, simulated=False, **how)


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_an_empty_workspace_is_sent_to_the_import(signed_in_app: AppTest) -> None:
    shown = text_of(show(signed_in_app, PAGE, of="same_lesion"))
    assert "This workspace is empty" in shown
    assert "pairs found" not in shown


def test_the_search_runs_from_the_page(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE, of="same_lesion")
    assert "Not searched yet" in text_of(app)
    assert "decided" not in text_of(app)
    app = press(app, "findings.search")
    assert "Not searched yet" not in text_of(app)
    assert "findings.search" not in {button.key for button in app.button}


def test_a_pair_is_shown_with_what_differs(filled_app: AppTest, app_workspace: Workspace) -> None:
    plant(app_workspace)
    app = show(filled_app, PAGE, of="same_lesion")
    shown = text_of(app)
    assert "**2 pairs found · 0 of 2 decided**" in shown
    assert "Pair 1 of 2" in shown
    assert "The diagnoses differ: Melanocytic nevus and Melanoma" in text_of(app, "warning")
    assert "score 0.990" in shown
    press(app, "findings.next")
    assert "Pair 2 of 2" in text_of(app)
    assert not app.warning


def test_what_a_list_says_is_evidence_with_its_source_beside_what_was_measured(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    plant(app_workspace)
    known = KnownPairs("pairs.csv", "", (("MEL_1", "NV_0"), ("MEL_2", "NV_2")), names=("NV_1",))
    keep_listed(app_workspace, known, dataset_id=DATASET, source="A paper, Table 2")
    app = show(filled_app, PAGE, of="same_lesion")
    shown = text_of(app)
    assert "**3 pairs found · 0 of 3 decided**" in shown
    assert "Measured" not in shown  # nobody measured the pair that only the list names
    assert "**Listed as duplicates** by `A paper, Table 2`. A list is evidence; people decide." in shown
    assert "Nothing was measured for this pair" in shown
    app = press(app, "findings.next")
    shown = text_of(app)
    assert "**Measured: same lesion**" in shown
    assert "**Listed as duplicates** by `A paper, Table 2`" in shown
    app = press(app, "findings.next")
    assert "is **listed as a duplicate** by `A paper, Table 2`, which does not say of what" in text_of(app)
    assert [e.label for e in app.expander] == ["1 image that a list calls a duplicate without saying of what"]


def test_a_decision_is_stored_and_the_next_pair_comes(filled_app: AppTest, app_workspace: Workspace) -> None:
    plant(app_workspace)
    app = show(filled_app, PAGE, of="same_lesion")
    press(app, "findings.decide.same_lesion")
    shown = text_of(app)
    assert "1 of 2 decided" in shown
    assert "Pair 1 of 1" in shown
    assert "score 0.400" in shown
    assert findings.confirmed_pairs(app_workspace.engine) == [(record_id(DATASET, "NV_0"), record_id(DATASET, "MEL_1"))]
    press(app, "findings.decide.different")
    assert "Every pair is decided" in text_of(app)


def test_the_last_decision_can_be_taken_back(filled_app: AppTest, app_workspace: Workspace) -> None:
    plant(app_workspace)
    app = show(filled_app, PAGE, of="same_lesion")
    assert app.button(key="findings.undo").disabled
    press(app, "findings.decide.same_image")
    press(app, "findings.undo")
    assert "0 of 2 decided" in text_of(app)
    assert [d["decision"] for d in findings.list_decisions(app_workspace.engine)] == ["same_image", "open"]
    assert app.button(key="findings.undo").disabled


def test_decided_pairs_and_verdicts_can_be_chosen(filled_app: AppTest, app_workspace: Workspace) -> None:
    plant(app_workspace)
    app = show(filled_app, PAGE, of="same_lesion")
    press(app, "findings.decide.same_lesion")
    app.segmented_control(key=keys.FINDINGS_STATE).set_value("decided").run()
    assert "Decided **Same lesion** by Admin" in text_of(app, "success")
    app.multiselect(key=keys.FINDINGS_VERDICTS).set_value(["unsure"]).run()
    assert "No pair passes these filters" in text_of(app)


def test_matching_points_and_the_overlay_are_shown(filled_app: AppTest, app_workspace: Workspace) -> None:
    plant(app_workspace)
    app = show(filled_app, PAGE, of="same_lesion")
    for view in ("points", "over"):
        app.segmented_control(key=keys.FINDINGS_VIEW).set_value(view).run()
        assert not app.exception
    assert app.slider(key="findings.opacity").value == 50


@pytest.mark.parametrize("key", ["findings.decide.same_lesion", "findings.undo"])
def test_a_click_on_a_page_that_was_drawn_before_the_role_was_taken_decides_nothing(
    filled_app: AppTest, app_workspace: Workspace, key: str
) -> None:
    """What a click calls runs before the page and its first line."""
    plant(app_workspace)
    people.invite_person(app_workspace, OPERATOR, name="Another admin", roles=[Role.ADMIN])
    app = press(show(filled_app, PAGE, of="same_lesion"), "findings.decide.different")
    before = findings.confirmed_pairs(app_workspace.engine), text_of(app, "success")
    decisions = review_findings.list_pairs(app_workspace, simulated=False)
    people.change_roles(app_workspace, OPERATOR, ADMIN_ACCOUNT, [Role.STATISTICIAN])
    press(app, key)
    assert "This needs the role curator; Admin has statistician" in app.error[0].value
    assert findings.confirmed_pairs(app_workspace.engine) == before[0]
    assert review_findings.list_pairs(app_workspace, simulated=False) == decisions


def test_checks_run_beside_the_page_and_fill_one_ranked_list(filled_app: AppTest, app_workspace: Workspace) -> None:
    app = show(filled_app, PAGE)
    assert "none has run yet" in app.expander[0].label
    app = press(app, "findings.run")
    shown = text_of(app)
    assert "findings · 0 of" in shown
    assert "Finding 1 of" in shown
    assert "8 checks in" not in shown  # said once, where it was asked for
    one = review(app_workspace)[0]
    press(app, f"findings.list_decide.{one.kind.decisions[0].key}")
    assert review(app_workspace, state="decided")[0].id == one.id


def test_many_are_decided_in_one_act_and_taken_back_in_one(filled_app: AppTest, app_workspace: Workspace) -> None:
    rows = [
        finding("off_topic", [record_id(DATASET, name)], score=0.6, verdict="unlike", details={}, version="1")
        for name in ("NV_0", "NV_1", "MEL_1")
    ]
    findings.replace_findings(app_workspace.engine, "off_topic", rows, replaces=lambda _: True)
    app = show(filled_app, PAGE, kind="off_topic")
    assert "The first of these 3 is not decided yet" in text_of(app, "info")
    app = press(app, "findings.bulk.on_topic")
    assert "Belongs here: 3 findings" in text_of(app, "success")
    assert not review(app_workspace, kinds=["off_topic"], state="open")
    press(app, "findings.undo_act")
    assert len(review(app_workspace, kinds=["off_topic"], state="open")) == 3
