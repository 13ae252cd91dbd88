"""Points and high score: what a browser receives of them never tells whether an answer to an open case was right."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.filled_workspace import begin, fill_judged, invite, make_answer, make_event, make_protocol, send
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.errors import AccessDenied, InvalidInput
from dermdash.reader_study.game import MOST_NAMES
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.words import game
from dermdash.reader_study.words.language import Language
from dermdash.storage import player_names
from dermdash.storage import tables as t
from dermdash.storage.results import read_dicts
from dermdash.storage.study_rows import rows_of_study
from dermdash.storage.workspace import Workspace
from dermdash.ui.reading_game import game_words
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.reader_study import conduct, create_study, play, reading_standing, run_reading, withdraw
from dermdash.workflows.reader_study.amend_study import amend_study
from dermdash.workflows.reader_study.case_material import truths_of
from dermdash.workflows.reader_study.reading_standing import ReadingSession
from dermdash.workflows.reader_study.run_reading import Receipt

GAME = {"game": True}


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill_judged, tmp_path / "workspace")
    yield opened
    let_go(opened)


def session_of(workspace: Workspace, study_id: str, reader_id: str) -> ReadingSession:
    return reading_standing.load_session(workspace, study_id, reader_id)


def read_all(workspace: Workspace, study_id: str, reader_id: str, *, right: bool) -> list[str]:
    """Answer everything right, or everything wrong; returns what the browser was told of the game at each step."""
    truths = truths_of(workspace, study_id)
    told = []
    while True:
        session = session_of(workspace, study_id, reader_id)
        data: Any = panel_data(workspace, session, Receipt())
        told.append(data["game"])
        step = session.step
        if session.feedback_due is not None:
            event = make_event("continue", session.feedback_due.id)
            run_reading.receive(workspace, study_id, reader_id, [event])
            continue
        if step.assignment is None:
            return told
        truth = truths[step.assignment.case_id]
        dx = truth if right else next(code for code in ("nv", "mel") if code != truth)
        send(workspace, session)
        assert not run_reading.receive(workspace, study_id, reader_id, [make_answer(session, dx)]).refused


def two_players(workspace: Workspace, protocol: Protocol) -> tuple[str, str, str]:
    study_id = create_study.create_study(workspace, protocol)
    ada, berta = (begin(workspace, token)[1] for token in invite(workspace, study_id, "Ada", "Berta"))
    for reader, name in ((ada, "Melanie"), (berta, "Dots & Co".replace("&", "-"))):
        play.play_along(workspace, session_of(workspace, study_id, reader), name)
    return study_id, ada, berta


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"pages": {"game": True, "feedback": "end"}},
        {"pages": {"game": True, "feedback": "at_once"}, "conduct": {"blinded": True}},
        {"checks": {"hidden_repeats": 2, "attention_checks": 1}},
    ],
)
def test_points_are_the_same_whatever_is_answered_while_anybody_reads(
    workspace: Workspace, changes: dict[str, Any]
) -> None:
    study_id, ada, berta = two_players(workspace, make_protocol(**({"pages": GAME} | changes)))
    right, wrong = (read_all(workspace, study_id, r, right=r is ada) for r in (ada, berta))
    assert right[0] == wrong[0] == "Level 1 · 0 points · 0 cases in a row"
    # A reader may have more cases without assistance than another, and so fewer steps.
    assert list(dict.fromkeys(right)) == list(dict.fromkeys(wrong))
    session = session_of(workspace, study_id, ada)
    play._score_lately.cache_clear()
    assert len({one.points for one in play.high_score(workspace, session)}) == 1


def test_right_answers_count_for_who_was_told_them_once_each_case_is_complete(workspace: Workspace) -> None:
    protocol = make_protocol(pages={"game": True, "feedback": "at_once"})
    study_id, ada, berta = two_players(workspace, protocol)
    right, wrong = (read_all(workspace, study_id, r, right=r is ada) for r in (ada, berta))
    assert right[-1] == "Level 2 · 140 points · 7 right in a row"
    assert wrong[-1] == "Level 2 · 70 points · 0 right in a row"
    # Between the two answers to a case nothing moves: what is told follows from closed cases alone.
    assert len(set(right)) == 8


def test_right_answers_count_when_the_study_is_over_for_everybody(workspace: Workspace) -> None:
    study_id, ada, berta = two_players(workspace, make_protocol(pages=GAME))
    for reader in (ada, berta):
        read_all(workspace, study_id, reader, right=reader is ada)
    before = session_of(workspace, study_id, ada)
    assert play.score(workspace, before).points == 70
    conduct.close_study(workspace, study_id, by="ada", reason="enough")
    play._score_lately.cache_clear()
    after = session_of(workspace, study_id, ada)
    assert [(p.place, p.name, p.points, p.own) for p in play.high_score(workspace, after)] == [
        (1, "Melanie", 140, True),
        (2, "Dots - Co", 70, False),
    ]
    with pytest.raises(InvalidInput, match="cannot be read on"):
        conduct.reopen_study(workspace, study_id, by="ada", reason="more readers")
    # Neither by way of a protocol without a game, or with a later end.
    quiet = make_protocol(pages={})
    with pytest.raises(InvalidInput, match="cannot be read on"):
        amend_study(workspace, study_id, quiet, reason="no game", actor=OPERATOR)


def test_nobody_plays_who_has_not_chosen_to_and_names_alone_are_shown(workspace: Workspace) -> None:
    study_id = create_study.create_study(workspace, make_protocol(pages=GAME))
    quiet, loud = (begin(workspace, token)[1] for token in invite(workspace, study_id, "Quiet", "Loud"))
    session = session_of(workspace, study_id, quiet)
    assert panel_data(workspace, session, Receipt())["game"] == ""
    play.play_along(workspace, session_of(workspace, study_id, loud), "Loud one")
    seen = play.high_score(workspace, session)
    assert [(p.name, p.own) for p in seen] == [("Loud one", False)]
    assert loud not in json.dumps([str(p) for p in seen])
    play.play_no_more(workspace, session_of(workspace, study_id, loud))
    assert play.high_score(workspace, session) == []
    # No name leaves with an archive of the study.
    assert "Loud one" not in json.dumps(rows_of_study(workspace.engine, study_id), default=str)
    other = create_study.create_study(workspace, make_protocol(name="No game"))
    _, reader = begin(workspace, *invite(workspace, other, "Eve"))
    with pytest.raises(AccessDenied):
        play.play_along(workspace, session_of(workspace, other, reader), "Eve")


def test_who_withdraws_is_off_the_list_and_their_name_goes_with_their_answers(workspace: Workspace) -> None:
    protocol = make_protocol(pages=GAME, conduct={"withdrawal": "delete"})
    study_id = create_study.create_study(workspace, protocol)
    token, other = invite(workspace, study_id, "Ada", "Berta")
    _, ada = begin(workspace, token)
    _, berta = begin(workspace, other)
    play.play_along(workspace, session_of(workspace, study_id, ada), "Melanie")
    withdraw.withdraw(workspace, token)
    assert player_names.name_of_reader(workspace.engine, ada) is None
    assert play.high_score(workspace, session_of(workspace, study_id, berta)) == []
    play.play_along(workspace, session_of(workspace, study_id, berta), "Melanie")


def test_names_of_a_reader_come_to_an_end_and_taking_them_reads_nobodys_answers(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_id, ada, _ = two_players(workspace, make_protocol(pages=GAME))
    session = session_of(workspace, study_id, ada)
    monkeypatch.setattr(play.time, "monotonic", lambda: 0.0)
    before = [player.points for player in play.high_score(workspace, session)]
    read: list[str] = []
    monkeypatch.setattr(play, "load_session", lambda _, study, reader: read.append(reader) or session)
    for _ in range(3):  # the name that holds is no new one
        play.play_along(workspace, session, "Melanie")
    for n in range(MOST_NAMES - 1):
        play.play_along(workspace, session, f"Melanie {n}")
    with pytest.raises(InvalidInput) as refused:
        play.play_along(workspace, session, "One more")
    assert refused.value.args[0] == game.NAME_TOO_OFTEN
    assert [player.points for player in play.high_score(workspace, session)] == before
    assert read == []
    for _ in range(3):
        play.play_no_more(workspace, session)
    rows = read_dicts(workspace.engine, sa.select(t.player_name))
    assert sum(row["reader_id"] == ada for row in rows) == MOST_NAMES + 1
    assert [player.name for player in play.high_score(workspace, session)] == ["Dots - Co"]


def test_a_name_that_looks_like_anothers_is_taken(workspace: Workspace) -> None:
    study_id, ada, berta = two_players(workspace, make_protocol(pages=GAME))
    for alike in ("melanie", "MÉLANIE", "Me-la-nie", "Ｍelanie"):
        with pytest.raises(InvalidInput) as refused:
            play.play_along(workspace, session_of(workspace, study_id, berta), alike)
        assert refused.value.args[0] is game.NAME_TAKEN
    play.play_along(workspace, session_of(workspace, study_id, ada), "melanie")


@pytest.mark.parametrize("language", list(Language))
def test_where_a_reader_stands_is_said_in_every_language(workspace: Workspace, language: Language) -> None:
    study_id, ada, _ = two_players(workspace, make_protocol(pages=GAME))
    said = game_words(workspace, session_of(workspace, study_id, ada), language)
    assert "{" not in said
    assert (said == game_words(workspace, session_of(workspace, study_id, ada), Language.ENGLISH)) is (
        language is Language.ENGLISH
    )
