"""Histology: entered or imported, all rows or none, never lowering anything in silence."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.confirmed_pairs import confirm
from tests.conftest import OpenFilled
from tests.factories import make_image, make_record
from tests.ladder_workspace import (
    DATASET,
    add_curator,
    add_people,
    answer,
    answer_next,
    fill_unannotated,
    make_account,
    record_of,
)

from dermdash.errors import AccessDenied, InvalidInput, MissingColumns, NotFound
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import act_transaction, annotation_rows, decisions, records, tasks
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account, Role
from dermdash.workflows.verification import change_log as log
from dermdash.workflows.verification.assign_reviews import assign_work
from dermdash.workflows.verification.histology import (
    enter_histology,
    histology_of_twins,
    list_contradictions,
    list_outstanding,
)
from dermdash.workflows.verification.import_histology import import_histology
from dermdash.workflows.verification.label_provenance import label_provenance
from dermdash.workflows.verification.reopen import correct_field, reopen


def with_consensus(workspace: Workspace, dx: str = "mel") -> tuple[str, Account]:
    (record_id,) = fill_unannotated(workspace, 1, verification_stage=1, dx="nv")
    cora = add_curator(workspace)
    people = add_people(workspace, "a", "b", "c")
    assign_work(workspace, cora, claimed=True)
    for person in people:
        answer_next(workspace, person, dx)
    return record_id, cora


def test_histology_that_confirms_raises_the_record_to_the_highest_stage(workspace: Workspace) -> None:
    record_id, cora = with_consensus(workspace)
    day = date(2026, 2, 3)
    assert enter_histology(
        workspace, cora, record_id, dx="mel", text="Breslow 0.4", report_number="H 12", report_date=day
    ) is None  # fmt: skip
    row = record_of(workspace, record_id)
    assert (row["dx"], row["dx_type"], row["verification_stage"]) == ("mel", "histo", 3)
    assert (row["histopathology_result"], row["stage_claimed"]) == ("mel", False)
    (stored,) = decisions.histology_of(workspace.engine, record_id)
    assert (stored["report_number"], stored["report_date"], stored["text"]) == ("H 12", day, "Breslow 0.4")
    with pytest.raises(InvalidInput, match=r"has its histology already \(mel, report H 12\)"):
        enter_histology(workspace, cora, record_id, dx="nv")
    with pytest.raises(InvalidInput, match="does not change: reopen it first"):
        correct_field(workspace, cora, record_id, "sex", "male", reason="typing error")
    assert log.verify_log(workspace).whole


def test_a_contradiction_takes_the_pathologists_class_and_becomes_a_finding(workspace: Workspace) -> None:
    record_id, cora = with_consensus(workspace)
    found = enter_histology(workspace, cora, record_id, dx="nv", report_number="H 13")
    assert found is not None
    assert (found.consensus, found.histology) == ("mel", "nv")
    row = record_of(workspace, record_id)
    assert (row["dx"], row["verification_stage"]) == ("nv", 3)
    (finding,) = list_contradictions(workspace, cora)
    assert finding["records"] == [record_id]
    assert finding["details"] == {"consensus": "mel", "histology": "nv", "cycle": 1, "report": "H 13"}
    assert finding["decision"] is None


def test_labels_before_are_in_the_order_of_the_acts_also_when_the_clock_was_set_back(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id, cora = with_consensus(duckdb_workspace)
    early = datetime.now(UTC) - timedelta(days=400)
    monkeypatch.setattr(act_transaction, "now", lambda: early)
    enter_histology(duckdb_workspace, cora, record_id, dx="nv")
    reopen(duckdb_workspace, cora, record_id, reason="wrong block", to_stage=VerificationStage.INITIAL_ANNOTATION)
    found = label_provenance(duckdb_workspace, cora, record_id)
    assert [row["act"] for row in found.earlier] == ["histology", "consensus"]
    assert log.verify_log(duckdb_workspace).whole


def test_histology_in_the_middle_of_the_review_ends_it_and_a_late_answer_is_refused_and_kept(
    workspace: Workspace,
) -> None:
    (record_id,) = fill_unannotated(workspace, 1, verification_stage=1, dx="nv")
    cora = add_curator(workspace)
    ada, ben, _ = add_people(workspace, "a", "b", "c")
    assign_work(workspace, cora, claimed=True)
    late = next(t for t in tasks.open_tasks(workspace.engine, ben.id))
    answer_next(workspace, ada, "mel")
    assert enter_histology(workspace, cora, record_id, dx="bcc") is None  # nothing was agreed yet
    receipt = answer(workspace, ben, late["id"], "mel")
    (reason,) = receipt.refused.values()
    assert "histology has settled the record" in reason
    assert annotation_rows.refused_of(workspace.engine, ben.id)[0]["content"]["dx"] == "mel"
    assert not tasks.open_tasks(workspace.engine)


def test_what_cannot_be_is_refused(workspace: Workspace) -> None:
    record_id, cora = with_consensus(workspace)
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    for wrong in ({"dx": "scar"}, {"dx": "mel", "report_date": tomorrow}):
        with pytest.raises(InvalidInput):
            enter_histology(workspace, cora, record_id, **wrong)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        enter_histology(workspace, cora, "ladder:none", dx="mel")
    with pytest.raises(AccessDenied):
        enter_histology(workspace, make_account("ada"), record_id, dx="mel")
    assert record_of(workspace, record_id)["verification_stage"] == 2


def fill_lesions(workspace: Workspace) -> None:
    """Lesion A with two images, B and C with one, and an image of A's name in another data set."""
    for name in (DATASET, "other"):
        records.save_dataset(
            workspace.engine,
            values={"id": name, "name": name, "taxonomy": "ham7", "source": "", "licence": "", "simulated": False},
        )
    places = [
        ("A1", "A", DATASET),
        ("A2", "A", DATASET),
        ("B1", "B", DATASET),
        ("C1", "C", DATASET),
        ("A1", "A", "other"),
    ]
    rows = [
        make_record(image, dataset, lesion_id=lesion, image_sha256=f"{i:064x}", dx="mel", verification_stage=1)
        for i, (image, lesion, dataset) in enumerate(places)
    ]
    images = [make_image(row["image_sha256"]) for row in rows]
    records.save_batch(workspace.engine, images=images, records=rows)
    add_curator(workspace)


@pytest.fixture
def lesions(open_filled: OpenFilled) -> Workspace:
    return open_filled(fill_lesions)[0]


CORA = make_account("cora", Role.CURATOR)


def test_a_table_is_read_by_record_image_lesion_and_report_number(lesions: Workspace) -> None:
    table = (
        b"Image;Lesion_ID;Diagnosis;Case_Number;Date;Ward\n"
        b";A;Melanoma;H1;03.02.2026;x\n"
        b"B1.jpg;;naevus;H2;2026-02-04;y\n"
    )
    done = import_histology(lesions, CORA, table, dataset_id=DATASET)
    assert done.problems == ()
    assert (done.rows, done.stored, done.complete) == (2, 3, True)
    assert any("ward" in note for note in done.notes)
    for image, dx in (("A1", "mel"), ("A2", "mel"), ("B1", "nv")):
        row = record_of(lesions, f"{DATASET}:{image}")
        assert (row["dx"], row["verification_stage"], row["histopathology_result"]) == (dx, 3, dx)
    assert record_of(lesions, "other:A1")["verification_stage"] == 1
    again = import_histology(lesions, CORA, table, dataset_id=DATASET)
    assert (again.stored, again.already_present, again.problems) == (0, 3, ())
    reopen(lesions, CORA, f"{DATASET}:B1", reason="wrong block")
    by_report = import_histology(lesions, CORA, b"report_number,dx\nH2,bcc\n", dataset_id=DATASET)
    assert (by_report.stored, by_report.problems) == (1, ())
    assert record_of(lesions, f"{DATASET}:B1")["dx"] == "bcc"
    assert log.verify_log(lesions).whole


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("ladder:Z9,,,mel,", "no record 'ladder:Z9'"),
        (",Z9,,mel,", "no image 'Z9'"),
        (",,Z,mel,", "no lesion 'Z'"),
        (",A1,,mel,", "is in ladder and other: name the data set"),
        ("ladder:A1,,B,mel,", "do not belong together"),
        (",B1,,scar,", "'scar' is no class of the data set"),
        (",B1,,,", "has no result"),
        (",,,mel,", "names no record"),
        (",B1,,mel,03/04/2026", "none that can be read"),
        (",B1,,mel,2126-01-01", "lies ahead"),
        (",B1,,mel,2026-01-01b", "none that can be read"),
    ],
)
def test_a_row_that_cannot_be_used_is_listed_and_nothing_is_half_imported(
    lesions: Workspace, row: str, said: str
) -> None:
    table = f"record_id,image_id,lesion_id,histopathology_result,report_date\nladder:C1,,,bcc,\n{row}\n".encode()
    done = import_histology(lesions, CORA, table)
    assert not done.complete
    assert done.stored == 0
    (problem,) = done.problems
    assert problem.row == 3
    assert said in problem.reason
    assert record_of(lesions, "ladder:C1")["verification_stage"] == 1
    partly = import_histology(lesions, CORA, table, leave_out=True)
    assert (partly.stored, len(partly.problems), partly.complete) == (1, 1, True)
    assert record_of(lesions, "ladder:C1")["dx"] == "bcc"


def test_two_results_for_one_lesion_are_listed_both_and_neither_is_stored(lesions: Workspace) -> None:
    table = b"image_id,dx\nA1,mel\nA2,nv\nB1,bcc\n"
    done = import_histology(lesions, CORA, table, dataset_id=DATASET, leave_out=True)
    assert [p.row for p in done.problems] == [2, 3]
    assert all("the lesion A has two results (mel and nv) in rows 2 and 3" in p.reason for p in done.problems)
    assert done.stored == 1
    assert record_of(lesions, f"{DATASET}:A1")["verification_stage"] == 1
    # The same result twice is no contradiction.
    fine = import_histology(lesions, CORA, b"image_id,dx\nA1,mel\nA2,mel\nA1,mel\n", dataset_id=DATASET)
    assert (fine.stored, fine.problems) == (2, ())
    # Another one than the lesion has already is.
    records.save_batch(
        lesions.engine,
        images=[make_image("e" * 64)],
        records=[make_record("A3", DATASET, lesion_id="A", image_sha256="e" * 64, verification_stage=1)],
    )
    other = import_histology(lesions, CORA, b"image_id,dx\nA3,nv\n", dataset_id=DATASET)
    assert "another image of the lesion A has the result mel already" in other.problems[0].reason


def test_two_results_for_two_ids_that_people_made_one_lesion_are_listed_too(lesions: Workspace) -> None:
    confirm(lesions, f"{DATASET}:A1", f"{DATASET}:B1")
    done = import_histology(lesions, CORA, b"image_id,dx\nA1,mel\nB1,nv\n", dataset_id=DATASET, leave_out=True)
    assert done.stored == 0
    assert all("the lesion with the ids A and B has two results" in p.reason for p in done.problems)
    assert import_histology(lesions, CORA, b"image_id,dx\nA1,mel\n", dataset_id=DATASET).stored == 1
    other = import_histology(lesions, CORA, b"image_id,dx\nB1,nv\n", dataset_id=DATASET)
    assert "has the result mel already" in other.problems[0].reason


def test_a_single_result_looks_at_the_other_images_of_the_lesion(lesions: Workspace) -> None:
    cora, first, second = CORA, f"{DATASET}:B1", f"{DATASET}:C1"
    assert histology_of_twins(lesions, cora, first) == []
    confirm(lesions, first, second)
    (twin,) = histology_of_twins(lesions, cora, first)
    assert (twin.record_id, twin.dx) == (second, None)
    enter_histology(lesions, cora, second, dx="mel", report_number="H 1")
    (twin,) = histology_of_twins(lesions, cora, first)
    assert (twin.dx, twin.report_number) == ("mel", "H 1")
    with pytest.raises(InvalidInput, match=r"shows the same lesion and has another result \(mel, report H 1\)"):
        enter_histology(lesions, cora, first, dx="nv")
    assert decisions.histology_of(lesions.engine, first) == []
    enter_histology(lesions, cora, first, dx="mel")
    reopen(lesions, cora, second, reason="another report")
    enter_histology(lesions, cora, second, dx="mel")


def test_a_second_report_of_the_same_result_is_listed_and_not_lost(lesions: Workspace) -> None:
    head = b"image_id,lesion_id,dx,report_number,date\n"
    rows = b"A1,,mel,H1,2026-02-03 00:00:00\nA1,,mel,H1,2026-02-03\n,A,mel,H2,2026-02-03\n"
    done = import_histology(lesions, CORA, head + rows, dataset_id=DATASET, leave_out=True)
    (problem,) = done.problems
    assert (problem.row, done.stored) == (4, 1)
    assert "row 2 gives A1 the same result with another report" in problem.reason
    assert record_of(lesions, f"{DATASET}:A2")["verification_stage"] == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": "x" * 4001}, "text of the report is too long"),
        ({"report_number": "9" * 101}, "number of the report is too long"),
        ({"text": "zero \x00 byte"}, "cannot be shown"),
        ({"report_number": "cut \ud83d"}, "cannot be shown"),
    ],
)
def test_nothing_of_a_report_is_cut_off_in_silence(workspace: Workspace, given: dict[str, str], said: str) -> None:
    (record_id,) = fill_unannotated(workspace, 1)
    cora = add_curator(workspace)
    with pytest.raises(InvalidInput, match=said):
        enter_histology(workspace, cora, record_id, dx="mel", **given)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="cannot be shown"):
        correct_field(workspace, cora, record_id, "sex", "male", reason="zero \x00 byte")
    assert enter_histology(workspace, cora, record_id, dx="mel", text="two\nlines\tand \u202ea turn") is None


def test_a_file_that_names_nothing_is_refused_as_a_whole(lesions: Workspace) -> None:
    for bad in (b"name,dx\nx,mel\n", b"image_id,ward\nA1,3\n"):
        with pytest.raises(MissingColumns):
            import_histology(lesions, CORA, bad)
    with pytest.raises(NotFound):
        import_histology(lesions, CORA, b"image_id,dx\nA1,mel\n", dataset_id="nowhere")
    with pytest.raises(AccessDenied):
        import_histology(lesions, make_account("ada"), b"image_id,dx\nA1,mel\n")


def test_malignant_labels_without_histology_are_listed_with_their_age(lesions: Workspace) -> None:
    from dermdash.storage import tables as t

    c = t.record.c
    with lesions.engine.begin() as connection:
        old = datetime.now(UTC) - timedelta(days=40, hours=1)
        connection.execute(t.record.update().where(c.id == f"{DATASET}:C1").values(imported_at=old))
    rows = list_outstanding(lesions, CORA)
    assert (rows[0].record_id, rows[0].days, rows[0].dx) == (f"{DATASET}:C1", 40, "mel")
    assert len(rows) == 5
    assert {row.days for row in rows[1:]} == {0}
    enter_histology(lesions, CORA, f"{DATASET}:C1", dx="mel")
    assert len(list_outstanding(lesions, CORA, DATASET)) == 3
