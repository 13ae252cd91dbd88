"""Whether the app can do its work at this moment: what a load balancer asks, and what an operator reads first.

Cheap enough to be asked every second by several programs: a look is kept for a moment, and of a database that does not
answer one question is open at a time.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from dermdash.errors import DermdashError, OutOfReach
from dermdash.storage.connections import allowed_connections
from dermdash.storage.engine import HEAD_REVISION, current_revision
from dermdash.storage.object_store import FolderStore
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, duration, file_size, number
from dermdash.workflows.workspace.app_processes import known_processes

KEPT_S = 1.0
"""So long a look is good."""
DATABASE_WITHIN_S = 2.0
"""A database that takes longer does not answer, for a reader who waits."""
FULL_BYTES = 200 << 20
"""With less room nothing is imported, and a database on the same disk is about to stop."""


class HealthLevel(StrEnum):
    """How a part of the app is."""

    GOOD = "good"
    LOOK = "look"
    """It works; somebody should see to it soon."""
    BAD = "bad"
    """People cannot work."""


@dataclass(frozen=True, slots=True)
class HealthPart:
    """A part of the app: what was found, and where it is not good what to do.

    ``found`` and ``advice`` are for whoever runs the app: they may name folders and databases, never a secret.
    """

    key: str
    title: str
    level: HealthLevel
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """All parts, looked at in one moment."""

    parts: tuple[HealthPart, ...]

    @property
    def level(self) -> HealthLevel:
        """The worst of all parts."""
        return max((part.level for part in self.parts), key=list(HealthLevel).index)

    @property
    def works(self) -> bool:
        """Whether people can be sent here."""
        return self.level is not HealthLevel.BAD

    def in_public(self) -> dict[str, str]:
        """For anybody who asks: keys and levels, nothing of where and why."""
        return {"status": str(self.level), **{part.key: str(part.level) for part in self.parts}}


@dataclass(slots=True)
class HealthWatch:
    """Looks at the workspace that ``opened`` gives, at most once in a moment."""

    opened: Callable[[], Workspace]
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: tuple[float, Health] | None = None
    _asking: dict[str, tuple[threading.Thread, list[HealthPart]]] = field(default_factory=dict)

    def look(self) -> Health:
        """How everything is now."""
        with self._lock:
            if self._last is None or self.clock() - self._last[0] >= KEPT_S:
                parts = self._parts()
                self._last = (self.clock(), Health(tuple(parts)))
            return self._last[1]

    def _parts(self) -> list[HealthPart]:
        try:
            workspace = self.opened()
        except OutOfReach as error:
            return [_lost(str(error))]
        except DermdashError as error:
            return [
                HealthPart(
                    "database", "Database", HealthLevel.BAD, str(error), "The app cannot begin before this is done."
                )
            ]
        none = f"No answer within {duration(DATABASE_WITHIN_S)}."
        self._ask("database", partial(database, workspace))
        if not isinstance(workspace.files, FolderStore):
            self._ask("objects", partial(objects, workspace))
        end = time.monotonic() + DATABASE_WITHIN_S
        found = [*(self._answer("database", end) or [_lost(none)]), *disk(workspace)]
        if not isinstance(workspace.files, FolderStore):
            found += self._answer("objects", end) or [_objects_lost(none)]
        return found

    def _ask(self, key: str, ask: Callable[[], list[HealthPart]]) -> None:
        """Asked in a thread: a connection that hangs must not hang whoever asks how things are."""
        if key not in self._asking or not self._asking[key][0].is_alive():
            answer: list[HealthPart] = []
            thread = threading.Thread(target=lambda: answer.extend(ask()), name=f"health-{key}", daemon=True)
            self._asking[key] = (thread, answer)
            thread.start()

    def _answer(self, key: str, end: float) -> list[HealthPart]:
        thread, answer = self._asking[key]
        thread.join(max(0.0, end - time.monotonic()))
        return list(answer)


def database(workspace: Workspace) -> list[HealthPart]:
    """Whether the database answers, how fast, and whether its tables are those of this version."""
    began = time.perf_counter()
    try:
        revision = current_revision(workspace.engine)
    except OutOfReach as error:
        return [_lost(str(error))]
    took = f"{number(1000 * (time.perf_counter() - began), 1)} ms"
    answers = HealthPart("database", "Database", HealthLevel.GOOD, f"answers in {took}")
    if revision == HEAD_REVISION:
        tables = HealthPart("schema", "Tables", HealthLevel.GOOD, f"of this version ({HEAD_REVISION})")
        return [answers, tables, *too_few_connections(workspace)]
    newer = revision is not None and revision > HEAD_REVISION
    advice = (
        "Another process has upgraded the database: install the same version here and restart the app."
        if newer
        else "Restart the app: it upgrades the tables when it starts."
    )
    found = f"schema {revision or 'none'}, this version needs {HEAD_REVISION}"
    return [answers, HealthPart("schema", "Tables", HealthLevel.BAD, found, advice)]


def too_few_connections(workspace: Workspace) -> list[HealthPart]:
    """What is to be said where the processes may together want more connections than the database grants."""
    try:
        allowed = allowed_connections(workspace.engine)
    except OutOfReach:
        return []  # said of the database itself the next time
    processes = sum(not process.silent for process in known_processes(workspace.home))
    wanted = processes * workspace.settings.database_connections
    if allowed is None or wanted <= allowed:
        return []
    found = (
        f"{counted(processes, 'process', 'processes')} may hold {wanted} connections, the database grants {allowed} to "
        "all programs"
    )
    advice = "Raise max_connections of PostgreSQL, or lower DERMDASH_DATABASE_CONNECTIONS: whoever gets none waits."
    return [HealthPart("connections", "Connections", HealthLevel.LOOK, found, advice)]


def _lost(found: str) -> HealthPart:
    advice = (
        "Start the database, or look whether network and disk are there. Readers keep their case on the screen and go "
        "on by themselves; answers wait in their browsers."
    )
    return HealthPart("database", "Database", HealthLevel.BAD, found, advice)


def objects(workspace: Workspace) -> list[HealthPart]:
    """Whether the bucket with the objects answers, and how fast; nothing where they lie in a folder."""
    if isinstance(workspace.files, FolderStore):
        return []
    began = time.perf_counter()
    try:
        workspace.files.has("health/question")
    except DermdashError as error:
        return [_objects_lost(str(error))]
    took = f"{number(1000 * (time.perf_counter() - began), 1)} ms"
    return [HealthPart("objects", "Objects", HealthLevel.GOOD, f"{workspace.files.place} answers in {took}")]


def _objects_lost(found: str) -> HealthPart:
    advice = (
        "Start the object store, or look at network, keys and DERMDASH_OBJECTS. Readers keep their case on the screen "
        "and go on by themselves; nothing that was acknowledged is lost."
    )
    return HealthPart("objects", "Objects", HealthLevel.BAD, found, advice)


def disk(workspace: Workspace) -> list[HealthPart]:
    """Whether the folder of the workspace can be written, and how much room there is."""
    home = workspace.home
    try:
        room = shutil.disk_usage(home)
    except OSError as error:
        advice = "Mount the folder that DERMDASH_HOME names, and look whether the network is there."
        return [HealthPart("disk", "Disk", HealthLevel.BAD, f"{home} cannot be read ({error.strerror})", advice)]
    if not os.access(home, os.W_OK):
        advice = "Give the account that runs the app the right to write there, or mount it for writing."
        return [HealthPart("disk", "Disk", HealthLevel.BAD, f"{home} cannot be written", advice)]
    found = f"{file_size(room.free)} of {file_size(room.total)} free on the disk of {home}"
    advice = "Free some space or make the disk larger. Nothing that was acknowledged is lost where it fills up."
    if room.free < FULL_BYTES:
        return [HealthPart("disk", "Disk", HealthLevel.BAD, found, advice)]
    if room.free < workspace.settings.disk_warning_gigabytes * 1e9:
        return [HealthPart("disk", "Disk", HealthLevel.LOOK, found, advice)]
    return [HealthPart("disk", "Disk", HealthLevel.GOOD, found)]
