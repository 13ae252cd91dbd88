"""What borderline diagnoses count as: asked where a class is borderline, kept in the address and between pages."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.factories import make_image, make_record
from tests.filled_workspace import MODEL
from tests.pages.designer import begun, entry, open_draft, to_section
from tests.pages.test_pages import protos, show, text_of
from tests.readings_factory import make_readings
from tests.scored_workspace import HOME, fill_scored

from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import CLINICAL9, HAM7, BorderlinePolicy, Taxonomy
from dermdash.storage.models import predictions_of_model
from dermdash.storage.records import records_of_dataset, save_batch, save_dataset
from dermdash.storage.workspace import Workspace
from dermdash.wording import estimated_percent, percent
from dermdash.workflows.classifier.operating_points import list_operating_points
from dermdash.workflows.classifier.work_list import triage
from dermdash.workflows.reader_study.create_study import create_study
from dermdash.workflows.reader_study.simulate_readers import simulate_readers
from dermdash.workflows.reader_study.study_results import list_studies, study_protocol
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


@pytest.mark.parametrize("page", ["agreement", "triage", "report"])
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


def test_a_study_is_counted_as_its_protocol_says_and_its_pages_say_so(
    app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    fill_scored(app_workspace, classes=CLINICAL9)
    keep_log(app_workspace, CLINICAL9)
    planned = template_nature_medicine_2020(
        name="Planned", dataset_id=HOME, model_id=None, seed=7, taxonomy="clinical9", cases_per_round=18,
        practice_cases=0, modalities=(Modality.CROWD_PROBABILITY,), minimum_crowd_readers=1, borderline="malignant",
    )  # fmt: skip
    study_id = create_study(app_workspace, planned, simulated=True)
    simulate_readers(app_workspace, study_id, count=3, seed=3)
    app = show(signed_in_app, "collective", source=f"study:{study_id}")
    assert app.selectbox(key=f"{KEY}.malignant").value == "malignant"
    assert "Dysplastic nevus (2 cases) counted as malignant, as in the source itself." in text_of(app, "warning")
    app.selectbox(key=f"{KEY}.malignant").set_value("benign").run()
    assert "Dysplastic nevus (2 cases) counted as benign." in text_of(app, "warning")
    app = show(app, "protocol", source=f"study:{study_id}")
    assert "Borderline counts as malignant" in text_of(app)


def test_a_new_study_asks_and_freezes_the_answer(app_workspace: Workspace, signed_in_app: AppTest) -> None:
    values = {"id": "clinic", "name": "Clinic", "taxonomy": "clinical9", "source": "", "licence": ""}
    save_dataset(app_workspace.engine, values={**values, "simulated": False})
    every = [(f"{code}_{i}", code) for code in CLINICAL9.codes for i in range(6)]
    named = [(name, code, name.encode().hex()[-64:].ljust(64, "0")) for name, code in every]
    rows = [make_record(name, "clinic", lesion_id=f"L_{name}", dx=code, image_sha256=sha) for name, code, sha in named]
    save_batch(app_workspace.engine, images=[make_image(sha) for *_, sha in named], records=rows)
    app = open_draft(signed_in_app, begun(app_workspace, dataset="clinic"))
    entry(app, "name").set_value("Asked")
    entry(app, "borderline").set_value("own").run()
    assert not app.exception
    to_section(app, "review", part="freeze").button(key="new.freeze").click().run()
    (study,) = list_studies(app_workspace)
    assert study_protocol(app_workspace, study["id"]).borderline is BorderlinePolicy.OWN


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
    assert app.selectbox(key="points.use").value == point.id
    assert "Borderline is a class of its own in all that follows." in text_of(app)
    links = [proto for proto in protos(app, "page_link") if proto.label.startswith("Records that are left out")]
    assert {(link.page, link.query_string) for link in links} == {("records", f"dataset_id={HOME}&dx=dysplastic_nevus")}
    (table,) = (frame.value for frame in app.dataframe if "Rule" in frame.value)
    listed = table.set_index("Name")["Borderline"]
    assert listed["Own"] == "own"
    assert set(listed.drop("Own")) == {""}  # nothing of ham7 is borderline
    # The work list of the page shows the counts of the workflow that command and evaluation share.
    found = triage(app_workspace, point.id, dataset_id=HOME)
    share, _, interval = estimated_percent(found.seen, why=True).partition(" (")
    said = "".join(proto.body for proto in protos(app, "html"))
    assert f"Malignant records in the list</dt><dd>{share}</dd>" in said
    assert interval.removesuffix(")") in said


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
