"""The protocol that a study follows: as it was frozen, and as it was amended since."""

import time
from functools import lru_cache

from dermdash.reader_study.protocol import Protocol
from dermdash.storage import amendments, studies
from dermdash.storage.workspace import Workspace

FRESH_S = 5
"""After so many seconds an amendment is followed by every process."""


def protocol_of(workspace: Workspace, study_id: str) -> Protocol:
    """The protocol that a study follows, from memory for a few seconds: asked several times in every step."""
    return _lately(workspace, study_id, int(time.monotonic() // FRESH_S))


@lru_cache(maxsize=64)
def _lately(workspace: Workspace, study_id: str, _span: int) -> Protocol:
    return protocol_now(workspace, study_id)


def protocol_now(workspace: Workspace, study_id: str) -> Protocol:
    """The same as the database has it now.

    Raises
    ------
    NotFound
        There is no such study.
    """
    latest = amendments.latest_protocol(workspace.engine, study_id)
    return frozen_protocol(workspace, study_id) if latest is None else _parsed(latest)


@lru_cache(maxsize=64)
def frozen_protocol(workspace: Workspace, study_id: str) -> Protocol:
    """The protocol as it was frozen, from memory after the first time: it never changes."""
    return _parsed(studies.get_study(workspace.engine, study_id)["protocol"])


def forget_what_was_read() -> None:
    """Ask the database the next time: a study was amended here."""
    _lately.cache_clear()


@lru_cache(maxsize=128)
def _parsed(text: str) -> Protocol:
    return Protocol.from_json(text)
