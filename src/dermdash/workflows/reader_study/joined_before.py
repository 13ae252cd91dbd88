"""Who comes again by the link of a group: the readings that were begun in their browser, as far as they go on."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from dermdash.errors import AccessDenied
from dermdash.storage import invitations as stored
from dermdash.storage import studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study.case_material import image_key
from dermdash.workflows.reader_study.join_study import Invited, open_invitation
from dermdash.workflows.reader_study.reading_standing import load_session


@dataclass(frozen=True, slots=True)
class JoinedBefore:
    """A reading begun by the link of a group: since when, and how far; ``began`` None: no consent was given yet."""

    token: str
    began: datetime | None
    cases_done: int
    cases_total: int


def joined_before(workspace: Workspace, invited: Invited, tokens: Iterable[str]) -> tuple[JoinedBefore, ...]:
    """Of the tokens that a browser keeps those that lead on to a reading of this study.

    Such as were withdrawn or renewed, whose reader has left the study, or which are of another study or of an
    invitation by name count for nothing, and nobody is told why.
    """
    found = []
    for token in dict.fromkeys(tokens):
        try:
            known = open_invitation(workspace, token)
        except AccessDenied:
            continue
        if known.study_id != invited.study_id or not stored.came_by_group(workspace.engine, known.invitation_id):
            continue
        if known.reader_id is None:
            found.append(JoinedBefore(token, None, 0, 0))
            continue
        session = load_session(workspace, known.study_id, known.reader_id)
        if session.withdrawn:
            continue
        began = studies.consented_at(workspace.engine, known.reader_id)
        found.append(JoinedBefore(token, began, *session.cases_read))
    return tuple(found)


@lru_cache(maxsize=256)
def study_in_browsers(workspace: Workspace, study_id: str) -> str:
    """What browsers call a study: a name that follows from its secret alone."""
    return hashlib.sha256(f"joined:{image_key(workspace, study_id)}".encode()).hexdigest()[:32]
