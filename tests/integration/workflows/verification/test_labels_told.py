"""What the ladder tells others: agreement of its reviewers, how the labels came about, and files without names."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ladder_workspace import DATASET, add_curator, add_people, answer_next, fill_unannotated, make_account
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.reviewed_workspace import fill_reviewed

from dermdash.analyses.label_agreement.run import label_agreement
from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.records.record_filter import RecordFilter
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account, Role
from dermdash.workflows.verification.annotated_records import annotated_records
from dermdash.workflows.verification.assign_reviews import assign_work
from dermdash.workflows.verification.board import formulate
from dermdash.workflows.verification.label_export import export_labels
from dermdash.workflows.verification.label_facts import label_facts, methods_paragraphs


@pytest.fixture
def told(made_once: MadeOnce, tmp_path: Path) -> Iterator[tuple[Workspace, Account, list[str]]]:
    """The records of `fill_reviewed`, and their curator."""
    workspace, record_ids = made_once.open_copy(fill_reviewed, tmp_path / "workspace")
    yield workspace, make_account("cora", Role.CURATOR), record_ids
    let_go(workspace)


def test_the_answers_of_the_ladder_are_what_agreement_is_measured_on(
    told: tuple[Workspace, Account, list[str]],
) -> None:
    workspace, cora, _ = told
    annotated = annotated_records(workspace, cora, DATASET)
    found = label_agreement(annotated, replicates=0)
    assert (found.overall.records, found.overall.answers, found.overall.reviewers) == (2, 6, 3)
    assert {r.reviewer for r in found.reviewers} == {"ada", "ben", "cem", "dora"}
    assert annotated.names["ada"] == "Ada"
    assert annotated.answers["consensus"].notna().sum() > 0


def test_marked_regions_of_two_reviewers_are_compared(told: tuple[Workspace, Account, list[str]]) -> None:
    workspace, cora, _ = told
    overlaps = annotated_records(workspace, cora, DATASET).overlaps
    both = overlaps[overlaps["iou"] > 0]
    assert both["iou"].tolist() == pytest.approx([4 / 9, 4 / 9], abs=0.02)
    assert len(overlaps) == 6, "a pair of whom one marked nothing counts, with 0"


def test_labels_are_counted_and_worded_as_they_came_about(told: tuple[Workspace, Account, list[str]]) -> None:
    workspace, cora, _ = told
    facts = label_facts(workspace, cora, DATASET)
    assert facts.by_stage == {1: 1, 2: 1}
    assert (facts.unlabelled, facts.direct, facts.board, facts.reviews, facts.reviewed) == (1, 1, 0, 6, {3: 1})
    assert (facts.reviewers, facts.experienced) == (4, 1)
    text = " ".join(methods_paragraphs(facts))
    assert "6 independent reviews, blind to one another and to the initial annotation and a classifier" in text
    assert "1 record had no label yet" in text
    assert "1 record to stage 2 (consensus)" in text
    assert "3 reviewers answered independently" in text


def test_a_board_decision_is_told_as_one(told: tuple[Workspace, Account, list[str]]) -> None:
    workspace, cora, record_ids = told
    waiting = next(
        record_id
        for record_id in record_ids
        if record_id
        not in set(annotated_records(workspace, cora, DATASET).answers.dropna(subset="consensus")["record"])
        and record_id in set(annotated_records(workspace, cora, DATASET).answers["record"])
    )
    formulate(workspace, cora, waiting, dx="mel", participants=["ben", "cem"], reason="the network is atypical")
    facts = label_facts(workspace, cora, DATASET)
    assert (facts.direct, facts.board) == (1, 1)
    assert facts.malignant_without_histology == 1
    assert "1 from the board" in methods_paragraphs(facts)[0]


def test_an_export_holds_every_decision_and_no_name(told: tuple[Workspace, Account, list[str]]) -> None:
    workspace, cora, _ = told
    export = export_labels(workspace, cora, DATASET)
    assert export.withheld == 0
    rows = list(csv.DictReader(io.StringIO(export.files["decisions.csv"].decode("utf-8-sig"))))
    assert len(rows) == 8
    assert {row["person"] for row in rows} == {"person 1", "person 2", "person 3", "person 4"}
    with zipfile.ZipFile(io.BytesIO(export.archive())) as archive:
        assert set(archive.namelist()) == set(export.files)
        for name in archive.namelist():
            text = archive.read(name).decode()
            assert not re.search(r"\b(ada|cem|dora|ben)\b", text.replace("said ben", ""), re.IGNORECASE), name
    assert "no more than that is de-identified" in export.files["methods.txt"].decode()


def test_who_has_yet_to_answer_exports_nothing_of_what_others_said(duckdb_workspace: Workspace) -> None:
    workspace = duckdb_workspace
    fill_unannotated(workspace, 1)
    cora = add_curator(workspace)
    ada, ben, *_ = add_people(workspace, "ada", "ben", "cem", "dora")
    assign_work(workspace, cora)
    answer_next(workspace, ada, "nv")
    answer_next(workspace, ben, "mel")
    both = Account("cem", "Cem", frozenset({*ada.roles, *cora.roles}), ada.expertise)
    export = export_labels(workspace, both, DATASET)
    assert export.withheld == 1
    assert len(export.files["decisions.csv"].decode().splitlines()) == 1


def test_reviewers_and_unknown_data_sets_are_refused(told: tuple[Workspace, Account, list[str]]) -> None:
    workspace, cora, _ = told
    (eve,) = add_people(workspace, "eve")
    for act in (annotated_records, label_facts, export_labels):
        with pytest.raises(AccessDenied):
            act(workspace, eve, DATASET)
        with pytest.raises(NotFound, match="nowhere"):
            act(workspace, cora, "nowhere")


AGREED = RecordFilter(agreement=("all",))


def test_agreement_and_facts_are_of_the_records_that_are_chosen(told: tuple[Workspace, Account, list[str]]) -> None:
    workspace, cora, _ = told
    annotated = annotated_records(workspace, cora, DATASET, AGREED)
    (record_id,) = set(annotated.answers["record"])
    assert set(annotated.overlaps["record"]) == {record_id}
    # Of the other record an initial annotation and three reviews are left out.
    assert annotated.excluded == {"of a record that the filter leaves out": 4}
    facts = label_facts(workspace, cora, DATASET, AGREED)
    assert (facts.records, facts.left_out, facts.reviews, facts.direct) == (1, 2, 3, 1)
    paragraph = methods_paragraphs(facts)[0]
    assert "holds 3 records. Only those with the following are told of here: Agreement: All agreed." in paragraph
    assert "That is 1 record; 2 others are left out. They were chosen by what came of the reviews" in paragraph
    assert label_facts(workspace, cora, DATASET).only == ""


def test_an_export_of_chosen_records_holds_nothing_of_the_others(told: tuple[Workspace, Account, list[str]]) -> None:
    workspace, cora, record_ids = told
    export = export_labels(workspace, cora, DATASET, AGREED)
    (kept,) = set(annotated_records(workspace, cora, DATASET, AGREED).answers["record"])
    for data in export.files.values():
        assert not [i for i in record_ids if i != kept and i in data.decode()]
    assert export.left_out["records"] == 2
    assert export.left_out["decisions"] == 4
    whole = export_labels(workspace, cora, DATASET)
    lines = [len(e.files["change_log.csv"].splitlines()) for e in (whole, export)]
    assert export.left_out["log_entries"] == lines[0] - lines[1] > 0
    assert set(whole.left_out.values()) == {0}
    people = [
        {row["person"] for row in csv.DictReader(io.StringIO(e.files["decisions.csv"].decode()))}
        for e in (whole, export)
    ]
    # Somebody is called alike in both files.
    assert people[1] <= people[0]


def test_the_data_set_is_not_chosen_twice(told: tuple[Workspace, Account, list[str]]) -> None:
    workspace, cora, _ = told
    for act in (annotated_records, label_facts, export_labels):
        with pytest.raises(InvalidInput, match="leave dataset_id out"):
            act(workspace, cora, DATASET, RecordFilter(dataset_id=("other",)))
