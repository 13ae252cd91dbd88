"""A study while it runs: who may begin, who gets a next step, what its team decides and what it may see."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from tests.filled_workspace import (
    PROFILE,
    answer_next,
    begin,
    fill_study,
    invite,
    make_answer,
    make_protocol,
    read_cases,
    send,
)
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.errors import AccessDenied, InvalidInput, NotAsStored, NotFound, StillBlinded
from dermdash.reader_study.conduct import SessionMark, StudyStanding
from dermdash.reader_study.quotas import parse_quota, stratum_title
from dermdash.reader_study.words import running
from dermdash.storage import readings
from dermdash.storage import tables as t
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import (
    blinding,
    conduct,
    create_study,
    invitations,
    join_study,
    reading_standing,
    recruitment,
    reminders,
    run_reading,
    study_results,
    withdraw,
)
from dermdash.workflows.reader_study.invitations import ToInvite, read_to_invite
from dermdash.workflows.reader_study.joined_before import joined_before, study_in_browsers, was_told_before
from dermdash.workflows.reader_study.monitor_study import monitor_study
from dermdash.workflows.reader_study.protocol_of_study import protocol_now
from dermdash.workflows.reader_study.readings_source import key_of_study, load_source


@pytest.fixture
def study(made_once: MadeOnce, tmp_path: Path) -> Iterator[tuple[Workspace, str]]:
    workspace, study_id = made_once.open_copy(fill_study, tmp_path / "workspace")
    yield workspace, study_id
    let_go(workspace)


def test_a_paused_study_sends_nobody_on_and_keeps_the_answer_to_what_was_sent(study: tuple[Workspace, str]) -> None:
    workspace, study_id = study
    (token, later) = invite(workspace, study_id, "A", "B")
    _, reader = begin(workspace, token)
    session = reading_standing.load_session(workspace, study_id, reader)
    send(workspace, session)
    conduct.pause_study(workspace, study_id, by="ada", reason="the model was wrong", text="Back on Monday.")
    standing = conduct.standing_of(workspace, study_id)
    assert conduct.not_read_now(standing) is running.PAUSED_TEXT
    assert conduct.told_besides(standing) == "Back on Monday."
    receipt = run_reading.receive(workspace, study_id, reader, [make_answer(session)])
    assert receipt.acknowledged
    with pytest.raises(AccessDenied, match="paused"):
        join_study.start_reader(workspace, join_study.open_invitation(workspace, later))
    with pytest.raises(InvalidInput, match="paused since"):
        conduct.pause_study(workspace, study_id, by="ada", reason="again")
    conduct.resume_study(workspace, study_id, by="ada")
    assert conduct.not_read_now(conduct.standing_of(workspace, study_id)) is None


def test_an_answer_that_comes_after_the_end_is_refused_and_logged_and_not_lost(study: tuple[Workspace, str]) -> None:
    workspace, study_id = study
    _, reader = begin(workspace, invite(workspace, study_id, "A")[0])
    session = reading_standing.load_session(workspace, study_id, reader)
    send(workspace, session)
    conduct.close_study(workspace, study_id, by="ada", reason="enough")
    receipt = run_reading.receive(workspace, study_id, reader, [make_answer(session, "mel")])
    assert not receipt.acknowledged
    assert "closed" in receipt.refused[0][1]
    (event,) = readings.events_of_reader(workspace.engine, reader, [run_reading.ANSWER_REFUSED])
    assert event["detail"]["dx"] == "mel"
    conduct.reopen_study(workspace, study_id, by="ada", reason="too early")
    assert answer_next(workspace, session).acknowledged


def test_an_end_is_in_the_future_and_can_be_moved(study: tuple[Workspace, str]) -> None:
    workspace, study_id = study
    with pytest.raises(InvalidInput, match="over already"):
        conduct.set_end(workspace, study_id, now() - timedelta(hours=1), by="ada")
    conduct.set_end(workspace, study_id, now() + timedelta(hours=1), by="ada")
    conduct.set_end(workspace, study_id, None, by="ada")
    assert conduct.conduct_of(workspace, study_id).until is None


def test_the_link_of_a_group_gives_everybody_one_of_their_own_until_its_places_are_taken(
    study: tuple[Workspace, str],
) -> None:
    workspace, study_id = study
    group = invitations.invite_group(workspace, study_id, "Ward 3", places=2)
    door = join_study.open_invitation(workspace, group.token)
    assert door.group
    with pytest.raises(InvalidInput, match="group"):
        join_study.start_reader(workspace, door)
    own = [recruitment.take_own_link(workspace, door, address="192.0.2.7") for _ in range(2)]
    assert begin(workspace, own[0].token)[1] != begin(workspace, own[1].token)[1]
    with pytest.raises(AccessDenied, match="places"):
        recruitment.take_own_link(workspace, door, address="192.0.2.7")
    invitations.withdraw_invitation(workspace, group.id)
    with pytest.raises(AccessDenied, match="withdrawn"):
        join_study.open_invitation(workspace, group.token)
    assert join_study.open_invitation(workspace, own[0].token).reader_id


def test_an_invitation_that_ended_admits_who_has_begun_and_nobody_else(study: tuple[Workspace, str]) -> None:
    workspace, study_id = study
    begun, fresh = invitations.invite_readers(workspace, study_id, ["A", "B"], until=now() + timedelta(hours=1))
    begin(workspace, begun.token)
    from dermdash.storage import invitations as rows

    for each in (begun, fresh):
        rows.save_invitation_change(workspace.engine, each.id, rows.UNTIL, until=now(), changed_by="ada")
    assert join_study.open_invitation(workspace, begun.token).reader_id
    with pytest.raises(AccessDenied, match="taken up until"):
        join_study.open_invitation(workspace, fresh.token)
    invitations.set_end(workspace, fresh.id, None, set_by="ada")
    assert join_study.open_invitation(workspace, fresh.token).reader_id is None


def test_a_further_link_leaves_the_first_one_working_and_a_renewal_does_not(study: tuple[Workspace, str]) -> None:
    workspace, study_id = study
    (first,) = invitations.invite_readers(workspace, study_id, ["A"])
    further = invitations.add_link(workspace, first.id, added_by="ada")
    for each in (first, further):
        assert join_study.open_invitation(workspace, each.token).invitation_id == first.id
    renewed = invitations.renew_invitation(workspace, first.id)
    for each in (first, further):
        with pytest.raises(AccessDenied, match="replaced"):
            join_study.open_invitation(workspace, each.token)
    assert join_study.open_invitation(workspace, renewed.token).invitation_id == first.id


def test_a_reader_whose_places_are_taken_is_told_so_and_counts_for_nothing(study: tuple[Workspace, str]) -> None:
    workspace, study_id = study
    conduct.set_quotas(workspace, study_id, [parse_quota(f"country={PROFILE.country}:1")], by="ada")
    first, second = (begin(workspace, token)[1] for token in invite(workspace, study_id, "A", "B"))
    assert recruitment.no_place_for(workspace, first) is None
    assert recruitment.no_place_for(workspace, second) == "country=AT"
    assert stratum_title("country=AT") == "Country you work in: Austria"
    assert recruitment.full_strata(workspace, study_id) == ("country=AT",)
    watch = monitor_study(workspace, study_id)
    assert [reader.turned_away for reader in watch.readers] == [None, "country=AT"]
    assert [taken for _, taken in watch.places] == [1]
    assert sum(b.assigned for b in watch.balance) == 7
    assert "B" not in [each.label for each in reminders.to_remind(workspace, study_id, days=0)]


def test_nobody_registers_by_themselves_where_the_protocol_does_not_say_so(study: tuple[Workspace, str]) -> None:
    workspace, study_id = study
    with pytest.raises(AccessDenied, match="protocol"):
        recruitment.open_recruitment(workspace, study_id, places=None, by="ada")
    with pytest.raises(AccessDenied, match="No study"):
        recruitment.open_public_page(workspace, study_id)
    with pytest.raises(AccessDenied, match="No study"):
        recruitment.open_public_page(workspace, "no-such-study")


def test_reminders_say_who_has_not_begun_and_who_stopped(study: tuple[Workspace, str]) -> None:
    workspace, study_id = study
    tokens = invite(workspace, study_id, "never", "consented", "half", "whole", "gone")
    begin(workspace, tokens[1])
    _, half = begin(workspace, tokens[2])
    read_cases(workspace, study_id, half, answers=8)
    _, whole = begin(workspace, tokens[3])
    read_cases(workspace, study_id, whole)
    invitations.withdraw_invitation(workspace, join_study.open_invitation(workspace, tokens[4]).invitation_id)
    found = {each.label: each.waiting for each in reminders.to_remind(workspace, study_id, days=0)}
    assert found == {"never": "not_opened", "consented": "not_started", "half": "stopped"}
    assert reminders.to_remind(workspace, study_id, days=1) == ()


def test_people_are_read_from_lines_with_or_without_an_address() -> None:
    text = "Reader 1\nDr Ada Reyes <ada@example.org>\nbob@example.org, Bob\n\ncy@example.org"
    assert read_to_invite(text) == [
        ToInvite("Reader 1"),
        ToInvite("Dr Ada Reyes", "ada@example.org"),
        ToInvite("Bob", "bob@example.org"),
        ToInvite("cy@example.org", "cy@example.org"),
    ]


@pytest.mark.parametrize("line", ["A <a@b@c>", "A <@example.org>"])
def test_what_is_no_address_is_refused(study: tuple[Workspace, str], line: str) -> None:
    workspace, study_id = study
    with pytest.raises(InvalidInput, match="no e-mail address"):
        invitations.invite_readers(workspace, study_id, read_to_invite(line))
    with pytest.raises(InvalidInput, match="twice"):
        invitations.invite_readers(workspace, study_id, read_to_invite("A <a@x.org>\nB <A@x.org>"))


def test_a_mark_needs_a_reason_and_a_reader_of_the_study(study: tuple[Workspace, str]) -> None:
    workspace, study_id = study
    _, reader = begin(workspace, invite(workspace, study_id, "A")[0])
    with pytest.raises(InvalidInput, match="reason"):
        conduct.mark_reader(workspace, study_id, reader, SessionMark.SUSPICIOUS, by="ada", reason=" ")
    with pytest.raises(NotFound, match="no reader"):
        conduct.mark_reader(workspace, study_id, "Rnobody", SessionMark.SUSPICIOUS, by="ada", reason="x")
    conduct.mark_reader(workspace, study_id, reader, SessionMark.SUSPICIOUS, by="ada", reason="asked their neighbour")
    (watched,) = monitor_study(workspace, study_id).readers
    assert watched.suspicious
    assert watched.mark is not None
    assert (watched.mark.account_id, watched.mark.reason) == ("ada", "asked their neighbour")


def test_results_are_kept_until_the_study_is_closed_and_stay_open_after_it(
    study: tuple[Workspace, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, study_id = study
    monkeypatch.setattr(blinding, "protocol_blinds", lambda protocol: True)
    _, reader = begin(workspace, invite(workspace, study_id, "A")[0])
    read_cases(workspace, study_id, reader)
    for look in (study_results.readings_table, study_results.export_nature_medicine):
        with pytest.raises(StillBlinded, match="keeps its results"):
            look(workspace, study_id)
    with pytest.raises(StillBlinded):
        load_source(workspace, key_of_study(study_id))
    assert monitor_study(workspace, study_id).readers[0].finished
    conduct.close_study(workspace, study_id, by="ada", reason="enough")
    assert len(study_results.readings_table(workspace, study_id)) == 14
    conduct.reopen_study(workspace, study_id, by="ada", reason="more readers")
    assert len(study_results.readings_table(workspace, study_id)) == 14
    assert monitor_study(workspace, study_id).standing is StudyStanding.RUNNING


def test_a_browser_is_offered_the_readings_begun_in_it_and_no_others(study: tuple[Workspace, str]) -> None:
    workspace, study_id = study
    group = invitations.invite_group(workspace, study_id, "Ward 3")
    door = join_study.open_invitation(workspace, group.token)
    begun, opened, left, withdrawn = [recruitment.take_own_link(workspace, door, address="192.0.2.7") for _ in range(4)]
    read_cases(workspace, *begin(workspace, begun.token), answers=6)
    begin(workspace, left.token)
    withdraw.withdraw(workspace, left.token)
    invitations.withdraw_invitation(workspace, withdrawn.id)
    (by_name,) = invite(workspace, study_id, "Ada")
    elsewhere = create_study.create_study(workspace, make_protocol(name="Elsewhere"))
    other = invitations.invite_group(workspace, elsewhere, "Ward 3")
    other_door = join_study.open_invitation(workspace, other.token)
    foreign = recruitment.take_own_link(workspace, other_door, address="192.0.2.7")
    kept = [
        begun.token, opened.token, begun.token, left.token, withdrawn.token, by_name, foreign.token, group.token,
        "x", "../../etc", "'; drop table reader; --",
    ]  # fmt: skip
    found = joined_before(workspace, door, kept)
    assert [(one.token, one.cases_done, one.cases_total) for one in found] == [
        (begun.token, 1, 7),
        (opened.token, 0, 0),
    ]
    assert study_in_browsers(workspace, study_id) != study_in_browsers(workspace, elsewhere)
    assert study_id not in study_in_browsers(workspace, study_id)


def test_where_diagnoses_are_told_at_once_nobody_begins_again_in_a_browser_or_account_that_was_told(
    study: tuple[Workspace, str],
) -> None:
    workspace, quiet = study
    telling = create_study.create_study(workspace, make_protocol(name="Telling", pages={"feedback": "at_once"}))
    doors = [join_study.open_invitation(workspace, invitations.invite_group(workspace, one, "Ward").token)
             for one in (telling, quiet)]  # fmt: skip
    begun, left = [recruitment.take_own_link(workspace, doors[0], address="192.0.2.7").token for _ in range(2)]
    (by_name,) = invite(workspace, telling, "Ada")
    _, reader_id = begin(workspace, begun)
    _, named = begin(workspace, by_name)
    run_reading.note_unblinded(workspace, named, account_id="ada", roles=["coordinator"])
    told = partial(was_told_before, workspace, telling)
    assert not told([begun, by_name, "x"], account_id="ada")  # begun, and nothing told so far
    read_cases(workspace, telling, reader_id, answers=6)
    read_cases(workspace, telling, named, answers=6)
    begin(workspace, left)
    withdraw.withdraw(workspace, left)
    assert [told([token], account_id=None) for token in (begun, by_name, left, "x")] == [True, True, True, False]
    assert (told([], account_id="ada"), told([], account_id="eve")) == (True, False)
    assert not was_told_before(workspace, quiet, [begun], account_id="ada")
    with pytest.raises(AccessDenied, match="in this browser somebody was told already"):
        recruitment.take_own_link(workspace, doors[0], address="192.0.2.7", kept=[begun])
    assert recruitment.take_own_link(workspace, doors[0], address="192.0.2.7", kept=["x"], account_id="eve")
    assert recruitment.take_own_link(workspace, doors[1], address="192.0.2.7", kept=[begun], account_id="ada")


def test_a_study_whose_protocol_was_changed_in_the_database_is_neither_read_nor_analysed(
    study: tuple[Workspace, str],
) -> None:
    workspace, study_id = study
    with workspace.engine.begin() as connection:
        connection.execute(t.study.update().values(protocol=t.study.c.protocol + " "))
    for use in (
        lambda: protocol_now(workspace, study_id),
        lambda: monitor_study(workspace, study_id),
        lambda: load_source(workspace, key_of_study(study_id)),
        lambda: begin(workspace, invite(workspace, study_id, "A")[0]),
    ):
        with pytest.raises(NotAsStored, match=r"not the one that was frozen.*from a backup"):
            use()
