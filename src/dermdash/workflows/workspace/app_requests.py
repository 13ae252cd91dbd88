"""How a command asks the running app for what only the app can do: DuckDB lets one process have its file.

A request is a file in the workspace's folder ``requests``, which only the owner of the workspace may enter; the app
looks there every second (`ui/maintenance.py`), says in a second file how far it is, and at last what came out. Whoever
may write there may write the database as well; still the app does nothing but what is known to it, and reads nothing
large.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from dermdash.errors import DermdashError, InvalidInput, OutOfReach, WorkspaceFull, WorkspaceLocked
from dermdash.progress import StageProgress
from dermdash.storage.engine import refuse_if_open_elsewhere
from dermdash.storage.file_lock import only_one
from dermdash.storage.object_store import write_atomically
from dermdash.storage.workspace import DATABASE_FILE, Workspace
from dermdash.workflows.claimed_work import FOLDER as RUNNING

LOOK_EVERY_S = 1.0
PATIENCE_S = 15.0
"""How long a command waits to be heard, and for the next sign of life."""
_SUSPICIOUS_S = 3.0
"""After such a silence the command looks whether anybody has the database open at all."""
_FOLDER = "requests"
_ANSWERING = "answering-requests"
_NAME = re.compile(r"([0-9a-f]{32})\.request")
_LARGEST_REQUEST, _LARGEST_ANSWER = 65_536, 1 << 28
_STALE_S = 3600.0

Verb = Callable[[Workspace, Mapping[str, Any], StageProgress], dict[str, Any]]


_AS_WHOM = "Run this command as the user that the app runs as."


class _AnsweredElsewhere(DermdashError):
    """Another process of the app does it."""


class AppDoesNotAnswer(OutOfReach):
    """Whoever has the workspace open does not do what was asked, or has ended meanwhile."""


def ask_the_app(
    home: Path, verb: str, arguments: Mapping[str, Any], *, progress: StageProgress | None = None
) -> dict[str, Any]:
    """Have the app that has the workspace open do something, and return what came out.

    Raises
    ------
    AppDoesNotAnswer
        No app took the request in time, or the one that took it has ended.
    DermdashError
        What was asked for did not succeed.
    """
    say = progress or (lambda words, share: None)
    folder = home / _FOLDER
    name = uuid4().hex
    request, answer = folder / f"{name}.request", folder / f"{name}.answer"
    _ask(request, {"verb": verb, "arguments": dict(arguments)})
    heard, last, seen_at = False, None, time.monotonic()
    try:
        while True:
            said = _read(answer, _LARGEST_ANSWER)
            if said != last:
                heard, last, seen_at = said is not None, said, time.monotonic()
            if said is not None:
                if "result" in said:
                    return dict(said["result"])
                if "error" in said:
                    raise DermdashError(str(said["error"]))
                say(str(said.get("words", "")), float(said.get("share", 0.0)))
            silent_s = time.monotonic() - seen_at
            if silent_s > PATIENCE_S or (silent_s > _SUSPICIOUS_S and not _is_open(home)):
                raise _ended() if heard else _nobody(home)
            time.sleep(0.1)
    finally:
        for path in (request, answer):
            path.unlink(missing_ok=True)


def _ask(request: Path, asked: dict[str, Any]) -> None:
    try:
        request.parent.mkdir(mode=0o700, exist_ok=True)
        _write(request, asked)
    except WorkspaceFull as error:
        raise WorkspaceFull(
            "The disk of the workspace is full, so that the running app cannot be asked. Stop the app and run this "
            "again, which needs no room there, or free some space."
        ) from error
    except OSError as error:
        raise AppDoesNotAnswer(
            f"The running app cannot be asked: {request.parent} cannot be written ({error.strerror}). {_AS_WHOM}"
        ) from error


def _is_open(home: Path) -> bool:
    try:
        refuse_if_open_elsewhere(home / DATABASE_FILE)
    except WorkspaceLocked:
        return True
    return False


def _nobody(home: Path) -> AppDoesNotAnswer:
    return AppDoesNotAnswer(
        f"Another process has the workspace {home} open, or had until now, and does not answer: another command at "
        "work, or an app that hangs. Wait for the command to end, or stop the app, and run this again."
    )


def _ended() -> AppDoesNotAnswer:
    return AppDoesNotAnswer(
        "The app that was at it has ended, or hangs. A backup that was being made is not finished; start the app again "
        "or leave it stopped, and run the same command again."
    )


def answer_requests(workspace: Workspace, verbs: Mapping[str, Verb]) -> int:
    """Do what commands have asked for, one after the other; how many there were."""
    folder = workspace.home / _FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)  # ours, whoever asks first
    if not any(folder.iterdir()):
        return 0
    lock = workspace.home / RUNNING / _ANSWERING
    lock.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        # Of several processes of the app one answers.
        with only_one(lock, _AnsweredElsewhere()):
            return _answer_all(workspace, folder, verbs)
    except _AnsweredElsewhere:
        return 0


def _answer_all(workspace: Workspace, folder: Path, verbs: Mapping[str, Verb]) -> int:
    done = 0
    for path in sorted(folder.iterdir()):
        match = _NAME.fullmatch(path.name)
        if match is None or path.is_symlink() or not path.is_file():
            _forget_stale(path)
            continue
        answer = folder / f"{match[1]}.answer"
        with _signs_of_life(path, answer) as say:
            said = _outcome(workspace, path, verbs, say)
        if path.exists():
            with suppress(OSError, DermdashError):
                _write(answer, said)
            path.unlink(missing_ok=True)
        else:
            answer.unlink(missing_ok=True)
        done += 1
    return done


def _outcome(workspace: Workspace, path: Path, verbs: Mapping[str, Verb], say: StageProgress) -> dict[str, Any]:
    try:
        if not os.access(path, os.R_OK):
            raise InvalidInput(f"The app may not read what this command asks. {_AS_WHOM}")
        asked = _read(path, _LARGEST_REQUEST)
        if asked is None or not isinstance(asked.get("arguments"), dict) or asked.get("verb") not in verbs:
            raise InvalidInput("The app does not understand what this command asks: are both of the same version?")
        return {"result": verbs[asked["verb"]](workspace, asked["arguments"], say)}
    except DermdashError as error:
        return {"error": str(error)}
    except Exception as error:  # noqa: BLE001  a command waits for an answer, whatever went wrong here
        return {"error": f"The app could not do it: {type(error).__name__}: {error}"}


@contextmanager
def _signs_of_life(request: Path, answer: Path) -> Iterator[StageProgress]:
    """Write twice a second how far the work is, which shows the command that we are alive.

    A command that has gone takes its request with it: then the next step of the work is refused.
    """
    over, unwanted, state = threading.Event(), threading.Event(), {"words": "The app begins", "share": 0.0}

    def beat() -> None:
        beats = 0
        while True:
            if not request.exists():
                unwanted.set()
                return
            with suppress(OSError, DermdashError):
                _write(answer, {**state, "beat": beats})
            beats += 1
            if over.wait(0.5):
                return

    def say(words: str, share: float) -> None:
        if unwanted.is_set():
            raise DermdashError("The command that asked for this has gone.")
        state.update(words=words, share=share)

    thread = threading.Thread(target=beat, name="signs-of-life", daemon=True)
    thread.start()
    try:
        yield say
    finally:
        over.set()
        thread.join()


def _forget_stale(path: Path) -> None:
    """Remove what a killed command or app left."""
    with suppress(OSError):
        if time.time() - path.lstat().st_mtime > _STALE_S:
            path.unlink()


def _write(path: Path, value: Mapping[str, Any]) -> None:
    write_atomically(path, json.dumps(value, default=str).encode())


def _read(path: Path, largest: int) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(largest))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
