"""Feedback beside practice: what a reader's browser is told of a case, and when it is told nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.filled_workspace import begin, fill_judged, invite, make_event, make_protocol, read_cases
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.errors import AccessDenied, InvalidInput
from dermdash.reader_study.amendment import check_amendment
from dermdash.reader_study.design import AidedFollows
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reading_session import StepKind
from dermdash.reader_study.templates import get_template
from dermdash.reader_study.words import between
from dermdash.reader_study.words.language import Language
from dermdash.storage import studies
from dermdash.storage.workspace import Workspace
from dermdash.ui.reading_interlude import interlude_data
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.reader_study import create_study, reading_standing, run_reading
from dermdash.workflows.reader_study.case_material import truths_of
from dermdash.workflows.reader_study.reading_standing import ReadingSession
from dermdash.workflows.reader_study.run_reading import Receipt
from dermdash.workflows.reader_study.simulate_readers import simulate_readers

AT_ONCE = {"feedback": "at_once"}
RESTART = {"interruption": "restart", "longest_gap_min": 5}


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill_judged, tmp_path / "workspace")
    yield opened
    let_go(opened)


def told_on_the_way(workspace: Workspace, protocol: Protocol) -> tuple[list[ReadingSession], ReadingSession]:
    """Let a reader read all; returns where they stood at each feedback of a case that counts, and at the end.

    Checks on the way that nothing but the feedback screen ever names a truth, that it is the right one, and that its
    case never comes again.
    """
    study_id = create_study.create_study(workspace, protocol)
    study_id, reader_id = begin(workspace, *invite(workspace, study_id, "Ada"))
    truths = truths_of(workspace, study_id)
    told: list[ReadingSession] = []
    closed: set[str] = set()

    def look(session: ReadingSession) -> None:
        data: Any = panel_data(workspace, session, Receipt())
        step, due = data["step"], session.feedback_due
        if due is None:
            assert step is None or step["feedback"] is None
            # The end looks back on cases that were all told before.
            assert data["closing"] is None or session.step.step is StepKind.FINISHED
            beside = ("words", "pictures", "closing")
            assert "truth" not in json.dumps({k: v for k, v in data.items() if k not in beside})
            assert session.step.assignment is None or session.step.assignment.case_id not in closed
            return
        last = session.answered[due.id, due.phases[-1]]
        assert step["feedback"]["truth"] == truths[due.case_id]
        assert step["feedback"]["correct"] == (last["dx"] == truths[due.case_id])
        assert all(
            (a.id, p) in session.answered for a in session.assignments if a.case_id == due.case_id for p in a.phases
        )
        closed.add(due.case_id)
        if not due.practice:
            told.append(session)

    return told, read_cases(workspace, study_id, reader_id, at_each_step=look)


def test_each_case_is_told_once_it_is_complete_and_again_at_the_end_in_numbers(workspace: Workspace) -> None:
    told, end = told_on_the_way(workspace, make_protocol(pages=AT_ONCE))
    assert [session.feedback_due.case_id for session in told if session.feedback_due] == [
        a.case_id for a in end.assignments if not a.practice
    ]
    assert end.step.step is StepKind.FINISHED
    assert end.feedback_due is None
    closing = panel_data(workspace, end, Receipt())["closing"]
    assert closing is not None
    assert len(closing["results"]) == 2
    truths = truths_of(workspace, end.study_id)
    counting = [a for a in end.assignments if not a.practice]
    wrong = [a.position for a in counting if end.answered[a.id, a.phases[-1]]["dx"] != truths[a.case_id]]
    assert [one["position"] for one in closing["missed"]] == wrong
    assert wrong


def test_where_aided_answers_follow_the_round_nothing_is_told_before_them(workspace: Workspace) -> None:
    protocol = make_protocol(pages=AT_ONCE, design={"aided_follows": AidedFollows.AFTER_ROUND})
    told, _ = told_on_the_way(workspace, protocol)
    assert len(told) == 7
    unaided = 7
    assert all(sum(not a.practice for a in s.assignments if (a.id, "unaided") in s.answered) == unaided for s in told)


def test_in_a_crossover_a_case_is_told_in_the_second_period(workspace: Workspace) -> None:
    values = {"dataset_id": "clinic", "model_id": "m00000000001", "seed": 3, "cases_per_round": 7, "practice_cases": 1}
    design = get_template("crossover").values["design"].model_copy(update={"washout_days": 0})
    protocol = get_template("crossover").protocol(name="x", rounds=1, pages=AT_ONCE, design=design, **values)
    told, _ = told_on_the_way(workspace, protocol)
    assert [s.feedback_due.period for s in told if s.feedback_due] == [2] * 7


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"checks": {"hidden_repeats": 2}}, "hidden repeats exclude one another"),
        ({"conduct": RESTART}, "begin again after an interruption exclude one another"),
    ],
)
def test_feedback_that_would_give_away_what_comes_again_is_refused_and_never_given(
    workspace: Workspace, other: dict[str, Any], message: str
) -> None:
    protocol = make_protocol(pages=AT_ONCE, **other)
    with pytest.raises(InvalidInput, match=message):
        create_study.create_study(workspace, protocol)
    assert not protocol.tells_at_once
    with pytest.raises(InvalidInput, match=message):
        check_amendment(make_protocol(**other), protocol, reason="readers asked for it")


def test_a_study_frozen_with_both_tells_nothing_but_practice(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Protocol, "check_feedback", lambda self: None)
    told, _ = told_on_the_way(workspace, make_protocol(pages=AT_ONCE, checks={"hidden_repeats": 2}))
    assert not told


def test_feedback_cannot_be_added_where_cases_stand_beside_one_another() -> None:
    before = make_protocol(view={"whole_patient": True})
    after = make_protocol(view={"whole_patient": True}, pages=AT_ONCE)
    with pytest.raises(InvalidInput, match="Make a new study"):
        check_amendment(before, after, reason="readers asked for it")


def test_nobody_answers_the_next_case_before_its_step_was_sent_and_others_are_never_told(workspace: Workspace) -> None:
    study_id = create_study.create_study(workspace, make_protocol(pages=AT_ONCE, practice_cases=0))
    _, reader_id = begin(workspace, *invite(workspace, study_id, "Ada"))
    run_reading.receive(workspace, study_id, reader_id, [make_event("begin", "")])
    session = read_cases(workspace, study_id, reader_id, answers=2)
    later = session.assignments[-1]
    with pytest.raises(AccessDenied):
        reading_standing.truth_told(workspace, session, later)
    with pytest.raises(AccessDenied):  # and not once more when the reader has gone on
        reading_standing.truth_told(workspace, session, session.assignments[0])


@pytest.mark.parametrize("language", list(Language))
def test_readers_are_told_beforehand_in_every_language(workspace: Workspace, language: Language) -> None:
    study_id = create_study.create_study(workspace, make_protocol(pages=AT_ONCE))
    study_id, reader_id = begin(workspace, *invite(workspace, study_id, "Ada"))
    start = reading_standing.load_session(workspace, study_id, reader_id)
    first = interlude_data(workspace, start, language)
    counts = interlude_data(workspace, read_cases(workspace, study_id, reader_id, answers=4), language)
    assert first is not None
    assert counts is not None
    for paragraphs in (first["paragraphs"], counts["paragraphs"]):
        assert between.TOLD_AT_ONCE.said(language) in paragraphs
    assert between.PRACTICE_OVER_TEXT.said(language, 7) not in counts["paragraphs"]


def test_simulated_readers_leave_all_feedback(workspace: Workspace) -> None:
    study_id = create_study.create_study(workspace, make_protocol(pages=AT_ONCE), simulated=True)
    simulate_readers(workspace, study_id, count=1, seed=1)
    (reader_id,) = studies.reader_ids(workspace.engine, study_id)
    assert reading_standing.load_session(workspace, study_id, reader_id).feedback_due is None
