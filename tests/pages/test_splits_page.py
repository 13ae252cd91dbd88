"""Splits and versions: preview before anything is stored, proof, lock, tag, compare."""

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import DATASET, fill_records
from tests.pages.test_pages import show, text_of

from dermdash.storage import findings
from dermdash.storage import tables as t
from dermdash.storage.object_store import MANIFESTS
from dermdash.storage.splits import save_lock
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.kept_splits import get_split, list_splits, withdraw_split
from dermdash.workflows.dataset.make_split import make_split
from dermdash.workflows.dataset.split_plan import SplitPlan, read_shares
from dermdash.workflows.dataset.tag_version import list_versions

pytestmark = pytest.mark.slow
PAGE = "pages/dataset/splits.py"


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_an_empty_workspace_says_what_comes_first(signed_in_app: AppTest) -> None:
    show(signed_in_app, PAGE)
    assert "Nothing to divide yet" in text_of(signed_in_app)


def test_a_split_is_looked_at_before_it_is_stored_and_then_proven_and_locked(
    signed_in_app: AppTest, app_workspace: Workspace
) -> None:
    fill_records(app_workspace, per_class=4)
    app = show(signed_in_app, PAGE)
    assert "What would come of it" in text_of(app)
    assert list_splits(app_workspace) == []
    app.number_input(key="splits.share.Test").set_value(40).run()
    assert "they must sum to 100" in text_of(app)
    app.number_input(key="splits.share.Train").set_value(45).run()
    app.text_input(key="splits.new_name").set_value("a:b").run()
    assert "no name for a split" in text_of(press(app, "splits.store"))
    app.text_input(key="splits.new_name").set_value("main").run()
    press(app, "splits.store")
    kept = get_split(app_workspace, "main")
    assert [part.name for part in kept.parts] == ["train", "validation", "test"]
    assert kept.parts[2].share == pytest.approx(0.4)
    shown = text_of(show(app, PAGE))
    assert "Nothing that is known today stands on two sides" in shown
    assert app.button(key="splits.lock").disabled
    app.checkbox(key=f"splits.sure.{kept.id}").check().run()
    assert "is locked" in text_of(press(app, "splits.lock"))
    assert get_split(app_workspace, "main").locked_by == "admin"
    assert not [button for button in app.button if button.key == "splits.lock"]


def test_a_leak_is_listed_once_with_the_side_of_each_record(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    fill_records(app_workspace, per_class=4)
    parts = make_split(app_workspace, OPERATOR, SplitPlan("main", read_shares("50/50"), 1, (DATASET,)))[0].parts
    train, test = (next(i for i, part in parts.items() if part == wanted) for wanted in ("train", "test"))
    row = {"records": [train, test], "score": 0.9, "threshold": 0.5, "verdict": "same_lesion", "details": {},
           "method_version": "1", "model_id": None}  # fmt: skip
    findings.save_findings(app_workspace.engine, findings.SAME_LESION, [row], searched={})
    key = findings.finding_id(findings.SAME_LESION, [train, test])
    findings.add_decision(app_workspace.engine, finding_id=key, decision="same_lesion", account_id="operator")
    app = show(signed_in_app, PAGE)
    assert "The split leaks" in text_of(app)
    (leaks,) = (frame.value for frame in app.dataframe if "Records" in frame.value and "What" in frame.value)
    assert any(f"{train} (train)" in one and f"{test} (test)" in one for one in leaks["Records"])
    assert leaks["Records"].is_unique


def test_too_many_folds_are_explained_in_place_of_a_preview(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    fill_records(app_workspace, per_class=1)
    app = show(signed_in_app, PAGE)
    app.segmented_control(key="splits.kind").set_value("folds").run()
    app.number_input(key="splits.folds").set_value(20).run()
    assert "20 folds need at least as many independent" in text_of(app)


def test_versions_are_tagged_listed_and_compared(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    fill_records(app_workspace, per_class=2)
    signed_in_app.query_params["tab"] = "versions"
    app = show(signed_in_app, PAGE)
    assert "unversioned" in text_of(app)
    app.text_input(key=f"versions.name.{DATASET}").set_value("1.0").run()
    app.text_input(key=f"versions.note.{DATASET}").set_value("first").run()
    press(app, "versions.tag")
    assert [version.name for version in list_versions(app_workspace)] == ["1.0"]
    assert "Nothing differs" in text_of(app)
    make_split(app_workspace, OPERATOR, SplitPlan("s", read_shares("50/50"), 1, (DATASET,)))
    with app_workspace.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE record SET dx = 'mel' WHERE image_id = 'NV_0'")
    app.run()
    shown = text_of(app)
    assert "1 record differs" in shown
    assert "Splits made: s" in shown
    (changes,) = (frame.value for frame in app.dataframe if "Was" in frame.value)
    assert changes[["Field", "Was", "Is"]].to_numpy().tolist() == [["Diagnosis", "Melanocytic nevus", "Melanoma"]]
    assert "every one is as it was" in text_of(press(app, "versions.verify"))
    for path in (app_workspace.home / MANIFESTS).rglob("*"):
        if path.is_file():
            path.unlink()
    app.selectbox(key=f"versions.new.{DATASET}").set_value("1.0").run()
    told = text_of(app)
    assert "The manifest of the version '1.0'" in told
    assert "is missing" in told
    press(app, "versions.verify")
    with app_workspace.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE record SET dx = 'nv' WHERE image_id = 'NV_0'")
    withdraw_split(app_workspace, OPERATOR, "s")
    assert "version 1.0, whose manifest cannot be read" in text_of(app.run())
    app.text_input(key=f"versions.name.{DATASET}").set_value("1.0").run()
    app.text_input(key=f"versions.note.{DATASET}").set_value("again").run()
    told = text_of(press(app, "versions.tag"))
    assert "its manifest, which was missing or damaged, is written again" in told
    assert "Nothing differs" in told


def test_a_split_whose_row_was_changed_by_hand_hides_no_other(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    fill_records(app_workspace, per_class=4)
    for name in ("whole", "odd"):
        make_split(app_workspace, OPERATOR, SplitPlan(name, read_shares("50/50"), 1, (DATASET,)))
    with app_workspace.engine.begin() as connection:
        connection.execute(t.split.update().where(t.split.c.name == "odd").values(parts="half"))
    assert "Nothing that is known today stands on two sides" in text_of(show(signed_in_app, PAGE, name="whole"))
    told = text_of(show(signed_in_app, PAGE, name="odd"))
    assert "The split 'odd' cannot be read (parts is 'half')" in told
    signed_in_app.text_input(key=f"splits.reason.{get_split(app_workspace, 'odd').id}").set_value("odd").run()
    assert "Withdrawn: odd" in text_of(press(signed_in_app, "splits.withdraw"))


def test_a_split_whose_records_were_changed_by_hand_is_named_and_proves_nothing(
    signed_in_app: AppTest, app_workspace: Workspace
) -> None:
    fill_records(app_workspace, per_class=4)
    make_split(app_workspace, OPERATOR, SplitPlan("main", read_shares("50/50"), 1, (DATASET,)))
    part = t.split_record.c
    with app_workspace.engine.begin() as connection:
        moved = connection.execute(sa.select(part.record_id).where(part.part == "test")).scalars().first()
        connection.execute(t.split_record.update().where(part.record_id == moved).values(part="train"))
    told = text_of(show(signed_in_app, PAGE, name="main"))
    assert "The split 'main' cannot be read (its records are not those that were stored" in told
    assert "Nothing that is known today" not in told
    lock_split_in_database(app_workspace)
    told = text_of(show(signed_in_app, "pages/classifier/models.py"))
    assert "nothing can be trained until then" in told
    assert "Mean recall and accuracy are measured now" in told


def lock_split_in_database(workspace: Workspace) -> None:
    """The lock of a split, as it stands before somebody changes its records."""
    save_lock(workspace.engine, OPERATOR.id, "main", "")
