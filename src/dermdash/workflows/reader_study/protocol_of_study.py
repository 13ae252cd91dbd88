"""The protocol that a study follows: as it was frozen, and as it was amended since."""

import hashlib
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from dermdash.errors import NotAsStored
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
    NotAsStored
        The protocol is not the one that was frozen, or agreed on as an amendment.
    """
    latest = amendments.latest_protocol(workspace.engine, study_id)
    return frozen_protocol(workspace, study_id) if latest is None else stored_protocol(latest, study_id)


@lru_cache(maxsize=64)
def frozen_protocol(workspace: Workspace, study_id: str) -> Protocol:
    """The protocol as it was frozen, from memory after the first time: it never changes."""
    return stored_protocol(studies.get_study(workspace.engine, study_id), study_id)


def stored_protocol(row: Mapping[str, Any], study_id: str) -> Protocol:
    """The protocol of a row of a study or of an amendment (``protocol``, ``protocol_sha256``).

    Raises
    ------
    InvalidInput
        This version cannot read it.
    NotAsStored
        Its text has not the hash that was recorded with it.
    """
    return _parsed(row["protocol"], row["protocol_sha256"], study_id)


def forget_what_was_read() -> None:
    """Ask the database the next time: a study was amended here."""
    _lately.cache_clear()


@lru_cache(maxsize=128)
def _parsed(text: str, sha256: str, study_id: str) -> Protocol:
    protocol = Protocol.from_json(text)
    if hashlib.sha256(text.encode()).hexdigest() != sha256:
        raise NotAsStored(
            f"The protocol of the study {study_id} is not the one that was frozen, its sha256 differs: somebody "
            "changed it in the database. Restore it from a backup (`dermdash restore`)."
        )
    return protocol
