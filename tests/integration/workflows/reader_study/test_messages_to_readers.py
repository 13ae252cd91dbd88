"""Messages to readers: before their next case, never in the middle of one, once, and logged."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.filled_workspace import (
    DATASET,
    MODEL,
    answer_next,
    begin,
    fill_judged,
    fill_study_without_practice,
    invite,
    make_event,
    read_cases,
    send,
)
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.reader_study.templates import get_template
from dermdash.reader_study.words.language import Language
from dermdash.storage import readings
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange.reading import InterludePayload
from dermdash.ui.reading_interlude import interlude_data
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.reader_study import conduct, create_study, reading_standing, run_reading
from dermdash.workflows.reader_study.messages_to_readers import SEEN


@pytest.fixture
def reading(made_once: MadeOnce, tmp_path: Path) -> Iterator[tuple[Workspace, str, str]]:
    """A reader at their third case, whose image was sent."""
    workspace, study_id = made_once.open_copy(fill_study_without_practice, tmp_path / "workspace")
    _, reader = begin(workspace, invite(workspace, study_id, "A")[0])
    go_on(workspace, study_id, reader)
    read_cases(workspace, study_id, reader, answers=4)
    send(workspace, reading_standing.load_session(workspace, study_id, reader))
    yield workspace, study_id, reader
    let_go(workspace)


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


def test_who_has_finished_is_told_and_it_stays_on_the_page_and_is_logged_once(
    reading: tuple[Workspace, str, str],
) -> None:
    workspace, study_id, reader = reading
    read_cases(workspace, study_id, reader)
    assert end_page(*reading) == []
    first = conduct.send_message(workspace, study_id, "The results\nare out.", by="ada")
    for _ in range(2):
        assert end_page(*reading) == ["Eine Nachricht des Studienteams:", "The results", "are out."]
    second = conduct.send_message(workspace, study_id, "Thank you.", by="ada", reader_id=reader)
    assert end_page(*reading)[1:] == ["The results", "are out.", "Thank you."]
    events = readings.events_of_reader(workspace.engine, reader, [SEEN])
    assert [event["detail"] for event in events] == [{"messages": [first]}, {"messages": [second]}]


def test_a_message_in_the_washout_is_told_there_and_not_again_before_the_next_part(
    made_once: MadeOnce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, _ = made_once.open_copy(fill_judged, tmp_path / "workspace")
    protocol = get_template("crossover").protocol(
        name="Twice", dataset_id=DATASET, model_id=MODEL, seed=3, cases_per_round=7, practice_cases=0
    )
    study_id = create_study.create_study(workspace, protocol)
    _, reader = begin(workspace, invite(workspace, study_id, "A")[0])
    read_cases(workspace, study_id, reader, answers=7)
    conduct.send_message(workspace, study_id, "Part two is shorter.", by="ada")
    assert end_page(workspace, study_id, reader)[1:] == ["Part two is shorter."]
    later = now() + timedelta(days=29)
    monkeypatch.setattr(reading_standing, "now", lambda: later)
    found = shown(workspace, study_id, reader)
    assert found is not None
    assert "Part two is shorter." not in found["paragraphs"]
    workspace.close()


def end_page(workspace: Workspace, study_id: str, reader: str) -> list[str]:
    """What the team says on a page without a case."""
    session = reading_standing.load_session(workspace, study_id, reader)
    data = panel_data(workspace, session, run_reading.Receipt(), language=Language.GERMAN)
    assert data["step"] is None
    return data["messages"]
