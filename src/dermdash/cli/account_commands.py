"""`dermdash account`: accounts in bulk. No password passes a command line: people set theirs by a link."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from dermdash.cli.console import Json, errors_explained, print_json, say, tell
from dermdash.cli.here_or_in_the_app import here_or_in_the_app
from dermdash.wording import moment
from dermdash.workflows.accounts.roles import Expertise, Role

app = typer.Typer(no_args_is_help=True, help="Accounts of the people who work with the app. It may run meanwhile.")
Which = Annotated[str, typer.Argument(help="Name or id, as `dermdash account list` shows them.")]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What the person signs in with, and what stands beside all they do.")],
    role: Annotated[list[Role], typer.Option("--role", help="A role; may be given several times.")],
    email: Annotated[str, typer.Option(help="Who signs in at a provider is found by it; no mail is sent.")] = "",
    expertise: Annotated[Expertise, typer.Option(help="How far the person has come.")] = Expertise.SPECIALIST,
    as_json: Json = False,
) -> None:
    """Make an account and print the link by which its person sets a password."""
    arguments = {"name": name, "roles": [str(r) for r in role], "email": email, "expertise": str(expertise)}
    _tell_link(_do("account add", arguments), as_json)


@app.command("list")
def list_accounts(as_json: Json = False) -> None:
    """List the accounts, closed ones included."""
    made = _do("account list", {})
    if as_json:
        print_json(made)
        return
    if not made["accounts"]:
        say("There is no account yet: `dermdash serve` makes the first one, `dermdash account add` others.")
    for one in made["accounts"]:
        tell(f"{one['id']}  {one['standing']}  {', '.join(one['roles'])}  {one['name']}")


@app.command("reset")
def reset(account: Which, as_json: Json = False) -> None:
    """End a password and every session of an account, and print the link by which its person sets a new one."""
    _tell_link(_do("account reset", {"account": account}), as_json)


@app.command("deactivate")
def deactivate(account: Which, as_json: Json = False) -> None:
    """Close an account: its sessions end at once, what was done under it stays. An admin can reopen it."""
    made = _do("account deactivate", {"account": account})
    if as_json:
        print_json(made)
    else:
        tell(f"Closed: {made['name']} ({made['id']})")


def _do(verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
    from dermdash.workflows.accounts.account_verbs import ACCOUNT_VERBS

    with errors_explained():
        return here_or_in_the_app(verb, arguments, "Accounts", ACCOUNT_VERBS[verb])


def _tell_link(made: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    say(f"For {made['name']}; it works once, until {moment(datetime.fromisoformat(made['until']))}:")
    tell(made["link"])
