"""Every page through app.py: over nothing, over a filled workspace, and when something is wrong."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import DATASET, MODEL, Filled, fill_records, make_prediction, make_protocol, own_models
from tests.pages.open_page import to_page

from dermdash.classifier.reference_model import REFERENCE_NAME
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage import models, records
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys, models_view, record_filters, records_view
from dermdash.workflows.classifier import embeddings
from dermdash.workflows.classifier.model_in_use import model_in_use
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.reader_study import create_study, join_study

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "pages").rglob("*.py"))
OPEN_TO_VISITORS = {
    "pages/admin/sign_in.py",
    "pages/admin/set_password.py",
    "pages/reader_study/join.py",
    "pages/reader_study/read.py",
}
PAGES_OF_ROLES = [page for page in PAGES if page not in OPEN_TO_VISITORS]
TEXTS = ("title", "header", "subheader", "markdown", "caption", "error", "warning", "info", "success")


def show(app: AppTest, script: str, /, **query: str) -> AppTest:
    """Open a page with these address parameters."""
    to_page(app, script)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def text_of(app: AppTest, *kinds: str) -> str:
    return "\n".join(element.value for kind in kinds or TEXTS for element in app.get(kind))


def asked(app: AppTest, name: str) -> str:
    """The last value of a parameter of the address."""
    value: Any = app.query_params[name]
    return str(value if isinstance(value, str) else value[-1])


def source_of(app: AppTest) -> str:
    """Which study or log the address names."""
    return asked(app, "source")


def protos(app: AppTest, kind: str) -> list[Any]:
    return [element.proto for element in app.get(kind)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_only_reads_calls_and_draws(page: str) -> None:
    assert len((REPOSITORY / page).read_text("utf-8").splitlines()) <= 70


@pytest.mark.parametrize("page", PAGES_OF_ROLES)
def test_a_page_asks_who_is_there_before_anything_else(page: str) -> None:
    """Run on its own, without the navigation that already hides it."""
    code = (REPOSITORY / page).read_text("utf-8")
    body = re.split(r"with errors_shown\(\).*:\n", code, maxsplit=1)[1].strip().splitlines()
    script = page.removeprefix("pages/").removesuffix(".py")
    assert body[0] == f'workspace = open_page("{script}")'


@pytest.mark.parametrize("token", ["", "guessed"])
def test_a_page_shows_a_visitor_nothing_but_where_to_sign_in(filled: Filled, visitor_app: AppTest, token: str) -> None:
    visitor_app.session_state[keys.SESSION_TOKEN] = token
    visitor_app.run()
    assert visitor_app.title[0].value == "dermdash"
    for page in PAGES_OF_ROLES:
        alone = AppTest.from_file(str(REPOSITORY / page), default_timeout=30)
        alone.session_state[keys.SESSION_TOKEN] = token
        alone.query_params["source"] = f"study:{filled.study_id}"
        alone.run()
        assert not alone.exception, page
        assert "Please sign in" in alone.error[0].value, page
        assert text_of(alone) == alone.error[0].value, page
        assert not alone.dataframe, page


def test_a_used_link_is_said_to_be_used(visitor_app: AppTest) -> None:
    visitor_app.query_params["link"] = "used"
    visitor_app.run()
    assert "used already" in visitor_app.error[0].value


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("dataset/overview", "Import a data set to begin"),
        ("dataset/records", "Import a data set to see its records"),
        ("dataset/record", "Import a data set"),
        ("dataset/import_images", "No import yet"),
        ("classifier/models", "import a data set first"),
        ("classifier/evaluation", "No predictions to evaluate yet"),
        ("classifier/comparison", "No predictions to compare yet"),
        ("reader_study/studies", "Create one from the template"),
        ("reader_study/new_study", "Import a data set first"),
        ("reader_study/study", "Create one from the template"),
    ],
)
def test_an_empty_workspace_says_what_to_do(signed_in_app: AppTest, page: str, words: str) -> None:
    assert words in text_of(show(signed_in_app, f"pages/{page}.py"))


def test_the_overview_counts_what_there_is(filled_app: AppTest, app_workspace: Workspace) -> None:
    app = show(filled_app, "pages/dataset/overview.py")
    shown = text_of(app)
    assert "1 data set · 1 reader study" in shown
    assert "not measured on records that are here" in shown
    assert "2 readers, 1 finished · 14 readings" in shown
    assert "42 records · drawn · licence CC0" in shown
    (board,) = (json.loads(p.json) for p in protos(app, "bidi_component") if "groups" in p.json)
    counts = {row["label"]: row["count"] for group in board["groups"] for row in group["rows"]}
    assert counts["Melanoma"] == "6"
    assert "synthetic" not in shown


def test_the_overview_says_that_a_demo_is_synthetic(app_workspace: Workspace, signed_in_app: AppTest) -> None:
    fill_records(app_workspace, per_class=2, simulated=True)
    assert "synthetic: drawn by a program, and kept apart from photographs" in text_of(
        show(signed_in_app, "pages/dataset/overview.py"), "caption"
    )


def test_records_are_counted_filtered_and_kept_in_the_address(filled_app: AppTest) -> None:
    app = show(filled_app, "pages/dataset/records.py")
    assert "**42 of 42 records**" in text_of(app)
    app.query_params["dx"] = "mel"
    app.run()
    assert "**6 of 42 records**" in text_of(app)
    assert "Diagnosis: Melanoma" in text_of(app, "caption")
    app.text_input(key=keys.filter_widget("text")).set_value("mel_3").run()
    assert "**1 of 42 records**" in text_of(app)
    app.button(key="records.clear").click().run()
    assert "**42 of 42 records**" in text_of(app)
    assert "dx" not in app.query_params


def test_records_open_as_a_gallery_and_as_a_table_where_the_address_says_so(filled_app: AppTest) -> None:
    assert len(show(filled_app, "pages/dataset/records.py").dataframe) == 0
    filled_app.segmented_control(key="records.view").set_value("table").run()
    assert len(filled_app.dataframe) == 1
    assert filled_app.query_params["view"] in ("table", ["table"])


def test_the_table_shows_the_records_in_words_and_in_order(filled_app: AppTest) -> None:
    app = show(filled_app, "pages/dataset/records.py", view="table", sort="image_id", order="descending", dx="mel")
    table = app.dataframe[0].value
    assert list(table["Image id"]) == ["MEL_4", "MEL_3", "MEL_2", "MEL_1", "MEL_0b", "MEL_0"]
    assert set(table["Diagnosis"]) == {"Melanoma"}
    assert set(table["Verification stage"].str[0]) == {"3"}
    assert list(table["Patient"].fillna("")) == ["", "", "", "P_2_1", "P_2_0", "P_2_0"]


def test_ticked_rows_of_the_table_come_back_with_the_address(filled: Filled, filled_app: AppTest) -> None:
    app = to_page(filled_app, "pages/dataset/records.py")
    app.query_params["view"] = "table"
    app.query_params["ticked"] = [filled.record, "another:record"]
    app.run()
    assert not app.exception
    assert "**1 chosen**" in text_of(app)
    assert app.query_params["ticked"] in (filled.record, [filled.record])
    # Ticks are of records, not of places in the table.
    app.toggle(key="records.descending").set_value(True).run()
    assert "chosen**" not in text_of(app)
    assert "ticked" not in app.query_params


def test_filters_that_let_nothing_through_say_how_to_go_on(filled_app: AppTest) -> None:
    app = show(filled_app, "pages/dataset/records.py", text="no such id")
    assert "**0 of 42 records**" in text_of(app)
    assert "No record passes these filters" in text_of(app)


def test_a_click_while_options_are_still_counted_is_not_taken_back_by_the_address(
    filled_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    count: Any = record_filters._facets
    clicked: list[bool] = []

    def counting(*given: Any) -> Any:
        if not clicked:
            # As a click on the next page of the table does, which breaks off the run.
            clicked.append(True)
            st.session_state[keys.RECORDS_PAGE] = 2
            st.rerun()
        return count(*given)

    monkeypatch.setattr(record_filters, "_facets", counting)
    monkeypatch.setattr(records_view, "PER_PAGE", 10)
    to_page(filled_app, "pages/dataset/records.py").run()
    assert not filled_app.exception
    assert filled_app.title[0].value == "Records"
    assert (clicked, filled_app.session_state[keys.RECORDS_PAGE]) == ([True], 2)


@pytest.mark.parametrize(
    "query",
    [
        {"page": "-1", "sort": "; DROP TABLE record", "order": "sideways", "view": "3d"},
        {"page": "99999999999999999999", "age_min": "old", "age_max": "NaN", "quality_source": "oracle"},
        {"dx": "<script>", "verification_stage": "9" * 400, "quality": "five", "completeness": "%"},
        {"text": "'" * 300 + "%_\\\x00", "unknown": "x", "page": "٣"},
        {"age_min": "-5", "age_max": "999"},
        {"age_min": "90", "age_max": "20"},
    ],
)
def test_a_mangled_address_still_shows_the_records_page(filled_app: AppTest, query: dict[str, str]) -> None:
    app = show(filled_app, "pages/dataset/records.py", **query)
    assert app.title[0].value == "Records"
    assert "of 42 records" in text_of(app)


def test_a_record_shows_its_fields_prediction_neighbours_and_history(filled_app: AppTest, filled: Filled) -> None:
    app = show(filled_app, "pages/dataset/record.py", id=filled.record)
    shown = text_of(app)
    assert app.title[0].value == "Melanocytic nevus"
    assert "NV_0 · lesion L_nv_0 · patient P_2_0 · data set Clinic" in shown
    assert "human score not given · estimated technical quality 4 of 5" in shown
    assert "Drawn model says: **Melanocytic nevus**" in shown
    assert "Malignancy probability 15\N{NO-BREAK SPACE}%" in shown
    made = "Drawn model (m00000000001, resnet10): made from `unit-scale-centre-0.8` at 32 px (mean of 4 views) with the"
    assert f"{made} checkpoint `cccccccccccc" in shown
    assert "imported into *Clinic*" in shown
    assert "predicted by Drawn model" in shown
    assert not app.warning
    fields = "".join(proto.body for proto in protos(app, "html"))
    assert fields.count('<th scope="row">') == 16
    assert "2 · " in fields
    assert [tab.label for tab in app.tabs] == [
        "Similar images of other lesions", "All that the model says", "Other images of this lesion",
        "Before and after it",
    ]  # fmt: skip
    asked_for = text_of(show(filled_app, "pages/dataset/record.py", id=filled.record, beside="classes"))
    assert "Malignancy probability 15\N{NO-BREAK SPACE}% · Drawn model (m00000000001, resnet10)" in asked_for


def test_a_record_the_model_trained_on_is_marked(filled_app: AppTest) -> None:
    app = show(filled_app, "pages/dataset/record.py", id=f"{DATASET}:NV_4")
    assert "trained on this lesion" in text_of(app, "caption")


def test_a_record_no_model_has_seen_says_so(app_workspace: Workspace, signed_in_app: AppTest) -> None:
    fill_records(app_workspace, per_class=1)
    app = show(signed_in_app, "pages/dataset/record.py", id=f"{DATASET}:NV_0")
    assert "No model has seen this record yet" in text_of(app, "caption")
    assert "Run predictions" in [link.label for link in app.get("page_link")]


def test_a_record_leads_on_among_those_that_the_filter_lets_through(filled_app: AppTest) -> None:
    app = show(filled_app, "pages/dataset/record.py", dx="nv")
    first = asked(app, "id")
    assert "**1** of 6" in text_of(app, "markdown")
    assert app.button(key="record.previous").disabled
    app.button(key="record.next").click().run()
    assert not app.exception
    assert "**2** of 6" in text_of(app, "markdown")
    assert asked(app, "dx") == "nv"
    assert asked(app, "id") != first
    app.button(key="record.previous").click().run()
    assert asked(app, "id") == first


@pytest.mark.parametrize("record_id", ["nowhere:X", "![x](http://example.org/x.png)", "a" * 5000, "\x00'--"])
def test_an_unknown_record_is_named_and_nothing_of_it_comes_alive(filled_app: AppTest, record_id: str) -> None:
    app = show(filled_app, "pages/dataset/record.py", id=record_id)
    assert "There is no record" in app.error[0].value
    assert "![" not in app.error[0].value


@pytest.mark.parametrize("damage", ["lost", "damaged"])
@pytest.mark.parametrize("page", ["record", "compare"])
def test_where_the_picture_is_gone_the_rest_of_a_record_can_be_read(
    app_workspace: Workspace, signed_in_app: AppTest, damage: str, page: str
) -> None:
    record_id, other = fill_records(app_workspace, per_class=1)[:2]
    record = browse_records.record_detail(app_workspace, record_id).record
    path = app_workspace.files.path(ORIGINALS, record["image_sha256"])
    path.unlink() if damage == "lost" else path.write_bytes(b"another")
    asked: dict[str, Any] = {"id": record_id} if page == "record" else {"id": [record_id, other]}
    app = show(signed_in_app, f"pages/dataset/{page}.py", **asked)
    assert not app.error
    (said,) = [w.value for w in app.warning if "from a backup" in w.value]
    assert ("is missing" if damage == "lost" else "is damaged") in said
    assert diagnosis_name(record["dx"]) in text_of(app)


def test_models_are_shown_with_what_they_were_measured_on(filled_app: AppTest) -> None:
    app = show(filled_app, "pages/classifier/models.py", model=MODEL)
    assert "**2 models**" in text_of(app)
    row = next(row for row in app.dataframe[0].value.to_dict("records") if row["Id"] == MODEL)
    assert row == {
        "Model": "Drawn model", "Id": MODEL, "Of": "photographs", "In use": "",
        "Mean recall": "100.0\N{NO-BREAK SPACE}%",
        "Accuracy": "100.0\N{NO-BREAK SPACE}%", "Measured on": "33 held-out lesions (40 images) of Clinic",
        "Also": "at training, on 21 held-out images of Clinic: mean recall 81.3\N{NO-BREAK SPACE}%",
        "Architecture": "resnet10", "Input": "32 px",
        "Preprocessing": "unit-scale-centre-0.8", "Checkpoint": "c" * 16,
        "Held out by": "patient", "Records predicted": 42,
    }  # fmt: skip
    assert "Class probabilities and features of this model are there for all 42 photographs" in app.success[0].value


def test_another_model_is_put_to_use_by_an_explicit_act_that_is_logged(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    app = show(filled_app, "pages/classifier/models.py")
    assert "answers only where it is named, until it is chosen" in text_of(app)
    assert f"instead of {REFERENCE_NAME}" in text_of(app).replace("\\", "")
    assert model_in_use(app_workspace).id != MODEL
    app.button(key="models.use_it").click().run()
    assert not app.exception
    assert model_in_use(app_workspace).id == MODEL
    log = next(d.value for d in app.dataframe if "Instead of" in d.value)
    assert log["Model"].tolist() == [f"Drawn model ({MODEL})"]
    assert log["Chosen by"].tolist() == ["Admin"]


def test_the_model_that_comes_with_dermdash_is_listed_in_an_empty_workspace(
    app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    app = show(signed_in_app, "pages/classifier/models.py")
    assert app.dataframe[0].value["Model"].tolist() == [REFERENCE_NAME]
    assert "import a data set first" in app.info[0].value
    assert "Known failures" in text_of(app)
    assert own_models(app_workspace) == []


@pytest.mark.slow
def test_records_without_prediction_are_counted_and_a_lost_checkpoint_is_named(
    filled: Filled, app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    fill_records(app_workspace, dataset="later", per_class=2)
    app = show(signed_in_app, "pages/classifier/models.py", model=MODEL)
    assert "Without a prediction of this model: 21 of 63 photographs." in text_of(app)
    app.button(key="models.predict").click().run()
    assert not app.exception
    assert MODEL in app.error[0].value


@pytest.mark.slow
@pytest.mark.parametrize(
    ("unreadable", "said"), [(0, "21 records predicted by Drawn model"), (2, "Of 2 records the image cannot")]
)
def test_after_predicting_the_page_shows_the_state_after_it(
    filled: Filled,
    app_workspace: Workspace,
    signed_in_app: AppTest,
    monkeypatch: pytest.MonkeyPatch,
    unreadable: int,
    said: str,
) -> None:
    later = fill_records(app_workspace, dataset="later", per_class=2)

    def predict(workspace: Workspace, *, model_id: str, **_: object) -> int:
        done = later[unreadable:]
        models.save_predictions(workspace.engine, [make_prediction(name, "nv") for name in done])
        embeddings.append_features(workspace, MODEL, done, np.ones((len(done), 8), np.float32))
        return len(done)

    monkeypatch.setattr(models_view.classify, "predict_records", predict)
    app = show(signed_in_app, "pages/classifier/models.py", model=MODEL)
    app.button(key="models.predict").click().run()
    assert not app.exception
    assert said in text_of(app, "success", "warning")
    assert ("Class probabilities and features of this model are there for all 63 photographs" in text_of(app)) == (
        unreadable == 0
    )
    assert "Without a prediction of this model: 21 of 63" not in text_of(app)
    assert app.dataframe[0].value["Records predicted"].tolist() == [0, 63 - unreadable]
    app.run()
    assert "predicted." not in text_of(app, "success", "warning")


def test_data_sets_are_named_and_their_ids_only_tell_namesakes_apart(
    filled: Filled, app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    fill_records(app_workspace, dataset="north", per_class=1)
    app = show(signed_in_app, "pages/dataset/records.py", view="table")
    assert set(app.dataframe[0].value["Data set"]) <= {"Clinic", "North"}
    app.query_params["dataset_id"] = ["north", DATASET]
    app.run()
    assert "Data set: North or Clinic" in text_of(app, "caption")
    records.save_dataset(
        app_workspace.engine,
        values={"id": "again", "name": "North", "taxonomy": "ham7", "source": "", "licence": "", "simulated": False},
    )
    assert browse_records.dataset_names(app_workspace) == {
        DATASET: "Clinic", "north": "North (north)", "again": "North (again)",
    }  # fmt: skip
    assert browse_records.dataset_name(app_workspace, "gone") == "gone"


def test_a_record_without_values_shows_empty_cells_and_whole_ages(
    app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    record_id = fill_records(app_workspace, per_class=1)[0]
    record = browse_records.record_detail(app_workspace, record_id).record
    assert record["age_at_exam"] == 45
    app = show(signed_in_app, "pages/dataset/record.py", id=record_id)
    said = text_of(app) + "".join(element.proto.body for element in app.get("html"))  # type: ignore[attr-defined]
    assert "45\N{NO-BREAK SPACE}years" in said
    for wrong in ("45.0", "None", ">nan<", "NaT"):
        assert wrong not in said
    table = show(signed_in_app, "pages/dataset/records.py", view="table").dataframe[0]
    assert table.proto.placeholder == ""  # type: ignore[attr-defined]
    written = csv.reader(io.StringIO(browse_records.records_csv(app_workspace, RecordFilter()).decode()))
    cells = {cell for row in written for cell in row}
    assert {"45", ""} <= cells
    assert not {"45.0", "None", "nan", "NaT", "<NA>"} & cells


def test_the_list_of_studies_shows_what_each_has(filled_app: AppTest) -> None:
    shown = text_of(show(filled_app, "pages/reader_study/studies.py"))
    assert "**1 study**" in shown
    assert "7 cases · 2 readers · 14 readings · Malignancy probability, Class probabilities, Similar images" in shown


def test_a_study_shows_protocol_invitations_and_progress(filled_app: AppTest, filled: Filled) -> None:
    app = show(filled_app, "protocol", source=f"study:{filled.study_id}")
    shown = text_of(app)
    assert "7 cases in 1 round of 7" in shown
    assert "Every case is of a lesion that the model did not train on" in shown
    app = show(filled_app, "invitations", source=f"study:{filled.study_id}")
    shown = text_of(app)
    assert "2 readers, 1 finished" in shown
    table = app.dataframe[0].value
    assert dict(zip(table["Invited"], table["State"], strict=True)) == {
        "Ada": "taking part", "Berta": "taking part", "Clara": "not opened yet",
    }  # fmt: skip


def test_links_are_made_shown_once_and_withdrawn(filled_app: AppTest, filled: Filled, app_workspace: Workspace) -> None:
    app = show(filled_app, "invitations", source=f"study:{filled.study_id}")
    app.text_area(key="study.labels").set_value("Dora\n\n Emil O'Neil-*Ng* \n")
    app.button(key="study.make_links").click().run()
    assert not app.exception
    links = [code.value for code in app.code]
    assert len(links) == 2
    assert join_study.open_invitation(app_workspace, links[0].split("invitation=")[1]).label == "Dora"
    assert list(app.dataframe[0].value["Invited"])[-2:] == ["Dora", "Emil O'Neil-*Ng*"]
    assert "**Emil O'Neil-\\*Ng\\***" in text_of(app, "markdown")
    assert app.button(key="study.withdraw").disabled
    app.selectbox(key="study.withdraw_which").select("Dora").run()
    app.button(key="study.withdraw").click().run()
    assert not app.exception
    state = app.dataframe[0].value.set_index("Invited")["State"]
    assert state["Dora"] == "withdrawn"
    app.selectbox(key="study.renew_which").select("Dora").run()
    app.button(key="study.renew").click().run()
    assert not app.exception
    (renewed,) = [code.value for code in app.code]
    assert renewed not in links
    assert join_study.open_invitation(app_workspace, renewed.split("invitation=")[1]).label == "Dora"
    assert "link renewed" in app.dataframe[0].value.set_index("Invited")["State"]["Dora"]


def test_making_links_without_names_says_what_is_missing(filled_app: AppTest, filled: Filled) -> None:
    app = show(filled_app, "invitations", source=f"study:{filled.study_id}")
    app.button(key="study.make_links").click().run()
    assert not app.exception
    assert "a name each" in app.error[0].value
    assert "Progress" in text_of(app, "header")


@pytest.mark.parametrize("page", ["protocol", "results"])
def test_an_unknown_study_is_named_and_the_newest_shown(filled_app: AppTest, filled: Filled, page: str) -> None:
    app = show(filled_app, page, source="![no](http://example.org) <b>")
    assert "There is nothing" in app.warning[0].value
    assert "![" not in app.warning[0].value
    assert app.title[0].value == "Seven cases"
    assert source_of(app) == f"study:{filled.study_id}"


def test_the_study_in_the_address_is_shown_and_another_can_be_chosen(
    filled: Filled, app_workspace: Workspace, signed_in_app: AppTest
) -> None:
    newer = create_study.create_study(app_workspace, make_protocol(name="Newer"), simulated=True)
    app = show(signed_in_app, "results", source=f"study:{filled.study_id}")
    assert app.title[0].value == "Seven cases"
    app.selectbox(key="source.choice").set_value(f"study:{newer}").run()
    assert app.title[0].value == "Newer"
    assert source_of(app) == f"study:{newer}"
    assert "simulated" in app.warning[0].value
    assert "No readings yet" in text_of(app)


def test_results_show_who_took_part_and_the_change_in_accuracy(filled_app: AppTest, filled: Filled) -> None:
    app = show(filled_app, "results", source=f"study:{filled.study_id}")
    assert "Participants: 2 readers, 1 finished, 14 readings" in [e.label for e in app.expander]
    assert "Other 2" in text_of(app)
    assert "values that fewer than 3 readers share were merged into one called other: profession of 1 reader" in (
        text_of(app, "caption")
    )
    table = app.dataframe[0].value
    assert list(table["Modality"]) == [
        "Malignancy probability", "Class probabilities", "Similar images", "All modalities",
    ]  # fmt: skip
    assert sum(table["Cases"][:3]) == list(table["Cases"])[3] == 7
    assert "no two groups of experience" in text_of(app, "caption")
    assert set(table["p"]) == {"not computed"}
    # Why there is no interval stands in the sentence that answers; below, once more only in the few words of a warning.
    assert "small group: 1 reader" in text_of(app, "caption")
    assert "an interval over readers" not in text_of(app, "caption")
    labels = [proto.label for proto in protos(app, "download_button")]
    assert labels == [
        "Readings (CSV)", "Data dictionary (CSV)", "Nature Medicine format (CSV)", "Session events (CSV)",
    ]  # fmt: skip


def test_signing_out_closes_every_page(filled_app: AppTest) -> None:
    app = show(filled_app, "pages/admin/account.py")
    app.button(key="account.sign_out").click().run()
    assert not app.exception
    assert "Signed in as Admin" not in text_of(app)
    assert app.title[0].value == "dermdash"
    assert "Signed out" in app.toast[0].value


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_workspace_that_cannot_be_opened_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signed_in: bool
) -> None:
    monkeypatch.chdir(REPOSITORY)
    (tmp_path / "dermdash.duckdb").write_bytes(b"not a database, " * 1000)
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path))
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
    app.session_state[keys.SESSION_TOKEN] = "token" if signed_in else ""
    app.run()
    assert not app.exception
    assert "cannot be opened" in app.error[0].value


def test_a_workspace_in_use_by_another_process_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path))
    code = (
        f"import duckdb; c = duckdb.connect({str(tmp_path / 'dermdash.duckdb')!r}); print('open', flush=True); input()"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ)) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
        app.session_state[keys.SESSION_TOKEN] = "token"
        app.run()
        holder.communicate(b"\n")
    assert not app.exception
    assert f"in use by process {holder.pid}" in app.error[0].value
    assert "Stop the app first" in app.error[0].value
