"""A reader's session against both databases: consent, locking, duplicates, resuming, crowd, and blinding."""

import hashlib
import io
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import pytest
import sqlalchemy as sa
from PIL import Image
from tests.browser.wire_recorder import images_in
from tests.conftest import OpenFilled
from tests.filled_workspace import (
    PROFILE,
    answer_next,
    begin,
    fill_model,
    fill_records,
    fill_study,
    invite,
    make_answer,
    make_event,
    make_protocol,
    read_cases,
    send,
)
from tests.made_once import nothing

from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.reader_study.event_allowance import PER_DELIVERY, PER_MINUTE, PER_READER
from dermdash.reader_study.profile import ReaderProfile
from dermdash.reader_study.reading_session import Refusal, StepKind
from dermdash.reader_study.words import refusals
from dermdash.reader_study.words.for_screen import screen_words
from dermdash.reader_study.words.language import Language
from dermdash.readings.modality import Modality, Phase
from dermdash.storage import readings, studies
from dermdash.storage.workspace import Workspace
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.reader_study import (
    create_study,
    invitations,
    join_study,
    reading_standing,
    run_reading,
    study_results,
)
from dermdash.workflows.reader_study.case_material import truths_of
from dermdash.workflows.reader_study.reading_standing import ReadingSession
from dermdash.workflows.reader_study.run_reading import Receipt

CASES, PRACTICE = 7, 2


@pytest.fixture
def filled(request: pytest.FixtureRequest, open_filled: OpenFilled) -> tuple[Workspace, str | None]:
    """An empty workspace where no study is asked for: such a test makes its own."""
    return open_filled(fill_study) if "study_id" in request.fixturenames else open_filled(nothing)


@pytest.fixture
def workspace(filled: tuple[Workspace, str | None]) -> Workspace:
    return filled[0]


@pytest.fixture
def study_id(filled: tuple[Workspace, str | None]) -> str:
    assert filled[1] is not None
    return filled[1]


@pytest.fixture
def session(workspace: Workspace, study_id: str) -> ReadingSession:
    """A reader before the first answer, who sees the first image."""
    session = reading_standing.load_session(workspace, *begin(workspace, *invite(workspace, study_id, "Ada")))
    send(workspace, session)
    return session


def again(workspace: Workspace, session: ReadingSession) -> ReadingSession:
    return reading_standing.load_session(workspace, session.study_id, session.reader_id)


def events(workspace: Workspace, study_id: str) -> pd.DataFrame:
    return readings.events_of_study(workspace.engine, study_id)


def test_two_tabs_that_consent_make_one_reader(workspace: Workspace, study_id: str) -> None:
    (token,) = invite(workspace, study_id, "Ada")
    both_tabs = join_study.open_invitation(workspace, token)
    first = join_study.start_reader(workspace, both_tabs)
    assert join_study.start_reader(workspace, both_tabs) == first
    assert join_study.open_invitation(workspace, token).reader_id == first
    assert len(study_results.reader_progress(workspace, study_id)) == 1
    assert len(studies.assignments_of_reader(workspace.engine, first)) == CASES + PRACTICE


def test_the_first_profile_stands(workspace: Workspace, session: ReadingSession) -> None:
    join_study.save_profile(workspace, session.reader_id, ReaderProfile("nurse", 1, "25_34", "male", "DE"))
    stored = studies.get_profile(workspace.engine, session.reader_id)
    assert stored is not None
    assert (stored["profession"], stored["country"]) == (PROFILE.profession, PROFILE.country)


def test_no_answer_is_taken_before_the_profile(workspace: Workspace, study_id: str) -> None:
    (token,) = invite(workspace, study_id, "Ada")
    reader_id = join_study.start_reader(workspace, join_study.open_invitation(workspace, token))
    session = reading_standing.load_session(workspace, study_id, reader_id)
    assert session.step.step is StepKind.PROFILE
    answer = make_answer(with_profile(session))
    assert run_reading.receive(workspace, study_id, reader_id, [answer]).refused == (
        (str(answer.id), Refusal.NOT_STARTED.message),
    )


def with_profile(session: ReadingSession) -> ReadingSession:
    return ReadingSession(
        session.study_id, session.reader_id, session.protocol, True, session.assignments, session.rows, {},
        frozenset(), False,
    )  # fmt: skip


def test_readers_differ_in_order_and_modalities_are_balanced(workspace: Workspace, study_id: str) -> None:
    orders, shown = set(), Counter[tuple[str, str]]()
    for token in invite(workspace, study_id, *"ABCDEF"):
        session = reading_standing.load_session(workspace, *begin(workspace, token))
        counted = [a for a in session.assignments if not a.practice]
        orders.add(tuple(a.case_id for a in counted))
        of_reader = Counter(a.modality for a in counted)
        # Without a crowd yet there are three modalities for seven cases.
        assert sorted(of_reader.values()) == [2, 2, 3] or Modality.CROWD_PROBABILITY in of_reader
        assert max(of_reader.values()) - min(of_reader.values()) <= 1
        assert [a.position for a in counted] == list(range(1, CASES + 1))
        assert all(a.practice for a in session.assignments[:PRACTICE])
        shown.update((a.case_id, a.modality) for a in counted)
        read_cases(workspace, study_id, session.reader_id)
    assert len(orders) > 1
    early = [n for (_, modality), n in shown.items() if modality is not Modality.CROWD_PROBABILITY]
    assert max(early) - min(early) <= 1


def test_the_unaided_answer_locks_before_the_aided_one(workspace: Workspace, session: ReadingSession) -> None:
    receipt = answer_next(workspace, session, phase="aided")
    assert [reason for _, reason in receipt.refused] == [Refusal.UNAIDED_NOT_LOCKED.message]
    assert not again(workspace, session).answered
    answer_next(workspace, session, "mel")
    locked = again(workspace, session)
    assert locked.step.phase is Phase.AIDED
    assert locked.step.assignment == session.step.assignment
    # Another unaided answer for the same case comes too late.
    late = answer_next(workspace, session, "bcc")
    assert [reason for _, reason in late.refused] == [Refusal.ALREADY_ANSWERED.message]
    assert [row["dx"] for row in again(workspace, session).answered.values()] == ["mel"]


def test_a_resent_answer_is_acknowledged_and_stored_once(workspace: Workspace, session: ReadingSession) -> None:
    answer = make_answer(session)
    for _ in range(3):
        receipt = run_reading.receive(workspace, session.study_id, session.reader_id, [answer])
        assert receipt == Receipt((str(answer.id),))
    assert len(again(workspace, session).answered) == 1


def test_a_refused_answer_is_logged_once_with_its_reason(workspace: Workspace, session: ReadingSession) -> None:
    second = make_answer(session, "bcc", confidence=3)
    answer_next(workspace, session, "mel")
    for _ in range(2):
        run_reading.receive(workspace, session.study_id, session.reader_id, [second])
    logged = events(workspace, session.study_id)
    assert list(logged["kind"]) == ["answer_refused"]
    assert logged["detail"].iloc[0] == {
        "reason": Refusal.ALREADY_ANSWERED.message, "phase": "unaided", "dx": "bcc", "confidence": 3,
    }  # fmt: skip
    assert logged["assignment_id"].iloc[0] == second.step_key


@pytest.mark.parametrize("changes", [{"dx": "wart"}, {"confidence": 4}])
def test_an_impossible_answer_is_refused_and_the_step_stays_open(
    workspace: Workspace, session: ReadingSession, changes: dict[str, Any]
) -> None:
    receipt = answer_next(workspace, session, **changes)
    assert receipt.refused[0][1] == refusals.NOT_OFFERED
    assert again(workspace, session).step == session.step


def test_a_later_case_cannot_be_answered_first(workspace: Workspace, session: ReadingSession) -> None:
    receipt = answer_next(workspace, session, step_key=session.assignments[-1].id)
    assert receipt.refused[0][1] == Refusal.OUT_OF_TURN.message


def test_a_case_of_another_reader_is_unknown(workspace: Workspace, session: ReadingSession) -> None:
    other = reading_standing.load_session(workspace, *begin(workspace, *invite(workspace, session.study_id, "Berta")))
    receipt = answer_next(workspace, session, step_key=other.assignments[0].id)
    assert receipt.refused[0][1] == Refusal.UNKNOWN_CASE.message
    assert not again(workspace, other).answered


def test_an_answer_id_of_another_reader_is_not_acknowledged(workspace: Workspace, session: ReadingSession) -> None:
    other = reading_standing.load_session(workspace, *begin(workspace, *invite(workspace, session.study_id, "Berta")))
    taken = uuid4()
    answer_next(workspace, other, id=taken)
    receipt = answer_next(workspace, session, id=taken)
    assert not receipt.acknowledged
    assert not again(workspace, session).answered


def test_one_delivery_may_hold_many_answers_good_and_bad(workspace: Workspace, session: ReadingSession) -> None:
    send(workspace, session, Phase.UNAIDED, Phase.AIDED)
    first = make_answer(session)
    aided = make_answer(session, "mel", phase="aided")
    rogue = make_answer(session, "bcc")
    receipt = run_reading.receive(
        workspace, session.study_id, session.reader_id, [first, rogue, aided, make_event("focus_lost")]
    )
    assert {str(first.id), str(aided.id)} < set(receipt.acknowledged)
    assert [answer_id for answer_id, _ in receipt.refused] == [str(rogue.id)]
    assert len(again(workspace, session).answered) == 2


def test_a_withdrawn_link_admits_nobody_and_keeps_the_answers(workspace: Workspace, study_id: str) -> None:
    (token,) = invite(workspace, study_id, "Ada")
    _, reader_id = begin(workspace, token)
    read_cases(workspace, study_id, reader_id, answers=5)
    invitations.withdraw_invitation(workspace, join_study.open_invitation(workspace, token).invitation_id)
    with pytest.raises(AccessDenied, match="withdrawn"):
        join_study.open_invitation(workspace, token)
    assert len(readings.readings_of_reader(workspace.engine, reader_id)) == 5


def test_a_renewed_link_leads_to_the_same_reader_and_the_old_one_says_that_it_was_replaced(
    workspace: Workspace, study_id: str
) -> None:
    (token,) = invite(workspace, study_id, "Ada")
    _, reader_id = begin(workspace, token)
    read_cases(workspace, study_id, reader_id, answers=3)
    invitation_id = join_study.open_invitation(workspace, token).invitation_id
    tokens = [token]
    for _ in range(2):
        renewed = invitations.renew_invitation(workspace, invitation_id)
        assert renewed.label == "Ada"
        tokens.append(renewed.link.split("invitation=")[1])
        for old in tokens[:-1]:
            with pytest.raises(AccessDenied, match="replaced by a newer one"):
                join_study.open_invitation(workspace, old)
        assert join_study.open_invitation(workspace, tokens[-1]).reader_id == reader_id
    read_cases(workspace, study_id, reader_id)


def test_an_invitation_is_withdrawn_renewed_and_withdrawn_again(workspace: Workspace, study_id: str) -> None:
    (first,) = invite(workspace, study_id, "Ada")
    invitation_id = join_study.open_invitation(workspace, first).invitation_id
    invitations.withdraw_invitation(workspace, invitation_id)
    second = invitations.renew_invitation(workspace, invitation_id).link.split("invitation=")[1]
    assert join_study.open_invitation(workspace, second).invitation_id == invitation_id
    invitations.withdraw_invitation(workspace, invitation_id)
    for token in (first, second):
        with pytest.raises(AccessDenied, match="withdrawn"):
            join_study.open_invitation(workspace, token)
    (row,) = study_results.invitations(workspace, study_id).to_dict("records")
    assert row["withdrawn_at"] is not None
    with pytest.raises(NotFound):
        invitations.renew_invitation(workspace, "no such invitation")


@pytest.mark.parametrize("label", ["Anna-Lena O'Brien", "Müller, Jörg (Wien)", "Читатель 1", "<b>*bold*</b>", "=1+1"])
def test_an_invitation_keeps_its_name_as_it_was_typed(workspace: Workspace, study_id: str, label: str) -> None:
    (made,) = invitations.invite_readers(workspace, study_id, [f"  {label} "])
    assert made.label == label
    assert label in set(study_results.invitations(workspace, study_id)["label"])


def test_a_name_too_long_for_an_invitation_is_refused_and_not_cut(workspace: Workspace, study_id: str) -> None:
    with pytest.raises(InvalidInput, match="101"):
        invitations.invite_readers(workspace, study_id, ["Ada", "x" * 101])
    assert study_results.invitations(workspace, study_id).empty


def test_a_link_that_was_never_made_is_refused(workspace: Workspace) -> None:
    for token in ("", "x", "../../etc/passwd", "ä" * 5000, "\x00"):
        with pytest.raises(AccessDenied, match="not valid"):
            join_study.open_invitation(workspace, token)


def test_the_session_resumes_at_the_open_answer_after_any_number_of_answers(
    workspace: Workspace, session: ReadingSession
) -> None:
    expected = [(a.id, phase) for a in session.assignments for phase in a.phases]
    seen: list[tuple[str, Phase]] = []

    def look(fresh: ReadingSession) -> None:
        step = fresh.step
        if fresh.feedback_due is None and step.assignment is not None and step.phase is not None:
            seen.append((step.assignment.id, step.phase))

    finished = read_cases(workspace, session.study_id, session.reader_id, at_each_step=look)
    assert seen == expected
    assert finished.step.step is StepKind.FINISHED
    assert finished.cases_read == (CASES, CASES)


def test_feedback_comes_after_each_practice_case_until_the_reader_goes_on(
    workspace: Workspace, session: ReadingSession
) -> None:
    practice = session.assignments[0]
    truth = truths_of(workspace, session.study_id)[practice.case_id]
    for _ in practice.phases:
        answer_next(workspace, again(workspace, session), truth)
    done = again(workspace, session)
    assert done.feedback_due == practice
    shown = panel_data(workspace, done, Receipt())["step"]
    assert shown["key"] == practice.id
    last = done.answered[(practice.id, practice.phases[-1])]
    answer = {name: last[name] for name in ("dx", "confidence", "malignancy_rating", "management")}
    assert shown["feedback"] == {"correct": True, "truth": truth, "answer": answer}
    run_reading.receive(workspace, done.study_id, done.reader_id, [make_event("continue", practice.id)])
    assert again(workspace, session).feedback_due is None


def test_the_truth_of_a_counting_case_is_never_given(workspace: Workspace, session: ReadingSession) -> None:
    with pytest.raises(AccessDenied):
        reading_standing.truth_told(workspace, session, session.assignments[-1])


def test_a_pause_lasts_until_the_reader_resumes(workspace: Workspace, session: ReadingSession) -> None:
    for kind, paused in (("pause", True), ("focus_lost", True), ("resume", False), ("pause", True)):
        run_reading.receive(workspace, session.study_id, session.reader_id, [make_event(kind)])
        fresh = again(workspace, session)
        assert fresh.paused is paused
        assert panel_data(workspace, fresh, Receipt())["paused"] is paused


def crowd_assignments(workspace: Workspace, token: str) -> Iterator[dict[str, Any]]:
    _, reader_id = begin(workspace, token)
    for row in studies.assignments_of_reader(workspace.engine, reader_id):
        if row["modality"] == Modality.CROWD_PROBABILITY:
            yield row


@pytest.fixture
def crowd_study_id(workspace: Workspace) -> str:
    fill_records(workspace)
    changes: dict[str, Any] = {"model_id": None, "modalities": (Modality.CROWD_PROBABILITY,), "practice_cases": 0}
    return create_study.create_study(workspace, make_protocol(**changes))


def test_a_crowd_needs_enough_earlier_readers(workspace: Workspace, crowd_study_id: str) -> None:
    tokens = invite(workspace, crowd_study_id, *"ABC")
    for token in tokens[:2]:
        session = reading_standing.load_session(workspace, *begin(workspace, token))
        # Nothing can be shown yet, so these are read without assistance.
        assert {a.modality for a in session.assignments} == {Modality.NONE}
        read_cases(workspace, crowd_study_id, session.reader_id)
    rows = list(crowd_assignments(workspace, tokens[2]))
    assert len(rows) == CASES
    assert {row["assistance"]["readers"] for row in rows} == {2}
    assert all(sum(row["assistance"]["probabilities"].values()) == pytest.approx(1) for row in rows)


def test_a_crowd_is_fixed_when_its_reader_starts(workspace: Workspace, crowd_study_id: str) -> None:
    tokens = invite(workspace, crowd_study_id, *"ABCD")
    readers = [begin(workspace, token)[1] for token in tokens[:2]]
    for reader_id in readers:
        read_cases(workspace, crowd_study_id, reader_id)
    _, third = begin(workspace, tokens[2])
    _, fourth = begin(workspace, tokens[3])
    read_cases(workspace, crowd_study_id, fourth)
    read_cases(workspace, crowd_study_id, third)
    aided = [row for row in readings.readings_of_reader(workspace.engine, third) if row["phase"] == "aided"]
    assert {row["assistance"]["readers"] for row in aided} == {2}


@pytest.mark.parametrize(("simulated_images", "crowd_sizes"), [(False, set()), (True, {2})])
def test_simulated_readers_are_a_crowd_for_simulated_images_only(
    workspace: Workspace, simulated_images: bool, crowd_sizes: set[int]
) -> None:
    fill_records(workspace, simulated=simulated_images)
    study_id = create_study.create_study(
        workspace, make_protocol(model_id=None, modalities=(Modality.CROWD_PROBABILITY,), practice_cases=0)
    )
    tokens = invite(workspace, study_id, *"ABC")
    for token in tokens[:2]:
        _, reader_id = begin(workspace, token, simulated=True)
        read_cases(workspace, study_id, reader_id)
    assert {row["assistance"]["readers"] for row in crowd_assignments(workspace, tokens[2])} == crowd_sizes


def test_an_aided_reading_stores_exactly_what_was_shown(workspace: Workspace, session: ReadingSession) -> None:
    shown: dict[str, Any] = {}

    def look(fresh: ReadingSession) -> None:
        step = panel_data(workspace, fresh, Receipt())["step"]
        if step is not None and step["phase"] == "aided" and step["feedback"] is None:
            shown[step["key"]] = step["assistance"]

    read_cases(workspace, session.study_id, session.reader_id, at_each_step=look)
    assert len(shown) == CASES + PRACTICE
    for row in readings.readings_of_reader(workspace.engine, session.reader_id):
        assignment_id, stored = row["assignment_id"], row["assistance"]
        if row["phase"] == "unaided":
            assert stored is None
            continue
        on_screen = shown[assignment_id]
        assert on_screen["modality"] == stored["modality"] == row["modality"]
        for key in ("malignancy", "probabilities", "readers"):
            assert on_screen.get(key) == stored.get(key)
        assert [(n["dx"], n["similarity"]) for n in on_screen.get("neighbours", [])] == [
            (n["dx"], n["similarity"]) for n in stored.get("neighbours", [])
        ]


STEP_KEYS = {
    "key", "phase", "position", "total", "image", "practice", "screening", "time_limit_s", "previous", "assistance",
    "feedback", "instruction", "beside",
}  # fmt: skip
PANEL_KEYS = {
    "reader", "question", "classes", "confidence_levels", "step", "prefetch", "acknowledged", "refused", "paused",
    "finished", "language", "languages", "words", "pictures", "interlude", "messages", "closed", "closing", "asked",
    "game", "room", "large",
}  # fmt: skip


def test_no_step_of_a_session_tells_the_browser_what_a_reader_may_not_know(
    workspace: Workspace, session: ReadingSession
) -> None:
    cases = study_results.study_cases(workspace, session.study_id)
    secret_ids = [*cases["id"], *cases["record_id"], *[r.split(":")[1] for r in cases["record_id"]]]
    secret_ids += [session.reader_id, session.study_id, "L_", "P_"]
    steps = []

    def look(fresh: ReadingSession) -> None:
        data = panel_data(workspace, fresh, Receipt())
        assert set(data) == PANEL_KEYS
        step = data["step"]
        # What everybody is told, and none of it about a case.
        assert data.pop("words") == screen_words(Language.ENGLISH)
        text = json.dumps(without_images(data))
        assert not [secret for secret in secret_ids if secret in text]
        assert not [key for key in ("truth_dx", "held_out", "record_id", "lesion_id", "case_id") if key in text]
        if step is None:
            assert data["finished"]
            return
        assert set(step) == STEP_KEYS
        steps.append(step)
        assert (step["assistance"] is None) == (step["phase"] == "unaided")
        assert (step["previous"] is None) == (step["phase"] == "unaided")
        if not step["practice"]:
            assert step["feedback"] is None
            assert "truth" not in text

    read_cases(workspace, session.study_id, session.reader_id, at_each_step=look)
    # Two phases per case, and one more look at each practice case for its feedback.
    assert len(steps) == 2 * (CASES + PRACTICE) + PRACTICE


def without_images(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_images(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_images(v) for v in value]
    return "image" if isinstance(value, str) and value.startswith("data:image/jpeg;base64,") else value


def test_a_delivery_of_answers_and_events_is_committed_once(workspace: Workspace, session: ReadingSession) -> None:
    send(workspace, session, Phase.UNAIDED, Phase.AIDED)
    commits: list[Any] = []
    sa.event.listen(workspace.engine, "commit", commits.append)
    items = [
        make_answer(session),
        make_answer(session, "mel", phase="aided"),
        *(make_event("pause") for _ in range(90)),
    ]
    receipt = run_reading.receive(workspace, session.study_id, session.reader_id, items)
    assert set(receipt.acknowledged) == {str(item.id) for item in items}
    assert len(commits) == 1


def test_events_beyond_the_allowance_wait_in_the_browser_and_answers_never_do(
    workspace: Workspace, session: ReadingSession
) -> None:
    now = time.monotonic()  # a slow machine would let one more in by the next minute's allowance
    run_reading.event_allowance(workspace, session.reader_id).clock = lambda: now
    items = [make_event("pause") for _ in range(200)]
    receipt = run_reading.receive(workspace, session.study_id, session.reader_id, [make_answer(session), *items])
    assert len(receipt.acknowledged) == 1 + PER_DELIVERY
    assert not receipt.refused
    # Delivered again, those on disk are acknowledged again and the next ones are stored.
    again_ids = set(run_reading.receive(workspace, session.study_id, session.reader_id, items).acknowledged)
    assert again_ids == {str(item.id) for item in items}
    flood = [make_event("focus_lost") for _ in range(200)]
    run_reading.receive(workspace, session.study_id, session.reader_id, flood)
    assert readings.count_events_of_reader(workspace.engine, session.reader_id) == PER_MINUTE
    assert not run_reading.worth_storing(workspace, session.reader_id, flood)
    assert run_reading.worth_storing(workspace, session.reader_id, [make_answer(session), *flood])
    # The pause above is over as soon as the reader says so, whatever came before.
    resume = make_event("resume")
    assert run_reading.worth_storing(workspace, session.reader_id, [resume])
    receipt = run_reading.receive(workspace, session.study_id, session.reader_id, [resume])
    assert receipt.acknowledged == (str(resume.id),)
    assert not again(workspace, session).paused


def test_a_reader_who_has_sent_all_events_that_are_kept_is_told_and_reads_on(
    workspace: Workspace, session: ReadingSession
) -> None:
    run_reading.event_allowance(workspace, session.reader_id).stored = PER_READER
    lost = make_event("focus_lost")
    answer = make_answer(session)
    receipt = run_reading.receive(workspace, session.study_id, session.reader_id, [answer, lost])
    assert receipt.acknowledged == (str(answer.id),)
    assert [event_id for event_id, _ in receipt.refused] == [str(lost.id)]
    # Feedback is left all the same, or the reader would stand there for ever.
    read_cases(workspace, session.study_id, session.reader_id)


def test_refused_answers_cannot_fill_the_log(workspace: Workspace, session: ReadingSession) -> None:
    now = time.monotonic()  # a slow machine would let some in by the next minute's allowance
    run_reading.event_allowance(workspace, session.reader_id).clock = lambda: now
    for _ in range(4):
        bogus = [make_answer(session, step_key="elsewhere") for _ in range(150)]
        receipt = run_reading.receive(workspace, session.study_id, session.reader_id, bogus)
        assert len(receipt.refused) == 150
    assert readings.count_events_of_reader(workspace.engine, session.reader_id) == PER_MINUTE


def test_two_tabs_that_answer_at_once_store_one_answer_and_refuse_the_other(
    workspace: Workspace, session: ReadingSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(workspace, session, Phase.UNAIDED, Phase.AIDED)
    mine, theirs = make_answer(session, "mel"), make_answer(session, "bcc")
    unstored, event = make_answer(session, "mel", phase="aided"), make_event("pause")
    load, faster = reading_standing.load_session, [theirs]

    def other_tab_answers_after_this_one_looked(*at: Any) -> ReadingSession:
        seen = load(*at)
        if faster:
            answer = faster.pop()
            with monkeypatch.context() as calm:
                calm.setattr(run_reading, "load_session", load)
                assert run_reading.receive(*at, [answer]).acknowledged == (str(answer.id),)
        return seen

    monkeypatch.setattr(run_reading, "load_session", other_tab_answers_after_this_one_looked)
    receipt = run_reading.receive(workspace, session.study_id, session.reader_id, [mine, unstored, event])
    assert [reason for _, reason in receipt.refused] == [Refusal.ALREADY_ANSWERED.message]
    # The aided answer belongs to the same person and the unaided one that counts.
    assert receipt.acknowledged == (str(unstored.id), str(event.id))
    rows = readings.readings_of_reader(workspace.engine, session.reader_id)
    assert [(row["phase"], row["dx"]) for row in rows] == [("unaided", "bcc"), ("aided", "mel")]


def images_of(workspace: Workspace, session: ReadingSession) -> set[bytes]:
    """Every picture that a reader's browser gets on the way through a study."""
    received: set[bytes] = set()

    def look(fresh: ReadingSession) -> None:
        received.update(images_in(json.dumps(panel_data(workspace, fresh, Receipt())).encode()))

    read_cases(workspace, session.study_id, session.reader_id, at_each_step=look)
    return received


def test_no_picture_leaves_as_a_file_or_as_pixels_that_a_data_set_or_another_study_holds(
    duckdb_workspace: Workspace,
) -> None:
    workspace = duckdb_workspace
    fill_model(workspace, fill_records(workspace))
    received = []
    for name in ("Morning", "Evening"):
        study_id = create_study.create_study(workspace, make_protocol(name=name))
        reader = begin(workspace, *invite(workspace, study_id, "Ada"))
        received.append(images_of(workspace, reading_standing.load_session(workspace, *reader)))
    stored = {path.read_bytes() for kind in ("originals", "thumbnails") for path in files_in(workspace, kind)}
    assert all(len(pictures) > CASES + PRACTICE for pictures in received)
    for prints in (bytes, pixels_of):
        held, morning, evening = ({prints(picture) for picture in pictures} for pictures in (stored, *received))
        assert not held & morning
        assert not held & evening
        assert not morning & evening
    assert not {size_of(picture) for picture in stored} & {size_of(p) for pictures in received for p in pictures}


def files_in(workspace: Workspace, kind: str) -> list[Path]:
    return [path for path in (workspace.home / kind).rglob("*") if path.is_file()]


def pixels_of(picture: bytes) -> bytes:
    return Image.open(io.BytesIO(picture)).convert("RGB").tobytes()


def size_of(picture: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(picture)).size


def test_what_a_browser_calls_its_reader_follows_from_no_id(workspace: Workspace, session: ReadingSession) -> None:
    name = panel_data(workspace, session, Receipt())["reader"]
    assert len(name) == 32
    for known in (session.reader_id, session.study_id):
        assert name not in hashlib.sha256(known.encode()).hexdigest()
        assert hashlib.sha256(known.encode()).hexdigest()[:16] not in name
    assert panel_data(workspace, again(workspace, session), Receipt())["reader"] == name
