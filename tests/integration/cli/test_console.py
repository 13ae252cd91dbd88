"""What commands say about hostile files stays text in the terminal."""

import re
from pathlib import Path

import pytest

from dermdash import cli
from dermdash.cli.console import say, step_lines, tell


def test_a_name_out_of_a_file_cannot_speak_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say("\nError: a\x1b]0;title\x07b\tc \x9b2J d\u202e é\n")
    assert capsys.readouterr().err == "\nError: a\ufffd]0;title\ufffdb\tc \ufffd2J d\ufffd é\n\n"
    tell("study \u202egpj\x1b[2J\nsecond line")
    assert capsys.readouterr().out == "study \ufffdgpj\ufffd[2J\nsecond line\n"


def test_every_command_prints_through_the_console() -> None:
    others = [path for path in Path(cli.__file__).parent.rglob("*.py") if path.name != "console.py"]
    assert others
    around = re.compile(r"typer\.(echo|secho)\(|(?<!console\.)\bprint\(")
    assert [path.name for path in others if around.search(path.read_text())] == []


def test_a_log_has_a_line_for_each_step_and_for_every_five_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    now = 100.0
    with step_lines("Demo data", clock=lambda: now) as step:
        for seconds, words, share in (
            (0, "Painting", 0.0), (2, "Painting", 0.1), (6, "Painting", 0.31), (7, "Importing", 0.4),
            (11, "Importing", 0.5), (12.5, "Importing", 0.6), (13, "Ready", 1.0),
        ):  # fmt: skip
            now = 100.0 + seconds
            step(words, share)
    assert capsys.readouterr().err.splitlines() == [
        "     0 s    0\N{NO-BREAK SPACE}%  Painting",
        "     6 s   31\N{NO-BREAK SPACE}%  Painting",
        "     7 s   40\N{NO-BREAK SPACE}%  Importing",
        "    12 s   60\N{NO-BREAK SPACE}%  Importing",
        "    13 s  100\N{NO-BREAK SPACE}%  Ready",
    ]
