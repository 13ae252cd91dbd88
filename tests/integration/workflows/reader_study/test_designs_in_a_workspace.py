"""Each template from the freeze to the readings, and what keeps a reader of a design from answering."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.filled_workspace import DATASET, MODEL, begin, fill_judged, invite, make_answer, send
from tests.made_once import MadeOnce

from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.design import ReadingOrder, StudyDesign
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import Checks, Screening
from dermdash.reader_study.reading_session import StepKind
from dermdash.reader_study.templates import STUDY_TEMPLATES, get_template
from dermdash.readings.modality import Phase
from dermdash.readings.pairs import reading_pairs
from dermdash.storage import studies
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import create_study, readings_source, run_reading, study_results
from dermdash.workflows.reader_study.run_reading import ReadingSession
from dermdash.workflows.reader_study.simulate_readers import simulate_readers
from dermdash.workflows.workspace.check_workspace import check_workspace


@pytest.fixture
def filled(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill_judged, tmp_path / "workspace")
    yield opened
    opened.close()


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


def open_study(workspace: Workspace, protocol: Protocol) -> tuple[str, str]:
    """A study for people and its first reader."""
    study_id = create_study.create_study(workspace, protocol)
    (token,) = invite(workspace, study_id, "One")
    return begin(workspace, token)


def answer(workspace: Workspace, session: ReadingSession, dx: str) -> ReadingSession:
    send(workspace, session)
    receipt = run_reading.receive(workspace, session.study_id, session.reader_id, [make_answer(session, dx)])
    assert not receipt.refused
    return run_reading.load_session(workspace, session.study_id, session.reader_id)


def test_a_crossover_waits_for_the_day_and_goes_on_then(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    study_id, reader_id = open_study(filled, small("crossover", practice_cases=0))
    session = run_reading.load_session(filled, study_id, reader_id)
    first = session.assignments[0].reading
    for _ in range(7):
        assert session.step.phase == (Phase.AIDED if first is ReadingOrder.AIDED else Phase.UNAIDED)
        session = answer(filled, session, "nv")
    assert session.step.step is StepKind.WASHOUT
    assert session.step.opens_at is not None
    days = (session.step.opens_at - now()) / timedelta(days=1)
    assert days == pytest.approx(28, abs=0.1)
    later = now() + timedelta(days=28, minutes=1)
    monkeypatch.setattr(run_reading, "now", lambda: later)
    assert session.step.assignment is not None
    assert session.step.assignment.period == 2


def test_a_reader_who_fails_the_screening_is_turned_away(filled: Workspace) -> None:
    protocol = small("lancet-oncology-2019", practice_cases=0, checks=Checks(screening=Screening(cases=2, right=2)))
    study_id, reader_id = open_study(filled, protocol)
    session = run_reading.load_session(filled, study_id, reader_id)
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
    session = run_reading.load_session(filled, study_id, reader_id)
    (check,) = [a for a in session.assignments if a.part is CasePart.CHECK]
    expected = session.rows[check.id]["expected"]
    assert expected["dx"] in protocol.classes.codes
    while session.step.assignment is not None:
        session = answer(filled, session, "nv")
    table = study_results.readings_table(filled, study_id)
    assert len(table) == 2 * (7 + 2)
    assert Counter(table["repeat"]) == {0: 14, 1: 4}
    assert check.case_id not in set(table["case"])


def test_arms_are_even_within_the_strata_of_the_profile(filled: Workspace) -> None:
    study_id = create_study.create_study(filled, small("parallel-arms"))
    for token in invite(filled, study_id, *(f"R{i}" for i in range(6))):
        begin(filled, token)
    readers = studies.arms_of_readers(filled.engine, study_id)
    assert Counter(readers["arm"]) == {"without": 3, "with": 3}
    assert len(set(readers["stratum"])) == 1
    assert "" not in set(readers["stratum"])
