"""The results page of studies in which nobody gives a diagnosis both without and with assistance."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled, make_protocol
from tests.pages.open_page import to_page

from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import create_study
from dermdash.workflows.reader_study.simulate_readers import simulate_readers

RATING = {"asked": {"diagnosis": False, "confidence": False, "malignancy_rating": True}}
MANAGEMENT = {"asked": {"diagnosis": False, "confidence": False, "management": True}}
PARALLEL = {"design": STUDY_TEMPLATES["parallel-arms"].values["design"]}
UNAIDED = {"design": STUDY_TEMPLATES["han-2018"].values["design"], "modalities": ()}


def labels(app: AppTest, kind: str) -> list[str]:
    return [element.proto.label for element in app.get(kind)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("design", "said", "leads_to"),
    [
        (RATING, "not asked for a diagnosis", ["Modalities over readers and cases", "Agreement"]),
        (MANAGEMENT, "not asked for a diagnosis", ["Benefit of assistance", "Agreement"]),
        (PARALLEL, "no reader answered a case both without and with assistance", ["Arms and periods"]),
        (UNAIDED, "all answers were given without assistance", ["Modalities over readers and cases", "Agreement"]),
    ],
    ids=["rating", "management", "parallel", "unaided"],
)
def test_the_page_says_why_there_is_no_change_of_accuracy_what_fits_and_offers_every_file(
    filled: Filled,
    app_workspace: Workspace,
    signed_in_app: AppTest,
    design: dict[str, Any],
    said: str,
    leads_to: list[str],
) -> None:
    study_id = create_study.create_study(app_workspace, make_protocol(**design), simulated=True)
    simulate_readers(app_workspace, study_id, count=2, seed=1)
    app = to_page(signed_in_app, "results")
    app.query_params["source"] = f"study:{study_id}"
    app.run()
    assert not app.exception
    assert said in " ".join(info.value for info in app.info)
    links = labels(app, "page_link")
    assert [label for label in leads_to if label in links] == leads_to
    files = labels(app, "download_button")
    assert {"Readings (CSV)", "Session events (CSV)"} <= set(files)
    assert ("Nature Medicine format (CSV)" in files) is ("asked" not in design)
