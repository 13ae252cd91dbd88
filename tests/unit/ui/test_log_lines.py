"""What is written of what is logged: nothing that lets anybody in, whatever form it has."""

import json
import logging
import secrets
import sys

import pytest

from dermdash.errors import DatabaseLost, InvalidInput
from dermdash.ui.log_lines import HIDDEN, JsonLines, TextLines, without_secrets

TOKEN = secrets.token_urlsafe(32)


@pytest.mark.parametrize(
    "text",
    [
        f"GET /?invitation={TOKEN}&lang=de",
        f"https://study.example.org/sign-in/{TOKEN} was opened",
        f"/apps/dermdash/sign-in/{TOKEN[:20]}",
        f"?account-link={TOKEN}",
        f"?join={TOKEN[:12]}",
        f"Cookie: dermdash_session={TOKEN}; other=1",
        f"Authorization: Bearer {TOKEN[:30]}",
        f"a token alone {TOKEN}.",
        f"postgresql+psycopg://dermdash:{TOKEN[:10]}@host/database",
    ],
)
def test_whatever_opens_a_door_is_taken_out(text: str) -> None:
    said = without_secrets(text)
    assert TOKEN[:8] not in said
    assert HIDDEN in said


@pytest.mark.parametrize(
    "text",
    [
        "DatabaseLost is over: it lasted 12 s, and 40 requests failed",
        "POST /sign-in/password",
        "image 3f2a" + "0" * 60,
        "https://study.example.org/records?page=2",
        "a browser that sends faster than a person acts was cut off",
    ],
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert without_secrets(text) == text


def record(message: object, *arguments: object, error: bool = False) -> logging.LogRecord:
    raised = sys.exc_info() if error else None
    return logging.LogRecord("dermdash.x", logging.WARNING, __file__, 1, message, arguments, raised)


def test_a_line_of_json_says_when_what_and_where() -> None:
    said = json.loads(JsonLines().format(record("%d readers wait", 3)))
    assert said.pop("time").endswith("+00:00")
    assert said == {"level": "warning", "logger": "dermdash.x", "message": "3 readers wait"}


def test_a_line_of_json_is_one_line_whatever_is_logged() -> None:
    line = JsonLines().format(record("two\nlines \x00 and %s", "a \N{LINE SEPARATOR} third"))
    assert "\n" not in line
    assert json.loads(line)["message"].startswith("two\nlines")


def test_what_an_error_says_of_data_stays_out_of_json_and_what_is_out_of_reach_is_named() -> None:
    try:
        raise InvalidInput("the reader Ada Lovelace is known already")
    except InvalidInput as error:
        for one in (record("%s: %s", "InvalidInput", error), record("failed", error=True), record(error)):
            line = JsonLines().format(one)
            assert "Lovelace" not in line
            assert "InvalidInput" in line
            assert "test_log_lines.py" in line
    lost = JsonLines().format(record("%s: %s", "DatabaseLost", DatabaseLost("the database x cannot be reached")))
    assert "the database x cannot be reached" in lost


def test_text_has_the_traceback_without_secrets() -> None:
    try:
        raise InvalidInput(f"no link /sign-in/{TOKEN}")
    except InvalidInput:
        text = TextLines().format(record("it failed", error=True))
    assert "Traceback" in text
    assert TOKEN not in text


def test_arguments_that_do_not_fit_break_nothing() -> None:
    assert "InvalidInput" in JsonLines().format(record("%s", InvalidInput("x")))
