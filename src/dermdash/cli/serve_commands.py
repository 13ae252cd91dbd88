"""`dermdash serve` and what belongs to it: `demo`, `admin-link`, `nginx-upstreams`."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dermdash.cli.app_folder import app_folder
from dermdash.cli.console import Json, command_workspace, errors_explained, print_json, say, step_lines, tell
from dermdash.cli.nginx_upstreams import nginx_upstreams
from dermdash.errors import DermdashError, InvalidInput
from dermdash.wording import counted

if TYPE_CHECKING:
    from dermdash.storage.workspace import Workspace

_LAST_PORT = 65_535
_LINK_FOLLOWS = "The link to sign in follows as soon as it can be opened ..."
_ASK_FOR_A_LINK = "For a link to sign in as admin: dermdash admin-link"
_INTERRUPTED = "Interrupted. Run the same command again to complete the demo data."


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("demo")(demo)
    app.command("admin-link")(admin_link)
    app.command("serve")(serve)
    app.command("nginx-upstreams")(nginx_upstreams)


def demo(as_json: Json = False) -> None:
    """Fill an empty workspace with synthetic lesions, a small model and a simulated study."""
    say("Opening the workspace ...")
    with command_workspace(_INTERRUPTED) as workspace:
        from dermdash.workflows.demo_workspace import is_empty, is_unfinished

        if not is_empty(workspace) and not is_unfinished(workspace):
            raise InvalidInput(
                f"The workspace {workspace.home} is not empty. Set DERMDASH_HOME to a new folder for the demo."
            )
        _create_demo(workspace)
    if as_json:
        print_json({"workspace": str(workspace.home), "demo": True})
    else:
        tell(f"Demo data created in {workspace.home}. Next: dermdash serve")


def _create_demo(workspace: Workspace) -> None:
    from dermdash.workflows.demo_workspace import create_demo_workspace

    say(
        f"The workspace {workspace.home} is empty: making demo data in it (drawn lesions, a small model, simulated "
        "readers). Once; half a minute, a minute on a busy machine."
    )
    with step_lines("Demo data") as step:
        create_demo_workspace(workspace, progress=step)


def admin_link(as_json: Json = False) -> None:
    """Print a new admin link; an earlier one that was not used stops working."""
    with command_workspace() as workspace:
        from dermdash.workflows.accounts.access import issue_admin_link

        link = issue_admin_link(workspace)
    if as_json:
        print_json({"admin_link": link})
    else:
        tell(link)


def serve(
    port: Annotated[
        int, typer.Option(min=1, max=_LAST_PORT, help="Of the app; of the first of several processes.")
    ] = 8501,
    address: Annotated[
        str, typer.Option(help="127.0.0.1: this machine only. 0.0.0.0: the whole network.")
    ] = "127.0.0.1",
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Leave an empty workspace empty.")] = False,
    processes: Annotated[
        int,
        typer.Option(
            min=1, max=64, help="App processes on as many ports from --port on, behind a proxy (PostgreSQL only)."
        ),
    ] = 1,
    no_link: Annotated[
        bool, typer.Option("--no-link", help="Print no admin link, where what is printed is kept: dermdash admin-link.")
    ] = False,
) -> None:
    """Start the app and print a one-time admin link."""
    say("Starting dermdash ...")
    ports = range(port, port + processes)
    with errors_explained():
        if ports[-1] > _LAST_PORT:
            raise InvalidInput(
                f"{processes} processes from port {port} on go beyond {_LAST_PORT}: choose a lower --port."
            )
        folder = app_folder()
        if processes > 1:
            _refuse_several_on_duckdb()
        for one in ports:
            _check_port(address, one)
    proxied = "DERMDASH_PUBLIC_URL" in os.environ
    os.environ.setdefault("DERMDASH_PUBLIC_URL", f"http://localhost:{port}")
    with command_workspace(_INTERRUPTED) as workspace:
        from dermdash.workflows.accounts.access import SIGN_IN_LINK_VARIABLE, issue_admin_link

        if not no_demo:
            from dermdash.workflows.demo_workspace import is_empty, is_unfinished

            if is_empty(workspace) or is_unfinished(workspace):
                _create_demo(workspace)
        link = {} if no_link else {SIGN_IN_LINK_VARIABLE: issue_admin_link(workspace)}
        # The app changes to the folder of its own files; a relative DERMDASH_HOME must not change with it.
        os.environ["DERMDASH_HOME"] = str(workspace.home)
    # The workspace is closed: DuckDB lets one process have its file, and that is the app from here on.
    say(f"Starting the app. {_ASK_FOR_A_LINK if no_link else _LINK_FOLLOWS}")
    sys.stdout.flush()
    sys.stderr.flush()

    def command(of: int) -> list[str]:
        options = [f"--server.port={of}", f"--server.address={address}"]
        return [sys.executable, "-m", "streamlit", "run", str(folder / "app.py"), *options]

    if processes > 1:
        from dermdash.cli.app_processes import run_until_stopped

        _say_where(address, ports, proxied=proxied)
        run_until_stopped(command, ports, folder=folder, first_only=link)
        return
    os.environ.update(link)
    os.chdir(folder)  # Streamlit reads .streamlit/config.toml from the current folder
    os.execv(sys.executable, command(port))  # noqa: S606  no shell, our own interpreter


def _refuse_several_on_duckdb() -> None:
    from dermdash.settings import Settings

    if not Settings().database_url.startswith("postgresql"):
        raise InvalidInput(
            "Several app processes need a PostgreSQL database: DuckDB lets one process have its file. Set "
            "DERMDASH_DATABASE_URL to one (docs/deployment.md says how), or leave --processes out."
        )


def _say_where(address: str, ports: range, *, proxied: bool) -> None:
    """Say where the processes are, and what belongs in front of them."""
    host = f"[{address}]" if ":" in address else address
    say(
        f"{counted(len(ports), 'app process', 'app processes')}: {', '.join(f'http://{host}:{port}' for port in ports)}"
    )
    say("Put a proxy in front that keeps each browser at one of them: docs/deployment.md has one for nginx.")
    if not proxied:
        say("Set DERMDASH_PUBLIC_URL to the proxy's address: until then links lead to the first process alone.")


def _check_port(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise DermdashError(
                f"Cannot listen on {address}, port {port}: {error.strerror}. Stop the program that uses it, or "
                f"choose another port: dermdash serve --port {port + 1 if port < _LAST_PORT else 8501}"
            ) from error
