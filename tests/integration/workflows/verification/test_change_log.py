"""The change log: whole, tied together, explaining every record; and what breaks it is found and named."""

import json
import multiprocessing
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import OpenFilled
from tests.factories import make_image, make_record
from tests.ladder_workspace import (
    DATASET,
    add_curator,
    add_people,
    answer_next,
    fill_unannotated,
    make_account,
    record_of,
)

from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.records.acts import Act
from dermdash.records.change_chain import GENESIS, entry_hash
from dermdash.records.verification_stage import VerificationStage
from dermdash.settings import Settings
from dermdash.storage import act_transaction, change_log, findings, records
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import in_one_act
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts.access import Role
from dermdash.workflows.lesion_identity import review_findings
from dermdash.workflows.verification import change_log as log
from dermdash.workflows.verification.assign_reviews import assign_work
from dermdash.workflows.verification.histology import enter_histology
from dermdash.workflows.verification.reopen import correct_field, reopen, undo


def run(workspace: Workspace, *statements: sa.Executable) -> None:
    with workspace.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def climb(workspace: Workspace) -> None:
    fill_unannotated(workspace, 2)
    people = add_people(workspace, "ada", "ben", "cem", "dora", experts=["dora"])
    assign_work(workspace, add_curator(workspace))
    answer_next(workspace, people[0], "mel", values={"elevation": "flat", "lesion_diameter_mm": 7})
    for person in people[1:]:
        answer_next(workspace, person, "mel")


@pytest.fixture
def climbed(open_filled: OpenFilled) -> Workspace:
    """A workspace in which one record went up to the consensus and another has its initial annotation."""
    return open_filled(climb)[0]


def test_an_empty_log_and_a_long_one_are_whole(workspace: Workspace) -> None:
    verdict = log.verify_log(workspace)
    assert (verdict.whole, verdict.head.entries, verdict.head.hash) == (True, 0, GENESIS)
    assert verdict.as_dict()["whole"] is True


def test_what_acts_have_done_is_whole_and_numbered_without_gaps(climbed: Workspace) -> None:
    verdict = log.verify_log(climbed)
    assert verdict.problems == ()
    numbers = [entry.sequence for entry in change_log.entries(climbed.engine)]
    assert numbers == list(range(1, verdict.head.entries + 1))
    assert verdict.records == 2


@pytest.mark.parametrize(
    ("change", "first", "said"),
    [
        (lambda c: t.change_log.update().where(c.sequence == 3).values(new='"nv"'), 3, "was changed"),
        (lambda c: t.change_log.update().where(c.sequence == 3).values(account_id="eve"), 3, "was changed"),
        (lambda c: t.change_log.delete().where(c.sequence == 3), 3, "entry 3 is missing"),
        (lambda c: t.change_log.delete().where(c.sequence == 1), 1, "entry 1 is missing"),
    ],
)
def test_a_changed_or_missing_entry_is_the_first_broken_one(
    climbed: Workspace, change: Callable[[Any], sa.Executable], first: int, said: str
) -> None:
    run(climbed, change(t.change_log.c))
    verdict = log.verify_log(climbed)
    assert not verdict.whole
    assert verdict.first_broken == first
    assert said in verdict.problems[0].lower()


def test_a_log_that_was_cut_off_or_written_anew_is_found_by_a_head_written_down(climbed: Workspace) -> None:
    head = log.current_head(climbed).as_dict()
    assert log.verify_log(climbed, head).whole
    c = t.change_log.c
    last = head["entries"]
    rows = [entry.as_dict() for entry in change_log.entries(climbed.engine)]
    run(climbed, t.change_log.delete().where(c.sequence == last))
    assert "end of the log is missing" in log.verify_log(climbed, head).problems[0]
    # Written anew with valid hashes: only the head knows.
    forged = rows[-1] | {"reason": "forged"}
    forged["hash"] = entry_hash(forged)
    values = forged | {name: json.dumps(forged[name]) for name in ("old", "new")}
    run(climbed, t.change_log.insert().values(**values))
    assert log.verify_log(climbed).first_broken is None
    assert "written anew" in log.verify_log(climbed, head).problems[0]


def test_a_head_is_signed_and_a_mistyped_one_is_told(climbed: Workspace) -> None:
    head = log.current_head(climbed).as_dict()
    assert log.current_head(climbed).as_dict() == head  # the same head has the same signature
    wrong = head | {"entries": head["entries"] - 1}
    assert "not as it was signed" in log.verify_log(climbed, wrong).problems[0]
    key = climbed.home / "keys" / "change-log.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    assert (climbed.home / "keys" / "change-log.pub").read_text().strip() == head["public_key"]
    for bad in ({}, {"entries": -1, "hash": "a" * 64}, {"entries": True, "hash": "a" * 64, "at": None}, {"entries": 1}):
        with pytest.raises(InvalidInput, match="no head of a change log"):
            log.verify_log(climbed, bad)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda: t.record.update().where(t.record.c.dx == "mel").values(dx="nv"), "dx of record ladder:R0"),
        (lambda: t.record.update().values(lesion_id="other"), "not as it came"),
        (lambda: t.record.delete().where(t.record.c.dx.is_(None)), "brought 2 records, and 1 of them"),
        (lambda: t.annotation.update().where(t.annotation.c.account_id == "ben").values(content={}), "not as it was"),
        (lambda: t.annotation.delete().where(t.annotation.c.account_id == "ben"), "in the log and not stored"),
        (lambda: t.annotation.update().where(t.annotation.c.account_id == "ben").values(dx="nv"), "not as it was"),
        (lambda: t.annotation.update().where(t.annotation.c.account_id == "ben").values(unsure=True), "not as it was"),
        (lambda: t.annotation.update().where(t.annotation.c.account_id == "ben").values(quality=1), "not as it was"),
        (lambda: t.annotation.update().where(t.annotation.c.account_id == "ben").values(account_id="eve"), "another"),
        (lambda: t.annotation.update().where(t.annotation.c.account_id == "ben").values(cycle=7), "of another person"),
        (lambda: t.consensus.update().values(dx="bcc"), "The consensus of record ladder:R0"),
        (lambda: t.consensus.update().values(participants=["eve", "ben"]), "participants is ['eve', 'ben']"),
        (lambda: t.consensus.update().values(reason="forged"), "reason is 'forged'"),
        (lambda: t.consensus.update().values(content={"dx": "nv", "values": {}, "quality": 4}), "content is"),
        (lambda: t.consensus.delete(), "is in the log and not stored"),
        (lambda: t.record.update().where(t.record.c.dx == "mel").values(stage_claimed=True), "claimed by its source"),
    ],
)
def test_what_no_entry_explains_is_named(climbed: Workspace, change: Callable[[], sa.Executable], said: str) -> None:
    run(climbed, change())
    verdict = log.verify_log(climbed)
    assert not verdict.whole
    assert verdict.first_broken is None
    assert any(said in problem for problem in verdict.problems), verdict.problems


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda: t.histology.update().values(text="benign after all"), "text is 'benign after all'"),
        (lambda: t.histology.update().values(report_number="H2"), "report_number is 'H2'"),
        (lambda: t.histology.update().values(account_id="eve"), "account_id is 'eve'"),
        (lambda: t.reopening.update().values(reason="forged"), "reason is 'forged'"),
        (lambda: t.reopening.delete(), "The reopening of record ladder:R0"),
        (
            lambda: t.record.update().where(t.record.c.verification_stage == 2).values(stage_claimed=False),
            "stage was reached here",
        ),
    ],
)
def test_changed_histology_and_reopenings_and_a_claim_made_true_are_named(
    duckdb_workspace: Workspace, change: Callable[[], sa.Executable], said: str
) -> None:
    workspace, cora = duckdb_workspace, make_account("cora", Role.CURATOR)
    first, second = fill_unannotated(workspace, 2, verification_stage=2, dx="nv", clinical_diagnosis="nv")
    enter_histology(workspace, cora, first, dx="mel", text="Breslow 0.4 mm", report_number="H1")
    reopen(workspace, cora, second, reason="another image", to_stage=VerificationStage.INITIAL_ANNOTATION)
    reopen(workspace, cora, first, reason="wrong report", to_stage=VerificationStage.INITIAL_ANNOTATION)
    (third,) = [row["id"] for row in _one_more(workspace)]
    assert record_of(workspace, third)["stage_claimed"] is True
    assert log.verify_log(workspace).problems == ()
    run(workspace, change())
    assert any(said in problem for problem in log.verify_log(workspace).problems)


def _one_more(workspace: Workspace) -> list[dict[str, Any]]:
    row = make_record("MORE", DATASET, image_sha256=f"{9:064x}", verification_stage=2, dx="nv")
    records.save_batch(workspace.engine, images=[make_image(row["image_sha256"])], records=[row])
    return [row]


@pytest.mark.parametrize("first_says", ["mel", None])
def test_a_stage_that_a_reopening_leaves_is_as_the_log_says(
    duckdb_workspace: Workspace, first_says: str | None
) -> None:
    workspace, cora = duckdb_workspace, make_account("cora", Role.CURATOR)
    (record_id,) = fill_unannotated(workspace, 1)
    (ada,) = add_people(workspace, "ada")
    assign_work(workspace, cora)
    answer_next(workspace, ada, first_says)
    for to_stage in (VerificationStage.INITIAL_ANNOTATION, None):
        reopen(workspace, cora, record_id, reason="again", to_stage=to_stage)
        assert log.verify_log(workspace).problems == ()


def test_all_that_is_wrong_is_counted_and_some_of_it_named(duckdb_workspace: Workspace) -> None:
    fill_unannotated(duckdb_workspace, 30)
    run(duckdb_workspace, t.record.update().values(import_entry=None))
    verdict = log.verify_log(duckdb_workspace)
    assert verdict.unexplained == 31  # the entry of the import misses its records, too
    assert verdict.problems[-1] == "... and 11 more of this kind."


def test_a_record_that_came_past_the_log_is_named(climbed: Workspace) -> None:
    row = make_record("STRAY", DATASET, image_sha256=f"{0:064x}", imported_at=datetime.now(UTC))
    run(climbed, t.record.insert().values(**row))
    assert log.verify_log(climbed).problems == ("No entry says how record ladder:STRAY came here.",)


def test_an_import_is_one_entry_with_a_digest_and_a_second_one_of_the_same_none(workspace: Workspace) -> None:
    records.save_dataset(
        workspace.engine,
        values={"id": "ham", "name": "H", "taxonomy": "ham7", "source": "", "licence": "", "simulated": False},
    )
    rows = [make_record(f"I{i}", lesion_diameter_mm=4, dominant_colors=["red"]) for i in range(5)]
    for _ in range(2):
        records.save_batch(workspace.engine, images=[make_image()], records=rows, account_id="cora")
    (entry,) = change_log.entries(workspace.engine)
    assert (entry.act, entry.account_id, entry.new["run"], entry.new["records"]) == (Act.IMPORT, "cora", "run", 5)
    assert log.verify_log(workspace).whole
    assert record_of(workspace, "ham:I0")["stage_claimed"] is True


def test_decisions_about_findings_write_into_the_log_and_taking_one_back_is_a_new_entry(workspace: Workspace) -> None:
    first, second = fill_unannotated(workspace, 2)
    evidence = {"score": 30.0, "threshold": 17.0, "verdict": "likely", "details": {}, "method_version": "1"}
    findings.save_findings(
        workspace.engine, "same_lesion", [evidence | {"records": [first, second], "model_id": None}], searched={}
    )
    key = findings.finding_id("same_lesion", [first, second])
    review_findings.decide(workspace, key, "same_lesion", account_id="cora", note="scar")
    assert review_findings.undo(workspace, account_id="cora") == key
    for record_id in (first, second):
        entries = list(change_log.entries(workspace.engine, record_id=record_id))
        assert [(e.act, e.old["decision"], e.new["decision"]) for e in entries] == [
            ("finding_decision", "open", "same_lesion"), ("undo", "same_lesion", "open"),
        ]  # fmt: skip
        assert entries[0].reason == "scar"
    assert log.verify_log(workspace).whole


def test_a_correction_has_a_reason_and_taking_it_back_is_a_new_entry(climbed: Workspace) -> None:
    cora = make_account("cora", Role.CURATOR)
    record_id = next(e.record_id for e in change_log.entries(climbed.engine, field="elevation"))
    assert record_id is not None
    with pytest.raises(InvalidInput, match="reason is missing"):
        correct_field(climbed, cora, record_id, "sex", "male", reason=" ")
    assert correct_field(climbed, cora, record_id, "sex", "male", reason="letter of the clinic")
    assert not correct_field(climbed, cora, record_id, "sex", "male", reason="again")
    entry = list(change_log.entries(climbed.engine))[-1]
    assert (entry.act, entry.field, entry.old, entry.new) == ("correction", "sex", "female", "male")
    undo(climbed, cora, entry.sequence, reason="wrong letter")
    assert record_of(climbed, record_id)["sex"] == "female"
    last = list(change_log.entries(climbed.engine))[-1]
    assert (last.act, last.old, last.new) == ("undo", "male", "female")
    with pytest.raises(InvalidInput, match="changed again since"):
        undo(climbed, cora, entry.sequence, reason="twice")
    assert correct_field(climbed, cora, record_id, "licence", "CC0", reason="letter of the clinic")
    undo(climbed, cora, list(change_log.entries(climbed.engine))[-1].sequence, reason="wrong letter")
    assert record_of(climbed, record_id)["licence"] is None
    with pytest.raises(InvalidInput, match="Date of the image"):
        correct_field(climbed, cora, record_id, "acquisition_date", "28.02.2019", reason="x")
    with pytest.raises(NotFound):
        undo(climbed, cora, 10_000, reason="none")
    with pytest.raises(InvalidInput, match="Label and stage"):
        correct_field(climbed, cora, record_id, "dx", "nv", reason="x")
    label = next(e for e in change_log.entries(climbed.engine, field="dx"))
    with pytest.raises(InvalidInput, match="reopening the record"):
        undo(climbed, cora, label.sequence, reason="x")
    assert log.verify_log(climbed).whole


def test_entries_are_listed_by_record_person_and_day_and_only_to_who_may_know(climbed: Workspace) -> None:
    cora = make_account("cora", Role.CURATOR)
    every = log.list_entries(climbed, cora)
    assert [e.sequence for e in every] == sorted((e.sequence for e in every), reverse=True)
    by_ben = log.list_entries(climbed, cora, account_id="ben")
    assert by_ben
    assert {e.account_id for e in by_ben} == {"ben"}
    assert log.list_entries(climbed, cora, day=every[0].at[:10])
    assert not log.list_entries(climbed, cora, day="1999-01-01")
    for role in (Role.REVIEWER, Role.COORDINATOR):
        with pytest.raises(AccessDenied):
            log.list_entries(climbed, make_account("ben", role))


def test_the_log_as_json_lines_can_be_followed_by_anybody(climbed: Workspace) -> None:
    import hashlib

    lines = log.log_json_lines(climbed, make_account("stat", Role.STATISTICIAN)).decode().splitlines()
    previous = "0" * 64
    for line in lines:
        entry = json.loads(line)
        said = {name: value for name, value in entry.items() if name != "hash"}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert entry["previous"] == previous
        assert hashlib.sha256((previous + text).encode()).hexdigest() == entry["hash"]
        previous = entry["hash"]
    assert len(lines) == log.current_head(climbed).entries
    table = log.log_csv(climbed, make_account("stat", Role.STATISTICIAN)).decode().splitlines()
    assert len(table) == len(lines) + 1
    assert table[0].startswith("sequence,at,account_id,act,")


def test_the_log_says_of_a_review_that_it_was_given_and_not_what_it_says(climbed: Workspace) -> None:
    reviews = list(change_log.entries(climbed.engine, acts=["review"]))
    assert len(reviews) == 3
    assert all(set(entry.new) == {"annotation", "digest", "cycle"} for entry in reviews)


def test_a_clock_that_is_set_back_does_not_turn_the_order_round(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (record_id,) = fill_unannotated(workspace, 1)
    cora = add_curator(workspace)
    correct_field(workspace, cora, record_id, "sex", "male", reason="first")
    early = datetime.now(UTC) - timedelta(days=400)
    monkeypatch.setattr(act_transaction, "now", lambda: early)
    correct_field(workspace, cora, record_id, "sex", None, reason="second")
    monkeypatch.undo()
    entries = list(change_log.entries(workspace.engine, record_id=record_id))
    assert [e.reason for e in entries] == ["first", "second"]
    assert entries[0].at > entries[1].at
    assert log.verify_log(workspace).whole
    assert [e.reason for e in log.list_entries(workspace, cora, record_id=record_id)] == ["second", "first"]


def append(workspace: Workspace, who: str, count: int) -> None:
    for i in range(count):
        in_one_act(
            workspace.engine,
            who,
            lambda act, i=i: [  # type: ignore[misc]
                act.log(Act.CORRECTION, dataset_id=None, new={"by": who, "i": i, "part": part}) for part in range(6)
            ],
        )


def test_threads_that_append_at_once_leave_neither_gaps_nor_forks(workspace: Workspace) -> None:
    threads = [threading.Thread(target=append, args=(workspace, f"t{i}", 8)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = list(change_log.entries(workspace.engine))
    assert [e.sequence for e in entries] == list(range(1, 6 * 8 * 6 + 1))
    assert log.verify_log(workspace).whole
    assert len({e.previous for e in entries}) == len(entries)


def test_without_the_lock_the_keys_of_the_log_decide(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds where the lock does not reach: every conflict is one, and is tried again."""

    class NoLock:
        def __enter__(self) -> None: ...
        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(act_transaction, "_lock_of", lambda engine: NoLock())
    monkeypatch.setattr(act_transaction, "_take_turn", lambda connection: None)
    retry = act_transaction.retry_on_conflict
    monkeypatch.setattr(act_transaction, "retry_on_conflict", lambda work: retry(work, attempts=200))
    threads = [threading.Thread(target=append, args=(workspace, f"t{i}", 4)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = list(change_log.entries(workspace.engine))
    assert [e.sequence for e in entries] == list(range(1, 3 * 4 * 6 + 1))
    assert log.verify_log(workspace).whole


def append_from_another_process(home: Path, url: str, who: str) -> None:
    workspace = open_workspace(Settings(home=home, database_url=url))
    append(workspace, who, 10)
    workspace.close()


@pytest.mark.postgresql
def test_two_processes_that_append_at_once_leave_neither_gaps_nor_forks(postgresql_server: str, tmp_path: Path) -> None:
    from tests.postgresql_server import create_database

    url = create_database(postgresql_server)
    workspace = open_workspace(Settings(home=tmp_path, database_url=url))
    spawn = multiprocessing.get_context("spawn")
    others = [spawn.Process(target=append_from_another_process, args=(tmp_path, url, f"p{i}")) for i in range(2)]
    for process in others:
        process.start()
    append(workspace, "here", 10)
    for process in others:
        process.join(60)
        assert process.exitcode == 0
    entries = list(change_log.entries(workspace.engine))
    assert [e.sequence for e in entries] == list(range(1, 3 * 10 * 6 + 1))
    assert log.verify_log(workspace).whole
    workspace.close()
