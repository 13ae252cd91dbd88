"""`dermdash account`, in a workspace of its own and, through the running app, in one that is open."""

import json
import threading
from pathlib import Path

import pytest
from tests.quick_passwords import quick_passwords  # noqa: F401  a fixture
from tests.signed_in import PASSWORD, token_of
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace
from dermdash.workflows.accounts import access, sign_in
from dermdash.workflows.accounts.access import Role
from dermdash.workflows.workspace import app_requests
from dermdash.workflows.workspace.app_verbs import VERBS


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path))
    monkeypatch.setenv("DERMDASH_PUBLIC_URL", "https://study.example")
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    return tmp_path


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["account", *words])
    return done.exit_code, done.stdout, done.stderr


def asked(*words: str) -> dict:
    code, out, err = run(*words, "--json")
    assert code == 0, err
    return json.loads(out)


def test_accounts_are_made_listed_reset_and_closed_by_commands(home: Path) -> None:
    made = asked("add", "Dr Ada Reyes", "--role", "reviewer", "--role", "curator", "--expertise", "expert")
    assert made["link"].startswith("https://study.example/?account-link=")
    code, out, err = run("reset", "dr ada reyes")
    assert code == 0
    assert "works once" in err
    link = out.strip()
    assert link != made["link"]
    with_settings = Settings()
    workspace = open_workspace(with_settings)
    begun = sign_in.set_password_by_link(workspace, token_of(link), PASSWORD)
    account = access.account_of(workspace, begun.session)
    workspace.close()
    assert account is not None
    assert account.roles == {Role.REVIEWER, Role.CURATOR}
    assert [(a["name"], a["standing"]) for a in asked("list")["accounts"]] == [
        ("Admin", "active"), ("Dr Ada Reyes", "active"),
    ]  # fmt: skip
    assert asked("deactivate", made["id"])["standing"] == "closed"
    workspace = open_workspace(with_settings)
    assert access.account_of(workspace, begun.session) is None
    workspace.close()
    assert "closed  curator, reviewer  Dr Ada Reyes" in run("list")[1]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "admin", "--role", "reviewer"), "already"),
        (("add", "", "--role", "reviewer"), "needs a name"),
        (("add", "Noor", "--role", "reviewer", "--email", "nowhere"), "no e-mail address"),
        (("deactivate", "Eve"), "no account 'Eve'"),
        (("reset", "Eve"), "no account 'Eve'"),
        (("deactivate", "Admin"), "last admin"),
    ],
)
def test_what_cannot_be_done_is_named(home: Path, words: tuple[str, ...], why: str) -> None:
    asked("add", "Ada", "--role", "reviewer")
    code, _, err = run(*words)
    assert code == 1
    assert why in err


def test_no_command_takes_a_password() -> None:
    for command in ("add", "reset"):
        said = CliRunner().invoke(app, ["account", command, "--help"]).stdout
        assert "--password" not in said


def test_the_running_app_does_what_a_command_asks_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workspace is open here, as the app has it; the command finds it locked and asks."""
    workspace = open_workspace(Settings())
    over = threading.Event()

    def answer() -> None:
        while not over.wait(0.05):
            app_requests.answer_requests(workspace, VERBS)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        made = app_requests.ask_the_app(
            home, "account add", {"name": "Ada", "roles": ["reviewer"], "email": "", "expertise": "resident"}
        )
        listed = app_requests.ask_the_app(home, "account list", {})
        with pytest.raises(Exception, match="none of admin, curator"):
            app_requests.ask_the_app(
                home, "account add", {"name": "Eve", "roles": ["boss"], "email": "", "expertise": "resident"}
            )
        with pytest.raises(Exception, match="a list"):
            app_requests.ask_the_app(home, "account add", {"name": "Eve", "roles": "admin"})
    finally:
        over.set()
        thread.join()
        workspace.close()
    assert [a["name"] for a in listed["accounts"]] == ["Admin", "Ada"]
    assert made["name"] == "Ada"
