"""Invitations to a study: links for one reader or for a group, their end, and who came by them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import uuid4

from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.reader_study.words import running
from dermdash.storage import invitations as stored
from dermdash.storage import studies
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT, hash_token, new_token

MAX_INVITATIONS = 1000
MAX_LABEL = 100
MAX_PLACES = 100_000
_ADDRESS = re.compile(r"[^\s@<>,;:\"\\()\[\]]{1,64}@[^\s@<>,;:\"\\()\[\]]{1,190}")


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that admits. The token is known only now: the workspace keeps its hash."""

    id: str
    label: str
    link: str

    @property
    def token(self) -> str:
        """What the link admits by."""
        return self.link.rpartition("=")[2]


@dataclass(frozen=True, slots=True)
class ToInvite:
    """Whom to invite: a name or a number for the team's own use, and where mail goes, empty where none does."""

    label: str
    address: str = ""


def read_to_invite(text: str) -> list[ToInvite]:
    """Read one person per line: a name, or a name and an e-mail address, which may stand in angle brackets.

    A line that is an address alone is both. Empty lines count for nothing.
    """
    found = []
    for line in text.splitlines():
        words = line.replace(",", " ").replace(";", " ").replace("\t", " ").split()
        addresses = [word.strip("<>") for word in words if "@" in word]
        label = " ".join(word for word in words if "@" not in word)
        if words:
            found.append(ToInvite(label or addresses[0], addresses[0] if addresses else ""))
    return found


def invite_readers(
    workspace: Workspace,
    study_id: str,
    to_invite: Sequence[str | ToInvite],
    *,
    until: datetime | None = None,
    language: str = "en",
    made_by: str = ADMIN_ACCOUNT,
) -> list[Invitation]:
    """Make one invitation link for each person; nobody can begin with them after ``until``.

    Raises
    ------
    NotFound
        There is no such study.
    InvalidInput
        Nobody, an empty name, more than 1,000, no e-mail address, one twice, or an end that is over.
    """
    studies.get_study(workspace.engine, study_id)
    people = [ToInvite(each) if isinstance(each, str) else each for each in to_invite]
    cleaned = [ToInvite(person.label.strip(), person.address.strip()) for person in people]
    if not cleaned or not all(person.label for person in cleaned) or len(cleaned) > MAX_INVITATIONS:
        raise InvalidInput(f"give 1 to {MAX_INVITATIONS} invitations a name each")
    _check_labels([person.label for person in cleaned])
    _check_addresses([person.address for person in cleaned if person.address])
    _check_until(until)
    made = [_new(workspace, person.label) for person in cleaned]
    stored.save_invitations(
        workspace.engine,
        [_row(each, study_id) for each in made],
        until=until,
        changed_by=made_by,
        addresses=[
            {"invitation_id": each.id, "address": person.address, "language": language}
            for each, person in zip(made, cleaned, strict=True)
            if person.address
        ],
    )
    return made


def invite_group(
    workspace: Workspace,
    study_id: str,
    label: str,
    *,
    places: int | None = None,
    until: datetime | None = None,
    public: bool = False,
    made_by: str = ADMIN_ACCOUNT,
) -> Invitation:
    """Make one link for several: whoever comes by it gets a link of their own, as long as there are places.

    ``public``: it is what the page without a link leads to (`open_recruitment`), and its own link is given to nobody.
    """
    studies.get_study(workspace.engine, study_id)
    label = label.strip()
    if not label:
        raise InvalidInput("name the group, for your own use: a ward, a mailing list")
    _check_labels([label])
    _check_until(until)
    if places is not None and not 1 <= places <= MAX_PLACES:
        raise InvalidInput(f"{places:,} places: expected 1 to {MAX_PLACES:,}, or no limit")
    made = _new(workspace, label)
    group = {"invitation_id": made.id, "places": places, "public": public}
    stored.save_invitations(workspace.engine, [_row(made, study_id)], until=until, groups=[group], changed_by=made_by)
    return made


def join_group(workspace: Workspace, group_id: str, study_id: str, label: str) -> Invitation:
    """Give who came by the link of a group a link of their own.

    Raises
    ------
    AccessDenied
        All places of the group are taken.
    """
    made = _new(workspace, label)
    if not stored.join_group(workspace.engine, group_id, _row(made, study_id)):
        raise AccessDenied(running.PLACES_TAKEN)
    return made


def renew_invitation(workspace: Workspace, invitation_id: str, *, renewed_by: str = ADMIN_ACCOUNT) -> Invitation:
    """Make another link for an invitation, also for one that was withdrawn; the links before it stop working.

    The reader stays the same one and goes on where they were.

    Raises
    ------
    NotFound
        There is no such invitation.
    """
    return _further_link(workspace, invitation_id, stored.RENEWED, renewed_by)


def add_link(workspace: Workspace, invitation_id: str, *, added_by: str) -> Invitation:
    """Make one more link for an invitation, as for a reminder; those before it go on. Raises NotFound."""
    return _further_link(workspace, invitation_id, stored.ADDED, added_by)


def withdraw_invitation(workspace: Workspace, invitation_id: str, *, withdrawn_by: str = ADMIN_ACCOUNT) -> None:
    """Close an invitation, whatever links it has now; what its reader answered stays.

    Who came by the link of a group before goes on by the link of their own. Raises NotFound.
    """
    _known(workspace, invitation_id)
    stored.save_invitation_change(workspace.engine, invitation_id, stored.WITHDRAWN, changed_by=withdrawn_by)


def set_end(workspace: Workspace, invitation_id: str, until: datetime | None, *, set_by: str) -> None:
    """Say until when somebody may begin with an invitation (None: for ever); who has begun goes on. Raises NotFound."""
    _known(workspace, invitation_id)
    _check_until(until)
    stored.save_invitation_change(workspace.engine, invitation_id, stored.UNTIL, until=until, changed_by=set_by)


def invitation_link(workspace: Workspace, token: str) -> str:
    """The address by which a token admits."""
    return f"{workspace.settings.public_url.rstrip('/')}/?{urlencode({'invitation': token})}"


def _further_link(workspace: Workspace, invitation_id: str, kind: str, changed_by: str) -> Invitation:
    invitation = _known(workspace, invitation_id)
    token = new_token()
    stored.save_invitation_change(
        workspace.engine, invitation_id, kind, token_hash=hash_token(token), changed_by=changed_by
    )
    return Invitation(invitation_id, invitation["label"], invitation_link(workspace, token))


def _known(workspace: Workspace, invitation_id: str) -> dict[str, str]:
    invitation = stored.get_invitation(workspace.engine, invitation_id)
    if invitation is None:
        raise NotFound(f"There is no invitation {invitation_id!r} in this workspace.")
    return invitation


def _new(workspace: Workspace, label: str) -> Invitation:
    return Invitation(uuid4().hex, label, invitation_link(workspace, new_token()))


def _row(made: Invitation, study_id: str) -> dict[str, str]:
    return {"id": made.id, "study_id": study_id, "token_hash": hash_token(made.token), "label": made.label}


def _check_labels(labels: Sequence[str]) -> None:
    if long := [label for label in labels if len(label) > MAX_LABEL]:
        raise InvalidInput(f"a name has at most {MAX_LABEL} characters; {long[0][:20]!r}... has {len(long[0])}")


def _check_addresses(addresses: Sequence[str]) -> None:
    if wrong := [address for address in addresses if not _ADDRESS.fullmatch(address)]:
        raise InvalidInput(f"{wrong[0]!r} is no e-mail address")
    folded = [address.casefold() for address in addresses]
    if twice := sorted({address for address in folded if folded.count(address) > 1}):
        raise InvalidInput(f"{twice[0]} stands there twice: each person gets one link")


def _check_until(until: datetime | None) -> None:
    if until is not None and until <= now():
        raise InvalidInput("the end is over already: choose a later one")
