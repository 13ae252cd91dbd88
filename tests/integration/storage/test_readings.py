import threading

import sqlalchemy as sa
from tests.factories import make_reading

from dermdash.storage import readings
from dermdash.storage.readings import SaveOutcome, save_delivery

OTHER_ID = "22222222-2222-4222-8222-222222222222"


def save_reading(engine, values):
    (outcome,) = save_delivery(engine, answers=[values])
    return outcome


def test_a_reading_is_stored_once_and_a_resend_is_a_no_op(workspace):
    assert save_reading(workspace.engine, values=make_reading()) is SaveOutcome.STORED
    assert save_reading(workspace.engine, values=make_reading(dx="mel")) is SaveOutcome.DUPLICATE
    (stored,) = readings.readings_of_reader(workspace.engine, "reader")
    assert stored["dx"] == "nv"


def test_a_second_answer_to_an_answered_phase_is_refused(workspace):
    save_reading(workspace.engine, values=make_reading())
    second = make_reading(id=OTHER_ID, dx="mel")
    assert save_reading(workspace.engine, values=second) is SaveOutcome.ALREADY_ANSWERED


def test_an_aided_reading_needs_its_unaided_one(workspace):
    aided = make_reading(id=OTHER_ID, phase="aided", assistance={"malignancy": 0.4})
    assert save_reading(workspace.engine, values=aided) is SaveOutcome.UNAIDED_MISSING
    save_reading(workspace.engine, values=make_reading())
    assert save_reading(workspace.engine, values=aided) is SaveOutcome.STORED
    assert readings.readings_of_reader(workspace.engine, "reader")[1]["assistance"] == {"malignancy": 0.4}


def test_the_id_of_somebody_elses_reading_is_not_acknowledged(workspace):
    save_reading(workspace.engine, values=make_reading())
    stolen = make_reading(reader_id="intruder", assignment_id="theirs")
    assert save_reading(workspace.engine, values=stolen) is SaveOutcome.ID_TAKEN


def test_of_many_simultaneous_answers_exactly_one_is_stored(workspace):
    outcomes: list[SaveOutcome] = []
    barrier = threading.Barrier(12)

    def answer(i: int) -> None:
        barrier.wait()
        values = make_reading(id=f"{i:08d}-1111-4111-8111-111111111111")
        outcomes.append(save_reading(workspace.engine, values=values))

    threads = [threading.Thread(target=answer, args=(i,)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [SaveOutcome.ALREADY_ANSWERED] * 11 + [SaveOutcome.STORED]
    assert len(readings.readings_of_reader(workspace.engine, "reader")) == 1


def test_simultaneous_readers_do_not_disturb_one_another(workspace):
    outcomes: list[SaveOutcome] = []

    def answer(i: int) -> None:
        values = make_reading(id=f"{i:08d}-1111-4111-8111-111111111111", reader_id=f"r{i}", assignment_id=f"a{i}")
        outcomes.append(save_reading(workspace.engine, values=values))

    threads = [threading.Thread(target=answer, args=(i,)) for i in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [SaveOutcome.STORED] * 30


def test_events_are_appended_once(workspace):
    event = {"id": OTHER_ID, "reader_id": "reader", "kind": "focus_lost", "detail": {"n": 1}}
    for _ in range(2):
        save_delivery(workspace.engine, answers=[], events=[event])
    assert readings.stored_events(workspace.engine, [OTHER_ID, "never"]) == {OTHER_ID}
    assert readings.count_events_of_reader(workspace.engine, "reader") == 1


def test_a_delivery_is_one_transaction_whatever_it_holds(workspace):
    commits = []
    sa.event.listen(workspace.engine, "commit", commits.append)
    answers = [make_reading(), make_reading(id=OTHER_ID, phase="aided", assistance={"malignancy": 0.4})]
    events = [{"id": f"e{i}", "reader_id": "reader", "kind": "pause"} for i in range(200)]
    assert save_delivery(workspace.engine, answers=answers, events=events) == (SaveOutcome.STORED, SaveOutcome.STORED)
    assert len(commits) == 1
    stored = readings.events_of_reader(workspace.engine, "reader", ["pause"])
    assert [row["id"] for row in stored] == [event["id"] for event in events]


def test_of_a_delivery_that_cannot_be_stored_whole_nothing_is_stored(workspace):
    save_reading(workspace.engine, values=make_reading())
    second = make_reading(id=OTHER_ID, assignment_id="next")
    third = make_reading(id="33333333-3333-4333-8333-333333333333", dx="mel")
    event = {"id": "e", "reader_id": "reader", "kind": "pause"}
    outcomes = save_delivery(workspace.engine, answers=[second, third], events=[event])
    assert outcomes == (SaveOutcome.STORED, SaveOutcome.ALREADY_ANSWERED)
    assert len(readings.readings_of_reader(workspace.engine, "reader")) == 1
    assert readings.stored_events(workspace.engine, ["e"]) == set()
