"""Who may take part without having been invited by name: by the link of a group, or from the page without a link."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from dermdash.errors import AccessDenied, NotFound, TooManyAttempts
from dermdash.reader_study.words import running
from dermdash.storage import invitations as stored
from dermdash.storage import studies, study_acts
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts import attempts
from dermdash.workflows.reader_study.conduct import check_may_begin, conduct_of
from dermdash.workflows.reader_study.invitations import Invitation, invite_group, join_group, withdraw_invitation
from dermdash.workflows.reader_study.join_study import Invited
from dermdash.workflows.reader_study.joined_before import was_told_before
from dermdash.workflows.reader_study.protocol_of_study import protocol_of

JOIN_PARAMETER = "join"
"""Of the address of the page without a link: it names the study."""
PUBLIC_LABEL = "Open page"


def take_own_link(
    workspace: Workspace,
    invited: Invited,
    *,
    address: str,
    kept: Iterable[str] = (),
    account_id: str | None = None,
) -> Invitation:
    """Give who came by the link of a group a link of their own; ``address`` is that of their network.

    ``kept``: the tokens of the study that their browser keeps; ``account_id``: under which they are signed in.

    Raises
    ------
    AccessDenied
        The study is not read now, enough readers have completed it, all places of the group are taken, or the study
        tells diagnoses at once and told them here already (`joined_before.was_told_before`).
    TooManyAttempts
        So many have come from this network in a quarter of an hour that a program may be at it.
    """
    check_may_begin(workspace, invited.study_id)
    if was_told_before(workspace, invited.study_id, kept, account_id=account_id):
        raise AccessDenied(running.TOLD_HERE)
    try:
        attempts.count_joining(workspace, invited.study_id, address)
    except TooManyAttempts as error:
        minutes = max(1, round(error.seconds / 60))
        raise TooManyAttempts(running.TOO_MANY_AT_ONCE.filled(minutes=minutes), seconds=error.seconds) from None
    return join_group(workspace, invited.invitation_id, invited.study_id, invited.label)


def open_recruitment(workspace: Workspace, study_id: str, *, places: int | None, by: str) -> str:
    """Open the page without a link, for so many (None: any number), and return its address.

    Raises
    ------
    AccessDenied
        The protocol does not let people register by themselves.
    """
    if not protocol_of(workspace, study_id).conduct.open_recruitment:
        raise AccessDenied(
            "The protocol of this study does not let people register by themselves: open recruitment is decided "
            "there, or added by an amendment. A link for a group needs no such decision."
        )
    close_recruitment(workspace, study_id, by=by)
    invite_group(workspace, study_id, PUBLIC_LABEL, places=places, public=True, made_by=by)
    return public_address(workspace, study_id)


def close_recruitment(workspace: Workspace, study_id: str, *, by: str) -> bool:
    """Close the page without a link; who has come goes on. False where it was not open."""
    if recruiting(workspace, study_id) is None:
        return False
    group = stored.public_group(workspace.engine, study_id)
    assert group is not None
    withdraw_invitation(workspace, group["id"], withdrawn_by=by)
    return True


def recruiting(workspace: Workspace, study_id: str) -> str | None:
    """The group that the page without a link leads to; None where it is closed."""
    group = stored.public_group(workspace.engine, study_id)
    if group is None:
        return None
    changes = stored.changes_of_invitation(workspace.engine, group["id"])
    return None if any(change["kind"] == stored.WITHDRAWN for change in changes) else str(group["id"])


def open_public_page(workspace: Workspace, study_id: str) -> Invited:
    """Whom the page without a link admits.

    Raises
    ------
    AccessDenied
        There is no such study, or nobody is looked for now: which of the two, strangers are not told.
    """
    try:
        studies.get_study(workspace.engine, study_id)
        group_id = recruiting(workspace, study_id)
    except NotFound:
        group_id = None
    if group_id is None or not protocol_of(workspace, study_id).conduct.open_recruitment:
        raise AccessDenied(running.NO_STUDY_HERE)
    return Invited(group_id, study_id, PUBLIC_LABEL, None, True)


def public_address(workspace: Workspace, study_id: str) -> str:
    """The address of the page without a link."""
    return f"{workspace.settings.public_url.rstrip('/')}/?{JOIN_PARAMETER}={study_id}"


def full_strata(workspace: Workspace, study_id: str) -> tuple[str, ...]:
    """For whom all places are taken: strata as they are written."""
    quotas = conduct_of(workspace, study_id).quotas
    if not quotas:
        return ()
    admitted = study_acts.admitted_profiles(workspace.engine, study_id)
    return tuple(quota.stratum for quota in quotas if quota.taken(admitted) >= quota.most)


# Decided once, with the profile; asked in every step after that.
@lru_cache(maxsize=4096)
def no_place_for(workspace: Workspace, reader_id: str) -> str | None:
    """The stratum that was full when a reader with a profile came; None where there was a place."""
    return study_acts.is_turned_away(workspace.engine, reader_id)
