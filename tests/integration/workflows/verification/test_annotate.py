"""What a task tells, drafts, leases, repeats, and answers that come too late: nothing lost, nothing told."""

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.ladder_workspace import (
    DATASET,
    NO_REPEATS,
    NOON,
    add_account,
    add_curator,
    add_people,
    answer,
    answer_next,
    content,
    fill_unannotated,
    set_rule,
    submission,
)

from dermdash.errors import InvalidInput
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import annotation_rows, tasks
from dermdash.storage import tables as t
from dermdash.storage.workspace import Workspace
from dermdash.verification.annotation_outbox import DraftSave
from dermdash.workflows.verification import annotate, my_tasks, work
from dermdash.workflows.verification.annotate import open_task, open_tasks, receive, save_draft
from dermdash.workflows.verification.assign_reviews import assign_work
from dermdash.workflows.verification.label_provenance import label_provenance
from dermdash.workflows.verification.reopen import reopen


def let_leases_end(workspace: Workspace) -> None:
    with workspace.engine.begin() as connection:
        connection.execute(t.task_lease.update().values(expires_at=NOON - timedelta(days=365)))


def words_in(value: Any) -> set[str]:
    """Every text in a structure."""
    if isinstance(value, dict):
        return {str(key) for key in value} | {word for item in value.values() for word in words_in(item)}
    if isinstance(value, list | tuple):
        return {word for item in value for word in words_in(item)}
    return {str(value)}


def test_a_review_tells_nothing_of_others_nor_of_the_label_the_file_or_the_model(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(workspace, 1)
    fill_model_of(workspace, record_id)
    cora = add_curator(workspace)
    ada, *reviewers = add_people(workspace, "ada", "ben", "cem", "dora")
    assign_work(workspace, cora)
    secret = {"values": {"anatomical_site": "secret place", "elevation": "nodular"}, "comment": "secret words"}
    answer_next(workspace, ada, "bcc", **secret)
    answer_next(workspace, reviewers[0], "mel", comment="secret words")
    task = open_task(workspace, reviewers[1])
    assert task is not None
    told = words_in(asdict(task))
    hidden = {"bcc", "mel", "secret place", "nodular", "secret words", "ada", "ben", "R0000", record_id, DATASET}
    assert told & hidden == set()
    assert task.initial is None
    assert task.model is None
    assert task.context["anatomical_site"] == "back"  # what the record came with, not what somebody entered
    assert (task.taxonomy, task.stage) == ("ham7", 2)


def fill_model_of(workspace: Workspace, record_id: str) -> None:
    from tests.filled_workspace import MODEL, make_prediction

    from dermdash.storage import models

    models.save_model(
        workspace.engine,
        values={
            "id": MODEL, "name": "M", "architecture": "resnet10", "taxonomy": "ham7", "input_size": 32,
            "checkpoint_sha256": "c" * 64, "dataset_id": None, "training_lesions_known": True, "metrics": {},
        },
        training_lesion_digests=[],
    )  # fmt: skip
    models.save_predictions(workspace.engine, [make_prediction(record_id, "akiec")])


def test_the_initial_annotation_and_the_model_are_shown_where_the_rule_says_so(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(workspace, 1)
    fill_model_of(workspace, record_id)
    set_rule(workspace, replace(NO_REPEATS, blind_to_initial=False, blind_to_model=False))
    ada, ben, *_ = add_people(workspace, "ada", "ben", "cem", "dora")
    assign_work(workspace, add_curator(workspace))
    first = open_task(workspace, ada)
    assert first is not None
    assert first.model is None  # whoever annotates at first is not told
    answer(workspace, ada, first.id, "bcc")
    task = open_task(workspace, ben)
    assert task is not None
    assert task.initial is not None
    assert task.model is not None
    assert task.initial["dx"] == "bcc"
    assert task.model["akiec"] == 0.7
    answer(workspace, ben, task.id, "bcc")
    row = annotation_rows.annotations_of_record(workspace.engine, record_id)[-1]
    assert (row["blind_to_initial"], row["blind_to_model"]) == (False, False)


def test_the_order_of_tasks_says_nothing_of_label_or_file(workspace: Workspace) -> None:
    fill_unannotated(workspace, 40, verification_stage=1, dx="nv")
    with workspace.engine.begin() as connection:
        c = t.record.c
        connection.execute(t.record.update().where(c.id < f"{DATASET}:R0020").values(dx="mel"))
    (ada, _, _) = add_people(workspace, "ada", "ben", "cem")
    assign_work(workspace, add_curator(workspace), claimed=True)
    order = []
    for _ in range(12):
        task = answer_next(workspace, ada)
        row = tasks.get_task(workspace.engine, task.id)
        assert row is not None
        order.append(row["record_id"])
        assert task.id not in order
    assert order != sorted(order)
    assert 0 < sum(record < f"{DATASET}:R0020" for record in order) < 12


def test_a_draft_is_kept_for_its_person_and_goes_when_the_answer_comes(workspace: Workspace) -> None:
    fill_unannotated(workspace, 2)
    ada, ben = add_people(workspace, "ada", "ben")
    assign_work(workspace, add_curator(workspace))
    task = open_task(workspace, ada)
    assert task is not None
    save_draft(workspace, ada, task.id, {"dx": "nv", "comment": "half a sen"}, NOON)
    save_draft(workspace, ada, task.id, {"dx": "bcc"}, NOON - timedelta(minutes=1))  # delivered late
    again = open_task(workspace, ada)
    assert again is not None
    assert again.draft == {"dx": "nv", "comment": "half a sen"}
    with pytest.raises(InvalidInput, match="somebody else has it"):
        save_draft(workspace, ben, task.id, {"dx": "nv"}, NOON)
    answer(workspace, ada, task.id, "nv", submitted_at=NOON + timedelta(minutes=2))
    late = DraftSave(uuid4(), task.id, {"dx": "nv"}, NOON + timedelta(minutes=1))
    assert receive(workspace, ada, [late]).acknowledged == (str(late.id),)
    assert annotation_rows.draft_of(workspace.engine, task.id, "ada") is None


def test_the_following_task_is_known_before_and_is_the_next_one(workspace: Workspace) -> None:
    fill_unannotated(workspace, 3)
    ada, ben = add_people(workspace, "ada", "ben")
    assign_work(workspace, add_curator(workspace))
    first, second = open_tasks(workspace, ada)
    assert first is not None
    assert second is not None
    assert (first.position, second.position, first.total, second.total) == (1, 2, 3, 3)
    assert second.id != first.id
    assert second.picture_key == first.picture_key
    again = open_task(workspace, ada)
    assert again is not None
    assert again.id == first.id
    other = open_task(workspace, ben)
    assert other is not None
    assert other.id not in (first.id, second.id)
    answer(workspace, ada, first.id)
    now_open = open_task(workspace, ada)
    assert now_open is not None
    assert (now_open.id, now_open.position) == (second.id, second.position)
    assert open_tasks(workspace, ada)[1] is None
    # What somebody else has open is not opened by naming it.
    with pytest.raises(InvalidInput, match="open at the moment"):
        open_task(workspace, ada, other.id)


def test_what_others_hold_of_the_queue_is_counted_neither_in_my_work_nor_beside_the_record(
    workspace: Workspace,
) -> None:
    fill_unannotated(workspace, 3)
    ada, ben = add_people(workspace, "ada", "ben")
    assign_work(workspace, add_curator(workspace))
    assert open_task(workspace, ada) is not None
    assert sum(group.open for group in my_tasks.offered_work(workspace, ben)) == 2
    task = open_task(workspace, ben)
    assert task is not None
    assert (task.done, task.remaining) == (0, 2)


def test_a_lease_that_is_over_gives_the_record_to_somebody_else_and_the_first_is_told(workspace: Workspace) -> None:
    fill_unannotated(workspace, 1)
    ada, ben = add_people(workspace, "ada", "ben")
    assign_work(workspace, add_curator(workspace))
    task = open_task(workspace, ada)
    assert task is not None
    assert open_task(workspace, ben) is None
    let_leases_end(workspace)
    taken = open_task(workspace, ben)
    assert taken is not None
    assert taken.id == task.id
    (reason,) = answer(workspace, ada, task.id, "mel").refused.values()
    assert "somebody else has it now" in reason
    assert my_tasks.refused_answers(workspace, ada)[0].said == "Melanoma"
    assert not answer(workspace, ben, task.id, "nv").refused
    (reason,) = answer(workspace, ada, task.id, "mel").refused.values()
    assert "Somebody else has annotated this record meanwhile" in reason


def test_an_answer_after_the_lease_counts_where_nobody_has_taken_the_record(workspace: Workspace) -> None:
    fill_unannotated(workspace, 1)
    (ada,) = add_people(workspace, "ada")
    assign_work(workspace, add_curator(workspace))
    task = open_task(workspace, ada)
    assert task is not None
    let_leases_end(workspace)
    assert not answer(workspace, ada, task.id, "mel").refused


def test_what_is_no_annotation_goes_back_to_its_person_and_the_rest_of_the_delivery_is_stored(
    workspace: Workspace,
) -> None:
    (record_id,) = fill_unannotated(workspace, 1)
    (ada,) = add_people(workspace, "ada")
    assign_work(workspace, add_curator(workspace))
    task = open_task(workspace, ada)
    assert task is not None
    outside = {"structure": "globules", "shape": "rectangle", "points": [[0, 0], [9000, 9000]]}
    wrong = submission(task.id, "nv", marks=[outside])
    draft = DraftSave(uuid4(), task.id, content("nv"), NOON)
    receipt = receive(workspace, ada, [wrong, draft])
    assert receipt.acknowledged == (str(draft.id),)
    assert "outside" in receipt.refused[str(wrong.id)]
    assert annotation_rows.annotations_of_record(workspace.engine, record_id) == []
    again = open_task(workspace, ada)
    assert again is not None
    assert again.draft is not None  # nothing typed is lost


@pytest.mark.parametrize("odd", ["cut \ud83d", "zero \x00 byte"])
def test_a_draft_that_no_database_can_hold_as_it_is_keeps_no_answer_from_being_stored(
    workspace: Workspace, odd: str
) -> None:
    (record_id, *_) = fill_unannotated(workspace, 1)
    (ada,) = add_people(workspace, "ada")
    assign_work(workspace, add_curator(workspace))
    task = open_task(workspace, ada)
    assert task is not None
    draft = DraftSave(uuid4(), task.id, content("nv", comment=odd), NOON - timedelta(minutes=1))
    lost = submission("of-nobody", "nv", comment=odd)
    right = submission(task.id, "nv")
    receipt = receive(workspace, ada, [draft, lost, right])
    assert set(receipt.acknowledged) == {str(draft.id), str(right.id)}
    assert set(receipt.refused) == {str(lost.id)}
    assert len(annotation_rows.annotations_of_record(workspace.engine, record_id)) == 1
    (refused,) = my_tasks.refused_answers(workspace, ada)
    assert refused.comment.encode() == odd.encode("utf-8", "replace")


def test_a_task_of_somebody_else_is_not_told_from_one_that_is_not_there(workspace: Workspace) -> None:
    fill_unannotated(workspace, 1, verification_stage=1, dx="nv")
    ada, ben, _, eve = add_people(workspace, "ada", "ben", "cem", "eve")
    assign_work(workspace, add_curator(workspace), claimed=True)
    owner = next(p for p in (ada, ben, eve) if tasks.open_tasks(workspace.engine, p.id))
    other = next(p for p in (ada, ben, eve) if p is not owner)
    task_id = tasks.open_tasks(workspace.engine, owner.id)[0]["id"]
    reasons = []
    for name in (task_id, "nothing"):
        with pytest.raises(InvalidInput) as refusal:
            open_task(workspace, other, name)
        reasons.append(str(refusal.value))
        reasons.append(*answer(workspace, other, name).refused.values())
    assert len({reason.partition(" What you entered")[0] for reason in reasons}) == 1


def test_a_repeat_looks_like_a_review_and_counts_for_nothing_else(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotate, "drawn", lambda key, share: True)  # each is repeated
    (first, *_) = fill_unannotated(workspace, 3, verification_stage=1, dx="nv")
    set_rule(workspace, replace(NO_REPEATS, repeat_share=0.5, repeat_gap=2))
    people = add_people(workspace, "ada", "ben", "cem")
    assign_work(workspace, add_curator(workspace), claimed=True)
    seen: dict[str, list[str]] = {p.id: [] for p in people}
    for _ in range(8):
        for person in people:
            task = open_task(workspace, person)
            if task is not None:
                assert task.stage == 2
                row = tasks.get_task(workspace.engine, task.id)
                assert row is not None
                if row["purpose"] == tasks.REPEAT:
                    assert len(seen[person.id]) >= 3  # the gap
                seen[person.id].append(row["purpose"])
                answer(workspace, person, task.id, "bcc" if row["purpose"] == tasks.REPEAT else "mel")
    repeats = sum(purposes.count("repeat") for purposes in seen.values())
    assert repeats > 0
    rows = annotation_rows.list_annotations(workspace.engine, purposes=["repeat"])
    assert len(rows) == repeats
    assert {row["dx"] for row in rows} == {"bcc"}
    with workspace.engine.connect() as connection:
        labels = set(connection.execute(t.record.select().with_only_columns(t.record.c.dx)).scalars())
    assert labels == {"mel"}
    assert label_provenance(workspace, add_curator(workspace), first).n_reviewers == 3


@pytest.mark.parametrize("agree", [True, False])
def test_a_repeat_that_was_answered_closes_with_the_review_it_looks_like(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch, agree: bool
) -> None:
    workspace = duckdb_workspace
    monkeypatch.setattr(annotate, "drawn", lambda key, share: True)
    fill_unannotated(workspace, 1, verification_stage=1, dx="nv")
    set_rule(workspace, replace(NO_REPEATS, repeat_share=0.5, repeat_gap=0))
    people = add_people(workspace, "ada", "ben", "cem")
    assign_work(workspace, add_curator(workspace), claimed=True)
    reviews = {person.id: answer_next(workspace, person, "nv") for person in people[:2]}
    repeat = answer_next(workspace, people[0], "mel")
    row = tasks.get_task(workspace.engine, repeat.id)
    assert row is not None
    assert row["purpose"] == tasks.REPEAT
    assert not answer(workspace, people[0], repeat.id, "bcc").refused  # as any review, while others are asked
    answer_next(workspace, people[2], "nv" if agree else "mel")
    reasons = [*answer(workspace, people[0], reviews["ada"].id).refused.values()]
    assert [*answer(workspace, people[0], repeat.id).refused.values()] == reasons
    assert len(reasons) == 1
    assert not answer_next(workspace, people[1], "mel").answer  # one that is open still is answered


@pytest.mark.parametrize("reopened", [False, True])
def test_a_repeat_after_the_consensus_shows_what_the_source_says_and_not_the_consensus(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch, reopened: bool
) -> None:
    workspace = duckdb_workspace
    monkeypatch.setattr(annotate, "drawn", lambda key, share: True)
    (record_id,) = fill_unannotated(workspace, 1, verification_stage=1, dx="nv", clinical_diagnosis="bkl")
    set_rule(workspace, replace(NO_REPEATS, repeat_share=0.5, repeat_gap=0, blind_to_initial=False))
    people, cora = add_people(workspace, "ada", "ben", "cem"), add_curator(workspace)
    assign_work(workspace, cora, claimed=True)
    for person in people:
        answer_next(workspace, person, "mel")
    if reopened:
        reopen(workspace, cora, record_id, reason="another image", to_stage=VerificationStage.INITIAL_ANNOTATION)
        for person in people:
            assert answer_next(workspace, person, "bcc").initial == {"dx": "bkl"}  # what the examiner said
    repeat = open_task(workspace, people[0])
    assert repeat is not None
    assert (tasks.get_task(workspace.engine, repeat.id) or {})["purpose"] == tasks.REPEAT
    assert repeat.initial == {"dx": "bkl" if reopened else "nv"}


def test_an_account_that_is_removed_in_the_middle_leaves_its_answers_and_its_work_to_others(
    workspace: Workspace,
) -> None:
    first, _ = fill_unannotated(workspace, 2, verification_stage=1, dx="nv")
    cora = add_curator(workspace)
    ada, *_ = add_people(workspace, "ada", "ben", "cem")
    assign_work(workspace, cora, claimed=True)
    answer_next(workspace, ada, "mel")
    add_account(workspace, ada, active=False)
    add_people(workspace, "dora")
    row = next(w for w in work.team(workspace, cora) if w.account_id == "ada")
    assert (row.active, row.open, row.done) == (False, 1, 1)
    assert work.reassign_all(workspace, cora, "ada", reason="has left") == (1, 0)
    assert tasks.open_tasks(workspace.engine, "ada") == []
    assert {p.id for p in (ada,)} & {t["account_id"] for t in tasks.open_tasks(workspace.engine)} == set()
    assert len(annotation_rows.list_annotations(workspace.engine, account_id="ada")) == 1
    assert label_provenance(workspace, cora, first).dx == "nv"


def test_a_task_of_a_record_that_was_reopened_takes_no_answer(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(workspace, 1, verification_stage=1, dx="nv")
    cora = add_curator(workspace)
    ada, *_ = add_people(workspace, "ada", "ben", "cem")
    assign_work(workspace, cora, claimed=True)
    done = answer_next(workspace, ada, "mel")
    old = tasks.open_tasks(workspace.engine, "ben")[0]
    assert reopen(workspace, cora, record_id, reason="blurred image") == 2
    (reason,) = answer(workspace, ada, done.id, "nv").refused.values()
    assert "reopened since" in reason
    ben = add_people(workspace, "ben")[0]
    (reason,) = answer(workspace, ben, old["id"], "nv").refused.values()
    assert "blurred image" in reason
    assert {t["cycle"] for t in tasks.open_tasks(workspace.engine)} == {2}
