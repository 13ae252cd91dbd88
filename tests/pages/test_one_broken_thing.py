"""One thing that cannot be read breaks no list: it is among the others and says why, and the others stand."""

import os

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import DATASET, fill_records
from tests.pages.test_pages import show, text_of

from dermdash.reader_study.templates import get_template
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomies.taxonomy_file import taxonomy_yaml
from dermdash.records.taxonomy import HAM7, TAXONOMIES
from dermdash.storage import tables as t
from dermdash.storage.object_store import THUMBNAILS
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.workflows.accounts.access import account_of
from dermdash.workflows.dataset.completeness import completeness_of_datasets
from dermdash.workflows.reader_study import create_study, study_drafts
from dermdash.workflows.reader_study.study_drafts import StudyDraft
from dermdash.workflows.taxonomies import add_taxonomy

GONE = "unknown taxonomy 'local7'"


def break_all(workspace: Workspace, app: AppTest) -> StudyDraft:
    """A data set, a study and a draft of classes whose file is removed by hand; two odd rows; a thumbnail less."""
    account = account_of(workspace, str(app.session_state[keys.SESSION_TOKEN]))
    assert account is not None
    add_taxonomy(workspace.home, taxonomy_yaml(HAM7).replace("ham7", "local7"), file="local7.yaml")
    fill_records(workspace, dataset="other")
    with workspace.engine.begin() as connection:
        connection.execute(t.dataset.update().where(t.dataset.c.id == "other").values(taxonomy="local7"))
    of_local = {"dataset_id": "other", "taxonomy": "local7", "model_id": None, "seed": 1, "practice_cases": 0}
    one_each = {"class_mix": dict.fromkeys(HAM7.codes, 1), "cases_per_round": 7, "rounds": 1}
    create_study.create_study(workspace, get_template("han-2018").protocol(name="Lost classes", **of_local, **one_each))
    odd = create_study.create_study(workspace, get_template("han-2018").protocol(name="Odd", **of_local, **one_each))
    for name, dataset in (("Lost draft", "other"), ("Good draft", DATASET), ("Odd draft", DATASET)):
        entries = study_drafts.from_template(workspace, "crossover", dataset_id=dataset, name=name)
        study_drafts.begin_draft(workspace, account, entries)
    with workspace.engine.begin() as connection:
        draft, of_draft = t.study_draft, t.study_draft.c
        rows = {row.entries["name"]: row.id for row in connection.execute(sa.select(draft))}
        connection.execute(draft.update().where(of_draft.id == rows["Odd draft"]).values(entries={"name": "Odd draft"}))
        connection.execute(t.study.update().where(t.study.c.id == odd).values(protocol='{"name": 1}'))
        shown = connection.execute(sa.select(t.record.c.image_sha256).where(t.record.c.dataset_id == DATASET))
        workspace.files.path(THUMBNAILS, str(shown.scalars().first())).unlink()
    (workspace.home / "taxonomies" / "local7.yaml").unlink()
    os.utime(workspace.home / "taxonomies")
    assert "local7" not in TAXONOMIES
    return study_drafts.get_draft(workspace, rows["Lost draft"])


@pytest.mark.usefixtures("filled")
def test_lists_stand_beside_what_cannot_be_read(filled_app: AppTest, app_workspace: Workspace) -> None:
    lost = break_all(app_workspace, filled_app)
    drafts = show(filled_app, "pages/reader_study/new_study.py")
    said = text_of(drafts)
    assert "Good draft" in str([link.proto.label for link in drafts.get("page_link")])  # type: ignore[attr-defined]
    assert f"It cannot be opened: {GONE}" in said
    assert "the draft holds no entries of a protocol" in said
    opened = show(filled_app, "pages/reader_study/new_study.py", draft=lost.id)
    assert f"This draft cannot be opened: {GONE[:1].upper()}{GONE[1:]}" in text_of(opened)
    filled_app.query_params.clear()
    studies = text_of(show(filled_app, "pages/reader_study/studies.py"))
    assert "Seven cases" in studies
    assert f"Its protocol cannot be read: {GONE}" in studies
    assert "Its protocol cannot be read: the protocol lacks" in studies
    for page, there in (
        ("pages/dataset/overview.py", "Reader studies"),
        ("pages/dataset/records.py", "Browse, filter and download"),
        ("pages/verification/histology.py", "What the pathologist found"),
        ("pages/classifier/training.py", "Training"),
    ):
        shown = show(filled_app, page)
        assert there in text_of(shown), page
        assert not [e.value for e in shown.error], page
        if "training" not in page:
            assert f"The classes of Other are not known: {GONE}" in text_of(shown, "warning")
    counted = show(filled_app, "pages/dataset/statistics.py", dataset_id=DATASET)
    assert not counted.error
    assert "42 images" in text_of(counted)


def test_a_draft_that_cannot_be_read_is_deleted_and_comes_back(filled_app: AppTest, app_workspace: Workspace) -> None:
    fill_records(app_workspace)
    lost = break_all(app_workspace, filled_app)
    account = account_of(app_workspace, str(filled_app.session_state[keys.SESSION_TOKEN]))
    assert account is not None
    assert (lost.name, lost.broken.partition(":")[0]) == ("Lost draft", GONE)
    study_drafts.delete_draft(app_workspace, account, lost.id)
    assert lost.id not in [draft.id for draft in study_drafts.list_drafts(app_workspace)]
    study_drafts.restore_draft(app_workspace, account, lost.id)
    add_taxonomy(app_workspace.home, taxonomy_yaml(HAM7).replace("ham7", "local7"), file="local7.yaml")
    again = study_drafts.get_draft(app_workspace, lost.id)
    assert (again.broken, again.entries["taxonomy"], again.is_open) == ("", "local7", True)


def test_of_classes_that_nobody_knows_no_missing_result_passes_as_complete(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    fill_records(app_workspace)
    break_all(app_workspace, filled_app)
    fields = {
        key: {f.field.name: f for block in found.blocks for f in block.fields}["histopathology_result"].not_expected
        for key, found in completeness_of_datasets(app_workspace, RecordFilter()).datasets.items()
    }
    assert fields["other"] == 0 < fields[DATASET]
