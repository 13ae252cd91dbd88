"""Reopening, provenance, and managing work: load, absence, giving tasks to others, notices."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.ladder_workspace import (
    add_account,
    add_curator,
    add_people,
    answer_next,
    fill_unannotated,
    make_account,
    record_of,
)

from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import decisions, records, tasks
from dermdash.storage.option_counts import option_counts
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account, Expertise, Role
from dermdash.workflows.verification import change_log as log
from dermdash.workflows.verification import my_tasks, work
from dermdash.workflows.verification.annotate import open_task
from dermdash.workflows.verification.assign_reviews import assign_work
from dermdash.workflows.verification.histology import enter_histology
from dermdash.workflows.verification.label_provenance import label_provenance
from dermdash.workflows.verification.ladder_status import ladder_status
from dermdash.workflows.verification.reopen import reopen

TODAY = datetime.now(UTC).date()


def climb(workspace: Workspace) -> tuple[str, Account, list[Account]]:
    """A record with initial annotation (nv), consensus (mel) and histology (bcc)."""
    (record_id,) = fill_unannotated(workspace, 1)
    cora = add_curator(workspace)
    people = add_people(workspace, "ada", "ben", "cem", "dora", experts=["dora"])
    assign_work(workspace, cora)
    answer_next(workspace, people[0], "nv")
    for person in people[1:]:
        answer_next(workspace, person, "mel")
    enter_histology(workspace, cora, record_id, dx="bcc", report_number="H1")
    return record_id, cora, people


def test_a_reopened_record_has_the_label_of_the_stage_that_stays_and_is_done_again(workspace: Workspace) -> None:
    record_id, cora, people = climb(workspace)
    with pytest.raises(InvalidInput, match="reason is missing"):
        reopen(workspace, cora, record_id, reason="")
    with pytest.raises(AccessDenied):
        reopen(workspace, people[0], record_id, reason="x")
    reopen(workspace, cora, record_id, reason="another block", to_stage=VerificationStage.CONSENSUS)
    row = record_of(workspace, record_id)
    assert (row["dx"], row["verification_stage"], row["histopathology_result"], row["dx_type"]) == (
        "mel", 2, None, "consensus",
    )  # fmt: skip
    assert not tasks.open_tasks(workspace.engine)
    enter_histology(workspace, cora, record_id, dx="mel")
    assert record_of(workspace, record_id)["verification_stage"] == 3

    reopen(workspace, cora, record_id, reason="review again", to_stage=VerificationStage.INITIAL_ANNOTATION)
    row = record_of(workspace, record_id)
    assert (row["dx"], row["verification_stage"], row["n_reviewers"], row["agreement"]) == ("nv", 1, 0, None)
    asked = {t["account_id"] for t in tasks.open_tasks(workspace.engine)}
    assert asked == {"ben", "cem", "dora"}
    for person in people[1:]:
        answer_next(workspace, person, "df")
    assert record_of(workspace, record_id)["dx"] == "df"
    assert [c["cycle"] for c in decisions.consensus_of(workspace.engine, record_id)] == [1, 3]

    reopen(workspace, cora, record_id, reason="from the beginning")
    row = record_of(workspace, record_id)
    assert (row["dx"], row["verification_stage"], row["stage_claimed"]) == (None, None, None)
    assert tasks.queued_count(workspace.engine) == 1
    verdict = log.verify_log(workspace)
    assert verdict.problems == ()


def test_a_claimed_stage_is_marked_and_lowered_only_by_reopening(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(
        workspace, 1, verification_stage=3, dx="mel", dx_type="histo", clinical_diagnosis="nv"
    )
    cora = add_curator(workspace)
    people = add_people(workspace, "a", "b", "c")
    assert record_of(workspace, record_id)["stage_claimed"] is True
    assign_work(workspace, cora, claimed=True)
    for person in people:
        answer_next(workspace, person, "df")
    row = record_of(workspace, record_id)  # our consensus is no higher than what is claimed
    assert (row["dx"], row["verification_stage"], row["stage_claimed"], row["n_reviewers"]) == ("mel", 3, True, 3)
    with pytest.raises(InvalidInput, match="highest stage: choose which stage below"):
        reopen(workspace, cora, "ladder:R0000", reason="x", to_stage=VerificationStage.HISTOLOGY)
    reopen(workspace, cora, record_id, reason="no report was found", to_stage=VerificationStage.INITIAL_ANNOTATION)
    row = record_of(workspace, record_id)
    assert (row["dx"], row["verification_stage"], row["stage_claimed"]) == ("nv", 1, True)
    for person in people:
        answer_next(workspace, person, "df")
    row = record_of(workspace, record_id)
    assert (row["dx"], row["verification_stage"], row["stage_claimed"]) == ("df", 2, False)
    assert log.verify_log(workspace).whole


def test_there_must_be_something_to_reopen(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(workspace, 1)
    cora = add_curator(workspace)
    with pytest.raises(InvalidInput, match="nothing to reopen"):
        reopen(workspace, cora, record_id, reason="x")
    with pytest.raises(NotFound):
        reopen(workspace, cora, "nothing", reason="x")


def test_the_label_says_where_it_comes_from_to_who_may_know(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(workspace, 1)
    cora = add_curator(workspace)
    people = add_people(workspace, "ada", "ben", "cem", "dora")
    assign_work(workspace, cora)
    assert label_provenance(workspace, cora, record_id).act is None
    answer_next(workspace, people[0], "nv", comment="why not")
    found = label_provenance(workspace, cora, record_id)
    assert (found.dx, found.stage, found.act, found.by) == ("nv", 1, "initial_annotation", ("ada",))
    hidden = label_provenance(workspace, people[1], record_id)
    assert (hidden.others, hidden.by, hidden.earlier) == (None, (), ())
    both = add_account(workspace, make_account("ben", Role.CURATOR, Role.REVIEWER))
    assert label_provenance(workspace, both, record_id).others is None  # has to answer first
    for person in people[1:]:
        answer_next(workspace, person, "mel")
    found = label_provenance(workspace, people[1], record_id)
    assert (found.dx, found.stage, found.act) == ("mel", 2, "consensus")
    assert set(found.by) == {"ben", "cem", "dora"}
    assert found.blinded == {"others": True, "initial": True, "model": True}
    assert found.agreement == 1.0
    assert found.others is not None
    assert (found.others[0]["account_id"], found.others[0]["dx"]) == ("ada", "nv")
    assert [(e["act"], e["dx"]) for e in found.earlier] == [("initial_annotation", "nv")]
    enter_histology(workspace, cora, record_id, dx="mel", report_number="H9")
    found = label_provenance(workspace, cora, record_id)
    assert (found.act, found.by, found.reason, found.blinded) == ("histology", ("cora",), "report H9", None)
    assert [e["act"] for e in found.earlier] == ["consensus", "initial_annotation"]
    with pytest.raises(AccessDenied):
        label_provenance(workspace, Account("x", "X", frozenset()), record_id)


def test_an_imported_label_says_that_it_is_claimed(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(workspace, 1, verification_stage=2, dx="nv")
    found = label_provenance(workspace, add_curator(workspace), record_id)
    assert (found.act, found.claimed, found.stage, found.others) == ("import", True, 2, ())
    assert found.at is not None


def test_work_is_shared_evenly_with_one_of_experience_in_each_group(workspace: Workspace) -> None:
    record_ids = fill_unannotated(workspace, 30, verification_stage=1, dx="nv")
    people = add_people(workspace, *(f"r{i}" for i in range(6)), experts=["r0", "r1"])
    made = assign_work(workspace, add_curator(workspace), claimed=True)
    assert sum(made.reviews.values()) == 90
    assert max(made.reviews.values()) - min(made.reviews.values()) <= 2  # an expert in each group comes first
    for record_id in record_ids:
        asked = [t["account_id"] for t in tasks.tasks_of_record(workspace.engine, record_id)]
        assert len(asked) == len(set(asked)) == 3
        assert {"r0", "r1"} & set(asked)
    again = assign_work(workspace, add_curator(workspace), claimed=True)
    assert again.reviews == {}
    assert again.left_out == {"has its reviewers": 30}
    assert len(people) == 6


def test_who_is_away_gets_nothing_and_missing_people_are_told(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(workspace, 1, verification_stage=1, dx="nv", examiner_id="Ada")
    cora = add_curator(workspace)
    ada, ben, cem, dora = add_people(workspace, "ada", "ben", "cem", "dora")
    key = work.set_absence(workspace, ben, "ben", first_day=TODAY, last_day=TODAY + timedelta(days=3))
    with pytest.raises(AccessDenied):
        work.set_absence(workspace, ben, "cem", first_day=TODAY, last_day=TODAY)
    with pytest.raises(InvalidInput, match="before its first"):
        work.set_absence(workspace, cora, "cem", first_day=TODAY, last_day=TODAY - timedelta(days=1))
    made = assign_work(workspace, cora, claimed=True)
    # Ben is away, and Ada is who examined the lesion as the source names them.
    assert set(made.reviews) == {"cem", "dora"}
    assert made.unmet == {record_id: 1}
    assert made.unexperienced == (record_id,)
    work.end_absence(workspace, ben, key)
    assert work.list_absences(workspace, cora) == []
    assert assign_work(workspace, cora, claimed=True).reviews == {"ben": 1}
    assert ada.id not in {t["account_id"] for t in tasks.open_tasks(workspace.engine)}
    assert cem.id != dora.id


def test_a_task_is_given_to_somebody_else_with_a_reason_and_both_are_told(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(workspace, 1)
    cora = add_curator(workspace)
    ada, *others = add_people(workspace, "ada", "ben", "cem", "dora", "eve")
    assign_work(workspace, cora)
    answer_next(workspace, ada, "nv")
    asked = {t["account_id"]: t for t in tasks.open_tasks(workspace.engine)}
    (free,) = {p.id for p in others} - asked.keys()
    holder = next(p for p in others if p.id in asked)
    task = asked[holder.id]
    for to, said in (("ada", "nobody reviews their own"), ("nobody", "no active reviewer"), ("cora", "no active")):
        with pytest.raises(InvalidInput, match=said):
            work.reassign(workspace, cora, task["id"], to, reason="holiday")
    busy = next(name for name in asked if name != holder.id)
    with pytest.raises(InvalidInput, match="has this record already"):
        work.reassign(workspace, cora, task["id"], busy, reason="holiday")
    new_id = work.reassign(workspace, cora, task["id"], free, reason="holiday")
    assert new_id != task["id"]
    assert open_task(workspace, holder) is None
    fresh = make_account(free)
    opened = open_task(workspace, fresh)
    assert opened is not None
    assert opened.id == new_id
    notices = [n.text for n in work.list_notices(workspace, holder)]
    assert "A task of yours was given to somebody else: holiday." in notices
    (notice, *_) = work.list_notices(workspace, fresh)
    assert notice.text == "You have 1 new review."
    work.mark_read(workspace, fresh, [notice.id])
    assert work.list_notices(workspace, fresh, unread=True) == []
    with pytest.raises(InvalidInput, match="withdrawn already"):
        work.withdraw(workspace, cora, task["id"], reason="x")
    # And back: the first task is theirs again.
    assert work.reassign(workspace, cora, new_id, holder.id, reason="is back") == task["id"]
    work.withdraw(workspace, cora, task["id"], reason="image is blurred")
    assert record_of(workspace, record_id)["verification_stage"] == 1


def test_the_team_is_seen_with_what_is_open_overdue_and_done(workspace: Workspace) -> None:
    from dermdash.storage import tables as t

    fill_unannotated(workspace, 2, verification_stage=1, dx="nv")
    cora = add_curator(workspace)
    ada, ben, cem = add_people(workspace, "ada", "ben", "cem")
    assign_work(workspace, cora, claimed=True)
    answer_next(workspace, ada, client_ms=8000.0)
    with workspace.engine.begin() as connection:
        past = datetime.now(UTC) - timedelta(days=2)
        connection.execute(
            t.verification_task.update().where(t.verification_task.c.account_id == "ben").values(due_at=past)
        )
    rows = {row.account_id: row for row in work.team(workspace, cora)}
    assert (rows["ada"].open, rows["ada"].done_this_week, rows["ada"].seconds) == (1, 1, 8.0)
    assert (rows["ben"].open, rows["ben"].overdue, rows["cem"].overdue) == (2, 2, 0)
    (mine,) = my_tasks.offered_work(workspace, ben)
    assert (mine.open, mine.overdue, mine.for_anybody) == (2, 2, 0)
    assert [n.kind for n in work.list_notices(workspace, ben, unread=True)] == ["new_reviews"]
    with pytest.raises(AccessDenied):
        work.team(workspace, ada)
    (status,) = ladder_status(workspace, cora)
    assert (status.records, status.claimed, status.reviews, status.overdue) == (2, {"1": 2}, 5, 2)
    assert cem.expertise is Expertise.RESIDENT


def test_records_are_chosen_by_agreement_reviewers_and_whether_the_stage_is_claimed(workspace: Workspace) -> None:
    from dermdash.records.record_filter import RecordFilter

    fill_unannotated(workspace, 3, verification_stage=1, dx="nv")
    people = add_people(workspace, "a", "b", "c")
    assign_work(workspace, add_curator(workspace), claimed=True)
    for person in people:
        answer_next(workspace, person, "mel")

    def count(*words: str) -> int:
        return records.count_records(workspace.engine, RecordFilter.from_words(words))

    done = count("verification_stage=2")
    assert count("claimed=false") == done
    assert count("claimed=true") == 3 - done
    assert count("agreement=all") >= done
    assert count("reviewers=3") == done
    assert count("reviewers=unknown", "claimed=true") <= 3
    counts = option_counts(workspace.engine, RecordFilter())
    assert set(counts["claimed"]) <= {"true", "false"}
