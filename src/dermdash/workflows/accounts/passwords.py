"""Passwords: which are good enough, and the hashes (argon2id) that are kept of them."""

import threading
from functools import lru_cache
from typing import TYPE_CHECKING

from dermdash.errors import InvalidInput
from dermdash.records.alike_names import folded

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 256
"""Characters. Long rather than complicated (NIST SP 800-63B, 3.1.1): no rule about digits and signs."""
_FEWEST_DIFFERENT = 5
_NAME_COUNTS_FROM = 4
# A hash takes 64 MiB on purpose: so many may be made at once, the others wait.
_AT_ONCE = threading.BoundedSemaphore(2)


def check_password(password: str, name: str) -> None:
    """Raise InvalidInput for a password that would be guessed; ``name`` is that of its account."""
    if len(password) < SHORTEST:
        raise InvalidInput(
            f"The password has {len(password)} characters; it needs {SHORTEST} or more. Four unrelated words will do."
        )
    if len(password) > LONGEST:
        raise InvalidInput(f"The password is longer than {LONGEST} characters.")
    if len(set(password)) < _FEWEST_DIFFERENT:
        raise InvalidInput(f"The password consists of fewer than {_FEWEST_DIFFERENT} different characters.")
    said = folded(password).replace(" ", "")
    if any(len(word) >= _NAME_COUNTS_FROM and word in said for word in folded(name).split()):
        raise InvalidInput("The password holds a part of the account's name. Choose one that does not.")


def hash_password(password: str) -> str:
    """The argon2id hash to keep, with its salt and cost (RFC 9106, second recommended option)."""
    with _AT_ONCE:
        return _hasher().hash(_bytes(password))


def password_fits(password_hash: str | None, password: str) -> bool:
    """Whether it is the password of that hash. Without a hash it takes as long and is False: time tells nobody which
    names there are.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    with _AT_ONCE:
        try:
            _hasher().verify(password_hash if password_hash is not None else _hash_of_nothing(), _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether today's cost is another than that of the hash."""
    return _hasher().check_needs_rehash(password_hash)


@lru_cache(maxsize=1)
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


@lru_cache(maxsize=1)
def _hash_of_nothing() -> str:
    return _hasher().hash(b"no password")


def _bytes(password: str) -> bytes:
    # Composed or not, as keyboards differ: the same password.
    import unicodedata

    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
