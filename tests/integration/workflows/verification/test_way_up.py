"""The way of a record up the ladder: queue, reviews, consensus, each with what must come with it."""

import pytest
from tests.ladder_workspace import (
    add_curator,
    add_people,
    answer,
    answer_next,
    fill_unannotated,
    record_of,
    submission,
)

from dermdash.errors import AccessDenied
from dermdash.records.change_chain import read_chain
from dermdash.storage import annotation_rows, change_log, decisions, tasks
from dermdash.storage.workspace import Workspace
from dermdash.workflows.verification.annotate import open_task, receive
from dermdash.workflows.verification.assign_reviews import assign_work

NAMES = ("ada", "ben", "cem", "dora")


def test_a_record_climbs_from_the_queue_to_the_consensus_of_three(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(workspace, 1)
    cora = add_curator(workspace)
    people = {p.id: p for p in add_people(workspace, *NAMES, experts=["dora"])}
    made = assign_work(workspace, cora)
    assert (made.queued, made.reviews) == (1, {})

    first = answer_next(workspace, people["ada"], "nv", values={"elevation": "flat"}, quality=4)
    assert first.stage == 1
    row = record_of(workspace, record_id)
    assert (row["dx"], row["verification_stage"], row["stage_claimed"]) == ("nv", 1, False)
    assert (row["elevation"], row["clinical_diagnosis"], row["examiner_id"]) == ("flat", "nv", "ada")

    asked = {task["account_id"] for task in tasks.tasks_of_record(workspace.engine, record_id) if task["stage"] == 2}
    assert asked == {"ben", "cem", "dora"}
    for name in ("ben", "cem"):
        answer_next(workspace, people[name], "mel", values={"elevation": "palpable"}, quality=3)
    assert record_of(workspace, record_id)["verification_stage"] == 1
    answer_next(workspace, people["dora"], "mel", values={"elevation": "palpable"}, quality=5)

    row = record_of(workspace, record_id)
    assert (row["dx"], row["dx_type"], row["verification_stage"]) == ("mel", "consensus", 2)
    assert (row["agreement"], row["n_reviewers"], row["elevation"]) == (1.0, 3, "palpable")
    (consensus,) = decisions.consensus_of(workspace.engine, record_id)
    assert (consensus["kind"], sorted(consensus["participants"])) == ("direct", ["ben", "cem", "dora"])
    assert len(annotation_rows.annotations_of_record(workspace.engine, record_id)) == 4  # each own decision is kept
    assert all(open_task(workspace, person) is None for person in people.values())

    entries = list(change_log.entries(workspace.engine))
    state = read_chain(entries)
    assert state.broken is None
    assert state.entries == len(entries)
    labels = [(e.act, e.account_id, e.old, e.new) for e in entries if e.field == "dx"]
    assert labels == [("initial_annotation", "ada", None, "nv"), ("consensus", "dora", "nv", "mel")]


def test_the_same_person_gets_the_same_task_in_two_browsers_and_others_another(workspace: Workspace) -> None:
    fill_unannotated(workspace, 2)
    ada, ben, cem = add_people(workspace, "ada", "ben", "cem")
    assign_work(workspace, add_curator(workspace))
    first, again, other = (open_task(workspace, person) for person in (ada, ada, ben))
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.id == again.id != other.id
    assert open_task(workspace, cem) is None  # both are held


def test_a_resent_answer_is_acknowledged_and_stored_once(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(workspace, 1)
    (ada,) = add_people(workspace, "ada")
    assign_work(workspace, add_curator(workspace))
    task = open_task(workspace, ada)
    assert task is not None
    item = submission(task.id, "bcc")
    first, again = receive(workspace, ada, [item]), receive(workspace, ada, [item, item])
    assert first.acknowledged == (str(item.id),)
    assert set(again.acknowledged) == {str(item.id)}
    assert not again.refused
    assert len(annotation_rows.annotations_of_record(workspace.engine, record_id)) == 1


def test_the_latest_answer_counts_and_the_history_stays(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(workspace, 1, verification_stage=1, dx="nv")
    ada, ben, cem = add_people(workspace, "ada", "ben", "cem")
    assign_work(workspace, add_curator(workspace), claimed=True)
    task = answer_next(workspace, ada, "nv")
    assert not answer(workspace, ada, task.id, "mel").refused
    answer_next(workspace, ben, "mel")
    answer_next(workspace, cem, "mel")
    assert record_of(workspace, record_id)["dx"] == "mel"
    rows = annotation_rows.annotations_of_record(workspace.engine, record_id)
    assert [(r["account_id"], r["version"], r["dx"]) for r in rows[:2]] == [("ada", 1, "nv"), ("ada", 2, "mel")]


def test_only_who_has_the_role_assigns_or_annotates(workspace: Workspace) -> None:
    fill_unannotated(workspace, 1)
    (ada,) = add_people(workspace, "ada")
    cora = add_curator(workspace)
    with pytest.raises(AccessDenied):
        assign_work(workspace, ada)
    with pytest.raises(AccessDenied):
        open_task(workspace, cora)
    with pytest.raises(AccessDenied):
        receive(workspace, cora, [])
