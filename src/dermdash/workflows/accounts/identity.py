"""Whom an OpenID provider vouches for, and which account that is: one that an admin made, or none.

A provider's statement opens one session. Streamlit keeps it in a cookie for a month; taken again, it would sign in
somebody who signed out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dermdash.storage import accounts
from dermdash.storage import sign_in as stored
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account, Purpose, account_from, hash_token, new_token

GOOD_FOR = timedelta(minutes=10)
"""How long after the provider's sign-in its statement is taken."""
_LINK_GOOD_FOR = timedelta(minutes=2)
_CLOCKS_DIFFER = timedelta(minutes=2)
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a provider says of somebody: who it is there (``subject``), their e-mail address if verified, and when."""

    subject: str
    email: str | None
    unverified_email: str | None
    asserted_s: int


def read_assertion(claims: Mapping[str, Any]) -> Assertion | None:
    """Read the claims of an ID token that was checked; None where they name nobody or no time."""
    issuer, subject, issued = claims.get("iss"), claims.get("sub"), claims.get("iat")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not issuer or not subject:
        return None
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        return None
    named = f"{issuer}|{subject}"
    email = claims.get("email")
    email = email.strip().lower() if isinstance(email, str) and email.strip() else None
    verified = claims.get("email_verified") in (True, "true")
    if len(named) > _LONGEST or (email is not None and len(email) > _LONGEST):
        return None
    return Assertion(named, email if verified else None, None if verified else email, int(issued))


def is_recent(assertion: Assertion, *, clock: Callable[[], datetime] = now) -> bool:
    """Whether the provider said it just now."""
    age = timedelta(seconds=clock().timestamp() - assertion.asserted_s)
    return -_CLOCKS_DIFFER < age < GOOD_FOR


def account_of_assertion(workspace: Workspace, assertion: Assertion) -> Account | None:
    """The account that a provider means: the one it was linked with, else the one with the verified e-mail address.

    An address that comes with another subject of the same provider than before is another person's by now, and means
    nobody.
    """
    linked = accounts.account_of_subject(workspace.engine, assertion.subject)
    for row in accounts.list_accounts(workspace.engine):
        if not row["active"]:
            continue
        if linked is not None:
            if row["id"] == linked:
                return account_from(row)
        elif assertion.email is not None and row["email"] == assertion.email:
            before = accounts.subject_of(workspace.engine, row["id"])
            if before is not None and _issuer(before) == _issuer(assertion.subject):
                return None
            return account_from(row)
    return None


def link_for_assertion(
    workspace: Workspace, assertion: Assertion, *, clock: Callable[[], datetime] = now
) -> str | None:
    """Token of a link that signs in whom the provider means; None for nobody, and for what was said too long ago or
    taken before.
    """
    account = account_of_assertion(workspace, assertion)
    if account is None or not is_recent(assertion, clock=clock):
        return None
    taken = stored.accept_assertion(
        workspace.engine, subject=assertion.subject, account_id=account.id, asserted_s=assertion.asserted_s
    )
    if not taken:
        return None
    token = new_token()
    stored.replace_login_links(
        workspace.engine, account_id=account.id, token_hash=hash_token(token), purpose=Purpose.IDENTITY,
        expires_at=now() + _LINK_GOOD_FOR,
    )  # fmt: skip
    return token


def _issuer(subject: str) -> str:
    return subject.rpartition("|")[0]
