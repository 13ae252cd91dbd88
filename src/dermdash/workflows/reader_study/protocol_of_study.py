"""The protocol that a study follows now."""

from functools import lru_cache

from dermdash.reader_study.protocol import Protocol
from dermdash.storage import studies
from dermdash.storage.workspace import Workspace


def protocol_of(workspace: Workspace, study_id: str) -> Protocol:
    """The frozen protocol of a study, from memory after the first time: it never changes."""
    return _protocol(workspace, study_id)


@lru_cache(maxsize=64)
def _protocol(workspace: Workspace, study_id: str) -> Protocol:
    return Protocol.from_json(studies.get_study(workspace.engine, study_id)["protocol"])
