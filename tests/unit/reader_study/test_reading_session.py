from typing import Any

import numpy as np
import pytest

from dermdash.errors import InvalidInput
from dermdash.reader_study.management import Management
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reading_session import (
    AnswerDecision,
    AnswerKey,
    AnswerVerdict,
    Assignment,
    Refusal,
    StepKind,
    check_answer,
    check_submission,
    next_step,
)
from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.readings.modality import Modality, Phase


def make_assignments(cases: int = 3, practice: int = 1, none_at: int | None = None) -> list[Assignment]:
    made = [Assignment(f"p{i}", f"pc{i}", i, Modality.CBIR, practice=True) for i in range(1, practice + 1)]
    for i in range(1, cases + 1):
        made.append(Assignment(f"a{i}", f"c{i}", i, Modality.NONE if i == none_at else Modality.CBIR))
    return made


def decide(
    submission: AnswerKey,
    readings: list[AnswerKey],
    assignments: list[Assignment] | None = None,
    sent: list[tuple[str, Phase]] | None = None,
) -> AnswerDecision:
    assigned = make_assignments(practice=0) if assignments is None else assignments
    everything = [(assignment.id, phase) for assignment in assigned for phase in assignment.phases]
    return check_submission(
        submission,
        consented=True,
        has_profile=True,
        assignments=assigned,
        readings=readings,
        sent=everything if sent is None else sent,
    )


def refused(reason: Refusal) -> AnswerDecision:
    return AnswerDecision(AnswerVerdict.REFUSED, reason)


def test_a_reader_goes_through_consent_profile_practice_cases_and_the_end() -> None:
    assignments, readings = make_assignments(cases=2, none_at=2), []
    kw = {"assignments": assignments, "readings": readings}
    assert next_step(consented=False, has_profile=False, **kw).step is StepKind.CONSENT  # type: ignore[arg-type]
    assert next_step(consented=True, has_profile=False, **kw).step is StepKind.PROFILE  # type: ignore[arg-type]
    seen = []
    while (now := next_step(consented=True, has_profile=True, **kw)).step is not StepKind.FINISHED:  # type: ignore[arg-type]
        assert now.assignment is not None
        assert now.phase is not None
        seen.append((now.step.value, now.assignment.id, now.phase.value))
        readings.append(AnswerKey(f"u{len(readings)}", now.assignment.id, now.phase))
    assert seen == [
        ("practice", "p1", "unaided"),
        ("practice", "p1", "aided"),
        ("reading", "a1", "unaided"),
        ("reading", "a1", "aided"),
        ("reading", "a2", "unaided"),
    ]


def test_a_resend_is_a_duplicate_and_a_second_answer_is_refused() -> None:
    stored = [AnswerKey("u1", "a1", Phase.UNAIDED)]
    assert decide(AnswerKey("u1", "a1", Phase.UNAIDED), stored) == AnswerDecision(AnswerVerdict.DUPLICATE)
    assert decide(AnswerKey("u2", "a1", Phase.UNAIDED), stored) == refused(Refusal.ALREADY_ANSWERED)
    assert decide(AnswerKey("u1", "a1", Phase.AIDED), stored) == refused(Refusal.ID_REUSED)
    assert decide(AnswerKey("u2", "a1", Phase.AIDED), stored) == AnswerDecision(AnswerVerdict.ACCEPT)


def test_aided_before_unaided_unknown_cases_wrong_phases_and_jumps_are_refused() -> None:
    assert decide(AnswerKey("u", "a1", Phase.AIDED), []) == refused(Refusal.UNAIDED_NOT_LOCKED)
    assert decide(AnswerKey("u", "zz", Phase.UNAIDED), []) == refused(Refusal.UNKNOWN_CASE)
    assert decide(AnswerKey("u", "a2", Phase.UNAIDED), []) == refused(Refusal.OUT_OF_TURN)
    none = [Assignment("a1", "c1", 1, Modality.NONE)]
    assert decide(AnswerKey("u", "a1", Phase.AIDED), [], none) == refused(Refusal.WRONG_PHASE)


@pytest.mark.parametrize(("consented", "has_profile"), [(False, False), (False, True), (True, False)])
def test_nothing_is_accepted_before_consent_and_profile(consented: bool, has_profile: bool) -> None:
    decision = check_submission(
        AnswerKey("u", "a1", Phase.UNAIDED),
        consented=consented,
        has_profile=has_profile,
        assignments=make_assignments(practice=0),
        readings=[],
        sent=[],
    )
    assert decision == refused(Refusal.NOT_STARTED)


@pytest.mark.parametrize("seed", range(30))
def test_whatever_a_browser_sends_every_reading_is_stored_once_and_in_order(seed: int) -> None:
    """Random resends, reorderings, jumps and reused ids never break the invariants, and honest readers finish."""
    rng = np.random.default_rng(seed)
    assignments = make_assignments(
        cases=int(rng.integers(1, 6)), practice=int(rng.integers(0, 3)), none_at=int(rng.integers(0, 6))
    )
    expected = [(a.id, phase) for a in assignments for phase in a.phases]
    phases = [Phase.UNAIDED, Phase.AIDED]
    stored: list[AnswerKey] = []
    for _ in range(2000):
        kind = rng.random()
        now = next_step(consented=True, has_profile=True, assignments=assignments, readings=stored)
        if now.step is StepKind.FINISHED:
            break
        assert now.assignment is not None
        assert now.phase is not None
        if kind < 0.2:
            sent = AnswerKey(f"u{rng.integers(1e9)}", now.assignment.id, now.phase)
        elif kind < 0.5 and stored:
            sent = stored[int(rng.integers(len(stored)))]
        else:
            ids = [a.id for a in assignments] + ["nowhere"]
            sent = AnswerKey(f"u{rng.integers(20)}", str(rng.choice(ids)), phases[rng.integers(2)])
        shuffled = [assignments[i] for i in rng.permutation(len(assignments))]
        decision = decide(sent, list(stored), shuffled)
        if sent in stored:
            assert decision.verdict is AnswerVerdict.DUPLICATE
        if decision.verdict is AnswerVerdict.ACCEPT:
            assert (sent.assignment_id, sent.phase) == expected[len(stored)]
            stored.append(sent)
        assert (decision.refusal is not None) == (decision.verdict is AnswerVerdict.REFUSED)
        if decision.refusal is not None:
            assert decision.refusal.message
        assert len({r.id for r in stored}) == len(stored)
    assert [(r.assignment_id, r.phase) for r in stored] == expected


def test_answers_outside_the_questions_choices_are_refused() -> None:
    protocol = template_nature_medicine_2020(name="S", dataset_id="d", taxonomy="ham7", model_id="m", seed=1)
    check_answer(protocol, dx="mel", confidence=3)
    for dx, confidence in [("nevus", 1), ("mel", 0), ("mel", 4)]:
        with pytest.raises(InvalidInput):
            check_answer(protocol, dx=dx, confidence=confidence)


def test_what_was_not_sent_cannot_be_answered() -> None:
    assert decide(AnswerKey("u1", "a1", Phase.UNAIDED), [], sent=[]) == refused(Refusal.NOT_SENT)
    locked = [AnswerKey("u1", "a1", Phase.UNAIDED)]
    unaided_only = [("a1", Phase.UNAIDED), ("a2", Phase.UNAIDED), ("a2", Phase.AIDED)]
    aided = AnswerKey("u2", "a1", Phase.AIDED)
    assert decide(aided, locked, sent=unaided_only) == refused(Refusal.NOT_SENT)
    assert decide(aided, locked, sent=[("a1", Phase.AIDED)]) == AnswerDecision(AnswerVerdict.ACCEPT)
    # A resend of what is stored is acknowledged whatever is known of its sending.
    assert decide(locked[0], locked, sent=[]) == AnswerDecision(AnswerVerdict.DUPLICATE)


def test_what_is_asked_beside_the_diagnosis_is_needed_and_what_is_not_asked_is_refused() -> None:
    def protocol(**asked: bool) -> Protocol:
        return template_nature_medicine_2020(
            name="S", dataset_id="d", taxonomy="ham7", model_id="m", seed=1, asked=asked
        )

    answer: dict[str, Any] = {"dx": "mel", "confidence": 3}
    both = {"malignancy_rating": 0, "management": Management.DISMISS}
    check_answer(protocol(malignancy_rating=True, management=True), **answer, **both)
    check_answer(protocol(management=True), **answer, management=Management.BIOPSY)
    wrong: list[tuple[dict[str, bool], dict[str, Any], str]] = [
        ({"malignancy_rating": True}, {}, "asks for the malignancy rating"),
        ({"management": True}, {}, "asks for the management"),
        ({}, {"malignancy_rating": 0}, "does not ask for the malignancy rating"),
        ({"malignancy_rating": True}, both, "does not ask for the management"),
    ]
    for asked, given, said in wrong:
        with pytest.raises(InvalidInput, match=said):
            check_answer(protocol(**asked), **answer, **given)
