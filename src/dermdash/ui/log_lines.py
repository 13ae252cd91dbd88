"""How what is logged is written: for people, or as JSON for programs; never with what opens a door.

Nothing that a log holds may let anybody in: links of invitations and to sign in, tokens, passwords in addresses are
taken out of every line. In JSON also what an error says about data: an error's text may name a file, a data set or a
person, so it stands there by its kind and place alone.
"""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from streamlit import logger as streamlit_logger

from dermdash.errors import OutOfReach

HIDDEN = "…"
_EVERY_REQUEST = "uvicorn.access"
"""Streamlit turns it off: a line for each request, with the invitations in it."""
_SECRETS = (
    (re.compile(r"(/sign-in/)(?!password\b|new-password\b)[^\s\"'?]+"), rf"\1{HIDDEN}"),
    (re.compile(r"([?&](?:invitation|join|account-link|token|code|state)=)[^\s&\"'#]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(\w+://[^\s:/@]*:)[^\s@/]+(?=@)"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)(\b(?:bearer|basic)\s+|dermdash_(?:session|browser)=)[^\s;\"']{8,}"), rf"\1{HIDDEN}"),
    # 256 bits as `secrets.token_urlsafe` writes them: every token of ours, wherever it stands.
    (re.compile(r"(?<![\w-])[A-Za-z0-9_-]{43}(?![\w-])"), HIDDEN),
)  # fmt: skip


def without_secrets(text: str) -> str:
    """The text with an ellipsis in place of whatever would let somebody in."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class TextLines(logging.Formatter):
    """A line for people, with the traceback where there is one."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname) -7s %(name)s: %(message)s")
        self.default_msec_format = "%s.%03d"

    def format(self, record: logging.LogRecord) -> str:
        """The whole text of a record, without secrets."""
        return without_secrets(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and of an error its kind and where it was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; whatever a message or an argument is."""
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(_message(record)),
        }
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            said["error"] = type(error).__name__
            said["trace"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
            ][-12:]
        return json.dumps(said, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """The message with its arguments, errors among them by kind and place; what is out of reach may say what it is."""
    if isinstance(record.msg, BaseException):
        return _of_error(record.msg)
    if not isinstance(record.args, tuple):
        return record.getMessage()
    arguments = tuple(
        _of_error(one) if isinstance(one, BaseException) and not isinstance(one, OutOfReach) else one
        for one in record.args
    )
    try:
        return str(record.msg) % arguments if arguments else str(record.msg)
    except (TypeError, ValueError):  # %d of what is now a text
        return record.getMessage()


def _of_error(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {frames[-1].filename}:{frames[-1].lineno}" if frames else type(error).__name__


def write_lines(form: str) -> None:
    """Let everything that this process logs be written in that form, one handler for all; again is no harm."""
    root = logging.getLogger()
    ours = next((handler for handler in root.handlers if isinstance(handler, _Lines)), None)
    if ours is None:
        ours = _Lines(sys.stderr)
        root.addHandler(ours)
    ours.setFormatter(JsonLines() if form == "json" else TextLines())
    root.setLevel(min(root.level or logging.WARNING, logging.WARNING))
    for name in list(logging.Logger.manager.loggerDict):
        if name.partition(".")[0] in ("streamlit", "uvicorn", "websockets"):
            _hand_on(logging.getLogger(name))
    streamlit_logger.setup_formatter = _hand_on


class _Lines(logging.StreamHandler[Any]):
    """The one handler of the process."""


def _hand_on(logger: logging.Logger) -> None:
    """Let a logger with a handler of its own write through ours."""
    if logger.name == _EVERY_REQUEST:
        return
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.propagate = True
