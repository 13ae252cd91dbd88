"""Lesion identity: groups with what contradicts, lists with what they would change, pairs by hand, history."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.confirmed_pairs import confirm
from tests.filled_workspace import DATASET, fill_records
from tests.pages.test_pages import show, text_of

from dermdash.dataset.duplicate_lists import KnownPairs
from dermdash.storage import findings, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.lesion_identity import ledger
from dermdash.workflows.lesion_identity.listed_duplicates import keep_listed

pytestmark = pytest.mark.slow
PAGE = "pages/dataset/lesion_identity.py"


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def tab(app: AppTest, name: str) -> AppTest:
    app.query_params["tab"] = name
    return show(app, PAGE)


def test_every_tab_of_an_empty_workspace_says_what_comes_first(signed_in_app: AppTest) -> None:
    for name, said in {
        "groups": "Nothing is merged yet", "lists": "This workspace is empty", "enter": "Enter the ids of two images",
        "ledger": "This workspace is empty", "history": "Nobody has decided anything",
    }.items():  # fmt: skip
        assert said in text_of(tab(signed_in_app, name))


def test_a_group_is_shown_with_its_contradiction_and_falls_apart_by_a_new_decision(
    signed_in_app: AppTest, app_workspace: Workspace
) -> None:
    fill_records(app_workspace)
    confirm(app_workspace, f"{DATASET}:NV_1", f"{DATASET}:MEL_2")
    app = tab(signed_in_app, "groups")
    shown = text_of(app)
    assert "Diagnosis differs" in shown
    assert "NV_1" in shown
    (anew,) = [b for b in app.button_group if str(b.key).startswith("identity.anew.decision.")]
    assert anew.value == "same_lesion"  # what stands: there is nothing to press yet
    assert app.button(key="identity.anew").disabled
    anew.set_value("different").run()
    press(app, "identity.anew")
    assert "different lesions" in text_of(app)
    assert findings.confirmed_pairs(app_workspace.engine) == []
    assert "Nothing is merged yet" in text_of(app)


def test_a_list_says_what_it_would_change_is_applied_once_and_taken_back_as_one(
    signed_in_app: AppTest, app_workspace: Workspace
) -> None:
    fill_records(app_workspace)
    known = KnownPairs("pairs.csv", "ham10000", (("NV_1", "NV_2"), ("MEL_1", "MEL_2")))
    keep_listed(app_workspace, known, dataset_id=DATASET, source="A paper, 2020")
    app = tab(signed_in_app, "lists")
    assert "decides nothing" not in text_of(app)
    assert app.button(key="identity.list.apply").disabled
    app.checkbox(key="identity.list.sure.A paper, 2020.same_lesion").check().run()
    press(app, "identity.list.apply")
    assert "2 pairs decided" in text_of(app)
    assert len(findings.confirmed_pairs(app_workspace.engine)) == 2
    assert {entry.evidence for entry in ledger.ledger_entries(app_workspace)} == {"listed in A paper, 2020"}
    app = tab(app, "history")
    press(app, "identity.undo")
    assert "2 decisions taken back" in text_of(app)
    assert findings.confirmed_pairs(app_workspace.engine) == []


def test_a_published_list_is_read_on_the_page(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    fill_records(app_workspace)
    app = tab(signed_in_app, "lists")
    assert "No published list is here" in text_of(app)
    assert app.button(key="identity.list.read").disabled

    def read(text: str) -> str:
        app.file_uploader(key="identity.list.file").set_value(("theirs.csv", text.encode(), "text/csv")).run()
        return text_of(press(app, "identity.list.read"))

    assert "theirs.csv is no list of duplicates" in read("image,label\nNV_1,nv\n")
    assert "names none of the images" in read("from_img,to_img\nA.jpg,B.jpg\n")
    app.text_input(key="identity.list.source").set_value("A paper, 2025").run()
    said = read("similarity,from_img,to_img\n0.98,NV_1.jpg,NV_2.jpg\n0.97,MEL_1.jpg,nowhere.jpg\n")
    told = "A paper, 2025: 2 pairs listed. 1 new among the findings. 1 not in the data set: nowhere."
    assert told in said.replace("\\:", ":")
    assert app.button(key="identity.list.apply").disabled


def test_a_pair_is_entered_by_its_images_and_an_unknown_one_is_named(
    signed_in_app: AppTest, app_workspace: Workspace
) -> None:
    fill_records(app_workspace)
    app = tab(signed_in_app, "enter")
    app.text_input(key="identity.enter.one").set_value("NV_1").run()
    app.text_input(key="identity.enter.other").set_value("nowhere").run()
    assert "No record has the image id 'nowhere'" in text_of(app)
    app.text_input(key="identity.enter.other").set_value("NV_3").run()
    app.text_input(key="identity.enter.note").set_value("seen at the visit").run()
    press(app, "identity.enter")
    (entry,) = ledger.ledger_entries(app_workspace)
    assert (entry.decision, entry.note, entry.person) == ("same_lesion", "seen at the visit", "admin")
    assert records.get_record(app_workspace.engine, entry.records[0])["image_id"] == "NV_1"


def test_a_ledger_from_elsewhere_says_what_it_would_change_and_is_taken_in_as_one_act(
    signed_in_app: AppTest, app_workspace: Workspace
) -> None:
    fill_records(app_workspace)
    ledger.enter_pair(app_workspace, OPERATOR, [f"{DATASET}:NV_1", f"{DATASET}:NV_2"], "different")
    app = tab(signed_in_app, "ledger")

    def upload(text: str) -> None:
        app.file_uploader(key="identity.ledger.file").set_value(("theirs.csv", text.encode(), "text/csv")).run()
        assert not app.exception

    upload("image_id_1,image_id_2,decision\nNV_1,NV_2,perhaps\n")
    assert "is no decision" in text_of(app)
    upload("image_id_1,image_id_2,decision\nNV_1,NV_2,same_lesion\nMEL_1,NV_3,same_lesion\nMEL_2,nowhere,unsure\n")
    shown = text_of(app)
    assert "Diagnosis differs" in shown
    assert "1 image not here" in [e.label for e in app.expander][-1]
    press(app, "identity.ledger.import")
    assert "1 decision taken in" in text_of(app)
    assert "Nothing in this ledger is new here" in text_of(app)
    app.toggle(key="identity.ledger.overrule").set_value(True).run()
    press(app, "identity.ledger.import")
    assert len(findings.confirmed_pairs(app_workspace.engine)) == 2
    press(tab(app, "history"), "identity.undo")
    assert len(findings.confirmed_pairs(app_workspace.engine)) == 1
