from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from tests.factories import make_reading

from dermdash.storage import readings, study_acts
from dermdash.storage.reader_standing import StoredStanding, standing_of_reader
from dermdash.storage.results import read_rows
from dermdash.storage.workspace import Workspace

SECOND, THIRD = "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333"


def standing(workspace: Workspace, *, events: tuple[str, ...] = ("pause", "begin")) -> StoredStanding:
    return standing_of_reader(workspace.engine, "study", "reader", events=events, acts=("close", "let_on"))


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement.split()[0])

    sa.event.listen(engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(engine, "before_cursor_execute", note)


def test_nothing_is_known_of_a_reader_who_has_not_begun(workspace: Workspace) -> None:
    assert standing(workspace) == StoredStanding()


def test_one_statement_says_all_of_one_reader_in_the_order_of_recording(workspace: Workspace) -> None:
    engine = workspace.engine
    readings.save_sending(engine, reader_id="reader", assignment_id="a", phase="unaided", shown_sha256="first")
    readings.save_delivery(engine, answers=[make_reading(id=THIRD, assignment_id="a", malignancy_rating=40.0)])
    readings.save_sending(engine, reader_id="reader", assignment_id="a", phase="aided", shown_sha256="aid")
    readings.save_sending(engine, reader_id="reader", assignment_id="a", phase="aided", shown_sha256="covered")
    begin = {"id": "e1", "reader_id": "reader", "assignment_id": "a", "kind": "begin", "detail": {"messages": ["m"]}}
    others = [{"id": "e2", "reader_id": "reader", "kind": "beg"}, {"id": "e3", "reader_id": "other", "kind": "pause"}]
    readings.save_delivery(
        engine,
        answers=[make_reading(id=SECOND, assignment_id="b", dx=None, management="biopsy")],
        events=[*others, begin],
    )
    readings.save_delivery(engine, answers=[make_reading(reader_id="other", assignment_id="c")])
    close = study_acts.save_act(engine, study_id="study", kind="close", account_id="me", reason="done")
    let_on = study_acts.save_act(engine, study_id="study", kind="let_on", account_id="me", reader_id="reader")
    study_acts.save_act(engine, study_id="study", kind="mark", account_id="me")
    study_acts.save_act(engine, study_id="another", kind="close", account_id="me")

    with statements(engine) as ran:
        found = standing(workspace)
    assert ran == ["SELECT"]
    assert [(a["id"], a["dx"], a["malignancy_rating"], a["management"]) for a in found.answers] == [
        (THIRD, "nv", 40.0, None),
        (SECOND, None, None, "biopsy"),
    ]
    assert found.events == [{"kind": "begin", "assignment_id": "a", "detail": {"messages": ["m"]}}]
    assert [(act["id"], act["reader_id"], act["reason"]) for act in found.acts] == [
        (close, None, "done"),
        (let_on, "reader", ""),
    ]
    assert found.sendings == readings.sendings(engine, ["a"])
    assert found.sendings["a", "aided"][1] == "covered"


def test_a_reader_who_comes_back_to_a_step_is_sent_it_again_and_the_first_time_stands(workspace: Workspace) -> None:
    for _ in range(2):
        readings.save_sending(
            workspace.engine, reader_id="reader", assignment_id="a", phase="unaided", shown_sha256="x"
        )
        (first,) = [at for at, _ in standing(workspace).sendings.values()]
    assert standing(workspace).sendings == {("a", "unaided"): (first, "x")}


def test_what_is_new_is_stored_without_looking_and_what_is_not_is_found_out(workspace: Workspace) -> None:
    engine = workspace.engine
    with statements(engine) as ran:
        readings.save_delivery(engine, answers=[make_reading()])
    assert ran.count("INSERT") == 1
    asked = ran.count("SELECT")
    aided = make_reading(id=SECOND, phase="aided")
    with statements(engine) as ran:
        readings.save_delivery(engine, answers=[aided], answered={("assignment", "unaided")})
    assert ran.count("SELECT") <= asked
    again = readings.save_delivery(engine, answers=[aided], answered={("assignment", "unaided")})
    assert again == (readings.SaveOutcome.DUPLICATE,)
    other = make_reading(id=THIRD, phase="aided")
    refused = readings.save_delivery(engine, answers=[other], answered={("assignment", "unaided")})
    assert refused == (readings.SaveOutcome.ALREADY_ANSWERED,)


def test_a_transaction_that_was_left_open_is_rolled_back_when_its_connection_is_given_back(
    workspace: Workspace,
) -> None:
    engine = workspace.engine
    readings.save_sending(engine, reader_id="reader", assignment_id="a", phase="unaided", shown_sha256="x")
    left = engine.raw_connection()
    if workspace.embedded:
        left.driver_connection.begin()  # type: ignore[union-attr]
    left.cursor().execute("DELETE FROM step_sent")
    left.close()
    assert len(read_rows(engine, sa.text("SELECT assignment_id FROM step_sent"))) == 1
    with engine.connect() as unfinished:
        unfinished.execute(sa.text("DELETE FROM step_sent"))
    assert len(read_rows(engine, sa.text("SELECT assignment_id FROM step_sent"))) == 1
