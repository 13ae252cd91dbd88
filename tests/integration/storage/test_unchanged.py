"""What is remembered of an embedded database, and what makes it be read again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.factories import make_reading
from tests.filled_workspace import fill_records
from tests.signed_in import admin_session, session_with
from tests.two_kinds import add_model

from dermdash.records.record_filter import RecordFilter
from dermdash.settings import Settings
from dermdash.storage import accounts, invitations, models, readings, records, sign_in, study_acts, unchanged
from dermdash.storage import tables as t
from dermdash.storage.connections import new_engine
from dermdash.storage.engine import now
from dermdash.storage.reader_standing import StoredStanding, _standing_now, standing_of_reader
from dermdash.storage.results import names_text
from dermdash.storage.unchanged import note_about_reader, while_unchanged
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts import access
from dermdash.workflows.accounts.access import Role

SECOND = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def embedded(workspace: Workspace) -> sa.Engine:
    if not workspace.embedded:
        pytest.skip("a server is asked each time")
    return workspace.engine


def asked(engine: sa.Engine, *, about_reader: str = "") -> Callable[[], int]:
    """Ask for something; returns how often it has been read."""
    reads: list[None] = []

    def ask() -> int:
        while_unchanged(engine, "thing", lambda: reads.append(None) or True, about_reader=about_reader)
        return len(reads)

    return ask


def standing(engine: sa.Engine) -> StoredStanding:
    return standing_of_reader(engine, "study", "reader", events=("pause", "begin"), acts=("close",))


def read_anew(engine: sa.Engine) -> StoredStanding:
    told = {
        "study": "study",
        "reader": "reader",
        "events": names_text(("pause", "begin")),
        "acts": names_text(("close",)),
    }
    return _standing_now(engine, told)


def send(engine: sa.Engine, *, reader_id: str = "reader", shown: str = "x", phase: str = "unaided") -> None:
    readings.save_sending(engine, reader_id=reader_id, assignment_id="a", phase=phase, shown_sha256=shown)


def act(engine: sa.Engine) -> None:
    study_acts.save_act(engine, study_id="study", kind="close", account_id="me", reason="done")


def test_it_is_read_again_after_any_write_but_one_about_another_reader(embedded: sa.Engine) -> None:
    anything, of_reader = asked(embedded), asked(embedded, about_reader="reader")
    assert [anything(), anything(), of_reader(), of_reader()] == [1, 1, 1, 1]
    send(embedded, reader_id="other")
    assert (anything(), of_reader()) == (1, 1)
    readings.save_delivery(
        embedded,
        answers=[],
        events=[
            {"id": "e", "reader_id": "reader", "assignment_id": "a", "kind": "pause", "detail": None, "client_at": None}
        ],
    )
    assert (anything(), of_reader()) == (1, 2)
    act(embedded)
    assert (anything(), of_reader()) == (2, 3)


def test_another_engine_of_this_process_may_have_written(embedded: sa.Engine, workspace: Workspace) -> None:
    ask = asked(embedded)
    ask()
    second = open_workspace(Settings(home=workspace.home))
    assert ask() == 2
    act(second.engine)
    assert ask() == 3
    second.close()
    assert ask() == 4


def test_what_was_read_while_something_was_written_is_not_remembered(embedded: sa.Engine) -> None:
    reads = []

    def read() -> int:
        reads.append(1)
        if len(reads) == 1:
            act(embedded)
        return len(reads)

    assert [while_unchanged(embedded, "slow", read) for _ in range(3)] == [1, 2, 2]


def test_what_is_given_up_changes_nothing_and_says_nothing_of_the_next_transaction(embedded: sa.Engine) -> None:
    ask = asked(embedded)
    ask()
    with embedded.connect() as connection:
        with connection.begin() as transaction:
            note_about_reader(connection, "reader")
            transaction.rollback()
        assert ask() == 1
        with connection.begin():
            connection.execute(t.study_act.delete())
    assert ask() == 2


def test_answers_and_sendings_are_added_to_what_is_known_as_they_would_be_read(embedded: sa.Engine) -> None:
    assert standing(embedded) == StoredStanding()
    steps: list[Callable[[], object]] = [
        lambda: send(embedded),
        lambda: send(embedded, shown="covered"),
        lambda: readings.save_delivery(
            embedded, answers=[make_reading(assignment_id="a", malignancy_rating=40, management="biopsy")]
        ),
        lambda: send(embedded, phase="aided"),
        lambda: readings.save_delivery(embedded, answers=[make_reading(id=SECOND, assignment_id="a", phase="aided")]),
        lambda: readings.save_delivery(embedded, answers=[make_reading(id=SECOND, assignment_id="a", phase="aided")]),
    ]
    ran: list[str] = []
    for step in steps:
        step()
        sa.event.listen(embedded, "before_cursor_execute", listener := lambda *told: ran.append(told[2]))
        known = standing(embedded)
        sa.event.remove(embedded, "before_cursor_execute", listener)
        assert known == read_anew(embedded)
    assert ran == []
    assert len(standing(embedded).answers) == 2


def test_a_link_that_is_withdrawn_is_withdrawn_at_once(workspace: Workspace) -> None:
    engine = workspace.engine
    assert invitations.changes_of_invitation(engine, "i") == []
    invitations.save_invitation_change(engine, "i", invitations.WITHDRAWN, changed_by="me")
    assert [change["kind"] for change in invitations.changes_of_invitation(engine, "i")] == [invitations.WITHDRAWN]


def test_a_remembered_session_ends_by_the_clock_and_with_its_account(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = admin_session(workspace)
    account = access.account_of(workspace, session)
    assert account is not None
    assert access.account_of(workspace, session) == account
    with monkeypatch.context() as later:
        later.setattr(sign_in, "now", lambda: now() + timedelta(days=400))
        assert access.account_of(workspace, session) is None
    other = session_with(workspace, Role.REVIEWER)
    assert access.account_of(workspace, other) is not None
    access.sign_out(workspace, other)
    assert access.account_of(workspace, other) is None


def test_what_is_handed_out_can_be_changed_without_harm(workspace: Workspace) -> None:
    admin_session(workspace)
    records.save_dataset(workspace.engine, values={"id": "d", "name": "d", "taxonomy": "ham7"})
    for read in (accounts.list_accounts, records.list_datasets):
        read(workspace.engine)[0]["id"] = "another"
        assert read(workspace.engine)[0]["id"] in {"admin", "d"}


@pytest.fixture
def server(workspace: Workspace) -> sa.Engine:
    if workspace.embedded:
        pytest.skip("of a file this process knows every write")
    return workspace.engine


def scanned(engine: sa.Engine) -> Callable[[], int]:
    """Ask for something that goes through whole tables; returns how often it has been read."""
    reads: list[None] = []

    def ask() -> int:
        while_unchanged(engine, "scan", lambda: reads.append(None) or True, scans=True)
        return len(reads)

    return ask


# The transactions of a server are those of all its databases: what other tests write is seen here, too.


def test_of_a_server_what_scans_is_read_again_after_any_commit_of_any_process(server: sa.Engine) -> None:
    ask, small = scanned(server), asked(server)
    assert [small(), small()] == [1, 2]
    other = new_engine(server.url, connections=1)  # as another process has it
    try:
        for _ in range(3):
            before = ask()
            act(other)
            assert ask() > before
        with other.begin() as connection:
            connection.execute(t.study_act.delete())
            before = ask()
        assert ask() > before
    finally:
        other.dispose()


def test_of_a_server_what_scans_is_remembered_while_it_shows_the_same_transactions(
    server: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sees = ["100:100:"]
    monkeypatch.setattr(unchanged, "_seen_now", lambda _engine: sees[0])
    ask = scanned(server)
    assert [ask(), ask()] == [1, 1]
    sees[0] = "100:101:100"
    assert [ask(), ask()] == [2, 2]
    server.dispose()  # behind a new connection there may be another server
    records.count_records(server, RecordFilter())
    assert [ask(), ask()] == [3, 3]
    asks = iter(["a", "b", "b", "b", "b"])
    monkeypatch.setattr(unchanged, "_seen_now", lambda _engine: next(asks))
    assert [ask(), ask(), ask()] == [4, 5, 5]  # something was committed while it was read


def test_models_and_their_predictions_follow_every_change_and_are_handed_out_to_keep(workspace: Workspace) -> None:
    engine = workspace.engine
    assert models.list_models(engine) == []
    add_model(workspace, "m00000000013")
    models.list_models(engine)[0]["metrics"]["changed"] = True
    (model,) = models.list_models(engine)
    assert (model["id"], model["predictions"], "changed" in model["metrics"]) == ("m00000000013", 0, False)


def test_numbers_of_records_follow_every_change_at_once(workspace: Workspace) -> None:
    engine = workspace.engine
    assert (records.count_records(engine, RecordFilter()), records.list_datasets(engine)) == (0, [])
    versions = [records.data_version(engine)]
    for dataset in ("a", "b"):
        fill_records(workspace, dataset=dataset, per_class=1)
        versions.append(records.data_version(engine))
        counts = {one["id"]: one["records"] for one in records.list_datasets(engine)}
        assert sum(counts.values()) == records.count_records(engine, RecordFilter())
        assert dataset in counts
    assert len(set(versions)) == 3
