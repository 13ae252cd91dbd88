"""What the curator's pages ask for: the ladder at a glance, a look ahead, who may see a case, rows of a table."""

from typing import Any

import pytest
from tests.conftest import OpenFilled
from tests.ladder_workspace import (
    DATASET,
    add_account,
    add_curator,
    add_people,
    answer,
    answer_next,
    fill_unannotated,
    make_account,
)

from dermdash.errors import AccessDenied, NotFound
from dermdash.storage import decisions, tasks
from dermdash.storage.act_transaction import in_one_act
from dermdash.storage.workspace import Workspace
from dermdash.verification.standing import Step
from dermdash.workflows.accounts.access import Role
from dermdash.workflows.verification import board
from dermdash.workflows.verification.assign_reviews import assign_work, preview_work
from dermdash.workflows.verification.histology import enter_histology
from dermdash.workflows.verification.import_histology import RowStatus, import_histology, preview_histology
from dermdash.workflows.verification.ladder_overview import ladder_overview
from dermdash.workflows.verification.open_work import open_work, who_could_take
from dermdash.workflows.verification.record_state import load_state, load_states
from dermdash.workflows.verification.reopen import reopen


def disagree(workspace: Workspace, record_id: str, said: dict[str, str | None]) -> None:
    """Let people answer the reviews of a record."""
    for task in tasks.tasks_of_record(workspace.engine, record_id):
        if task["purpose"] == tasks.REVIEW and task["account_id"] in said:
            person = make_account(task["account_id"])
            assert not answer(workspace, person, task["id"], said[task["account_id"]]).refused


def climb(workspace: Workspace) -> list[str]:
    """Six claimed records: one before the board, one with a consensus, one under review, one with histology, one
    reopened, one untouched."""
    ids = fill_unannotated(workspace, 6, dx="nv", verification_stage=2, stage_claimed=True)
    add_people(workspace, "ada", "berta", "carl")
    cora = add_curator(workspace)
    assign_work(workspace, cora, record_ids=ids[:5], claimed=True)
    disagree(workspace, ids[0], {"ada": "nv", "berta": "mel", "carl": "bcc"})
    disagree(workspace, ids[1], {"ada": "mel", "berta": "mel", "carl": "mel"})
    disagree(workspace, ids[2], {"ada": "nv"})
    enter_histology(workspace, cora, ids[3], dx="nv")
    disagree(workspace, ids[4], {"ada": "nv", "berta": "nv", "carl": "nv"})
    reopen(workspace, cora, ids[4], reason="Look again")
    return ids


@pytest.fixture
def climbed(open_filled: OpenFilled) -> tuple[Workspace, list[str]]:
    return open_filled(climb)


def test_the_overview_counts_every_record_once(climbed: tuple[Workspace, list[str]]) -> None:
    workspace, _ = climbed
    seen = ladder_overview(workspace, add_curator(workspace), DATASET)
    assert seen.records == 6 == sum(s.here + s.claimed for s in seen.stages)
    assert {s.stage: (s.here, s.claimed) for s in seen.stages} == {None: (1, 0), 1: (0, 0), 2: (1, 3), 3: (1, 0)}
    assert seen.waiting == {Step.BOARD: 1, Step.CONSENSUS: 1, Step.REVIEWS: 1, Step.HISTOLOGY: 1}
    assert (seen.untouched, seen.queued, seen.to_queue, seen.answers_missing) == (1, 1, 0, 2)
    assert seen.without_histology == 1  # the consensus is melanoma
    assert sum(seen.waiting.values()) + seen.untouched + seen.queued + seen.to_queue == 6


def test_the_overview_is_for_curators_and_of_a_data_set_that_is_there(workspace: Workspace) -> None:
    with pytest.raises(AccessDenied, match="curator"):
        ladder_overview(workspace, make_account("ada"), DATASET)
    with pytest.raises(NotFound, match="no data set 'nowhere'"):
        ladder_overview(workspace, make_account("cora", Role.CURATOR), "nowhere")


def test_many_records_are_read_as_each_of_them_alone(climbed: tuple[Workspace, list[str]]) -> None:
    workspace, ids = climbed
    together = load_states(workspace.engine, [*ids, "ladder:nowhere"])
    assert list(together) == ids
    for key in ids:
        assert together[key] == load_state(workspace.engine, key)
    assert [together[key].facts.cycle for key in ids] == [1, 1, 1, 1, 2, 1]


@pytest.mark.parametrize(
    "choice", [{}, {"claimed": True}, {"claimed": True, "initial": True}, {"claimed": True, "most": 1}]
)
def test_a_look_ahead_changes_nothing_and_promises_what_is_done(
    climbed: tuple[Workspace, list[str]], choice: dict[str, Any]
) -> None:
    workspace, _ = climbed
    cora = add_curator(workspace)
    before = tasks.tasks_of_dataset(workspace.engine, DATASET)
    promised = preview_work(workspace, cora, **choice)
    assert tasks.tasks_of_dataset(workspace.engine, DATASET) == before
    assert assign_work(workspace, cora, **choice) == promised
    added = len(tasks.tasks_of_dataset(workspace.engine, DATASET)) - len(before)
    assert added == promised.queued + sum(promised.reviews.values())


def test_no_more_records_begin_than_were_asked_for(workspace: Workspace) -> None:
    ids = fill_unannotated(workspace, 5)
    cora = add_curator(workspace)
    made = assign_work(workspace, cora, most=2)
    assert (made.queued, made.left_out) == (2, {"is left for later": 3})
    again = assign_work(workspace, cora, most=2)
    assert (again.queued, again.left_out) == (2, {"is in the queue already": 2, "is left for later": 1})
    assert len(open_work(workspace, cora, None)) == 4
    assert {row["record_id"] for row in open_work(workspace, cora, None)} == set(ids[:4])


def test_who_has_work_on_a_record_sees_no_case_of_it_not_even_for_a_hidden_repeat(
    climbed: tuple[Workspace, list[str]],
) -> None:
    workspace, ids = climbed
    ada = make_account("ada")
    assert [case["record_id"] for case in board.list_cases(workspace, ada)] == [ids[0]]
    assert len(board.see_case(workspace, ada, ids[0]).answers) == 3
    (own,) = [t for t in tasks.tasks_of_record(workspace.engine, ids[0]) if t["account_id"] == "ada"]
    kept = ("record_id", "dataset_id", "stage", "cycle", "rule_version")
    repeat = {name: own[name] for name in kept} | {"purpose": tasks.REPEAT, "place": 1, "account_id": "ada"}
    in_one_act(workspace.engine, "cora", lambda act: tasks.add_tasks(act, [repeat]))
    assert board.list_cases(workspace, ada) == []
    for refused in (
        lambda: board.see_case(workspace, ada, ids[0]),
        lambda: board.comment(workspace, ada, ids[0], "I remember this one"),
    ):
        with pytest.raises(AccessDenied, match="answered it themselves"):
            refused()
    assert decisions.comments_of(workspace.engine, ids[0]) == []
    assert len(board.list_cases(workspace, make_account("berta"))) == 1


def test_a_curator_with_an_open_review_of_the_record_sees_no_case_of_it(climbed: tuple[Workspace, list[str]]) -> None:
    workspace, ids = climbed
    both = add_account(workspace, make_account("dora", Role.CURATOR, Role.REVIEWER))
    assert len(board.list_cases(workspace, both)) == 1
    (row, *_) = tasks.tasks_of_record(workspace.engine, ids[0])
    kept = ("record_id", "dataset_id", "stage", "cycle", "rule_version")
    review = {name: row[name] for name in kept} | {"purpose": tasks.REVIEW, "place": 9, "account_id": "dora"}
    in_one_act(workspace.engine, "cora", lambda act: tasks.add_tasks(act, [review]))
    assert board.list_cases(workspace, both) == []
    with pytest.raises(AccessDenied, match="answered it themselves"):
        board.hold_case(workspace, both, ids[0])


def test_nobody_but_a_curator_sees_the_open_work_of_others(workspace: Workspace) -> None:
    fill_unannotated(workspace, 1)
    (ada,) = add_people(workspace, "ada")
    cora = add_curator(workspace)
    assign_work(workspace, cora)
    answer_next(workspace, ada)
    assert who_could_take(workspace, cora) == {"ada": "Ada"}
    for refused in (lambda: open_work(workspace, ada, "cora"), lambda: who_could_take(workspace, ada)):
        with pytest.raises(AccessDenied):
            refused()


def test_every_row_of_a_table_of_results_has_its_fate_before_anything_is_stored(
    climbed: tuple[Workspace, list[str]],
) -> None:
    workspace, _ = climbed
    cora = add_curator(workspace)
    table = (
        "image_id,histology,report\nR0000,nv,A\nR0001,nv,B\nR0003,nv,C\nR0003,mel,D\nR0009,nv,E\nR0005,mel,F\nR0005,nv,G\n"
        "R0002,what,H\n,nv,\n"
    )
    rows, _ = preview_histology(workspace, cora, table.encode())
    assert [(row.name, row.status) for row in rows] == [
        ("R0000", RowStatus.MATCHED),
        ("R0001", RowStatus.CONTRADICTION),
        ("R0003", RowStatus.DISAGREES),
        ("R0003", RowStatus.DISAGREES),
        ("R0009", RowStatus.UNKNOWN),
        ("R0005", RowStatus.DISAGREES),
        ("R0005", RowStatus.DISAGREES),
        ("R0002", RowStatus.UNUSABLE),
        ("", RowStatus.UNUSABLE),
    ]
    before = decisions.all_histology(workspace.engine)
    assert [row["record_id"] for row in before] == ["ladder:R0003"]
    done = import_histology(workspace, cora, table.encode(), leave_out=True)
    assert done.stored == sum(row.status in (RowStatus.MATCHED, RowStatus.CONTRADICTION) for row in rows)
    assert len(done.contradictions) == sum(row.status is RowStatus.CONTRADICTION for row in rows)
    assert {(p.row, p.status) for p in done.problems} >= {(row.row, row.status) for row in rows if row.row == 6}
