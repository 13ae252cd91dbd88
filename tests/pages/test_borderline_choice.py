"""What borderline diagnoses count as: asked where a class is borderline, kept in the address and between pages."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import MODEL
from tests.pages.test_pages import show, text_of
from tests.readings_factory import make_readings
from tests.scored_workspace import HOME, fill_scored

from dermdash.records.taxonomy import CLINICAL9, HAM7, BorderlinePolicy, Taxonomy
from dermdash.storage.models import predictions_of_model
from dermdash.storage.records import records_of_dataset
from dermdash.storage.workspace import Workspace
from dermdash.wording import estimated_percent, percent
from dermdash.workflows.classifier.operating_points import list_operating_points
from dermdash.workflows.classifier.work_list import triage
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


POINTS = "pages/classifier/operating_points.py"


def test_an_operating_point_is_chosen_under_the_policy_of_the_address_and_says_so(
    app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    fill_scored(app_workspace, classes=CLINICAL9)
    app = show(signed_in_app, POINTS, model=MODEL, dataset=HOME, borderline="own")
    assert app.selectbox(key="points.borderline.clinical9").value == "own"
    assert "Dysplastic nevus (30 records): neither malignant nor benign" in text_of(app)
    app.text_input(key="points.name").set_value("Own")
    app.button(key="points.submit").click().run()
    assert not app.exception
    (point,) = list_operating_points(app_workspace, model_id=MODEL)
    assert point.borderline is BorderlinePolicy.OWN
    app.selectbox(key="points.use").set_value(point.id).run()
    assert "Borderline is a class of its own in all that follows." in text_of(app)
    listed = app.dataframe[0].value.set_index("Name")["Borderline"]
    assert listed["Own"] == "own"
    assert set(listed.drop("Own")) == {""}  # nothing of ham7 is borderline
    # The work list of the page shows the counts of the workflow that command and evaluation share.
    found = triage(app_workspace, point.id, dataset_id=HOME)
    assert f"Malignant records in the list: **{estimated_percent(found.seen, why=True)}**" in text_of(app)


def test_a_record_shows_the_malignancy_of_the_policy_and_its_label_stays(
    app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    fill_scored(app_workspace, classes=CLINICAL9)
    row = records_of_dataset(app_workspace.engine, HOME).query("dx == 'dysplastic_nevus'").iloc[0]
    (shares,) = predictions_of_model(app_workspace.engine, MODEL, [row["id"]])["probabilities"]
    for policy in BorderlinePolicy:
        app = show(signed_in_app, "pages/dataset/record.py", id=row["id"], borderline=policy.value)
        summed = CLINICAL9.counting_borderline_as(policy).malignancy_probability(shares)
        assert f"Malignancy probability {percent(summed, 0)} ({policy.counted})" in text_of(app)
        assert "Dysplastic nevus" in text_of(app)
