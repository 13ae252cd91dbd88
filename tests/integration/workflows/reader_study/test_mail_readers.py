"""Invitations and reminders by mail, against a mail server of the test: named when they fail, and never sent twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.filled_workspace import fill_study
from tests.made_once import MadeOnce
from tests.mail_server import MailServer, running_mail_server
from tests.quick_databases import let_go

from dermdash.errors import InvalidInput, MailServerAway
from dermdash.reader_study.mail_texts import LANGUAGES, MailKind, MailText, mail_text, until_words
from dermdash.storage import invitations as rows
from dermdash.storage import mails
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import invitations, join_study
from dermdash.workflows.reader_study.invitations import read_to_invite
from dermdash.workflows.reader_study.mail_readers import MailReport, due_invitations, due_reminders, send_mails

PEOPLE = "Ada <ada@example.org>\nBob <bob@example.org>\nCy <cy@example.org>\nNo address"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running_mail_server() as running:
        yield running


@pytest.fixture
def study(
    server: MailServer, made_once: MadeOnce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Workspace, str]]:
    for name, value in {
        "HOST": "127.0.0.1", "PORT": str(server.port), "SECURITY": "none", "FROM": "Study team <study@example.org>",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"DERMDASH_SMTP_{name}", value)
    workspace, study_id = made_once.open_copy(fill_study, tmp_path / "workspace")
    invitations.invite_readers(workspace, study_id, read_to_invite(PEOPLE), language="de")
    yield workspace, study_id
    let_go(workspace)


def mail(workspace: Workspace, study_id: str, **how: object) -> MailReport:
    due = due_invitations(workspace, study_id)
    return send_mails(workspace, study_id, due, by="ada", wait=lambda seconds: None, **how)  # type: ignore[arg-type]


def link_in(text: str) -> str:
    return next(line.rpartition("=")[2] for line in text.splitlines() if "invitation=" in line)


def test_everybody_with_an_address_gets_a_link_that_admits_once(
    study: tuple[Workspace, str], server: MailServer
) -> None:
    workspace, study_id = study
    report = mail(workspace, study_id)
    assert (report.sent, report.failed, report.left) == (["Ada", "Bob", "Cy"], [], 0)
    assert [to for to, _ in server.taken] == ["ada@example.org", "bob@example.org", "cy@example.org"]
    message = server.taken[0][1]
    assert message["From"] == "Study team <study@example.org>"
    assert "Einladung" in message["Subject"]
    assert "Grüßen" in message.get_content()
    assert join_study.open_invitation(workspace, link_in(message.get_content())).label == "Ada"
    assert due_invitations(workspace, study_id) == ()


def test_what_is_refused_is_named_without_the_address_and_can_be_sent_again(
    study: tuple[Workspace, str], server: MailServer
) -> None:
    workspace, study_id = study
    server.refused.add("bob@example.org")
    report = mail(workspace, study_id)
    assert report.failed == [("Bob", "550 no such mailbox the address")]
    assert [due.label for due in due_invitations(workspace, study_id)] == ["Bob"]
    server.refused.clear()
    assert mail(workspace, study_id).sent == ["Bob"]
    assert len(server.taken) == 3


def test_a_mail_that_may_have_gone_out_is_not_sent_again(study: tuple[Workspace, str], server: MailServer) -> None:
    workspace, study_id = study
    server.breaks_off.add("ada@example.org")
    report = mail(workspace, study_id)
    assert [label for label, _ in report.unknown] == ["Ada"]
    assert report.stopped_by
    assert report.left == 2
    server.breaks_off.clear()
    assert mail(workspace, study_id).sent == ["Bob", "Cy"]
    assert [to for to, _ in server.taken].count("ada@example.org") == 1


def test_a_mail_that_was_begun_and_broken_off_by_a_crash_is_not_sent_again(
    study: tuple[Workspace, str], server: MailServer
) -> None:
    workspace, study_id = study
    first = due_invitations(workspace, study_id)[0]
    begun = {"invitation_id": first.invitation_id, "kind": "invitation", "number": 1, "attempt": 1, "account_id": "ada"}
    assert mails.begin_mail(workspace.engine, **begun)  # type: ignore[arg-type]
    assert mails.begin_mail(workspace.engine, **begun) is None  # type: ignore[arg-type]
    assert [due.label for due in due_invitations(workspace, study_id)] == ["Bob", "Cy"]
    # A second tab that had drawn its list before.
    assert send_mails(workspace, study_id, [first], by="bob").others == ["Ada"]
    assert server.taken == []


def test_a_server_that_goes_away_leaves_the_rest_for_later(study: tuple[Workspace, str], server: MailServer) -> None:
    workspace, study_id = study
    server.hangs_up_on.add("bob@example.org")
    report = mail(workspace, study_id)
    assert (report.sent, report.left) == (["Ada"], 2)
    server.hangs_up_on.clear()
    assert mail(workspace, study_id).sent == ["Bob", "Cy"]


def test_no_server_is_said_and_nothing_is_begun(study: tuple[Workspace, str], server: MailServer) -> None:
    workspace, study_id = study
    due = due_invitations(workspace, study_id)
    server.shutdown()
    server.server_close()
    with pytest.raises(MailServerAway, match="cannot be reached"):
        send_mails(workspace, study_id, due, by="ada")
    assert mails.mails_of_study(workspace.engine, study_id).empty
    with pytest.raises(InvalidInput, match="nobody"):
        send_mails(workspace, study_id, [], by="ada")


def test_a_reminder_goes_to_who_is_silent_and_once_in_the_time_it_waits_for(
    study: tuple[Workspace, str], server: MailServer
) -> None:
    workspace, study_id = study
    assert due_reminders(workspace, study_id, days=1) == ()
    due = due_reminders(workspace, study_id, days=0)
    assert [each.label for each in due] == ["Ada", "Bob", "Cy"]
    send_mails(workspace, study_id, due, by="ada", wait=lambda seconds: None)
    token = link_in(server.taken[0][1].get_content())
    assert join_study.open_invitation(workspace, token).label == "Ada"
    again = due_reminders(workspace, study_id, days=0)
    assert {each.number for each in again} == {2}


def test_addresses_are_deleted_when_nobody_is_to_be_written_to(
    study: tuple[Workspace, str], server: MailServer
) -> None:
    workspace, study_id = study
    mail(workspace, study_id)
    assert rows.forget_addresses(workspace.engine, study_id) == 3
    assert due_invitations(workspace, study_id) == ()
    assert due_reminders(workspace, study_id, days=0) == ()
    assert len(mails.mails_of_study(workspace.engine, study_id)) == 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(MailKind))
def test_every_text_has_its_places_filled(kind: MailKind, language: str) -> None:
    values = {"{name}": "Ada", "{study}": "S", "{link}": "L", "{cases}": "9", "{done}": "2", "{until}": "x"}
    subject, text = mail_text(kind, language).filled(values)
    assert "{" not in subject + text
    assert until_words("2026-12-31", language) != until_words(None, language)


@pytest.mark.parametrize(
    ("subject", "text", "why"),
    [("S", "no link", "place for the link"), ("", "{link}", "subject"), ("a\nb", "{link}", "one line")],
)
def test_a_text_that_cannot_be_sent_is_refused(subject: str, text: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        MailText(subject, text)
