"""Each template from the freeze to the readings, and what keeps a reader of a design from answering."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.filled_workspace import DATASET, MODEL, begin, fill_judged, invite, make_answer, send
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.analyses.arms.run import analyse_arms
from dermdash.errors import AccessDenied, InvalidInput
from dermdash.reader_study.amendment import amended
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.design import ReadingOrder, StudyDesign
from dermdash.reader_study.outbox import ReadingSubmission
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import Checks, Conduct, Interruption, Screening
from dermdash.reader_study.reading_session import StepKind
from dermdash.reader_study.templates import STUDY_TEMPLATES, get_template
from dermdash.readings.modality import Phase
from dermdash.readings.pairs import reading_pairs
from dermdash.records.taxonomy import HAM7
from dermdash.storage import studies
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.reader_study import create_study, reading_standing, readings_source, run_reading, study_results
from dermdash.workflows.reader_study.amend_study import amend_study, amendment_changes
from dermdash.workflows.reader_study.conduct import let_reader_on
from dermdash.workflows.reader_study.protocol_of_study import frozen_protocol
from dermdash.workflows.reader_study.reading_standing import ReadingSession
from dermdash.workflows.reader_study.simulate_readers import simulate_readers
from dermdash.workflows.workspace.check_workspace import check_workspace

ARMS_OF: dict[str, dict[str, str]] = {
    "parallel-arms": {"with": "with class probabilities", "without": "without assistance"},
    "crossover": {},
}
EACH = dict.fromkeys(HAM7.codes, 1)


@pytest.fixture
def filled(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill_judged, tmp_path / "workspace")
    yield opened
    let_go(opened)


def small(key: str, **changes: Any) -> Protocol:
    """A template at seven cases: one of each class."""
    values: dict[str, Any] = {
        "name": key, "dataset_id": DATASET, "model_id": MODEL, "seed": 3, "cases_per_round": 7, "practice_cases": 1,
        "rounds": 1,
    }  # fmt: skip
    if key == "lancet-oncology-2019":
        design = get_template(key).values["design"]
        values["design"] = StudyDesign(arms=design.arms, cases_per_reader=4)
        values["checks"] = Checks(screening=Screening(cases=2, right=0))
    return get_template(key).protocol(**(values | changes))


@pytest.mark.parametrize("key", STUDY_TEMPLATES)
def test_simulated_readers_go_through_every_template(key: str, filled: Workspace) -> None:
    protocol = small(key)
    study_id = create_study.create_study(filled, protocol, simulated=True)
    simulate_readers(filled, study_id, count=4, seed=1)
    table = study_results.readings_table(filled, study_id)
    periods = {arm.key: arm.periods for arm in protocol.arms}
    arms = studies.arms_of_readers(filled.engine, study_id).set_index("reader_id")["arm"]
    for reader, rows in table.groupby("reader"):
        wanted = Counter(
            {
                phase: sum(phase in p.reading.phases for p in periods[arms[reader]]) * protocol.read_per_round
                for phase in Phase
            }
        )
        assert Counter(rows["phase"]) == +wanted
        assert set(rows["arm"]) == {arms[reader]}
    assert set(Counter(arms).values()) == {4 // len(protocol.arms)}
    assert not [f for f in check_workspace(filled).faults if f.kind.startswith("reading")]
    # Crossover: what was read in two periods makes pairs.
    pairs = reading_pairs(readings_source.study_readings(filled, study_id))
    paired = key in ("nature-medicine-2020", "dermachallenge-2023", "crossover", "wrong-advice")
    assert len(pairs) == (28 if paired else 0)
    if key in ("parallel-arms", "crossover"):
        result = analyse_arms(readings_source.study_readings(filled, study_id))
        assert {arm.key: arm.condition for arm in result.arms} == ARMS_OF[key]
        assert result.sequences == ({"without_first": 2, "with_first": 2} if key == "crossover" else {})


def open_study(workspace: Workspace, protocol: Protocol) -> tuple[str, str]:
    """A study for people and its first reader."""
    study_id = create_study.create_study(workspace, protocol)
    (token,) = invite(workspace, study_id, "One")
    return begin(workspace, token)


def answer(workspace: Workspace, session: ReadingSession, dx: str) -> ReadingSession:
    send(workspace, session)
    receipt = run_reading.receive(workspace, session.study_id, session.reader_id, [make_answer(session, dx)])
    assert not receipt.refused
    after = reading_standing.load_session(workspace, session.study_id, session.reader_id)
    # What is shown next follows from the session that the receipt holds, where it holds one.
    if receipt.session is not None:
        assert (receipt.session.step.step, receipt.session.step.assignment) == (after.step.step, after.step.assignment)
    return after


def test_a_crossover_waits_for_the_day_and_goes_on_then(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    study_id, reader_id = open_study(filled, small("crossover", practice_cases=0))
    session = reading_standing.load_session(filled, study_id, reader_id)
    first = session.assignments[0].reading
    for _ in range(7):
        assert session.step.phase == (Phase.AIDED if first is ReadingOrder.AIDED else Phase.UNAIDED)
        session = answer(filled, session, "nv")
    assert session.step.step is StepKind.WASHOUT
    assert session.step.opens_at is not None
    days = (session.step.opens_at - now()) / timedelta(days=1)
    assert days == pytest.approx(28, abs=0.1)
    later = now() + timedelta(days=28, minutes=1)
    monkeypatch.setattr(reading_standing, "now", lambda: later)
    session = reading_standing.load_session(filled, study_id, reader_id)
    assert session.step.assignment is not None
    assert session.step.assignment.period == 2


def test_a_reader_who_fails_the_screening_is_turned_away(filled: Workspace) -> None:
    protocol = small("lancet-oncology-2019", practice_cases=0, checks=Checks(screening=Screening(cases=2, right=2)))
    study_id, reader_id = open_study(filled, protocol)
    session = reading_standing.load_session(filled, study_id, reader_id)
    truth = studies.cases_of_study(filled.engine, study_id).set_index("id")["truth_dx"]
    for _ in range(2):
        assert session.step.step is StepKind.SCREENING
        assert session.step.assignment is not None
        right = truth[session.step.assignment.case_id]
        session = answer(filled, session, "nv" if right != "nv" else "mel")
    assert session.step.step is StepKind.NOT_ADMITTED


def test_checks_say_what_to_answer_and_are_no_results(filled: Workspace) -> None:
    protocol = small("nature-medicine-2020", practice_cases=0, checks=Checks(attention_checks=1, hidden_repeats=2))
    study_id, reader_id = open_study(filled, protocol)
    session = reading_standing.load_session(filled, study_id, reader_id)
    (check,) = [a for a in session.assignments if a.part is CasePart.CHECK]
    expected = session.rows[check.id]["expected"]
    assert expected["dx"] in protocol.classes.codes
    while session.step.assignment is not None:
        session = answer(filled, session, "nv")
    table = study_results.readings_table(filled, study_id)
    assert len(table) == 2 * (7 + 2)
    assert Counter(table["repeat"]) == {0: 14, 1: 4}
    assert check.case_id not in set(table["case"])


def test_a_round_begins_again_after_too_long_a_gap_and_only_its_last_attempt_counts(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    conduct = Conduct(interruption=Interruption.RESTART, longest_gap_min=60)
    study_id, reader_id = open_study(filled, small("han-2018", conduct=conduct, class_mix=EACH, practice_cases=0))
    session = reading_standing.load_session(filled, study_id, reader_id)
    for _ in range(3):
        session = answer(filled, session, "nv")
    assert reading_standing.begin_round_again_if_due(filled, session) is session
    later = now() + timedelta(minutes=61)
    monkeypatch.setattr(reading_standing, "now", lambda: later)
    first = [a.case_id for a in session.assignments]
    session = reading_standing.begin_round_again_if_due(filled, session)
    assert sorted(a.case_id for a in session.assignments) == sorted(first)
    assert [a.case_id for a in session.assignments] != first
    assert session.cases_read[0] == 0
    while session.step.assignment is not None:
        session = answer(filled, session, "mel")
    table = study_results.readings_table(filled, study_id)
    assert (len(table), set(table["dx"])) == (7, {"mel"})
    assert study_results.answers_left_out(filled, study_id)["answers in rounds that were begun again"] == 3
    progress = study_results.reader_progress(filled, study_id)
    assert list(progress[["cases_done", "cases_total"]].iloc[0]) == [7, 7]
    assert not [f for f in check_workspace(filled).faults if f.kind.startswith("reading")]


def test_a_reader_who_was_away_too_long_goes_on_when_the_team_lets_them(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    conduct = Conduct(interruption=Interruption.BLOCK, longest_gap_min=60)
    study_id, reader_id = open_study(filled, small("han-2018", conduct=conduct, class_mix=EACH, practice_cases=0))
    session = answer(filled, reading_standing.load_session(filled, study_id, reader_id), "nv")
    later = now() + timedelta(minutes=61)
    monkeypatch.setattr(reading_standing, "now", lambda: later)
    session = reading_standing.load_session(filled, study_id, reader_id)
    assert session.step.step is StepKind.HELD
    held = run_reading.receive(filled, study_id, reader_id, [make_answer_to(session.assignments[1].id)])
    assert held.refused
    let_reader_on(filled, study_id, reader_id, by=OPERATOR.id, reason="was ill")
    session = reading_standing.load_session(filled, study_id, reader_id)
    assert session.let_on_at is not None
    monkeypatch.setattr(reading_standing, "now", lambda: now() + timedelta(minutes=5))
    assert session.step.step is StepKind.READING


def make_answer_to(assignment_id: str) -> ReadingSubmission:
    moment = now()
    return ReadingSubmission(uuid4(), assignment_id, Phase.UNAIDED, "nv", 2, 900.0, moment, moment)


def test_an_amendment_is_followed_at_once_and_stands_in_the_export(filled: Workspace) -> None:
    study_id, reader_id = open_study(filled, small("han-2018", class_mix=EACH, practice_cases=0))
    session = answer(filled, reading_standing.load_session(filled, study_id, reader_id), "nv")
    after = amended(session.protocol, {"time_limit_s": 30})
    made = amend_study(filled, study_id, after, reason="readers lingered", actor=OPERATOR)
    assert made.number == 1
    session = reading_standing.load_session(filled, study_id, reader_id)
    assert session.protocol.time_limit_s == 30
    answer(filled, session, "nv")
    table = study_results.readings_table(filled, study_id)
    assert list(table["amendment"]) == [0, 1]
    assert set(table["protocol_sha256"]) == {frozen_protocol(filled, study_id).sha256}
    ((amendment, changed),) = amendment_changes(filled, study_id)
    assert (amendment.reason, [c.entry for c in changed]) == ("readers lingered", ["time_limit_s"])
    with pytest.raises(AccessDenied):
        amend_study(filled, study_id, amended(after, {"time_limit_s": 40}), reason="again", actor=None)
    with pytest.raises(InvalidInput, match="seed cannot be amended"):
        amend_study(filled, study_id, amended(after, {"seed": 40}), reason="again", actor=OPERATOR)


def test_arms_are_even_within_the_strata_of_the_profile(filled: Workspace) -> None:
    study_id = create_study.create_study(filled, small("parallel-arms"))
    for token in invite(filled, study_id, *(f"R{i}" for i in range(6))):
        begin(filled, token)
    readers = studies.arms_of_readers(filled.engine, study_id)
    assert Counter(readers["arm"]) == {"without": 3, "with": 3}
    assert len(set(readers["stratum"])) == 1
    assert "" not in set(readers["stratum"])
