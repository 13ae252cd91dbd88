"""The form of the sign-in page."""

from enum import StrEnum
from typing import TypedDict


class SignInKind(StrEnum):
    """What the form of the sign-in page is for."""

    PASSWORD = "by_password"  # noqa: S105  words, not secrets
    NEW_PASSWORD = "new_password"  # noqa: S105
    GO_ON = "go_on"
    """Nothing to fill in: a provider said who it is."""


class SignInPayload(TypedDict):
    """What the form asks for; ``address`` is where it posts or, where there is nothing to fill in, goes to.

    ``name`` and ``link`` are known beforehand where a link sets a password, else empty.
    """

    kind: str
    address: str
    name: str
    link: str


class CredentialsPayload(TypedDict):
    """What the form posts, as JSON."""

    name: str
    password: str
    link: str


class SignInAnswer(TypedDict):
    """What is answered: where to go, or what is wrong; the other is empty."""

    to: str
    error: str
