"""Who comes again by the link of a group: the readings that were begun in their browser, as far as they go on."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from dermdash.errors import AccessDenied
from dermdash.storage import invitations as stored
from dermdash.storage import readings, studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import hash_token
from dermdash.workflows.reader_study.case_material import image_key
from dermdash.workflows.reader_study.join_study import Invited, open_invitation
from dermdash.workflows.reader_study.protocol_of_study import protocol_of
from dermdash.workflows.reader_study.reading_standing import load_session
from dermdash.workflows.reader_study.run_reading import UNBLINDED


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


def was_told_before(workspace: Workspace, study_id: str, tokens: Iterable[str], *, account_id: str | None) -> bool:
    """Whether somebody who keeps these tokens, or reads under this account, was told the diagnosis of a case.

    Only where a study tells at once. A reading that was left or whose link was withdrawn was told, too, and so was one
    by an invitation by name. Anybody can send anything, and a private window keeps nothing: this keeps people from
    taking part twice by mistake, and the designer says that it keeps nobody from doing so on purpose.
    """
    if not protocol_of(workspace, study_id).tells_at_once:
        return False
    readers = {reader for token in dict.fromkeys(tokens) if (reader := _reader_of(workspace, study_id, token))}
    if account_id is not None:
        events = readings.events_of_kind(workspace.engine, study_id, UNBLINDED)
        readers |= {str(event["reader_id"]) for event in events if event["detail"]["account"] == account_id}
    sessions = (load_session(workspace, study_id, reader_id) for reader_id in sorted(readers))
    # Of who has left nobody may know what they answered.
    return any(session.withdrawn or session.cases_read[0] for session in sessions)


def _reader_of(workspace: Workspace, study_id: str, token: str) -> str | None:
    """Who began in this study by the link of a token, whatever became of the link."""
    invitation = stored.invitation_by_token_hash(workspace.engine, hash_token(token))
    if invitation is None or invitation["study_id"] != study_id:
        return None
    return studies.reader_of_invitation(workspace.engine, invitation["id"])


@lru_cache(maxsize=256)
def study_in_browsers(workspace: Workspace, study_id: str) -> str:
    """What browsers call a study: a name that follows from its secret alone."""
    return hashlib.sha256(f"joined:{image_key(workspace, study_id)}".encode()).hexdigest()[:32]
