"""The protocol of a study as it was frozen."""

from functools import lru_cache

from dermdash.reader_study.protocol import Protocol
from dermdash.storage import studies
from dermdash.storage.workspace import Workspace


@lru_cache(maxsize=64)
def _protocol(workspace: Workspace, study_id: str) -> Protocol:
    return Protocol.from_json(studies.get_study(workspace.engine, study_id)["protocol"])


def protocol_of(workspace: Workspace, study_id: str) -> Protocol:
    """The frozen protocol of a study, from memory after the first time: it never changes. Raises NotFound."""
    return _protocol(workspace, study_id)
