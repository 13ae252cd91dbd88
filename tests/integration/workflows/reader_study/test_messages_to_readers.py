"""Messages to readers: before their next case, never in the middle of one, once, and logged."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.filled_workspace import answer_next, begin, fill_judged, invite, make_event, make_protocol, read_cases, send
from tests.made_once import MadeOnce

from dermdash.reader_study.words.language import Language
from dermdash.storage import readings
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange import InterludePayload
from dermdash.ui.reading_interlude import interlude_data
from dermdash.workflows.reader_study import conduct, create_study, reading_standing, run_reading


@pytest.fixture
def reading(made_once: MadeOnce, tmp_path: Path) -> Iterator[tuple[Workspace, str, str]]:
    """A reader at their third case, whose image was sent."""
    workspace, _ = made_once.open_copy(fill_judged, tmp_path / "workspace")
    study_id = create_study.create_study(workspace, make_protocol(practice_cases=0))
    _, reader = begin(workspace, invite(workspace, study_id, "A")[0])
    go_on(workspace, study_id, reader)
    read_cases(workspace, study_id, reader, answers=4)
    send(workspace, reading_standing.load_session(workspace, study_id, reader))
    yield workspace, study_id, reader
    workspace.close()


def shown(workspace: Workspace, study_id: str, reader: str) -> InterludePayload | None:
    session = reading_standing.load_session(workspace, study_id, reader)
    send(workspace, session)
    return interlude_data(workspace, session, Language.GERMAN)


def go_on(workspace: Workspace, study_id: str, reader: str) -> None:
    session = reading_standing.load_session(workspace, study_id, reader)
    assert session.step.assignment is not None
    event = make_event("begin", session.step.assignment.id)
    assert run_reading.receive(workspace, study_id, reader, [event]).acknowledged


def answer(workspace: Workspace, study_id: str, reader: str) -> None:
    assert answer_next(workspace, reading_standing.load_session(workspace, study_id, reader)).acknowledged


def test_a_message_waits_for_the_next_case_and_stands_there_until_it_was_left(
    reading: tuple[Workspace, str, str],
) -> None:
    message = conduct.send_message(reading[0], reading[1], "Lunch is at noon.\n\nSee you there.", by="ada")
    assert shown(*reading) is None  # its image is on the screen
    answer(*reading)
    assert shown(*reading) is None  # the aided answer belongs to the same case
    answer(*reading)
    for _ in range(2):  # a reload shows it again
        found = shown(*reading)
        assert found is not None
        assert found["title"] == "Eine Nachricht des Studienteams"
        assert found["paragraphs"] == ["Lunch is at noon.", "See you there."]
    go_on(*reading)
    assert shown(*reading) is None
    answer(*reading)
    answer(*reading)
    assert shown(*reading) is None
    events = readings.events_of_reader(reading[0].engine, reading[2], ["begin"])
    assert events[-1]["detail"] == {"messages": [message]}


def test_a_message_to_one_reader_is_for_nobody_else_and_an_old_one_not_for_who_comes_later(
    reading: tuple[Workspace, str, str],
) -> None:
    workspace, study_id, _ = reading
    conduct.send_message(workspace, study_id, "To all", by="ada")
    _, later = begin(workspace, invite(workspace, study_id, "B")[0])
    conduct.send_message(workspace, study_id, "To B", by="ada", reader_id=later)
    found = interlude_data(workspace, reading_standing.load_session(workspace, study_id, later), Language.ENGLISH)
    assert found is not None
    assert found["paragraphs"][:2] == ["A message from the study team:", "To B"]
    assert "To all" not in found["paragraphs"]
    for _ in range(2):
        answer(*reading)
    mine = shown(*reading)
    assert mine is not None
    assert mine["paragraphs"] == ["To all"]
