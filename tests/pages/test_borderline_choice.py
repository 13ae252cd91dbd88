"""What borderline diagnoses count as: asked where a class is borderline, kept in the address and between pages."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.pages.test_pages import show, text_of
from tests.readings_factory import make_readings

from dermdash.records.taxonomy import CLINICAL9, HAM7, Taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.workflows.readings.import_reading_log import import_reading_log

KEY = "source.borderline"


def keep_log(workspace: Workspace, classes: Taxonomy) -> None:
    frame = make_readings(readers=6, cases=27, classes=classes).frame
    columns = ["reader", "case", "phase", "modality", "dx", "truth_dx", "confidence"]
    import_reading_log(workspace, frame[columns].to_csv(index=False).encode(), name="A log")


def test_as_malignant_more_cases_are_and_the_page_and_the_address_say_so(
    app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    keep_log(app_workspace, CLINICAL9)
    app = show(signed_in_app, "collective")
    assert app.selectbox(key=KEY).value == "benign"
    assert "9 malignant and 18 benign cases" in text_of(app)
    app.selectbox(key=KEY).set_value("malignant").run()
    assert not app.exception
    assert "malignant" in app.query_params["borderline"]
    assert "12 malignant and 15 benign cases" in text_of(app)
    assert "Dysplastic nevus (3 cases) counted as malignant." in text_of(app, "warning")


@pytest.mark.parametrize("page", ["agreement", "triage", "pages/analysis/report.py"])
def test_the_address_decides_and_it_comes_along(app_workspace: Workspace, signed_in_app: AppTest, page: str) -> None:
    keep_log(app_workspace, CLINICAL9)
    app = show(signed_in_app, page, borderline="own")
    assert app.selectbox(key=KEY).value == "own"
    assert "a class of its own" in text_of(app, "warning")
    app = show(app, "item-response")
    assert app.selectbox(key=KEY).value == "own"


def test_nothing_is_asked_where_no_class_is_borderline(app_workspace: Workspace, signed_in_app: AppTest) -> None:
    keep_log(app_workspace, HAM7)
    app = show(signed_in_app, "agreement", borderline="own")
    assert KEY not in {s.key for s in app.selectbox}
    assert "borderline" not in text_of(app, "warning")
