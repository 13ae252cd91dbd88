"""Names and passwords, and how often they may be wrong, by a clock of the test's own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from tests.signed_in import PASSWORD, account_with, admin_session

from dermdash.errors import InvalidInput, SignInRefused, TooManyAttempts
from dermdash.storage import accounts
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts import access, attempts, sign_in
from dermdash.workflows.accounts.access import Role
from dermdash.workflows.accounts.sign_in import Browser, Way

HOME, STRANGER = "192.0.2.1", "198.51.100.7"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def attempt(
    workspace: Workspace,
    password: str,
    *,
    name: str = "Ada",
    address: str = HOME,
    clock: Clock,
    token: str | None = None,
) -> str:
    """What comes out of an attempt: the browser's token, "wrong" or "wait"."""
    try:
        begun = sign_in.sign_in_by_password(
            workspace, name, password, address=address, browser=Browser("Firefox on Linux", token), clock=clock
        )
    except TooManyAttempts:
        return "wait"
    except SignInRefused:
        return "wrong"
    return begun.browser


def test_a_name_and_its_password_begin_a_session_however_the_name_is_written(workspace: Workspace) -> None:
    ada = account_with(workspace, Role.REVIEWER, name="Dr Ada Reyes")
    begun = sign_in.sign_in_by_password(
        workspace, " dr ADA  reyes", PASSWORD, address=HOME, browser=Browser("Firefox on Windows")
    )
    assert access.account_of(workspace, begun.session) == ada
    (here, *_) = sign_in.open_sessions(workspace, ada, begun.session)
    assert (here.way, here.browser, here.here) == (Way.PASSWORD, "Firefox on Windows", True)


def test_a_wrong_password_an_unknown_name_and_an_account_without_a_password_are_not_told_apart(
    workspace: Workspace,
) -> None:
    account_with(workspace, Role.REVIEWER)
    said = set()
    for name, password in (
        ("Ada", "wrong"),
        ("Eve", PASSWORD),
        ("Admin", ""),
        ("", ""),
        ("Ada", ""),
        ("\udcff", "\udcff"),
    ):
        with pytest.raises(SignInRefused) as refused:
            sign_in.sign_in_by_password(workspace, name, password, address=HOME)
        said.add((type(refused.value), str(refused.value)))
    assert said == {(SignInRefused, "Name and password do not fit together.")}


def test_a_password_that_is_guessed_at_is_not_heard_until_the_time_is_over(workspace: Workspace, clock: Clock) -> None:
    account_with(workspace, Role.REVIEWER)
    assert [attempt(workspace, "guess", clock=clock) for _ in range(attempts.PER_NAME)] == ["wrong"] * 10
    assert attempt(workspace, PASSWORD, clock=clock) == "wait"
    clock.forward(minutes=14)
    with pytest.raises(TooManyAttempts, match=r"wait 1.min") as refused:
        sign_in.sign_in_by_password(workspace, "Ada", PASSWORD, address=HOME, clock=clock)
    assert refused.value.seconds == 60
    clock.forward(minutes=1, seconds=1)
    assert attempt(workspace, PASSWORD, clock=clock) not in ("wrong", "wait")


def test_a_stranger_cannot_keep_the_owner_of_an_account_out(workspace: Workspace, clock: Clock) -> None:
    account_with(workspace, Role.REVIEWER)
    known = attempt(workspace, PASSWORD, clock=clock)
    for day in range(3):
        for n in range(12):
            attempt(workspace, "guess", address=f"198.51.100.{n}", clock=clock)
        assert attempt(workspace, PASSWORD, address=STRANGER, clock=clock) == "wait"
        # Also from another network, and after some mistakes of their own.
        for _ in range(attempts.PER_BROWSER - 1):
            assert attempt(workspace, "mistyped", token=known, clock=clock) == "wrong"
        assert attempt(workspace, PASSWORD, address=f"203.0.113.{day}", token=known, clock=clock) == known
        clock.forward(minutes=16)


def test_a_known_browser_is_limited_too_and_known_for_its_own_account_only(workspace: Workspace, clock: Clock) -> None:
    account_with(workspace, Role.REVIEWER)
    account_with(workspace, Role.REVIEWER, name="Noor")
    known = attempt(workspace, PASSWORD, clock=clock)
    tries = [attempt(workspace, "guess", token=known, clock=clock) for _ in range(12)]
    assert tries == ["wrong"] * 10 + ["wait"] * 2
    others = [attempt(workspace, "guess", name="Noor", token=known, clock=clock) for _ in range(12)]
    assert others == ["wrong"] * 10 + ["wait"] * 2
    # Made up: no pot of its own.
    assert attempt(workspace, "guess", name="Noor", token="made up", clock=clock) == "wait"


def test_an_address_that_tries_many_names_has_to_wait(workspace: Workspace, clock: Clock) -> None:
    account_with(workspace, Role.REVIEWER)
    for n in range(attempts.PER_ADDRESS):
        assert attempt(workspace, "guess", name=f"nobody {n}", clock=clock) == "wrong"
    assert attempt(workspace, PASSWORD, clock=clock) == "wait"
    assert attempt(workspace, PASSWORD, address=STRANGER, clock=clock) not in ("wrong", "wait")


def test_a_network_of_the_new_kind_is_one_address(duckdb_workspace: Workspace, clock: Clock) -> None:
    for n in range(attempts.PER_ADDRESS):
        attempt(duckdb_workspace, "guess", name=f"nobody {n}", address=f"2001:db8:1:2::{n:x}", clock=clock)
    assert attempt(duckdb_workspace, "guess", name="x", address="2001:db8:1:2:ffff::1", clock=clock) == "wait"
    assert attempt(duckdb_workspace, "guess", name="x", address="2001:db8:1:3::1", clock=clock) == "wrong"
    assert attempt(duckdb_workspace, "guess", name="x", address="::ffff:192.0.2.1", clock=clock) == "wrong"


def test_those_who_succeed_are_not_counted(workspace: Workspace, clock: Clock) -> None:
    account_with(workspace, Role.REVIEWER)
    for _ in range(2 * attempts.PER_NAME):
        assert attempt(workspace, PASSWORD, clock=clock) not in ("wrong", "wait")


def test_many_attempts_at_once_are_counted_one_by_one(workspace: Workspace, clock: Clock) -> None:
    account_with(workspace, Role.REVIEWER)

    def guess(_: int) -> str:
        try:
            return attempt(workspace, "guess", clock=clock)
        except Exception:  # noqa: BLE001  given up after many conflicts: the password was not looked at
            return "wait"

    with ThreadPoolExecutor(5) as threads:
        tries = list(threads.map(guess, range(25)))
    assert tries.count("wrong") <= attempts.PER_NAME
    assert attempt(workspace, "guess", clock=clock) in ("wait", "wrong")


def test_a_clock_that_was_a_year_ahead_locks_nobody_out(workspace: Workspace, clock: Clock) -> None:
    account_with(workspace, Role.REVIEWER)
    clock.forward(days=365)
    for _ in range(attempts.PER_NAME + 1):
        attempt(workspace, "guess", clock=clock)
    clock.forward(days=-365)
    assert attempt(workspace, PASSWORD, clock=clock) not in ("wrong", "wait")


def test_a_password_is_changed_by_who_knows_it_and_every_other_session_ends(workspace: Workspace) -> None:
    ada = account_with(workspace, Role.REVIEWER)
    here, there = (sign_in.sign_in_by_password(workspace, "Ada", PASSWORD, address=HOME).session for _ in range(2))
    new = "another good password"
    with pytest.raises(SignInRefused, match="current password"):
        sign_in.change_password(workspace, here, current="wrong", new=new)
    with pytest.raises(InvalidInput):
        sign_in.change_password(workspace, here, current=PASSWORD, new="short")
    sign_in.change_password(workspace, here, current=PASSWORD, new=new)
    assert access.account_of(workspace, here) == ada
    assert access.account_of(workspace, there) is None
    with pytest.raises(SignInRefused):
        sign_in.sign_in_by_password(workspace, "Ada", PASSWORD, address=HOME)
    sign_in.sign_in_by_password(workspace, "Ada", new, address=HOME)
    with pytest.raises(SignInRefused, match="sign in first"):
        sign_in.change_password(workspace, there, current=new, new=PASSWORD)


def test_who_sits_at_somebodys_open_page_cannot_guess_the_password_there(workspace: Workspace, clock: Clock) -> None:
    account_with(workspace, Role.REVIEWER)
    session = sign_in.sign_in_by_password(workspace, "Ada", PASSWORD, address=HOME).session
    for _ in range(attempts.PER_SESSION):
        with pytest.raises(SignInRefused, match="not right"):
            sign_in.change_password(workspace, session, current="guess", new="another good password", clock=clock)
    with pytest.raises(TooManyAttempts):
        sign_in.change_password(workspace, session, current=PASSWORD, new="another good password", clock=clock)


def test_the_first_account_sets_a_password_without_one_before(workspace: Workspace) -> None:
    session = admin_session(workspace)
    sign_in.change_password(workspace, session, current="", new=PASSWORD)
    begun = sign_in.sign_in_by_password(workspace, "admin", PASSWORD, address=HOME)
    account = access.account_of(workspace, begun.session)
    assert account is not None
    assert account.id == access.ADMIN_ACCOUNT


def test_signing_out_everywhere_ends_every_session(workspace: Workspace) -> None:
    ada = account_with(workspace, Role.REVIEWER)
    sessions = [sign_in.sign_in_by_password(workspace, "Ada", PASSWORD, address=HOME).session for _ in range(3)]
    other = admin_session(workspace)
    assert sign_in.sign_out_everywhere(workspace, ada, but=sessions[0]) == 3
    assert [access.account_of(workspace, s) is None for s in sessions] == [False, True, True]
    assert sign_in.sign_out_everywhere(workspace, ada) == 1
    assert access.account_of(workspace, sessions[0]) is None
    assert access.account_of(workspace, other) is not None


def test_a_hash_of_an_earlier_cost_is_made_anew_at_the_next_sign_in(workspace: Workspace) -> None:
    from argon2 import PasswordHasher

    ada = account_with(workspace, Role.REVIEWER)
    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    accounts.replace_hash(workspace.engine, ada.id, old)
    sign_in.sign_in_by_password(workspace, "Ada", PASSWORD, address=HOME)
    new = accounts.password_hash_of(workspace.engine, ada.id)
    assert new is not None
    assert new != old
    assert new.startswith("$argon2id$")
    sign_in.sign_in_by_password(workspace, "Ada", PASSWORD, address=HOME)
    assert accounts.password_hash_of(workspace.engine, ada.id) == new


def test_a_damaged_hash_fits_no_password(workspace: Workspace) -> None:
    ada = account_with(workspace, Role.REVIEWER)
    accounts.replace_hash(workspace.engine, ada.id, "no hash")
    with pytest.raises(SignInRefused):
        sign_in.sign_in_by_password(workspace, "Ada", PASSWORD, address=HOME)
