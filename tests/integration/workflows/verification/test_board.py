"""What the rule does not decide goes to the board, which formulates a consensus; every own decision is kept."""

from dataclasses import replace

import pytest
from tests.ladder_workspace import (
    NO_REPEATS,
    add_curator,
    add_people,
    answer,
    answer_next,
    fill_unannotated,
    record_of,
    set_rule,
)

from dermdash.errors import AccessDenied, InvalidInput
from dermdash.storage import annotation_rows, decisions, tasks
from dermdash.storage.workspace import Workspace
from dermdash.verification.outcome import Why
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.verification import board, my_tasks, work
from dermdash.workflows.verification.annotate import open_task
from dermdash.workflows.verification.assign_reviews import assign_work


def reviewed(workspace: Workspace, *answers: str | None, **rule: object) -> tuple[str, Account, list[Account]]:
    """A claimed record that three people (or more) have reviewed; unsure where an answer is None."""
    (record_id,) = fill_unannotated(workspace, 1, verification_stage=1, dx="nv")
    set_rule(workspace, replace(NO_REPEATS, **rule))  # type: ignore[arg-type]
    cora = add_curator(workspace)
    people = add_people(workspace, *(f"p{i}" for i in range(len(answers))), experts=["p0"])
    assign_work(workspace, cora, claimed=True)
    for dx in answers:
        person = next(p for p in people if tasks.open_tasks(workspace.engine, p.id))
        answer_next(workspace, person, dx)
    return record_id, cora, people


@pytest.mark.parametrize(
    ("answers", "rule", "why"),
    [
        (("nv", "mel", "bcc"), {}, Why.NO_TWO_ALIKE),
        (("nv", "nv", "mel"), {}, Why.BELOW_QUORUM),
        (("nv", "nv", None), {}, Why.UNSURE),
        (("nv", "nv", "nv"), {"direct_pass": False}, Why.NO_DIRECT_PASS),
    ],
)
def test_what_the_rule_does_not_decide_waits_for_the_board(
    workspace: Workspace, answers: tuple[str | None, ...], rule: dict[str, object], why: Why
) -> None:
    record_id, cora, _ = reviewed(workspace, *answers, **rule)
    (case,) = board.list_cases(workspace, cora)
    assert (case["record_id"], case["why"]) == (record_id, why)
    seen = board.see_case(workspace, cora, record_id)
    assert sorted(a.dx or "unsure" for a in seen.answers) == sorted(dx or "unsure" for dx in answers)
    assert record_of(workspace, record_id)["verification_stage"] == 1
    assert [n.kind for n in work.list_notices(workspace, cora)] == ["board_case"]


def test_two_of_three_pass_where_the_rule_says_so(workspace: Workspace) -> None:
    record_id, cora, _ = reviewed(workspace, "mel", "mel", "nv", quorum=0.6)
    assert board.list_cases(workspace, cora) == []
    row = record_of(workspace, record_id)
    assert (row["dx"], row["verification_stage"]) == ("mel", 2)
    assert row["agreement"] == pytest.approx(2 / 3)


def test_the_board_formulates_a_consensus_with_who_took_part_and_why(workspace: Workspace) -> None:
    record_id, cora, people = reviewed(workspace, "nv", "mel", "bcc")
    board.comment(workspace, people[0], record_id, "Look at the network.")
    key = board.comment(workspace, cora, record_id, "Agreed.")
    assert board.comment(workspace, cora, record_id, "Agreed.", comment_id=key) == key
    assert [c.text for c in board.see_case(workspace, cora, record_id).comments] == ["Look at the network.", "Agreed."]
    given = {"dx": "bcc", "participants": ["p0", "p1"], "reason": "vessels", "values": {"elevation": "nodular"}}
    for wrong, said in (
        ({"participants": ["p0"]}, "One person alone is no board"),
        ({"participants": ["p0", "nobody"]}, "no account 'nobody'"),
        ({"reason": " "}, "reason is missing"),
        ({"dx": "melanoma"}, "is no class of"),
        ({"values": {"elevation": "steep"}}, "Elevation"),
        ({"quality": 6}, "quality"),
    ):
        with pytest.raises(InvalidInput, match=said):
            board.formulate(workspace, cora, record_id, **(given | wrong))  # type: ignore[arg-type]
    board.formulate(workspace, cora, record_id, **given)  # type: ignore[arg-type]
    row = record_of(workspace, record_id)
    assert (row["dx"], row["verification_stage"], row["elevation"]) == ("bcc", 2, "nodular")
    assert row["agreement"] == pytest.approx(1 / 3)
    (consensus,) = decisions.consensus_of(workspace.engine, record_id)
    assert (consensus["kind"], consensus["participants"], consensus["reason"]) == ("board", ["p0", "p1"], "vessels")
    assert [r["dx"] for r in annotation_rows.annotations_of_record(workspace.engine, record_id)] == ["nv", "mel", "bcc"]
    with pytest.raises(InvalidInput, match="There is a consensus"):
        board.formulate(workspace, cora, record_id, **given)  # type: ignore[arg-type]


def test_nobody_sees_what_others_said_before_all_have_answered(workspace: Workspace) -> None:
    (record_id,) = fill_unannotated(workspace, 1, verification_stage=1, dx="nv")
    cora = add_curator(workspace)
    ada, ben, cem, dora = add_people(workspace, "ada", "ben", "cem", "dora")
    assign_work(workspace, cora, claimed=True)
    (left_out,) = {"ada", "ben", "cem", "dora"} - {
        t["account_id"] for t in tasks.tasks_of_record(workspace.engine, record_id)
    }
    asked = [p for p in (ada, ben, cem, dora) if p.id != left_out]
    answer_next(workspace, asked[0], "nv")
    answer_next(workspace, asked[1], "mel")
    with pytest.raises(AccessDenied, match="once everybody has"):
        board.see_case(workspace, asked[0], record_id)
    assert board.list_cases(workspace, asked[0]) == []
    answer_next(workspace, asked[2], "bcc")
    assert len(board.see_case(workspace, asked[0], record_id).answers) == 3
    outsider = next(p for p in (ada, ben, cem, dora) if p.id == left_out)
    with pytest.raises(AccessDenied):
        board.see_case(workspace, outsider, record_id)
    with pytest.raises(AccessDenied):
        board.comment(workspace, outsider, record_id, "hello")
    with pytest.raises(AccessDenied):
        board.formulate(workspace, asked[0], record_id, dx="nv", participants=["a", "b"], reason="x")


def test_an_answer_to_a_case_before_the_board_is_refused_and_kept(workspace: Workspace) -> None:
    record_id, _, people = reviewed(workspace, "nv", "mel", "bcc")
    task = next(t for t in tasks.tasks_of_record(workspace.engine, record_id) if t["account_id"] == people[0].id)
    receipt = answer(workspace, people[0], task["id"], "mel", comment="changed my mind")
    assert not receipt.acknowledged
    (reason,) = receipt.refused.values()
    assert "before the board" in reason
    assert "kept among your refused answers" in reason
    (kept,) = my_tasks.refused_answers(workspace, people[0])
    assert (kept.said, kept.comment, kept.reason) == ("Melanoma", "changed my mind", reason)


def test_two_curators_do_not_formulate_the_same_consensus_unknowingly(workspace: Workspace) -> None:
    record_id, cora, _ = reviewed(workspace, "nv", "mel", "bcc")
    dan = add_curator(workspace, "dan")
    assert board.hold_case(workspace, cora, record_id).held_by is None
    assert board.hold_case(workspace, dan, record_id).held_by == "Cora"
    assert board.see_case(workspace, dan, record_id).held_by == "Cora"
    given = {"dx": "nv", "participants": ["p0", "p1"], "reason": "x"}
    with pytest.raises(InvalidInput, match="Cora is formulating"):
        board.formulate(workspace, dan, record_id, **given)  # type: ignore[arg-type]
    board.formulate(workspace, cora, record_id, **given)  # type: ignore[arg-type]


def test_one_more_is_asked_below_the_threshold_and_then_the_board_decides(workspace: Workspace) -> None:
    rule = {"extra_below": 0.8, "most_reviewers": 4, "quorum": 0.6}
    (record_id,) = fill_unannotated(workspace, 1, verification_stage=1, dx="nv")
    set_rule(workspace, replace(NO_REPEATS, **rule))  # type: ignore[arg-type]
    cora = add_curator(workspace)
    people = add_people(workspace, "a", "b", "c", "d", "e")
    assign_work(workspace, cora, claimed=True)
    for dx in ("mel", "mel", "nv"):
        person = next(p for p in people if tasks.open_tasks(workspace.engine, p.id))
        answer_next(workspace, person, dx)
    assert len(tasks.tasks_of_record(workspace.engine, record_id)) == 4
    fourth = next(p for p in people if tasks.open_tasks(workspace.engine, p.id))
    answer_next(workspace, fourth, "mel")
    row = record_of(workspace, record_id)
    assert (row["dx"], row["n_reviewers"], row["agreement"]) == ("mel", 4, 0.75)
    kinds = [o["kind"] for o in decisions.outcomes_of(workspace.engine, record_id)]
    assert kinds == ["more_reviewers", "agreed"]
    assert all(open_task(workspace, p) is None for p in people)


def test_where_nobody_is_left_to_ask_the_board_decides(workspace: Workspace) -> None:
    record_id, cora, _ = reviewed(workspace, "mel", "mel", "nv", extra_below=0.9, most_reviewers=5, quorum=0.6)
    assert [c["record_id"] for c in board.list_cases(workspace, cora)] == [record_id]
