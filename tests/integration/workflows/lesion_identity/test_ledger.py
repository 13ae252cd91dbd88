"""The ledger of lesion identity: entered, exported, taken in again, compared, and taken back as one."""

from pathlib import Path

import pytest
from tests.confirmed_pairs import confirm
from tests.factories import make_image, make_record
from tests.signed_in import account_with

from dermdash.dataset.identity_ledger import write_ledger_csv, write_ledger_json
from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.storage import change_log, findings, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR, Role
from dermdash.workflows.dataset.identity_groups import ONE_LESION, identity_groups
from dermdash.workflows.dataset.private_export import Privacy
from dermdash.workflows.lesion_identity import ledger, ledger_files, review_findings
from dermdash.workflows.lesion_identity.lesion_groups import lesion_groups
from dermdash.workflows.workspace.check_workspace import check_workspace

HEAD = "image_id_1,image_id_2,decision\n"


def fill(workspace: Workspace, dataset: str = "ds", count: int = 6, **changes: object) -> list[str]:
    """Records I0 to I5 of lesions and files of their own; return their ids."""
    records.save_dataset(workspace.engine, values={"id": dataset, "name": dataset, "taxonomy": "ham7"})
    hashes = [f"{dataset}{i}".ljust(64, "0") for i in range(count)]
    rows = [
        make_record(f"I{i}", dataset, lesion_id=f"L{i}", image_sha256=sha256, **changes)
        for i, sha256 in enumerate(hashes)
    ]
    records.save_batch(workspace.engine, images=[make_image(sha256) for sha256 in hashes], records=rows)
    return [str(row["id"]) for row in rows]


def written(tmp_path: Path, text: str, name: str = "ledger.csv") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_a_pair_entered_by_hand_merges_and_is_in_the_log_and_in_the_ledger(workspace: Workspace) -> None:
    ids = fill(workspace)
    ledger.enter_pair(workspace, OPERATOR, [ids[1], ids[0]], "same_lesion", note="one patient told us")
    assert findings.confirmed_pairs(workspace.engine) == [(ids[0], ids[1])]
    (entry,) = ledger.ledger_entries(workspace)
    assert (entry.records, entry.note, entry.evidence, entry.source) == (
        (ids[0], ids[1]),
        "one patient told us",
        "",
        "",
    )
    assert entry.merges
    logged = [e for e in change_log.entries(workspace.engine) if e.act == "finding_decision"]
    assert {e.record_id for e in logged} == {ids[0], ids[1]}
    assert {e.reason for e in logged} == {"one patient told us"}
    assert not [fault.text for fault in check_workspace(workspace).faults if "identity" in fault.text]


def test_what_cannot_be_a_pair_is_refused(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace)
    reader = account_with(duckdb_workspace, Role.STATISTICIAN, name="Stat")
    with pytest.raises(AccessDenied):
        ledger.enter_pair(duckdb_workspace, reader, ids[:2], "same_lesion")
    with pytest.raises(InvalidInput, match="no decision"):
        ledger.enter_pair(duckdb_workspace, OPERATOR, ids[:2], "perhaps")
    with pytest.raises(InvalidInput, match="two different records"):
        ledger.enter_pair(duckdb_workspace, OPERATOR, [ids[0], ids[0]], "different")
    with pytest.raises(NotFound, match="'ds:nothing'"):
        ledger.enter_pair(duckdb_workspace, OPERATOR, [ids[0], "ds:nothing"], "different")
    records.save_dataset(
        duckdb_workspace.engine, values={"id": "drawn", "name": "Drawn", "taxonomy": "ham7", "simulated": True}
    )
    sha256 = "e" * 64
    records.save_batch(
        duckdb_workspace.engine, images=[make_image(sha256)], records=[make_record("D", "drawn", image_sha256=sha256)]
    )
    with pytest.raises(InvalidInput, match="drawn image"):
        ledger.enter_pair(duckdb_workspace, OPERATOR, [ids[0], "drawn:D"], "same_lesion")
    assert ledger.ledger_history(duckdb_workspace) == []


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_ledger_goes_to_another_workspace_and_back_and_says_the_same(
    duckdb_workspace: Workspace, tmp_path: Path, form: str
) -> None:
    ids = fill(duckdb_workspace)
    confirm(duckdb_workspace, ids[0], ids[1])
    ledger.enter_pair(duckdb_workspace, OPERATOR, ids[2:4], "different", note="=a note; with, signs")
    act = ledger.enter_pair(duckdb_workspace, OPERATOR, ids[4:6], "same_image")
    write = write_ledger_csv if form == "csv" else write_ledger_json
    rows = ledger.ledger_rows(duckdb_workspace, privacy=Privacy(names=True))
    assert {row.person[:2] for row in rows} == {"E-"}
    assert {row.person for row in ledger.ledger_rows(duckdb_workspace)} == {"admin", "operator"}
    assert rows[0].evidence.startswith("measured: score 0.90")
    file = tmp_path / f"ledger.{form}"
    file.write_bytes(write(rows))
    # Taken in where all of it is known: nothing changes, however often.
    assert ledger_files.import_ledger(duckdb_workspace, OPERATOR, file).decided == 0
    ledger.undo_act(duckdb_workspace, OPERATOR, act)
    again = ledger_files.import_ledger(duckdb_workspace, OPERATOR, file, source="From ourselves")
    assert (again.decided, again.plan.same, again.plan.disagreements) == (1, 2, ())
    assert ledger_files.import_ledger(duckdb_workspace, OPERATOR, file).act_id is None
    (entry,) = [e for e in ledger.ledger_entries(duckdb_workspace) if e.decision == "same_image"]
    assert (entry.source, entry.said_by) == ("From ourselves", rows[2].person)
    # What an earlier ledger said of person and date is handed on.
    back = ledger.ledger_rows(duckdb_workspace, privacy=Privacy(names=True))
    assert {(r.images, r.decision, r.person, r.date) for r in back} == {
        (r.images, r.decision, r.person, r.date) for r in rows
    }


def test_a_ledger_with_unknown_images_takes_in_the_rest_and_lists_them(
    duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    fill(duckdb_workspace)
    file = written(tmp_path, HEAD + "I0,I1,same_lesion\nI2.jpg,nowhere,same image\nI3,I4,different\n")
    found = ledger_files.import_ledger(duckdb_workspace, OPERATOR, file)
    assert (found.decided, found.plan.unknown) == (2, ("nowhere",))
    with pytest.raises(NotFound, match="another data set"):
        ledger_files.import_ledger(duckdb_workspace, OPERATOR, written(tmp_path, HEAD + "x,y,different\n"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "I0,I1,same_lesion\nI2,I3,perhaps\n", "row 3: 'perhaps' is no decision"),
        (HEAD + "I0,I1,same_lesion\nI1,I0,different\n", "row 3 says different of I1 and I0, row 2 same_lesion"),
        (HEAD + "I0,I0,same_lesion\n", "two different images"),
        ("image_id_1,image_id_2\nI0,I1\n", "decision missing"),
        ('{"format": "another", "decisions": []}', "another format"),
        ("", "empty"),
    ],
)
def test_a_file_that_cannot_be_used_stores_nothing_and_says_why(
    duckdb_workspace: Workspace, tmp_path: Path, text: str, said: str
) -> None:
    fill(duckdb_workspace)
    with pytest.raises(InvalidInput, match=said):
        ledger_files.import_ledger(duckdb_workspace, OPERATOR, written(tmp_path, text))
    assert ledger.ledger_history(duckdb_workspace) == []


def test_what_people_here_decided_otherwise_is_listed_and_overruled_only_when_asked(
    duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    ids = fill(duckdb_workspace)
    confirm(duckdb_workspace, ids[0], ids[1])
    confirm(duckdb_workspace, ids[4], ids[5], "different")
    file = written(tmp_path, HEAD + "I0,I1,different\nI2,I3,same_lesion\n")
    plan = ledger_files.plan_ledger(duckdb_workspace, file)
    assert plan.to_json()["disagreements"] == [{"images": ["I0", "I1"], "here": "same_lesion", "there": "different"}]
    assert (len(plan.to_decide), plan.only_here) == (1, (("I4", "I5"),))
    assert ledger_files.import_ledger(duckdb_workspace, OPERATOR, file).decided == 1
    assert (ids[0], ids[1]) in findings.confirmed_pairs(duckdb_workspace.engine)
    overruled = ledger_files.import_ledger(duckdb_workspace, OPERATOR, file, overrule=True)
    assert overruled.decided == 1
    assert overruled.act_id is not None
    assert findings.confirmed_pairs(duckdb_workspace.engine) == [(ids[2], ids[3])]
    # Taken back, what was decided before holds again.
    assert ledger.undo_act(duckdb_workspace, OPERATOR, overruled.act_id) == (1, 0)
    assert (ids[0], ids[1]) in findings.confirmed_pairs(duckdb_workspace.engine)


def test_an_act_is_undone_as_one_except_what_was_decided_anew_since(workspace: Workspace, tmp_path: Path) -> None:
    ids = fill(workspace)
    text = HEAD + "I0,I1,same_lesion\nI2,I3,same_lesion\nI4,I5,same_lesion\n"
    act = ledger_files.import_ledger(workspace, OPERATOR, written(tmp_path, text)).act_id
    assert act is not None
    ledger.enter_pair(workspace, OPERATOR, ids[2:4], "unsure")
    assert ledger.undo_act(workspace, OPERATOR, act) == (2, 1)
    assert findings.confirmed_pairs(workspace.engine) == []
    assert [e.decision for e in ledger.ledger_entries(workspace)] == ["unsure"]
    # Nothing speaks for a pair that was only entered, and taken back.
    assert [p.decision for p in review_findings.list_pairs(workspace)] == ["unsure"]
    with pytest.raises(InvalidInput, match="taken back"):
        ledger.undo_act(workspace, OPERATOR, act)
    with pytest.raises(NotFound):
        ledger.undo_act(workspace, OPERATOR, "nothing")
    assert not [fault.text for fault in check_workspace(workspace).faults if "identity" in fault.text]


def test_an_image_of_two_data_sets_needs_its_data_set(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    fill(duckdb_workspace)
    fill(duckdb_workspace, "other", count=2)
    plan = ledger_files.plan_ledger(duckdb_workspace, written(tmp_path, HEAD + "I0,I2,same_lesion\nI3,I4,unsure\n"))
    assert (len(plan.to_decide), plan.unknown) == (1, ("I0",))
    text = "image_id_1,dataset_id_1,image_id_2,dataset_id_2,decision\nI0,ds,I0,other,same_image\n"
    ledger_files.import_ledger(duckdb_workspace, OPERATOR, written(tmp_path, text))
    assert findings.confirmed_pairs(duckdb_workspace.engine) == [("ds:I0", "other:I0")]


def test_groups_show_what_contradicts_and_which_record_stands_highest(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace, dx="nv", dx_type=None, verification_stage=1, stage_claimed=True)
    sure = make_record(
        "H", "ds", lesion_id="LH", image_sha256="f" * 64, dx="mel", dx_type="histo", verification_stage=3, sex="male",
        stage_claimed=True,
    )  # fmt: skip
    records.save_batch(duckdb_workspace.engine, images=[make_image("f" * 64)], records=[sure])
    confirm(duckdb_workspace, ids[0], ids[1])
    confirm(duckdb_workspace, ids[1], "ds:H")
    confirm(duckdb_workspace, ids[3], ids[4])
    first, second = lesion_groups(duckdb_workspace)
    assert (first.image_ids, len(first.lesions)) == (("H", "I0", "I1"), 3)
    (diagnosis,) = [c for c in first.conflicts if c.kind == "dx"]
    assert diagnosis.stands_higher == "ds:H"
    assert "Melanoma (H)" in diagnosis.text
    assert (second.image_ids, second.conflicts) == (("I3", "I4"), ())
    # A is B and B is H, but somebody said that A is not H: shown, and still kept together.
    confirm(duckdb_workspace, ids[0], "ds:H", "different")
    first, _ = lesion_groups(duckdb_workspace)
    assert first.conflicts[0].kind == "different"
    numbers = identity_groups(duckdb_workspace, ONE_LESION).of(["ds:H", ids[0]])
    assert numbers[0] == numbers[1]


def test_what_was_decided_last_about_a_pair_counts_whatever_kind_of_finding_it_stands_in(workspace: Workspace) -> None:
    ids = fill(workspace)
    row = {
        "records": ids[:2], "score": 0.97, "threshold": 0.9, "verdict": "near_duplicate", "details": {},
        "method_version": "1", "model_id": None,
    }  # fmt: skip
    findings.save_findings(workspace.engine, "near_duplicate", [row], searched={})
    key = findings.finding_id("near_duplicate", ids[:2])
    findings.add_decision(workspace.engine, finding_id=key, decision="same_image", account_id="admin")
    # It merges, so it stands in the ledger.
    assert findings.confirmed_pairs(workspace.engine) == [(ids[0], ids[1])]
    assert [e.decision for e in ledger.ledger_entries(workspace)] == ["same_image"]
    assert [group.image_ids for group in lesion_groups(workspace)] == [("I0", "I1")]
    act = ledger.enter_pair(workspace, OPERATOR, ids[:2], "different")
    assert findings.confirmed_pairs(workspace.engine) == []
    assert [(e.decision, e.holds) for e in ledger.ledger_history(workspace)] == [
        ("same_image", False), ("different", True),
    ]  # fmt: skip
    assert findings.latest_decisions(workspace.engine)[key]["decision"] == "different"
    assert ledger.undo_act(workspace, OPERATOR, act) == (1, 0)
    assert findings.confirmed_pairs(workspace.engine) == [(ids[0], ids[1])]


def test_two_results_of_one_height_that_agree_stand_above_the_rest(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace, dx="mel", dx_type="histo", verification_stage=3, stage_claimed=True, count=2)
    weak = make_record("W", "ds", lesion_id="LW", image_sha256="f" * 64, dx="nv", verification_stage=2)
    records.save_batch(duckdb_workspace.engine, images=[make_image("f" * 64)], records=[weak])
    confirm(duckdb_workspace, ids[0], ids[1])
    confirm(duckdb_workspace, ids[1], "ds:W")
    (group,) = lesion_groups(duckdb_workspace)
    assert {c.kind: c.stands_higher for c in group.conflicts}["dx"] == ids[0]


def test_a_pair_that_is_entered_twice_is_one_act(duckdb_workspace: Workspace) -> None:
    ids = fill(duckdb_workspace)
    assert ledger.enter_pair(duckdb_workspace, OPERATOR, ids[:2], "same_lesion", note="seen") is not None
    assert ledger.enter_pair(duckdb_workspace, OPERATOR, ids[1::-1], "same_lesion", note="seen") is None
    assert len(ledger.ledger_history(duckdb_workspace)) == 1
    assert ledger.enter_pair(duckdb_workspace, OPERATOR, ids[:2], "same_lesion", note="and asked") is not None


def test_what_somebody_decides_between_plan_and_act_is_not_overruled(
    duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    ids = fill(duckdb_workspace)
    plan = ledger_files.plan_ledger(duckdb_workspace, written(tmp_path, HEAD + "I0,I1,same_lesion\nI2,I3,unsure\n"))
    ledger.enter_pair(duckdb_workspace, OPERATOR, ids[:2], "different")
    done = ledger_files.carry_out(duckdb_workspace, OPERATOR, plan, kind="ledger", detail={}, overrule=False)
    assert done.decided == 1
    assert {e.decision for e in ledger.ledger_entries(duckdb_workspace)} == {"different", "unsure"}


def test_a_ledger_does_not_merge_a_photograph_with_a_drawn_image(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    fill(duckdb_workspace)
    records.save_dataset(
        duckdb_workspace.engine, values={"id": "drawn", "name": "Drawn", "taxonomy": "ham7", "simulated": True}
    )
    row = make_record("D", "drawn", image_sha256="e" * 64)
    records.save_batch(duckdb_workspace.engine, images=[make_image("e" * 64)], records=[row])
    file = written(tmp_path, HEAD + "I2,I3,same_lesion\nI0,D,same_lesion\n")
    with pytest.raises(InvalidInput, match="I0 and D are a photograph and a drawn image"):
        ledger_files.import_ledger(duckdb_workspace, OPERATOR, file)
    assert ledger.ledger_history(duckdb_workspace) == []


def test_a_decision_that_is_taken_back_about_one_finding_of_a_pair_leaves_what_holds_for_another(
    duckdb_workspace: Workspace,
) -> None:
    ids = fill(duckdb_workspace)
    row = {
        "records": ids[:2], "score": 0.97, "threshold": 0.9, "verdict": "near_duplicate", "details": {},
        "method_version": "1", "model_id": None,
    }  # fmt: skip
    findings.save_findings(duckdb_workspace.engine, "near_duplicate", [row], searched={})
    key = findings.finding_id("near_duplicate", ids[:2])
    findings.add_decision(duckdb_workspace.engine, finding_id=key, decision="same_image", account_id="admin")
    other = confirm(duckdb_workspace, ids[0], ids[1], "different")
    assert findings.confirmed_pairs(duckdb_workspace.engine) == []
    findings.add_decision(duckdb_workspace.engine, finding_id=other, decision="open", account_id="admin", undone=True)
    assert findings.confirmed_pairs(duckdb_workspace.engine) == [(ids[0], ids[1])]
    assert [e.decision for e in ledger.ledger_entries(duckdb_workspace)] == ["same_image"]
