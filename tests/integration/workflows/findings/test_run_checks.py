"""Checks over a workspace: what they keep, what stays when they run again, and what bad input does."""

import json
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from tests.filled_workspace import DATASET, MODEL, fill_records
from tests.integration.workflows.lesion_identity.test_find_same_lesions import store
from tests.unit.dataset.lesion_pairs import paint
from tests.unit.dataset.test_near_duplicates import compressed

from dermdash.dataset.finding_kinds import KINDS
from dermdash.errors import AccessDenied, CheckStopped, InvalidInput, NotFound
from dermdash.storage import findings, tables
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR, Role
from dermdash.workflows.accounts.people import invite_person
from dermdash.workflows.dataset.private_export import Privacy
from dermdash.workflows.findings.check import CheckProgress, finding
from dermdash.workflows.findings.checks import CHECKS
from dermdash.workflows.findings.decide_findings import assign_findings, decide_findings, last_act, undo
from dermdash.workflows.findings.list_findings import GONE, ListedFinding, as_csv, as_json, ranked_findings
from dermdash.workflows.findings.run_checks import RunReport, run_checks
from dermdash.workflows.lesion_identity.find_same_lesions import find_same_lesions
from dermdash.workflows.page_tasks import TaskStopped

QUICK = [key for key, check in CHECKS.items() if not check.slow]


def run(workspace: Workspace, *checks: str, **how: Any) -> RunReport:
    return run_checks(workspace, OPERATOR, checks=checks or QUICK, processes=False, **how)


def change(workspace: Workspace, where: Any, **values: Any) -> None:
    with workspace.engine.begin() as connection:
        connection.execute(sa.update(tables.record).where(where).values(**values))


def listed(workspace: Workspace, **how: Any) -> list[ListedFinding]:
    return ranked_findings(workspace, simulated=False, **how)


def test_every_kind_has_its_check_and_every_check_its_kinds() -> None:
    assert {kind.check for kind in KINDS.values() if kind.check} == set(CHECKS)
    for kind in KINDS.values():
        assert {d.confirms for d in kind.decisions} == {True, False, None}
        assert kind.meaning.endswith(".")
        assert kind.verdicts


def test_a_decision_stays_when_a_finding_is_gone_and_comes_back(duckdb_workspace: Workspace) -> None:
    ws, c = duckdb_workspace, tables.record.c
    fill_records(ws)
    change(ws, c.dx == "mel", sex=None)
    run(ws, "field_values")
    (missing,) = [f for f in listed(ws, kinds=["missing_value"]) if f.details["field"] == "sex"]
    decide_findings(ws, [missing.id], "fault", actor=OPERATOR)
    change(ws, c.dx == "mel", sex="male")
    run(ws, "field_values")
    assert missing.id not in {f.id for f in listed(ws)}
    (gone,) = listed(ws, state=GONE)
    assert (gone.id, gone.decision, gone.gone_at is not None) == (missing.id, "fault", True)
    change(ws, c.image_id == "NV_0", sex=None)
    run(ws, "field_values")
    (back,) = [f for f in listed(ws, kinds=["missing_value"]) if f.details["field"] == "sex"]
    assert (back.id, back.decision, back.n_records) == (missing.id, "fault", 1)
    assert not listed(ws, state=GONE)


def test_what_a_field_could_not_take_is_no_field_that_others_miss(duckdb_workspace: Workspace) -> None:
    """The cell of an age of 250 is kept as it came, under the name of its column."""
    ws = duckdb_workspace
    first, *_ = fill_records(ws)
    cells = {"age_at_exam": "250", "Age": "250", "ward": "B"}
    with ws.engine.begin() as connection:
        connection.execute(sa.insert(tables.record_further).values(record_id=first, cells=cells))
    run(ws, "field_values")
    fields = {f.details["field"] for f in listed(ws, kinds=["missing_value"])}
    assert "further:ward" in fields
    assert not {name for name in fields if "age" in name.lower()}


def test_many_decisions_are_one_act_that_is_taken_back_as_one(duckdb_workspace: Workspace) -> None:
    ws = duckdb_workspace
    ids = fill_records(ws)
    other = invite_person(ws, OPERATOR, name="Other", roles=[Role.CURATOR]).account
    rows = [finding("off_topic", [i], score=0.6, verdict="unlike", details={}, version="1") for i in ids[:4]]
    findings.replace_findings(ws.engine, "off_topic", rows, replaces=lambda _: True)
    every = [f.id for f in listed(ws, kinds=["off_topic"])]
    decide_findings(ws, every[:1], "unsure", actor=OPERATOR)
    assert decide_findings(ws, every, "on_topic", actor=OPERATOR) == 4
    assert last_act(ws, OPERATOR.id) == 4
    decide_findings(ws, [every[3]], "off_topic", actor=other)
    assert undo(ws, actor=OPERATOR) == 3  # what somebody else said since stays
    said = {f.id: f.decision for f in listed(ws, kinds=["off_topic"])}
    assert said == {every[0]: "unsure", every[1]: None, every[2]: None, every[3]: "off_topic"}
    assert undo(ws, actor=OPERATOR) == 1
    assert undo(ws, actor=OPERATOR) == 0
    assert undo(ws, actor=other) == 1
    findings.add_decision(ws.engine, finding_id=every[0], decision="unsure", account_id=OPERATOR.id)
    assert undo(ws, actor=OPERATOR) == 0  # what they said elsewhere is not taken back with an act before it
    assign_findings(ws, every[:2], other.id, actor=OPERATOR)
    assert {f.id for f in listed(ws, assigned_to=other.id)} == set(every[:2])
    assign_findings(ws, every[:1], None, actor=OPERATOR)
    assert {f.id for f in listed(ws, assigned_to=other.id)} == {every[1]}


def test_a_decision_must_be_one_of_the_kind_and_the_finding_there(duckdb_workspace: Workspace) -> None:
    ids = fill_records(duckdb_workspace)
    rows = [finding("off_topic", [ids[0]], score=0.6, verdict="unlike", details={}, version="1")]
    findings.replace_findings(duckdb_workspace.engine, "off_topic", rows, replaces=lambda _: True)
    (one,) = listed(duckdb_workspace)
    with pytest.raises(InvalidInput, match="choose off_topic, on_topic, unsure"):
        decide_findings(duckdb_workspace, [one.id], "wrong_label", actor=OPERATOR)
    with pytest.raises(NotFound, match="reload the page"):
        decide_findings(duckdb_workspace, ["gone"], "unsure", actor=OPERATOR)
    with pytest.raises(InvalidInput, match="at least one"):
        decide_findings(duckdb_workspace, [], "unsure", actor=OPERATOR)


def test_copies_are_found_once_and_one_decision_counts_for_both_kinds_of_pair(duckdb_workspace: Workspace) -> None:
    ws, original = duckdb_workspace, paint(0)
    store(ws, "one", original)
    store(ws, "two", paint(1))
    store(ws, "mirrored", compressed(np.ascontiguousarray(original[:, ::-1])))
    report = run(ws, "near_duplicates")
    assert report.checks[0].found == {"near_duplicate": 1}
    (pair,) = ranked_findings(ws, kinds=["near_duplicate"])
    assert set(pair.image_ids) == {"one", "mirrored"}
    assert pair.verdict == "mirrored"
    assert run(ws, "near_duplicates").checks[0].found == {"near_duplicate": 0}  # compared before
    row = {"records": list(pair.records), "score": 0.9, "threshold": 0.25, "verdict": "unsure", "details": {},
           "method_version": "1", "model_id": None}  # fmt: skip
    findings.save_findings(ws.engine, "same_lesion", [row], searched={})
    decide_findings(ws, [pair.id], "same_image", actor=OPERATOR)
    assert [f.decision for f in ranked_findings(ws, kinds=["same_lesion"])] == ["same_image"]
    assert findings.confirmed_pairs(ws.engine) == [pair.records]


def test_a_lesion_on_both_sides_of_a_split_leaks_and_what_needs_something_says_what(
    duckdb_workspace: Workspace,
) -> None:
    ws, c = duckdb_workspace, tables.record.c
    fill_records(ws)
    leaks, labels = run(ws, "split_leakage").checks[0], run(ws, "label_errors").checks[0]
    assert leaks.could_not
    assert "make a split" in leaks.notes[0]
    assert labels.could_not
    assert "dermdash predict" in labels.notes[0]
    change(ws, c.image_id.like("%_0"), source_split="train")
    change(ws, c.image_id.like("%_1"), source_split="test")
    change(ws, c.image_id.in_(["NV_0", "NV_1"]), lesion_id="one lesion")
    run(ws, "split_leakage")
    (leak,) = [f for f in listed(ws, kinds=["split_leakage"]) if f.verdict == "same_lesion"]
    assert set(leak.image_ids) == {"NV_0", "NV_1"}
    assert leak.details["sides"] == {"test": 1, "train": 1}


def test_bad_input_is_said_and_leaves_nothing_half_done(duckdb_workspace: Workspace) -> None:
    ws = duckdb_workspace
    with pytest.raises(NotFound, match="no data set yet"):
        run(ws)
    fill_records(ws)
    with pytest.raises(NotFound, match="no data set"):
        run(ws, dataset_id="other")
    with pytest.raises(InvalidInput, match="no check 'all_of_it'"):
        run(ws, "all_of_it")
    with pytest.raises(InvalidInput, match="no kind of finding"):
        listed(ws, kinds=["everything"])
    change(ws, sa.true(), dx="nv", sex="male")
    report = run(ws)  # one class
    assert not any(one.problem for one in report.checks)
    assert any("fewer than two diagnoses" in note for one in report.checks for note in one.notes)
    assert listed(ws, verdicts=["nothing"]) == []
    assert json.loads(as_json(ws, [])) == []
    assert as_csv(ws, []).decode().startswith("finding_id,kind,")


def test_a_stopped_check_keeps_what_was_looked_at_and_goes_on(duckdb_workspace: Workspace) -> None:
    ws = duckdb_workspace
    fill_records(ws)

    def stop(progress: CheckProgress) -> None:
        if progress.stage == "Looking at images" and progress.done:
            raise CheckStopped("stopped")

    with pytest.raises(CheckStopped):
        run(ws, "near_duplicates", progress=stop)
    assert list((ws.home / "findings" / "looks-1").glob("*.npz"))
    seen: list[str] = []
    run(ws, "near_duplicates", progress=lambda p: seen.append(p.stage))
    assert "Looking at images" not in seen


def test_json_has_what_the_command_promises_and_files_say_who_decided(duckdb_workspace: Workspace) -> None:
    ids = fill_records(duckdb_workspace)
    rows = [finding("off_topic", [ids[0]], score=0.61, verdict="unlike", details={}, version="1")]
    findings.replace_findings(duckdb_workspace.engine, "off_topic", rows, replaces=lambda _: True)
    (one,) = listed(duckdb_workspace)
    assert list(one.to_json())[:5] == ["kind", "records", "score", "verdict", "decision"]
    assert one.datasets == (DATASET,)
    assert MODEL not in as_csv(duckdb_workspace, [one]).decode()


def test_files_without_names_name_nobody(duckdb_workspace: Workspace) -> None:
    ws, c = duckdb_workspace, tables.record.c
    fill_records(ws)
    change(ws, c.image_id.in_(["NV_0", "MEL_1"]), patient_id="Jane Doe")
    change(ws, c.image_id == "NV_0", sex="female")
    change(ws, c.image_id == "MEL_1", sex="male")
    run(ws, "contradictions")
    ada = invite_person(ws, OPERATOR, name="Dr Ada Reyes", roles=[Role.CURATOR]).account
    (both,) = listed(ws, kinds=["patient_of_both_sexes"])
    decide_findings(ws, [both.id], "unsure", actor=ada)
    assign_findings(ws, [both.id], ada.id, actor=ada)
    every = listed(ws, kinds=["patient_of_both_sexes"])
    open_files = as_csv(ws, every).decode() + as_json(ws, every).decode()
    hidden_files = as_csv(ws, every, privacy=Privacy(names=True)).decode()
    hidden_files += as_json(ws, every, privacy=Privacy(names=True)).decode()
    for name in ("Jane Doe", "Dr Ada Reyes"):
        assert name in open_files
        assert name not in hidden_files
    assert ada.id not in hidden_files


def test_an_act_about_thousands_is_stored_in_parts_and_can_be_stopped_and_taken_back(
    duckdb_workspace: Workspace,
) -> None:
    ws = duckdb_workspace
    (record, *_) = fill_records(ws)
    rows = [
        finding("off_topic", [record], score=0.6, verdict="unlike", details={}, version="1", about=f"{i}")
        for i in range(2_300)
    ]
    findings.replace_findings(ws.engine, "off_topic", rows, replaces=lambda _: True)
    every = [f.id for f in listed(ws, kinds=["off_topic"])]
    heard: list[float] = []

    def stop_at_the_third(stage: str, done: float, total: float) -> None:
        heard.append(done)
        if len(heard) == 3:
            raise TaskStopped("stopped")

    with pytest.raises(TaskStopped):
        decide_findings(ws, every, "on_topic", actor=OPERATOR, report=stop_at_the_third)
    assert last_act(ws, OPERATOR.id) == 2_000
    heard.clear()
    with pytest.raises(TaskStopped):
        undo(ws, actor=OPERATOR, report=lambda *now: stop_at_the_third(*now) if now[1] else heard.extend([0, 0]))
    assert last_act(ws, OPERATOR.id) == 1_000
    assert undo(ws, actor=OPERATOR) == 1_000
    assert not [f for f in listed(ws, kinds=["off_topic"]) if f.decision is not None]


def test_who_may_not_decide_does_nothing(duckdb_workspace: Workspace) -> None:
    reader = invite_person(duckdb_workspace, OPERATOR, name="Reader", roles=[Role.STATISTICIAN]).account
    for act in (
        lambda: decide_findings(duckdb_workspace, ["a"], "unsure", actor=reader),
        lambda: undo(duckdb_workspace, actor=reader),
        lambda: assign_findings(duckdb_workspace, ["a"], None, actor=reader),
        lambda: run_checks(duckdb_workspace, reader),
        lambda: find_same_lesions(duckdb_workspace, reader),
    ):
        with pytest.raises(AccessDenied):
            act()
    with pytest.raises(InvalidInput, match="no open account"):
        assign_findings(duckdb_workspace, ["a"], reader.id, actor=OPERATOR)
