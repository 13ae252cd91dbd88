"""How commands speak: results on stdout, everything else on stderr, errors without tracebacks."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dermdash.cli.ways_out import with_way_out
from dermdash.errors import DermdashError
from dermdash.progress import StageProgress
from dermdash.wording import number, percent

if TYPE_CHECKING:
    from dermdash.storage.workspace import Workspace

INTERRUPTED = 130
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
Simulated = Annotated[
    bool, typer.Option("--simulated", help="Drawn images (simulated data sets) instead of photographs.")
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        help="Address of a Dask scheduler whose workers do it, tcp://HOST:8786; else DERMDASH_CLUSTER.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]


def say(text: str) -> None:
    """Print a line for people on stderr; what a name out of a file would do to the terminal is not done."""
    typer.echo(_harmless(text), err=True)


def tell(text: object = "") -> None:
    """Print a line of what came out on stdout, in the same safe form."""
    typer.echo(_harmless(str(text)))


def _harmless(text: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def print_json(value: dict[str, Any] | list[dict[str, Any]]) -> None:
    """Print one JSON object on stdout; a list only where a contract of the command says so."""
    typer.echo(json.dumps(value, default=str))


@contextmanager
def errors_explained(interrupted: str = "Interrupted.") -> Iterator[None]:
    """End the command with `Error: ...` and status 1 on a DermdashError, with status 130 on Ctrl-C."""
    try:
        yield
    except DermdashError as error:
        say(f"Error: {with_way_out(error)}")
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        say(f"\n{interrupted}")
        raise typer.Exit(INTERRUPTED) from error


@contextmanager
def command_workspace(interrupted: str = "Interrupted.", *, cluster: str | None = None) -> Iterator[Workspace]:
    """Open the workspace of the environment for one command, explain errors, and close it at the end.

    ``cluster`` in place of the one that the environment names; None: that one.
    """
    with errors_explained(interrupted):
        from dermdash.settings import Settings
        from dermdash.storage.workspace import open_workspace

        workspace = open_workspace(Settings() if cluster is None else Settings(cluster=cluster))
        try:
            yield workspace
        finally:
            workspace.close()


def say_which(workspace: Workspace, model: Mapping[str, Any], *, simulated: bool, asked: bool) -> None:
    """Say which model speaks of which images, and what was left out because nobody asked for it."""
    from dermdash.workflows.classifier.model_registry import model_label
    from dermdash.workflows.dataset.image_kinds import DRAWN_IMAGES, DRAWN_MODEL, other_kind_words

    say(f"Model {model_label(model)}")
    if simulated:
        say(f"Note: {DRAWN_IMAGES}")
    elif model["simulated"]:
        say(f"Note: {DRAWN_MODEL}")
    others = other_kind_words(workspace, simulated=simulated)
    if others and not asked:
        say(f"Not among them: {others}; {'name a data set' if simulated else '--simulated'} asks for them.")


Advance = Callable[[float, float, str], None]
_LINE_SECONDS = 5.0
"""A log that is watched shows that often that the program is at work."""


@contextmanager
def progress_bar(title: str, *, unit: str = "") -> Iterator[Advance]:
    """Show a bar on stderr; call what is yielded with (done, total, words)."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
        console=console,
        # In a log file a bar would be noise.
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(title, total=None, words="")

        def advance(done: float, total: float, words: str = "") -> None:
            so_far = f"{number(done, 0)} of {number(total, 0)} {unit}" if unit else ""
            bar.update(task, completed=done, total=total, words=words or so_far)

        yield advance


@contextmanager
def step_lines(title: str, *, clock: Callable[[], float] = time.monotonic) -> Iterator[StageProgress]:
    """Say on stderr what is being done, how far all of it is and since when, also where stderr is a log file.

    Call what is yielded with the step in words and the share of the whole that is done (0..1). Every step has a line,
    one that takes long has more; in a terminal a bar moves below them.
    """
    started = clock()
    last_words, last_line = "", float("-inf")
    with progress_bar(title) as advance:

        def step(words: str, share: float) -> None:
            nonlocal last_words, last_line
            now = clock()
            if words != last_words or now - last_line >= _LINE_SECONDS:
                say(f"  {number(now - started, 0):>4} s  {percent(share, 0):>5}  {words}")
                last_words, last_line = words, now
            advance(share, 1.0, words)

        yield step
